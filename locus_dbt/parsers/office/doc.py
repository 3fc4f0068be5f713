"""Binary Word documents (DOC, Word 6 to 2003) to ``ir/v1``.

Places are as in RTF: ``paragraph 12``, ``table 2 row 3 cell 1``, ``footnote 1``, ``comment 1``. Text comes by the piece
table (so fast-saved documents are read as they were last saved), fields as their results, lists with the numbers that
Word computes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from locus_dbt.model.document import Document
from locus_dbt.model.element import BlockKind, Parsed
from locus_dbt.parsers.cells import Flow
from locus_dbt.parsers.limits import over
from locus_dbt.parsers.office.doc_binary import ParagraphProperties, WordBinary, open_word
from locus_dbt.parsers.office.doc_lists import numbering
from locus_dbt.parsers.office.docx_styles import Numbering
from locus_dbt.parsers.office.embedded import embedded_file
from locus_dbt.parsers.office.ole import OleFile
from locus_dbt.parsers.office.package import Tally
from locus_dbt.parsers.office.rtf_table import OpenTable, RowShape

_MAX_NESTED = 20
_NO_LIST = 0x7FE
_ENDS = "\r\x07\x0c\x0e"
_SIGNS = {"\x0b": "\n", "\x1e": "\u2011", "\x1f": "", "\t": "\t", "\xa0": "\u00a0"}
_NOTES = (("footnote", 0xB2), ("endnote", 0x212), ("comment", 0xC2))
#: The parts of a section's margins: even, odd, first, in the order in which they are kept.
_MARGINS: tuple[BlockKind, ...] = ("header", "header", "footer", "footer", "header", "footer")


def parse(document: Document) -> Parsed:
    """Parse a binary Word document.

    Raises:
        InputError: E202 for an encrypted document, E203 for a damaged one, E205 for one older than Word 6.
    """
    ole = OleFile(document.data, filename=document.filename)
    word = open_word(ole, filename=document.filename)
    reader = _Reader(word, document.filename)
    reader.read()
    attachments = tuple(
        embedded_file(name.split("/")[-2], ole.read(name), media_type="application/octet-stream")
        for name in ole.names()
        if name.startswith("ObjectPool/") and name.endswith(("/Package", "/\x01Ole10Native", "/CONTENTS"))
    )
    return Parsed(
        document.media_type, (reader.flow.page(),), tuple(reader.flow.tables), attachments, ole.properties(),
        tuple(reader.tally.sentences()),
    )  # fmt: skip


@dataclass(slots=True)
class _Paragraph:
    text: str
    end: str
    properties: ParagraphProperties | None


@dataclass(slots=True)
class _Reader:
    word: WordBinary
    filename: str
    flow: Flow = field(default_factory=Flow)
    tally: Tally = field(default_factory=Tally)
    _tables: list[OpenTable] = field(default_factory=list)
    _numbering: Numbering = field(init=False)
    _paragraphs: int = 0
    _table_count: int = 0

    def __post_init__(self) -> None:
        known = self.word.is_97
        self._numbering = numbering(self.word.word, self.word.table if known else b"")

    def read(self) -> None:
        """Headers, body, notes and comments, text boxes, footers."""
        starts: dict[str, int] = {}
        at = 0
        for name, count in self.word.counts.items():
            starts[name] = at
            at += count
        margins = list(self._margins(starts["header"]))
        self._blocks("header", margins)
        self._body(0, self.word.counts["body"])
        authors = dict(enumerate(self.word.comment_authors(), 1))
        for kind, offset in _NOTES:
            for number, (start, stop) in enumerate(self._parts(offset, starts[kind], self.word.counts[kind]), 1):
                text = self._plain(start, stop)
                label = str(number) if kind != "comment" else authors.get(number, "")
                block: BlockKind = "comment" if kind == "comment" else "footnote"
                self.flow.block(block, text, place=f"{kind} {number}", label=label)
        for name in ("text box", "header text box"):
            text = self._plain(starts[name], starts[name] + self.word.counts[name])
            for number, line in enumerate(text.split("\n"), 1):
                self.flow.block("paragraph", line, place=f"{name} {number}")
        self._blocks("footer", margins)

    def _blocks(self, kind: BlockKind, margins: list[tuple[BlockKind, str]]) -> None:
        texts = dict.fromkeys(text for of, text in margins if of == kind)
        for number, text in enumerate(texts, 1):
            self.flow.block(kind, text, place=f"{kind} {number}")

    def _parts(self, offset: int, start: int, count: int) -> Iterator[tuple[int, int]]:
        """The characters of each note; the last position only ends the list."""
        positions = [p for p in self.word.positions(offset) if p <= count]
        if not positions and count:
            yield start, start + count
        for first, last in pairwise(positions):
            if first < last:
                yield start + first, start + last

    def _margins(self, start: int) -> Iterator[tuple[BlockKind, str]]:
        """Headers and footers by section; the first six parts only separate notes."""
        positions = [p for p in self.word.positions(0xF2) if p <= self.word.counts["header"]]
        count = self.word.counts["header"]
        if not positions and count and (text := self._plain(start, start + count)):
            yield "header", text  # old documents: which part is what stays open
        for i in range(6, len(positions) - 1):
            if positions[i] < positions[i + 1]:
                text = self._plain(start + positions[i], start + positions[i + 1])
                if text:
                    yield _MARGINS[i % 6], text

    def _plain(self, start: int, stop: int) -> str:
        """The lines of a range without tables' structure; a row's cells stand side by side."""
        lines: list[str] = []
        row: list[str] = []
        for paragraph in self._split(start, stop):
            text = paragraph.text.strip()
            if paragraph.end == "\x07":
                row.append(text)
                continue
            if row:
                lines.append("\t".join(row).strip())
                row = []
            lines.append(text)
        lines.append("\t".join(row).strip())
        return "\n".join(line for line in lines if line)

    def _split(self, start: int, stop: int) -> Iterator[_Paragraph]:
        """Paragraphs with their end marks; fields as their results, deleted and hidden text left out."""
        whole, word = self.word.text, self.word
        stop = min(stop, len(whole))
        fields: list[bool] = []
        pieces: list[str] = []
        for position in range(start, stop):
            char = whole[position]
            if char == "\x13":
                fields.append(False)
            elif char == "\x14" and fields:
                fields[-1] = True
            elif char == "\x15" and fields:
                fields.pop()
            elif char in _ENDS:
                if all(fields) or char != "\r":
                    properties = word.paragraphs.at(word.byte_of(position))
                    yield _Paragraph(_joined(pieces), char, properties)
                    pieces = []
            elif all(fields) and not self._is_left_out(position):
                pieces.append(_SIGNS.get(char, char if char >= " " else ""))
        if pieces:
            yield _Paragraph(_joined(pieces), "", None)

    def _is_left_out(self, position: int) -> bool:
        if not len(self.word.hidden):
            return False
        mark = self.word.hidden.at(self.word.byte_of(position))
        if mark == "deleted":
            self.tally.count("{n} characters deleted under change tracking are left out")
        elif mark == "hidden":
            self.tally.count("{n} characters of hidden text are left out")
        return mark is not None

    def _body(self, start: int, count: int) -> None:
        for paragraph in self._split(start, start + count):
            self._paragraphs += 1
            level = self._level(paragraph)
            if level:
                self._in_table(paragraph, level)
            else:
                self._close_tables()
                self._block(paragraph)
        self._close_tables()

    def _level(self, paragraph: _Paragraph) -> int:
        """How many tables the paragraph stands in; a cell mark alone says one."""
        properties = paragraph.properties
        if properties is None or not (properties.in_table or properties.nesting):
            return 1 if paragraph.end == "\x07" else 0
        level = max(properties.nesting, 1)
        if level > _MAX_NESTED:
            raise over(f"tables nested deeper than {_MAX_NESTED}", where=self.filename)
        return level

    def _in_table(self, paragraph: _Paragraph, level: int) -> None:
        properties = paragraph.properties or ParagraphProperties()
        table = self._table(level)
        # without properties a row's end shows as a second cell mark in a row
        bare = paragraph.properties is None and paragraph.end == "\x07" and not paragraph.text
        if (properties.ends_row if level == 1 else properties.ends_inner_row) or (bare and bool(table.texts)):
            table.end_row(properties.row or RowShape())
            return
        marker = self._marker(properties)[0] or ""
        number = marker if any(c.isalnum() for c in marker) else ""
        table.lines.append(" ".join(filter(None, (number, paragraph.text.strip()))))
        if paragraph.end == "\x07" or properties.ends_inner_cell:
            del self._tables[level:]
            table.end_cell()

    def _table(self, level: int) -> OpenTable:
        while len(self._tables) < level:
            outer = self._tables[-1] if self._tables else None
            if outer is None:
                self._table_count += 1
                table = OpenTable(self.flow.next_order(), f"table {self._table_count}")
            else:
                table = OpenTable(-1, f"{outer.cell_place} table {len(outer.inside) + 1}")
                outer.inside.append(table)
            self._tables.append(table)
        return self._tables[level - 1]

    def _close_tables(self) -> None:
        todo = self._tables[:1]
        self._tables = []
        while todo:
            table = todo.pop()
            self.flow.table(table.cells(), order=table.order if table.order >= 0 else None)
            todo.extend(reversed(table.inside))

    def _block(self, paragraph: _Paragraph) -> None:
        properties = paragraph.properties or ParagraphProperties()
        place, text = f"paragraph {self._paragraphs}", paragraph.text.strip()
        outline = self._outline(properties)
        marker, level = self._marker(properties)
        if outline:
            self.flow.block("heading", text, place=place, level=outline, label=marker or "")
        elif marker is not None:
            self.flow.block("list", text, place=place, level=level + 1, label=marker)
        else:
            self.flow.block("paragraph", text, place=place)

    def _marker(self, properties: ParagraphProperties) -> tuple[str | None, int]:
        """Marker and level of a list item, its own list or its style's; ``None`` where it is in none."""
        list_id, level = properties.list_id, properties.list_level
        style = self.word.styles.get(properties.style)
        for _ in range(30):
            if list_id is not None or style is None:
                break
            list_id, level = style.list_id, style.list_level
            style = self.word.styles.get(style.base)
        # 0 is no list; the highest ones are left over from Word 6
        if not list_id or list_id >= _NO_LIST:
            return None, level
        return self._numbering.marker(str(list_id), level) or "", level

    def _outline(self, properties: ParagraphProperties) -> int:
        if properties.outline is not None:
            return properties.outline + 1 if properties.outline < 9 else 0
        number = properties.style
        for _ in range(30):
            style = self.word.styles.get(number)
            if style is None:
                return 0
            if style.outline is not None:
                return style.outline + 1 if style.outline < 9 else 0
            if 1 <= style.built_in <= 9:
                return style.built_in
            if style.built_in == 62:
                return 1
            number = style.base
        return 0


def _joined(pieces: list[str]) -> str:
    whole = "".join(pieces)
    if any("\ud800" <= c <= "\udfff" for c in whole):
        whole = whole.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return whole
