"""Tables from rulings: crossing lines make a grid, missing pieces of line make merged cells."""

from __future__ import annotations

import numpy as np

from locus_dbt.parsers.pdf.grid import Cell, Grid, Rect, shared_area
from locus_dbt.parsers.pdf.rulings import Line, Rulings
from locus_dbt.parsers.pdf.words import PageWords

_NEAR = 3.0  # points two lines may miss each other by and still meet
_MAX_LINES = 1500


def find_grids(rulings: Rulings, words: PageWords) -> list[Grid]:
    """Grids with at least two cells that hold words, from top to bottom."""
    out = []
    for horizontal, vertical in components(rulings.horizontal, rulings.vertical):
        grid = _grid_of(horizontal, vertical, words)
        if grid is not None:
            out.append(grid)
    return sorted(_outermost(out), key=lambda g: (g.box[1], g.box[0]))


def components(horizontal: list[Line], vertical: list[Line]) -> list[tuple[list[Line], list[Line]]]:
    """Lines that hang together by crossings or touching ends."""
    if not horizontal or not vertical or len(horizontal) + len(vertical) > _MAX_LINES:
        return []
    h, v = np.array(horizontal), np.array(vertical)
    meets = (
        (h[:, None, 1] - _NEAR <= v[None, :, 0])
        & (v[None, :, 0] <= h[:, None, 2] + _NEAR)
        & (v[None, :, 1] - _NEAR <= h[:, None, 0])
        & (h[:, None, 0] <= v[None, :, 2] + _NEAR)
    )
    n = len(h)
    parent = list(range(n + len(v)))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    for i, k in np.argwhere(meets).tolist():
        parent[root(i)] = root(n + k)
    groups: dict[int, tuple[list[Line], list[Line]]] = {}
    for i in range(len(parent)):
        group = groups.setdefault(root(i), ([], []))
        if i < n:
            group[0].append(horizontal[i])
        else:
            group[1].append(vertical[i - n])
    return [g for g in groups.values() if len(g[0]) >= 2 and len(g[1]) >= 1]


def _cluster(values: list[float], apart: float = _NEAR) -> list[float]:
    out: list[list[float]] = []
    for value in sorted(values):
        if out and value - out[-1][-1] <= apart:
            out[-1].append(value)
        else:
            out.append([value])
    return [sum(group) / len(group) for group in out]


def _grid_of(horizontal: list[Line], vertical: list[Line], words: PageWords) -> Grid | None:
    xs = _with_open_ends(_cluster([v[0] for v in vertical]), horizontal)
    ys = _with_open_ends(_cluster([h[0] for h in horizontal]), vertical)
    if len(xs) < 2 or len(ys) < 2 or len(xs) * len(ys) > 40_000 or len(xs) + len(ys) < 5:
        return None
    right = _walls(xs, ys, vertical)
    below = _walls(ys, xs, horizontal)
    cells = _cells(xs, ys, right, below)
    box = (xs[0], ys[0], xs[-1], ys[-1])
    grid = Grid(len(ys) - 1, len(xs) - 1, cells, box, ruled=True)
    place_words(grid, words)
    return grid


def _with_open_ends(positions: list[float], across: list[Line]) -> list[float]:
    """Add an outer border that is not drawn but where at least two lines across end together."""
    if len(across) < 2 or not positions:
        return positions
    low = _cluster([a for _, a, _ in across if a < positions[0] - 8])
    high = _cluster([b for _, _, b in across if b > positions[-1] + 8])
    out = list(positions)
    if low and sum(abs(a - low[0]) <= _NEAR for _, a, _ in across) >= 2:
        out.insert(0, low[0])
    if high and sum(abs(b - high[-1]) <= _NEAR for _, _, b in across) >= 2:
        out.append(high[-1])
    return out


def _walls(positions: list[float], across: list[float], lines: list[Line]) -> np.ndarray:
    """``wall[p, i]``: a line at ``positions[p]`` covers most of the piece ``across[i] .. across[i + 1]``."""
    wall = np.zeros((len(positions), len(across) - 1), np.bool_)
    at = np.array(positions)
    a0, a1 = np.array(across[:-1]), np.array(across[1:])
    for position, start, end in lines:
        p = int(np.abs(at - position).argmin())
        if abs(at[p] - position) > _NEAR + 1:
            continue
        covered = np.minimum(a1, end + _NEAR) - np.maximum(a0, start - _NEAR)
        wall[p] |= covered > 0.6 * (a1 - a0)
    wall[0] = wall[-1] = True
    return wall


def _cells(xs: list[float], ys: list[float], right: np.ndarray, below: np.ndarray) -> list[Cell]:
    """Grid places without a wall between them are one cell, grown to a rectangle."""
    n_rows, n_cols = len(ys) - 1, len(xs) - 1
    taken = np.zeros((n_rows, n_cols), np.bool_)
    out = []
    for r in range(n_rows):
        for c in range(n_cols):
            if taken[r, c]:
                continue
            c1 = c + 1
            while c1 < n_cols and not taken[r, c1] and not right[c1, r]:
                c1 += 1
            r1 = r + 1
            while r1 < n_rows and not below[r1, c:c1].any() and not taken[r1, c:c1].any():
                if right[c + 1 : c1, r1].any():
                    break
                r1 += 1
            taken[r:r1, c:c1] = True
            out.append(Cell(r, c, r1 - r, c1 - c, [], (xs[c], ys[r], xs[c1], ys[r1])))
    return out


def place_words(grid: Grid, words: PageWords) -> None:
    """Give each upright word to the cell that holds its middle."""
    x = (words.box[:, 0] + words.box[:, 2]) / 2
    y = (words.box[:, 1] + words.box[:, 3]) / 2
    x0, y0, x1, y1 = grid.box
    inside = np.flatnonzero((x >= x0) & (x <= x1) & (y >= y0 - 1) & (y <= y1 + 1))
    boxes = np.array([c.box for c in grid.cells])
    if not len(inside):
        return
    xs, ys = x[inside, None], y[inside, None]
    hit = (boxes[:, 0] <= xs) & (xs <= boxes[:, 2]) & (boxes[:, 1] - 1 <= ys) & (ys <= boxes[:, 3] + 1)
    first, found = np.argmax(hit, axis=1), np.any(hit, axis=1)
    for i, cell in zip(inside[found].tolist(), first[found].tolist(), strict=True):
        grid.cells[cell].words.append(i)


def _outermost(grids: list[Grid]) -> list[Grid]:
    """Grids that hold words in two cells; of nested ones the one with more filled cells."""
    good = [g for g in grids if sum(bool(c.words) for c in g.cells) >= 2]
    good.sort(key=lambda g: -sum(bool(c.words) for c in g.cells))
    out: list[Grid] = []
    for g in good:
        if not any(_overlap(g.box, o.box) > 0.5 for o in out):
            out.append(g)
    return out


def _overlap(a: Rect, b: Rect) -> float:
    """Shared area as a part of the smaller."""
    small = min((a[2] - a[0]) * (a[3] - a[1]), (b[2] - b[0]) * (b[3] - b[1]))
    return shared_area(a, b) / small if small > 0 else 0.0
