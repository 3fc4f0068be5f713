"""Tables of a page and of a document: ruled ones first, the rest from the way the text stands."""

from __future__ import annotations

import numpy as np

from locus_dbt.model.element import Table
from locus_dbt.parsers.pdf.borderless import find_tables
from locus_dbt.parsers.pdf.grid import Grid, cell_text
from locus_dbt.parsers.pdf.lattice import find_grids
from locus_dbt.parsers.pdf.refine import is_drawing, refine
from locus_dbt.parsers.pdf.rulings import Rulings
from locus_dbt.parsers.pdf.textlines import text_lines
from locus_dbt.parsers.pdf.words import PageWords


def page_grids(words: PageWords, rulings: Rulings) -> list[Grid]:
    """The tables of one page, top to bottom."""
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


def to_table(grid: Grid, words: PageWords, *, number: int, page: int) -> Table:
    """A grid as the contract's table."""
    cells = sorted((c for c in grid.cells if c.words or grid.ruled), key=lambda c: (c.row, c.col))
    n = len(cells)
    boxes = np.array([c.box for c in cells], np.float32).reshape(n, 4)
    return Table(
        number,
        grid.n_rows,
        grid.n_cols,
        tuple(cell_text(words, c.words) for c in cells),
        np.array([c.row for c in cells], np.int32),
        np.array([c.col for c in cells], np.int32),
        np.array([c.row_span for c in cells], np.int32),
        np.array([c.col_span for c in cells], np.int32),
        np.array([c.row < grid.header_rows for c in cells], np.bool_),
        np.full(n, page, np.int32),
        boxes,
    )
