"""Image any-to-csv."""
