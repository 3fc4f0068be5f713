"""Workbooks: every filled cell once with its address, values as a person reads them."""

from __future__ import annotations

import datetime as dt
import io
import zipfile

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from locus_dbt.errors import InputError
from locus_dbt.model.element import Parsed
from locus_dbt.parsers.spreadsheet import address
from tests.make_fixtures.formats import workbook, zipped
from tests.make_fixtures.run_image import read
from tests.parsers.grids import Spanned, cells_of, spanned_grids

FIRST, LAST = dt.datetime.fromisoformat("1901-01-01"), dt.datetime.fromisoformat("2300-01-01")


def parsed(data: bytes) -> Parsed:
    return read(data, "book.xlsx").parsed


@pytest.mark.criterion("E3.2", "E3.3")
@settings(max_examples=40, deadline=None)
@given(spanned_grids())
def test_any_grid_with_merged_cells_comes_back(grid: list[Spanned]) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Data"
    for c in grid:
        sheet.cell(c.row + 2, c.col + 3, c.text).data_type = "s"
        if c.row_span * c.col_span > 1:
            sheet.merge_cells(
                start_row=c.row + 2,
                end_row=c.row + 1 + c.row_span,
                start_column=c.col + 3,
                end_column=c.col + 2 + c.col_span,
            )
    out = io.BytesIO()
    book.save(out)
    (table,) = parsed(out.getvalue()).tables
    last = max(c.row for c in grid)
    shown = [Spanned(c.row, c.col, min(c.row_span, last - c.row + 1), c.col_span, c.text) for c in grid]
    assert cells_of(table) == shown
    assert list(table.place) == [address("Data", c.row + 1, c.col + 2) for c in grid]


def test_two_tables_on_one_sheet_and_a_title() -> None:
    orders, totals = parsed(
        workbook({"S": [["Orders"], ["id", "qty"], ["a", 1], ["b", 2], [], ["name", "sum"], ["x", 3], ["y", 4]]})
    ).tables
    assert (orders.title, orders.place[1]) == ("Orders", "S!A2")
    assert (totals.n_rows, totals.place[0]) == (3, "S!A6")


def test_tables_beside_each_other() -> None:
    left, right = parsed(
        workbook({"S": [["id", "qty", None, "code", "rate"], ["a", 1, None, "x", 0.5], ["b", 2, None, "y", 0.7]]})
    ).tables
    assert list(left.text) == ["id", "qty", "a", "1", "b", "2"]
    assert right.place[0] == "S!D1"


def test_blank_rows_inside_a_table_do_not_cut_it() -> None:
    (table,) = parsed(workbook({"S": [["id", "qty"], ["a", 1], [], ["b", 2], ["c", 3]]})).tables
    assert table.n_rows == 5


@pytest.mark.parametrize(
    ("name", "shown"), [("Sheet1", "Sheet1!B7"), ("My sheet", "'My sheet'!B7"), ("O'Neil", "'O''Neil'!B7")]
)
def test_addresses(name: str, shown: str) -> None:
    assert address(name, 6, 1) == shown
    assert address(name, 0, 701).endswith("!ZZ1")


