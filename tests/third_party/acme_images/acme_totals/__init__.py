"""The image acme-totals."""
