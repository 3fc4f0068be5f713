"""Presentations (PPTX, PPTM, POTX, PPSX, Strict) to ``ir/v1``: a page per slide, boxes of shapes in points.

The title comes first, then the shapes from the top; footers, dates and slide numbers are kinds of their own. Speaker
notes are blocks of kind ``footnote`` with the label ``notes``, comments of kind ``comment``; both without a box. What
only the layout or master shows is left out. Hidden slides are read, and a warning names them.
"""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from locus_dbt.model.document import Document
from locus_dbt.model.element import BlockKind, Parsed
from locus_dbt.parsers.cells import CellColumns
from locus_dbt.parsers.limits import MAX_COLUMNS, over
from locus_dbt.parsers.office.chart import chart_cells, diagram_texts
from locus_dbt.parsers.office.drawing_text import A, DrawnParagraph, paragraph_text, paragraphs
from locus_dbt.parsers.office.package import Package, R, Relation
from locus_dbt.parsers.office.pptx_shapes import Inherited, P, Shape, shape_box, shapes
from locus_dbt.parsers.office.slides import CONTENT, MARGIN, NOTES, TITLE, Box, Deck, SlideItem, SlideText
from locus_dbt.parsers.xml_tree import local_name

_EMU = 12_700.0
_CHART = "{http://schemas.openxmlformats.org/drawingml/2006/chart}chart"
_DIAGRAM = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}relIds"
_MARGINS: dict[str, BlockKind] = {"dt": "footer", "ftr": "footer", "hdr": "header", "sldNum": "page_number"}
_MAX_SLIDES = 5_000


def parse(document: Document) -> Parsed:
    """Parse a presentation; raises ``InputError`` E203 when its main part is missing or damaged."""
    try:
        return _Reader(document).read()
    except RecursionError as error:
        raise over("the presentation is nested too deeply", where=document.filename) from error


