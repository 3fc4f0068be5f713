"""Images of the Acme company."""
