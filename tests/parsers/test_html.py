"""HTML: every cell once, with its place; what a browser would show, and nothing it would not."""

from __future__ import annotations

from html import escape

import pytest
from hypothesis import given
from lxml import html as lxml_html

from locus_dbt.model.element import Parsed
from tests.make_fixtures.run_image import read
from tests.parsers.grids import Spanned, cells_of, spanned_grids


def parsed(text: str | bytes) -> Parsed:
    data = text.encode() if isinstance(text, str) else text
    return read(data, "page.html").parsed


def texts(result: Parsed) -> list[str]:
    return [block.text for block in result.pages[0].blocks]


@pytest.mark.criterion("E3.2", "E3.3")
@given(spanned_grids())
def test_any_grid_with_spans_comes_back(grid: list[Spanned]) -> None:
    rows: dict[int, str] = dict.fromkeys(range(max(c.row + c.row_span for c in grid)), "")
    for c in grid:
        rows[c.row] += f'<td rowspan="{c.row_span}" colspan="{c.col_span}">{escape(c.text)}</td>'
    source = f"<table>{''.join(f'<tr>{row}</tr>' for row in rows.values())}</table>"

    table = parsed(f"<html><body>{source}</body></html>").tables[0]

    assert cells_of(table) == grid
    tree = lxml_html.document_fromstring(source)
    for place, text in zip(table.place, table.text, strict=True):
        (element,) = tree.xpath(place)
        assert element.text_content() == text


def test_omitted_end_tags_give_the_same_cells() -> None:
    table = parsed("<table><tr><th>a<th>b<tr><td>1<td>2</table>").tables[0]
    assert cells_of(table) == [
        Spanned(0, 0, 1, 1, "a"),
        Spanned(0, 1, 1, 1, "b"),
        Spanned(1, 0, 1, 1, "1"),
        Spanned(1, 1, 1, 1, "2"),
    ]
    assert table.is_header.tolist() == [True, True, False, False]


def test_nested_table_is_a_table_of_its_own() -> None:
    outer, inner = parsed(
        "<table><tr><th>a</th><th>b</th></tr><tr><td>x<table><tr><td>1</td><td>2</td></tr></table></td><td>y</td></tr></table>"
    ).tables
    assert list(outer.text) == ["a", "b", "x", "y"]
    assert list(inner.text) == ["1", "2"]
    assert inner.place[1] == "/html/body/table[1]/tr[2]/td[1]/table[1]/tr[1]/td[2]"


def test_layout_table_is_read_as_text_and_the_data_table_in_it_as_table() -> None:
    result = parsed(
        "<table><tr><td><h1>News</h1><p>Text</p></td><td><table><tr><th>k</th></tr><tr><td>v</td></tr></table></td></tr></table>"
    )
    assert texts(result) == ["News", "Text"]
    assert [list(table.text) for table in result.tables] == [["k", "v"]]


def test_reading_order_numbers_blocks_and_tables_together() -> None:
    result = parsed("<h2>one</h2><table><tr><th>k</th></tr><tr><td>v</td></tr></table><p>two</p>")
    heading, paragraph = result.pages[0].blocks
    assert (heading.kind, heading.level, heading.place) == ("heading", 2, "/html/body/h2[1]")
    assert heading.order < result.tables[0].order < paragraph.order


@pytest.mark.parametrize(
    "hidden",
    [
        "<p style='display: none'>x</p>",
        "<p hidden>x</p>",
        "<script>document.write('x')</script>",
        "<style>x</style>",
        "<!-- x -->",
        "<template>x</template>",
    ],
)
def test_what_is_not_shown_is_not_read(hidden: str) -> None:
    assert texts(parsed(f"<p>shown</p>{hidden}")) == ["shown"]


def test_footnote_mark_is_no_part_of_a_value() -> None:
    table = parsed("<table><tr><th>a</th></tr><tr><td>12<sup><a href='#n1'>[1]</a></sup></td></tr></table>").tables[0]
    assert table.text[1] == "12"


def test_senseless_and_huge_spans_are_bounded() -> None:
    table = parsed(
        '<table><tr><td colspan="-3">a</td><td rowspan="0">b</td></tr>'
        '<tr><td colspan="100000000" rowspan="99999999">c</td></tr></table>'
    ).tables[0]
    assert (table.n_rows, table.n_cols) == (2, 2)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "latin-1", "cp1252"])
def test_encodings(encoding: str) -> None:
    data = "<meta charset='latin-1'><p>Größe “x” é</p>".encode(encoding, errors="replace")
    wanted = "Größe “x” é" if encoding != "latin-1" else "Größe ?x? é"
    assert texts(parsed(data)) == [wanted]
