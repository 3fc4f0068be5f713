"""The cross-doc-reconciler image: the same fact from several documents side by side, conflicts with both places."""
