"""XLSX, XLSM, XLSB, XLS and ODS to ``ir/v1``: one or several tables a sheet, places like ``Sheet1!B7``."""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import python_calamine

from locus_dbt.errors import InputError
from locus_dbt.model.document import Document
from locus_dbt.model.element import Parsed
from locus_dbt.parsers.cells import CellColumns, Flow
from locus_dbt.parsers.limits import MAX_COLUMNS, open_zip, over
from locus_dbt.parsers.sheet_errors import Errors, error_cells
from locus_dbt.parsers.sheet_extent import check_extent
from locus_dbt.parsers.sheet_regions import Region, SheetCell, header_row, regions

#: Cells of one merged range; larger ones are formatting.
_MAX_MERGED = 100_000


def parse(document: Document) -> Parsed:
    """Parse a workbook; every sheet is read, hidden ones too (their names are in the metadata)."""
    errors: dict[str, Errors] = {}
    if document.data.startswith(b"PK"):
        with open_zip(document.data, filename=document.filename) as archive:
            check_extent(archive, filename=document.filename)
            errors = error_cells(archive, filename=document.filename)
    flow, hidden = Flow(), []
    with _open(document) as book:
        for about in book.sheets_metadata:
            if about.visible != python_calamine.SheetVisibleEnum.Visible:
                hidden.append(about.name)
            if about.typ in (
                python_calamine.SheetTypeEnum.WorkSheet,
                python_calamine.SheetTypeEnum.DialogSheet,
            ):
                _read_sheet(book, about.name, flow, document.filename, errors.get(about.name, {}))
    metadata = {"hidden_sheets": ", ".join(hidden)} if hidden else {}
    return Parsed(document.media_type, (flow.page(),), tuple(flow.tables), metadata=metadata)


def _open(document: Document) -> python_calamine.CalamineWorkbook:
    try:
        with _damage(document.filename):
            return python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(document.data))
    except python_calamine.PasswordError as error:
        raise InputError(
            f"the workbook is encrypted: {document.filename}", code="E202", fix="remove the password first"
        ) from error


@contextmanager
def _damage(where: str) -> Iterator[None]:
    """Turns what the reader raises on damaged data into ``InputError`` E203.

    The reader is Rust: what it did not foresee comes as a panic, which is no ``Exception`` in Python.
    """
    try:
        yield
    except python_calamine.PasswordError:
        raise
    except (python_calamine.CalamineError, OSError, ValueError) as error:
        raise InputError(f"the workbook is damaged ({error}): {where}", code="E203") from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise InputError(f"the workbook is damaged (the reader gave up): {where}", code="E203") from error


def _read_sheet(book: python_calamine.CalamineWorkbook, name: str, flow: Flow, filename: str, errors: Errors) -> None:
    with _damage(f"sheet '{name}' of {filename}"):
        sheet = book.get_sheet_by_name(name)
        start, rows = sheet.start, sheet.to_python(skip_empty_area=True)
        merged = sheet.merged_cell_ranges or []
    cells = list(_cells(rows, start, merged)) if start is not None else []
    read = {(cell.row, cell.col) for cell in cells}
    cells += [SheetCell(r, c, 1, 1, text) for (r, c), text in errors.items() if (r, c) not in read]
    for region in regions(cells):
        _append(flow, name, region)


def _cells(rows: list[list[Any]], start: tuple[int, int], merged: list[tuple[Any, Any]]) -> Iterator[SheetCell]:
    """The filled cells; a merged range is one cell with its spans, and what it covers is left out."""
    spans, covered = {}, set()
    for (top, left), (bottom, right) in merged:
        # a merge of whole columns is formatting, not a value that spans a million rows
        height = min(bottom, start[0] + len(rows) - 1) - top + 1
        width = min(right, left + MAX_COLUMNS) - left + 1
        if height < 1 or height * width > _MAX_MERGED:
            continue
        spans[top, left] = (height, width)
        covered |= {(top + r, left + c) for r in range(height) for c in range(width)}
    for i, values in enumerate(rows, start[0]):
        for j, value in enumerate(values, start[1]):
            if value is None or value == "" or ((i, j) in covered and (i, j) not in spans):
                continue
            text = cell_text(value)
            if text.strip():
                yield SheetCell(i, j, *spans.get((i, j), (1, 1)), text)


def _append(flow: Flow, sheet: str, region: Region) -> None:
    top, left = region.top, region.left
    head = header_row(region)
    cells = CellColumns()
    if region.width > MAX_COLUMNS:
        raise over(f"{region.width} columns, at most {MAX_COLUMNS}", where=sheet)
    for cell in region.cells:
        cells.add(
            cell.text, cell.row - top, cell.col - left, place=address(sheet, cell.row, cell.col),
            row_span=cell.row_span, col_span=cell.col_span, is_header=head is not None and cell.row == head,
        )  # fmt: skip
    flow.table(cells, title=region.title(head) or sheet)


def address(sheet: str, row: int, col: int) -> str:
    """``Sheet1!B7`` for row 6, column 1 (both from 0); names that need quotes get them, as in formulas."""
    return f"{_quoted(sheet)}!{_letters(col)}{row + 1}"


@lru_cache(maxsize=1024)
def _quoted(sheet: str) -> str:
    return sheet if re.fullmatch(r"[^\W\d]\w*", sheet) else "'" + sheet.replace("'", "''") + "'"


@lru_cache(maxsize=MAX_COLUMNS)
def _letters(col: int) -> str:
    letters, n = "", col + 1
    while n:
        n, rest = divmod(n - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def cell_text(value: Any) -> str:  # noqa: ANN401, PLR0911 - one return for each type a cell may hold
    """A cell's value as text: numbers as a spreadsheet shows them (15 digits), dates in ISO form."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return number_text(value)
    if isinstance(value, dt.datetime):
        rounded = value + dt.timedelta(microseconds=500) if value.microsecond else value
        rounded = rounded.replace(microsecond=rounded.microsecond // 1000 * 1000)
        return rounded.isoformat(sep=" ", timespec="milliseconds" if rounded.microsecond else "seconds")
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, dt.time):
        return value.isoformat(timespec="seconds")
    if isinstance(value, dt.timedelta):
        seconds = round(value.total_seconds())
        sign, seconds = ("-", -seconds) if seconds < 0 else ("", seconds)
        return f"{sign}{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return str(value)


def number_text(value: float) -> str:
    """A float without binary noise, and without an exponent where that stays readable."""
    if value != value or value in (float("inf"), float("-inf")):  # noqa: PLR0124 - the test for NaN
        return str(value)
    if value == int(value) and abs(value) < 1e15:
        return str(int(value))
    short = f"{value:.15g}"
    if float(short) in (float("inf"), float("-inf")):
        return repr(value)
    if "e" not in short:
        return short
    digits, exponent = short.split("e")
    if not -10 < int(exponent) < 21:
        return short
    places = max(0, len(digits.lstrip("-").replace(".", "")) - 1 - int(exponent))
    return f"{value:.{places}f}"
