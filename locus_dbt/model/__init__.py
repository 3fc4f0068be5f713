"""Pure values: places, elements, documents, artifact types, manifests, errors. Imports nothing above."""
