"""``ir/v1``: a parsed document as pages of words, blocks and tables, held in columns, not objects.

Boxes are float32 arrays of shape ``(n, 4)``: x0, y0, x1, y1 in PDF points, origin top left; a row of
NaN where an element has no box (formats without pages).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]
IntArray = NDArray[np.int32]
BoolArray = NDArray[np.bool_]

BlockKind = Literal[
    "heading", "paragraph", "list", "header", "footer", "page_number", "key_value", "picture", "code", "footnote",
    "caption", "comment",
]  # fmt: skip

#: How a page's words were got: from its text layer, by reading its picture, or both.
ReadBy = Literal["text", "ocr", "mixed"]


def no_boxes(n: int) -> FloatArray:
    """``n`` boxes that say: no box is known."""
    return np.full((n, 4), np.nan, dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one page in reading order; ``line[i]`` is the index of the line word ``i`` stands on.

    ``score[i]`` is how sure a reader of pictures (OCR) is of word ``i``, 0..1; ``None`` for a text layer.
    """

    text: Sequence[str]
    box: FloatArray
    size: FloatArray
    line: IntArray
    bold: BoolArray
    score: FloatArray | None = None

    def __post_init__(self) -> None:
        n = len(self.text)
        scores = n if self.score is None else len(self.score)
        if not (len(self.box) == len(self.size) == len(self.line) == len(self.bold) == scores == n):
            raise ValueError(f"columns of unequal length beside {n} words")

    def __len__(self) -> int:
        return len(self.text)


def no_words() -> Words:
    """An empty page's words."""
    return Words((), no_boxes(0), np.empty(0, np.float32), np.empty(0, np.int32), np.empty(0, np.bool_))


@dataclass(frozen=True, slots=True)
class Table:
    """A table as cells: cell ``i`` has ``text[i]`` and covers ``row[i] .. row[i]+row_span[i]-1`` etc.

    Rows and columns count from 0. ``place[i]`` is the cell's own address where the format has one
    (``Sheet1!B7``); empty where not. ``number`` counts the tables of a document from 0. A table that runs
    over several pages has ``page`` per cell. ``order`` is the table's place in the reading order among the
    blocks, -1 where only its box tells it. ``typed[i]`` is the cell's value in one form where the format stores
    a type (a plain decimal, an ISO date or time, ``true``), empty for texts; the text is what is displayed.
    ``hidden_rows`` are rows that the format hides; their cells are here like all others.
    """

    number: int
    n_rows: int
    n_cols: int
    text: Sequence[str]
    row: IntArray
    col: IntArray
    row_span: IntArray
    col_span: IntArray
    is_header: BoolArray
    page: IntArray
    box: FloatArray
    place: Sequence[str] = ()
    title: str = ""
    order: int = -1
    typed: Sequence[str] = ()
    hidden_rows: Sequence[int] = ()

    def __post_init__(self) -> None:
        n = len(self.text)
        columns = (self.row, self.col, self.row_span, self.col_span, self.is_header, self.page, self.box)
        sparse = (self.place, self.typed)
        if any(len(c) != n for c in columns) or any(len(c) not in (0, n) for c in sparse):
            raise ValueError(f"columns of unequal length beside {n} cells")

    def __len__(self) -> int:
        return len(self.text)


@dataclass(frozen=True, slots=True)
class Block:
    """A located piece of running text; ``order`` is its place in the reading order of the document.

    ``level`` is the depth of a heading or list item from 1 (0 for everything else). ``label`` is the key of a
    key-value pair, the marker of a list item or footnote, the author of a comment.
    """

    kind: BlockKind
    text: str
    order: int
    page: int | None = None
    box: tuple[float, float, float, float] | None = None
    level: int = 0
    place: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """One page; formats without pages give a single page with ``number`` 0 and no size."""

    number: int
    width: float
    height: float
    words: Words = field(default_factory=no_words)
    blocks: Sequence[Block] = ()
    rotation: int = 0
    read_by: ReadBy = "text"


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file inside a document: a child document. ``name`` may hold folders (``reports/may.csv``)."""

    name: str
    media_type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Repair:
    """What a parser mended: by which rule, where, and what stood there before."""

    rule: str
    place: str
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class Parsed:
    """A whole document in ``ir/v1``.

    ``cost`` holds what reading took beyond the usual, by name: ``ocr_pages``, ``ocr_seconds``. It is the one part that
    may differ between two readings of the same bytes.
    """

    media_type: str
    pages: Sequence[Page]
    tables: Sequence[Table] = ()
    attachments: Sequence[Attachment] = ()
    metadata: Mapping[str, str] = field(default_factory=dict)
    warnings: Sequence[str] = ()
    repairs: Sequence[Repair] = ()
    cost: Mapping[str, float] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The words of all pages, a line per printed line, a blank line between pages."""
        return "\n\n".join(page_text(p) for p in self.pages)


def page_text(page: Page) -> str:
    """The page's words joined by blanks, a line per printed line; blocks where there are no words."""
    if not len(page.words):
        return "\n".join(b.text for b in page.blocks)
    lines: list[list[str]] = []
    last = -1
    for word, line in zip(page.words.text, page.words.line.tolist(), strict=True):
        if line != last:
            lines.append([])
            last = line
        lines[-1].append(word)
    return "\n".join(" ".join(line) for line in lines)
