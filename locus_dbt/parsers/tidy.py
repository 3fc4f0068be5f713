"""A table as an analyst wants it: one header row, data rows below, and titles between them beside the rows.

Web pages set a table's title, its sections and its sources as rows of one cell across all columns, and keep columns
for pictures, colours and gaps. Such rows and columns hold no data; what the rows say is kept as ``section``.
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
    table, ``columns[c]`` the column's. ``across`` are the cells of all title rows, ``dropped`` the numbers of the
    columns that were left out.
    """

    table: Table
    head: Sequence[Sequence[int]]
    rows: Sequence[Sequence[int]]
    section: Sequence[int]
    first: Sequence[int]
    columns: Sequence[int]
    across: Sequence[int]
    dropped: Sequence[int]

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
        sections: rows of one cell across all columns are titles of what stands below, and rows that repeat the
            header are none; without it all of them are rows like others.
        blank: rows without text are left out, and columns without a text of their own below the header.
        repeat_spans: a spanned cell fills every slot it covers, instead of its first only.
    """
    across = _across(table) if sections else {}
    grid = to_grid(table, skip=frozenset(across))
    again = _repeated_header(grid) if sections else set()
    body = [
        row
        for row in range(grid.head.stop, table.n_rows)
        if row not in across and row not in again and not (blank and grid.blank(row))
    ]
    head = [_stacked(grid, col, across) for col in range(table.n_cols)]
    columns = _own_columns(grid, body, head) if blank and body else list(range(table.n_cols))
    rows = [[grid.slots[row][col] for col in columns] for row in body]
    above, last = [-1] * table.n_rows, -1
    for row in range(table.n_rows):
        last = across.get(row, last)
        above[row] = last
    return Tidy(
        table,
        [head[col] for col in columns],
        rows if repeat_spans else _once(rows),
        [above[row] for row in body],
        body,
        columns,
        tuple(across.values()),
        sorted(set(range(table.n_cols)) - set(columns)),
    )


def _across(table: Table) -> dict[int, int]:
    """Rows whose one cell covers all columns, each with its cell; none where that would leave no data."""
    if table.n_cols < 2:
        return {}
    covered = [0] * (table.n_rows + 1)
    wide: list[tuple[int, int]] = []
    for cell, (row, down, span) in enumerate(
        zip(table.row.tolist(), table.row_span.tolist(), table.col_span.tolist(), strict=True)
    ):
        covered[row] += 1
        covered[min(row + down, table.n_rows)] -= 1
        if span >= table.n_cols and down == 1:
            wide.append((row, cell))
    counts, filled = [], 0
    for change in covered[: table.n_rows]:
        filled += change
        counts.append(filled)
    found = {row: cell for row, cell in wide if counts[row] == 1}
    return found if len(found) < sum(1 for n in counts if n) else {}


def _repeated_header(grid: Grid) -> set[int]:
    """Rows below the header that say the same as one of its rows, in header cells."""
    if not grid.head:
        return set()
    flags = grid.table.is_header
    said = {tuple(grid.text(row, col) for col in range(grid.table.n_cols)) for row in grid.head}
    return {
        row
        for row in range(grid.head.stop, grid.table.n_rows)
        if all(cell < 0 or flags[cell] for cell in grid.slots[row])
        and tuple(grid.text(row, col) for col in range(grid.table.n_cols)) in said
    }


def _own_columns(grid: Grid, body: Sequence[int], head: Sequence[Sequence[int]]) -> list[int]:
    """The columns with a text of their own below the header.

    A column has none when it is blank there, or when each of its texts only reaches over from the column beside it,
    which has others too, or is named by the same header.
    """
    texts = [{(row, grid.slots[row][col]) for row in body if grid.text(row, col)} for col in range(grid.table.n_cols)]
    kept: list[int] = []
    for col, own in enumerate(texts):
        beside = [other for other in (col + 1, col - 1) if other in kept or col < other < len(texts)]
        if own and not any(
            own < texts[other] or (own == texts[other] and set(head[col]) <= set(head[other])) for other in beside
        ):
            kept.append(col)
    return kept or list(range(grid.table.n_cols))


def _once(rows: Sequence[Sequence[int]]) -> list[list[int]]:
    """Each cell in the first slot it fills only."""
    seen: set[int] = set()
    out = []
    for row in rows:
        line = []
        for cell in row:
            line.append(-1 if cell in seen else cell)
            seen.add(cell)
        out.append(line)
    return out


def _stacked(grid: Grid, col: int, across: dict[int, int]) -> list[int]:
    cells: list[int] = []
    for row in grid.head:
        cell = grid.slots[row][col]
        if row not in across and cell >= 0 and cell not in cells and grid.text(row, col):
            cells.append(cell)
    return cells
