"""A picture file in ``ir/v1``: its frames read, laid out and put together as pages, blocks and tables."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace

import numpy as np

from locus_dbt.model.document import PAGE_BY_OCR, Document
from locus_dbt.model.element import Block, Page, Parsed, Table
from locus_dbt.parsers.ocr.composing import Composed, compose_document, compose_page
from locus_dbt.parsers.ocr.engines import Engine
from locus_dbt.parsers.ocr.frames import PictureFrame, frames
from locus_dbt.parsers.ocr.layout import Laid, lay_out, layout_rulings, model_words, to_points
from locus_dbt.parsers.ocr.pixels import pixels_of
from locus_dbt.parsers.ocr.seen import Seen


@dataclass(frozen=True, slots=True)
class _Sheet:
    """A page that was read: how to get back from its layout to points of its picture."""

    frame: PictureFrame
    seen: Seen
    laid: Laid

    def points(self, boxes: np.ndarray) -> np.ndarray:
        """Layout boxes ``(n, 4)`` in points of the page; unknown ones stay unknown."""
        return to_points(self.seen, boxes / self.laid.scale, across=self.frame.across, down=self.frame.down)


@dataclass(slots=True)
class _Reading:
    sheets: list[_Sheet] = field(default_factory=list)
    composed: list[Composed] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    seconds: float = 0.0


def read(document: Document, engine: Engine) -> Parsed:
    """The document read by ``engine``; raises what :func:`locus_dbt.parsers.ocr.frames.frames` raises."""
    reading = _Reading()
    for frame in frames(document, reading.notes):
        start = time.perf_counter()
        _read_frame(frame, document, engine, reading)
        reading.seconds += time.perf_counter() - start
        document.tick(PAGE_BY_OCR)
    blocks, tables = compose_document(reading.composed, reading.notes)
    by_number = {sheet.frame.number: sheet for sheet in reading.sheets}
    pages = [_page(sheet, own) for sheet, own in zip(reading.sheets, blocks, strict=True)]
    metadata = {"ocr_languages": ",".join(document.options.languages) or "en"}
    if reading.sheets:
        metadata["ocr_engine"] = reading.sheets[0].seen.engine
    return Parsed(
        document.media_type,
        tuple(pages),
        tuple(_placed(table, by_number) for table in tables),
        (),
        metadata,
        tuple(reading.notes),
        cost={"ocr_pages": float(len(reading.sheets)), "ocr_seconds": reading.seconds},
    )


def _read_frame(frame: PictureFrame, document: Document, engine: Engine, out: _Reading) -> None:
    pixels = pixels_of(frame.picture)
    seen = engine(pixels, document.options.languages)
    laid = lay_out(seen)
    rulings = layout_rulings(pixels, seen, laid)
    sideways = seen.frame.quarters % 2
    height = (frame.picture.width if sideways else frame.picture.height) * laid.scale
    out.sheets.append(_Sheet(frame, seen, laid))
    out.composed.append(compose_page(laid.words, rulings, number=frame.number, height=height))
    if seen.frame.quarters:
        out.notes.append(f"page {frame.number} lies on its side or head: read turned by {90 * seen.frame.quarters}°")
    if not len(seen):
        out.notes.append(f"page {frame.number} has no text that could be read")


def _page(sheet: _Sheet, blocks: list[Block]) -> Page:
    frame = sheet.frame
    placed = [_placed_block(block, sheet) for block in blocks]
    words = model_words(sheet.seen, sheet.laid, across=frame.across, down=frame.down)
    width, height = frame.picture.width * frame.across, frame.picture.height * frame.down
    return Page(frame.number, width, height, words, tuple(placed), read_by="ocr")


def _placed_block(block: Block, sheet: _Sheet) -> Block:
    if block.box is None:
        return block
    x0, y0, x1, y1 = sheet.points(np.array([block.box], np.float64))[0].tolist()
    return replace(block, box=(x0, y0, x1, y1))


def _placed(table: Table, sheets: dict[int, _Sheet]) -> Table:
    box = table.box.copy()
    for page in sorted(set(table.page.tolist())):
        on_page = (table.page == page) & ~np.isnan(table.box[:, 0])
        box[on_page] = sheets[page].points(table.box[on_page].astype(np.float64))
    return replace(table, box=box)
