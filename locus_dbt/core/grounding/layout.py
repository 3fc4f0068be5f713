"""Right value, wrong place: a citation that leaves the row of its row-mates or the column of its column-mates.

Whether rows and columns of the output are rows and columns of the document at all is decided from all spans together:
only a column whose cells mostly stand with the others of their rows can have one that does not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from locus_dbt.core.grounding.positions import OUTSIDE, Floats, Ints, Positions

Mask = NDArray[np.bool_]

#: The share of a column's cells that must be in place before one that is not counts as wrong.
_PATTERN = 0.8

#: The share of all cells of such columns: of two columns with two rows one cell may be wrong.
_PATTERN_OF_ALL = 0.7

#: How far a cell may be from where its row stands, in distances to the next row.
_NEAR = 0.6

#: The least height of a cell, against division by nothing.
_LEAST = 1e-3

#: Wider outputs are compared with so many of their columns.
_WIDE = 64

#: The pattern is looked for in so many rows of a long output.
_SAMPLE = 200


@dataclass(frozen=True, slots=True)
class _Grid:
    """Spans as output rows by output columns: index of each cell's span, sheet, and ranges; NaN where there is none."""

    span: Ints
    sheet: Floats
    begin: Floats
    end: Floats

    @property
    def centre(self) -> Floats:
        return (self.begin + self.end) / 2


def misplaced(spans: pa.Table, where: Positions) -> Mapping[int, str]:
    """Spans that stand elsewhere than the other cells of their row or column, with the reason in words."""
    rows, columns = _keys(spans)
    if rows.max(initial=0) < 1:
        return {}
    down, across = (_grid(rows, columns, where.sheet, axis) for axis in (where.y, where.x))
    found: dict[int, str] = {}
    sharing = _sharing(down)
    row, turned = _out_of_row(down, sharing, paged=where.unit == "points"), False
    if row is None:
        sharing_across = _sharing(across)
        row = _out_of_row(across, sharing_across, paged=False)
        turned = row is not None
    if row is not None:
        out, ref, ref_sheet = row
        grid = across if turned else down
        for r, c in zip(*np.nonzero(out), strict=True):
            found[int(grid.span[r, c])] = _row_reason(where, grid, r, c, ref[r], ref_sheet[r], turned=turned)
    grid = down if turned else across
    out, middle = _out_of_column(grid, sharing_across if turned else sharing)
    for r, c in zip(*np.nonzero(out), strict=True):
        reason = _column_reason(where, float(middle[c] - grid.centre[r, c]), turned=turned)
        found.setdefault(int(grid.span[r, c]), reason)
    for r, c in zip(*np.nonzero(_off_the_one_place(down, across, sharing)), strict=True):
        found.setdefault(int(down.span[r, c]), "the other cells of this column stand at one place, this one elsewhere")
    return found


def _off_the_one_place(down: _Grid, across: _Grid, sharing: Mask) -> Mask:
    """Of a fact that is repeated in each row, read at one place outside of the rows: the cell read elsewhere."""
    spot = down.sheet * 1e8 + np.round(down.begin) * 1e4 + np.round(across.begin)
    placed = ~np.isnan(spot)
    usual = spot == _mode(spot.T)[None, :]
    count = placed.sum(0)
    able = _patterned((usual & placed).sum(0), count) & (count > 2) & ~sharing
    if able.any():
        able &= ~_sharing(across)
    return np.asarray(placed & ~usual & able[None, :])


def _keys(spans: pa.Table) -> tuple[Ints, Ints]:
    _, rows = np.unique(spans["ordinal"].to_numpy(), return_inverse=True)
    columns = pc.dictionary_encode(spans["column_name"].combine_chunks()).indices.to_numpy(zero_copy_only=False)
    return rows.astype(np.int64), columns.astype(np.int64)


def _grid(rows: Ints, columns: Ints, sheet: Ints, axis: Floats) -> _Grid:
    shape = (int(rows.max()) + 1, int(columns.max()) + 1)
    span = np.full(shape, -1, np.int64)
    span[rows[::-1], columns[::-1]] = np.arange(len(rows))[::-1]
    safe, has = np.maximum(span, 0), span >= 0
    begin, end = (np.where(has, axis[safe, i], np.nan) for i in (0, 1))
    return _Grid(span, np.where(has & ~np.isnan(begin), sheet[safe], np.nan), begin, end)


