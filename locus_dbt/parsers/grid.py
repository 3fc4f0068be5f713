"""A table seen as a grid: which rows are its header, what its columns are called, which cell fills a slot."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from locus_dbt.model.element import FloatArray, Table, no_boxes
from locus_dbt.model.locus import Box, Locus
from locus_dbt.parsers.limits import MAX_CELLS, over
from locus_dbt.parsers.value_form import header_like

#: More header rows than this are a body that was marked up wrongly.
_MAX_HEADER_ROWS = 6
_MAX_NAME = 60
_LETTERS = {ord(a): b for a, b in zip("äöüÄÖÜß", ("ae", "oe", "ue", "Ae", "Oe", "Ue", "ss"), strict=True)}
#: Lines of a title above the header inside the same table.
_MAX_TITLE_ROWS = 5


@dataclass(frozen=True, slots=True)
class Grid:
    """``slots[row][col]`` is the index of the cell that fills the slot, -1 for none.

    The rows of ``head`` name the columns (an empty range when nothing does); rows above them are a title.
    """

    table: Table
    slots: Sequence[Sequence[int]]
    head: range

    def text(self, row: int, col: int) -> str | None:
        """The text of the cell that fills the slot; ``None`` for a blank one."""
        cell = self.slots[row][col]
        return (self.table.text[cell].strip() or None) if cell >= 0 else None

    def value(self, row: int, col: int) -> str | None:
        """The value of the cell that fills a slot of the body: as stored where the format stores a type, else its text.

        What a workbook displays may be shortened (``4.0E+12``) or of two readings (``3/4/14``); what it stores is not.
        """
        cell = self.slots[row][col]
        if cell < 0 or not self.table.typed or row < self.head.stop:
            return self.text(row, col)
        return self.table.typed[cell] or self.text(row, col)

    @property
    def header(self) -> list[str]:
        """Header texts of each column, stacked ones joined by a blank, a spanning one over all it spans."""
        return [" ".join(self.stacked(col)) for col in range(self.table.n_cols)]

    @property
    def title_lines(self) -> list[str]:
        """The texts above the header inside the table."""
        cells = sorted({cell for row in range(self.head.start) for cell in self.slots[row] if cell >= 0})
        return [" ".join(self.table.text[cell].split()) for cell in cells if self.table.text[cell].strip()]

    @property
    def body(self) -> range:
        """The rows below the header that hold anything."""
        return range(self.head.stop, self.table.n_rows)

    def blank(self, row: int) -> bool:
        """Whether no cell with text begins in or reaches into the row."""
        return not any(self.text(row, col) for col in range(self.table.n_cols))

    def names(self) -> list[str]:
        """Column names for SQL: snake case, unique, ``column_3`` where the header is blank."""
        return unique_names(self.header)

    def stacked(self, col: int) -> list[str]:
        """The texts of the header rows over a column, from the top; a spanning one over all it spans."""
        texts: list[str] = []
        seen: set[int] = set()
        for row in self.head:
            cell, text = self.slots[row][col], self.text(row, col)
            if text and cell not in seen:
                texts.append(" ".join(text.split()))
            seen.add(cell)
        return texts


def to_grid(table: Table, *, repeat_across: bool = True, skip: frozenset[int] = frozenset()) -> Grid:
    """Lay the cells out; where cells overlap, the first keeps the slot.

    A cell fills every row it spans. ``repeat_across`` says whether a body cell also fills every column it spans (a
    header cell always does). Rows in ``skip`` are titles between the rows, which say nothing of the header. Raises
    E206 when the spans blow the grid up beyond the limit of cells.
    """
    if table.n_rows * max(table.n_cols, 1) > 2 * MAX_CELLS:
        raise over(f"a table of {table.n_rows} x {table.n_cols} slots", where=f"table {table.number}")
    head = header_rows(table, skip=skip)
    slots = [[-1] * table.n_cols for _ in range(table.n_rows)]
    columns = (table.row, table.col, table.row_span, table.col_span)
    for i, (row, col, down, across) in enumerate(zip(*(c.tolist() for c in columns), strict=True)):
        wide = across if repeat_across or row < head.stop else 1
        for r in range(row, min(row + down, table.n_rows)):
            line = slots[r]
            for c in range(col, min(col + wide, table.n_cols)):
                if line[c] < 0:
                    line[c] = i
    return Grid(table, slots, head)


def header_rows(table: Table, *, skip: frozenset[int] = frozenset()) -> range:
    """Which rows at the top name the columns.

    The rows whose cells are all marked as header; where none is marked, the first row if it reads like names
    and something stands below it. Rows in ``skip`` are passed over.
    """
    if not len(table):
        return range(0)
    if skip:
        return _header_below_titles(table, skip)
    marked: dict[int, bool] = {}
    for row, is_header, text in zip(table.row.tolist(), table.is_header.tolist(), table.text, strict=True):
        if text.strip() or is_header:
            marked[row] = marked.get(row, True) and is_header
    if not any(table.is_header.tolist()):
        first = [text for row, text in zip(table.row.tolist(), table.text, strict=True) if row == 0]
        return range(1 if table.n_rows > 1 and len(first) > 1 and header_like(first) else 0)
    start = next((row for row in range(table.n_rows) if marked.get(row)), table.n_rows)
    if start > _MAX_TITLE_ROWS or not all(_lone(table, row) for row in range(start)):
        return range(0)
    # something must stand below a header, unless a header is all there is
    stop, last = start, max(table.n_rows - 1, 1)
    while stop < min(last, start + _MAX_HEADER_ROWS) and marked.get(stop, stop > start):
        stop += 1
    return range(start, stop) if stop > start else range(0)


def _header_below_titles(table: Table, skip: frozenset[int]) -> range:
    """The header of a table with title rows; the range begins behind the titles on top and ends before the next."""
    first = next((row for row in range(table.n_rows) if row not in skip), table.n_rows)
    marked: dict[int, bool] = {}
    texts: dict[int, list[str]] = {}
    columns = (table.row.tolist(), table.is_header.tolist(), table.text)
    for row, is_header, text in zip(*columns, strict=True):
        texts.setdefault(row, []).append(text)
        if row not in skip and (text.strip() or is_header):
            marked[row] = marked.get(row, True) and is_header
    if not any(flag for row, flag in zip(table.row.tolist(), table.is_header.tolist(), strict=True) if row not in skip):
        named = first < table.n_rows - 1 and len(texts.get(first, ())) > 1 and header_like(texts[first])
        return range(first, first + named)
    stop = first
    while stop < min(table.n_rows, first + _MAX_HEADER_ROWS) and marked.get(stop, False):
        stop += 1
    return range(first, stop)


def _lone(table: Table, row: int) -> bool:
    """Whether one text at most stands in the row."""
    return sum(1 for r, text in zip(table.row.tolist(), table.text, strict=True) if r == row and text.strip()) <= 1


def unique_names(header: Sequence[str]) -> list[str]:
    """Snake-case SQL names, each once."""
    names: list[str] = []
    taken: set[str] = set()
    for i, text in enumerate(header, 1):
        name = snake(text) or f"column_{i}"
        choice, n = name, 2
        while choice in taken:
            choice, n = f"{name}_{n}", n + 1
        taken.add(choice)
        names.append(choice)
    return names


def snake(text: str) -> str:
    """A text as a plain lower-case name: letters without marks, digits, single underscores.

    >>> snake("Größe (m²)")
    'groesse_m2'
    """
    plain = text.translate(_LETTERS)
    plain = unicodedata.normalize("NFKD", plain)
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    plain = re.sub(r"([a-z0-9])([A-Z][a-z])", r"\1_\2", plain).replace("%", " pct ").replace("#", " no ")
    name = re.sub(r"_+", "_", re.sub(r"\W", "_", plain.lower())).strip("_")[:_MAX_NAME].strip("_")
    return f"n_{name}" if name[:1].isdigit() else name


def table_page(table: Table) -> int | None:
    """The page on which the table begins; ``None`` for formats without pages."""
    pages = table.page[table.page > 0]
    return int(pages.min()) if len(pages) else None


def table_locus(table: Table) -> Locus:
    """Page and box of the table (the part on its first page), or the place of its first cell."""
    page = table_page(table)
    box = union_box(table.box[table.page == page]) if page is not None else None
    return Locus(page=page, box=box, place=None if page is not None or not table.place else table_place(table))


def converted_locus(table: Table) -> Locus:
    """Where the whole table stands: as :func:`table_locus`, but for several pages their range and no box."""
    pages = table.page[table.page > 0]
    if not len(pages) or pages.min() == pages.max():
        return table_locus(table)
    return Locus(page=int(pages.min()), place=f"pages {pages.min()} to {pages.max()}")


def table_place(table: Table) -> str:
    """First and last cell's places, which mark out the table in its document."""
    first, last = table.place[0], table.place[-1]
    if "!" in first and "!" in last:
        last = last.rsplit("!", 1)[1]
    return first if first == last else f"{first} .. {last}"


def union_box(boxes: FloatArray) -> Box | None:
    """The smallest box around all known ones."""
    known = boxes[~np.isnan(boxes).any(axis=1)] if len(boxes) else no_boxes(0)
    if not len(known):
        return None
    x0, y0 = known[:, :2].min(axis=0).tolist()
    x1, y1 = known[:, 2:].max(axis=0).tolist()
    return Box(x0, y0, x1, y1)
