"""Where spans stand, in numbers that can be compared: in the grid of a table, on a page, or by the words of a place."""

from __future__ import annotations

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
OUTSIDE = -1e9

#: A cell of a sheet names its column first: turned, so that the row comes before it as everywhere else.
_SHEET_CELL = (r"^(.*!)([A-Z]{1,3})(\d+)$", r"\1\3 \2")

#: So many numbers of a place may be the row's.
_DEPTH = 5


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
    box = np.column_stack(
        [spans[k].to_numpy(zero_copy_only=False).astype(np.float64) for k in ("x0", "y0", "x1", "y1")]
    )
    boxed = ~np.isnan(box[:, 0]) & (page >= 0)
    if boxed.mean() >= 0.5:
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
    outside = np.where(cited[:, None], OUTSIDE, np.nan)
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
    ordinals = spans["ordinal"].to_numpy()
    if _one_place_a_row(ordinals, index):
        return None
    places = pc.replace_substring_regex(codes.dictionary, *_SHEET_CELL)
    places = pc.replace_substring_regex(places, "lines ", "line ", max_replacements=1)
    split = _split_at_row(ordinals, index, places)
    if split is None:
        return None
    head, number, tail = split
    sheet, x = _codes(head)[index], _codes(tail)[index].astype(np.float64)
    y = np.append(number.to_numpy(zero_copy_only=False).astype(np.float64), np.nan)[index]
    x[sheet < 0] = np.nan
    names = pc.unique(head.drop_null()).to_pylist()
    return Positions(sheet, np.column_stack([y, y + 1]), np.column_stack([x, x + 1]), "place", names)


def _one_place_a_row(ordinals: Any, index: Ints) -> bool:  # noqa: ANN401
    """Whether all cells of a row have the same place, as in a text file: then nothing can be out of place."""
    same_row = ordinals[1:] == ordinals[:-1]
    return bool(((index[1:] == index[:-1]) | ~same_row).all())


def _split_at_row(ordinals: Any, index: Ints, places: pa.Array) -> tuple[pa.Array, pa.Array, pa.Array] | None:  # noqa: ANN401
    """Places cut at the row's number, the last that most cells of a row agree on: what stands before, it, and after."""
    rows, row = np.unique(ordinals, return_inverse=True)
    found = None
    for depth in range(_DEPTH):
        cut = pc.extract_regex(places, rf"^(?P<head>(?:\D*\d+){{{depth}}}\D*)(?P<row>\d+)(?P<tail>(?s:.*))$")
        head, number, tail = (cut.field(i) for i in range(3))
        head, number, tail = (pc.if_else(pc.is_valid(cut), part, None) for part in (head, number, tail))
        mine = _codes(pc.binary_join_element_wise(head, number, ""))
        known = mine[index]
        if (known >= 0).mean() < _MOST:
            break
        order = np.lexsort((known, row))
        starts = np.flatnonzero(np.r_[True, np.diff(row[order]) > 0])
        best = np.maximum.reduceat(_run_lengths(row[order], known[order]), starts)
        if best.sum() / len(known) >= _MOST and mine.max() > 0 and len(rows) > 1:
            found = head, pc.cast(pc.utf8_slice_codeunits(number, 0, 12), pa.int64()), tail
    return found


def _codes(texts: pa.Array) -> Ints:
    """A number for each different text, -1 for none; one more -1 at the end, where an index of -1 looks."""
    codes = pc.dictionary_encode(texts).indices.fill_null(-1).to_numpy(zero_copy_only=False)
    return np.append(codes, -1).astype(np.int64)


def _run_lengths(row: Ints, mine: Ints) -> Ints:
    """At each element how many equal ones of its row there are, so far in order."""
    new = np.r_[True, (np.diff(row) != 0) | (np.diff(mine) != 0)]
    starts = np.maximum.accumulate(np.where(new, np.arange(len(new)), 0))
    return np.arange(len(new)) - starts + 1