def changed(data: bytes, old: str, new: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return zipped({name: archive.read(name).decode().replace(old, new) for name in archive.namelist()})


def test_one_far_cell_is_refused_before_any_grid_is_built() -> None:
    data = workbook({"S": [["id"], ["a"]]})
    far = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    with pytest.raises(InputError, match="cells, at most") as refused:
        parsed(changed(data, "</sheetData>", far))
    assert refused.value.code == "E206"


def test_cells_that_show_an_error_are_read() -> None:
    error = '<row r="3"><c r="B3" t="e"><f>1/0</f><v>#DIV/0!</v></c><c t="e" r="C3"><v>#N/A</v></c></row></sheetData>'
    data = changed(workbook({"S": [["id", "v", "w"], ["a", 1, 2]]}), "</sheetData>", error)
    (table,) = parsed(data).tables
    assert {p: t for p, t in zip(table.place, table.text, strict=True) if t.startswith("#")} == {
        "S!B3": "#DIV/0!",
        "S!C3": "#N/A",
    }


def test_cut_workbook_is_damaged() -> None:
    with pytest.raises(InputError) as refused:
        parsed(workbook({"S": [["id"], ["a"]]})[:-200])
    assert refused.value.code == "E203"


SPREADSHEETML = """<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"
 xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet ss:Name="Old"><Table>
<Row ss:Index="2"><Cell ss:MergeAcross="1"><Data ss:Type="String">both</Data></Cell></Row>
<Row><Cell><Data ss:Type="Number">0.30000000000000004</Data></Cell>
<Cell ss:Index="3"><Data ss:Type="DateTime">2024-05-01T00:00:00.000</Data></Cell></Row>
</Table></Worksheet></Workbook>"""


def test_workbook_saved_as_xml() -> None:
    (table,) = read(SPREADSHEETML.encode(), "old.xml").parsed.tables
    assert cells_of(table) == [
        Spanned(0, 0, 1, 2, "both"),
        Spanned(1, 0, 1, 1, "0.3"),
        Spanned(1, 2, 1, 1, "2024-05-01"),
    ]
    assert list(table.place) == ["Old!A2", "Old!A3", "Old!C3"]
    assert list(table.typed) == ["", "0.3", "2024-05-01"]


STYLED = SPREADSHEETML.replace(
    "<Worksheet",
    """<Styles><Style ss:ID="Default"/><Style ss:ID="day"><NumberFormat ss:Format="yyyy\\-mm\\-dd"/></Style>
<Style ss:ID="child" ss:Parent="day"/><Style ss:ID="money">
<NumberFormat ss:Format="Standard"/></Style></Styles><Worksheet""",
)


@pytest.mark.parametrize("style", ["day", "child"])
def test_workbook_saved_as_xml_has_styles_with_parents(style: str) -> None:
    data = STYLED.replace('ss:Index="3">', f'ss:Index="3" ss:StyleID="{style}">')
    (table,) = read(data.encode(), "old.xml").parsed.tables
    assert (table.text[-1], table.typed[-1]) == ("2024-05-01", "2024-05-01")


def saved(book: openpyxl.Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def formatted(values: list[tuple[object, str]]) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for i, (value, code) in enumerate(values, 1):
        sheet.cell(i, 1, value).number_format = code
    return saved(book)


def test_text_is_what_is_displayed_and_typed_what_is_held() -> None:
    data = formatted(
        [
            (dt.date(2024, 5, 1), "d mmm yyyy"),
            (1234.5, "#,##0.00"),
            (0.19, "0%"),
            (dt.time(7, 30), "h:mm AM/PM"),
            (True, "General"),
            ("x", "@"),
            (123456789012345, "General"),
            (0, "0;-0;;@"),
            (1.25, "[h]:mm"),
        ]
    )
    (table,) = parsed(data).tables
    assert list(zip(table.text, table.typed, strict=True)) == [
        ("1 May 2024", "2024-05-01"),
        ("1,234.50", "1234.5"),
        ("19%", "0.19"),
        ("7:30 AM", "07:30:00"),
        ("TRUE", "true"),
        ("x", ""),
        ("1.23457E+14", "123456789012345"),
        ("", "0"),
        ("30:00", "1.25"),
    ]
    assert "hides their value" in parsed(data).warnings[0]


@settings(max_examples=30, deadline=None)
@given(st.lists(st.datetimes(FIRST, LAST), min_size=2, max_size=20))
def test_dates_come_back(moments: list[dt.datetime]) -> None:
    moments = [moment.replace(microsecond=0) for moment in moments]
    (table,) = parsed(formatted([(moment, "yyyy-mm-dd hh:mm:ss") for moment in moments])).tables
    assert list(table.text) == [str(moment) for moment in moments]
    assert list(table.typed) == [moment.isoformat() for moment in moments]


def test_hidden_parts_are_read_and_named() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (["id", "v"], ["a", 1], ["b", 2]):
        sheet.append(row)
    sheet.row_dimensions[2].hidden = True
    sheet.column_dimensions["B"].hidden = True
    other = book.create_sheet("Back")
    other["A1"] = "secret"
    other.sheet_state = "hidden"
    found = parsed(saved(book))
    assert found.tables[0].hidden_rows == (1,)
    assert found.metadata["hidden_sheets"] == "Back"
    assert found.metadata["hidden_columns"] == '["Sheet!B:B"]'
    assert len(found.warnings) == 3


@pytest.mark.parametrize(
    ("rows", "merges", "header"),
    [
        (
            [["Region", "2024", None, "2025", None], [None, "Q1", "Q2", "Q1", "Q2"], ["North", 1, 2, 3, 4]],
            ["A1:A2", "B1:C1", "D1:E1"],
            2,
        ),
        ([["Region", 2023.0, 2024.0], ["North", 10.5, 11.5], ["South", 7.5, 8.5]], [], 1),
        ([["Title"], ["id", "qty"], ["a", 1.0]], [], 1),
        ([["a", 1.0], ["b", 2.0]], [], 0),
    ],
)
def test_header_rows(rows: list[list[str | float | None]], merges: list[str], header: int) -> None:
    (table,) = parsed(workbook({"S": rows}, merges={"S": merges})).tables
    assert len({r for r, h in zip(table.row.tolist(), table.is_header.tolist(), strict=True) if h}) == header


def test_a_million_rows_of_styled_blanks_cost_nothing() -> None:
    blanks = "".join(f'<row r="{i}" s="1"><c r="A{i}" s="0"/></row>' for i in range(10, 100_000))
    (table,) = parsed(changed(workbook({"S": [["id", "v"], ["a", 1]]}), "</sheetData>", blanks + "</sheetData>")).tables
    assert (len(table), table.n_rows) == (4, 2)


def test_entities_are_refused() -> None:
    data = changed(workbook({"S": [["id"], ["a"]]}), "<worksheet", '<!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet')
    with pytest.raises(InputError, match="entities") as refused:
        parsed(data)
    assert refused.value.code == "E203"
