"""Image encoding-normalizer."""
