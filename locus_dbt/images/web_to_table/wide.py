"""The table itself: the columns its header names, a row for each data row."""

from __future__ import annotations

from collections.abc import Sequence

from locus_dbt.core.builder import Located, TableBuilder
from locus_dbt.errors import InputError
from locus_dbt.model.document import Document
from locus_dbt.parsers.grid import table_locus, unique_names
from locus_dbt.parsers.tidy import Tidy


def append_wide(document: Document, grids: Sequence[Tidy], table: TableBuilder) -> None:
    """Append the data rows of the tables that share one header; ``section`` comes first where there are sections.

    Of tables with different headers those are taken whose header has the most data rows (the first of equals); each
    of the others leaves a reject that names the param to ask for it.
    """
    if not grids:
        raise InputError(f"no table in {document.filename}", code="E210", fix="shape := 'cells' gives no rows instead")
    groups: dict[tuple[str, ...], list[Tidy]] = {}
    for grid in grids:
        groups.setdefault(tuple(grid.header(between=" ")), []).append(grid)
    taken = max(groups, key=lambda header: sum(len(grid.rows) for grid in groups[header]))
    sections = any(cell >= 0 for grid in groups[taken] for cell in grid.section)
    names = unique_names([*(["section"] if sections else []), *taken])
    table.declare(dict.fromkeys(names, "VARCHAR"))
    for grid in groups[taken]:
        columns = ([grid.section] if sections else []) + [[row[c] for row in grid.rows] for c in range(len(taken))]
        _append(grid, dict(zip(names, columns, strict=True)), table)
    for header, others in groups.items():
        for grid in others if header != taken else ():
            number = grid.table.number
            message = f"table {number} has other columns than the one taken; get it with table := {number}"
            table.reject("E210", message, at=table_locus(grid.table))


def _append(grid: Tidy, columns: dict[str, Sequence[int]], table: TableBuilder) -> None:
    if not grid.rows:
        return
    texts, place = grid.table.text, grid.table.place
    values = {name: [texts[c].strip() or None if c >= 0 else None for c in cells] for name, cells in columns.items()}
    located: dict[str, Located] = {
        name: (None, None, [place[c] if c >= 0 else "" for c in cells]) for name, cells in columns.items()
    }
    table.extend(values, located=located)
