"""OpenDocument text content: paragraphs, lists, tables and what is anchored in them, in order."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from locus_dbt.model.element import BlockKind, Repair
from locus_dbt.parsers.cells import CellColumns
from locus_dbt.parsers.limits import MAX_COLUMNS, over
from locus_dbt.parsers.office.odf_package import (
    CHART,
    DC,
    DRAW,
    OFFICE,
    SVG,
    TABLE,
    TEXT,
    XLINK,
    OdfPackage,
    marker,
    whole,
)
from locus_dbt.parsers.office.slides import SlideText

_MAX_NESTED = 30
_MAX_SPACES = 1000
#: A blank row repeated more often than this only fills a sheet up.
_MAX_BLANK_REPEATS = 100
_MAX_ROWS = 100_000
#: Changes beyond these are only counted.
_MAX_REPAIRS = 10_000
_MATH = "{http://www.w3.org/1998/Math/MathML}"
_BLANKS = re.compile(r"[ \t\r\n]+")
_ROWS = (TABLE + "table-header-rows", TABLE + "table-rows", TABLE + "table-row-group")
_SILENT = (
    TEXT + "tracked-changes", OFFICE + "annotation-end", TEXT + "sequence-decls", TEXT + "variable-decls",
    TEXT + "user-field-decls", OFFICE + "forms", OFFICE + "event-listeners", TEXT + "dde-connection-decls",
)  # fmt: skip


@dataclass(slots=True)
class OdfTable:
    """A table's cells with its title; ``element`` for those who want its measures."""

    cells: CellColumns
    title: str
    element: etree._Element


OdfItem = SlideText | OdfTable


@dataclass(slots=True)
class _List:
    """An open list: style, level from 1, counters by level, and whether the next paragraph begins an item."""

    style: str | None
    level: int
    counts: dict[int, int]
    begins: bool = False


