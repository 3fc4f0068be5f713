"""Tables over several pages when the pages come window by window: what may go on is held back."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace

from locus_dbt.model.element import Block, Table
from locus_dbt.parsers.pdf.grid import Rect, words_box
from locus_dbt.parsers.pdf.page_reader import PageRead
from locus_dbt.parsers.pdf.rows import TextRow
from locus_dbt.parsers.pdf.stitch import Piece, assemble


class Chains:
    """Numbers the tables of a document and holds the last one as long as the next page may continue it."""

    def __init__(self) -> None:
        self._number = 0
        self._held: list[Piece] = []
        # The pieces know lines by their id: the lines live as long as the piece, and running ones stay known.
        self._rows: list[list[TextRow]] = []
        self._running: set[int] = set()

    def add(
        self, read: Sequence[PageRead], running: AbstractSet[int], *, last: bool
    ) -> tuple[list[tuple[int, Table]], dict[int, list[Block]]]:
        """Tables that have ended, each with the index in ``read`` of the page it comes with, and repeated headers.

        A table that was held comes with its last page, or with the first page of the window that does not continue it.
        The blocks are header rows that a page repeats and the table therefore holds once.
        """
        pieces = [*self._held, *(p for r in read for p in r.pieces)]
        tables = assemble(pieces, self._running | running)
        chains = _chains(tables, pieces)
        if not last and chains and chains[-1][-1].page == read[-1].page.number:
            self._hold(chains[-1], read, running)
            going_on = 1
        else:
            self._hold([], (), running)
            going_on = 0
        page_at = {r.page.number: k for k, r in enumerate(read)}
        repeated: dict[int, list[Block]] = {}
        ended = []
        for k, (table, chain) in enumerate(zip(tables, chains, strict=True)):
            number = self._number + k
            for piece in chain[1:]:
                at = page_at.get(piece.page)
                if at is not None and piece.grid.header_rows:
                    repeated.setdefault(piece.page, []).extend(_repeated(piece, read[at], number))
            if k < len(tables) - going_on:
                ended.append((page_at.get(chain[-1].page, 0), replace(table, number=number)))
        self._number += len(tables) - going_on
        return ended, repeated

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


def _repeated(piece: Piece, read: PageRead, number: int) -> list[Block]:
    """The header rows that ``piece`` repeats, as a running head of its page."""
    words = read.words
    mine = sorted(i for c in piece.grid.cells if c.row < piece.grid.header_rows for i in c.words)
    if words is None or not mine:
        return []
    box: Rect = words_box(words, mine)
    text = " ".join(words.text[i] for i in mine)
    return [Block("header", text, 0, piece.page, box, label=f"table {number}")]
