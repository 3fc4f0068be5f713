"""Collects a table's cells into the columns of ``ir/v1`` for formats that have addresses instead of boxes."""

from __future__ import annotations

from array import array

import numpy as np

from locus_dbt.model.element import Block, BlockKind, Page, Table, no_boxes
from locus_dbt.parsers.limits import MAX_BLOCKS, MAX_CELLS, MAX_TABLES, over


class CellColumns:
    """Appends cells of one table; :meth:`table` freezes them."""

    def __init__(self) -> None:
        self.text: list[str] = []
        self.place: list[str] = []
        self._numbers = array("i")  # row, col, row_span, col_span of each cell in turn
        self._header = bytearray()

    def __len__(self) -> int:
        return len(self.text)

    def add(
        self,
        text: str,
        row: int,
        col: int,
        *,
        place: str,
        row_span: int = 1,
        col_span: int = 1,
        is_header: bool = False,
    ) -> None:
        """Append one cell; raises E206 beyond the limit of cells."""
        if len(self.text) >= MAX_CELLS:
            raise over(f"more than {MAX_CELLS} cells", where=place)
        self.text.append(text)
        self.place.append(place)
        self._numbers.extend((row, col, row_span, col_span))
        self._header.append(is_header)

    def table(self, number: int, *, title: str = "", order: int = -1) -> Table:
        """The cells as a table; its size is what the cells cover."""
        n = len(self.text)
        row, col, row_span, col_span = np.array(self._numbers, dtype=np.int32).reshape(n, 4).T.copy()
        return Table(
            number=number,
            n_rows=int((row + row_span).max()) if n else 0,
            n_cols=int((col + col_span).max()) if n else 0,
            text=tuple(self.text),
            row=row,
            col=col,
            row_span=row_span,
            col_span=col_span,
            is_header=np.frombuffer(bytes(self._header), dtype=np.bool_),
            page=np.zeros(n, dtype=np.int32),
            box=no_boxes(n),
            place=tuple(self.place),
            title=title,
            order=order,
        )


class Flow:
    """Blocks and tables of a document without pages, numbered in reading order."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.tables: list[Table] = []
        self._order = 0

    def next_order(self) -> int:
        """The next place in the reading order; taken before a table's cells are read."""
        self._order += 1
        return self._order - 1

    def block(self, kind: BlockKind, text: str, *, place: str, level: int = 0, label: str = "") -> None:
        """Append a block unless it is blank."""
        if not text.strip():
            return
        if len(self.blocks) >= MAX_BLOCKS:
            raise over(f"more than {MAX_BLOCKS} paragraphs", where=place)
        self.blocks.append(Block(kind, text, self.next_order(), level=level, place=place, label=label))

    def table(self, cells: CellColumns, *, title: str = "", order: int | None = None) -> None:
        """Append a table unless it has no cell."""
        if len(cells):
            at = self.next_order() if order is None else order
            if len(self.tables) >= MAX_TABLES:
                raise over(f"more than {MAX_TABLES} tables", where=cells.place[0])
            self.tables.append(cells.table(len(self.tables), title=title, order=at))

    def page(self) -> Page:
        """The one page of a format without pages."""
        return Page(number=0, width=0.0, height=0.0, blocks=tuple(self.blocks))
