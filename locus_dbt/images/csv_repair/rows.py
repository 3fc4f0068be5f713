"""The table itself: the columns its header names, a row for each record below it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from locus_dbt.core.builder import Located, TableBuilder
from locus_dbt.model.element import no_boxes
from locus_dbt.parsers.choose import one_header
from locus_dbt.parsers.grid import Grid


def append_rows(grids: Sequence[Grid], table: TableBuilder) -> None:
    """Append the tables that share one header; each other one leaves a reject that says how to ask for it."""
    taken, chosen = one_header(grids, table)
    table.declare(dict.fromkeys(taken, "VARCHAR"))
    for grid in chosen:
        _append(grid, taken, table)


def _append(grid: Grid, names: Sequence[str], table: TableBuilder) -> None:
    values: dict[str, list[str | None]] = {}
    located: dict[str, Located] = {}
    n = len(grid.body)
    for col, name in enumerate(names):
        values[name] = [grid.text(row, col) for row in grid.body]
        cells = [grid.slots[row][col] for row in grid.body]
        places = [grid.table.place[cell] if cell >= 0 else "" for cell in cells]
        located[name] = (np.zeros(n, np.int32), no_boxes(n), places)
    if n:
        table.extend(values, located=located)
