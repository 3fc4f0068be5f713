"""reStructuredText documents to ``ir/v1``: sections, lists, tables, directives' content; places are lines."""

from __future__ import annotations

import csv
import re

from locus_dbt.model.document import Document
from locus_dbt.model.element import Parsed
from locus_dbt.parsers.cells import CellColumns
from locus_dbt.parsers.limits import MAX_COLUMNS, over
from locus_dbt.parsers.markup.lines import Lines, dedented, indent_of
from locus_dbt.parsers.markup.rst_table import (
    GRID_TOP,
    SIMPLE_RULE,
    grid_cells,
    grid_height,
    simple_cells,
    simple_height,
)

_ADORNMENT = re.compile(r"^([!-/:-@\[-`{-~])\1{1,}$")
_DIRECTIVE = re.compile(r"^\.\. (?:\|[^|]{1,200}\| )?([A-Za-z][\w:+.-]{0,60})::(?:\s+(.*))?$")
_TARGET = re.compile(r"^(?:\.\. _|__ )")
_FOOTNOTE = re.compile(r"^\.\. \[(#?\w{0,60}|\*)\]\s+(.*)$")
_FIELD = re.compile(r"^:([^:\n]{1,100}):(?:\s+(.*))?$")
_ITEM = re.compile(r"^( {0,80})(?:([-*+•‣])|(\(?(?:\d{1,9}|#|[A-Za-z]|[ivxlcIVXLC]{1,9})[.)])) +(.*)$")
_CODE = ("code", "code-block", "sourcecode", "parsed-literal", "math", "highlight", "doctest", "graphviz", "prompt")
_PICTURES = ("image", "figure")
_SILENT = (
    "include",
    "raw",
    "contents",
    "toctree",
    "index",
    "meta",
    "default-role",
    "role",
    "sectnum",
    "class",
    "replace",
)
_META = {"author": "author", "date": "created", "language": "language"}


def parse(document: Document) -> Parsed:
    """Parse a reStructuredText document."""
    lines = Lines(document)
    reader = _Reader(lines)
    reader.read()
    return Parsed(
        document.media_type, (lines.flow.page(),), tuple(lines.flow.tables), metadata=lines.metadata,
        warnings=tuple(reader.warnings),
    )  # fmt: skip


