"""Right value, wrong place: a citation that leaves its row or column scores low, an unusual layout does not."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from locus_dbt.core.builder import TableBuilder
from locus_dbt.core.grounding import ground_spans
from locus_dbt.model.element import Table
from locus_dbt.model.locus import Box, Locus

Place = Callable[[int, int], Locus]
WRONG = "the other cells of this "


def _faith(
    rows: int, columns: int, where: Place, tables: tuple[Table, ...] = ()
) -> tuple[np.ndarray, list[str | None]]:
    """Scores as rows by columns, and reasons, of a table whose values are what is printed."""
    table = TableBuilder({f"c{c}": "VARCHAR" for c in range(columns)})
    for r in range(rows):
        table.start_row()
        for c in range(columns):
            table.put(f"c{c}", "19 %", text="19 %", at=where(r, c))
    spans = ground_spans(table.spans_table(), (), tables=tables)
    return spans["faithfulness"].to_numpy().copy().reshape(rows, columns), spans["reason"].to_pylist()


def _box(page: int, x: float, y: float, width: float = 40, height: float = 10) -> Locus:
    return Locus(page, Box(x, y, x + width, y + height))


def _table(r: int, c: int) -> Locus:
    return _box(2, 50 + 90 * c, 100 + 14 * r)


def _moved(where: Place, r: int, c: int, to: Locus) -> Place:
    return lambda i, j: to if (i, j) == (r, c) else where(i, j)


@pytest.mark.criterion("E7.2", "E7.10")
@pytest.mark.parametrize(
    ("to", "reason"),
    [
        (_table(3, 1), "the other cells of this row stand 14 pt higher on page 2"),
        (_table(1, 1), "the other cells of this row stand 14 pt lower on page 2"),
        (_table(2, 2), "the other cells of this column stand 90 pt further left"),
        (_table(2, 0), "the other cells of this column stand 90 pt further right"),
        (_box(3, 140, 128), "the other cells of this row stand on page 2"),
        (_box(2, 140, 700), "the other cells of this row stand 572 pt higher on page 2"),
    ],
)
def test_a_citation_of_another_cell_scores_low_and_says_where_it_should_be(to: Locus, reason: str) -> None:
    scores, reasons = _faith(6, 4, _moved(_table, 2, 1, to))
    assert scores[2, 1] <= 0.25
    assert reasons[2 * 4 + 1] == reason
    scores[2, 1] = 1
    assert scores.min() == 1, "nobody else is blamed"


LAYOUTS: dict[str, tuple[int, int, Place]] = {
    "table": (6, 4, _table),
    "one row": (1, 9, lambda _, c: _box(1, 50 + 37 * (c % 3), 60 * c + 20)),
    "one column": (9, 1, lambda r, _: _box(1, 50 + 5 * (r % 3), 60 * r + 20)),
    "a cell a row, all over the page": (12, 1, lambda r, _: _box(1, 90 * (r % 4), 20 * (r // 4))),
    "forms below each other": (3, 6, lambda r, c: _box(1, 50 + 110 * (c % 2), 200 * r + 15 * (c // 2))),
    "a form a page": (4, 6, lambda r, c: _box(r + 1, 50 + 30 * c, 90 + 47 * c)),
    "a fact of the whole page in each row": (5, 4, lambda r, c: _box(1, 400, 20) if c == 0 else _table(r, c)),
    "one column a line lower": (5, 4, lambda r, c: _box(2, 50 + 90 * c, 100 + 40 * r + (12 if c == 3 else 0))),
    "texts of many lines": (6, 4, lambda r, c: _box(2, 50 + 90 * c, 100 + 60 * r, 40, 52 if c == 1 and r % 2 else 10)),
    "cells in the middle of high rows": (
        6, 3, lambda r, c: _box(1, 90 * c, 60 * r + (0 if c == 1 else 24), 40, 58 if c == 1 else 10),
    ),
    "merged cells": (6, 4, lambda r, c: _box(2, 50, 100 + 28 * (r // 2), 40, 24) if c == 0 else _table(r, c)),
    "transposed": (5, 4, lambda r, c: _box(1, 100 + 80 * r, 50 + 20 * c)),
    "two printed columns for one": (
        6, 4, lambda r, c: _box(2, 410 + 90 * (r % 5 == 0), 100 + 14 * r) if c == 3 else _table(r, c),
    ),
    "over two pages": (8, 3, lambda r, c: _box(1 + r // 4, 90 * c, 650 - 550 * (r // 4) + 14 * r)),
    "right aligned": (6, 3, lambda r, c: _box(1, 100 + 90 * c - 5 * r, 20 * r, 5 + 5 * r)),
    "a cell that goes on overleaf": (
        6, 4, lambda r, c: (_box(2, 320, 60) if (r, c) == (5, 3) else _box(1, 50 + 90 * c, 650 + 14 * r)),
    ),
    "sheet": (6, 4, lambda r, c: Locus(place=f"Sheet1!{'ABCD'[c]}{r + 2}")),
    "records": (6, 4, lambda r, c: Locus(place=f"/items/{r}/{'abcd'[c]}")),
    "records in records": (
        6, 3, lambda r, c: Locus(place=f"/orders/{r // 2}/" + (f"lines/{r % 2}/{'abc'[c]}" if c else "id")),
    ),
    "lines": (6, 4, lambda r, _: Locus(place=f"line {r + 1}")),
    "lines and more": (6, 4, lambda r, c: Locus(place=f"lines {r + 1} to {r + 2}" if c == 3 else f"line {r + 1}")),
    "no place at all": (6, 4, lambda _r, _c: Locus()),
}  # fmt: skip


@pytest.mark.parametrize("name", LAYOUTS)
def test_an_honest_layout_is_left_alone(name: str) -> None:
    rows, columns, where = LAYOUTS[name]
    scores, reasons = _faith(rows, columns, where)
    assert scores.min() == 1, [r for r in reasons if r]


@pytest.mark.parametrize(
    ("name", "at", "to"),
    [
        ("a fact of the whole page in each row", (2, 2), (3, 2)),
        ("one column a line lower", (2, 3), (3, 3)),
        ("one column a line lower", (2, 1), (3, 1)),
        ("texts of many lines", (2, 2), (3, 2)),
        ("merged cells", (2, 2), (3, 2)),
        ("transposed", (2, 1), (3, 1)),
        ("transposed", (2, 1), (2, 2)),
        ("over two pages", (2, 1), (5, 1)),
        ("over two pages", (3, 1), (4, 1)),
        ("right aligned", (2, 1), (3, 1)),
        ("right aligned", (2, 1), (2, 2)),
        ("sheet", (2, 1), (3, 1)),
        ("sheet", (2, 1), (2, 2)),
        ("records", (2, 1), (3, 1)),
        ("records", (2, 1), (2, 2)),
        ("lines", (2, 1), (3, 1)),
    ],
)
def test_a_move_is_seen_in_any_layout(name: str, at: tuple[int, int], to: tuple[int, int]) -> None:
    rows, columns, where = LAYOUTS[name]
    scores, reasons = _faith(rows, columns, _moved(where, *at, where(*to)))
    assert scores[at] <= 0.25
    assert (reasons[at[0] * columns + at[1]] or "").startswith(WRONG)
    scores[at] = 1
    assert scores.min() == 1, "nobody else is blamed"


@pytest.mark.parametrize(("name", "where"), [("sheet", "Sheet1!4"), ("records", "/items/2"), ("lines", "line 3")])
def test_a_place_without_a_page_is_named_as_the_document_does(name: str, where: str) -> None:
    rows, columns, place = LAYOUTS[name]
    _, reasons = _faith(rows, columns, _moved(place, 2, 1, place(3, 1)))
    assert reasons[2 * columns + 1] == f"the other cells of this row stand at '{where}'"


def test_two_columns_are_enough_when_the_other_row_has_its_own_cell_there() -> None:
    scores, _ = _faith(6, 2, _moved(_table, 2, 1, _table(3, 1)))
    assert np.argwhere(scores < 1).tolist() == [[2, 1]]


def _grid(rows: int, columns: int, merged: int) -> Table:
    """A table of a web page whose first column has cells of ``merged`` rows."""
    cells = [(r, c, merged if c == 0 else 1) for r in range(rows) for c in range(columns) if c or r % merged == 0]
    row, col, span = (np.array(v, np.int32) for v in zip(*cells, strict=True))
    n = len(cells)
    places = [f"/table[1]/tr[{r + 1}]/td[{c + (1 if r % merged == 0 else 0)}]" for r, c, _ in cells]
    one = np.ones(n, np.int32)
    return Table(
        0, rows, columns, ["19 %"] * n, row, col, span, one, np.zeros(n, bool), np.zeros(n, np.int32),
        np.full((n, 4), np.nan, np.float32), places,
    )  # fmt: skip


def test_the_grid_of_a_table_tells_merged_cells_from_wrong_rows() -> None:
    grid = _grid(6, 3, 2)

    def where(r: int, c: int) -> Locus:
        at = next(i for i in range(len(grid)) if grid.row[i] <= r < grid.row[i] + grid.row_span[i] and grid.col[i] == c)
        return Locus(place=grid.place[at])

    scores, reasons = _faith(6, 3, where, (grid,))
    assert scores.min() == 1, reasons
    scores, reasons = _faith(6, 3, _moved(where, 2, 2, where(3, 2)), (grid,))
    assert np.argwhere(scores < 1).tolist() == [[2, 2]]
    assert reasons[2 * 3 + 2] == "the other cells of this row stand 1 row higher in table 0"
    scores, _ = _faith(6, 3, _moved(where, 2, 2, Locus(place="/p[4]")), (grid,))
    assert np.argwhere(scores < 1).tolist() == [[2, 2]]


@settings(deadline=None)
@given(
    st.integers(3, 12),
    st.integers(3, 7),
    st.floats(0, 2),  # of the least row height, 12: beyond a quarter of it rows cannot be told apart for sure
    st.integers(1, 3),
    st.randoms(use_true_random=False),
    st.data(),
)
def test_in_any_table_a_moved_cell_is_seen_and_no_other(
    rows: int, columns: int, jitter: float, pages: int, random: object, data: st.DataObject
) -> None:
    height = [data.draw(st.sampled_from([12, 24, 36])) for _ in range(rows)]
    top = np.cumsum([0, *height])
    seed = random.randint(0, 10**6)  # type: ignore[attr-defined]
    noise = np.random.default_rng(seed).uniform(-jitter, jitter, (rows, columns))
    width = [data.draw(st.sampled_from([20, 60, 110])) for _ in range(columns)]
    left = np.cumsum([0, *[w + 12 for w in width]])
    per_page = -(-rows // pages)

    def where(r: int, c: int) -> Locus:
        page = 1 + r // per_page
        y = 50 + float(top[r] - top[(page - 1) * per_page] + noise[r, c])
        return _box(page, 30 + float(left[c] + noise[r, c]), y, width[c], height[r] - 4)

    scores, reasons = _faith(rows, columns, where)
    assert scores.min() == 1, reasons
    r, c = data.draw(st.integers(0, rows - 1)), data.draw(st.integers(0, columns - 1))
    other = r + 1 if r + 1 < rows else r - 1
    scores, reasons = _faith(rows, columns, _moved(where, r, c, where(other, c)))
    assert scores[r, c] <= 0.25, (r, c, reasons)
    scores[r, c] = 1
    assert scores.min() == 1, "nobody else is blamed"


def test_a_large_output_is_looked_through_in_time() -> None:
    rows, columns = 40_000, 5
    table = TableBuilder({f"c{c}": "VARCHAR" for c in range(columns)})
    y = 20.0 + 12 * (np.arange(rows) % 60)
    page = (1 + np.arange(rows) // 60).astype(np.int32)
    values = [f"v{r}" for r in range(rows)]
    located = {}
    for c in range(columns):
        box = np.column_stack([np.full(rows, 90.0 * c), y, np.full(rows, 90.0 * c + 40), y + 10]).astype(np.float32)
        if c == 2:
            box[777, [1, 3]] += 12
        located[f"c{c}"] = (page, box, None)
    table.extend({f"c{c}": values for c in range(columns)}, located=located)
    spans = ground_spans(table.spans_table(), ())
    low = np.flatnonzero(spans["faithfulness"].to_numpy() < 1)
    assert low.tolist() == [777 * columns + 2]
