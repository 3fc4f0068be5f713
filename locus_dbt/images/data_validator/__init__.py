"""The data-validator image: rules as data, violations as rows."""
