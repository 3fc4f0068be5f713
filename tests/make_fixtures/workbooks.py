"""Writes the inputs of the fixtures of spreadsheet-normalizer; same bytes on every run.

python -m tests.make_fixtures.workbooks   (from the repository's root)
"""

from __future__ import annotations

import datetime as dt
import io
import zipfile

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

from tests.make_fixtures.formats import write

IMAGE = "spreadsheet_normalizer"

QUARTERS_XML = """<?xml version="1.0"?>
<?mso-application progid="Excel.Sheet"?>
<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">
<Styles><Style ss:ID="Default"/><Style ss:ID="money"><NumberFormat ss:Format="Standard"/></Style>
<Style ss:ID="share"><NumberFormat ss:Format="0%"/></Style></Styles>
<Worksheet ss:Name="Revenue 2024"><Table>
<Row><Cell><Data ss:Type="String">Revenue by region and quarter</Data></Cell></Row>
<Row ss:Index="3"><Cell ss:MergeDown="1"><Data ss:Type="String">Region</Data></Cell>
<Cell ss:MergeDown="1"><Data ss:Type="String">Branch</Data></Cell>
<Cell ss:MergeAcross="1"><Data ss:Type="Number">2023</Data></Cell>
<Cell ss:MergeAcross="1"><Data ss:Type="Number">2024</Data></Cell></Row>
<Row><Cell ss:Index="3"><Data ss:Type="String">Q1</Data></Cell><Cell><Data ss:Type="String">Q2</Data></Cell>
<Cell><Data ss:Type="String">Q1</Data></Cell><Cell><Data ss:Type="String">Q2</Data></Cell></Row>
<Row ss:StyleID="money"><Cell ss:MergeDown="1"><Data ss:Type="String">North</Data></Cell>
<Cell><Data ss:Type="String">Kiel</Data></Cell><Cell><Data ss:Type="Number">1200.5</Data></Cell>
<Cell><Data ss:Type="Number">1310</Data></Cell><Cell><Data ss:Type="Number">1402.25</Data></Cell>
<Cell><Data ss:Type="Number">0.1</Data></Cell></Row>
<Row ss:StyleID="money"><Cell ss:Index="2"><Data ss:Type="String">Husum</Data></Cell>
<Cell><Data ss:Type="Number">800</Data></Cell><Cell ss:Index="5"><Data ss:Type="Number">912</Data></Cell>
<Cell><Data ss:Type="Error">#N/A</Data></Cell></Row>
<Row ss:StyleID="money"><Cell><Data ss:Type="String">Total</Data></Cell>
<Cell ss:Index="3"><Data ss:Type="Number">2000.5</Data></Cell>
<Cell><Data ss:Type="Number">1310</Data></Cell><Cell><Data ss:Type="Number">2314.25</Data></Cell></Row>
</Table></Worksheet></Workbook>
"""

CONTACTS_CSV = "Meter;Read on;Value\nM-01;2024-05-01;12,5\nM-02;2024-05-02;7\n"


def plain(book: openpyxl.Workbook) -> bytes:
    """The workbook without the time at which it was saved."""
    out, again = io.BytesIO(), io.BytesIO()
    book.properties.created = book.properties.modified = dt.datetime(2024, 1, 1)  # noqa: DTZ001 - the file has no zone
    book.save(out)
    with zipfile.ZipFile(out) as old, zipfile.ZipFile(again, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if not name.startswith("docProps/"):
                new.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), old.read(name), zipfile.ZIP_DEFLATED)
    return again.getvalue()


def formatted(sheet: Worksheet, first: int, codes: list[str]) -> None:
    """Give the cells of each row from ``first`` on the formats of their columns."""
    for row in sheet.iter_rows(min_row=first):
        for cell, code in zip(row, codes, strict=False):
            cell.number_format = code


def rents() -> bytes:
    """Dates, money, shares, a time, an error, a hidden row and column, a hidden sheet."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = "Rents May"
    rows = [
        ["Flat", "Paid on", "Rent", "Share", "Booked at", "Open"],
        ["A 1", dt.date(2024, 5, 2), 1250.5, 0.125, dt.time(14, 5), True],
        ["A 2", dt.date(2024, 5, 3), -80, 0.5, dt.time(9, 30), False],
        ["B 1", dt.datetime(2024, 5, 4, 18, 0), 0, 1, dt.time(0, 0), None],  # noqa: DTZ001
    ]
    for values in rows:
        sheet.append(values)
    formatted(
        sheet, 2, ["@", "d mmm yyyy", '#,##0.00 "EUR";[Red](#,##0.00 "EUR");"-"', "0.0%", "h:mm AM/PM", "General"]
    )
    sheet["F4"] = "#N/A"
    sheet["F4"].data_type = "e"
    sheet.row_dimensions[3].hidden = True
    sheet.column_dimensions["D"].hidden = True
    book.create_sheet("Empty")
    other = book.create_sheet("O'Neil")
    other["B2"] = 123456789012
    other.sheet_state = "hidden"
    return plain(book)


def stock() -> bytes:
    """A title, a row of units, a total, a note, and a second table on the same sheet."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = "Stock"
    for values in (
        ["Stock of 1 May"], [], ["Article", "Weight", "Price"], [None, "kg", "EUR"], ["Bolt", 0.5, 12.5],
        ["Nut", 0.25, 8],
        ["Total", 0.75, 20.5], ["Weights without packing"], [], ["Code", "Rate"], ["DE", 0.19], ["FR", 0.2],
    ):  # fmt: skip
        sheet.append(values)
    formatted(sheet, 5, ["General", "0.00", "0.00"])
    return plain(book)


def main() -> None:
    """Write all inputs."""
    write(IMAGE, "rents", "input.xlsx", rents())
    write(IMAGE, "stock", "input.xlsx", stock(), "shape: tables\n")
    write(IMAGE, "quarters", "input.xml", QUARTERS_XML, "shape: long\n")
    write(IMAGE, "rents_visible", "input.xlsx", rents(), "hidden: false\nsheet: Rents May\n")
    write(IMAGE, "meters", "input.csv", CONTACTS_CSV)


if __name__ == "__main__":
    main()
