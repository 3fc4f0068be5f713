"""Open a PDF and choose its pages; every refusal of a whole document is made here."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pypdfium2
import pypdfium2.raw as pdfium

from locus_dbt.errors import InputError
from locus_dbt.model.document import Document
from locus_dbt.parsers.pdf import native


@dataclass(frozen=True, slots=True)
class ParseLimits:
    """What one document may cost; over it the document is refused with E206."""

    max_pages: int = 5000
    max_chars_per_page: int = 200_000
    max_attachment_bytes: int = 64 * 1024 * 1024


LIMITS = ParseLimits()


@contextmanager
def opened(document: Document, password: str | None) -> Iterator[pypdfium2.PdfDocument]:
    """The open PDF; raises ``InputError`` E202 (encrypted) or E203 (damaged, or without pages)."""
    # pdfium repairs what it can; a file without its end would silently come back with pages missing.
    if b"%%EOF" not in document.data[-4096:] and b"startxref" not in document.data[-4096:]:
        raise damaged(document, "its end is missing")
    with native.LOCK:
        pdf = _open(document, password)
    try:
        yield pdf
    finally:
        with native.LOCK:
            pdf.close()


def _open(document: Document, password: str | None) -> pypdfium2.PdfDocument:
    try:
        pdf = pypdfium2.PdfDocument(document.data, password=password)
    except pypdfium2.PdfiumError as error:
        # pdfium may still tell the error of the document before: every encrypted one names /Encrypt in plain
        refused = error.err_code in (pdfium.FPDF_ERR_PASSWORD, pdfium.FPDF_ERR_SECURITY)
        if refused and b"/Encrypt" in document.data:
            raise _encrypted(document, password) from None
        raise damaged(document, "it has no readable structure") from None
    if len(pdf) == 0:
        pdf.close()
        raise damaged(document, "it has no pages")
    return pdf


def _encrypted(document: Document, password: str | None) -> InputError:
    if password:
        return InputError(
            f"the PDF is encrypted and the password does not open it: {document.filename}",
            code="E202",
            fix="check the password; where user and owner have one each, either opens it",
        )
    return InputError(
        f"the PDF is encrypted: {document.filename}",
        code="E202",
        fix="give the password by the name of an environment variable, password := 'env:NAME', or remove it first",
    )


def damaged(document: Document, why: str) -> InputError:
    """E203 for a document that cannot be read."""
    return InputError(
        f"the PDF is damaged or truncated: {document.filename}: {why}",
        code="E203",
        fix="get the file again from its source",
    )


def over(document: Document, what: str, limit: str) -> InputError:
    """E206 for a document that has ``what`` where at most ``limit`` is read."""
    return InputError(
        f"the PDF is over a limit: {document.filename} has {what}, at most {limit} are read",
        code="E206",
        fix="split the file, read a part of it with pages := '1-100', or raise the limit",
    )


def wanted_pages(document: Document, count: int, limits: ParseLimits) -> tuple[list[int], list[str]]:
    """Numbers (from 1) of the pages to read of ``count``, and warnings for pages asked for that do not exist.

    Raises:
        InputError: E210 when none of the pages asked for exists, E206 when they are too many.
    """
    ranges = document.options.pages
    pages = [n for n in range(1, count + 1) if document.options.wants(n)]
    if not pages:
        raise InputError(
            f"none of the pages {_spelled(ranges or ())} exists: {document.filename} has {_pages(count)}",
            code="E210",
            fix=f"ask for pages between 1 and {count}",
        )
    if len(pages) > limits.max_pages:
        raise over(document, f"{len(pages)} pages", f"{limits.max_pages}")
    past = [r for r in ranges or () if (r[1] if r[1] is not None else r[0]) > count]
    return pages, [f"pages {_spelled(past)} go past the end: the document has {_pages(count)}"] if past else []


def _pages(count: int) -> str:
    return f"{count} page" + ("s" if count > 1 else "")


def _spelled(ranges: object) -> str:
    parts = []
    for first, last in ranges:  # type: ignore[attr-defined]
        parts.append(str(first) if last == first else f"{first}-" if last is None else f"{first}-{last}")
    return ", ".join(parts)
