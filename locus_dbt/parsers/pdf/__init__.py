"""PDF to ``ir/v1`` with pdfium: words, lines, tables, blocks, form fields, comments, attachments, metadata.

``metadata`` holds the document information and, where there are any, ``outline`` (the bookmarks as JSON: level, title,
page), ``links`` (one JSON object a line: page, box, uri) and ``ocr_engine``.
"""

from locus_dbt.parsers.pdf.opening import ParseLimits
from locus_dbt.parsers.pdf.reader import joined, parse, parts

__all__ = ["ParseLimits", "joined", "parse", "parts"]