# ---------------------------------------------------------------- rows
def _out_of_row(grid: _Grid, sharing: Mask, *, paged: bool) -> tuple[Mask, Floats, Floats] | None:
    """Cells out of the row of their mates, where each row stands, and on which sheet; ``None`` without a pattern."""
    if sharing.sum() < 2:
        return None
    crowded = _crowded(grid, sharing)
    mates = np.where(sharing & ~crowded, grid.centre, np.nan)
    ref_sheet = _mode(np.where(sharing, grid.sheet, np.nan))
    mates = np.where(grid.sheet == ref_sheet[:, None], mates, np.nan)
    shift = _shifts(grid, mates, sharing)
    ref = _median(mates - shift, axis=1)
    gap_up, gap_down = _gaps(ref, ref_sheet)
    distance = grid.centre - shift - ref[:, None]
    # Of two that stand apart neither is nearer to their middle: each is as far out as the other is away.
    distance *= np.where((~np.isnan(mates)).sum(1) == 2, 2.0, 1.0)[:, None]
    gap = np.where(distance < 0, gap_up[:, None], gap_down[:, None])
    same_sheet = grid.sheet == ref_sheet[:, None]
    near = np.abs(distance) <= _NEAR * gap
    inside = near | _touches_row(grid, sharing & np.ones_like(near), same_sheet)
    placed = ~np.isnan(grid.begin) & ~np.isnan(ref)[:, None]
    good = inside & same_sheet
    if paged:
        good |= _continued(grid, ref, ref_sheet) & ~crowded
    right, count = (good & placed).sum(0), placed.sum(0)
    able = (count > 1) & _patterned(right, count)
    able &= sharing | ~_repeats(grid)
    if (able & sharing).sum() < 2 or right[able].sum() < _PATTERN_OF_ALL * count[able].sum():
        return None
    return placed & ~good & able[None, :], ref, ref_sheet


