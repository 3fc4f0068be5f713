"""The image acme-split."""
