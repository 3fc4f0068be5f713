"""OpenDocument texts and presentations (ODT, OTT, ODP, OTP, flat XML) to ``ir/v1``.

Texts have no pages: places are XPaths of the content without namespaces (``/text/table[1]/table-row[2]/…``), notes are
``footnote 1``, comments ``comment 1``. Slides are pages with boxes in points; speaker notes are blocks of kind
``footnote`` with the label ``notes``. Tracked deletions are left out and counted.
"""

from __future__ import annotations

import re

import numpy as np
from lxml import etree

from locus_dbt.errors import InputError
from locus_dbt.model.document import Document
from locus_dbt.model.element import BlockKind, Parsed
from locus_dbt.parsers.cells import Flow
from locus_dbt.parsers.limits import over
from locus_dbt.parsers.office.odf_package import (
    DRAW,
    FO,
    OFFICE,
    PRESENTATION,
    STYLE,
    SVG,
    TABLE,
    OdfPackage,
    points,
    whole,
)
from locus_dbt.parsers.office.odf_text import OdfItem, OdfTable, OdfText, addressed
from locus_dbt.parsers.office.slides import CONTENT, MARGIN, NOTES, TITLE, Box, Deck, SlideItem, SlideText

_MAX_SLIDES = 5_000
_MARGINS: dict[str, BlockKind] = {
    "footer": "footer", "date-time": "footer", "header": "header", "page-number": "page_number",
}  # fmt: skip
_SHIFT = re.compile(r"translate\s*\(\s*(-?[\d.]{1,20}[a-z]{2})[\s,]+(-?[\d.]{1,20}[a-z]{2})\s*\)")


def parse(document: Document) -> Parsed:
    """Parse a text or presentation; raises ``InputError`` E202 for an encrypted one, E203 for a damaged one."""
    try:
        return _parse(document)
    except RecursionError as error:
        raise over("the document is nested too deeply", where=document.filename) from error


def _parse(document: Document) -> Parsed:
    package = OdfPackage(document)
    body = next(package.content.iter(f"{OFFICE}body"), None)
    slides = body.find(f"{OFFICE}presentation") if body is not None else None
    slides = body.find(f"{OFFICE}drawing") if slides is None and body is not None else slides
    text = body.find(f"{OFFICE}text") if body is not None else None
    if slides is not None:
        return _presentation(document, package, slides)
    if text is None:
        raise InputError(
            f"the OpenDocument file holds neither text nor slides: {document.filename}", code="E203",
            fix="repair the file",
        )  # fmt: skip
    return _text(document, package, text)


def _text(document: Document, package: OdfPackage, body: etree._Element) -> Parsed:
    flow = Flow()
    reader = OdfText(package)
    margins = _margins(package)
    reader.blocks(body, "/text")
    for item in [*margins["header"], *reader.items, *reader.notes, *margins["footer"]]:
        if isinstance(item, OdfTable):
            flow.table(item.cells, title=item.title)
        else:
            flow.block(item.kind, item.text, place=item.place, level=item.level, label=item.label)
    return Parsed(
        document.media_type, (flow.page(),), tuple(flow.tables), tuple(package.attachments), package.properties(),
        tuple(package.tally.sentences()), tuple(package.repairs),
    )  # fmt: skip


def _margins(package: OdfPackage) -> dict[str, list[OdfItem]]:
    """Headers and footers of the page styles, equal ones once."""
    found: dict[str, list[OdfItem]] = {"header": [], "footer": []}
    seen: set[tuple[str, str]] = set()
    for number, master in enumerate(package.all(f"{STYLE}master-page"), 1):
        for kind in ("header", "footer"):
            for form in (kind, f"{kind}-left", f"{kind}-first"):
                part = master.find(f"{STYLE}{form}")
                if part is None or part.get(f"{STYLE}display") == "false":
                    continue
                reader = OdfText(package)
                reader.blocks(part, f"/master-page[{number}]/{form}", kind="header" if kind == "header" else "footer")
                for item in reader.items:
                    key = (kind, item.text if isinstance(item, SlideText) else "\0".join(item.cells.text))
                    if key not in seen:
                        seen.add(key)
                        found[kind].append(item)
    return found


