"""Tidy tables: one header, data rows, sections; records of a page without tables; content told from navigation."""

from __future__ import annotations

import pytest
from lxml import etree

from locus_dbt.parsers.html_main import boilerplate, inside, main_tables
from locus_dbt.parsers.html_records import record_tables
from locus_dbt.parsers.tidy import Tidy, tidy
from tests.make_fixtures.run_image import read


def grid(source: str, *, sections: bool = True, blank: bool = True, repeat_spans: bool = True) -> Tidy:
    table = read(source.encode(), "x.html").parsed.tables[0]
    return tidy(table, sections=sections, blank=blank, repeat_spans=repeat_spans)


def shown(one: Tidy) -> list[list[str]]:
    return [[one.text(cell) for cell in row] for row in one.rows]


def root(source: str) -> etree._Element:
    return etree.fromstring(source, parser=etree.HTMLParser())


SHIPS = """<table><tr><td colspan=3>Ships of 2026<tr><th>Ship<th>Photo<th>Cars<tr><td colspan=3>Day
<tr><td rowspan=2>Alma<td><img src=a><td>12<tr><td><img src=b><td>9<tr><th>Ship<th>Photo<th>Cars
<tr><td colspan=3>Night<tr><td>Cilly<td><td>41<tr><td><td><td><tr><td colspan=2>All<td>62</table>"""


def test_titles_become_sections_and_blank_rows_and_columns_go() -> None:
    one = grid(SHIPS)
    assert one.header() == ["Ship", "Cars"]
    assert shown(one) == [["Alma", "12"], ["Alma", "9"], ["Cilly", "41"], ["All", "62"]]
    assert [one.text(cell) for cell in one.section] == ["Day", "Day", "Night", "Night"]
    assert [one.text(cell) for cell in one.across] == ["Ships of 2026", "Day", "Night"]
    assert one.dropped == [1]


def test_without_tidying_every_row_and_column_is_there() -> None:
    one = grid(SHIPS, sections=False, blank=False)
    assert len(one.columns) == 3
    assert len(one.rows) + len({cell for cells in one.head for cell in cells}) // 3 + 1 >= 9


def test_spanned_cell_stands_once_when_asked_to() -> None:
    assert shown(grid(SHIPS, repeat_spans=False))[:2] == [["Alma", "12"], ["", "9"]]


def test_stacked_headers_join_and_a_spanning_one_stands_over_all_it_spans() -> None:
    one = grid("<table><tr><th rowspan=2>a<th colspan=2>b<tr><th>c<th>d<tr><td>1<td>2<td>3</table>")
    assert one.header() == ["a", "b\nc", "b\nd"]
    assert shown(one) == [["1", "2", "3"]]


def test_column_for_a_colour_beside_the_text_is_no_column() -> None:
    one = grid(
        "<table><tr><th colspan=2>Party<th>Votes<tr><td bgcolor=red><td>Reds<td>7<tr><td bgcolor=blue><td>Blues<td>5"
        "<tr><td colspan=2>All<td>12</table>"
    )
    assert (one.header(), shown(one)) == (["Party", "Votes"], [["Reds", "7"], ["Blues", "5"], ["All", "12"]])


def test_columns_with_headers_of_their_own_stay_apart() -> None:
    one = grid("<table><tr><th>a<th>b<th>c<tr><td colspan=2>x<td>1<tr><td colspan=2>y<td>2</table>")
    assert (one.header(), shown(one)) == (["a", "b", "c"], [["x", "x", "1"], ["y", "y", "2"]])


def test_header_of_each_row_is_no_header_of_the_columns() -> None:
    one = grid("<table><tr><th colspan=2>Mount<tr><th>Height<td>900 m<tr><th>Range<td>Alps</table>")
    assert (one.header(), shown(one)) == (["", ""], [["Height", "900 m"], ["Range", "Alps"]])


def test_table_of_titles_only_keeps_its_rows() -> None:
    assert shown(grid("<table><tr><th colspan=2>a<tr><td colspan=2>b<tr><td colspan=2>c<td></table>"))[-1:] == [["c"]]


def test_cards_are_records_with_the_names_the_page_gives_them() -> None:
    page = root(
        "<h2>Rooms</h2><ul>"
        + "".join(
            f"<li class=room><h3 class=name><a href=/{n}>Room {n}</a></h3><b itemprop=price>{n}0</b>" for n in range(3)
        )
        + "<li class=ad><span>x</span><span>y</span></ul><ul><li>a <b>b</b> c<li>d <b>e</b> f<li>g <b>h</b> i</ul>"
    )
    (table,) = record_tables(page, first=4)
    assert (table.number, table.title) == (4, "Rooms")
    assert list(table.text) == ["name", "price", "Room 0", "00", "Room 1", "10", "Room 2", "20"]
    for place, text in zip(table.place[2:], table.text[2:], strict=True):
        assert "".join(page.xpath(place)[0].itertext()) == text


def test_navigation_is_told_from_content() -> None:
    assert boilerplate(root("<nav><p>a</nav><div class='page-sidebar'><p>b</div><div id=content><h1>c</h1></div>")) == {
        "/html/body/nav[1]",
        "/html/body/div[1]",
    }
    assert boilerplate(root("<div><p>a</p><main><p>b</main></div><p>c")) == {
        "/html/body/div[1]/p[1]",
        "/html/body/p[1]",
    }
    links = "<tr><td><a href=a>one</a><td><a href=b>two</a>"
    assert boilerplate(root(f"<table>{links}</table><table><tr><th>k<th>v{links}</table>")) == {"/html/body/table[1]"}


PAGE = f"""<html><body><nav><table><tr><td>Home<td>All products</table></nav><main><article><h1>Harvest report</h1>
<p>{"The farms of the valley report a good year. " * 8}</p>
<table><tr><th>Crop<th>Tonnes<tr><td>Barley harvest<td>1,200<tr><td>Winter wheat<td>3,450</table>
<p>{"Prices rose in autumn. " * 8}</p></article></main>
<footer><table><tr><td>Imprint and contact<td>Privacy notice</table></footer></body></html>"""


@pytest.mark.parametrize("by", ["structure", "trafilatura"])
def test_both_ways_find_the_table_of_the_article(by: str) -> None:
    tables = read(PAGE.encode(), "x.html").parsed.tables
    if by == "trafilatura":
        pytest.importorskip("trafilatura")
        assert main_tables(PAGE, tables) == [False, True, False]
    else:
        parts = boilerplate(root(PAGE))
        assert [not inside(table.place[0], parts) for table in tables] == [False, True, False]
