"""Image language-detector-translator."""
