"""Markdown to ``ir/v1``: front matter, headings, lists, code, quotes and pipe tables; places are lines."""

from __future__ import annotations

import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from locus_dbt.errors import InputError
from locus_dbt.model.document import Document
from locus_dbt.model.element import BlockKind, Parsed
from locus_dbt.parsers.cells import CellColumns, Flow
from locus_dbt.parsers.decoding import decode_document
from locus_dbt.parsers.html import read_html
from locus_dbt.parsers.limits import MAX_COLUMNS, over
from locus_dbt.parsers.markdown_text import LinkNames, link_names, plain, unquoted
from locus_dbt.parsers.records import Leaf, Many, Node, Record, append_records
from locus_dbt.parsers.yaml_records import yaml_nodes

_HEADING = re.compile(r" {0,3}(#{1,6})(?:[ \t]+(.*?))?(?:[ \t]+#+)?[ \t]*$")
_SETEXT = re.compile(r" {0,3}(=+|-+)[ \t]*$")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_ITEM = re.compile(r"(\s{0,40})([-*+]|\d{1,9}[.)])(?:[ \t]+(.*))?$")
_CODE = re.compile(r"(?: {4}|\t)\s*\S")
_DEFINED = re.compile(r" {0,3}:[ \t]+(.*)$")
_FOOTNOTE = re.compile(r" {0,3}\[\^([^\]\s]{1,100})\]:[ \t]*(.*)$")
_COMMENT = re.compile(r" {0,3}<!--")
_RULE = re.compile(r" {0,3}(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,})$")
_DELIMITER = re.compile(r"\s*:?-+:?\s*")
_HTML = re.compile(r" {0,3}<(table|div|p|ul|ol|dl|h[1-6]|details|section|figure|pre|center)\b", re.IGNORECASE)
_PICTURE = re.compile(r"!\[([^\]]{0,500})\]\([^)\s]{0,2000}(?:\s[^)]{0,500})?\)")
#: A front matter or an HTML block is looked for the end of in this many lines.
_MOST_LINES = 5000


def parse(document: Document) -> Parsed:
    """Parse a Markdown document."""
    decoded = decode_document(document)
    flow = Flow()
    lines = re.split(r"\r\n|\n|\r", decoded.text.replace("\0", ""))
    names, targets = link_names(lines)
    lines, quotes = unquoted(lines)
    reader = _Reader(lines, flow, document.filename, names=names, skipped=targets, breaks=quotes | targets)
    reader.read()
    metadata = {"encoding": decoded.encoding} | reader.metadata
    return Parsed(document.media_type, (flow.page(),), tuple(flow.tables), metadata=metadata, repairs=decoded.repairs)


