"""PDF to ``ir/v1`` with pdfium: words, lines, tables, blocks, attachments, metadata."""

from locus_dbt.parsers.pdf.reader import ParseLimits, parse

__all__ = ["ParseLimits", "parse"]
