"""Image api-to-table."""