class _Reader:
    """Goes through the lines once; each kind of block takes its lines and moves ``at`` behind them."""

    def __init__(
        self,
        lines: Sequence[str],
        flow: Flow,
        filename: str,
        *,
        names: LinkNames,
        skipped: AbstractSet[int],
        breaks: AbstractSet[int],
    ) -> None:
        self.metadata: dict[str, str] = {}
        self._names = names
        self._skipped = skipped
        self._breaks = breaks
        self._indents: list[int] = []
        self._lines = lines
        self._flow = flow
        self._filename = filename
        self._at = 0

    def read(self) -> None:
        """Append every block."""
        self._front_matter()
        while self._at < len(self._lines):
            line = self._lines[self._at]
            if not line.strip() or _RULE.match(line[:200]) or self._at in self._skipped:
                self._at += 1
                continue
            if self._indents and not line[0].isspace() and not _ITEM.match(line):
                self._indents = []
            self._next_block(line)

    def _next_block(self, line: str) -> None:
        """The block that begins with ``line``, on which ``at`` stands."""
        if fence := _FENCE.match(line):
            self._code(fence[1], line[fence.end() :].strip())
        elif heading := _HEADING.match(line[:2000]):
            self._block("heading", self._plain(heading[2] or ""), self._at, level=len(heading[1]))
            self._at += 1
        elif self._begins_table():
            self._table()
        elif html := _HTML.match(line[:100]):
            self._html(html[1].lower())
        elif item := _ITEM.match(line):
            self._item(item)
        else:
            self._rest(line)

    def _rest(self, line: str) -> None:
        if _COMMENT.match(line):
            self._comment()
        elif note := _FOOTNOTE.match(line):
            self._footnote(note)
        elif not self._indents and _CODE.match(line):
            self._indented_code()
        else:
            self._paragraph()

    def _front_matter(self) -> None:
        """The YAML above the text: its values are metadata, and key-values of the text."""
        if not self._lines or self._lines[0].rstrip() != "---":
            return
        ends = (i for i, x in enumerate(self._lines[1:_MOST_LINES], 1) if x.rstrip() in ("---", "..."))
        stop = next(ends, None)
        if stop is None:
            return
        text = "\n".join(self._lines[1:stop])
        try:
            roots = yaml_nodes(text, filename=self._filename, first_line=2)
        except InputError:
            roots = []
        if len(roots) == 1 and isinstance(roots[0], Record):
            for key, node in roots[0].members:
                self._front_member(key, node)
        else:
            self._block("code", text, 0)
        self._at = stop + 1

    def _front_member(self, key: str, node: Node) -> None:
        items = node.items if isinstance(node, Many) else (node,)
        if not all(isinstance(item, Leaf) for item in items):
            append_records(Record(((key, node),), node.place), self._flow)
            return
        text = "; ".join(item.text for item in items if isinstance(item, Leaf) and item.text is not None)
        if text:
            self.metadata.setdefault(key, text)
            self._flow.block("key_value", f"{key}: {text}", place=node.place, label=key)

    def _plain(self, text: str) -> str:
        return plain(text, self._names)

    def _block(self, kind: BlockKind, text: str, at: int, *, level: int = 0, label: str = "") -> None:
        self._flow.block(kind, text, place=f"line {at + 1}", level=level, label=label)

    def _comment(self) -> None:
        while self._at < len(self._lines) and "-->" not in self._lines[self._at]:
            self._at += 1
        self._at += 1

    def _indented_code(self) -> None:
        start, texts = self._at, []
        while self._at < len(self._lines) and (_CODE.match(self._lines[self._at]) or not self._lines[self._at].strip()):
            texts.append(re.sub(r"^(?: {4}|\t)", "", self._lines[self._at]))
            self._at += 1
        self._block("code", "\n".join(texts).rstrip(), start)

    def _footnote(self, note: re.Match[str]) -> None:
        start, texts = self._at, [note[2]]
        self._at += 1
        while self._continues(list_item=True) and not _FOOTNOTE.match(self._lines[self._at]):
            texts.append(self._lines[self._at].strip())
            self._at += 1
        self._block("footnote", self._plain(" ".join(texts)), start, label=note[1])

    def _code(self, fence: str, language: str) -> None:
        start, stop = self._at, self._at + 1
        while stop < len(self._lines) and not self._lines[stop].strip().startswith(fence):
            stop += 1
        self._block("code", "\n".join(self._lines[start + 1 : stop]), start, label=language.split(" ", 1)[0])
        self._at = stop + 1

    def _item(self, item: re.Match[str]) -> None:
        start, indent = self._at, len(item[1].expandtabs(4))
        # an item that begins right of its list's mark is one of a list inside
        while self._indents and indent < self._indents[-1]:
            self._indents.pop()
        if not self._indents or indent > self._indents[-1] + 1:
            self._indents.append(indent)
        texts = [item[3] or ""]
        self._at += 1
        while self._continues(list_item=True):
            texts.append(self._lines[self._at].strip())
            self._at += 1
        mark = item[2] if item[2][0].isdigit() else "•"
        self._block("list", self._plain(" ".join(texts)), start, level=len(self._indents), label=mark)

    def _paragraph(self) -> None:
        start = self._at
        texts = [self._lines[start].strip()]
        self._at += 1
        if self._at < len(self._lines) and (defined := _DEFINED.match(self._lines[self._at])):
            term = self._plain(texts[0])
            self._block("key_value", f"{term}: {self._plain(defined[1])}", start, label=term)
            self._at += 1
            return
        while self._continues(list_item=False):
            line = self._lines[self._at]
            if under := _SETEXT.match(line[:2000]):
                self._block("heading", self._plain(" ".join(texts)), start, level=1 if under[1][0] == "=" else 2)
                self._at += 1
                return
            texts.append(line.strip())
            self._at += 1
        joined = " ".join(texts)
        for picture in _PICTURE.finditer(joined):
            self._flow.block("picture", picture[1], place=f"line {start + 1}")
        self._block("paragraph", self._plain(joined), start)

    def _continues(self, *, list_item: bool) -> bool:
        if self._at >= len(self._lines) or self._at in self._breaks:
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
                    cells.add(self._plain(text), row, col, place=f"line {self._at + 1}", is_header=row == 0)
                row += 1
            self._at += 1
            if self._at < len(self._lines) and self._at > start + 1 and "|" not in self._lines[self._at]:
                break
        self._flow.table(cells)

    def _html(self, tag: str) -> None:
        """Lines up to a blank one; a table to its end, whatever blank lines stand in it."""
        start = self._at
        if tag == "table":
            ends = range(start, min(start + _MOST_LINES, len(self._lines)))
            self._at = next((i for i in ends if "</table" in self._lines[i].lower()), start)
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
