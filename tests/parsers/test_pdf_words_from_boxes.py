"""Words known by their boxes alone (a picture that was read) go through the same table finders."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from locus_dbt.parsers.pdf.columns import in_reading_order
from locus_dbt.parsers.pdf.grid import Grid, cell_text
from locus_dbt.parsers.pdf.rulings import Line, Rulings
from locus_dbt.parsers.pdf.tables import page_grids
from locus_dbt.parsers.pdf.words import PageWords

ROWS = [
    ["Region", "May", "June"],
    ["North-east", "1,204", "998"],
    ["open sea", "17", "-"],
    ["Upper valley", "640", "655"],
    ["cure", "88", "91"],
]
LEFT = (50.0, 200.0, 300.0)


def reach(word: str) -> tuple[float, float]:
    """How far the ink goes above and below the baseline, in em."""
    if word == "-":
        return 0.3, -0.22
    up = 0.5 if all(c in "acegmnopqrsuvwxyz" for c in word) else 0.72
    return up, 0.2 if any(c in "gpqy,j" for c in word) else 0.0


def printed(size: float, *, shake: float = 0.0) -> tuple[list[str], list[tuple[float, float, float, float]]]:
    noise = np.random.default_rng(3)
    text, boxes = [], []
    for r, row in enumerate(ROWS):
        for x, cell in zip(LEFT, row, strict=True):
            at = x
            for word in cell.split():
                up, down = reach(word)
                base = 100 + 1.6 * size * r
                box = np.array([at, base - up * size, at + 0.55 * size * len(word), base + down * size])
                text.append(word)
                boxes.append(tuple(box + noise.uniform(-shake, shake, 4)))
                at += 0.55 * size * len(word) + 0.28 * size
    return text, boxes


def rows_of(grid: Grid, words: PageWords) -> list[list[str]]:
    rows = [[""] * grid.n_cols for _ in range(grid.n_rows)]
    for cell in grid.cells:
        rows[cell.row][cell.col] = cell_text(words, cell.words)
    return rows


@pytest.mark.parametrize("size", [7.0, 10.0, 14.0])
@pytest.mark.parametrize("shake", [0.0, 0.05])
def test_a_table_of_boxes_is_read_like_one_of_a_text_layer(size: float, shake: float) -> None:
    text, boxes = printed(size, shake=shake * size)
    order = np.random.default_rng(1).permutation(len(text)).tolist()
    words = in_reading_order(PageWords.from_boxes([text[i] for i in order], [boxes[i] for i in order]))
    assert [rows_of(g, words) for g in page_grids(words, Rulings())] == [ROWS]


def test_ruled_cells_take_their_words() -> None:
    text, boxes = printed(10)
    words = in_reading_order(PageWords.from_boxes(text, boxes))
    ys = [88 + 16.0 * r for r in range(6)]
    rulings = Rulings([(y, 45.0, 380.0) for y in ys], [(x, ys[0], ys[-1]) for x in (45.0, 190.0, 290.0, 380.0)])
    (grid,) = page_grids(words, rulings)
    assert grid.ruled
    assert rows_of(grid, words) == ROWS


def test_blank_words_and_words_without_extent_are_left_out() -> None:
    words = PageWords.from_boxes(["a", " ", "b", ""], [(0, 0, 5, 5), (6, 0, 9, 5), (9, 0, 9, 5), (1, 1, 2, 2)])
    assert words.text == ["a"]
    assert len(PageWords.from_boxes([], [])) == 0
    assert not page_grids(PageWords.from_boxes([], []), Rulings())


def test_a_given_size_is_kept() -> None:
    words = PageWords.from_boxes(["Ab", "cd"], [(0, 0, 20, 14), (24, 0, 40, 14)], size=10)
    assert words.size.tolist() == [10.0, 10.0]
    assert words.line.tolist() == [0, 0]


TEXT = st.sampled_from(["Total", "1,204", "$", "%", "...", "17.5", "of", "Table", "1.", "-----", "Source:", "x", "(1)"])
PLACED = st.tuples(TEXT, st.integers(0, 12), st.integers(0, 30), st.sampled_from([5, 8, 20]))
RULE = st.tuples(st.integers(0, 300), st.integers(0, 300), st.integers(5, 300)).map(lambda t: (t[0], t[1], t[1] + t[2]))


@given(
    placed=st.lists(PLACED, max_size=60),
    horizontal=st.lists(RULE, max_size=5),
    vertical=st.lists(RULE, max_size=4),
)
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_stands_on_a_page_every_word_is_in_one_cell_at_most(
    placed: list[tuple[str, int, int, int]], horizontal: list[Line], vertical: list[Line]
) -> None:
    boxes = [(25.0 * x, 9.0 * y, 25.0 * x + 5 * len(t), 9.0 * y + size) for t, x, y, size in placed]
    words = in_reading_order(PageWords.from_boxes([t for t, *_ in placed], boxes))
    rulings = Rulings([tuple(map(float, r)) for r in sorted(horizontal)], [tuple(map(float, r)) for r in vertical])
    for grid in page_grids(words, rulings):
        held = [i for cell in grid.cells for i in cell.words]
        assert len(held) == len(set(held))
        places = [
            (r, c)
            for cell in grid.cells
            for r in range(cell.row, cell.row + cell.row_span)
            for c in range(cell.col, cell.col + cell.col_span)
        ]
        assert all(0 <= r < grid.n_rows and 0 <= c < grid.n_cols for r, c in places)
        assert len(places) == len(set(places))
