"""The image acme-merge."""
