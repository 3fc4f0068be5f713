"""Cross tables turned: the columns of values become rows beside the key columns."""

from __future__ import annotations

from collections.abc import Sequence

from locus_dbt.core.builder import TableBuilder
from locus_dbt.images.spreadsheet_normalizer.cells import Workbook, put_cell
from locus_dbt.images.spreadsheet_normalizer.roles import key_columns, row_roles
from locus_dbt.model.element import Table
from locus_dbt.model.locus import Locus
from locus_dbt.parsers.grid import Grid, table_locus, to_grid, unique_names

#: Columns behind the keys, which no key may be called.
VALUES = {
    "role": "VARCHAR", "name": "VARCHAR", "kind": "VARCHAR", "text": "VARCHAR", "number": "DOUBLE",
    "moment": "TIMESTAMP",
}  # fmt: skip


def append_long(book: Workbook, found: Sequence[Table], table: TableBuilder, *, hidden: bool, filename: str) -> None:
    """Append the values of the tables that share the key columns of most of them.

    Each table with other keys leaves a reject; so does one without a header.
    """
    groups: dict[tuple[str, ...], list[tuple[Grid, list[str]]]] = {}
    for one in found:
        grid = to_grid(one, repeat_across=False)
        roles = row_roles(grid)
        if grid.head:
            groups.setdefault(_key_names(grid, key_columns(grid, roles)), []).append((grid, roles))
        else:
            table.reject("E210", f"table {one.number} has no header to take names from", at=table_locus(one))
    if not groups:
        table.reject("E210", f"no table with a header in {filename}")
        return
    taken = max(groups, key=lambda names: sum(len(grid.body) for grid, _ in groups[names]))
    table.declare({**dict.fromkeys(taken, "VARCHAR"), **VALUES})
    for grid, roles in groups[taken]:
        _append(book, grid, roles, taken, table, hidden=hidden)
    for names, grids in groups.items():
        for grid, _ in grids if names != taken else ():
            table.reject(
                "E210",
                f"table {grid.table.number} has other key columns ({', '.join(names)}) than the one taken;"
                " choose its sheet with sheet := …",
                at=table_locus(grid.table),
            )


def _key_names(grid: Grid, keys: int) -> tuple[str, ...]:
    header = [" ".join(grid.stacked(col)) for col in range(keys)]
    # a key named like one of the columns behind it gets a number
    return tuple(unique_names([*VALUES, *header])[len(VALUES) :])


def _append(
    book: Workbook, grid: Grid, roles: list[str], keys: Sequence[str], table: TableBuilder, *, hidden: bool
) -> None:
    one, spots = grid.table, book.spots(grid.table)
    for row in grid.body:
        if roles[row] not in ("body", "total"):
            continue
        for col in range(len(keys), one.n_cols):
            cell = grid.slots[row][col]
            # a merged value stands once, where it begins
            if cell < 0 or (int(one.row[cell]), int(one.col[cell])) != (row, col):
                continue
            if not hidden and spots[cell].hidden:
                continue
            name = " / ".join(grid.stacked(col)) or None
            put_cell(table, one, cell, derived={"role": roles[row], "name": None})
            _put_names(table, grid, row, col, keys=keys, name=name)


def _put_names(table: TableBuilder, grid: Grid, row: int, col: int, *, keys: Sequence[str], name: str | None) -> None:
    one = grid.table
    for i, key in enumerate(keys):
        text, cell = grid.text(row, i), grid.slots[row][i]
        table.put(key, text, text=text, at=Locus(place=one.place[cell] if cell >= 0 and one.place else None))
    heads = [grid.slots[r][col] for r in grid.head if grid.slots[r][col] >= 0]
    if heads:
        table.put("name", name, text=name, at=Locus(place=one.place[heads[-1]] if one.place else None))
