"""The image acme-upper."""
