"""Tables of a page: ruled ones first, the rest from the way the text stands."""

from __future__ import annotations

import numpy as np

from locus_dbt.parsers.pdf.borderless import find_tables
from locus_dbt.parsers.pdf.grid import Grid
from locus_dbt.parsers.pdf.lattice import find_grids
from locus_dbt.parsers.pdf.refine import is_drawing, refine
from locus_dbt.parsers.pdf.rulings import Rulings
from locus_dbt.parsers.pdf.textlines import text_lines
from locus_dbt.parsers.pdf.turned import sideways, turned_back, turned_rulings, upright
from locus_dbt.parsers.pdf.words import PageWords

_RULE_SIGNS = frozenset("-=_─━–—*")


def page_grids(words: PageWords, rulings: Rulings) -> list[Grid]:
    """The tables of one page, top to bottom.

    Any :class:`PageWords` will do, whoever read them: from a text layer, or from a picture by
    ``in_reading_order(PageWords.from_boxes(text, boxes))``. ``rulings`` are the lines drawn on the page in the same
    points; ``Rulings()`` where none are known, then tables are found from the way the text stands. Tables set
    sideways are found too, their rows and columns as the text reads.
    """
    if not len(words):
        return []
    out = _upright_grids(words, rulings)
    for angle in sideways(words):
        turned, numbers = upright(words, words.angle == angle, angle)
        found = _upright_grids(turned, turned_rulings(rulings, angle))
        out.extend(turned_back(grid, numbers, angle) for grid in found)
    return sorted(out, key=lambda g: (g.box[1], g.box[0]))


def _upright_grids(words: PageWords, rulings: Rulings) -> list[Grid]:
    drawn, rulings = _typed_rules(words, rulings)
    ruled = [g for g in find_grids(rulings, words) if _is_grid_table(g) and not is_drawing(g, rulings)]
    free = ~drawn
    x = (words.box[:, 0] + words.box[:, 2]) / 2
    y = (words.box[:, 1] + words.box[:, 3]) / 2
    for grid in ruled:
        x0, y0, x1, y1 = grid.box
        free &= ~((x >= x0 - 1) & (x <= x1 + 1) & (y >= y0 - 1) & (y <= y1 + 1))
    lines = text_lines(words, free, rulings.vertical)
    ruled = [refine(g, rulings, words) for g in ruled]
    free_standing = [g for g in find_tables(lines, rulings, words) if not is_drawing(g, rulings)]
    return ruled + free_standing


def _typed_rules(words: PageWords, rulings: Rulings) -> tuple[np.ndarray, Rulings]:
    """Which words are lines typed with dashes, and the rulings with those lines among them."""
    drawn = np.zeros(len(words), np.bool_)
    drawn[[i for i, t in enumerate(words.text) if len(t) >= 5 and t[0] in _RULE_SIGNS and t == t[0] * len(t)]] = True
    drawn &= words.angle == 0
    if not drawn.any():
        return drawn, rulings
    drawn &= ~np.isin(words.line, words.line[~drawn])  # dashes beside words are a sign, not a line
    at = np.flatnonzero(drawn)
    y = (words.v[at] - 0.25 * words.size[at]).tolist()
    typed = list(zip(y, words.u0[at].tolist(), words.u1[at].tolist(), strict=True))
    return drawn, Rulings(sorted(rulings.horizontal + typed), rulings.vertical, rulings.fills, rulings.drawings)


def _is_grid_table(grid: Grid) -> bool:
    rows = {c.row for c in grid.cells if c.words}
    cols = {c.col for c in grid.cells if c.words}
    return len(rows) >= 2 and len(cols) >= 2
