"""Excel 2003 workbooks saved as XML (SpreadsheetML): sheets to tables, with the places of a workbook."""

from __future__ import annotations

from lxml import etree

from locus_dbt.parsers.cells import CellColumns, Flow
from locus_dbt.parsers.limits import MAX_COLUMNS, over
from locus_dbt.parsers.sheet_regions import SheetCell, header_row, regions
from locus_dbt.parsers.spreadsheet import address, number_text

_NS = "{urn:schemas-microsoft-com:office:spreadsheet}"
_MAX_ROWS = 1_048_576


def is_workbook(root: etree._Element) -> bool:
    """Whether the root element is a SpreadsheetML workbook."""
    return root.tag == f"{_NS}Workbook"


def read_workbook(root: etree._Element, flow: Flow) -> None:
    """Append the tables of every sheet."""
    for sheet in root.findall(f"{_NS}Worksheet"):
        name = sheet.get(f"{_NS}Name") or "Sheet"
        filled = [cell for table in sheet.findall(f"{_NS}Table") for cell in _cells(table)]
        for region in regions(filled):
            head = header_row(region)
            cells = CellColumns()
            for cell in region.cells:
                at = address(name, cell.row, cell.col)
                cells.add(
                    cell.text, cell.row - region.top, cell.col - region.left, place=at,
                    row_span=cell.row_span, col_span=cell.col_span, is_header=cell.row == head,
                )  # fmt: skip
            flow.table(cells, title=region.title(head) or name)


def _cells(table: etree._Element) -> list[SheetCell]:
    """The filled cells; ``Index`` attributes skip rows and columns, and count from 1."""
    out: list[SheetCell] = []
    row = -1
    for line in table.iterfind(f"{_NS}Row"):
        row = _index(line, row + 1, _MAX_ROWS)
        col = -1
        for cell in line.iterfind(f"{_NS}Cell"):
            col = _index(cell, col + 1, MAX_COLUMNS)
            across, down = _count(cell, "MergeAcross"), _count(cell, "MergeDown")
            data = cell.find(f"{_NS}Data")
            text = _text(data) if data is not None else ""
            if text.strip():
                out.append(SheetCell(row, col, min(down, 1000) + 1, min(across, 1000) + 1, text))
            col += across
    return out


def _index(element: etree._Element, expected: int, most: int) -> int:
    given = element.get(f"{_NS}Index") or ""
    at = int(given) - 1 if given.isascii() and given.isdigit() and len(given) < 9 else expected
    if not 0 <= at < most:
        raise over(f"row or column {at + 1} is beyond {most}", where=str(element.tag))
    return max(at, expected)


def _count(element: etree._Element, name: str) -> int:
    given = element.get(f"{_NS}{name}") or ""
    return min(int(given), MAX_COLUMNS) if given.isascii() and given.isdigit() and len(given) < 9 else 0


def _text(data: etree._Element) -> str:
    text = "".join(map(str, data.itertext()))
    kind = data.get(f"{_NS}Type")
    if kind == "Number":
        try:
            return number_text(float(text))
        except (ValueError, OverflowError):
            return text
    if kind == "DateTime":
        date, _, time = text.partition("T")
        clock = time.removesuffix(".000")
        return date if clock in ("", "00:00:00") else f"{date} {clock}"
    if kind == "Boolean":
        return {"1": "TRUE", "0": "FALSE"}.get(text, text)
    return text
