"""The tables on one sheet: filled cells cut at blank rows and columns where another table clearly begins."""

from __future__ import annotations

import itertools
import operator
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from locus_dbt.model.element import IntArray
from locus_dbt.parsers.sheet_model import SheetCell
from locus_dbt.parsers.value_form import header_like, is_typed

#: Rows at the top among which the header is looked for.
_LOOK = 20
#: More header rows than this are a body.
_MAX_HEADER = 5
_MIN_PERIODS = 2
_YEAR = re.compile(r"(?:FY ?)?(?:19|20)\d\d")
_DEEP = 60


@dataclass(frozen=True, slots=True)
class Region:
    """Cells that make one table, sorted by row and column."""

    cells: Sequence[SheetCell]

    @property
    def top(self) -> int:
        """First row."""
        return self.cells[0].row

    @property
    def left(self) -> int:
        """First column."""
        return int(self.numbers(1).min())

    @property
    def width(self) -> int:
        """Columns from the first to the last filled one."""
        return int((self.numbers(1) + self.numbers(3)).max()) - self.left

    def numbers(self, field: int) -> IntArray:
        """Row, column, row span or column span (0..3) of all cells."""
        return np.fromiter(map(operator.itemgetter(field), self.cells), dtype=np.int32, count=len(self.cells))

    def rows(self) -> Iterator[list[SheetCell]]:
        """Its filled rows."""
        for _, row in itertools.groupby(self.cells, key=lambda cell: cell.row):
            yield list(row)

    def title(self, head: int | None) -> str:
        """The line above the header row, when it stands alone in its row."""
        if head is None or self.top >= head:
            return ""
        above = next(self.rows())
        return above[0].text.strip() if len(above) == 1 else ""


def regions(cells: Sequence[SheetCell], *, depth: int = 0) -> list[Region]:
    """The tables of a sheet in reading order, from cells sorted by row and column; nearly always one."""
    if not cells:
        return []
    region = Region(cells)
    if depth < _DEEP:
        for cut in (_cut_columns, _cut_rows):
            parts = cut(region)
            if len(parts) > 1:
                return [r for part in parts for r in regions(part.cells, depth=depth + 1)]
    return [region]


def header_rows(region: Region) -> range | None:
    """The sheet rows that name the columns.

    The first row with more than one cell, if it holds only names or a run of years or dates behind a name; with the
    rows of spanning cells above it, whatever they hold ("2024" over "Q1", "Q2").
    """
    rows = list(itertools.islice(region.rows(), _LOOK + _MAX_HEADER + 1))
    width = region.width
    for i, row in enumerate(rows[:_LOOK]):
        if len(row) == 1 and width > 1 and (row[0].col_span < 2 or row[0].col_span >= width):
            continue
        last = _last_header(rows, i)
        if last is None or last + 1 >= len(rows):
            return None
        return range(row[0].row, rows[last][0].row + 1)
    return None


def header_row(region: Region) -> int | None:
    """The last of :func:`header_rows`."""
    found = header_rows(region)
    return found[-1] if found else None


def _last_header(rows: Sequence[Sequence[SheetCell]], i: int) -> int | None:
    """Index of the last header row when one begins with row ``i``."""
    reach = i
    for at in range(i, min(i + _MAX_HEADER, len(rows))):
        row = rows[at]
        spanner = (
            any(cell.col_span > 1 for cell in row) and at + 1 < len(rows) and rows[at + 1][0].row == row[0].row + 1
        )
        below = rows[at + 1] if at + 1 < len(rows) else ()
        if spanner and len(below) > len(row) - sum(c.row_span > 1 for c in row) and not any(map(_valued, below)):
            reach = at + 1
            continue
        if at > i and at <= reach:
            return at
        return at if _names(row, below) else None
    return None


def _names(row: Sequence[SheetCell], below: Sequence[SheetCell]) -> bool:
    if not any(map(_valued, row)) and header_like([cell.text for cell in row]):
        return True
    return _periods(row, below)


def _valued(cell: SheetCell) -> bool:
    return bool(cell.typed) or is_typed(cell.text)


def _periods(row: Sequence[SheetCell], below: Sequence[SheetCell]) -> bool:
    """Names, then years or dates in order, over a row that does not go on with such values."""
    valued = [cell for cell in row if _valued(cell)]
    if len(valued) < _MIN_PERIODS or len(valued) == len(row) or row[0] in valued:
        return False
    if not all(_YEAR.fullmatch(cell.text.strip()) or "-" in cell.typed[1:] for cell in valued):
        return False
    order = [cell.typed or cell.text for cell in valued]
    columns = {cell.col for cell in valued}
    under = [cell for cell in below if cell.col in columns and _valued(cell)]
    more = sum(bool(_YEAR.fullmatch(cell.text.strip())) or "-" in cell.typed[1:] for cell in under)
    rising = order == sorted(set(order)) or order == sorted(set(order), reverse=True)
    return rising and bool(under) and not more


def _cut_rows(region: Region) -> list[Region]:
    """Cut above a blank-row gap when what follows is a table of its own."""
    groups = _groups(region, by_row=True)
    parts = [groups[0]]
    for group in groups[1:]:
        if _is_table(Region(parts[-1])) and _own_table(Region(group), Region(parts[-1])):
            parts.append(group)
        else:
            parts[-1] = [*parts[-1], *group]
    return [Region(part) for part in parts]


def _cut_columns(region: Region) -> list[Region]:
    """Cut beside a blank column when both sides are tables with headers of their own."""
    sides = [Region(group) for group in _groups(region, by_row=False)]
    if len(sides) < 2 or not all(_is_table(s) and header_row(s) is not None and _typed_below(s) for s in sides):
        return [region]
    return sides


def _groups(region: Region, *, by_row: bool) -> list[Sequence[SheetCell]]:
    """Runs of cells between blank rows (or columns), each in order of rows."""
    cells = region.cells
    axis = 0 if by_row else 1
    at, span = region.numbers(axis), region.numbers(axis + 2)
    low = int(at.min())
    size = int((at + span).max()) - low + 1
    edges = np.bincount(at - low, minlength=size) - np.bincount(at + span - low, minlength=size)
    filled = np.cumsum(edges) > 0
    # every filled row that follows a blank one begins a group
    group_of = np.cumsum(filled & ~np.concatenate(([False], filled[:-1])))
    number = group_of[at - low]
    if number.max() == number.min():
        return [cells]
    out: list[list[SheetCell]] = [[] for _ in range(int(number.max()))]
    for cell, group in zip(cells, number.tolist(), strict=True):
        out[group - 1].append(cell)
    return [group for group in out if group]


def _is_table(region: Region) -> bool:
    return region.cells[-1].row > region.top and region.width > 1


def _own_table(lower: Region, upper: Region) -> bool:
    """A header over values, or the header of the table above once more, below what is a table itself."""
    head, head_above = header_row(lower), header_row(upper)
    if head is None or head_above is None or not _is_table(lower):
        return False
    return _typed_below(lower) or _texts(lower, head) == _texts(upper, head_above)


def _texts(region: Region, row: int | None) -> list[str]:
    return [cell.text for cell in region.cells if cell.row == row]


def _typed_below(region: Region) -> bool:
    """Whether some column is names on top and only values below."""
    head = header_row(region)
    valued: dict[int, bool] = {}
    for cell in region.cells:
        if head is not None and cell.row > head and valued.get(cell.col, True):
            valued[cell.col] = _valued(cell)
    return any(valued.values())
