"""Image any-to-markdown."""
