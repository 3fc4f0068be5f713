"""HTML: every cell once, with its place; what a browser would show, and nothing it would not."""

from __future__ import annotations

from html import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html as lxml_html

from locus_dbt.errors import InputError
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


@given(spanned_grids(), st.sampled_from(["{open}", "<tbody>{open}", "<thead></thead><tbody>{open}"]))
def test_any_grid_comes_back_without_end_tags(grid: list[Spanned], before: str) -> None:
    rows: dict[int, str] = dict.fromkeys(range(max(c.row + c.row_span for c in grid)), "")
    for c in grid:
        rows[c.row] += f"<td rowspan={c.row_span} colspan={c.col_span}>{escape(c.text)}"
    source = before.format(open="".join(f"<tr>{row}\n" for row in rows.values()))
    assert cells_of(parsed(f"<table>{source}</table>").tables[0]) == grid


def test_no_span_leaves_its_section_and_zero_means_to_its_end() -> None:
    table = parsed(
        "<table><tfoot><tr><td>sum<td>3</tfoot><thead><tr><th rowspan=9>a<th>b</thead>"
        "<tbody><tr><td rowspan=0>x<td>1<tr><td>2</tbody></table>"
    ).tables[0]
    assert cells_of(table) == [
        Spanned(0, 0, 1, 1, "a"),
        Spanned(0, 1, 1, 1, "b"),
        Spanned(1, 0, 2, 1, "x"),
        Spanned(1, 1, 1, 1, "1"),
        Spanned(2, 1, 1, 1, "2"),
        Spanned(3, 0, 1, 1, "sum"),
        Spanned(3, 1, 1, 1, "3"),
    ]


def test_cells_without_rows_are_read() -> None:
    table = parsed("<table><thead><th>a<th>b</thead><tr><td>1<td>2</table>").tables[0]
    assert [c.text for c in cells_of(table)] == ["a", "b", "1", "2"]
    assert table.is_header.tolist() == [True, True, False, False]


ROLES = (
    "<div role=table><div role=rowgroup><div role=row><span role=columnheader>k</span>"
    "<span role=columnheader>v</span></div></div>"
    "<div role=row><span role=cell>a</span><span role=cell>1</span></div></div>"
)
DISPLAYS = (
    "<div style='display: table'><div style='display:table-row'><div style='display:table-cell'>k</div>"
    "<div style='display:table-cell;'>v</div></div><p style='display:table-row'>"
    "<b style='display:table-cell'>a</b><i style='display:table-cell'>1</i></p></div>"
)


@pytest.mark.parametrize(
    "source",
    [ROLES, DISPLAYS],
    ids=["roles", "display"],
)
def test_tables_without_the_tag(source: str) -> None:
    result = parsed(f"<p>before</p>{source}")
    assert texts(result) == ["before"]
    table = result.tables[0]
    assert list(table.text) == ["k", "v", "a", "1"]
    tree = lxml_html.document_fromstring(f"<p>before</p>{source}")
    assert [tree.xpath(place)[0].text_content() for place in table.place] == list(table.text)


def test_lists_have_levels_and_markers_and_definitions_are_pairs() -> None:
    result = parsed(
        "<ul><li>a<ol type=a start=3><li>b<li value=9>c</ol></ul>"
        "<dl><dt>Weight<dd>3 kg<dt>Colours<dd><ul><li>red</ul></dl>"
    )
    assert [(b.kind, b.level, b.label, b.text) for b in result.pages[0].blocks] == [
        ("list", 1, "•", "a"),
        ("list", 2, "c.", "b"),
        ("list", 2, "i.", "c"),
        ("key_value", 0, "Weight", "Weight: 3 kg"),
        ("paragraph", 0, "", "Colours"),
        ("list", 1, "•", "red"),
    ]


def test_what_a_page_says_of_itself() -> None:
    result = parsed(
        "<html lang=de><head><title> A  page </title><link rel=canonical href='https://x.example/a'>"
        '<script type=\'application/ld+json\'>{"@graph": [{"datePublished": "2026-05-01", "author": '
        '{"name": "A. Writer"}}]}</script></head><body><p>text</body></html>'
    )
    assert {k: result.metadata[k] for k in ("title", "url", "language", "published", "author")} == {
        "title": "A page",
        "url": "https://x.example/a",
        "language": "de",
        "published": "2026-05-01",
        "author": "A. Writer",
    }


def test_what_was_left_out_is_said() -> None:
    result = parsed(
        "<p style='display:none'>x</p>"
        "<table><tr><th>a<tr><td>1<sup class=reference><a href='https://x.example'>[12]</a></sup></table>"
    )
    assert result.tables[0].text[1] == "1"
    assert result.warnings == (
        "1 elements that the page hides were left out",
        "1 footnote marks were left out of table cells",
    )


def test_table_drawn_in_preformatted_text_is_a_table() -> None:
    result = parsed("<pre>Item    Qty\nBolt     12\nNut       7\n</pre><pre><code>x = 1\ny  =  2\n</code></pre>")
    assert list(result.tables[0].text) == ["Item", "Qty", "Bolt", "12", "Nut", "7"]
    assert result.tables[0].place[2] == "/html/body/pre[1] line 2"
    assert [(b.kind, b.text) for b in result.pages[0].blocks] == [("code", "x = 1\ny  =  2")]


@pytest.mark.parametrize(
    "source",
    ["<div>" * 100_000, "<table><tr><td>" * 2000, "<table>" + "<tr><td colspan=1000>x" * 20_000],
    ids=["depth", "depth of tables", "spans"],
)
def test_hostile_pages_are_refused(source: str) -> None:
    with pytest.raises(InputError) as refused:
        parsed(source)
    assert refused.value.code == "E206"


def test_one_long_line_is_read_in_whole() -> None:
    assert len(texts(parsed("<p>" + "x" * 11_000_000))[0]) == 11_000_000
