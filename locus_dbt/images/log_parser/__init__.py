"""Image log-parser."""
