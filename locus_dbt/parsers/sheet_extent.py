"""How large a sheet's grid would be, found before it is built: one far cell must not cost gigabytes."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator

from locus_dbt.errors import InputError
from locus_dbt.parsers.limits import DAMAGED, over

#: Cells of the rectangle around all filled cells of one sheet.
MAX_AREA = 10_000_000
#: Records of binary workbooks: a row header, and cells of each kind; both begin with their index.
_XLSB_ROW = 0
_XLSB_CELLS = frozenset((*range(1, 12), 62))
_XLSB_INDEX = 4
_XLSB_KIND_BYTES = 2
_CHUNK = 1 << 20
_OVERLAP = 4096
_XLSX_CELL = re.compile(rb"<(?:\w{1,20}:)?c\s[^<>]{0,200}?\br=[\"']([A-Z]{1,4})(\d{1,9})[\"']")
_ODS_ELEMENT = re.compile(rb"<table:(table-row|table-cell|covered-table-cell)\b([^<>]{0,2000})>")
_REPEATED = re.compile(rb"number-(?:rows|columns)-repeated=[\"'](\d{1,9})[\"']")


def check_extent(archive: zipfile.ZipFile, *, filename: str) -> None:
    """Raise ``InputError`` E206 for a sheet whose filled cells span more than ``MAX_AREA`` cells."""
    for name in archive.namelist():
        if name.startswith("xl/worksheets/") and name.endswith(".xml"):
            area = _xlsx_area(archive, name)
        elif name.startswith("xl/worksheets/") and name.endswith(".bin"):
            area = _xlsb_area(archive, name)
        elif name == "content.xml":
            area = _ods_area(archive, name)
        else:
            continue
        if area > MAX_AREA:
            raise over(f"a sheet of {area} cells, at most {MAX_AREA}", where=filename)


def _chunks(archive: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    """The member in pieces that overlap, so that no tag is torn in both."""
    rest = b""
    for piece in _pieces(archive, name):
        yield rest + piece
        rest = piece[-_OVERLAP:]


def _pieces(archive: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    try:
        with archive.open(name) as stream:
            while piece := stream.read(_CHUNK):
                yield piece
    except DAMAGED as error:
        # the reader proper checks no checksum and would build its grid from whatever stands there
        raise InputError(f"'{name}' in the workbook is damaged ({error})", code="E203") from error


def _xlsx_area(archive: zipfile.ZipFile, name: str) -> int:
    rows: set[int] = set()
    cols: set[bytes] = set()
    top = bottom = None
    for piece in _chunks(archive, name):
        found = _XLSX_CELL.findall(piece)
        if not found:
            continue
        cols.update(letters for letters, _ in found)
        rows = {int(digits) for _, digits in found}
        top = min(rows) if top is None else min(top, *rows)
        bottom = max(rows) if bottom is None else max(bottom, *rows)
    if top is None or bottom is None:
        return 0
    numbers = [_column(letters) for letters in cols]
    return (bottom - top + 1) * (max(numbers) - min(numbers) + 1)


def _xlsb_area(archive: zipfile.ZipFile, name: str) -> int:
    """Rows and columns stand first in the records of rows and cells; the others are stepped over."""
    data = b"".join(_pieces(archive, name))
    rows, cols = [0xFFFFFFFF, 0], [0xFFFFFFFF, 0]
    at = 0
    while at < len(data):
        kind, at = _number(data, at, 2)
        size, at = _number(data, at, 4)
        known = rows if kind == _XLSB_ROW else cols if kind in _XLSB_CELLS else None
        if known is not None and size >= _XLSB_INDEX:
            index = int.from_bytes(data[at : at + 4], "little")
            known[0], known[1] = min(known[0], index), max(known[1], index)
        at += size
    return max(rows[1] - rows[0] + 1, 0) * max(cols[1] - cols[0] + 1, 0)


def _number(data: bytes, at: int, most: int) -> tuple[int, int]:
    """A number in groups of seven bits, low ones first, and the position after it."""
    value = 0
    for i in range(most):
        byte = data[at] if at < len(data) else 0
        at += 1
        if most == _XLSB_KIND_BYTES:
            value |= byte << (8 * i)
        else:
            value |= (byte & 0x7F) << (7 * i)
        if byte < 0x80:
            break
    return value, at


def _column(letters: bytes) -> int:
    n = 0
    for byte in letters:
        n = n * 26 + byte - 64
    return n


def _ods_area(archive: zipfile.ZipFile, name: str) -> int:
    """Cells with content times their repetitions; repeated blank cells cost the reader nothing."""
    total, row_times = 0, 1
    for piece in _chunks(archive, name):
        for kind, attributes in _ODS_ELEMENT.findall(piece):
            times = _REPEATED.search(attributes)
            n = int(times[1]) if times else 1
            if kind == b"table-row":
                row_times = n
            elif b"value-type" in attributes:
                total += n * row_times
    return total
