"""Image spreadsheet-normalizer."""
