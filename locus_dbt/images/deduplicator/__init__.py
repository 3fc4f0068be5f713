"""The deduplicator image: rows that mean the same thing become one row."""
