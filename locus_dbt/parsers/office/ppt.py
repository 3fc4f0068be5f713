"""Binary presentations (PPT, PowerPoint 97 to 2003) to ``ir/v1``: a page per slide, boxes of shapes in points.

Slides come in the order of the presentation as last saved. Tables are groups of shapes in this format: a group that is
marked as a table comes out as one. Speaker notes are blocks of kind ``footnote`` with the label ``notes``.
"""

from __future__ import annotations

import struct
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from locus_dbt.errors import InputError
from locus_dbt.model.document import Document
from locus_dbt.model.element import BlockKind, Parsed
from locus_dbt.parsers.cells import CellColumns
from locus_dbt.parsers.limits import MAX_COLUMNS, over
from locus_dbt.parsers.office import ppt_records as ppt
from locus_dbt.parsers.office.ole import OleFile
from locus_dbt.parsers.office.ppt_records import Record, persisted, record_at, records, text_of
from locus_dbt.parsers.office.slides import CONTENT, MARGIN, NOTES, TITLE, Box, Deck, SlideItem, SlideText

#: Master units are 1/576 inch, eight to a point.
_UNIT = 8.0
_ENCRYPTED = 0xF3D1C4DF
_TITLES = (0, 6)
_PLAIN = (4,)
_MAX_NESTED = 20
_TABLE_MARK = 0x039F
#: Edges of a table's cells nearer than this, in points, are one.
_SAME_EDGE = 1.5
#: Kinds of placeholders for date, number, footer and header.
_MARGINS: dict[int, BlockKind] = {7: "footer", 8: "page_number", 9: "footer", 10: "header"}


def parse(document: Document) -> Parsed:
    """Parse a binary presentation; raises ``InputError`` E202 when it is encrypted, E203 when it is damaged."""
    ole = OleFile(document.data, filename=document.filename)
    data = ole.read("PowerPoint Document")
    try:
        return _Reader(document, ole, data).read()
    except (struct.error, IndexError, OverflowError) as error:
        raise InputError(
            f"the presentation is damaged ({error}): {document.filename}", code="E203", fix="repair the file"
        ) from error


@dataclass(frozen=True, slots=True)
class _Frame:
    """Maps a group's coordinates to those of the slide."""

    scale_x: float = 1 / _UNIT
    scale_y: float = 1 / _UNIT
    shift_x: float = 0.0
    shift_y: float = 0.0

    def box(self, edges: tuple[int, int, int, int]) -> Box:
        x0, y0, x1, y1 = edges
        return (
            x0 * self.scale_x + self.shift_x, y0 * self.scale_y + self.shift_y,
            x1 * self.scale_x + self.shift_x, y1 * self.scale_y + self.shift_y,
        )  # fmt: skip