@dataclass(slots=True)
class OdfText:
    """Collects items; notes and comments apart, because they follow the text that they belong to."""

    package: OdfPackage
    items: list[OdfItem] = field(default_factory=list)
    notes: list[OdfItem] = field(default_factory=list)
    _depth: int = 0
    _notes: int = 0
    _comments: int = 0
    _last_counts: dict[str, dict[int, int]] = field(default_factory=dict)

    def blocks(self, container: etree._Element, path: str, *, kind: BlockKind = "paragraph") -> None:
        """Append all blocks of a container; ``kind`` replaces paragraph where the whole is a header or the like."""
        for child, at in addressed(container, path):
            self.block(child, at, kind=kind, inside=None)

    def block(self, element: etree._Element, at: str, *, kind: BlockKind, inside: _List | None) -> None:
        """Append one block element; ``inside`` is the list it stands in."""
        tag = element.tag
        if tag in (TEXT + "p", TEXT + "h"):
            self._paragraph(element, at, kind, inside)
        elif tag == TEXT + "list":
            self._list(element, at, kind, inside)
        elif tag == TABLE + "table":
            self.table(element, at)
        elif tag == TEXT + "tracked-changes":
            self._tracked(element)
        elif tag in _SILENT:
            return
        elif str(tag).startswith(DRAW):
            self.drawing(element, at)
        else:
            # sections, indexes, groups of numbered paragraphs
            for child, below in addressed(element, at):
                self._deeper(child, below, kind, inside)

    def _deeper(self, child: etree._Element, at: str, kind: BlockKind, inside: _List | None) -> None:
        self._depth += 1
        if self._depth > _MAX_NESTED:
            raise over(f"lists, sections or tables nested deeper than {_MAX_NESTED}", where=at[:200])
        self.block(child, at, kind=kind, inside=inside)
        self._depth -= 1

    def _tracked(self, element: etree._Element) -> None:
        """Deleted text stands only here; inserted text stands in its place and is marked by points."""
        for number, region in enumerate(element, 1):
            for change in region:
                name = str(change.tag).removeprefix(TEXT)
                if name == "deletion":
                    self.package.tally.count("{n} tracked deletions are left out")
                    lines = ("".join(map(str, e.itertext())) for e in change.iter(f"{TEXT}p", f"{TEXT}h"))
                    place = f"tracked change {number}"
                    if len(self.package.repairs) < _MAX_REPAIRS:
                        self.package.repairs.append(Repair("tracked deletion", place, "\n".join(lines)))
                elif name == "insertion":
                    self.package.tally.count("{n} tracked insertions are kept")

    def _paragraph(self, element: etree._Element, at: str, kind: BlockKind, inside: _List | None) -> None:
        pieces: list[str] = []
        anchored = self._inline(element, at, pieces)
        text = "".join(pieces).strip()
        level, label, own = 0, "", kind
        if element.tag == TEXT + "h" and kind == "paragraph":
            own, level = "heading", max(1, whole(element.get(f"{TEXT}outline-level"), default=1))
            if inside is not None and inside.begins:
                label = self._next_marker(inside)
        elif kind == "paragraph" and inside is not None:
            own, level = "list", inside.level
            begins, label = inside.begins, self._next_marker(inside) if inside.begins else ""
            if begins and not label and self.package.list_level(inside.style, inside.level) is not None:
                own, level = "paragraph", 0  # presentations keep plain paragraphs in lists without a sign
        elif kind == "paragraph":
            names = self.package.ancestry("paragraph", element.get(f"{TEXT}style-name"))
            if "title" in names:
                own, level = "heading", 1
            elif "caption" in names:
                own = "caption"
        if text:
            self.items.append(SlideText(own, text, at, level, label))
        for child, below in anchored:
            self._deeper(child, below, "paragraph", None)

    @staticmethod
    def _count(open_list: _List) -> None:
        level = open_list.level
        open_list.counts[level] = open_list.counts.get(level, 0) + 1
        for deeper in [at for at in open_list.counts if at > level]:
            del open_list.counts[deeper]

    def _next_marker(self, open_list: _List) -> str:
        open_list.begins = False
        return marker(self.package.list_levels(open_list.style), open_list.counts, open_list.level)

    def _list(self, element: etree._Element, at: str, kind: BlockKind, inside: _List | None) -> None:
        style = element.get(f"{TEXT}style-name") or (inside.style if inside is not None else None)
        level = inside.level + 1 if inside is not None else 1
        counts = inside.counts if inside is not None else {}
        goes_on = element.get(f"{TEXT}continue-numbering") == "true" or element.get(f"{TEXT}continue-list")
        if inside is None and goes_on:
            counts = dict(self._last_counts.get(style or "", {}))
        described = self.package.list_level(style, level)
        start = whole(described.get(f"{TEXT}start-value"), default=1) if described is not None else 1
        if level not in counts:
            counts[level] = start - 1
        open_list = _List(style, level, counts)
        for item, below in addressed(element, at):
            if item.tag == TEXT + "list-item":
                given = item.get(f"{TEXT}start-value")
                if given is not None:
                    counts[level] = whole(given, default=1) - 1
                # an item that only holds a deeper list shows no marker of its own
                if any(child.tag != TEXT + "list" for child in item):
                    self._count(open_list)
                    open_list.begins = True
            for child, deeper in addressed(item, below):
                self._deeper(child, deeper, kind, open_list)
        if inside is None:
            self._last_counts[style or ""] = counts

    def _inline(  # noqa: C901 - one branch a kind of element
        self, element: etree._Element, at: str, pieces: list[str]
    ) -> list[tuple[etree._Element, str]]:
        """Append the text of a paragraph to ``pieces``; returns the drawings anchored in it."""
        anchored: list[tuple[etree._Element, str]] = []
        todo: list[etree._Element | str] = [*_reversed_content(element)]
        while todo:
            item = todo.pop()
            if isinstance(item, str):
                pieces.append(_BLANKS.sub(" ", item))
                continue
            tag = item.tag
            if tag == TEXT + "s":
                pieces.append(" " * min(whole(item.get(f"{TEXT}c"), default=1), _MAX_SPACES))
            elif tag == TEXT + "tab":
                pieces.append("\t")
            elif tag == TEXT + "line-break":
                pieces.append("\n")
            elif tag == TEXT + "note":
                self._note(item)
            elif tag == OFFICE + "annotation":
                self._annotation(item)
            elif str(tag).startswith(DRAW) and tag != DRAW + "a":
                anchored.append((item, f"{at}/{str(tag).rsplit('}', 1)[-1]}[{len(anchored) + 1}]"))
            elif tag == TEXT + "span" and self.package.hides("text", item.get(f"{TEXT}style-name")):
                self.package.tally.count("{n} passages of hidden text are left out")
            elif tag not in (*_SILENT, TEXT + "ruby-text") and item.get(f"{TEXT}is-hidden") != "true":
                todo.extend(_reversed_content(item))
        return anchored

    def _note(self, note: etree._Element) -> None:
        self._notes += 1
        kind = note.get(f"{TEXT}note-class") or "footnote"
        citation = note.find(f"{TEXT}note-citation")
        label = "".join(map(str, citation.itertext())).strip() if citation is not None else ""
        body = note.find(f"{TEXT}note-body")
        self._aside(body, "footnote", label, f"{kind} {label or self._notes}")

    def _annotation(self, annotation: etree._Element) -> None:
        self._comments += 1
        creator = annotation.find(f"{DC}creator")
        author = (creator.text or "").strip() if creator is not None else ""
        self._aside(annotation, "comment", author, f"comment {self._comments}")

    def _aside(self, body: etree._Element | None, kind: BlockKind, label: str, place: str) -> None:
        """A note's or comment's paragraphs as one block; tables in it for themselves."""
        if body is None:
            return
        inner = OdfText(self.package, _depth=self._depth + 1)
        if inner._depth > _MAX_NESTED:
            raise over(f"notes nested deeper than {_MAX_NESTED}", where=place)
        inner.blocks(body, place)
        lines = [item.text for item in inner.items if isinstance(item, SlideText)]
        self.notes.append(SlideText(kind, "\n".join(lines), place, label=label))
        self.notes += [item for item in inner.items if isinstance(item, OdfTable)]
        self.notes += inner.notes

    def drawing(self, element: etree._Element, at: str) -> None:
        """A frame or shape: its text, its picture's description, its chart or formula."""
        described = [
            (e.text or "").strip() for name in ("title", "desc") if (e := element.find(f"{SVG}{name}")) is not None
        ]
        text = "\n".join(filter(None, described))
        if text:
            self.items.append(SlideText("picture", text, at))
        for child, below in addressed(element, at):
            tag = child.tag
            if tag == DRAW + "object":
                if self._object(child, below):
                    return  # what follows is a picture of the same
            elif tag == DRAW + "object-ole":
                self._foreign(child)
            elif tag not in (SVG + "title", SVG + "desc", DRAW + "image") and isinstance(tag, str):
                self._deeper(child, below, "paragraph", None)

    def _foreign(self, element: etree._Element) -> None:
        binary = element.find(f"{OFFICE}binary-data")
        if binary is not None:
            self.package.attach_base64(binary.text or "")
        else:
            self.package.attach(element.get(f"{XLINK}href") or "")

    def _object(self, element: etree._Element, at: str) -> bool:
        root = self.package.object_root(element.get(f"{XLINK}href") or "") if not len(element) else element
        if root is None:
            return False
        formula = root if root.tag == _MATH + "math" else next(root.iter(f"{_MATH}math"), None)
        if formula is not None:
            words = (t for e in formula.iter() if e.tag != _MATH + "annotation" for t in [e.text] if t)
            self.items.append(SlideText("paragraph", "".join(words), at))
            return True
        chart = next(root.iter(f"{CHART}chart"), None)
        title = next(root.iter(f"{CHART}title"), None)
        tables = list(root.iter(f"{TABLE}table"))
        for table in tables:
            name = "".join(map(str, title.itertext())).strip() if title is not None and chart is not None else None
            self.table(table, f"{at}/table[1]", title=name)
        return bool(tables)

    def table(self, table: etree._Element, path: str, *, title: str | None = None) -> None:
        """Append a table, and after it the tables inside its cells."""
        cells = CellColumns()
        at_row = 0
        item = OdfTable(cells, title or "", table)
        self.items.append(item)
        inside: list[OdfItem] = []
        header = table.get(f"{TABLE}use-first-row-styles") == "true"
        for row, place, in_head in _table_rows(table, path, in_head=False):
            repeats = max(1, whole(row.get(f"{TABLE}number-rows-repeated"), default=1))
            found = list(self._row(row, place, inside))
            blank = not any(text.strip() for text, *_ in found)
            if blank and repeats > _MAX_BLANK_REPEATS:
                at_row += repeats
                continue
            for _ in range(repeats):
                if at_row > _MAX_ROWS:
                    raise over(f"more than {_MAX_ROWS} rows in a table", where=place)
                for text, col, down, across, cell_at in found:
                    cells.add(
                        text, at_row, col, place=cell_at, row_span=down, col_span=across,
                        is_header=in_head or (header and at_row == 0),
                    )  # fmt: skip
                at_row += 1
        item.cells = _within(cells, at_row)
        self.items += inside

    def _row(self, row: etree._Element, path: str, inside: list[OdfItem]) -> Iterator[tuple[str, int, int, int, str]]:
        """Text, column, spans and place of the cells of a row; covered cells only count."""
        col = 0
        for cell, at in addressed(row, path):
            if cell.tag not in (TABLE + "table-cell", TABLE + "covered-table-cell"):
                continue
            repeats = max(1, whole(cell.get(f"{TABLE}number-columns-repeated"), default=1))
            if cell.tag == TABLE + "table-cell":
                text = self._cell_text(cell, at, inside)
                down = max(1, whole(cell.get(f"{TABLE}number-rows-spanned"), default=1))
                across = max(1, whole(cell.get(f"{TABLE}number-columns-spanned"), default=1))
                if not text and repeats > MAX_COLUMNS // 4:
                    return  # the blank rest of a sheet
                if col + max(repeats, across) > MAX_COLUMNS:
                    raise over(f"more than {MAX_COLUMNS} columns in a table", where=at)
                for i in range(repeats):
                    yield text, col + i, down, across, at
            col += repeats
            if col > MAX_COLUMNS:
                return

    def _cell_text(self, cell: etree._Element, at: str, inside: list[OdfItem]) -> str:
        inner = OdfText(self.package, notes=self.notes, _depth=self._depth + 1, _last_counts=self._last_counts)
        inner._notes, inner._comments = self._notes, self._comments
        if inner._depth > _MAX_NESTED:
            raise over(f"tables nested deeper than {_MAX_NESTED}", where=at[:200])
        inner.blocks(cell, at)
        self._notes, self._comments = inner._notes, inner._comments
        lines: list[str] = []
        for item in inner.items:
            if isinstance(item, OdfTable) or item.kind == "picture":
                inside.append(item)
            else:
                number = item.label if any(c.isalnum() for c in item.label) else ""
                lines.append(" ".join(filter(None, (number, item.text))))
        return "\n".join(lines)


