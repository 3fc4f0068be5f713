"""Org documents to ``ir/v1``: headings, lists, tables, blocks of code; places are lines."""

from __future__ import annotations

import re

from locus_dbt.model.document import Document
from locus_dbt.model.element import Parsed
from locus_dbt.parsers.cells import CellColumns
from locus_dbt.parsers.limits import MAX_COLUMNS, over
from locus_dbt.parsers.markup.lines import Lines, dedented, indent_of

_HEADING = re.compile(r"^(\*+) +(.*)$")
_KEYWORD = re.compile(r"^ {0,20}#\+([A-Za-z_]{1,40}):\s*(.*)$")
_BEGIN = re.compile(r"^ {0,40}#\+begin_(\w{1,40})", re.IGNORECASE)
_ITEM = re.compile(r"^( {0,80})(?:([-+]|\*(?<! \*))|(\w{1,9}[.)])) +(.*)$")
_DRAWER = re.compile(r"^ {0,40}:([\w-]{1,40}):\s*(.*)$")
_TAGS = re.compile(r"\s+:[\w@:]{1,200}:\s*$")
_CODE = ("src", "example", "export", "comment")
_META = {"title": "title", "author": "author", "date": "created", "language": "language"}
_PICTURE = re.compile(r"\.(?:png|jpe?g|gif|svg|webp)$", re.IGNORECASE)


def parse(document: Document) -> Parsed:
    """Parse an Org document."""
    lines = Lines(document)
    _Reader(lines).read()
    return Parsed(document.media_type, (lines.flow.page(),), tuple(lines.flow.tables), metadata=lines.metadata)


class _Reader:
    """Each kind of block takes its lines and moves behind them."""

    def __init__(self, lines: Lines) -> None:
        self._lines = lines
        self._caption = ""

    def read(self) -> None:
        """Append every block."""
        lines = self._lines
        while lines.more:
            line = lines.line
            if not line.strip() or line.lstrip().startswith("# "):
                lines.at += 1
            elif heading := _HEADING.match(line[:2000]):
                lines.put("heading", plain(_TAGS.sub("", heading[2])), lines.at, level=len(heading[1]))
                lines.at += 1
            elif begin := _BEGIN.match(line[:100]):
                self._block(begin[1].lower())
            elif keyword := _KEYWORD.match(line):
                self._keyword(keyword[1].lower(), keyword[2])
            elif line.lstrip().startswith("|"):
                self._table()
            elif drawer := _DRAWER.match(line[:300]):
                self._drawer(drawer[1], drawer[2])
            elif _ITEM.match(line[:200]):
                self._item()
            else:
                self._paragraph()

    def _keyword(self, name: str, value: str) -> None:
        lines = self._lines
        if name == "title":
            lines.put("heading", plain(value), lines.at, level=1)
        if name in _META and value:
            lines.metadata[_META[name]] = value
        if name == "caption":
            self._caption = plain(value)
        lines.at += 1

    def _drawer(self, name: str, value: str) -> None:
        lines = self._lines
        if value and name.lower() != "end":
            lines.put("key_value", value, lines.at, label=name)
        lines.at += 1

    def _block(self, name: str) -> None:
        lines = self._lines
        start = lines.at
        lines.at += 1
        end = f"#+end_{name}"
        inside = lines.take_while(lambda line: line.strip().lower() != end)
        lines.at += 1
        if name == "comment":
            return
        if name in _CODE:
            lines.put("code", "\n".join(dedented(inside)), start)
        else:
            lines.put("paragraph", plain(" ".join(line.strip() for line in inside)), start)

    def _table(self) -> None:
        """Rows between bars; a rule below the first rows makes them the header."""
        lines = self._lines
        start = lines.at
        order = lines.flow.next_order()
        rows = lines.take_while(lambda line: line.lstrip().startswith("|"))
        rule = next((i for i, row in enumerate(rows) if _is_rule(row) and i), 0)
        cells, number = CellColumns(), 0
        header = rule if any(not _is_rule(row) for row in rows[rule + 1 :]) else 0
        for i, row in enumerate(rows):
            if _is_rule(row):
                continue
            texts = [part.strip() for part in row.strip().strip("|").split("|")]
            if len(texts) > MAX_COLUMNS:
                raise over(f"{len(texts)} columns, at most {MAX_COLUMNS}", where=f"line {start + i + 1}")
            for col, text in enumerate(texts):
                cells.add(plain(text), number, col, place=f"line {start + i + 1}", is_header=i < header)
            number += 1
        lines.flow.table(cells, title=self._caption, order=order)
        self._caption = ""
        lines.take_while(lambda line: line.lstrip().lower().startswith("#+tblfm"))

    def _item(self) -> None:
        lines = self._lines
        start = lines.at
        match = _ITEM.match(lines.line)
        depth = len(match[1]) if match else 0
        texts = [match[4] if match else lines.line]
        lines.at += 1
        texts += [
            line.strip()
            for line in lines.take_while(
                lambda line: bool(line.strip()) and indent_of(line) > depth and not _starts_block(line)
            )
        ]
        label = (match[3] or "") if match else ""
        lines.put("list", plain(" ".join(texts)), start, level=depth // 2 + 1, label=label)

    def _paragraph(self) -> None:
        lines = self._lines
        start = lines.at
        lines.at += 1
        texts = [lines.all[start]]
        texts += lines.take_while(lambda line: bool(line.strip()) and not _starts_block(line))
        text = " ".join(line.strip() for line in texts)
        if text.startswith("[[") and text.endswith("]]") and _PICTURE.search(text.strip("[]").split("][")[0]):
            lines.put("picture", self._caption or plain(text), start)
            self._caption = ""
        else:
            lines.put("paragraph", plain(text), start)


def _is_rule(row: str) -> bool:
    return row.lstrip().startswith("|-")


def _starts_block(line: str) -> bool:
    return bool(
        line.lstrip().startswith(("|", "#+"))
        or _HEADING.match(line[:2000])
        or _ITEM.match(line[:200])
        or _DRAWER.match(line[:300])
    )


def plain(text: str) -> str:
    """Text without link targets and emphasis marks."""
    if len(text) > 200_000:
        return text.strip()
    text = re.sub(r"\[\[[^\[\]]{1,2000}\]\[([^\[\]]{1,2000})\]\]", r"\1", text)
    text = re.sub(r"\[\[([^\[\]]{1,2000})\]\]", r"\1", text)
    text = re.sub(r"(?<![\w*/_=~+])([*/_=~+])(?=\S)([^\n]{1,1000}?)(?<=\S)\1(?![\w*/_=~+])", r"\2", text)
    return text.strip()