class _Reader:
    def __init__(self, document: Document) -> None:
        self._document = document
        self._package = Package(document)
        self._deck = Deck()
        self._warnings: list[str] = []
        self._layouts: dict[str, Inherited] = {}

    def read(self) -> Parsed:
        """All wanted slides."""
        package = self._package
        main = package.main_part if package.has(package.main_part) else "ppt/presentation.xml"
        root = package.xml(main)
        width, height = _size(root)
        relations = package.relations(main)
        authors = self._authors(main)
        ids = [e.get(f"{R}id") or "" for e in root.iterfind(f"{P}sldIdLst/{P}sldId")]
        if len(ids) > _MAX_SLIDES:
            raise over(f"{len(ids)} slides, at most {_MAX_SLIDES}", where=self._document.filename)
        for number, relation_id in enumerate(ids, 1):
            relation = relations.get(relation_id)
            if self._document.options.wants(number):
                items = self._slide(number, relation, authors)
                self._deck.slide(number, width=width, height=height, items=items)
        metadata = package.properties() | {"slides": str(len(ids))}
        return Parsed(
            self._document.media_type, tuple(self._deck.pages), tuple(self._deck.tables), tuple(package.attachments),
            metadata, tuple(self._warnings),
        )  # fmt: skip

    def _slide(self, number: int, relation: Relation | None, authors: dict[str, str]) -> list[SlideItem]:
        root = self._package.xml_or_none(relation.target if relation is not None else None)
        if root is None or relation is None:
            self._warnings.append(f"slide {number} is missing or damaged and is not read")
            return []
        part = relation.target
        if root.get("show") in ("0", "false"):
            self._warnings.append(f"slide {number} is hidden")
        inherited = self._inherited(part)
        relations = self._package.relations(part)
        items: list[SlideItem] = []
        for shape in shapes(root.find(f"{P}cSld/{P}spTree"), f"slide {number}"):
            items += self._shape(shape, inherited, relations)
        items += self._notes(number, part)
        items += self._comments(number, part, authors)
        return items

    def _inherited(self, part: str) -> Inherited:
        layout = self._package.related(part, "slideLayout") or ""
        if layout not in self._layouts:
            master = self._package.related(layout, "slideMaster") if layout else None
            self._layouts[layout] = Inherited(self._package.xml_or_none(layout), self._package.xml_or_none(master))
        return self._layouts[layout]

    def _shape(self, shape: Shape, inherited: Inherited, relations: dict[str, Relation]) -> Iterator[SlideItem]:
        box = shape_box(inherited.transform(shape), shape.frame)
        element = shape.element
        yield from _pictures(shape, box)
        if element.tag == P + "sp":
            yield _text_item(shape, box, inherited)
        elif element.tag == P + "graphicFrame":
            yield from self._graphic(shape, box, relations)

    def _graphic(self, shape: Shape, box: Box | None, relations: dict[str, Relation]) -> Iterator[SlideItem]:
        data = shape.element.find(f"{A}graphic/{A}graphicData")
        for element in data.iter() if data is not None else ():
            relation = relations.get(element.get(f"{R}dm") or element.get(f"{R}id") or "")
            target = relation.target if relation is not None and not relation.external else None
            if element.tag == A + "tbl":
                yield _table(element, shape, box)
            elif element.tag == _CHART and (root := self._package.xml_or_none(target)) is not None:
                cells, title = chart_cells(root, place=f"{shape.place}/chart")
                yield SlideItem(box, cells=cells, title=title)
            elif element.tag == _DIAGRAM:
                texts = enumerate(diagram_texts(self._package.xml_or_none(target)), 1)
                at = f"{shape.place}/diagram"
                yield SlideItem(box, texts=[SlideText("paragraph", t, f"{at}/point[{i}]") for i, t in texts])
            elif element.tag == P + "oleObj" and target is not None:
                self._package.attach(target)

    def _notes(self, number: int, part: str) -> Iterator[SlideItem]:
        root = self._package.xml_or_none(self._package.related(part, "notesSlide"))
        if root is None:
            return
        for shape in shapes(root.find(f"{P}cSld/{P}spTree"), f"slide {number} notes"):
            if shape.placeholder == "body" or (not shape.placeholder and shape.element.tag == P + "sp"):
                body = shape.element.find(f"{P}txBody")
                text = "\n".join(p.text for p in paragraphs(body) if p.text.strip())
                yield SlideItem(None, NOTES, [SlideText("footnote", text, shape.place, label="notes")])

    def _authors(self, main: str) -> dict[str, str]:
        found: dict[str, str] = {}
        for relation in self._package.relations(main).values():
            root = (
                self._package.xml_or_none(relation.target) if relation.kind in ("commentAuthors", "authors") else None
            )
            for author in root if root is not None else ():
                found[author.get("id") or ""] = author.get("name") or ""
        return found

    def _comments(self, number: int, part: str, authors: dict[str, str]) -> Iterator[SlideItem]:
        count = 0
        for relation in self._package.relations(part).values():
            root = self._package.xml_or_none(relation.target) if relation.kind == "comments" else None
            for comment in root.iter() if root is not None else ():
                if local_name(comment) not in ("cm", "reply"):
                    continue
                text = _comment_text(comment)
                count += 1
                label = authors.get(comment.get("authorId") or "", "")
                at = f"slide {number} comment {count}"
                yield SlideItem(None, NOTES, [SlideText("comment", text, at, label=label)])


def _size(root: etree._Element) -> tuple[float, float]:
    size = root.find(f"{P}sldSz")
    try:
        width, height = (int((size.get(name) if size is not None else None) or "") for name in ("cx", "cy"))
    except ValueError:
        return 720.0, 540.0
    return width / _EMU, height / _EMU


def _comment_text(comment: etree._Element) -> str:
    """The text of an old comment, or the paragraphs of a new one; replies come for themselves."""
    lines: list[str] = []
    for child in comment:
        if local_name(child) == "text":
            lines.append(child.text or "")
        elif local_name(child) == "txBody":
            lines += [paragraph_text(p) for p in child.iterfind(f"{A}p")]
    return "\n".join(lines)


