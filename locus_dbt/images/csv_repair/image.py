"""Delimited text, mended: rows, cells, repairs, or clean CSV."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from locus_dbt.core.builder import TableBuilder
from locus_dbt.errors import InputError
from locus_dbt.images.csv_repair.rows import append_rows
from locus_dbt.model.document import Document
from locus_dbt.model.element import Parsed, Repair, Table
from locus_dbt.model.locus import Locus
from locus_dbt.parsers.choose import chosen_tables
from locus_dbt.parsers.delimited import Settings, csv_line, read
from locus_dbt.parsers.grid import Grid, table_locus, to_grid

_NAMED = {"tab": "\t", "\\t": "\t", "space": " ", "none": ""}


def extract(document: Document, params: Mapping[str, Any], table: TableBuilder) -> None:
    """Append the file's tables, or its repairs, in the asked shape."""
    parsed = read(document, settings=_settings(params))
    if params["shape"] == "repairs":
        outside = [Repair("line_outside_tables", one.place, one.text) for page in parsed.pages for one in page.blocks]
        for repair in sorted((*parsed.repairs, *outside), key=_line):
            _append_repair(repair, table)
        return
    known = replace(document, parse=lambda _: parsed)
    found = chosen_tables(known, params["table"], table)
    if params["shape"] == "rows":
        if not found:
            raise InputError(f"no table in {document.filename}", code="E210", fix="shape := 'cells' gives no rows")
        append_rows([_grid(one, params["header"]) for one in found], table)
    for one in found if params["shape"] in ("cells", "csv") else ():
        if params["shape"] == "cells":
            _append_cells(one, table)
        else:
            _append_csv(one, parsed, table)


def _settings(params: Mapping[str, Any]) -> Settings:
    delimiter, quote = params["delimiter"], params["quote"]
    return Settings(
        delimiter=None if delimiter is None else _NAMED.get(delimiter, delimiter),
        quote=None if quote is None else _NAMED.get(quote, quote),
        header=params["header"],
    )


def _grid(one: Table, header: int | None) -> Grid:
    grid = to_grid(one)
    return grid if header is None else replace(grid, head=range(min(header, one.n_rows)))


def _line(repair: Repair) -> int:
    """The line of a repair, 0 for one of the whole file."""
    return int(repair.place.removeprefix("line ")) if repair.place.startswith("line ") else 0


def _append_repair(repair: Repair, table: TableBuilder) -> None:
    at = Locus(place=repair.place)
    line = _line(repair)
    table.start_row()
    why = f"rule {repair.rule}"
    table.put("rule", repair.rule, text=None, at=at, grounding="inferred", reason="named by the parser")
    if line:
        table.put("line", line, text=None, at=at, grounding="inferred", reason="counted")
    if line and repair.before:
        table.put("before", repair.before, text=repair.before, at=at)
    elif repair.before:
        table.put("before", repair.before, text=None, at=at, grounding="inferred", reason="counted")
    table.put("after", repair.after or None, text=None, at=at, grounding="inferred", reason=why)


def _append_cells(one: Table, table: TableBuilder) -> None:
    n = len(one)
    table.extend(
        {
            "table_no": [one.number] * n,
            "row_no": one.row.tolist(),
            "col_no": one.col.tolist(),
            "is_header": one.is_header.tolist(),
            "text": [text if text.strip() else None for text in one.text],
        },
        located={"text": (one.page, one.box, one.place)},
    )


def _append_csv(one: Table, parsed: Parsed, table: TableBuilder) -> None:
    grid = to_grid(one)
    rows = [_fields(grid, row) for row in range(one.n_rows)]
    table.extend(
        {
            "table_no": [one.number],
            "n_rows": [one.n_rows],
            "n_cols": [one.n_cols],
            **{name: [parsed.metadata[name]] for name in ("encoding", "delimiter", "quote")},
            "repairs": [len(parsed.repairs)],
        }
    )
    at = table_locus(one)
    table.put("title", one.title or None, text=one.title, at=at)
    text = "".join(csv_line(fields) + "\r\n" for fields in rows)
    table.put("csv", text, text=" ".join(field for fields in rows for field in fields if field), at=at)


def _fields(grid: Grid, row: int) -> Sequence[str]:
    """The texts of one row; a name that spans columns stands in the first of them only."""
    slots = grid.slots[row]
    return [
        "" if col and cell >= 0 and cell == slots[col - 1] else grid.table.text[cell] if cell >= 0 else ""
        for col, cell in enumerate(slots)
    ]
