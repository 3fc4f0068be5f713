"""Image web-to-table."""
