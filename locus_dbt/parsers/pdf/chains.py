"""Tables over several pages when the pages come window by window: what may go on is held back."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

import numpy as np

from locus_dbt.model.element import Block, BlockKind, Table
from locus_dbt.parsers.pdf.grid import words_box
from locus_dbt.parsers.pdf.page_reader import PageRead
from locus_dbt.parsers.pdf.printed import TextRow
from locus_dbt.parsers.pdf.stitch import Piece, assemble


@dataclass(slots=True)
class Settled:
    """Tables that have ended; rows that tables leave out, as blocks by page; whether the last table is held.

    A table leaves out header rows that a page repeats and sums that are carried over a page break. The latter are
    known only with the next page: as long as a table is held, its last page is not complete.
    """

    held: bool
    tables: list[Table] = field(default_factory=list)
    left_out: dict[int, list[Block]] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)


class Chains:
    """Numbers the tables of a document and holds the last one as long as the next page may continue it."""

    def __init__(self) -> None:
        self._number = 0
        self._held: list[Piece] = []
        # The pieces know lines by their id: the lines live as long as the piece, and running ones stay known.
        self._rows: list[list[TextRow]] = []
        self._running: set[int] = set()
        self._told: set[str] = set()

    def add(
        self, late: Sequence[PageRead], read: Sequence[PageRead], running: AbstractSet[int], *, last: bool
    ) -> Settled:
        """Settle the tables of the pages ``read``, which follow the pages ``late`` that were given before."""
        pieces = [*self._held, *(p for r in read for p in r.pieces)]
        sentences: list[str] = []
        tables = assemble(pieces, self._running | running, sentences, first=self._number)
        chains = _chains(tables, pieces)
        out = Settled(held=not last and bool(chains) and chains[-1][-1].page == read[-1].page.number)
        self._hold(chains[-1] if out.held else [], read, running)
        pages = {r.page.number: r for r in (*late, *read)}
        for table, chain in zip(tables, chains, strict=True):
            for piece in chain:
                if piece.page in pages:
                    out.left_out.setdefault(piece.page, []).extend(_left_out(piece, pages[piece.page], table))
        out.tables = tables[:-1] if out.held else tables
        out.warnings = [s for s in sentences if s not in self._told]
        self._told = set(sentences) if out.held else set()
        self._number += len(out.tables)
        return out

    def _hold(self, chain: Sequence[Piece], read: Sequence[PageRead], running: AbstractSet[int]) -> None:
        self._held = list(chain)
        if not chain:
            self._rows, self._running = [], set()
            return
        pages = {piece.page for piece in chain}
        mine = [r.rows for r in read if r.page.number in pages]
        self._rows += mine
        self._running |= {id(row) for rows in mine for row in rows if id(row) in running}


def _chains(tables: Sequence[Table], pieces: Sequence[Piece]) -> list[list[Piece]]:
    """The pieces of each table: one a page, from the page it begins on to its last."""
    out = []
    at = 0
    for k, table in enumerate(tables):
        if k == len(tables) - 1:
            n = len(pieces) - at
        else:
            n = max(1, int(table.page.max()) - pieces[at].page + 1) if len(table) else 1
        out.append(list(pieces[at : at + n]))
        at += n
    return out


def _left_out(piece: Piece, read: PageRead, table: Table) -> list[Block]:
    """Rows of ``piece`` that the table does not have, as running heads (at its top) or feet of the page."""
    words = read.words
    here = np.flatnonzero(table.page == piece.page).tolist()
    if len(here) == len(piece.grid.cells):
        return []
    kept = {(table.text[i], *_rounded(table.box[i].tolist())) for i in here}
    rows: dict[int, list[int]] = {}
    for cell, text in zip(piece.grid.cells, piece.texts, strict=True):
        if cell.words and (text, *_rounded(cell.box or (np.nan,) * 4)) not in kept:
            rows.setdefault(cell.row, []).extend(cell.words)
    if words is None or not rows:
        return []
    top = [i for row, mine in rows.items() if row <= piece.grid.header_rows for i in mine]
    foot = [i for row, mine in rows.items() if row > piece.grid.header_rows for i in mine]
    label = f"table {table.number}"
    parts: tuple[tuple[BlockKind, list[int]], ...] = (("header", sorted(top)), ("footer", sorted(foot)))
    return [
        Block(kind, " ".join(words.text[i] for i in mine), 0, piece.page, words_box(words, mine), label=label)
        for kind, mine in parts
        if mine
    ]


def _rounded(box: Sequence[float]) -> tuple[float | None, ...]:
    return tuple(None if edge != edge else round(float(np.float32(edge)), 2) for edge in box)  # noqa: PLR0124 - NaN
