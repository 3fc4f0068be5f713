"""Workbooks: every filled cell once with its address, values as a person reads them."""

from __future__ import annotations

import datetime as dt
import io
import zipfile

import openpyxl
import pytest
from hypothesis import given, settings

from locus_dbt.errors import InputError
from locus_dbt.model.element import Parsed
from locus_dbt.parsers.spreadsheet import address
from tests.make_fixtures.formats import workbook, zipped
from tests.make_fixtures.run_image import read
from tests.parsers.grids import Spanned, cells_of, spanned_grids


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


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.1 + 0.2, "0.3"), (12.0, "12"), (1e-7, "0.0000001"), (123456789012345.0, "123456789012345"),
        (1.5e300, "1.5e+300"), (-2.50, "-2.5"), (True, "TRUE"), (dt.date(2024, 5, 1), "2024-05-01"),
        (dt.datetime.fromisoformat("2024-05-01T13:05"), "2024-05-01 13:05:00"), (dt.time(7, 30), "07:30:00"),
        (dt.timedelta(hours=30, minutes=5), "30:05:00"), ("  text ", "  text "),
    ],
)  # fmt: skip
def test_values_as_text(value: object, text: str) -> None:
    assert cell_text(value) == text


@given(...)
def test_numbers_lose_nothing_that_fifteen_digits_hold(value: float) -> None:
    text = number_text(value)
    assert text in ("nan", "inf", "-inf") or float(text) == pytest.approx(value, rel=1e-14, abs=1e-300)


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