class _Reader:
    def __init__(self, document: Document, ole: OleFile, data: bytes) -> None:
        self._document = document
        self._ole = ole
        self._data = data
        self._warnings: list[str] = []
        self._deck = Deck()

    def read(self) -> Parsed:
        """All wanted slides."""
        objects, main = self._objects()
        document = record_at(self._data, objects[main]) if main in objects else None
        if document is None or document.kind != ppt.DOCUMENT:
            document = next((r for r in records(self._data, 0, len(self._data)) if r.kind == ppt.DOCUMENT), None)
        if document is None:
            raise InputError(
                f"the presentation has no document record: {self._document.filename}",
                code="E203",
                fix="repair the file",
            )
        atom = document.first(ppt.DOCUMENT_ATOM)
        width, height = struct.unpack_from("<ii", self._data, atom.start) if atom is not None else (5760, 4320)
        notes = {slide_id: place for slide_id, place, _ in self._listed(document, 2, objects)}
        slides = list(self._listed(document, 0, objects))
        if not slides:
            found = (r for r in records(self._data, 0, len(self._data)) if r.kind == ppt.SLIDE)
            slides = [(0, r.start - 8, []) for r in found]
        for number, (_, place, outline) in enumerate(slides, 1):
            if self._document.options.wants(number):
                items = list(self._slide(number, place, outline, notes))
                self._deck.slide(number, width=width / _UNIT, height=height / _UNIT, items=items)
        metadata = self._ole.properties() | {"slides": str(len(slides))}
        return Parsed(
            self._document.media_type, tuple(self._deck.pages), tuple(self._deck.tables), metadata=metadata,
            warnings=tuple(self._warnings),
        )  # fmt: skip

    def _objects(self) -> tuple[dict[int, int], int | None]:
        if not self._ole.has("Current User"):
            return {}, None
        user = self._ole.read("Current User")
        if len(user) < 20:
            return {}, None
        token, offset = struct.unpack_from("<II", user, 12)
        edit = record_at(self._data, offset)
        if token == _ENCRYPTED or (edit is not None and edit.kind == ppt.USER_EDIT and edit.stop - edit.start >= 32):
            raise InputError(
                f"the presentation is encrypted: {self._document.filename}",
                code="E202",
                fix="remove the password first",
            )
        return persisted(self._data, offset)

    def _listed(
        self, document: Record, instance: int, objects: dict[int, int]
    ) -> Iterator[tuple[int, int, list[tuple[int, str]]]]:
        """Slides (0) or notes (2): identifier, place, and the texts that the outline keeps for it."""
        for group in document.children():
            if group.kind != ppt.SLIDE_LIST or group.instance != instance:
                continue
            current: tuple[int, int, list[tuple[int, str]]] | None = None
            kind = 4
            for record in group.children():
                if record.kind == ppt.SLIDE_PERSIST:
                    if current is not None:
                        yield current
                    reference, slide_id = struct.unpack_from("<I8xI", self._data, record.start)
                    current = (slide_id, objects.get(reference, -1), [])
                elif record.kind == ppt.TEXT_HEADER:
                    (kind,) = struct.unpack_from("<I", self._data, record.start)
                    if current is not None:
                        current[2].append((kind, ""))
                elif (text := text_of(record)) is not None and current is not None and current[2]:
                    current[2][-1] = (kind, text)
            if current is not None:
                yield current

    def _slide(
        self, number: int, place: int, outline: list[tuple[int, str]], notes: dict[int, int]
    ) -> Iterator[SlideItem]:
        slide = record_at(self._data, place)
        if slide is None or slide.kind != ppt.SLIDE:
            self._warnings.append(f"slide {number} is missing or damaged; only its outline is read")
            texts = [_texts(kind, text, f"slide {number} outline {i}") for i, (kind, text) in enumerate(outline, 1)]
            yield from (
                SlideItem(None, TITLE if k in _TITLES else CONTENT, t) for (k, _), t in zip(outline, texts, strict=True)
            )
            return
        info = slide.first(ppt.SLIDE_SHOW_INFO)
        if info is not None and info.stop - info.start >= 12 and info.content[10] & 4:
            self._warnings.append(f"slide {number} is hidden")
        yield from _Shapes(slide, outline, f"slide {number}").items()
        atom = slide.first(ppt.SLIDE_ATOM)
        reference = struct.unpack_from("<I", self._data, atom.start + 16)[0] if atom is not None else 0
        note = record_at(self._data, notes.get(reference, -1)) if reference else None
        if note is not None and note.kind == ppt.NOTES:
            for item in _Shapes(note, [], f"slide {number} notes", only=2).items():
                lines = "\n".join(text.text for text in item.texts)
                yield SlideItem(None, NOTES, [SlideText("footnote", lines, item.texts[0].place, label="notes")])


class _Shapes:
    """The texts of one slide's shapes with their boxes."""

    def __init__(self, slide: Record, outline: list[tuple[int, str]], path: str, *, only: int | None = None) -> None:
        self._slide = slide
        self._outline = outline
        self._path = path
        self._only = only
        self._count = 0

    def items(self) -> Iterator[SlideItem]:
        """Shapes in drawing order; groups entered, table groups read as tables."""
        drawing = self._slide.first(1036)
        for record in drawing.descendants(ppt.GROUP) if drawing is not None else ():
            # the outermost group is the slide itself; those inside are read from it
            yield from self._group(record, _Frame(), depth=0, outermost=True)
            return

    def _group(self, group: Record, frame: _Frame, *, depth: int, outermost: bool = False) -> Iterator[SlideItem]:
        if depth > _MAX_NESTED:
            raise over(f"groups nested deeper than {_MAX_NESTED}", where=self._path)
        inner = list(group.children())
        head = inner[0] if inner and inner[0].kind == ppt.SHAPE else None
        if not outermost and head is not None:
            frame = _inside(head, frame)
            if _is_table(head):
                yield from self._table(inner[1:], frame)
                return
        for record in inner if outermost else inner[1:]:
            if record.kind == ppt.GROUP:
                yield from self._group(record, frame, depth=depth + 1)
            elif record.kind == ppt.SHAPE:
                self._count += 1
                yield from self._shape(record, frame)

    def _shape(self, shape: Record, frame: _Frame) -> Iterator[SlideItem]:
        found = self._text(shape)
        if found is None or not found[1].strip() or (self._only is not None and found[0] != self._only):
            return
        kind, text = found
        place = f"{self._path}/shape[{self._count}]"
        box = _anchor(shape, frame)
        placeholder = next((r.content[4] for r in shape.descendants(ppt.PLACEHOLDER) if r.stop - r.start >= 8), 0)
        margin = _MARGINS.get(placeholder)
        if margin is not None:
            yield SlideItem(box, MARGIN, [SlideText(margin, _clean(text), place)])
        else:
            yield SlideItem(box, TITLE if kind in _TITLES else CONTENT, _texts(kind, text, place))

    def _text(self, shape: Record) -> tuple[int, str] | None:
        """Kind and text of a shape, its own or the one that the outline keeps for it."""
        box = next(iter(shape.descendants(ppt.CLIENT_TEXT)), None)
        kind = 4
        for record in box.children() if box is not None else ():
            if record.kind == ppt.TEXT_HEADER and record.stop - record.start >= 4:
                (kind,) = struct.unpack_from("<I", record.data, record.start)
            elif record.kind == ppt.OUTLINE_REF and record.stop - record.start >= 4:
                (index,) = struct.unpack_from("<i", record.data, record.start)
                return self._outline[index] if 0 <= index < len(self._outline) else None
            elif (text := text_of(record)) is not None:
                return kind, text
        return None

    def _table(self, shapes: list[Record], frame: _Frame) -> Iterator[SlideItem]:
        """Cells are shapes with text boxes side by side; their edges make the grid."""
        self._count += 1
        found = [
            (box, _clean(text[1]))
            for shape in shapes
            if shape.kind == ppt.SHAPE and (text := self._cell(shape)) is not None and (box := _anchor(shape, frame))
        ]
        if not found:
            return
        xs, ys = (
            _edges([x for box, _ in found for x in (box[0], box[2])]),
            _edges([y for b, _ in found for y in (b[1], b[3])]),
        )
        if len(xs) > MAX_COLUMNS:
            raise over(f"more than {MAX_COLUMNS} columns in a table", where=self._path)
        cells = CellColumns()
        boxes: list[Box] = []
        ordered = sorted(found, key=lambda one: (_at(ys, one[0][1]), _at(xs, one[0][0])))
        for box, shown in ordered:
            row, col = _at(ys, box[1]), _at(xs, box[0])
            place = f"{self._path}/table[{self._count}]/row[{row + 1}]/cell[{col + 1}]"
            cells.add(
                shown, row, col, place=place, row_span=max(_at(ys, box[3]) - row, 1),
                col_span=max(_at(xs, box[2]) - col, 1),
            )  # fmt: skip
            boxes.append(box)
        yield SlideItem((xs[0], ys[0], xs[-1], ys[-1]), cells=cells, cell_boxes=boxes)

    def _cell(self, shape: Record) -> tuple[int, str] | None:
        """A cell's text; an empty cell has a text box without text, a border line has none."""
        if next(iter(shape.descendants(ppt.CLIENT_TEXT)), None) is None:
            return None
        return self._text(shape) or (4, "")


