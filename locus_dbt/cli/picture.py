"""A page as a picture with boxes drawn on it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from locus_dbt.model.errors import InputError, RunError

if TYPE_CHECKING:
    from PIL.Image import Image

Box = tuple[float, float, float, float]

DPI = 150
#: A page that would be larger than this is drawn at a lower resolution.
_MOST_PIXELS = 40_000_000
#: Room between the print and the frame, in points.
_ROOM = 1.0
FRAME = (208, 2, 27)
TINT = (255, 240, 160)


def draw_boxes(document: Path, page: int, boxes: Sequence[Box], out: Path) -> Path:
    """Write page ``page`` (from 1) of a PDF as PNG with the boxes framed; boxes are in points from its top left.

    Raises:
        InputError: E201 or E203 when the document is not there or cannot be drawn.
        RunError: E403 when the picture cannot be written.
    """
    picture, scale = _render(document, page)
    marked = mark(picture, [tuple(v * scale for v in _widened(box)) for box in boxes])
    part = out.with_name(f".part-{out.name}")
    try:
        marked.save(part, format="PNG", optimize=True)
        part.replace(out)
    except OSError as error:
        raise RunError(f"cannot write '{out}': {error.strerror or error}", code="E403") from error
    return out


def mark(picture: Image, boxes: Sequence[Sequence[float]]) -> Image:
    """The picture with a tint and a clear frame around each box, in pixels; what is printed stays as dark as it was."""
    from PIL import Image, ImageChops, ImageDraw  # noqa: PLC0415 - only for pictures

    tint = Image.new("RGB", picture.size, (255, 255, 255))
    fill = ImageDraw.Draw(tint)
    for box in boxes:
        fill.rectangle(tuple(box), fill=TINT)
    marked = ImageChops.multiply(picture.convert("RGB"), tint)
    brush = ImageDraw.Draw(marked)
    line = max(2, round(max(picture.size) / 500))
    for x0, y0, x1, y1 in boxes:
        brush.rectangle((x0 - line, y0 - line, x1 + line, y1 + line), outline=FRAME, width=line)
    return marked


def _render(document: Path, page: int) -> tuple[Image, float]:
    import pypdfium2 as pdfium  # noqa: PLC0415 - only for pictures

    if not document.is_file():
        raise InputError(f"no file '{document}'", code="E201", fix="pass --root, the folder that file names start from")
    try:
        opened = pdfium.PdfDocument(str(document))
    except pdfium.PdfiumError as error:
        raise InputError(f"cannot draw '{document.name}': {error}", code="E203") from error
    try:
        if not 1 <= page <= len(opened):
            raise InputError(
                f"'{document.name}' has no page {page}", code="E203", fix="it changed since it was read: dbt build"
            )
        return _page(opened, page)
    finally:
        opened.close()


def _page(opened: Any, page: int) -> tuple[Image, float]:  # noqa: ANN401 - pypdfium2 has no types
    found = opened[page - 1]
    width, height = found.get_size()
    scale = DPI / 72
    if width * height * scale * scale > _MOST_PIXELS:
        scale = (_MOST_PIXELS / (width * height)) ** 0.5
    picture: Image = found.render(scale=scale).to_pil().convert("RGB")
    return picture, scale


def _widened(box: Box) -> Box:
    x0, y0, x1, y1 = box
    return x0 - _ROOM, y0 - _ROOM, x1 + _ROOM, y1 + _ROOM
