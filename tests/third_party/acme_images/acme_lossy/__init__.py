"""The image acme-lossy."""
