"""Image any-to-parquet."""
