"""Excel 2003 workbooks saved as XML (SpreadsheetML): sheets with what their cells display."""

from __future__ import annotations

from lxml import etree

from locus_dbt.parsers.limits import MAX_CELLS, MAX_COLUMNS, over
from locus_dbt.parsers.sheet_model import MAX_ROWS, Sheet, Styles, boolean, room_beside

_NS = "{urn:schemas-microsoft-com:office:spreadsheet}"
_EXCEL = "{urn:schemas-microsoft-com:office:excel}"
#: Formats that the file names in words.
_NAMED = {
    "general number": "General", "general date": "m/d/yy h:mm", "long date": "dddd, mmmm dd, yyyy",
    "medium date": "d-mmm-yy", "short date": "m/d/yy",
    "long time": "h:mm:ss AM/PM", "medium time": "h:mm AM/PM", "short time": "h:mm",
    "currency": '"$"#,##0.00_);[Red]\\("$"#,##0.00\\)', "euro currency": "[$€-2] #,##0.00_);[Red]\\([$€-2] #,##0.00\\)",
    "fixed": "0.00", "standard": "#,##0.00", "percent": "0.00%", "scientific": "0.00E+00",
    "yes/no": '"Yes";"Yes";"No"', "true/false": '"True";"True";"False"', "on/off": '"On";"On";"Off"',
}  # fmt: skip
_MAX_PARENTS = 50


def is_workbook(root: etree._Element) -> bool:
    """Whether the root element is a SpreadsheetML workbook."""
    return root.tag == f"{_NS}Workbook"


def read_workbook(root: etree._Element) -> list[Sheet]:
    """Every sheet with its cells."""
    names, codes = _codes(root)
    from_1904 = root.find(f"{_EXCEL}ExcelWorkbook/{_EXCEL}Date1904") is not None
    styles = Styles(codes, from_1904=from_1904)
    sheets: list[Sheet] = []
    for index, element in enumerate(root.findall(f"{_NS}Worksheet")):
        visible = element.findtext(f"{_EXCEL}WorksheetOptions/{_EXCEL}Visible") or ""
        hidden = visible in ("SheetHidden", "SheetVeryHidden")
        sheet = Sheet(element.get(f"{_NS}Name") or f"Sheet{index + 1}", index, hidden=hidden, room=room_beside(sheets))
        for table in element.findall(f"{_NS}Table"):
            _Rows(sheet, styles, names).read(table)
        sheets.append(sheet)
    return sheets


def _codes(root: etree._Element) -> tuple[dict[str, int], list[str]]:
    """Number of each style, and the format code of each number; a style takes what it lacks from its parent."""
    found = root.findall(f"{_NS}Styles/{_NS}Style")
    own: dict[str, tuple[str | None, str]] = {}
    for style in found:
        shape = style.find(f"{_NS}NumberFormat")
        code = None if shape is None else shape.get(f"{_NS}Format") or "General"
        own[str(style.get(f"{_NS}ID"))] = (code, str(style.get(f"{_NS}Parent") or "Default"))
    names: dict[str, int] = {}
    codes: list[str] = []
    for name in own:
        at, code = name, own[name][0]
        for _ in range(_MAX_PARENTS):
            if code is not None or own.get(at) is None:
                break
            at = own[at][1]
            code = own[at][0] if at in own else None
        names[name] = len(codes)
        codes.append(_NAMED.get((code or "General").lower(), code or "General"))
    return names, codes


class _Rows:
    """Cells of one sheet; ``Index`` attributes skip rows and columns, and count from 1."""

    def __init__(self, sheet: Sheet, styles: Styles, names: dict[str, int]) -> None:
        self._sheet, self._styles, self._names = sheet, styles, names

    def read(self, table: etree._Element) -> None:
        """Fill the sheet."""
        own = table.get(f"{_NS}StyleID")
        columns = self._columns(table)
        row = -1
        for line in table.iterfind(f"{_NS}Row"):
            row = _index(line, row + 1, MAX_ROWS)
            more = _count(line, "Span")
            if line.get(f"{_NS}Hidden") == "1":
                self._sheet.hide_rows(row, row + more)
            col = -1
            for cell in line.iterfind(f"{_NS}Cell"):
                col = _index(cell, col + 1, MAX_COLUMNS)
                style = cell.get(f"{_NS}StyleID") or line.get(f"{_NS}StyleID") or columns.get(col) or own or "Default"
                self._cell(cell, row, col, self._names.get(style, -1))
                col += _count(cell, "MergeAcross")
            row += more

    def _columns(self, table: etree._Element) -> dict[int, str]:
        styles: dict[int, str] = {}
        col = -1
        for element in table.iterfind(f"{_NS}Column"):
            col = _index(element, col + 1, MAX_COLUMNS)
            last = min(col + _count(element, "Span"), MAX_COLUMNS)
            if element.get(f"{_NS}Hidden") == "1":
                self._sheet.hidden_cols.append((col, last))
            style = element.get(f"{_NS}StyleID")
            if style:
                styles |= dict.fromkeys(range(col, last + 1), style)
            col = last
        return styles

    def _cell(self, cell: etree._Element, row: int, col: int, style: int) -> None:
        across, down = _count(cell, "MergeAcross"), _count(cell, "MergeDown")
        if across or (down and len(self._sheet.merges) < MAX_CELLS):
            self._sheet.merges.append((row, row + down, col, col + across))
        data = cell.find(f"{_NS}Data")
        if data is not None:
            self._sheet.add(row, col, *self._shown(data, style))

    def _shown(self, data: etree._Element, style: int) -> tuple[str, str]:
        text = "".join(map(str, data.itertext()))
        kind = data.get(f"{_NS}Type")
        if kind == "Number":
            try:
                return self._styles.number(float(text), style)
            except (ValueError, OverflowError):
                return text, ""
        if kind == "DateTime":
            return self._styles.moment(text.strip(), style)
        if kind == "Boolean":
            return boolean(text.strip() == "1")
        return (text if kind == "Error" else self._styles.text(text, style)), ""


def _index(element: etree._Element, expected: int, most: int) -> int:
    given = element.get(f"{_NS}Index") or ""
    at = int(given) - 1 if given.isascii() and given.isdigit() and len(given) < 9 else expected
    if not 0 <= at < most:
        raise over(f"row or column {at + 1} is beyond {most}", where=str(element.tag))
    return max(at, expected)


def _count(element: etree._Element, name: str) -> int:
    given = element.get(f"{_NS}{name}") or ""
    return min(int(given), MAX_ROWS) if given.isascii() and given.isdigit() and len(given) < 9 else 0
