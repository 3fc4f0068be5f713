"""Image doc-to-tables."""
