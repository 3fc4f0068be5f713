"""A table of one page before it becomes a model value: cells over a grid, each with its words."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import numpy as np

from locus_dbt.parsers.pdf.words import PageWords

Rect = tuple[float, float, float, float]


@dataclass(slots=True)
class Cell:
    """A cell over ``rows x cols`` grid places; ``words`` index the page's words in reading order."""

    row: int
    col: int
    row_span: int = 1
    col_span: int = 1
    words: list[int] = field(default_factory=list)
    box: Rect | None = None


@dataclass(slots=True)
class Grid:
    """A table on one page; ``box`` is its outer rectangle."""

    n_rows: int
    n_cols: int
    cells: list[Cell]
    box: Rect
    ruled: bool = False
    header_rows: int = 0


_NUMBER = re.compile(
    r"^[\(\[<>~≈±+\-–−$€£¥%\s]*\d[\d.,'’\s/:%€$£*()\]+\-–—]*[a-z]{0,3}\)?$|^[-–—.…:*]+$|^n\.?/?a\.?$",
    re.IGNORECASE,
)


def is_number(text: str) -> bool:
    """Whether a cell's text is a figure or one of the signs that stand for a missing one."""
    return bool(_NUMBER.match(text.strip())) and len(text) < 30


def cell_text(words: PageWords, indices: list[int]) -> str:
    """Words joined by blanks; a word cut by a hyphen at the line's end is put together, the hyphen kept."""
    out = ""
    last = -1
    for i in indices:
        text = words.text[i]
        line = int(words.line[i])
        if not out:
            out = text
        elif line != last and out.endswith("-") and len(out) > 1 and out[-2].isalpha() and text[:1].islower():
            out += text
        else:
            out += " " + text
        last = line
    return out


def words_box(words: PageWords, indices: list[int]) -> Rect:
    """The smallest box around the words."""
    rows = words.box[np.array(indices, np.int64)]
    x0, y0 = rows[:, :2].min(axis=0).tolist()
    x1, y1 = rows[:, 2:].max(axis=0).tolist()
    return (x0, y0, x1, y1)


def shared_area(a: Rect, b: Rect) -> float:
    """The area two rectangles share."""
    w, h = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    return w * h if w > 0 and h > 0 else 0.0
