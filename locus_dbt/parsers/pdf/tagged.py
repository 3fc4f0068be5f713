"""Tagged PDF: the roles that a structure tree gives to the words of a page, where it can be trusted."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import repeat
from typing import Any

import numpy as np
import pypdfium2.raw as pdfium

from locus_dbt.parsers.pdf import native
from locus_dbt.parsers.pdf.grid import Grid
from locus_dbt.parsers.pdf.native import Frame
from locus_dbt.parsers.pdf.words import PageWords

_TRUSTED = 0.7  # part of the page's words that the tree must reach
_MOST = 20_000  # elements of one page
_DEEPEST = 60
_MOST_PAIRS = 20_000_000
# Roles that say more than "some text", by the names of PDF 1.7 and 2.0; the first one from the word outwards counts,
# but whatever stands in a note is part of the note.
_ROLES = {
    **{f"H{k}": f"H{k}" for k in range(1, 7)}, "H": "H1", "Title": "H1", "Caption": "Caption", "Note": "Note",
    "FENote": "Note", "Lbl": "Lbl", "LBody": "LI", "LI": "LI", "TH": "TH", "TD": "TD", "P": "P", "Artifact": "Artifact",
}  # fmt: skip


@dataclass(slots=True)
class Roles:
    """Roles of words by their index, and the alternative texts of pictures by their mark."""

    words: dict[int, str] = field(default_factory=dict)
    pictures: dict[int, str] = field(default_factory=dict)


def read_roles(page: Any, words: PageWords, frame: Frame) -> Roles:  # noqa: ANN401 - pypdfium2.PdfPage
    """The roles on an open page; none when it has no structure tree or the tree leaves out much of the text."""
    tree = pdfium.FPDF_StructTree_GetForPage(page)
    if not tree:
        return Roles()
    try:
        if pdfium.FPDF_StructTree_CountChildren(tree) <= 0:
            return Roles()
        by_mark, pictures = _walk(tree)
    finally:
        pdfium.FPDF_StructTree_Close(tree)
    marks = _marks_of_words(native.address(page.raw), words, frame) if by_mark and len(words) else np.zeros(0, np.int64)
    roles = {i: by_mark[m] for i, m in enumerate(marks.tolist()) if m in by_mark}
    artifacts = {i: "Artifact" for i, m in enumerate(marks.tolist()) if m == _ARTIFACT}
    if len(roles) < _TRUSTED * (len(words) - len(artifacts)):
        return Roles({}, pictures)
    return Roles({**roles, **artifacts}, pictures)


def mark_header_rows(grids: Sequence[Grid], roles: Roles) -> None:
    """Tables whose first rows are tagged as header cells throughout have these as header rows."""
    heads = {i for i, role in roles.words.items() if role == "TH"}
    if not heads:
        return
    for grid in grids:
        n = _header_rows(grid, heads)
        if 0 < n < grid.n_rows:
            grid.header_rows = n


def _header_rows(grid: Grid, heads: set[int]) -> int:
    plain = [c.row for c in grid.cells if c.words and not heads.issuperset(c.words)]
    tagged = [c.row for c in grid.cells if c.words and heads.issuperset(c.words)]
    return min(min(plain, default=grid.n_rows), max(tagged, default=-1) + 1)


def _walk(tree: Any) -> tuple[dict[int, str], dict[int, str]]:  # noqa: ANN401
    """Role by marked-content id, and alternative text by the same."""
    roles: dict[int, str] = {}
    pictures: dict[int, str] = {}
    roots = (pdfium.FPDF_StructTree_GetChildAtIndex(tree, k) for k in range(pdfium.FPDF_StructTree_CountChildren(tree)))
    stack = [(element, "", "", 0) for element in roots if element]
    seen = 0
    while stack and seen < _MOST:
        element, outer, alternative, depth = stack.pop()
        seen += 1
        own = _ROLES.get(_text(partial(pdfium.FPDF_StructElement_GetType, element)), "")
        role = outer if outer == "Note" or not own or (own == "P" and outer) else own
        alternative = _text(partial(pdfium.FPDF_StructElement_GetAltText, element)) or alternative
        for k in range(min(max(0, pdfium.FPDF_StructElement_CountChildren(element)), _MOST)):
            child = pdfium.FPDF_StructElement_GetChildAtIndex(element, k)
            if child and depth < _DEEPEST:
                stack.append((child, role, alternative, depth + 1))
            elif not child:
                mark = pdfium.FPDF_StructElement_GetChildMarkedContentID(element, k)
                if mark >= 0:
                    roles[mark] = role
                    if alternative:
                        pictures[mark] = alternative
    return roles, pictures


_ARTIFACT = -2
_floats = (ctypes.c_float * 4)()
_AT = ctypes.addressof(_floats)


def _marks_of_words(page: int, words: PageWords, frame: Frame) -> native.Ints:
    """The marked-content id of the text object around each word, -1 without one, -2 in an artifact."""
    out = np.full(len(words), -1, np.int64)
    handles = list(map(native.page_object, repeat(page), range(native.count_objects(page))))
    texts = [h for h in handles if native.object_type(h) == pdfium.FPDF_PAGEOBJ_TEXT]
    if not texts or len(texts) * len(words) > _MOST_PAIRS:
        return out
    marks = np.fromiter((_mark(h) for h in texts), np.int64, len(texts))
    corners = np.zeros((len(texts), 4))
    for k, handle in enumerate(texts):
        if native.object_bounds(handle, _AT, _AT + 4, _AT + 8, _AT + 12):
            corners[k] = _floats[:]
    box = frame.boxes(corners[:, 0], corners[:, 1], corners[:, 2], corners[:, 3])
    area = (box[:, 2] - box[:, 0]) * (box[:, 3] - box[:, 1])
    x, y = (words.box[:, 0] + words.box[:, 2]) / 2, (words.box[:, 1] + words.box[:, 3]) / 2
    for k in np.argsort(-area).tolist():  # the smallest object around a word comes last
        x0, y0, x1, y1 = box[k]
        out[(x >= x0 - 0.5) & (x <= x1 + 0.5) & (y >= y0 - 2) & (y <= y1 + 2)] = marks[k]
    return out


def _mark(handle: int) -> int:
    mark = native.marked_content(handle)
    if mark >= 0:
        return int(mark)
    for k in range(native.count_marks(handle)):
        if _text(partial(_mark_name, handle, k)) == "Artifact":
            return _ARTIFACT
    return -1


def _mark_name(handle: int, index: int, buffer: Any, size: int) -> int:  # noqa: ANN401
    mark = native.object_mark(handle, index)
    length = ctypes.c_ulong(0)
    at = ctypes.addressof(buffer) if buffer is not None else 0
    return length.value if mark and native.mark_name(mark, at, size, ctypes.addressof(length)) else 0


def _text(ask: Callable[[Any, int], int]) -> str:
    """What a function of pdfium writes as UTF-16 with its end mark, called for the length first."""
    n = ask(None, 0)
    if not 2 < n <= 1 << 16:
        return ""
    buffer = (ctypes.c_ushort * (n // 2 + 1))()
    ask(buffer, n)
    return bytes(buffer)[: n - 2].decode("utf-16-le", "replace")
