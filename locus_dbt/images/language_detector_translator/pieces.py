"""The pieces of text of a document: paragraphs, tables, and pages where nothing divides them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from locus_dbt.model.element import Block, Page, Parsed, Table, page_text
from locus_dbt.model.locus import Box, Locus
from locus_dbt.parsers.grid import table_locus


@dataclass(frozen=True, slots=True)
class Piece:
    """A text of some kind and where it stands."""

    kind: str
    text: str
    at: Locus


def pieces(parsed: Parsed) -> Iterator[Piece]:
    """All texts of the document, page by page, in reading order; tables behind what has no order with them."""
    for page in parsed.pages:
        yield from _of_page(page, [one for one in parsed.tables if _page_of(one) == page.number])


def _page_of(table: Table) -> int:
    return int(table.page[0]) if len(table) else 0


def _of_page(page: Page, tables: list[Table]) -> Iterator[Piece]:
    if not page.blocks and len(page.words):
        yield Piece("page", page_text(page), Locus(page=page.number or None, place=None if page.number else "page"))
        return
    ordered: list[tuple[int, Piece]] = [(block.order, _of_block(block, page)) for block in page.blocks]
    last = max((order for order, _ in ordered), default=0) + 1
    for table in tables:
        cells = " ".join(text for text in table.text if text.strip())
        if cells:
            ordered.append((table.order if table.order >= 0 else last, Piece("table", cells, table_locus(table))))
    for _, piece in sorted(ordered, key=lambda one: one[0]):
        if piece.text.strip():
            yield piece


def _of_block(block: Block, page: Page) -> Piece:
    number = block.page if block.page is not None else page.number or None
    box = Box(*block.box) if block.box is not None and number else None
    return Piece(block.kind, block.text, Locus(page=number, box=box, place=block.place or None))
