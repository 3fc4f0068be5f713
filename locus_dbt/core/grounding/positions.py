"""Where spans stand, in numbers that can be compared: in the grid of a table, on a page, or by the words of a place."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from locus_dbt.model.element import Table

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: A share of the spans that must have a position of one kind for that kind to be the one to compare.
_MOST = 0.8

#: Where a citation stands that is in no table, while most are: nowhere near.
_OUTSIDE = -1e9

_SHEET_CELL = re.compile(r"^(?P<sheet>.*!)(?P<letters>[A-Z]{1,3})(?P<row>\d+)$")
_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Positions:
    """A rectangle for each span on its sheet (a page, a table, what a place begins with); NaN and -1 where unknown.

    ``y`` is down the sheet, ``x`` across; both are (n, 2) arrays of begin and end. ``unit`` says what they count.
    ``sheets`` names the sheets.
    """

    sheet: Ints
    y: Floats
    x: Floats
    unit: Literal["grid", "points", "place"]
    sheets: Sequence[str]


def positions(spans: pa.Table, tables: Sequence[Table]) -> Positions | None:
    """The positions of spans, of the kind that most of them have; ``None`` when there is nothing to compare."""
    grid = _in_tables(spans, tables) if tables else None
    if grid is not None:
        return grid
    page = spans["page"].fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    box = np.column_stack([spans[k].to_numpy(zero_copy_only=False).astype(np.float64) for k in ("x0", "y0", "x1", "y1")])
    boxed = ~np.isnan(box[:, 0]) & (page >= 0)
    if boxed.mean() >= 0.5:  # noqa: PLR2004 - what has a box has its place by it
        sheet = np.where(boxed, page, -1)
        names = [f"page {i}" for i in range(int(page.max()) + 1)]
        return Positions(sheet, box[:, [1, 3]], box[:, [0, 2]], "points", names)
    return _by_place(spans)


def _in_tables(spans: pa.Table, tables: Sequence[Table]) -> Positions | None:
    """Grid positions, by the place or the box of a cell: merged cells cover all their rows and columns."""
    by_place, by_box = _cells(tables)
    if not (by_place or by_box):
        return None
    n = spans.num_rows
    cells = np.full((n, 5), -1, np.int64)
    places = spans["place"].to_pylist() if by_place else [None] * n
    boxes = zip(*(spans[k].to_pylist() for k in ("page", "x0", "y0", "x1", "y1")), strict=True)
    for i, (place, box) in enumerate(zip(places, boxes, strict=True)):
        cell = by_place.get(place) if place else None
        if cell is None and by_box and box[0] is not None and box[1] is not None:
            cell = by_box.get(tuple(round(float(v)) for v in box))
        if cell is not None:
            cells[i] = cell
    known = cells[:, 0] >= 0
    if known.mean() < _MOST:
        return None
    cited = known | pc.or_(pc.is_valid(spans["place"]), pc.is_valid(spans["x0"])).to_numpy(zero_copy_only=False)
    outside = np.where(cited[:, None], _OUTSIDE, np.nan)
    y = np.where(known[:, None], cells[:, [1, 2]], outside).astype(np.float64)
    x = np.where(known[:, None], cells[:, [3, 4]], outside).astype(np.float64)
    names = [f"table {i}" for i in range(int(cells[:, 0].max()) + 1)]
    return Positions(cells[:, 0], y, x, "grid", names)


Cell = tuple[int, int, int, int, int]


def _cells(tables: Sequence[Table]) -> tuple[Mapping[str, Cell], Mapping[tuple[int, ...], Cell]]:
    """Table, first row, row behind the last, first column, column behind the last: by place and by page with box."""
    by_place: dict[str, Cell] = {}
    by_box: dict[tuple[int, ...], Cell] = {}
    for table in tables:
        ranges = zip(
            table.row.tolist(), (table.row + table.row_span).tolist(), table.col.tolist(),
            (table.col + table.col_span).tolist(), strict=True,
        )  # fmt: skip
        cells = [(table.number, *one) for one in ranges]
        if len(set(table.place)) == len(table) > 0:
            by_place.update(zip(table.place, cells, strict=True))
        elif not table.place or not any(table.place):
            for i in np.flatnonzero(~np.isnan(table.box[:, 0])).tolist():
                by_box[int(table.page[i]), *(round(float(v)) for v in table.box[i])] = cells[i]
    return by_place, by_box


def _by_place(spans: pa.Table) -> Positions | None:
    """Positions by the words of places: the number that cells of one row share is the row, what follows the column."""
    codes = pc.dictionary_encode(spans["place"].combine_chunks())
    index = codes.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    if not len(codes.dictionary) or (index >= 0).mean() < _MOST:
        return None
    if _one_place_a_row(spans["ordinal"].to_numpy(), index):
        return None
    parts = [_parts(place) for place in codes.dictionary.to_pylist()]
    depth = _row_depth(spans["ordinal"].to_numpy(), index, parts)
    if depth is None:
        return None
    sheets: dict[str, int] = {}
    tails: dict[str, int] = {}
    rows = np.full((len(parts) + 1, 3), np.nan)
    for i, pieces in enumerate(parts):
        if len(pieces) > 2 * depth + 1:
            head, number, tail = "".join(pieces[: 2 * depth + 1]), pieces[2 * depth + 1], "".join(pieces[2 * depth + 2 :])
            rows[i] = sheets.setdefault(head, len(sheets)), int(number), tails.setdefault(tail, len(tails))
    rows = rows[index]
    known = ~np.isnan(rows[:, 0])
    sheet = np.where(known, rows[:, 0], -1).astype(np.int64)
    y, x = (np.column_stack([rows[:, i], rows[:, i] + 1]) for i in (1, 2))
    return Positions(sheet, y, x, "place", list(sheets))


def _one_place_a_row(ordinals: Any, index: Ints) -> bool:  # noqa: ANN401
    """Whether all cells of a row have the same place, as in a text file: then nothing can be out of place."""
    same_row = ordinals[1:] == ordinals[:-1]
    return bool(((index[1:] == index[:-1]) | ~same_row).all())


def _parts(place: str) -> list[str]:
    """Words and numbers in turn, words first; of a sheet's cell the row comes before the column."""
    if match := _SHEET_CELL.match(place):
        return [match["sheet"], match["row"], match["letters"]]
    out: list[str] = []
    end = 0
    flat = place.replace("lines ", "line ", 1)
    for match in _NUMBER.finditer(flat):
        out += [flat[end : match.start()], match[0][:12]]
        end = match.end()
    return [*out, flat[end:]]


