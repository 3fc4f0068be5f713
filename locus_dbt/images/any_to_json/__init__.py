"""Image any-to-json."""
