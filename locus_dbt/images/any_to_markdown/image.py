"""Documents as Markdown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from locus_dbt.core.builder import TableBuilder
from locus_dbt.images.any_to_markdown.render import plain_text, render
from locus_dbt.model.document import Document
from locus_dbt.model.element import Page
from locus_dbt.model.locus import Box, Locus
from locus_dbt.parsers.reading_order import by_page, whole


def extract(document: Document, params: Mapping[str, Any], table: TableBuilder) -> None:
    """Append the document, or each of its pages, as Markdown; what is cited is its plain text."""
    parsed = document.parsed
    if params["per"] == "document":
        items = whole(parsed)
        table.start_row()
        table.put("markdown", render(items), text=plain_text(items), at=Locus(place="the whole document"))
        return
    for page, items in by_page(parsed):
        table.extend({"page": [page.number or None]})
        table.put("markdown", render(items) or None, text=plain_text(items), at=_sheet(page))


def _sheet(page: Page) -> Locus:
    """The whole page."""
    if page.number == 0:
        return Locus(place="the whole document")
    return Locus(page.number, Box(0.0, 0.0, max(page.width, 0.0), max(page.height, 0.0)))
