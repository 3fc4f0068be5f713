"""The provenance-tracker image: where every cell of a relation was read, or why that is not known."""
