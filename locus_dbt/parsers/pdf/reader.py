"""Open a PDF, read it page by page, close every native handle at once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass

import pypdfium2

from locus_dbt.errors import InputError
from locus_dbt.model.document import Document
from locus_dbt.model.element import Page, Parsed, Table
from locus_dbt.parsers.pdf import native
from locus_dbt.parsers.pdf.chars import read_chars
from locus_dbt.parsers.pdf.rulings import read_rulings
from locus_dbt.parsers.pdf.tables import page_grids, to_table
from locus_dbt.parsers.pdf.words import build_words


@dataclass(frozen=True, slots=True)
class ParseLimits:
    """What one document may cost; over it the document is refused with E206."""

    max_pages: int = 5000
    max_chars_per_page: int = 200_000


LIMITS = ParseLimits()


def parse(document: Document, *, limits: ParseLimits | None = None) -> Parsed:
    """The document in ``ir/v1``; ``InputError`` E202 encrypted, E203 damaged or empty, E206 over a limit."""
    with native.LOCK, _opened(document) as pdf:
        return _parse(document, pdf, limits or LIMITS)


@contextmanager
def _opened(document: Document) -> Iterator[pypdfium2.PdfDocument]:
    try:
        pdf = pypdfium2.PdfDocument(document.data)
        n = len(pdf)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower() or "security" in str(error).lower():
            raise InputError(
                f"the PDF is encrypted: {document.filename}",
                code="E202",
                fix="decrypt it first, or give the param password",
            ) from None
        raise _damaged(document) from None
    with closing(pdf):
        if n == 0:
            raise _damaged(document, "it has no pages")
        yield pdf


def _damaged(document: Document, why: str = "it has no readable structure") -> InputError:
    return InputError(
        f"the PDF is damaged or truncated: {document.filename}: {why}",
        code="E203",
        fix="get the file again from its source",
    )


def _parse(document: Document, pdf: pypdfium2.PdfDocument, limits: ParseLimits) -> Parsed:
    if len(pdf) > limits.max_pages:
        raise InputError(
            f"the PDF has {len(pdf)} pages, the limit is {limits.max_pages}: {document.filename}",
            code="E206",
            fix="split the file or raise the limit",
        )
    pages: list[Page] = []
    tables: list[Table] = []
    for index in range(len(pdf)):
        page = pdf[index]
        try:
            frame = native.page_frame(page)
            handle = native.load_text(native.address(page.raw))
            try:
                words = build_words(read_chars(handle, native.count_chars(handle), frame))
            finally:
                native.close_text(handle)
            rulings = read_rulings(native.address(page.raw), frame)
        finally:
            page.close()
        width, height = frame.size
        pages.append(Page(index + 1, width, height, words.as_words(), (), frame.rotation))
        for grid in page_grids(words, rulings):
            tables.append(to_table(grid, words, number=len(tables), page=index + 1))
    return Parsed("application/pdf", pages, tables)
