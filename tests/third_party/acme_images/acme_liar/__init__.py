"""The image acme-liar."""
