"""Ruled grids whose rulings tell only half: cells that hold several columns or rows of text."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from locus_dbt.parsers.pdf.grid import Cell, Grid, Rect, cell_text, is_number, shared_area
from locus_dbt.parsers.pdf.rulings import Rulings
from locus_dbt.parsers.pdf.structure import build_grid
from locus_dbt.parsers.pdf.textlines import TextLine, text_lines
from locus_dbt.parsers.pdf.words import PageWords


def refine(grid: Grid, rulings: Rulings, words: PageWords) -> Grid:
    """The grid with wide cells cut at its own columns, or rebuilt from its text where rows are not ruled."""
    use = np.zeros(len(words), np.bool_)
    use[[i for c in grid.cells for i in c.words]] = True
    x0, y0, x1, y1 = grid.box
    vertical = [v for v in rulings.vertical if x0 - 2 <= v[0] <= x1 + 2]
    lines = text_lines(words, use, vertical)
    if _hides_rows(grid, lines, words):
        rules = [h for h in rulings.horizontal if y0 - 2 <= h[0] <= y1 + 2 and h[1] < x1 and h[2] > x0]
        rebuilt = build_grid(lines, rules, words)
        if rebuilt is not None and rebuilt.n_cols >= grid.n_cols and rebuilt.n_rows > grid.n_rows:
            return rebuilt
    _split_wide(grid, lines)
    return grid


def _hides_rows(grid: Grid, lines: list[TextLine], words: PageWords) -> bool:
    """Whether one ruled row holds at least three printed rows, most of them with figures in columns."""
    tops = sorted({c.box[1] for c in grid.cells if c.box} | {grid.box[3]})
    for top, bottom in pairwise(tops):
        inside = [t for t in lines if top <= t.base - 0.3 * t.size <= bottom]
        full = [t for t in inside if len(t.phrases) >= 2]
        if len(full) < 3 or len(full) < 0.7 * len(inside):
            continue
        figures = sum(any(is_number(cell_text(words, p.words)) for p in t.phrases[1:]) for t in full)
        if figures >= 0.6 * len(full):
            return True
    return False


def _split_wide(grid: Grid, lines: list[TextLine]) -> None:
    """Cut a cell over several columns whose phrases each keep to one of them."""
    edges = _column_edges(grid)
    if edges is None:
        return
    phrase_of = {i: (k, n) for k, t in enumerate(lines) for n, p in enumerate(t.phrases) for i in p.words}
    out: list[Cell] = []
    for cell in grid.cells:
        pieces = _pieces(cell, edges, lines, phrase_of) if cell.col_span > 1 and len(cell.words) > 1 else None
        out.extend(pieces or [cell])
    grid.cells = out


def _column_edges(grid: Grid) -> list[float] | None:
    edges: list[float | None] = [None] * (grid.n_cols + 1)
    for cell in grid.cells:
        if cell.box:
            edges[cell.col], edges[cell.col + cell.col_span] = cell.box[0], cell.box[2]
    known = [e for e in edges if e is not None]
    return known if len(known) == len(edges) else None


def _pieces(
    cell: Cell, edges: list[float], lines: list[TextLine], phrase_of: dict[int, tuple[int, int]]
) -> list[Cell] | None:
    box = cell.box
    assert box is not None
    by_column: dict[int, list[int]] = {}
    for at in sorted({phrase_of[i] for i in cell.words if i in phrase_of}):
        phrase = lines[at[0]].phrases[at[1]]
        middle = (phrase.x0 + phrase.x1) / 2
        column = next((c for c in range(len(edges) - 1) if edges[c] <= middle <= edges[c + 1]), None)
        if column is None or phrase.x0 < edges[column] - 2 or phrase.x1 > edges[column + 1] + 2:
            return None
        by_column.setdefault(column, []).extend(phrase.words)
    if len(by_column) < 2:
        return None
    out = []
    for c in range(cell.col, cell.col + cell.col_span):
        part: Rect = (edges[c], box[1], edges[c + 1], box[3])
        out.append(Cell(cell.row, c, cell.row_span, 1, sorted(by_column.get(c, [])), part))
    return out


def is_drawing(grid: Grid, rulings: Rulings) -> bool:
    """Whether the region is a chart: sparse cells over grid lines, or slanted and curved strokes in it."""
    filled = sum(c.row_span * c.col_span for c in grid.cells if c.words)
    if grid.ruled and filled < 0.3 * grid.n_rows * grid.n_cols:
        return True
    x0, y0, x1, y1 = grid.box
    area = max(1.0, (x1 - x0) * (y1 - y0))
    frames = (x0 + 2, y0 + 2, x1 - 2, y1 - 2)
    inner = [d for d in rulings.drawings if shared_area(frames, d) < 0.98 * shared_area(frames, frames)]
    marks = [shared_area(grid.box, d) for d in inner]
    big = sum(m > 0.15 * area for m in marks)
    if not grid.ruled and grid.n_rows <= 4 and any(shared_area(grid.box, f) > 0.5 * area for f in _figures(rulings)):
        return True
    return big > 0 or sum(m > 0 for m in marks) > 2 * grid.n_rows * grid.n_cols


def _figures(rulings: Rulings) -> list[Rect]:
    """Boxes of drawings of some size with a margin for the words around them (axes, legends)."""
    return [(a - 20, b - 30, c + 20, d + 30) for a, b, c, d in rulings.drawings[:500] if c - a > 15 and d - b > 15]