def _sharing(grid: _Grid) -> Mask:
    """Columns whose cells change their place from row to row together with those of most other such columns.

    Together: the two cells of a row touch, or stand apart by the same distance in each row.
    """
    some = np.arange(len(grid.begin))[:: max(1, len(grid.begin) // _SAMPLE)]
    other = np.arange(grid.begin.shape[1])[:: max(1, grid.begin.shape[1] // _WIDE)]
    begin, end, sheet, centre = (a[some] for a in (grid.begin, grid.end, grid.sheet, grid.centre))
    both = ~np.isnan(begin)[:, :, None] & ~np.isnan(begin)[:, None, other]
    count = both.sum(0)
    same = sheet[:, :, None] == sheet[:, None, other]
    touch = (begin[:, :, None] < end[:, None, other]) & (end[:, :, None] > begin[:, None, other]) & same
    touching = touch.sum(0) / np.maximum(count, 1)
    apart = np.where(both, centre[:, :, None] - centre[:, None, other], np.nan)
    steady = (np.abs(apart - _median(apart, axis=0)) <= 0.25 * _pitch(centre)[other]) & same
    steady_share = steady.sum(0) / np.maximum(count, 1)
    moving = _moves((sheet * 1e6 + centre)[:, other])
    follows = (touching >= _PATTERN) | ((touching >= 0.5) & (count < 5)) | (steady_share >= _PATTERN)
    follows &= (count > 1) & moving & (other != np.arange(grid.begin.shape[1])[:, None])
    partners = follows.sum(1)
    shared: Mask = (partners >= max(1, partners.max(initial=0) * 0.5)) & (partners > 0)
    return shared


def _moves(values: Floats) -> Mask:
    """Of which columns most values differ: one cell elsewhere does not make a column move."""
    ordered = np.sort(values, axis=0)
    different = (ordered[1:] > ordered[:-1]).sum(0) + 1
    return np.asarray(different > 0.5 * (~np.isnan(values)).sum(0))


def _pitch(centre: Floats) -> Floats:
    """The usual distance of each column's cells from one row to the next."""
    steps = np.abs(np.diff(centre, axis=0))
    return np.nan_to_num(_median(np.where(steps > 0, steps, np.nan), axis=0))


def _crowded(grid: _Grid, sharing: Mask) -> Mask:
    """Cells that stand where a cell of the same column in another row stands, of columns that have few of them."""
    crowded = np.zeros(grid.begin.shape, bool)
    for c in np.flatnonzero(sharing):
        rows = np.flatnonzero(~np.isnan(grid.begin[:, c]))
        order = rows[np.lexsort((grid.begin[rows, c], grid.sheet[rows, c]))]
        same = (np.diff(grid.begin[order, c]) == 0) & (np.diff(grid.sheet[order, c]) == 0)
        if same.sum() <= max(1, (1 - _PATTERN) * len(rows)):
            crowded[order[1:][same], c] = crowded[order[:-1][same], c] = True
    return crowded


def _repeats(grid: _Grid) -> Mask:
    """Columns that cite one place in two rows or more, as for a merged cell or a fact of the whole document."""
    spot = np.sort(grid.sheet * 1e8 + grid.begin, axis=0)
    return np.asarray((spot[1:] == spot[:-1]).any(0))


def _shifts(grid: _Grid, mates: Floats, sharing: Mask) -> Floats:
    """How far each column's cells stand from the middle of their rows: nothing for those that mostly touch it."""
    ref = _median(mates, axis=1)
    apart = np.where(np.isnan(mates), np.nan, mates - ref[:, None])
    half = (grid.end - grid.begin) / 2
    touching = np.abs(apart) <= half
    known = ~np.isnan(apart)
    mostly = (touching & known).sum(0) >= 0.5 * np.maximum(known.sum(0), 1)
    return np.where(mostly | ~sharing, 0.0, np.nan_to_num(_median(apart, axis=0)))


def _gaps(ref: Floats, sheet: Floats) -> tuple[Floats, Floats]:
    """The distance from each row up and down to the next row of its sheet; the usual one at both ends."""
    n = len(ref)
    up, down = np.full(n, np.nan), np.full(n, np.nan)
    order = np.lexsort((ref, sheet))
    steps = np.where(np.diff(sheet[order]) == 0, np.diff(ref[order]), np.nan)
    steps[steps <= 0] = np.nan
    up[order[1:]], down[order[:-1]] = steps, steps
    usual = np.nanmedian(steps) if (~np.isnan(steps)).any() else np.nan
    up, down = np.where(np.isnan(up), usual, up), np.where(np.isnan(down), usual, down)
    return np.nan_to_num(up), np.nan_to_num(down)


def _touches_row(grid: _Grid, mates: Mask, same_sheet: Mask) -> Mask:
    """Whether each cell's range meets that of the majority of the other cells of its row; high ones count for less."""
    n = grid.begin.shape[1]
    meets = np.zeros(grid.begin.shape)
    count = np.zeros(grid.begin.shape)
    others = np.flatnonzero(mates[0])[:: max(1, int(mates[0].sum()) // _WIDE)]
    for j in others:
        there = ~np.isnan(grid.begin[:, [j]]) & same_sheet[:, [j]] & (np.arange(n) != j)[None, :]
        weight = np.where(there, 1 / np.maximum(grid.end[:, [j]] - grid.begin[:, [j]], _LEAST), 0.0)
        meets += weight * ((grid.begin < grid.end[:, [j]]) & (grid.end > grid.begin[:, [j]]) & same_sheet)
        count += weight
    return (meets >= 0.5 * count) & (meets > 0)


def _continued(grid: _Grid, ref: Floats, ref_sheet: Floats) -> Mask:
    """Cells of the last row of a page that stand on top of the next; of the first, at the bottom of the one before."""
    good = np.zeros(grid.begin.shape, bool)
    top, bottom = np.nanmin(ref, initial=np.inf), np.nanmax(ref, initial=-np.inf)
    _, sheet = np.unique(ref_sheet, return_inverse=True)
    lowest, highest = np.full(len(ref), np.inf), np.full(len(ref), -np.inf)
    np.fmin.at(lowest, sheet, ref)
    np.fmax.at(highest, sheet, ref)
    first, last = ref == lowest[sheet], ref == highest[sheet]
    good |= (grid.sheet == ref_sheet[:, None] + 1) & last[:, None] & (grid.centre <= top)
    good |= (grid.sheet == ref_sheet[:, None] - 1) & first[:, None] & (grid.centre >= bottom)
    return good


def _patterned(right: Ints, count: Ints) -> Mask:
    """Whether so many cells of each column are in place that one which is not is wrong; of few all but one."""
    return np.asarray((right >= _PATTERN * count) | ((right == count - 1) & (right > 0)))


# ---------------------------------------------------------------- columns
def _out_of_column(grid: _Grid, sharing: Mask) -> tuple[Mask, Floats]:
    """Cells out of the column of their mates, and the middle of each column.

    There are columns only where there are two beside each other: an output whose rows are cells has none.
    """
    low, high = _median(grid.begin, axis=0), _median(grid.end, axis=0)
    spread_low, spread_high = _median(np.abs(grid.begin - low), axis=0), _median(np.abs(grid.end - high), axis=0)
    placed = ~np.isnan(grid.begin)
    count = placed.sum(0)
    kept = ((grid.begin < high) & (grid.end > low) & placed).sum(0)
    able = _patterned(kept, count) & (count > 2)
    low, high = low - 3 * spread_low, high + 3 * spread_high
    beside = (high[:, None] <= low) | (low[:, None] >= high)
    able &= (beside & able & sharing).any(1)
    foreign = np.zeros(grid.begin.shape, bool)
    for c in np.flatnonzero(able & sharing):
        foreign |= beside[c] & (grid.begin < high[c]) & (grid.end > low[c])
    foreign |= grid.begin == OUTSIDE
    # Where no other column stands one may be printed in two places: paid in and paid out.
    out = placed & able & foreign & ((grid.begin >= high) | (grid.end <= low))
    return out | _astray(grid, placed, count, sharing), (low + high) / 2


def _astray(grid: _Grid, placed: Mask, count: Ints, sharing: Mask) -> Mask:
    """Of two cells of a column that stand apart, the one that stands in another column, if only one does."""
    out = np.zeros(placed.shape, bool)
    low, high = np.fmin.reduce(grid.begin, axis=0), np.fmax.reduce(grid.end, axis=0)
    together = np.fmax.reduce(grid.begin, axis=0) < np.fmin.reduce(grid.end, axis=0)
    settled = together & (count > 1) & sharing
    for c in np.flatnonzero((count == 2) & ~together):
        begin, end = grid.begin[:, [c]], grid.end[:, [c]]
        foreign = ((begin < high[settled]) & (end > low[settled])).any(1) & placed[:, c]
        cells = placed[:, c]
        apart = grid.begin[cells, c].max() - grid.end[cells, c].min()
        wide = (grid.end - grid.begin)[cells, c].max()
        if foreign.sum() == 1 and settled.sum() > 1 and apart > wide:
            out[:, c] = foreign
    return out


# ---------------------------------------------------------------- words
def _row_reason(where: Positions, grid: _Grid, r: int, c: int, ref: float, ref_sheet: float, *, turned: bool) -> str:
    here, there = int(grid.sheet[r, c]), int(ref_sheet)
    if here != there:
        name = where.sheets[there] if 0 <= there < len(where.sheets) else "elsewhere"
        return f"the other cells of this row stand {'on' if where.unit == 'points' else 'in'} {name}"
    apart = ref - float(grid.centre[r, c])
    if where.unit == "points":
        way = ("further right" if apart > 0 else "further left") if turned else ("lower" if apart > 0 else "higher")
        return f"the other cells of this row stand {abs(apart):.0f} pt {way} on {where.sheets[there]}"
    name = where.sheets[there].strip()
    if where.unit == "place":
        return f"the other cells of this row stand at '{name}{'' if name.endswith(('/', '!')) else ' '}{int(ref)}'"
    way = ("right" if apart > 0 else "left") if turned else ("lower" if apart > 0 else "higher")
    return f"the other cells of this row stand {_counted(apart, 'column' if turned else 'row')} {way} in {name}"


def _counted(number: float, what: str) -> str:
    return f"{abs(number):.0f} {what}{'' if round(abs(number)) == 1 else 's'}"


def _column_reason(where: Positions, apart: float, *, turned: bool) -> str:
    if where.unit == "points":
        way = ("lower" if apart > 0 else "higher") if turned else ("further right" if apart > 0 else "further left")
        return f"the other cells of this column stand {abs(apart):.0f} pt {way}"
    if where.unit == "grid":
        if abs(apart) > -OUTSIDE / 2:
            return "the other cells of this column stand in a table, this one in none"
        return f"the other cells of this column stand {_counted(apart, 'column')} {'right' if apart > 0 else 'left'}"
    return "the other cells of this column stand at another place of their rows"


# ---------------------------------------------------------------- arrays
def _median(values: Floats, *, axis: int) -> Floats:
    """The median without the missing; missing where there is none."""
    with np.errstate(all="ignore"):
        ordered = np.sort(values, axis=axis)
        count = (~np.isnan(values)).sum(axis)
        low, high = np.maximum(count - 1, 0) // 2, count // 2
        high = np.minimum(high, np.maximum(count - 1, 0))
        lower, upper = (np.take_along_axis(ordered, np.expand_dims(i, axis), axis).squeeze(axis) for i in (low, high))
    return np.where(count > 0, (lower + upper) / 2, np.nan)


def _mode(sheet: Floats) -> Floats:
    """The sheet that most cells of each row stand on; NaN where there is none."""
    ordered = np.sort(sheet, axis=1)
    best, run = ordered[:, 0].copy(), np.ones(len(sheet))
    most = np.where(np.isnan(best), 0.0, 1.0)
    for i in range(1, sheet.shape[1]):
        run = np.where(ordered[:, i] == ordered[:, i - 1], run + 1, 1.0)
        better = ~np.isnan(ordered[:, i]) & (run > most)
        best, most = np.where(better, ordered[:, i], best), np.where(better, run, most)
    return best
