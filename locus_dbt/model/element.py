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

BlockKind = Literal["heading", "paragraph", "list", "header", "footer", "key_value", "picture", "code"]


def no_boxes(n: int) -> FloatArray:
    """``n`` boxes that say: no box is known."""
    return np.full((n, 4), np.nan, dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one page in reading order; ``line[i]`` is the index of the line word ``i`` stands on."""

    text: Sequence[str]
    box: FloatArray
    size: FloatArray
    line: IntArray
    bold: BoolArray

    def __post_init__(self) -> None:
        n = len(self.text)
        if not (len(self.box) == len(self.size) == len(self.line) == len(self.bold) == n):
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
    blocks, -1 where only its box tells it.
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

    def __post_init__(self) -> None:
        n = len(self.text)
        columns = (self.row, self.col, self.row_span, self.col_span, self.is_header, self.page, self.box)
        if any(len(c) != n for c in columns) or len(self.place) not in (0, n):
            raise ValueError(f"columns of unequal length beside {n} cells")

    def __len__(self) -> int:
        return len(self.text)


@dataclass(frozen=True, slots=True)
class Block:
    """A located piece of running text; ``order`` is its place in the reading order of the document.

    ``level`` is a heading's depth from 1 (0 for everything else).
    """

    kind: BlockKind
    text: str
    order: int
    page: int | None = None
    box: tuple[float, float, float, float] | None = None
    level: int = 0
    place: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """One page; formats without pages give a single page with ``number`` 0 and no size."""

    number: int
    width: float
    height: float
    words: Words = field(default_factory=no_words)
    blocks: Sequence[Block] = ()
    rotation: int = 0


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file inside a document."""

    name: str
    media_type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Parsed:
    """A whole document in ``ir/v1``."""

    media_type: str
    pages: Sequence[Page]
    tables: Sequence[Table] = ()
    attachments: Sequence[Attachment] = ()
    metadata: Mapping[str, str] = field(default_factory=dict)
    warnings: Sequence[str] = ()

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
