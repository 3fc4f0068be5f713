"""A table as an analyst wants it: one header row, data rows below, and titles between them beside the rows.

Web pages set a table's title, its sections and its sources as rows of one cell across all columns, and keep columns
for pictures and gaps. Such rows and columns hold no data; what they say is kept as ``title_lines`` and ``section``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from locus_dbt.model.element import Table
from locus_dbt.parsers.grid import Grid, to_grid


@dataclass(frozen=True, slots=True)
class Tidy:
    """``head[c]`` are the cells whose texts name column ``c``, outermost first; ``rows[r][c]`` a cell index or -1.

    ``section[r]`` is the cell of the title row above row ``r``, -1 for none; ``first[r]`` is the row's number in the
    table, ``columns[c]`` the column's. ``across`` are the cells of all rows that were set aside.
    """

    table: Table
    head: Sequence[Sequence[int]]
    rows: Sequence[Sequence[int]]
    section: Sequence[int]
    first: Sequence[int]
    columns: Sequence[int]
    across: Sequence[int]

    def header(self, *, between: str = "\n") -> list[str]:
        """The name of each column, stacked header texts joined by ``between``."""
        return [between.join(self.text(cell) for cell in cells) for cells in self.head]

    def text(self, cell: int) -> str:
        """The cell's text on one line; empty for -1."""
        return " ".join(self.table.text[cell].split()) if cell >= 0 else ""


def tidy(table: Table, *, sections: bool = True, blank: bool = True, repeat_spans: bool = True) -> Tidy:
    """The table in tidy form.

    Args:
        table: any table of ``ir/v1``.
        sections: rows of one cell across all columns are titles of what stands below, not data.
        blank: rows without text, and columns without text below the header, are left out.
        repeat_spans: a spanned cell fills every slot it covers, instead of its first only.
    """
    across = _across(table) if sections else {}
    grid = to_grid(table, repeat_across=repeat_spans, skip=frozenset(across))
    body = [row for row in range(grid.head.stop, table.n_rows) if row not in across and not (blank and grid.blank(row))]
    columns = [c for c in range(table.n_cols) if not blank or not body or _any_text(grid, body, c)]
    rows = [[_shown(grid, row, c, repeat_spans=repeat_spans) for c in columns] for row in body]
    above = [-1] * table.n_rows
    last = -1
    for row in range(table.n_rows):
        last = across.get(row, last)
        above[row] = last if row >= grid.head.start else -1
    head = [_stacked(grid, col, across) for col in columns]
    return Tidy(table, head, rows, [above[row] for row in body], body, columns, tuple(across.values()))


def _across(table: Table) -> dict[int, int]:
    """Rows whose one cell covers all columns, each with its cell; none where that would leave no data."""
    if table.n_cols < 2:
        return {}
    in_row: dict[int, list[int]] = {}
    for cell, (row, down) in enumerate(zip(table.row.tolist(), table.row_span.tolist(), strict=True)):
        for r in range(row, row + down):
            in_row.setdefault(r, []).append(cell)
    found = {
        row: cells[0]
        for row, cells in in_row.items()
        if len(cells) == 1 and table.col_span[cells[0]] >= table.n_cols and table.row_span[cells[0]] == 1
    }
    return found if len(found) < len(in_row) else {}


def _any_text(grid: Grid, body: Sequence[int], col: int) -> bool:
    return any(grid.text(row, col) for row in body)


def _shown(grid: Grid, row: int, col: int, *, repeat_spans: bool) -> int:
    cell = grid.slots[row][col]
    if repeat_spans or cell < 0:
        return cell
    return cell if grid.table.row[cell] == row and grid.table.col[cell] == col else -1


def _stacked(grid: Grid, col: int, across: dict[int, int]) -> list[int]:
    cells: list[int] = []
    for row in grid.head:
        cell = grid.slots[row][col]
        if row not in across and cell >= 0 and cell not in cells and grid.text(row, col):
            cells.append(cell)
    return cells