def _presentation(document: Document, package: OdfPackage, body: etree._Element) -> Parsed:
    deck = Deck()
    warnings: list[str] = []
    pages = list(body.iterfind(f"{DRAW}page"))
    if len(pages) > _MAX_SLIDES:
        raise over(f"{len(pages)} slides, at most {_MAX_SLIDES}", where=document.filename)
    for number, page in enumerate(pages, 1):
        if not document.options.wants(number):
            continue
        if _is_hidden(page, package):
            warnings.append(f"slide {number} is hidden")
        width, height = _size(page, package)
        deck.slide(number, width=width, height=height, items=_Slide(package, body, number).items(page))
    return Parsed(
        document.media_type, tuple(deck.pages), tuple(deck.tables), tuple(package.attachments),
        package.properties() | {"slides": str(len(pages))}, (*warnings, *package.tally.sentences()),
    )  # fmt: skip


def _is_hidden(page: etree._Element, package: OdfPackage) -> bool:
    style = package.style("drawing-page", page.get(f"{DRAW}style-name"))
    properties = style.find(f"{STYLE}drawing-page-properties") if style is not None else None
    return properties is not None and properties.get(f"{PRESENTATION}visibility") == "hidden"


def _size(page: etree._Element, package: OdfPackage) -> tuple[float, float]:
    """Width and height of the page that the slide's master names."""
    name = page.get(f"{DRAW}master-page-name")
    layout = next(
        (
            m.get(f"{STYLE}page-layout-name")
            for m in package.all(f"{STYLE}master-page")
            if m.get(f"{STYLE}name") == name
        ),
        None,
    )
    for element in package.all(f"{STYLE}page-layout"):
        if element.get(f"{STYLE}name") == layout:
            properties = element.find(f"{STYLE}page-layout-properties")
            if properties is not None:
                width, height = points(properties.get(f"{FO}page-width")), points(properties.get(f"{FO}page-height"))
                return width or 0.0, height or 0.0
    return 0.0, 0.0


