"""ODS: the displayed text stands beside the value, so no format is needed."""

from __future__ import annotations

import re
import zipfile

from locus_dbt.errors import InputError
from locus_dbt.parsers.limits import MAX_CELLS, MAX_COLUMNS, MAX_TEXT, over
from locus_dbt.parsers.number_format_digits import general, number_text
from locus_dbt.parsers.sheet_model import DECRYPT, MAX_ROWS, Sheet, room_beside
from locus_dbt.parsers.sheet_xlsx import XmlStream

_DURATION = re.compile(r"(-?)PT(?:(\d{1,7})H)?(?:(\d{1,7})M)?(?:(\d{1,9}(?:[.,]\d{1,9})?)S)?")
_NUMBERS = ("float", "percentage", "currency")
_NO_TEXT = frozenset(("annotation", "shapes", "tracked-changes", "forms", "dde-links"))


def read_ods(archive: zipfile.ZipFile, filename: str) -> list[Sheet]:
    """All sheets with their cells."""
    if "META-INF/manifest.xml" in archive.namelist():
        _Manifest().feed(archive, "META-INF/manifest.xml", filename)
    reader = _Content()
    reader.feed(archive, "content.xml", filename)
    return reader.sheets


class _Manifest(XmlStream):
    def start(self, tag: str, attributes: dict[str, str]) -> None:  # noqa: ARG002
        if self.local(tag) == "encryption-data":
            raise InputError("the workbook is encrypted", code="E202", fix=DECRYPT)


class _Content(XmlStream):
    """Sheets, rows and cells; repeated blank ones cost nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.sheets: list[Sheet] = []
        self._hidden_styles: set[str] = set()
        self._style = ""
        self._row = self._col = self._column = 0
        self._times = 1
        self._line: list[tuple[int, int, str, str]] = []
        self._spans: list[tuple[int, int, int]] = []
        self._cell: dict[str, str] | None = None
        self._covered = False
        self._lines: list[str] = []
        self._off = 0
        self._total = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = self.local(tag)
        if self._off or name in _NO_TEXT:
            self._off += 1
            self.characters(None)
        elif name == "table":
            self._begin_sheet(attributes)
        elif name == "style":
            self._style = attributes.get("style:name", "")
        elif name == "table-properties" and attributes.get("table:display") == "false":
            self._hidden_styles.add(self._style)
        elif name == "table-column":
            self._begin_column(attributes)
        elif name == "table-row":
            self._col, self._line, self._spans = 0, [], []
            self._times = _count(attributes, "table:number-rows-repeated", MAX_ROWS)
            hidden = attributes.get("table:visibility") in ("collapse", "filter")
            if hidden and self.sheets and self._times < MAX_ROWS // 2:
                self.sheets[-1].hide_rows(self._row, self._row + self._times - 1)
        elif name in ("table-cell", "covered-table-cell"):
            self._cell, self._covered, self._lines = attributes, name[0] == "c", []
        elif self._cell is not None:
            self._inline(name, attributes)

    def _inline(self, name: str, attributes: dict[str, str]) -> None:
        if name == "p":
            self._lines.append("")
            self.characters(self._text)
        elif name == "s" and self._lines:
            self._text(" " * _count(attributes, "text:c", 1000))
        elif name in ("tab", "line-break") and self._lines:
            self._text("\t" if name == "tab" else "\n")

    def _text(self, text: str) -> None:
        self._lines[-1] += text
        self._total += len(text)
        if self._total > MAX_TEXT:
            raise over(f"more than {MAX_TEXT} characters", where="content.xml")

    def end(self, tag: str) -> None:
        name = self.local(tag)
        if self._off:
            self._off -= 1
            if not self._off and self._lines and self._cell is not None:
                self.characters(self._text)
        elif name == "p":
            self.characters(None)
        elif name in ("table-cell", "covered-table-cell"):
            self._end_cell()
        elif name == "table-row":
            self._end_row()

    def _begin_sheet(self, attributes: dict[str, str]) -> None:
        index = len(self.sheets)
        name = attributes.get("table:name") or f"Sheet{index + 1}"
        hidden = attributes.get("table:style-name", "") in self._hidden_styles
        self.sheets.append(Sheet(name, index, hidden=hidden, room=room_beside(self.sheets)))
        self._row = self._column = 0

    def _begin_column(self, attributes: dict[str, str]) -> None:
        times = _count(attributes, "table:number-columns-repeated", MAX_COLUMNS)
        hidden = attributes.get("table:visibility") in ("collapse", "filter")
        if hidden and self.sheets and len(self.sheets[-1].hidden_cols) < MAX_COLUMNS:
            self.sheets[-1].hidden_cols.append((self._column, self._column + times - 1))
        self._column += times

    def _end_cell(self) -> None:
        attributes, self._cell = self._cell or {}, None
        times = _count(attributes, "table:number-columns-repeated", MAX_COLUMNS)
        text, typed = _value(attributes, "\n".join(self._lines))
        if text.strip() or typed:
            if len(self._line) + times > MAX_COLUMNS:
                raise over(f"more than {MAX_COLUMNS} columns", where="content.xml")
            if not self._covered:
                self._line += [(self._col + i, 0, text, typed) for i in range(times)]
            down = _count(attributes, "table:number-rows-spanned", MAX_ROWS)
            across = _count(attributes, "table:number-columns-spanned", MAX_COLUMNS)
            if down * across > 1:
                self._spans.append((self._col, down, across))
        self._col += times
        self._lines = []

    def _end_row(self) -> None:
        if self._line and self.sheets:
            if self._times * len(self._line) > MAX_CELLS:
                raise over(f"more than {MAX_CELLS} cells", where=f"sheet '{self.sheets[-1].name}'")
            for row in range(self._row, self._row + self._times):
                for col, _, text, typed in self._line:
                    self.sheets[-1].add(row, col, text, typed)
            for col, down, across in self._spans:
                self.sheets[-1].merges.append((self._row, self._row + down - 1, col, col + across - 1))
        self._row += self._times


def _count(attributes: dict[str, str], name: str, most: int) -> int:
    given = attributes.get(name, "")
    return min(max(int(given), 1), most) if given.isascii() and given.isdigit() and len(given) <= 9 else 1


def _value(attributes: dict[str, str], text: str) -> tuple[str, str]:
    """Displayed text and typed value; the text is made up from the value where the file has none."""
    kind = attributes.get("office:value-type") or attributes.get("calcext:value-type") or ""
    if kind in _NUMBERS:
        try:
            value = float(attributes.get("office:value", ""))
        except ValueError:
            return text, ""
        return text or general(value), number_text(value)
    if kind == "date":
        given = attributes.get("office:date-value", "")
        return text or given, given
    if kind == "time":
        typed = _time(attributes.get("office:time-value", ""))
        return text or typed, typed
    if kind == "boolean":
        typed = attributes.get("office:boolean-value", "")
        return text or typed.upper(), typed
    return text or attributes.get("office:string-value", ""), ""


def _time(given: str) -> str:
    """``PT07H30M00S`` as a time of day, or as a number of days where it is a day or more."""
    found = _DURATION.fullmatch(given)
    if found is None:
        return ""
    seconds = int(found[2] or 0) * 3600 + int(found[3] or 0) * 60 + float((found[4] or "0").replace(",", "."))
    if found[1] or seconds >= 86_400:
        return number_text((-1 if found[1] else 1) * seconds / 86_400)
    whole = int(seconds)
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}"
