"""Provenance through SQL: which images a statement calls, and where each of its columns comes from."""
