"""The image acme-claims."""