def _pictures(shape: Shape, box: Box | None) -> Iterator[SlideItem]:
    """Alternative texts of pictures and drawings."""
    properties = shape.element.find(f"*/{P}cNvPr")
    text = (properties.get("descr") or "").strip() if properties is not None else ""
    if text:
        yield SlideItem(box, texts=[SlideText("picture", text, shape.place)])


def _text_item(shape: Shape, box: Box | None, inherited: Inherited) -> SlideItem:
    kind, rank = shape.placeholder, CONTENT
    found = list(paragraphs(shape.element.find(f"{P}txBody"), inherited.list_styles(shape)))
    if kind in ("title", "ctrTitle"):
        text = "\n".join(p.text for p in found if p.text.strip())
        return SlideItem(box, TITLE, [SlideText("heading", text, shape.place, level=1)])
    if kind in _MARGINS:
        texts = [SlideText(_MARGINS[kind], p.text, f"{shape.place}/p[{p.number}]") for p in found]
        return SlideItem(box, MARGIN, texts)
    return SlideItem(box, rank, [_slide_text(p, shape.place) for p in found])


def _slide_text(paragraph: DrawnParagraph, place: str) -> SlideText:
    at = f"{place}/p[{paragraph.number}]"
    if paragraph.marker is None:
        return SlideText("paragraph", paragraph.text, at)
    return SlideText("list", paragraph.text, at, level=paragraph.level, label=paragraph.marker)


def _table(table: etree._Element, shape: Shape, box: Box | None) -> SlideItem:
    """The cells with boxes from column widths and row heights, which the frame's own size may lag behind."""
    xs = _edges([_length(c.get("w")) for c in table.iterfind(f"{A}tblGrid/{A}gridCol")])
    rows = list(table.iterfind(f"{A}tr"))
    ys = _edges([_length(row.get("h")) for row in rows])
    left, top = (box[0], box[1]) if box is not None else (0.0, 0.0)
    properties = table.find(f"{A}tblPr")
    header = properties is not None and properties.get("firstRow") in ("1", "true")
    item = SlideItem(box, cells=CellColumns())
    for r, row in enumerate(rows):
        for c, cell in enumerate(row.iterfind(f"{A}tc")):
            if c >= MAX_COLUMNS:
                raise over(f"more than {MAX_COLUMNS} columns in a table", where=shape.place)
            if cell.get("hMerge") in ("1", "true") or cell.get("vMerge") in ("1", "true"):
                continue
            down = min(_span(cell.get("rowSpan")), len(rows) - r)
            across = min(_span(cell.get("gridSpan")), max(len(xs) - 1 - c, 1))
            place = f"{shape.place}/tr[{r + 1}]/tc[{c + 1}]"
            if item.cells is not None:
                item.cells.add(
                    _cell_text(cell), r, c, place=place, row_span=down, col_span=across, is_header=header and r == 0
                )
            x = [left + shape.frame.scale_x * xs[min(i, len(xs) - 1)] / _EMU for i in (c, c + across)]
            y = [top + shape.frame.scale_y * ys[min(i, len(ys) - 1)] / _EMU for i in (r, r + down)]
            item.cell_boxes.append((x[0], y[0], x[1], y[1]))
    return item


def _cell_text(cell: etree._Element) -> str:
    lines = []
    for p in paragraphs(cell.find(f"{A}txBody")):
        number = p.marker if p.marker and any(c.isalnum() for c in p.marker) else ""
        lines.append(" ".join(filter(None, (number, p.text.strip()))))
    return "\n".join(line for line in lines if line)


def _edges(lengths: list[float]) -> list[float]:
    edges = [0.0]
    for length in lengths:
        edges.append(edges[-1] + length)
    return edges


def _length(text: str | None) -> float:
    return float(text) if text and text.isascii() and text.isdigit() and len(text) < 12 else 0.0


def _span(text: str | None) -> int:
    return max(1, int(text)) if text and text.isascii() and text.isdigit() and len(text) < 6 else 1
