"""Workbooks older than Excel 97, by a reader that gives values and no number formats."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import python_calamine

from locus_dbt.errors import InputError
from locus_dbt.parsers.number_format_digits import general, number_text
from locus_dbt.parsers.sheet_model import DECRYPT, Sheet, boolean


def read_any(data: bytes, filename: str) -> list[Sheet]:
    """All worksheets with their cells; E202 for an encrypted workbook, E203 for a damaged one."""
    try:
        with _damage(filename):
            book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
    except python_calamine.PasswordError as error:
        raise InputError(f"the workbook is encrypted: {filename}", code="E202", fix=DECRYPT) from error
    sheets: list[Sheet] = []
    with book:
        for index, about in enumerate(book.sheets_metadata):
            if about.typ in (python_calamine.SheetTypeEnum.WorkSheet, python_calamine.SheetTypeEnum.DialogSheet):
                hidden = about.visible != python_calamine.SheetVisibleEnum.Visible
                sheet = Sheet(about.name, index, hidden=hidden)
                _fill(book, sheet, filename)
                sheets.append(sheet)
    return sheets


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


def _fill(book: python_calamine.CalamineWorkbook, sheet: Sheet, filename: str) -> None:
    with _damage(f"sheet '{sheet.name}' of {filename}"):
        read = book.get_sheet_by_name(sheet.name)
        start, rows = read.start, read.to_python(skip_empty_area=True)
        merged = read.merged_cell_ranges or []
    for i, values in enumerate(rows, start[0]) if start is not None else ():
        for j, value in enumerate(values, start[1]):
            if value is not None and value != "":
                sheet.add(i, j, *_shown(value))
    sheet.merges += [(top, bottom, left, right) for (top, left), (bottom, right) in merged]


def _shown(value: Any) -> tuple[str, str]:  # noqa: ANN401 - one of the types a cell may hold
    """Text and typed value, both without a number format."""
    if isinstance(value, bool):
        return boolean(value)
    if isinstance(value, (int, float)):
        return general(float(value)), number_text(float(value))
    if isinstance(value, dt.datetime):
        typed = value.isoformat(timespec="milliseconds" if value.microsecond else "seconds")
        return typed.replace("T", " "), typed
    if isinstance(value, (dt.date, dt.time)):
        return value.isoformat(), value.isoformat()
    if isinstance(value, dt.timedelta):
        seconds = round(value.total_seconds())
        sign, seconds = ("-", -seconds) if seconds < 0 else ("", seconds)
        shown = f"{sign}{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
        return shown, number_text(value.total_seconds() / 86_400)
    return str(value), ""
