"""XLSB: the binary records of Excel 2007 and later (MS-XLSB)."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Iterator

from locus_dbt.errors import InputError
from locus_dbt.parsers.limits import MAX_CELLS, MAX_COLUMNS, MAX_TEXT, over, read_member
from locus_dbt.parsers.number_format import built_in
from locus_dbt.parsers.sheet_model import ERRORS, Sheet, Styles, boolean, room_beside
from locus_dbt.parsers.sheet_xlsx import relations, workbook_part

_ROW, _BLANK, _RK, _ERROR, _BOOL, _REAL, _TEXT, _SHARED = range(8)
_FORMULA_TEXT, _FORMULA_NUMBER, _FORMULA_BOOL, _FORMULA_ERROR = range(8, 12)
_SHARED_ITEM, _FORMAT, _XF, _COLUMN, _RICH_TEXT = 19, 44, 47, 60, 62
_WORKBOOK_PROPERTIES, _SHEET, _MERGE, _BEGIN_XFS, _END_XFS = 153, 156, 176, 617, 618
_ROW_FLAGS, _ROW_HIDDEN = 11, 0x10
_CELL_HEAD = struct.Struct("<II")
_U32 = struct.Struct("<I")
_F64 = struct.Struct("<d")

Record = tuple[int, bytes]


def read_xlsb(archive: zipfile.ZipFile, filename: str) -> list[Sheet]:
    """All worksheets with their cells; E203 for records that are cut or say too much."""
    try:
        return _read(archive, filename)
    except (struct.error, IndexError, UnicodeDecodeError) as error:
        raise InputError(f"the workbook's records are damaged ({error}): {filename}", code="E203") from error


def _read(archive: zipfile.ZipFile, filename: str) -> list[Sheet]:
    part = workbook_part(archive, filename)
    linked = relations(archive, part, filename)
    names = set(archive.namelist())
    parts = {kind: path for kind, path in linked.values() if path in names}
    from_1904, listed = False, []
    for kind, data in records(read_member(archive, part, filename=filename)):
        if kind == _WORKBOOK_PROPERTIES:
            from_1904 = bool(data[0] & 1)
        elif kind == _SHEET:
            key, at = _wide(data, 8)
            listed.append((key, _wide(data, at)[0], bool(_U32.unpack_from(data)[0])))
    codes = _codes(read_member(archive, parts["styles"], filename=filename)) if "styles" in parts else []
    styles = Styles(codes, from_1904=from_1904)
    shared: list[str] = []
    if "sharedStrings" in parts:
        shared = _shared(read_member(archive, parts["sharedStrings"], filename=filename), filename)
    sheets: list[Sheet] = []
    for index, (key, name, hidden) in enumerate(listed):
        kind_of, path = linked.get(key, ("", ""))
        if kind_of in ("worksheet", "dialogsheet") and path in names:
            sheet = Sheet(name, index, hidden=hidden, room=room_beside(sheets))
            _fill(sheet, read_member(archive, path, filename=filename), styles, shared)
            sheets.append(sheet)
    return sheets


def records(data: bytes) -> Iterator[Record]:
    """Number and content of each record; the number takes one or two bytes, the length up to four."""
    at, end = 0, len(data)
    while at < end:
        kind = data[at]
        at += 1
        if kind & 0x80:
            kind = (kind & 0x7F) | (data[at] & 0x7F) << 7
            at += 1
        size = shift = 0
        for _ in range(4):
            byte = data[at]
            at += 1
            size |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                break
        if at + size > end:
            raise IndexError(f"a record of {size} bytes at {at} is cut")
        yield kind, data[at : at + size]
        at += size


def _wide(data: bytes, at: int) -> tuple[str, int]:
    """A text with its length in front, and the position behind it."""
    size = _U32.unpack_from(data, at)[0]
    if size == 0xFFFFFFFF:
        return "", at + 4
    end = at + 4 + 2 * size
    if end > len(data):
        raise IndexError("a text is cut")
    return data[at + 4 : end].decode("utf-16-le", "replace"), end


def _codes(data: bytes) -> list[str]:
    own: dict[int, str] = {}
    out: list[str] = []
    inside = False
    for kind, content in records(data):
        if kind == _FORMAT:
            own[int.from_bytes(content[:2], "little")] = _wide(content, 2)[0]
        elif kind in (_BEGIN_XFS, _END_XFS):
            inside = kind == _BEGIN_XFS
        elif kind == _XF and inside:
            number = int.from_bytes(content[2:4], "little")
            out.append(own[number] if number in own else built_in(number))
    return out


def _shared(data: bytes, filename: str) -> list[str]:
    out: list[str] = []
    total = 0
    for kind, content in records(data):
        if kind == _SHARED_ITEM:
            out.append(_wide(content, 1)[0])
            total += len(out[-1])
            if len(out) > MAX_CELLS or total > MAX_TEXT:
                raise over("too many shared texts", where=filename)
    return out


def rk_number(raw: int) -> float:
    """A number in 30 bits: the top of a float or an integer, perhaps in hundredths."""
    if raw & 2:
        value = float((raw >> 2) - (1 << 30 if raw & 0x80000000 else 0))
    else:
        value = float(_F64.unpack(struct.pack("<II", 0, raw & 0xFFFFFFFC))[0])
    return value / 100 if raw & 1 else value


def _fill(sheet: Sheet, data: bytes, styles: Styles, shared: list[str]) -> None:
    row = -1
    for kind, content in records(data):
        if kind == _ROW:
            row = _U32.unpack_from(content)[0]
            if len(content) > _ROW_FLAGS and content[_ROW_FLAGS] & _ROW_HIDDEN:
                sheet.hide_rows(row, row)
        elif _BLANK < kind <= _FORMULA_ERROR or kind == _RICH_TEXT:
            col, style = _CELL_HEAD.unpack_from(content)
            _cell(sheet, (row, col, style & 0xFFFFFF), kind, content, styles, shared)
        elif kind == _MERGE and len(sheet.merges) < MAX_CELLS:
            top, bottom, left, right = struct.unpack_from("<4I", content)
            sheet.merges.append((top, bottom, left, right))
        elif kind == _COLUMN and int.from_bytes(content[16:18], "little") & 1 and len(sheet.hidden_cols) < MAX_COLUMNS:
            first, last = struct.unpack_from("<2I", content)
            sheet.hidden_cols.append((first, last))


def _cell(sheet: Sheet, at: tuple[int, int, int], kind: int, content: bytes, styles: Styles, shared: list[str]) -> None:
    row, col, style = at
    if kind == _RK:
        sheet.add(row, col, *styles.number(rk_number(_U32.unpack_from(content, 8)[0]), style))
    elif kind in (_REAL, _FORMULA_NUMBER):
        sheet.add(row, col, *styles.number(_F64.unpack_from(content, 8)[0], style))
    elif kind == _SHARED:
        sheet.add(row, col, styles.text(shared[_U32.unpack_from(content, 8)[0]], style))
    elif kind in (_TEXT, _FORMULA_TEXT):
        sheet.add(row, col, styles.text(_wide(content, 8)[0], style))
    elif kind == _RICH_TEXT:
        sheet.add(row, col, styles.text(_wide(content, 9)[0], style))
    elif kind in (_BOOL, _FORMULA_BOOL):
        sheet.add(row, col, *boolean(content[8]))
    elif kind in (_ERROR, _FORMULA_ERROR):
        sheet.add(row, col, ERRORS.get(content[8], "#ERROR!"))
