"""Pages that were laid out become blocks and tables: what the PDF parser does with its pages, done for pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from locus_dbt.model.element import Block, Page, Table, no_words
from locus_dbt.parsers.pdf.blocks import Style, build_blocks, lexicon_of
from locus_dbt.parsers.pdf.chains import Chains
from locus_dbt.parsers.pdf.page_reader import PageRead
from locus_dbt.parsers.pdf.placing import place_among
from locus_dbt.parsers.pdf.printed import text_rows
from locus_dbt.parsers.pdf.rulings import Rulings
from locus_dbt.parsers.pdf.running import Running
from locus_dbt.parsers.pdf.stitch import make_piece
from locus_dbt.parsers.pdf.tables import page_grids
from locus_dbt.parsers.pdf.words import PageWords

Composed = PageRead


def compose_page(words: PageWords, rulings: Rulings, *, number: int, height: float) -> Composed:
    """Find the tables of page ``number``; ``words`` are in reading order, ``height`` is that of the level page."""
    grids = page_grids(words, rulings)
    rows = text_rows(words, number, height, grids)
    pieces = [make_piece(grid, words, number, rows) for grid in grids]
    return PageRead(Page(number, 0.0, height, no_words()), rows, pieces, words)


def compose_document(pages: Sequence[Composed], notes: list[str]) -> tuple[list[list[Block]], list[Table]]:
    """Blocks of each page with their order in the document, and the tables, those over several pages put together.

    What a table leaves out is said in ``notes``.
    """
    if not pages:
        return [], []
    rows = [page.rows for page in pages]
    running = Running().settle(rows)
    style, lexicon = Style(), lexicon_of(rows)
    groups = style.learn(rows, running)
    settled = Chains().add([], pages, running, last=True)
    notes.extend(settled.warnings)
    blocks: list[list[Block]] = []
    order = 0
    for page, own in zip(pages, groups, strict=True):
        built = build_blocks(own, style, lexicon)
        placed = place_among(built, settled.left_out.get(page.page.number, []))
        blocks.append([replace(block, order=order + k) for k, block in enumerate(placed)])
        order += len(placed)
    return blocks, settled.tables
