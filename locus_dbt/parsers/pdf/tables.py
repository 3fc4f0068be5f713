"""Tables of a page: ruled ones first, the rest from the way the text stands."""

from __future__ import annotations

import numpy as np

from locus_dbt.parsers.pdf.borderless import find_tables
from locus_dbt.parsers.pdf.grid import Grid
from locus_dbt.parsers.pdf.lattice import find_grids
from locus_dbt.parsers.pdf.refine import is_drawing, refine
from locus_dbt.parsers.pdf.rulings import Rulings
from locus_dbt.parsers.pdf.textlines import text_lines
from locus_dbt.parsers.pdf.words import PageWords


def page_grids(words: PageWords, rulings: Rulings) -> list[Grid]:
    """The tables of one page, top to bottom.

    Any :class:`PageWords` will do, whoever read them: from a text layer, or from a picture by
    ``in_reading_order(PageWords.from_boxes(text, boxes))``. ``rulings`` are the lines drawn on the page in the same
    points; ``Rulings()`` where none are known, then tables are found from the way the text stands.
    """
    if not len(words):
        return []
    ruled = [g for g in find_grids(rulings, words) if _is_grid_table(g) and not is_drawing(g, rulings)]
    free = np.ones(len(words), np.bool_)
    for grid in ruled:
        x = (words.box[:, 0] + words.box[:, 2]) / 2
        y = (words.box[:, 1] + words.box[:, 3]) / 2
        x0, y0, x1, y1 = grid.box
        free &= ~((x >= x0 - 1) & (x <= x1 + 1) & (y >= y0 - 1) & (y <= y1 + 1))
    lines = text_lines(words, free, rulings.vertical)
    ruled = [refine(g, rulings, words) for g in ruled]
    free_standing = [g for g in find_tables(lines, rulings, words) if not is_drawing(g, rulings)]
    return sorted(ruled + free_standing, key=lambda g: (g.box[1], g.box[0]))


def _is_grid_table(grid: Grid) -> bool:
    rows = {c.row for c in grid.cells if c.words}
    cols = {c.col for c in grid.cells if c.words}
    return len(rows) >= 2 and len(cols) >= 2
