"""Markdown to ``ir/v1``: headings, lists, code, quotes and pipe tables; places are lines."""

from __future__ import annotations

import re
from collections.abc import Sequence

from locus_dbt.model.document import Document
from locus_dbt.model.element import Parsed
from locus_dbt.parsers.cells import CellColumns, Flow
from locus_dbt.parsers.decoding import decode_document
from locus_dbt.parsers.html import read_html
from locus_dbt.parsers.limits import MAX_COLUMNS, over

_HEADING = re.compile(r" {0,3}(#{1,6})(?:[ \t]+(.*?))?(?:[ \t]+#+)?[ \t]*$")
_SETEXT = re.compile(r" {0,3}(=+|-+)[ \t]*$")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_ITEM = re.compile(r"\s{0,40}(?:[-*+]|(\d{1,9}[.)]))[ \t]+(.*)$")
_RULE = re.compile(r" {0,3}(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,})$")
_DELIMITER = re.compile(r"\s*:?-+:?\s*")
_MARKED = re.compile(r"[\[\]*_~`\\]")
_HTML = re.compile(r" {0,3}<(?:table|div|p|ul|ol|h[1-6]|details|section)\b", re.IGNORECASE)
_PICTURE = re.compile(r"!\[([^\]]{0,500})\]\([^)\s]{0,2000}(?:\s[^)]{0,500})?\)")
_LINK = re.compile(r"\[([^\[\]]{1,500})\]\(([^)\s]{0,2000})(?:\s[^)]{0,500})?\)")


def parse(document: Document) -> Parsed:
    """Parse a Markdown document."""
    decoded = decode_document(document)
    flow = Flow()
    reader = _Reader(re.split(r"\r\n|\n|\r", decoded.text.replace("\0", "")), flow, document.filename)
    reader.read()
    return Parsed(
        document.media_type,
        (flow.page(),),
        tuple(flow.tables),
        metadata={"encoding": decoded.encoding},
        repairs=decoded.repairs,
    )


