"""Cells of a workbook with where they stand, what they display and what they hold."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from locus_dbt.core.builder import TableBuilder
from locus_dbt.errors import InputError
from locus_dbt.model.document import Document
from locus_dbt.model.element import Parsed, Table
from locus_dbt.model.errors import did_you_mean
from locus_dbt.model.locus import Locus
from locus_dbt.parsers.sheet_model import ERROR_TEXTS, column, letters

_PLACE = re.compile(r"(.*)!([A-Z]{1,3})(\d{1,7})", re.DOTALL)
_COLUMNS = re.compile(r"(.*)!([A-Z]{1,3}):([A-Z]{1,3})", re.DOTALL)
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_TIME = re.compile(r"\d\d:\d\d:\d\d(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a cell stands: sheet, row and column on it from 0, address, hidden or not; delimited text has no sheet."""

    sheet: str | None
    sheet_no: int
    row: int
    col: int
    cell: str | None
    hidden: bool


class Workbook:
    """What the parsed document says about its sheets."""

    def __init__(self, parsed: Parsed, *, filename: str) -> None:
        self.tables = parsed.tables
        self._named: bool = "sheets" in parsed.metadata
        self._sheets: list[str] = json.loads(parsed.metadata.get("sheets", "[]"))
        self._number = {name: i for i, name in enumerate(self._sheets)}
        self._hidden_sheets = set(json.loads(parsed.metadata.get("hidden_sheet_list", "[]")))
        self._hidden_columns: dict[str, list[tuple[int, int]]] = {}
        for text in json.loads(parsed.metadata.get("hidden_columns", "[]")):
            found = _COLUMNS.fullmatch(text)
            if found:
                self._hidden_columns.setdefault(_unquoted(found[1]), []).append((column(found[2]), column(found[3])))
        self._filename = filename

    def chosen(self, sheet: str | None) -> list[Table]:
        """The tables of one sheet, or of all; E210 for a name that no sheet has."""
        if sheet is None:
            return list(self.tables)
        if sheet not in self._number:
            raise InputError(f"no sheet '{sheet}' in {self._filename}{did_you_mean(sheet, self._number)}", code="E210")
        return [table for table in self.tables if table.place and _sheet_of(table.place[0]) == sheet]

    def spots(self, table: Table) -> list[Spot]:
        """Where each cell of ``table`` stands; the place of the first tells that of all others."""
        rows, cols = table.row.tolist(), table.col.tolist()
        found = _PLACE.fullmatch(table.place[0]) if self._named and table.place else None
        if found is None:
            return [Spot(None, 0, row, col, None, hidden=False) for row, col in zip(rows, cols, strict=True)]
        name = _unquoted(found[1])
        number, unseen = self._number.get(name, 0), name in self._hidden_sheets
        top, left = int(found[3]) - 1 - rows[0], column(found[2]) - cols[0]
        hidden_rows, hidden_cols = frozenset(table.hidden_rows), self._hidden_in(name, table, left)
        return [
            Spot(
                name, number, row + top, col + left, f"{letters(col + left)}{row + top + 1}",
                hidden=unseen or row in hidden_rows or col in hidden_cols,
            )
            for row, col in zip(rows, cols, strict=True)
        ]  # fmt: skip

    def _hidden_in(self, sheet: str, table: Table, left: int) -> set[int]:
        ranges = self._hidden_columns.get(sheet, ())
        return {col for col in range(table.n_cols) if any(first <= col + left <= last for first, last in ranges)}


def workbook(document: Document) -> Workbook:
    """The parsed document; E210 for XML that is no workbook."""
    parsed = document.parsed
    if document.media_type == "application/xml" and "sheets" not in parsed.metadata:
        raise InputError(
            f"the XML is no workbook: {document.filename}", code="E210", fix="doc-to-tables reads other XML"
        )
    return Workbook(parsed, filename=document.filename)


def _sheet_of(place: str) -> str | None:
    found = _PLACE.fullmatch(place)
    return _unquoted(found[1]) if found else None


def _unquoted(sheet: str) -> str:
    return sheet[1:-1].replace("''", "'") if sheet.startswith("'") else sheet


def kind_of(text: str, typed: str) -> str:
    """The kind of a cell by its typed value."""
    if not typed:
        return "error" if text in ERROR_TEXTS else "text"
    if typed in ("true", "false"):
        return "boolean"
    if _TIME.fullmatch(typed):
        return "time"
    if _DATE.match(typed):
        return "date" if len(typed) == len("2024-05-01") else "datetime"
    return "number"


def put_cell(table: TableBuilder, one: Table, i: int, *, derived: Mapping[str, Any]) -> None:
    """Append a row with the cell's text, kind and value; ``derived`` says where it stands."""
    text = one.text[i] if one.text[i].strip() else None
    typed = one.typed[i] if one.typed else ""
    kind = kind_of(one.text[i], typed)
    table.extend({name: [value] for name, value in (*derived.items(), ("kind", kind))})
    at = Locus(place=one.place[i] if one.place else None)
    table.put("text", text, text=text, at=at)
    for name, value in _values(kind, typed):
        if name in table.columns:
            _put(table, name, value, text=text, at=at)


def _values(kind: str, typed: str) -> Iterator[tuple[str, Any]]:
    if not typed:
        return
    if kind == "number":
        yield "number", float(typed)
    elif kind in ("date", "datetime"):
        with contextlib.suppress(ValueError):
            yield "moment", dt.datetime.fromisoformat(typed).replace(tzinfo=None)
    yield "value", typed


def _put(table: TableBuilder, name: str, value: Any, *, text: str | None, at: Locus) -> None:  # noqa: ANN401
    """A value that is displayed in another form is held by the file, not printed."""
    shown = text is not None and (str(value) == text or (name == "number" and text.replace(",", "") == f"{value:.15g}"))
    if shown:
        table.put(name, value, text=text, at=at)
    else:
        reason = "held by the cell, which displays " + (f"'{text[:100]}'" if text else "nothing")
        table.put(name, value, text=text, at=at, grounding="inferred", reason=reason)
