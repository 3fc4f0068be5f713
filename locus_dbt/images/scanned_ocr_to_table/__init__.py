"""Image scanned-ocr-to-table."""
