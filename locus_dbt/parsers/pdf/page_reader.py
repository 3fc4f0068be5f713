"""One page of an open PDF: its words, lines and tables, and what else stands on it."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

import pypdfium2

from locus_dbt.model.document import PAGE_BY_OCR, Document
from locus_dbt.model.element import Block, Page, no_words
from locus_dbt.parsers.pdf import native
from locus_dbt.parsers.pdf.bidi import has_rtl, in_logical_order, in_visual_order, reads_rtl, spelled_logically
from locus_dbt.parsers.pdf.chars import Chars, read_chars
from locus_dbt.parsers.pdf.columns import in_reading_order
from locus_dbt.parsers.pdf.native import Frame
from locus_dbt.parsers.pdf.notes import read_notes
from locus_dbt.parsers.pdf.objects import read_objects
from locus_dbt.parsers.pdf.opening import ParseLimits, damaged, over
from locus_dbt.parsers.pdf.printed import TextRow, text_rows
from locus_dbt.parsers.pdf.rulings import read_rulings
from locus_dbt.parsers.pdf.scans import read_scan
from locus_dbt.parsers.pdf.stitch import Piece, make_piece
from locus_dbt.parsers.pdf.tables import page_grids
from locus_dbt.parsers.pdf.tagged import Roles, mark_header_rows, read_roles
from locus_dbt.parsers.pdf.unseen import warn_of_unseen
from locus_dbt.parsers.pdf.words import PageWords, build_words


@dataclass(slots=True)
class PageRead:
    """What one page gave, before running heads and tables over several pages are known.

    ``beside`` are blocks that are no running text: pictures, form fields, comments; ``cost`` what OCR took.
    """

    page: Page
    rows: list[TextRow] = field(default_factory=list)
    pieces: list[Piece] = field(default_factory=list)
    words: PageWords | None = None
    beside: list[Block] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    cost: dict[str, float] = field(default_factory=dict)
    engine: str = ""
    links: list[str] = field(default_factory=list)
    readable: bool = True


def read_page(document: Document, pdf: pypdfium2.PdfDocument, number: int, limits: ParseLimits) -> PageRead:
    """Page ``number`` (from 1); one that cannot be read is empty, with a warning."""
    try:
        page = pdf[number - 1]
    except pypdfium2.PdfiumError:
        unread = PageRead(Page(number, 0.0, 0.0, no_words()), readable=False)
        unread.warnings.append(f"page {number} cannot be read")
        return unread
    with closing(page):
        read = _read(document, pdf, page, number, limits)
    document.tick(PAGE_BY_OCR if read.page.read_by != "text" else 1.0)
    return read


def _read(document: Document, pdf: pypdfium2.PdfDocument, page: Any, number: int, limits: ParseLimits) -> PageRead:  # noqa: ANN401
    frame = native.page_frame(page)
    handle = native.address(page.raw)
    width, height = frame.size
    out = PageRead(Page(number, width, height, no_words(), (), frame.rotation))
    words, chars = _printed(document, handle, frame, number, limits)
    rulings = read_rulings(handle, frame)
    objects = read_objects(handle, frame)
    if sum("\ufffd" in t for t in words.text) > 0.3 * len(words):
        out.warnings.append(f"page {number} has letters without a known code")
    warn_of_unseen(chars, words, objects, rulings, number, out.warnings)
    scan = read_scan(page, words, objects, document.options, frame.size)
    if scan is not None:
        words, rulings = scan.words, scan.rulings or rulings
        out.cost, out.engine = scan.cost, scan.engine
        out.page = Page(number, width, height, no_words(), (), frame.rotation, scan.read_by)
    elif not len(words) and objects.count > 0:
        out.warnings.append(f"page {number} has no text layer")
    grids = page_grids(words, rulings)
    words, grids = in_logical_order(words, grids)
    roles = read_roles(page, words, frame) if scan is None else Roles()
    out.rows = text_rows(words, number, height, grids, roles.words)
    out.pieces = [make_piece(grid, words, number, out.rows) for grid in grids]
    mark_header_rows(grids, roles)
    out.words = words
    out.page = Page(
        number, width, height, scan.as_words(words) if scan else words.as_words(), (), frame.rotation, out.page.read_by
    )
    notes = read_notes(pdf, page, number, frame)
    out.beside = [*objects.picture_blocks(number, roles.pictures), *notes.blocks]
    out.links = notes.links
    out.warnings += notes.warnings
    return out


def _printed(document: Document, page: int, frame: Frame, number: int, limits: ParseLimits) -> tuple[PageWords, Chars]:
    """The words of the text layer in reading order, and the characters they were built from."""
    text = native.load_text(page)
    if not text:
        raise damaged(document, f"page {number} cannot be read")
    try:
        n = native.count_chars(text)
        if n > limits.max_chars_per_page:
            raise over(document, f"{n} characters on page {number}", f"{limits.max_chars_per_page}")
        chars = read_chars(text, n, frame)
    finally:
        native.close_text(text)
    if has_rtl(chars):
        words = spelled_logically(build_words(in_visual_order(chars)))
        return in_reading_order(words, rtl=reads_rtl(words.text)), chars
    return in_reading_order(build_words(chars)), chars
