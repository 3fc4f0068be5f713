"""Bookmarks: the titles that the maker of a PDF gave its sections, with their depth and page."""

from __future__ import annotations

import ctypes
import json
from dataclasses import dataclass
from typing import Any

import pypdfium2.raw as pdfium

from locus_dbt.parsers.pdf.blocks import title_key

_MOST = 20_000
_DEEPEST = 15


@dataclass(frozen=True, slots=True)
class Entry:
    """A bookmark: ``level`` from 1, ``page`` from 1 (0 when it leads to no page of the document)."""

    level: int
    title: str
    page: int


@dataclass(frozen=True, slots=True)
class Outline:
    """All bookmarks in their order."""

    entries: tuple[Entry, ...] = ()

    def as_json(self) -> str:
        """An array of objects with level, title and page (``null`` where unknown)."""
        rows = [{"level": e.level, "title": e.title, "page": e.page or None} for e in self.entries]
        return json.dumps(rows, ensure_ascii=False)


def read_outline(pdf: Any) -> Outline:  # noqa: ANN401 - pypdfium2.PdfDocument
    """The bookmarks of an open document; a circle among them ends where it closes."""
    out: list[Entry] = []
    seen: set[int] = set()
    stack = [(pdfium.FPDFBookmark_GetFirstChild(pdf, None), 1)]
    while stack and len(out) < _MOST:
        mark, level = stack.pop()
        if not mark or (at := ctypes.addressof(mark.contents)) in seen:
            continue
        seen.add(at)
        target = pdfium.FPDFBookmark_GetDest(pdf, mark)
        page = pdfium.FPDFDest_GetDestPageIndex(pdf, target) + 1 if target else 0
        out.append(Entry(level, " ".join(_title(mark).split()), max(0, page)))
        stack.append((pdfium.FPDFBookmark_GetNextSibling(pdf, mark), level))
        if level < _DEEPEST:
            stack.append((pdfium.FPDFBookmark_GetFirstChild(pdf, mark), level + 1))
    return Outline(tuple(out))


def outline_levels(outline: Outline) -> dict[tuple[int, str], int]:
    """Level by page and title, for headings to be found by."""
    out: dict[tuple[int, str], int] = {}
    for entry in outline.entries:
        key = title_key(entry.title)
        if entry.page and key:
            out.setdefault((entry.page, key), entry.level)
    return out


def _title(mark: Any) -> str:  # noqa: ANN401 - a handle
    n = pdfium.FPDFBookmark_GetTitle(mark, None, 0)
    if n <= 2:
        return ""
    buffer = ctypes.create_string_buffer(n)
    pdfium.FPDFBookmark_GetTitle(mark, buffer, n)
    return buffer.raw[: n - 2].decode("utf-16-le", "replace")
