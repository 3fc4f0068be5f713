"""A workbook as its readers give it: sheets of filled cells with what each displays and what it holds."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from locus_dbt.errors import InputError
from locus_dbt.parsers.limits import MAX_CELLS, MAX_COLUMNS, MAX_TEXT, over
from locus_dbt.parsers.number_format import NumberFormat, number_format
from locus_dbt.parsers.number_format_dates import serial

#: Cells of the rectangle around all filled cells of one sheet.
MAX_AREA = 10_000_000
MAX_ROWS = 1_048_576
#: The next step for an encrypted workbook, whether a password is given or not.
DECRYPT = "encrypted workbooks cannot be opened, with a password or without; save it without one"
#: Excel itself allows 65,490.
MAX_STYLES = 65_536
#: Cells of one merged range; larger ones are formatting.
_MAX_MERGED = 100_000


class SheetCell(NamedTuple):
    """A filled cell; ``row`` and ``col`` count from 0 on the whole sheet.

    ``text`` is what is displayed, ``typed`` the value in one form (see ``ir/v1``), empty for texts and errors.
    """

    row: int
    col: int
    row_span: int
    col_span: int
    text: str
    typed: str = ""


#: Past the signature of the constructor, which costs as much as all the rest of a cell.
_cell = tuple.__new__

#: First and last row, first and last column, all from 0 and inclusive.
Merge = tuple[int, int, int, int]


@dataclass(slots=True)
class Sheet:
    """One sheet. ``hidden_cols`` are inclusive ranges; ``index`` counts all sheets of the workbook from 0."""

    name: str
    index: int
    hidden: bool = False
    cells: list[SheetCell] = field(default_factory=list)
    merges: list[Merge] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_cols: list[tuple[int, int]] = field(default_factory=list)
    #: Cells that the sheets before it left of the limit for a document.
    room: int = MAX_CELLS
    characters: int = 0

    def add(self, row: int, col: int, text: str, typed: str = "") -> None:
        """Append a cell unless nothing is in it; raises E206 beyond the limits of a sheet."""
        if not typed and (not text or text.isspace()):
            return
        cells = self.cells
        if not (0 <= row < MAX_ROWS and 0 <= col < MAX_COLUMNS):
            raise InputError(f"row {row + 1}, column {col + 1} is outside a sheet: sheet '{self.name}'", code="E203")
        self.characters += len(text)
        if len(cells) >= self.room or self.characters > MAX_TEXT:
            raise over(f"more than {MAX_CELLS} cells or {MAX_TEXT} characters", where=f"sheet '{self.name}'")
        cells.append(_cell(SheetCell, (row, col, 1, 1, text, typed)))

    def hide_rows(self, first: int, last: int) -> None:
        """Note hidden rows, both ends included; those beyond the last row of a sheet are left out."""
        self.hidden_rows.update(range(max(first, 0), min(last, MAX_ROWS - 1) + 1))

    def finish(self) -> None:
        """Put merged ranges onto their cells, in order of rows; raises E206 for a sheet with too large a rectangle."""
        cells = self.cells
        if not cells:
            return
        if any(a[:2] > b[:2] for a, b in itertools.pairwise(cells)):
            cells.sort(key=lambda cell: cell[:2])
        last = cells[-1].row
        columns = {cell.col for cell in cells}
        area = (last - cells[0].row + 1) * (max(columns) - min(columns) + 1)
        if area > MAX_AREA:
            raise over(f"a sheet of {area} cells, at most {MAX_AREA}", where=f"sheet '{self.name}'")
        if self.merges:
            self.cells = list(_merged(cells, self.merges, last))


def room_beside(sheets: Sequence[Sheet]) -> int:
    """Cells that ``sheets`` leave of the limit for a document."""
    return MAX_CELLS - sum(len(sheet.cells) for sheet in sheets)


def _merged(cells: Sequence[SheetCell], merges: Iterable[Merge], last: int) -> Iterable[SheetCell]:
    """A merged range is one cell with its spans, and what it covers is left out."""
    spans: dict[tuple[int, int], tuple[int, int]] = {}
    covered: set[tuple[int, int]] = set()
    filled = {cell[:2] for cell in cells}
    for top, bottom, left, right in merges:
        # a merge of whole columns is formatting, not a value that spans a million rows
        height, width = min(bottom, last) - top + 1, min(right, left + MAX_COLUMNS) - left + 1
        if height < 1 or width < 1 or height * width > _MAX_MERGED or (top, left) not in filled:
            continue
        if len(covered) + height * width > MAX_CELLS:
            break
        spans[top, left] = (height, width)
        covered |= {(top + r, left + c) for r in range(height) for c in range(width)}
    for cell in cells:
        at = cell[:2]
        if at in spans:
            yield cell._replace(row_span=spans[at][0], col_span=spans[at][1])
        elif at not in covered:
            yield cell


class Styles:
    """Formats by the number that a cell names."""

    def __init__(self, codes: Sequence[str], *, from_1904: bool = False) -> None:
        if len(codes) > MAX_STYLES:
            raise over(f"{len(codes)} cell styles, at most {MAX_STYLES}", where="the workbook's styles")
        self._codes = codes
        self._formats: dict[int, NumberFormat] = {}
        self._from_1904 = from_1904
        self._general = number_format("General")

    def number(self, value: float, style: int) -> tuple[str, str]:
        """What a number displays, and its typed value."""
        return self.format(style).both(value, from_1904=self._from_1904)

    def moment(self, given: str, style: int) -> tuple[str, str]:
        """What an ISO date or time displays, and its typed value; with a format that is for numbers, it stays as given.

        A text that is no date is a text.
        """
        days = serial(given, from_1904=self._from_1904)
        if days is None:
            return given, ""
        shape = self.format(style)
        if shape.kind(days) != "number":
            return shape.both(days, from_1904=self._from_1904)
        typed = given.removesuffix("Z").removesuffix(".000").removesuffix("T00:00:00")
        return typed.replace("T", " "), typed

    def text(self, value: str, style: int) -> str:
        """What a text displays."""
        shape = self.format(style)
        return value if shape.text is None else shape.show_text(value)

    def format(self, style: int) -> NumberFormat:
        """The format of a style; General for one that the workbook does not define."""
        known = self._formats.get(style)
        if known is None:
            known = number_format(self._codes[style]) if 0 <= style < len(self._codes) else self._general
            self._formats[style] = known
        return known


def boolean(value: object) -> tuple[str, str]:
    """What a truth value displays, and its typed value."""
    return ("TRUE", "true") if value else ("FALSE", "false")


@lru_cache(maxsize=MAX_COLUMNS)
def letters(col: int) -> str:
    """``A`` for column 0, ``AA`` for column 26."""
    out, n = "", col + 1
    while n:
        n, rest = divmod(n - 1, 26)
        out = chr(65 + rest) + out
    return out


@lru_cache(maxsize=MAX_COLUMNS)
def column(name: str) -> int:
    """The inverse of :func:`letters`; -1 for what is no column."""
    n = 0
    for sign in name:
        if not "A" <= sign <= "Z":
            return -1
        n = n * 26 + ord(sign) - 64
    return n - 1 if n <= MAX_COLUMNS else -1


#: Codes of error values in the binary formats.
ERRORS = {
    0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A",
    0x2B: "#GETTING_DATA",
}  # fmt: skip
ERROR_TEXTS = frozenset(ERRORS.values()) | {"#SPILL!", "#CALC!", "#FIELD!", "#BLOCKED!", "#UNKNOWN!", "#CONNECT!"}
