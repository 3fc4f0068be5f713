"""A page as a picture, with boxes drawn on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from locus_dbt.cli.review.facts import Verdict
from locus_dbt.cli.review.verdicts import LOOKS
from locus_dbt.model.errors import InputError, RunError

if TYPE_CHECKING:
    from PIL.Image import Image

    from locus_dbt.model.document import Document

Box = tuple[float, float, float, float]

DPI = 150
#: A page that would be larger than this is drawn at a lower resolution.
_MOST_PIXELS = 40_000_000
#: Room between the print and the frame, in points.
_ROOM = 1.0
TINT = (255, 240, 160)


@dataclass(frozen=True, slots=True)
class Frame:
    """A box in points from the page's top left, and what its value stands like to the print."""

    box: Box
    verdict: Verdict


def draw_boxes(document: Document, page: int, frames: Sequence[Frame], out: Path) -> Path:
    """Write page ``page`` (from 1) of a PDF or picture as PNG with the boxes framed in the colour of their verdict.

    Raises:
        InputError: E203 or E205 when the document cannot be drawn.
        RunError: E403 when the picture cannot be written.
    """
    picture, (width, height) = page_picture(document, page, dpi=DPI)
    marked = mark(picture, frames, across=picture.width / width, down=picture.height / height)
    part = out.with_name(f".part-{out.name}")
    try:
        marked.save(part, format="PNG", optimize=True)
        part.replace(out)
    except OSError as error:
        raise RunError(f"cannot write '{out}': {error.strerror or error}", code="E403") from error
    return out


def mark(picture: Image, frames: Sequence[Frame], *, across: float, down: float) -> Image:
    """The picture with a tint and a clear frame around each box; what is printed stays as dark as it was.

    ``across`` and ``down`` are pixels a point.
    """
    from PIL import Image, ImageChops, ImageDraw  # noqa: PLC0415 - only for pictures

    tint = Image.new("RGB", picture.size, (255, 255, 255))
    fill = ImageDraw.Draw(tint)
    placed = [(_pixels(f.box, across, down), LOOKS[f.verdict]) for f in frames]
    for box, _ in placed:
        fill.rectangle(box, fill=TINT)
    marked = ImageChops.multiply(picture.convert("RGB"), tint)
    brush = ImageDraw.Draw(marked)
    line = max(2, round(max(picture.size) / 500))
    for (x0, y0, x1, y1), look in placed:
        around = (x0 - line, y0 - line, x1 + line, y1 + line)
        _frame(brush, around, look.color, line, tuple(part * across for part in look.dash))
    return marked


def page_picture(document: Document, page: int, *, dpi: float) -> tuple[Image, tuple[float, float]]:
    """Page ``page`` (from 1) as it is displayed, and its width and height in points.

    Raises:
        InputError: E203 when it has no such page or is damaged, E205 for formats that have no picture of a page.
    """
    if document.media_type == "application/pdf":
        return _pdf_page(document, page, dpi)
    if document.media_type.startswith("image/"):
        return _frame_of_picture(document, page, dpi)
    raise InputError(
        f"{document.filename}: {document.media_type} has no pages to draw", code="E205", fix="read the place instead"
    )


def _pdf_page(document: Document, page: int, dpi: float) -> tuple[Image, tuple[float, float]]:
    import pypdfium2 as pdfium  # noqa: PLC0415 - only for pictures

    try:
        opened = pdfium.PdfDocument(document.data, password=document.options.password)
    except pdfium.PdfiumError as error:
        raise InputError(f"cannot draw '{document.filename}': {error}", code="E203") from error
    try:
        if not 1 <= page <= len(opened):
            raise _no_page(document, page)
        found = opened[page - 1]
        width, height = found.get_size()
        picture: Image = found.render(scale=_scale(width, height, dpi)).to_pil().convert("RGB")
    except pdfium.PdfiumError as error:
        raise InputError(f"cannot draw page {page} of '{document.filename}': {error}", code="E203") from error
    finally:
        opened.close()
    return picture, (width, height)


def _frame_of_picture(document: Document, page: int, dpi: float) -> tuple[Image, tuple[float, float]]:
    from locus_dbt.parsers.ocr.frames import frames  # noqa: PLC0415 - only for pictures

    only = replace(document, options=replace(document.options, pages=((page, page),)))
    found = next(iter(frames(only, [])), None)
    if found is None:
        raise _no_page(document, page)
    width, height = found.picture.width * found.across, found.picture.height * found.down
    # Square pixels: a fax has more of them across than down. No more than the finer of the two directions has.
    scale = min(_scale(width, height, dpi), max(1 / found.across, 1 / found.down))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return found.picture if size == found.picture.size else found.picture.resize(size), (width, height)


def _no_page(document: Document, page: int) -> InputError:
    return InputError(
        f"'{document.filename}' has no page {page}", code="E203", fix="it changed since it was read: dbt build"
    )


def _scale(width: float, height: float, dpi: float) -> float:
    return float(min(dpi / 72, (_MOST_PIXELS / max(width * height, 1.0)) ** 0.5))


def _pixels(box: Box, across: float, down: float) -> tuple[float, float, float, float]:
    x0, y0, x1, y1 = box
    return (x0 - _ROOM) * across, (y0 - _ROOM) * down, (x1 + _ROOM) * across, (y1 + _ROOM) * down


def _frame(
    brush: Any,  # noqa: ANN401 - of Pillow
    box: Box,
    color: tuple[int, int, int],
    width: int,
    dash: Sequence[float],
) -> None:
    """A rectangle in a full or a broken line."""
    if not dash:
        brush.rectangle(box, outline=color, width=width)
        return
    x0, y0, x1, y1 = box
    on, off = (max(part, width) for part in dash)
    for start, stop, horizontal in ((x0, x1, True), (y0, y1, False)):
        at = start
        while at < stop:
            end = min(at + on, stop)
            for edge in (y0, y1 - width + 1) if horizontal else (x0, x1 - width + 1):
                other = edge + width - 1
                brush.rectangle((at, edge, end, other) if horizontal else (edge, at, other, end), fill=color)
            at = end + off
