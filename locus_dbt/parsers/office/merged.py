"""Rows of cells with horizontal spans and vertical merge marks (Word, RTF) to a table's cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from locus_dbt.parsers.cells import CellColumns
from locus_dbt.parsers.limits import MAX_COLUMNS, over

#: ``begins`` a cell that goes on in the rows below, ``goes_on`` in such a row, or neither.
Merge = Literal["none", "begins", "goes_on"]


@dataclass(slots=True)
class MergedCell:
    """A cell as a row states it: ``col`` and ``col_span`` count grid columns."""

    text: str
    col: int
    col_span: int
    place: str
    merge: Merge = "none"
    is_header: bool = False
    row: int = 0
    row_span: int = 1


def merged_cells(rows: Sequence[Sequence[MergedCell]]) -> CellColumns:
    """The cells of the table, vertical parts joined, grid columns in which no cell begins taken out.

    A part that goes on without a cell above that begins in its column stands for itself.
    """
    kept: list[MergedCell] = []
    above: dict[int, MergedCell] = {}
    for number, row in enumerate(rows):
        here: dict[int, MergedCell] = {}
        for cell in row:
            if cell.col + cell.col_span > MAX_COLUMNS:
                raise over(f"more than {MAX_COLUMNS} columns in a table", where=cell.place)
            start = above.get(cell.col) if cell.merge == "goes_on" else None
            if start is not None and start.col_span == cell.col_span:
                start.row_span = number - start.row + 1
                # text in a covered cell is not shown, but it must not get lost
                start.text = "\n".join(filter(None, (start.text, cell.text)))
                here[cell.col] = start
                continue
            cell.row = number
            kept.append(cell)
            if cell.merge != "none":
                here[cell.col] = cell
        above = here
    columns = {col: i for i, col in enumerate(sorted({cell.col for cell in kept}))}
    starts = list(columns)
    cells = CellColumns()
    for cell in kept:
        first = columns[cell.col]
        stop = first + 1
        while stop < len(starts) and starts[stop] < cell.col + cell.col_span:
            stop += 1
        cells.add(
            cell.text, cell.row, first, place=cell.place, row_span=cell.row_span, col_span=stop - first,
            is_header=cell.is_header,
        )  # fmt: skip
    return cells
