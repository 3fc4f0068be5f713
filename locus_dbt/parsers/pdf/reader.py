"""Open a PDF, read it page by page, close every native handle at once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field

import pypdfium2
import pypdfium2.raw as pdfium

from locus_dbt.errors import InputError
from locus_dbt.model.document import Document
from locus_dbt.model.element import Page, Parsed, no_words
from locus_dbt.parsers.pdf import native
from locus_dbt.parsers.pdf.attached import read_attachments, read_metadata
from locus_dbt.parsers.pdf.blocks import TextRow, build_blocks, furniture, text_rows
from locus_dbt.parsers.pdf.chars import read_chars
from locus_dbt.parsers.pdf.columns import in_reading_order
from locus_dbt.parsers.pdf.native import Frame
from locus_dbt.parsers.pdf.rulings import Rulings, read_rulings
from locus_dbt.parsers.pdf.stitch import Piece, assemble, make_piece
from locus_dbt.parsers.pdf.tables import page_grids
from locus_dbt.parsers.pdf.words import PageWords, build_words


@dataclass(frozen=True, slots=True)
class ParseLimits:
    """What one document may cost; over it the document is refused with E206."""

    max_pages: int = 5000
    max_chars_per_page: int = 200_000
    max_attachment_bytes: int = 64 * 1024 * 1024


LIMITS = ParseLimits()


def parse(document: Document, *, limits: ParseLimits = LIMITS, password: str | None = None) -> Parsed:
    """The document in ``ir/v1``; ``InputError`` E202 encrypted, E203 damaged or empty, E206 over a limit."""
    with native.LOCK, _opened(document, password) as pdf:
        return _parse(document, pdf, limits)


@contextmanager
def _opened(document: Document, password: str | None) -> Iterator[pypdfium2.PdfDocument]:
    # pdfium repairs what it can; a file without its end would silently come back with pages missing.
    if b"%%EOF" not in document.data[-4096:] and b"startxref" not in document.data[-4096:]:
        raise _damaged(document, "its end is missing")
    try:
        pdf = pypdfium2.PdfDocument(document.data, password=password)
    except pypdfium2.PdfiumError as error:
        if error.err_code in (pdfium.FPDF_ERR_PASSWORD, pdfium.FPDF_ERR_SECURITY):
            raise InputError(
                f"the PDF is encrypted: {document.filename}",
                code="E202",
                fix="remove the password first",
            ) from None
        raise _damaged(document, "it has no readable structure") from None
    with closing(pdf):
        if len(pdf) == 0:
            raise _damaged(document, "it has no pages")
        yield pdf


def _damaged(document: Document, why: str) -> InputError:
    return InputError(
        f"the PDF is damaged or truncated: {document.filename}: {why}",
        code="E203",
        fix="get the file again from its source",
    )


@dataclass(slots=True)
class _Reading:
    """What has been read so far."""

    pages: list[Page] = field(default_factory=list)
    rows: list[list[TextRow]] = field(default_factory=list)
    pieces: list[Piece] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def _parse(document: Document, pdf: pypdfium2.PdfDocument, limits: ParseLimits) -> Parsed:
    if len(pdf) > limits.max_pages:
        raise _over(document, f"{len(pdf)} pages", f"{limits.max_pages}")
    reading = _Reading()
    for index in range(len(pdf)):
        _read_page(document, pdf, index, limits, reading)
    if len(reading.warnings) >= len(pdf) and all("cannot be read" in w for w in reading.warnings):
        raise _damaged(document, "none of its pages can be read")
    running = furniture(reading.rows)
    blocks = build_blocks(reading.rows, running)
    pages = [
        Page(p.number, p.width, p.height, p.words, tuple(b), p.rotation)
        for p, b in zip(reading.pages, blocks, strict=True)
    ]
    attachments, left_out = read_attachments(pdf, max_bytes=limits.max_attachment_bytes)
    tables = assemble(reading.pieces, running, reading.warnings)
    warnings = (*reading.warnings, *left_out)
    return Parsed("application/pdf", tuple(pages), tuple(tables), tuple(attachments), read_metadata(pdf), warnings)


def _over(document: Document, what: str, limit: str) -> InputError:
    return InputError(
        f"the PDF is over a limit: {document.filename} has {what}, at most {limit} are read",
        code="E206",
        fix="split the file, or raise the limit",
    )


def _read_page(document: Document, pdf: pypdfium2.PdfDocument, index: int, limits: ParseLimits, out: _Reading) -> None:
    number = index + 1
    try:
        page = pdf[index]
    except pypdfium2.PdfiumError:
        out.warnings.append(f"page {number} cannot be read")
        out.pages.append(Page(number, 0.0, 0.0, no_words()))
        out.rows.append([])
        return
    with closing(page):
        frame = native.page_frame(page)
        words, rulings = _read_content(document, native.address(page.raw), frame, number, limits)
        if not len(words) and native.count_objects(native.address(page.raw)) > 0:
            out.warnings.append(f"page {number} has no text layer")
    if sum("\ufffd" in t for t in words.text) > 0.3 * len(words):
        out.warnings.append(f"page {number} has letters without a known code")
    width, height = frame.size
    grids = page_grids(words, rulings)
    rows = text_rows(words, number, height, [g.box for g in grids])
    out.pages.append(Page(number, width, height, words.as_words(), (), frame.rotation))
    out.rows.append(rows)
    out.pieces.extend(make_piece(grid, words, number, rows) for grid in grids)


def _read_content(
    document: Document, page: int, frame: Frame, number: int, limits: ParseLimits
) -> tuple[PageWords, Rulings]:
    text = native.load_text(page)
    if not text:
        raise _damaged(document, f"page {number} cannot be read")
    try:
        n = native.count_chars(text)
        if n > limits.max_chars_per_page:
            raise _over(document, f"{n} characters on page {number}", f"{limits.max_chars_per_page}")
        words = in_reading_order(build_words(read_chars(text, n, frame)))
    finally:
        native.close_text(text)
    return words, read_rulings(page, frame)