class _Reader:
    """Goes through the lines once; each kind of block takes its lines and moves ``at`` behind them."""

    def __init__(self, lines: Sequence[str], flow: Flow, filename: str) -> None:
        self._lines = lines
        self._flow = flow
        self._filename = filename
        self._at = 0

    def read(self) -> None:
        """Append every block."""
        if self._lines and self._lines[0].strip() == "---" and "---" in (x.strip() for x in self._lines[1:200]):
            stop = next(i for i, x in enumerate(self._lines[1:], 1) if x.strip() == "---")
            self._block("code", "\n".join(self._lines[1:stop]), 0)
            self._at = stop + 1
        while self._at < len(self._lines):
            line = self._lines[self._at]
            if not line.strip() or _RULE.match(line[:200]):
                self._at += 1
            elif fence := _FENCE.match(line):
                self._code(fence[1])
            elif heading := _HEADING.match(line[:2000]):
                self._block("heading", plain(heading[2] or ""), self._at, level=len(heading[1]))
                self._at += 1
            elif self._begins_table():
                self._table()
            elif _HTML.match(line[:100]):
                self._html()
            elif _ITEM.match(line):
                self._item()
            else:
                self._paragraph()

    def _block(self, kind: str, text: str, at: int, *, level: int = 0) -> None:
        place = f"line {at + 1}"
        if kind == "heading":
            self._flow.block("heading", text, place=place, level=level)
        elif kind == "code":
            self._flow.block("code", text, place=place)
        elif kind == "list":
            self._flow.block("list", text, place=place)
        else:
            self._flow.block("paragraph", text, place=place)

    def _code(self, fence: str) -> None:
        start, stop = self._at, self._at + 1
        while stop < len(self._lines) and not self._lines[stop].strip().startswith(fence):
            stop += 1
        self._block("code", "\n".join(self._lines[start + 1 : stop]), start)
        self._at = stop + 1

    def _item(self) -> None:
        start = self._at
        match = _ITEM.match(self._lines[start])
        # a bullet is a mark, a number may be referred to: it stays in the text
        texts = [" ".join(filter(None, match.groups())) if match else ""]
        self._at += 1
        while self._continues(list_item=True):
            texts.append(self._lines[self._at].strip())
            self._at += 1
        self._block("list", plain(" ".join(texts)), start)

    def _paragraph(self) -> None:
        start = self._at
        texts = [self._lines[start].strip().lstrip(">").strip()]
        self._at += 1
        while self._continues(list_item=False):
            line = self._lines[self._at]
            if under := _SETEXT.match(line[:2000]):
                self._block("heading", plain(" ".join(texts)), start, level=1 if under[1][0] == "=" else 2)
                self._at += 1
                return
            texts.append(line.strip().lstrip(">").strip())
            self._at += 1
        joined = " ".join(texts)
        for picture in _PICTURE.finditer(joined):
            self._flow.block("picture", picture[1], place=f"line {start + 1}")
        self._block("paragraph", plain(joined), start)

    def _continues(self, *, list_item: bool) -> bool:
        if self._at >= len(self._lines):
            return False
        line = self._lines[self._at]
        if not line.strip() or _FENCE.match(line) or _HEADING.match(line[:2000]) or _ITEM.match(line):
            return False
        if list_item and _RULE.match(line[:200]):
            return False
        return not self._begins_table()

    def _begins_table(self) -> bool:
        """A line with bars above a line of dashes between bars, with as many fields."""
        if self._at + 1 >= len(self._lines) or "|" not in self._lines[self._at]:
            return False
        below = self._lines[self._at + 1]
        if "-" not in below or not all(c in "|:- \t" for c in below):
            return False
        marks = fields(below)
        return all(_DELIMITER.fullmatch(m) for m in marks) and len(marks) == len(fields(self._lines[self._at]))

    def _table(self) -> None:
        cells, row = CellColumns(), 0
        start = self._at
        while self._at < len(self._lines) and self._lines[self._at].strip():
            if self._at != start + 1:
                texts = fields(self._lines[self._at])
                if len(texts) > MAX_COLUMNS:
                    raise over(f"{len(texts)} columns, at most {MAX_COLUMNS}", where=self._filename)
                for col, text in enumerate(texts):
                    cells.add(plain(text), row, col, place=f"line {self._at + 1}", is_header=row == 0)
                row += 1
            self._at += 1
            if self._at < len(self._lines) and self._at > start + 1 and "|" not in self._lines[self._at]:
                break
        self._flow.table(cells)

    def _html(self) -> None:
        start = self._at
        while self._at < len(self._lines) and self._lines[self._at].strip():
            self._at += 1
        read_html(
            "\n".join(self._lines[start : self._at]),
            self._flow,
            filename=self._filename,
            place=f"line {start + 1}",
        )


def fields(line: str) -> list[str]:
    r"""The fields of a table line; ``\|`` is a bar in the text."""
    parts = [part.replace("\\|", "|").strip() for part in re.split(r"(?<!\\)\|", line.strip())]
    if parts and not parts[0]:
        parts = parts[1:]
    return parts[:-1] if parts and not parts[-1] else parts


def plain(text: str) -> str:
    """Text without link targets, pictures and emphasis marks."""
    if not _MARKED.search(text):
        return text.strip()
    out = _LINK.sub(r"\1", _PICTURE.sub("", text[:200_000])) + text[200_000:]
    out = re.sub(r"(?<!\w)(\*\*|__|~~)(?=\S)([^\n]{1,2000}?)(?<=\S)\1(?!\w)", r"\2", out)
    out = re.sub(r"(?<![\w*])([*_])(?=\S)([^*_\n]{1,1000}?)(?<=\S)\1(?![\w*])", r"\2", out)
    out = re.sub(r"`([^`\n]{1,1000})`", r"\1", out)
    return re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", out).strip()
