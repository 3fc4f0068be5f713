"""Pages that were laid out become blocks and tables: what the PDF parser does with its pages, done for pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from locus_dbt.model.element import Block, Table
from locus_dbt.parsers.pdf.blocks import TextRow, build_blocks, furniture, text_rows
from locus_dbt.parsers.pdf.rulings import Rulings
from locus_dbt.parsers.pdf.stitch import Piece, assemble, make_piece
from locus_dbt.parsers.pdf.tables import page_grids
from locus_dbt.parsers.pdf.words import PageWords


@dataclass(frozen=True, slots=True)
class Composed:
    """The lines of one page and the tables on it, in the coordinates of its layout."""

    rows: Sequence[TextRow]
    pieces: Sequence[Piece]


def compose_page(words: PageWords, rulings: Rulings, *, number: int, height: float) -> Composed:
    """Find the tables of page ``number``; ``words`` are in reading order, ``height`` is that of the level page."""
    grids = page_grids(words, rulings)
    rows = text_rows(words, number, height, [g.box for g in grids])
    return Composed(rows, [make_piece(grid, words, number, rows) for grid in grids])


def compose_document(pages: Sequence[Composed], notes: list[str]) -> tuple[list[list[Block]], list[Table]]:
    """Blocks of each page with their order in the document, and the tables, those over several pages put together.

    What a table leaves out is said in ``notes``.
    """
    del notes  # repeated headings are all that tables leave out so far
    rows = [page.rows for page in pages]
    running = furniture(rows)
    return build_blocks(rows, running), assemble([p for page in pages for p in page.pieces], running)
