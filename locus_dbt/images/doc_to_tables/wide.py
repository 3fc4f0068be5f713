"""The table itself: the columns its header names, a row for each body row."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from locus_dbt.core.builder import TableBuilder
from locus_dbt.errors import InputError
from locus_dbt.model.document import Document
from locus_dbt.model.element import Table, no_boxes
from locus_dbt.parsers.choose import one_header
from locus_dbt.parsers.grid import Grid, to_grid


def append_wide(document: Document, found: Sequence[Table], table: TableBuilder) -> None:
    """Append the body rows of the tables that share one header.

    Of tables with different headers those are taken whose header has the most body rows (the first of
    equals); each of the others leaves a reject that names the param to ask for it.
    """
    if not found:
        raise InputError(f"no table in {document.filename}", code="E210", fix="shape := 'cells' gives no rows instead")
    taken, grids = one_header([to_grid(one, repeat_across=False) for one in found], table)
    table.declare(dict.fromkeys(taken, "VARCHAR"))
    for grid in grids:
        _append(grid, taken, table)


def _append(grid: Grid, names: Sequence[str], table: TableBuilder) -> None:
    rows = [row for row in grid.body if not grid.blank(row)]
    one = grid.table
    values, located = {}, {}
    for col, name in enumerate(names):
        cells = np.array([grid.slots[row][col] for row in rows], dtype=np.int64)
        known = cells >= 0
        safe = np.where(known, cells, 0)
        values[name] = [grid.value(row, col) for row in rows]
        page = np.where(known, one.page[safe], 0).astype(np.int32)
        box = np.where(known[:, None], one.box[safe], no_boxes(1)) if rows else no_boxes(0)
        place = [one.place[i] if i >= 0 else "" for i in cells.tolist()] if one.place else None
        located[name] = (page, box, place)
    if rows:
        table.extend(values, located=located)