class _Slide:
    """The items of one slide."""

    def __init__(self, package: OdfPackage, body: etree._Element, number: int) -> None:
        self._package = package
        self._body = body
        self._number = number
        self._found: list[SlideItem] = []

    def items(self, page: etree._Element) -> list[SlideItem]:
        """Shapes, the footer that the slide takes from the presentation, notes, comments."""
        todo = list(addressed(page, f"slide {self._number}"))[::-1]
        while todo:
            element, at = todo.pop()
            if element.tag == DRAW + "g":
                todo.extend(list(addressed(element, at))[::-1])
            elif element.tag == PRESENTATION + "notes":
                self._notes(element)
            elif element.tag == OFFICE + "annotation":
                reader = OdfText(self._package)
                holder = etree.Element("holder")
                holder.append(element)
                reader._inline(holder, at, [])  # noqa: SLF001 - one paragraph's worth of content
                self._found.append(SlideItem(None, NOTES, [t for t in reader.notes if isinstance(t, SlideText)]))
            elif isinstance(element.tag, str) and element.tag.startswith(DRAW):
                self._shape(element, at)
        self._declared(page)
        return self._found

    def _shape(self, element: etree._Element, at: str) -> None:
        if element.get(f"{PRESENTATION}placeholder") == "true":
            return
        role = element.get(f"{PRESENTATION}class") or ""
        box = _box(element)
        reader = OdfText(self._package)
        reader.drawing(element, at) if element.tag == DRAW + "frame" else reader.blocks(element, at)
        texts = [item for item in reader.items if isinstance(item, SlideText)]
        rank = TITLE if role == "title" else MARGIN if role in _MARGINS else CONTENT
        if role == "title" and texts:
            texts = [SlideText("heading", "\n".join(t.text for t in texts), texts[0].place, 1)]
        elif role in _MARGINS:
            texts = [SlideText(_MARGINS[role], t.text, t.place) for t in texts]
        if texts:
            self._found.append(SlideItem(box, rank, texts))
        for item in reader.items:
            if isinstance(item, OdfTable):
                boxes = _cell_boxes(item, box, self._package) if item.element.getparent() is element else []
                self._found.append(SlideItem(box, cells=item.cells, cell_boxes=boxes, title=item.title))
        if reader.notes:
            notes = [t for t in reader.notes if isinstance(t, SlideText)]
            self._found.append(SlideItem(None, NOTES, notes))

    def _notes(self, notes: etree._Element) -> None:
        for frame, at in addressed(notes, f"slide {self._number} notes"):
            if frame.get(f"{PRESENTATION}class") != "notes" or frame.get(f"{PRESENTATION}placeholder") == "true":
                continue
            reader = OdfText(self._package)
            reader.drawing(frame, at)
            text = "\n".join(item.text for item in reader.items if isinstance(item, SlideText))
            self._found.append(SlideItem(None, NOTES, [SlideText("footnote", text, at, label="notes")]))

    def _declared(self, page: etree._Element) -> None:
        for kind in ("footer", "header"):
            name = page.get(f"{PRESENTATION}use-{kind}-name")
            for element in self._body.iterfind(f"{PRESENTATION}{kind}-decl"):
                if name and element.get(f"{PRESENTATION}name") == name:
                    text = SlideText(
                        "footer" if kind == "footer" else "header", element.text or "", f"slide {self._number}/{kind}"
                    )
                    self._found.append(SlideItem(None, MARGIN, [text]))


def _box(element: etree._Element) -> Box | None:
    """A shape's box; turned shapes keep the place of their unturned corner."""
    x, y = points(element.get(f"{SVG}x")), points(element.get(f"{SVG}y"))
    width, height = points(element.get(f"{SVG}width")), points(element.get(f"{SVG}height"))
    if (x is None or y is None) and (shift := _SHIFT.search(element.get(f"{DRAW}transform") or "")):
        x, y = points(shift[1]), points(shift[2])
    if x is None or y is None or width is None or height is None:
        return None
    return (x, y, x + width, y + height)


def _cell_boxes(table: OdfTable, box: Box | None, package: OdfPackage) -> list[Box]:
    """Boxes from column widths and row heights; without them the frame is divided evenly."""
    if box is None:
        return []
    cells = table.cells.table(0)
    xs = _edges(table.element, "column", cells.n_cols, box[0], box[2], package)
    ys = _edges(table.element, "row", cells.n_rows, box[1], box[3], package)
    columns = (cells.row, cells.col, cells.row_span, cells.col_span)
    return [
        (xs[col], ys[row], xs[col + across], ys[row + down])
        for row, col, down, across in zip(*(c.tolist() for c in columns), strict=True)
    ]


def _edges(table: etree._Element, what: str, n: int, start: float, stop: float, package: OdfPackage) -> list[float]:
    sizes: list[float | None] = []
    name = {"column": "column-width", "row": "row-height"}[what]
    for element in table.iter(f"{TABLE}table-{what}"):
        style = package.style(f"table-{what}", element.get(f"{TABLE}style-name"))
        properties = style.find(f"{STYLE}table-{what}-properties") if style is not None else None
        repeat = min(whole(element.get(f"{TABLE}number-{what}s-repeated"), default=1), n)
        sizes += [points(properties.get(f"{STYLE}{name}") if properties is not None else None)] * repeat
    known = [size for size in sizes[:n] if size is not None]
    if len(known) != n:
        known = [(stop - start) / max(n, 1)] * n
    return [start, *(start + np.cumsum(known)).tolist()]