def _row_depth(ordinals: Any, index: Ints, parts: Sequence[Sequence[str]]) -> int | None:  # noqa: ANN401
    """Which number of the places, counted from 0, is the row's: the last that most cells of a row agree on."""
    rows, row = np.unique(ordinals, return_inverse=True)
    found = None
    for depth in range(4):
        heads: dict[str, int] = {}
        head = np.array([heads.setdefault("".join(p[: 2 * depth + 2]), len(heads)) if len(p) > 2 * depth + 1 else -1 for p in parts] + [-1])
        mine = head[index]
        if (mine >= 0).mean() < _MOST:
            break
        order = np.lexsort((mine, row))
        starts = np.flatnonzero(np.r_[True, np.diff(row[order]) > 0])
        best = np.maximum.reduceat(_run_lengths(row[order], mine[order]), starts)
        agreeing = best.sum() / len(mine)
        if agreeing >= _MOST and len(heads) > 1 and len(rows) > 1:
            found = depth
    return found


def _run_lengths(row: Ints, mine: Ints) -> Ints:
    """At each element how many equal ones of its row there are, so far in order."""
    new = np.r_[True, (np.diff(row) != 0) | (np.diff(mine) != 0)]
    starts = np.maximum.accumulate(np.where(new, np.arange(len(new)), 0))
    return np.arange(len(new)) - starts + 1
