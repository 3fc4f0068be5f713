"""Image csv-repair."""
