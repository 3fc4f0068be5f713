"""A page's words and rulings turned, so that text set sideways is read like upright text."""

from __future__ import annotations

import numpy as np

from locus_dbt.parsers.pdf.chars import Bools
from locus_dbt.parsers.pdf.grid import Grid, Rect
from locus_dbt.parsers.pdf.native import Floats
from locus_dbt.parsers.pdf.rulings import Line, Rulings
from locus_dbt.parsers.pdf.words import PageWords

_LEAST_WORDS = 12


def sideways(words: PageWords) -> list[int]:
    """The directions (90, 180, 270 degrees clockwise) in which a table's worth of words is set."""
    return [a for a in (90, 180, 270) if int((words.angle == a).sum()) >= _LEAST_WORDS]


def upright(words: PageWords, use: Bools, angle: int) -> tuple[PageWords, list[int]]:
    """The words at ``use``, all set at ``angle``, as upright ones; and the number of each on the page.

    Words keep their order; the frame is the text's own: ``x`` along it, ``y`` across it downwards.
    """
    rows = np.flatnonzero(use)
    part = words.take(rows)
    box = turn(part.box, angle)
    order = np.lexsort((part.u0, part.line))
    out = PageWords(
        part.text, box, part.size, part.bold, np.zeros(len(part), np.int64), part.u0, part.u1, part.v, part.line
    ).take(order)
    return out, rows[order].tolist()


def turn(box: Floats, angle: int) -> Floats:
    """Boxes ``(n, 4)`` in the frame of text set at ``angle``."""
    if angle == 0:
        return box
    x0, y0, x1, y1 = box.T
    if angle == 90:
        return np.stack([y0, -x1, y1, -x0], axis=1)
    if angle == 180:
        return np.stack([-x1, -y1, -x0, -y0], axis=1)
    return np.stack([-y1, x0, -y0, x1], axis=1)


def turned_rulings(rulings: Rulings, angle: int) -> Rulings:
    """The rulings in the frame of text set at ``angle``."""

    def boxes(given: list[Rect]) -> list[Rect]:
        return [(a, b, c, d) for a, b, c, d in turn(np.array(given).reshape(-1, 4), angle).tolist()]

    def lines(given: list[Line], *, across: bool, along: bool) -> list[Line]:
        """``across, along``: whether the place across, and that along, change their sign."""
        return sorted(
            (-p if across else p, *((-b, -a) if along else (a, b))) for p, a, b in given
        )  # fmt: skip

    h, v = rulings.horizontal, rulings.vertical
    if angle == 180:
        level, plumb = lines(h, across=True, along=True), lines(v, across=True, along=True)
    elif angle == 90:
        level, plumb = lines(v, across=True, along=False), lines(h, across=False, along=True)
    else:
        level, plumb = lines(v, across=False, along=True), lines(h, across=True, along=False)
    return Rulings(level, plumb, boxes(rulings.fills), boxes(rulings.drawings))


def turned_back(grid: Grid, numbers: list[int], angle: int) -> Grid:
    """A grid found among turned words as it stands on the page."""
    for cell in grid.cells:
        cell.words = [numbers[i] for i in cell.words]
        cell.box = _back(cell.box, angle) if cell.box else None
    grid.box = _back(grid.box, angle)
    return grid


def _back(box: Rect, angle: int) -> Rect:
    x0, y0, x1, y1 = box
    if angle == 90:
        return (-y1, x0, -y0, x1)
    if angle == 180:
        return (-x1, -y1, -x0, -y0)
    return (y0, -x1, y1, -x0)
