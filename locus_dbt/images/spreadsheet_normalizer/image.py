"""Workbooks as typed cells, as tables, or as long rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from locus_dbt.core.builder import TableBuilder
from locus_dbt.images.spreadsheet_normalizer.cells import Workbook, put_cell, workbook
from locus_dbt.images.spreadsheet_normalizer.long import append_long
from locus_dbt.images.spreadsheet_normalizer.roles import row_roles
from locus_dbt.model.document import Document
from locus_dbt.model.element import Table
from locus_dbt.model.locus import Locus
from locus_dbt.parsers.grid import Grid, converted_locus, to_grid


def extract(document: Document, params: Mapping[str, Any], table: TableBuilder) -> None:
    """Append the document's cells in the asked shape."""
    book = workbook(document)
    found = book.chosen(params.get("sheet"))
    if not found:
        table.reject("E210", f"no cell in {document.filename}")
    if params["shape"] == "long":
        append_long(book, found, table, hidden=params["hidden"], filename=document.filename)
        return
    for one in found:
        if params["shape"] == "sheets":
            _append_sheet(book, one, table, hidden=params["hidden"])
        else:
            _append_table(book, one, table, hidden=params["hidden"])


def _append_sheet(book: Workbook, one: Table, table: TableBuilder, *, hidden: bool) -> None:
    spans = zip(one.row_span.tolist(), one.col_span.tolist(), one.is_header.tolist(), strict=True)
    for i, ((down, across, is_header), spot) in enumerate(zip(spans, book.spots(one), strict=True)):
        if hidden or not spot.hidden:
            derived = {
                "sheet": spot.sheet, "sheet_no": spot.sheet_no, "row_no": spot.row, "col_no": spot.col,
                "cell": spot.cell, "row_span": down, "col_span": across, "is_header": is_header, "table_no": one.number,
                "hidden": spot.hidden,
            }  # fmt: skip
            put_cell(table, one, i, derived=derived)


def _append_table(book: Workbook, one: Table, table: TableBuilder, *, hidden: bool) -> None:
    grid = to_grid(one, repeat_across=False)
    roles, names = row_roles(grid), joined_headers(grid)
    above = Locus(place=converted_locus(one).place)
    for i, (row, col, spot) in enumerate(zip(one.row.tolist(), one.col.tolist(), book.spots(one), strict=True)):
        if roles[row] != "header" and (hidden or not spot.hidden):
            derived = {
                "sheet": spot.sheet, "sheet_no": spot.sheet_no, "table_no": one.number, "row_no": row, "col_no": col,
                "role": roles[row], "cell": spot.cell, "hidden": spot.hidden,
            }  # fmt: skip
            put_cell(table, one, i, derived=derived)
            table.put("title", one.title or None, text=one.title, at=above)
            if row >= grid.head.stop:
                table.put("header", names[col], text=names[col], at=Locus(place=header_place(grid, col)))


def header_place(grid: Grid, col: int) -> str | None:
    """Where the header of a column stands: its lowest cell, which names it most narrowly."""
    cells = [grid.slots[row][col] for row in grid.head if grid.slots[row][col] >= 0 and grid.text(row, col)]
    return grid.table.place[cells[-1]] if cells and grid.table.place else None


def joined_headers(grid: Grid) -> list[str | None]:
    """The header of each column, stacked ones joined by `` / ``: ``2024 / Q1``."""
    return [" / ".join(grid.stacked(col)) or None for col in range(grid.table.n_cols)]
