"""Tables as CSV text."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from typing import Any

from locus_dbt.core.builder import TableBuilder
from locus_dbt.model.document import Document
from locus_dbt.model.element import Table
from locus_dbt.model.locus import Locus
from locus_dbt.parsers.choose import chosen_tables
from locus_dbt.parsers.grid import converted_locus, table_page, to_grid

#: What spreadsheet programs take for the start of a formula; a plain signed number is none.
_FORMULA = re.compile(r"^\s*[=+\-@\t\r](?!\d*[.,]?\d+%?$)")


def extract(document: Document, params: Mapping[str, Any], table: TableBuilder) -> None:
    """Append a row with the CSV of each table; cited are the table's box and the texts of its cells."""
    for one in chosen_tables(document, params["table"], table):
        rows = list(_rows(one, repeat=params["repeat_spans"], guard=params["escape_formulas"]))
        at = converted_locus(one)
        table.extend(
            {
                "table_no": [one.number],
                "page": [table_page(one)],
                "n_rows": [len(rows)],
                "n_cols": [one.n_cols],
            }
        )
        table.put("title", one.title or None, text=one.title, at=Locus(page=at.page, place=at.place))
        printed = " ".join(field for row in rows for field in row if field)
        table.put("csv", _write(rows, params["delimiter"]), text=printed, at=at)


def _rows(one: Table, *, repeat: bool, guard: bool) -> Iterator[list[str]]:
    grid = to_grid(one)
    done: set[int] = set()
    for row, line in enumerate(grid.slots):
        fields = []
        for col, cell in enumerate(line):
            text = "" if cell in done and not repeat else grid.value(row, col) or ""
            fields.append(f"'{text}" if guard and _FORMULA.match(text) else text)
            done.add(cell)
        yield fields


def _write(rows: list[list[str]], delimiter: str) -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\n").writerows(rows)
    return out.getvalue()