def _texts(kind: int, text: str, place: str) -> list[SlideText]:
    if kind in _TITLES:
        return [SlideText("heading", _clean(text), place, 1)]
    lines = text.rstrip("\r").split("\r")
    block = "list" if kind in (1, 7, 8) and len(lines) > 1 else "paragraph"
    return [
        SlideText("list" if block == "list" else "paragraph", _clean(line), f"{place}/p[{i}]", int(block == "list"))
        for i, line in enumerate(lines, 1)
    ]


def _clean(text: str) -> str:
    return text.replace("\r", "\n").replace("\v", "\n").replace("\0", "").strip()


def _anchor(shape: Record, frame: _Frame) -> Box | None:
    """A shape's box: in its group's coordinates, or those of the slide."""
    child = shape.first(ppt.CHILD_ANCHOR)
    if child is not None and child.stop - child.start >= 16:
        return frame.box(struct.unpack_from("<iiii", child.data, child.start))
    edges = _client(shape)
    return _Frame().box(edges) if edges is not None else None


def _client(shape: Record) -> tuple[int, int, int, int] | None:
    anchor = shape.first(ppt.CLIENT_ANCHOR)
    if anchor is None:
        return None
    size = anchor.stop - anchor.start
    if size >= 16:
        top, left, right, bottom = struct.unpack_from("<iiii", anchor.data, anchor.start)
    elif size >= 8:
        top, left, right, bottom = struct.unpack_from("<hhhh", anchor.data, anchor.start)
    else:
        return None
    return (left, top, right, bottom)


def _inside(head: Record, frame: _Frame) -> _Frame:
    """The mapping for the children of a group, from the group's own box and coordinates."""
    box, inner = _anchor(head, frame), head.first(ppt.GROUP_FRAME)
    if box is None or inner is None or inner.stop - inner.start < 16:
        return frame
    x0, y0, x1, y1 = struct.unpack_from("<iiii", inner.data, inner.start)
    sx = (box[2] - box[0]) / (x1 - x0) if x1 != x0 else frame.scale_x
    sy = (box[3] - box[1]) / (y1 - y0) if y1 != y0 else frame.scale_y
    return _Frame(sx, sy, box[0] - x0 * sx, box[1] - y0 * sy)


def _is_table(head: Record) -> bool:
    """Whether a group carries the mark of a table."""
    properties = head.first(ppt.TERTIARY)
    if properties is None:
        return False
    for i in range(properties.instance):
        at = properties.start + 6 * i
        if at + 6 > properties.stop:
            return False
        number, value = struct.unpack_from("<HI", properties.data, at)
        if number & 0x3FFF == _TABLE_MARK:
            return bool(value & 1)
    return False


def _edges(found: list[float]) -> list[float]:
    edges: list[float] = []
    for edge in sorted(found):
        if not edges or edge - edges[-1] > _SAME_EDGE:
            edges.append(edge)
    return edges


def _at(edges: list[float], edge: float) -> int:
    """The edge that stands for a found one: the last that is not beyond it."""
    return max(bisect_right(edges, edge) - 1, 0)
