"""Plain-text markup languages to ``ir/v1``: reStructuredText, Org, AsciiDoc; places are lines."""
