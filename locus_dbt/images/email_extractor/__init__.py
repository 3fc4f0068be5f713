"""Image email-extractor."""
