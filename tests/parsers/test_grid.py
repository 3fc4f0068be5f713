"""Tables as grids, documents in reading order."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from locus_dbt.model.element import Block, Page, Parsed, Table, no_boxes
from locus_dbt.parsers.grid import snake, to_grid, unique_names
from locus_dbt.parsers.reading_order import by_page, whole
from tests.parsers.grids import Spanned, spanned_grids


def table(cells: list[Spanned], *, header: int = 0, page: list[int] | None = None, boxes: bool = False) -> Table:
    numbers = np.array([(c.row, c.col, c.row_span, c.col_span) for c in cells], np.int32)
    n = len(cells)
    box = np.array([[c.col * 50, 100 + c.row * 20, c.col * 50 + 40, 118 + c.row * 20] for c in cells], np.float32)
    return Table(
        number=0,
        n_rows=int((numbers[:, 0] + numbers[:, 2]).max()),
        n_cols=int((numbers[:, 1] + numbers[:, 3]).max()),
        text=[c.text for c in cells],
        row=numbers[:, 0],
        col=numbers[:, 1],
        row_span=numbers[:, 2],
        col_span=numbers[:, 3],
        is_header=np.array([c.row < header for c in cells]),
        page=np.array(page or [0] * n, np.int32),
        box=box if boxes else no_boxes(n),
    )


@given(spanned_grids())
def test_every_slot_is_filled_by_the_cell_that_covers_it(cells: list[Spanned]) -> None:
    grid = to_grid(table(cells))
    for row in range(grid.table.n_rows):
        for col in range(grid.table.n_cols):
            cell = cells[grid.slots[row][col]]
            assert cell.row <= row < cell.row + cell.row_span
            assert cell.col <= col < cell.col + cell.col_span


def test_stacked_headers_are_joined_and_named_once() -> None:
    head = [Spanned(0, 0, 2, 1, "Item"), Spanned(0, 1, 1, 2, "Price €")]
    below = [Spanned(1, 1, 1, 1, "net"), Spanned(1, 2, 1, 1, "net")]
    body = [Spanned(2, 0, 1, 1, "a"), Spanned(2, 1, 1, 1, "1"), Spanned(2, 2, 1, 1, "2")]
    cells = head + below + body
    grid = to_grid(table(cells, header=2))
    assert grid.header == ["Item", "Price € net", "Price € net"]
    assert grid.names() == ["item", "price_net", "price_net_2"]
    assert list(grid.body) == [2]


def test_title_above_the_header_is_no_part_of_the_names() -> None:
    cells = [
        Spanned(0, 0, 1, 1, "Orders"),
        Spanned(1, 0, 1, 1, "id"),
        Spanned(1, 1, 1, 1, "qty"),
        Spanned(2, 0, 1, 1, "x"),
    ]
    marked = table(cells)
    marked.is_header[1:3] = True
    assert to_grid(marked).names() == ["id", "qty"]


def test_unmarked_first_row_names_columns_only_when_it_reads_like_names() -> None:
    rows = [("id", "qty"), ("a", "1"), ("b", "2")]
    cells = [Spanned(r, c, 1, 1, text) for r, row in enumerate(rows) for c, text in enumerate(row)]
    assert to_grid(table(cells)).names() == ["id", "qty"]
    assert to_grid(table(cells[2:4] + cells[4:])).head == range(0)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Größe (m²)", "groesse_m2"),
        ("VAT %", "vat_pct"),
        ("2024", "n_2024"),
        ("unitPrice", "unit_price"),
        ("№", "no"),
        ("—", ""),
    ],
)
def test_snake_case(text: str, name: str) -> None:
    assert snake(text) == name


@given(st.lists(st.text(max_size=8), max_size=8))
def test_names_are_sql_names_and_differ(header: list[str]) -> None:
    names = unique_names(header)
    assert len(set(names)) == len(header)
    assert all(name and not name[0].isdigit() and "\n" not in name for name in names)


CELLS = [
    Spanned(0, 0, 1, 1, "k"),
    Spanned(0, 1, 1, 1, "v"),
    Spanned(1, 0, 1, 1, "a"),
    Spanned(1, 1, 1, 1, "1"),
]


def test_table_stands_between_the_blocks_around_its_box_and_hides_text_inside() -> None:
    blocks = [
        Block("paragraph", "above", 0, page=1, box=(0, 50, 90, 60)),
        Block("paragraph", "k v", 1, page=1, box=(0, 100, 90, 118)),
        Block("paragraph", "below", 2, page=1, box=(0, 200, 90, 210)),
    ]
    here = table(CELLS, page=[1] * 4, boxes=True)
    parsed = Parsed("application/pdf", (Page(1, 200, 300, blocks=blocks),), (here,))
    assert [i.text if isinstance(i, Block) else "table" for i in whole(parsed)] == ["above", "table", "below"]


def test_table_over_two_pages_is_cut_by_page_and_whole_in_the_document() -> None:
    here = table(CELLS, page=[1, 1, 2, 2], boxes=True)
    parsed = Parsed("application/pdf", (Page(1, 200, 300), Page(2, 200, 300)), (here,))
    (first,), (second,) = (items for _, items in by_page(parsed))
    assert isinstance(first, Table)
    assert isinstance(second, Table)
    assert (list(first.text), list(second.text)) == (["k", "v"], ["a", "1"])
    assert second.row.tolist() == [0, 0]
    assert whole(parsed) == [here]
