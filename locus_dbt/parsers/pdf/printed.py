"""Printed lines of a page with what is known of each: the raw material of its blocks."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from locus_dbt.parsers.pdf.grid import Grid, Rect
from locus_dbt.parsers.pdf.native import Floats, Ints
from locus_dbt.parsers.pdf.words import PageWords

_EDGE = 0.12  # part of the page's height at top and bottom where running heads stand
_FIGURES = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class TextRow:
    """One printed line, or the part of one that lies outside of tables (``free``) or within (not ``free``).

    ``edge`` is 1 at the top of the page, -1 at its bottom, else 0; ``indent`` is where the second word begins, the
    text of a list item; ``raised`` says that the first word is a small raised mark; ``tag`` is the row's role in a
    tagged PDF (empty in others).
    """

    page: int
    text: str
    box: Rect
    size: float
    bold: bool
    first: str
    n_words: int
    free: bool
    edge: int
    indent: float = 0.0
    raised: bool = False
    tag: str = ""

    @property
    def pattern(self) -> str:
        """The text with figures levelled, as it repeats over pages."""
        return _FIGURES.sub("#", self.text)


def text_rows(
    words: PageWords, page: int, height: float, grids: Sequence[Grid], tags: Mapping[int, str] | None = None
) -> list[TextRow]:
    """The lines of a page in reading order; every word is in one row, free exactly when no table has it.

    ``tags`` are roles of words (by index) that a structure tree gives.
    """
    if not len(words):
        return []
    taken = np.zeros(len(words), np.bool_)
    for grid in grids:
        for cell in grid.cells:
            taken[cell.words] = True
    line = words.line
    starts = np.flatnonzero((np.diff(line, prepend=-1) != 0) | (np.diff(taken, prepend=taken[:1]) != 0))
    stops = np.append(starts[1:], len(words))
    low, high = np.minimum.reduceat(words.box[:, :2], starts), np.maximum.reduceat(words.box[:, 2:], starts)
    boxes = np.concatenate([low, high], axis=1).tolist()
    middles = _medians(words.size, starts, stops)
    bold = (2 * np.add.reduceat(words.bold, starts, dtype=np.int64) > stops - starts).tolist()
    sizes, left = words.size.tolist(), words.box[:, 0].tolist()
    out = []
    for k, (a, b) in enumerate(zip(starts.tolist(), stops.tolist(), strict=True)):
        x0, y0, x1, y1 = boxes[k]
        box = (x0, y0, x1, y1)
        my = (box[1] + box[3]) / 2
        edge = 1 if my < _EDGE * height else -1 if my > (1 - _EDGE) * height else 0
        size = middles[k]
        out.append(
            TextRow(
                page, " ".join(words.text[a:b]), box, size, bold[k], words.text[a], b - a, not taken[a], edge,
                left[a + 1] if b - a > 1 else box[2], b - a > 1 and sizes[a] < 0.8 * size,
                _tag(tags, a, b) if tags else "",
            )
        )  # fmt: skip
    return out


def _medians(values: Floats, starts: Ints, stops: Ints) -> list[float]:
    """The median of each run ``starts[k]:stops[k]``."""
    order = np.lexsort((values, np.repeat(np.arange(len(starts)), stops - starts)))
    count = stops - starts
    low, high = values[order[starts + (count - 1) // 2]], values[order[starts + count // 2]]
    medians: list[float] = ((low + high) / 2).tolist()
    return medians


def _tag(tags: Mapping[int, str], start: int, stop: int) -> str:
    """The role of most of the row's words."""
    count: dict[str, int] = {}
    for i in range(start, stop):
        role = tags.get(i, "")
        count[role] = count.get(role, 0) + 1
    role, n = max(count.items(), key=lambda kv: kv[1])
    return role if 2 * n > stop - start else ""
