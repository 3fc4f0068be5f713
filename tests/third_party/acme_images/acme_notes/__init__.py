"""The image acme-notes."""