class _Reader:
    """Each kind of block takes its lines and moves behind them."""

    def __init__(self, lines: Lines) -> None:
        self._lines = lines
        self._levels: list[str] = []
        self._title = ""
        self.warnings: list[str] = []

    def read(self) -> None:
        """Append every block."""
        lines = self._lines
        while lines.more:
            line = lines.line
            stripped = line.strip()
            if not stripped:
                lines.at += 1
            elif GRID_TOP.match(line[:4000]):
                self._grid()
            elif (SIMPLE_RULE.match(line[:4000]) and self._simple()) or self._section():
                continue
            elif stripped.startswith("..") and (stripped == ".." or stripped[2:3] == " "):
                self._explicit()
            elif _TARGET.match(stripped):
                lines.at += 1
            elif stripped == "::":
                lines.at += 1
                self._literal(indent_of(line))
            elif field := _FIELD.match(stripped[:2000]):
                self._field(field[1], field[2] or "")
            elif _ITEM.match(line[:300]):
                self._item()
            else:
                self._paragraph()

    def _section(self) -> bool:
        """A title with a line of signs below it, and maybe above it as well."""
        lines = self._lines
        first, second, third = lines.line, lines.ahead(1), lines.ahead(2)
        if _ADORNMENT.match(first[:2000]):
            if second.strip() and third == first:
                self._head(second.strip(), first[0] * 2, lines.at + 1)
                lines.at += 3
            else:
                lines.at += 1  # a line between two paragraphs
            return True
        if first[:1] not in ("", " ") and _ADORNMENT.match(second[:2000]) and len(second) >= min(len(first), 4):
            self._head(first.strip(), second[0], lines.at)
            lines.at += 2
            return True
        return False

    def _head(self, text: str, style: str, line: int) -> None:
        if style not in self._levels:
            self._levels.append(style)
        self._lines.put("heading", plain(text), line, level=self._levels.index(style) + 1)

    def _grid(self) -> None:
        lines = self._lines
        start, height = lines.at, grid_height(lines.all, lines.at)
        lines.at += max(height, 1)
        if height < 3:
            lines.put("paragraph", lines.all[start].strip(), start)
            return
        self._table(grid_cells(dedented(lines.all[start : start + height]), start + 1))

    def _simple(self) -> bool:
        lines = self._lines
        if len(lines.line.split()) < 2 and not _is_boxed(lines):
            return False
        start, height = lines.at, simple_height(lines.all, lines.at)
        if height < 3:
            return False
        lines.at += height
        self._table(simple_cells(dedented(lines.all[start : start + height]), start + 1))
        return True

    def _table(self, cells: CellColumns) -> None:
        shown = CellColumns()
        table = cells.table(0)
        for i, text in enumerate(table.text):
            shown.add(
                plain(text), int(table.row[i]), int(table.col[i]), place=table.place[i],
                row_span=int(table.row_span[i]), col_span=int(table.col_span[i]), is_header=bool(table.is_header[i]),
            )  # fmt: skip
        self._lines.flow.table(shown, title=self._title)
        self._title = ""

    def _explicit(self) -> None:
        """Directives, footnotes, targets and comments."""
        lines = self._lines
        start, line = lines.at, lines.line
        depth = indent_of(line)
        stripped = line.strip()
        directive = _DIRECTIVE.match(stripped[:2000])
        if directive is not None:
            self._directive(directive[1].lower(), directive[2] or "", depth)
            return
        lines.at += 1
        inside = lines.take_while(lambda one: not one.strip() or indent_of(one) > depth)
        note = _FOOTNOTE.match(stripped)
        if note is not None:
            text = " ".join([note[2], *(one.strip() for one in inside)])
            lines.put("footnote", plain(text), start, label=note[1])

    def _directive(self, name: str, argument: str, depth: int) -> None:
        lines = self._lines
        start = lines.at
        lines.at += 1
        options = lines.take_while(lambda one: bool(_FIELD.match(one.strip())) and indent_of(one) > depth)
        given = {m[1]: m[2] or "" for one in options if (m := _FIELD.match(one.strip()))}
        if name in _PICTURES:
            lines.put("picture", given.get("alt", ""), start)
        elif name in ("table", "list-table", "csv-table"):
            self._title = plain(argument)
            if name != "table":
                self._data_table(name, given, depth)
            return
        elif name in _CODE or name in _SILENT:
            inside = lines.take_while(lambda one: not one.strip() or indent_of(one) > depth)
            if name in _CODE:
                lines.put("code", "\n".join(dedented(inside)).strip("\n"), start)
            elif name in ("include", "raw"):
                self.warnings.append(f"line {start + 1}: what '{name}' puts in is not read")
            return
        elif argument:
            lines.put("paragraph", plain(argument), start)
        # the content, indented, is read like any text

    def _data_table(self, name: str, given: dict[str, str], depth: int) -> None:
        lines = self._lines
        lines.skip_blank()
        start = lines.at
        inside = lines.take_while(lambda one: not one.strip() or indent_of(one) > depth)
        headers = given.get("header-rows", "0")
        n_headers = int(headers) if headers.isascii() and headers.isdigit() and len(headers) < 4 else 0
        rows = _csv_rows(inside, start) if name == "csv-table" else _list_rows(inside, start)
        if name == "csv-table" and given.get("header"):
            rows = [(start, next(csv.reader([given["header"]], skipinitialspace=True))), *rows]
            n_headers = 1
        cells = CellColumns()
        for number, (line, texts) in enumerate(rows):
            if len(texts) > MAX_COLUMNS:
                raise over(f"{len(texts)} columns, at most {MAX_COLUMNS}", where=f"line {line + 1}")
            for col, text in enumerate(texts):
                cells.add(text.strip(), number, col, place=f"line {line + 1}", is_header=number < n_headers)
        self._table(cells)

    def _field(self, name: str, value: str) -> None:
        lines = self._lines
        start = lines.at
        depth = indent_of(lines.line)
        lines.at += 1
        more = lines.take_while(lambda one: bool(one.strip()) and indent_of(one) > depth)
        text = " ".join(filter(None, [value, *(one.strip() for one in more)]))
        if name.lower() in _META and not lines.flow.blocks:
            lines.metadata[_META[name.lower()]] = text
        lines.put("key_value", plain(text), start, label=name)

    def _item(self) -> None:
        lines = self._lines
        start = lines.at
        match = _ITEM.match(lines.line)
        depth, label, first = (len(match[1]), match[3] or "", match[4]) if match else (0, "", lines.line)
        lines.at += 1
        more = lines.take_while(lambda one: bool(one.strip()) and indent_of(one) > depth and not _ITEM.match(one[:300]))
        text = " ".join([first, *(one.strip() for one in more)])
        lines.put("list", plain(text), start, level=depth // 2 + 1, label=label)
        if text.endswith("::"):
            self._literal(depth)

    def _paragraph(self) -> None:
        lines = self._lines
        start = lines.at
        depth = indent_of(lines.line)
        lines.at += 1
        texts = [lines.all[start].strip()]
        texts += [one.strip() for one in lines.take_while(lambda one: bool(one.strip()) and indent_of(one) >= depth)]
        text = " ".join(texts)
        literal = text.endswith("::")
        if literal:
            text = text[:-1] if not text.endswith(" ::") and text != "::" else text[:-2]
        lines.put("paragraph", plain(text), start)
        if literal:
            self._literal(depth)

    def _literal(self, depth: int) -> None:
        """An indented block as it stands, behind a paragraph that announces one."""
        lines = self._lines
        lines.skip_blank()
        start = lines.at
        inside = lines.take_while(lambda one: not one.strip() or indent_of(one) > depth)
        lines.put("code", "\n".join(dedented(inside)).strip("\n"), start)


def _is_boxed(lines: Lines) -> bool:
    """Whether a single rule opens a table of one column rather than a title: a title's lines are three."""
    return False if lines.ahead(2).strip() == lines.line.strip() else simple_height(lines.all, lines.at) > 3


def _csv_rows(inside: list[str], start: int) -> list[tuple[int, list[str]]]:
    rows: list[tuple[int, list[str]]] = []
    for i, line in enumerate(inside):
        if line.strip():
            try:
                rows.append((start + i, next(csv.reader([line.strip()], skipinitialspace=True))))
            except csv.Error:
                rows.append((start + i, [line.strip()]))
    return rows


def _list_rows(inside: list[str], start: int) -> list[tuple[int, list[str]]]:
    """Rows of a list of lists: ``* - a`` begins one, ``- b`` adds a cell to it."""
    rows: list[tuple[int, list[str]]] = []
    for i, line in enumerate(inside):
        text = line.strip()
        if match := re.match(r"^\* +-(?: +(.*))?$", text):
            rows.append((start + i, [match[1] or ""]))
        elif rows and (match := re.match(r"^-(?: +(.*))?$", text)):
            rows[-1][1].append(match[1] or "")
        elif rows and text:
            rows[-1][1][-1] = f"{rows[-1][1][-1]} {text}".strip()
    return rows


def plain(text: str) -> str:
    """Text without roles, link targets and emphasis marks."""
    if len(text) > 200_000:
        return text.strip()
    text = re.sub(r"``([^\n]{1,1000}?)``", r"\1", text)
    text = re.sub(r"(?::[\w:+.-]{1,60}:)?`([^`<>\n]{1,500}?)\s*<[^<>`\n]{1,1000}>`_{0,2}", r"\1", text)
    text = re.sub(r"(?::[\w:+.-]{1,60}:)?`([^`\n]{1,1000})`_{0,2}", r"\1", text)
    text = re.sub(r"(?<![\w*])(\*\*|\*)(?=\S)([^*\n]{1,1000}?)(?<=\S)\1(?![\w*])", r"\2", text)
    text = re.sub(r"\[(#?\w{1,60}|\*)\]_(?!\w)", "", text)
    return re.sub(r"\\(.)", r"\1", text).strip()
