"""Image format-detector."""
