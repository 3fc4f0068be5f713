"""Sheets to the tables of ``ir/v1``: regions with title and header, places like ``Sheet1!B7``."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from locus_dbt.model.document import Document
from locus_dbt.model.element import Page, Parsed, Table, no_boxes
from locus_dbt.parsers.limits import MAX_CELLS, MAX_TABLES, over
from locus_dbt.parsers.sheet_model import ERROR_TEXTS, Sheet, letters
from locus_dbt.parsers.sheet_regions import Region, header_rows, regions


def sheets_parsed(document: Document, sheets: Sequence[Sheet], *, notes: Sequence[str] = ()) -> Parsed:
    """All tables of all sheets; hidden sheets, rows and columns are read too and named in the metadata.

    ``metadata["sheets"]`` is a JSON list with the name of each sheet at its index (blank for a chart),
    ``hidden_sheet_list`` one of names, ``hidden_columns`` one of ranges (``Sheet1!C:D``).
    """
    tables: list[Table] = []
    warnings = list(notes)
    total = 0
    for sheet in sheets:
        sheet.finish()
        total += len(sheet.cells)
        if total > MAX_CELLS:
            raise over(f"more than {MAX_CELLS} cells", where=document.filename)
        for region in regions(sheet.cells):
            if len(tables) >= MAX_TABLES:
                raise over(f"more than {MAX_TABLES} tables", where=sheet.name)
            tables.append(_table(sheet, region, len(tables)))
        warnings += _warnings(sheet)
    page = Page(number=0, width=0.0, height=0.0)
    return Parsed(document.media_type, (page,), tuple(tables), metadata=_metadata(sheets), warnings=tuple(warnings))


def _table(sheet: Sheet, region: Region, number: int) -> Table:
    top, left, n = region.top, region.left, len(region.cells)
    head = header_rows(region)
    row, col, down, across = (region.numbers(i) for i in range(4))
    in_head = (row >= head.start) & (row < head.stop) if head else np.zeros(n, dtype=np.bool_)
    name = quoted(sheet.name)
    last = int((row + down).max())
    return Table(
        number=number,
        n_rows=last - top,
        n_cols=int((col + across).max()) - left,
        text=[cell[4] for cell in region.cells],
        row=row - np.int32(top),
        col=col - np.int32(left),
        row_span=down,
        col_span=across,
        is_header=in_head,
        page=np.zeros(n, dtype=np.int32),
        box=no_boxes(n),
        place=[f"{name}!{letters(cell[1])}{cell[0] + 1}" for cell in region.cells],
        title=region.title(head.start if head else None) or sheet.name,
        order=number,
        typed=[cell[5] for cell in region.cells],
        hidden_rows=tuple(sorted(r - top for r in sheet.hidden_rows if top <= r < last)),
    )


def _metadata(sheets: Sequence[Sheet]) -> dict[str, str]:
    names = [""] * (max((sheet.index for sheet in sheets), default=-1) + 1)
    for sheet in sheets:
        names[sheet.index] = sheet.name
    out = {"sheets": json.dumps(names, ensure_ascii=False)}
    hidden = [sheet.name for sheet in sheets if sheet.hidden]
    if hidden:
        out["hidden_sheets"] = ", ".join(hidden)
        out["hidden_sheet_list"] = json.dumps(hidden, ensure_ascii=False)
    columns = [f"{quoted(s.name)}!{letters(a)}:{letters(min(b, 16_383))}" for s in sheets for a, b in s.hidden_cols]
    if columns:
        out["hidden_columns"] = json.dumps(columns, ensure_ascii=False)
    return out


def _warnings(sheet: Sheet) -> list[str]:
    """What a reader of the table should know and would not see in it."""
    where = f"sheet '{sheet.name}'"
    errors = [cell for cell in sheet.cells if not cell.typed and cell.text in ERROR_TEXTS]
    blank = [cell for cell in sheet.cells if cell.typed and not cell.text.strip()]
    hidden = sum(1 for cell in sheet.cells if cell.row in sheet.hidden_rows) if sheet.hidden_rows else 0
    said = []
    if sheet.hidden and sheet.cells:
        said.append(f"{where} is hidden; it was read like the others")
    if errors:
        first = f"{letters(errors[0].col)}{errors[0].row + 1}"
        said.append(f"{where}: {len(errors)} cells show an error, the first ({errors[0].text}) is {first}")
    if blank:
        first = f"{letters(blank[0].col)}{blank[0].row + 1}"
        said.append(f"{where}: the format of {len(blank)} cells hides their value, the first is {first}")
    if hidden:
        said.append(f"{where}: {hidden} cells stand in hidden rows")
    if sheet.hidden_cols and sheet.cells:
        cells = sum(any(a <= cell.col <= b for a, b in sheet.hidden_cols) for cell in sheet.cells)
        if cells:
            said.append(f"{where}: {cells} cells stand in hidden columns")
    return said


def address(sheet: str, row: int, col: int) -> str:
    """``Sheet1!B7`` for row 6, column 1 (both from 0); names that need quotes get them, as in formulas."""
    return f"{quoted(sheet)}!{letters(col)}{row + 1}"


@lru_cache(maxsize=1024)
def quoted(sheet: str) -> str:
    """A sheet's name as it stands in an address."""
    return sheet if re.fullmatch(r"[^\W\d]\w*", sheet) else "'" + sheet.replace("'", "''") + "'"
