"""Office and e-book documents to ``ir/v1``: text documents, slides and books, each element with its place."""
