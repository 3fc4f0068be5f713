"""A page as a picture with all that was found on it: words, running text, tables and their cells."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from locus_dbt.model.errors import InputError, RunError

if TYPE_CHECKING:
    from PIL.Image import Image

    from locus_dbt.model.document import Document
    from locus_dbt.model.element import Page, Parsed

_DPI = 130
_MOST_PIXELS = 24_000_000
_WORD, _BLOCK, _TABLE, _CELL, _HEAD = (150, 170, 200), (60, 140, 60), (208, 2, 27), (230, 120, 20), (120, 40, 180)


def draw_page(document: Document, parsed: Parsed, page: Page, out: Path) -> str:
    """Write the page as PNG; returns in words what was drawn. E205 for formats that have no picture of a page."""
    from PIL import ImageDraw  # noqa: PLC0415 - only for pictures

    picture = _background(document, page)
    scale = picture.width / page.width
    brush = ImageDraw.Draw(picture)
    pen = _Pen(brush, scale)
    for box in page.words.box.tolist():
        pen.frame(box, _WORD, 1)
    for block in page.blocks:
        if block.box is not None:
            pen.frame(block.box, _BLOCK, 1, room=1.5)
            pen.label(block.box, block.kind, _BLOCK)
    tables = 0
    for table in parsed.tables:
        here = table.page == page.number
        boxes = table.box[here]
        if not len(boxes):
            continue
        tables += 1
        for box, head in zip(boxes.tolist(), table.is_header[here].tolist(), strict=True):
            pen.frame(box, _HEAD if head else _CELL, 2)
        known = [b for b in boxes.tolist() if b[0] == b[0]]
        if known:
            around = [
                min(b[0] for b in known),
                min(b[1] for b in known),
                max(b[2] for b in known),
                max(b[3] for b in known),
            ]
            pen.frame(around, _TABLE, 3, room=3)
            pen.label(around, f"table {table.number}: {table.n_rows} x {table.n_cols}", _TABLE)
    try:
        picture.save(out, format="PNG")
    except OSError as error:
        raise RunError(f"cannot write '{out}': {error.strerror or error}", code="E403") from error
    return f"{len(page.words)} words, {len(page.blocks)} elements, {tables} tables"


class _Pen:
    """Draws boxes that are given in points."""

    def __init__(self, brush: Any, scale: float) -> None:  # noqa: ANN401 - of Pillow
        self._brush = brush
        self._scale = scale

    def frame(self, box: Any, color: tuple[int, int, int], width: int, *, room: float = 0.0) -> None:  # noqa: ANN401
        x0, y0, x1, y1 = box
        if x0 != x0:  # noqa: PLR0124 - NaN: the place is not known
            return
        edges = (
            (x0 - room) * self._scale,
            (y0 - room) * self._scale,
            (x1 + room) * self._scale,
            (y1 + room) * self._scale,
        )
        self._brush.rectangle(edges, outline=color, width=width)

    def label(self, box: Any, text: str, color: tuple[int, int, int]) -> None:  # noqa: ANN401
        self._brush.text((box[0] * self._scale, max(0, box[1] * self._scale - 12)), text, fill=color)


def _background(document: Document, page: Page) -> Image:
    if document.media_type == "application/pdf" or document.media_type.startswith("image/"):
        from locus_dbt.cli.picture import page_picture  # noqa: PLC0415

        return page_picture(document, page.number, dpi=_DPI)[0]
    from PIL import Image  # noqa: PLC0415

    if page.width <= 0 or page.height <= 0:
        raise InputError(
            f"{document.filename}: {document.media_type} has no pages to draw", code="E205", fix="leave out --png"
        )
    scale = min(_DPI / 72, (_MOST_PIXELS / (page.width * page.height)) ** 0.5)
    return Image.new("RGB", (round(page.width * scale), round(page.height * scale)), "white")