def _reversed_content(element: etree._Element) -> Iterator[etree._Element | str]:
    """Text and children of an element, last first."""
    for child in reversed(element):
        if child.tail:
            yield child.tail
        yield child
    if element.text:
        yield element.text


def addressed(parent: etree._Element, path: str) -> Iterator[tuple[etree._Element, str]]:
    """The element children with their addresses; equal names are numbered from 1 as XPath does."""
    counts: dict[str, int] = {}
    for child in parent:
        if isinstance(child.tag, str):
            name = child.tag.rsplit("}", 1)[-1]
            counts[name] = counts.get(name, 0) + 1
            yield child, f"{path}/{name}[{counts[name]}]"


def _table_rows(table: etree._Element, path: str, *, in_head: bool) -> Iterator[tuple[etree._Element, str, bool]]:
    for child, at in addressed(table, path):
        if child.tag == TABLE + "table-row":
            yield child, at, in_head
        elif child.tag in _ROWS:
            yield from _table_rows(child, at, in_head=in_head or child.tag == _ROWS[0])


def _within(cells: CellColumns, n_rows: int) -> CellColumns:
    """Spans cut where the table ends."""
    out = CellColumns()
    rows = cells.table(0)
    width = int((rows.col + 1).max()) if len(rows) else 0
    for i, text in enumerate(rows.text):
        row, col = int(rows.row[i]), int(rows.col[i])
        out.add(
            text, row, col, place=rows.place[i], row_span=min(int(rows.row_span[i]), n_rows - row),
            col_span=min(int(rows.col_span[i]), max(width - col, 1)), is_header=bool(rows.is_header[i]),
        )  # fmt: skip
    return out
