"""XLS: the binary records of Excel 97 to 2003 (MS-XLS, BIFF8) inside an OLE container."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from locus_dbt.errors import InputError
from locus_dbt.parsers.limits import MAX_CELLS, MAX_TEXT, over
from locus_dbt.parsers.number_format import built_in
from locus_dbt.parsers.sheet_model import DECRYPT, ERRORS, Sheet, Styles, boolean, room_beside
from locus_dbt.parsers.sheet_xlsb import rk_number

_BOF, _EOF, _CONTINUE, _FILEPASS = 0x809, 0x0A, 0x3C, 0x2F
_BOUNDSHEET, _SST, _FORMAT, _XF, _DATEMODE = 0x85, 0xFC, 0x41E, 0xE0, 0x22
_NUMBER, _RK, _MULRK, _LABELSST, _LABEL, _RSTRING = 0x203, 0x27E, 0xBD, 0xFD, 0x204, 0xD6
_FORMULA, _STRING, _BOOLERR, _ROW, _COLINFO, _MERGED = 0x06, 0x207, 0x205, 0x208, 0x7D, 0xE5
_BIFF8 = 0x0600
_ROW_HIDDEN = 0x20
_F64 = struct.Struct("<d")
_HEAD = struct.Struct("<HHH")
_WIDE, _PHONETIC, _RICH = 1, 4, 8

Record = tuple[int, bytes]


def stream_of(data: bytes) -> bytes | None:
    """The stream ``Workbook`` of BIFF8; ``None`` for older workbooks and for what is no OLE container.

    Raises:
        InputError: E203 for a damaged container.
    """
    import olefile  # noqa: PLC0415 - only where an XLS file is read

    # the library's own test takes short data for a file's name
    if not data.startswith(olefile.MAGIC):
        return None
    try:
        with olefile.OleFileIO(io.BytesIO(data)) as ole:
            if not ole.exists("Workbook"):
                return None
            stream: bytes = ole.openstream("Workbook").read()
    except Exception as error:  # the library raises whatever a broken chain of sectors leads to
        raise InputError(f"the OLE container is damaged ({error})", code="E203") from error
    return stream if stream[:2] == b"\x09\x08" and stream[4:6] == _BIFF8.to_bytes(2, "little") else None


def read_xls(stream: bytes, filename: str) -> list[Sheet]:
    """All worksheets with their cells.

    Raises:
        InputError: E202 for an encrypted workbook, E203 for records that are cut or say too much.
    """
    try:
        return _read(stream, filename)
    except (struct.error, IndexError, ValueError) as error:
        raise InputError(f"the workbook's records are damaged ({error}): {filename}", code="E203") from error


def records(stream: bytes, at: int = 0) -> Iterator[Record]:
    """Number and content of each record from ``at`` on."""
    end = len(stream)
    while at + 4 <= end:
        kind, size = struct.unpack_from("<HH", stream, at)
        at += 4
        if at + size > end:
            raise IndexError(f"a record of {size} bytes at {at} is cut")
        yield kind, stream[at : at + size]
        at += size


@dataclass(slots=True)
class _Globals:
    """What stands before the sheets: formats, styles, shared texts, where each sheet begins."""

    own: dict[int, str] = field(default_factory=dict)
    numbers: list[int] = field(default_factory=list)
    listed: list[tuple[int, int, int, str]] = field(default_factory=list)
    texts: list[bytes] = field(default_factory=list)
    from_1904: bool = False

    def take(self, kind: int, data: bytes, *, continued: int) -> None:
        """One record; ``continued`` is the kind of the record that a continued one goes on."""
        if kind == _BOUNDSHEET:
            start, state, typ = struct.unpack_from("<IBB", data)
            self.listed.append((start, state & 3, typ, _unicode(data, 6, small=True)[0]))
        elif kind == _FORMAT:
            self.own[int.from_bytes(data[:2], "little")] = _unicode(data, 2)[0]
        elif kind == _XF:
            self.numbers.append(int.from_bytes(data[2:4], "little"))
        elif kind == _DATEMODE:
            self.from_1904 = data[:1] == b"\x01"
        elif kind == _SST or (kind == _CONTINUE and continued == _SST):
            self.texts.append(data)

    def styles(self) -> Styles:
        """The formats by style."""
        codes = [self.own[n] if n in self.own else built_in(n) for n in self.numbers]
        return Styles(codes, from_1904=self.from_1904)


def _read(stream: bytes, filename: str) -> list[Sheet]:
    found, last = _Globals(), 0
    for kind, data in records(stream):
        if kind == _FILEPASS:
            raise InputError(f"the workbook is encrypted: {filename}", code="E202", fix=DECRYPT)
        if kind == _EOF:
            break
        found.take(kind, data, continued=last)
        last = last if kind == _CONTINUE else kind
    styles = found.styles()
    shared = _Texts(found.texts, filename).read() if found.texts else []
    sheets: list[Sheet] = []
    for index, (start, state, typ, name) in enumerate(found.listed):
        if typ == 0:
            sheet = Sheet(name, index, hidden=state != 0, room=room_beside(sheets))
            _SheetRecords(sheet, styles, shared).read(records(stream, start))
            sheets.append(sheet)
    return sheets


def _unicode(data: bytes, at: int, *, small: bool = False) -> tuple[str, int]:
    """A text with its length (one byte when ``small``) and flags in front, and the position behind it."""
    size = data[at] if small else int.from_bytes(data[at : at + 2], "little")
    at += 1 if small else 2
    flags = data[at] if at < len(data) else 0
    at += 1
    runs = extra = 0
    if flags & _RICH:
        runs, at = int.from_bytes(data[at : at + 2], "little"), at + 2
    if flags & _PHONETIC:
        extra, at = int.from_bytes(data[at : at + 4], "little"), at + 4
    end = at + size * (2 if flags & _WIDE else 1)
    text = data[at:end].decode("utf-16-le" if flags & _WIDE else "latin-1", "replace")
    return text, end + 4 * runs + extra


class _Texts:
    """The shared texts, which run over from one record into the next, each time with new flags."""

    def __init__(self, pieces: list[bytes], filename: str) -> None:
        self._pieces, self._filename = pieces, filename
        self._piece, self._at = 0, 8

    def read(self) -> list[str]:
        """All texts in order."""
        out: list[str] = []
        count, total = int.from_bytes(self._pieces[0][4:8], "little"), 0
        while len(out) < count and self._more():
            out.append(self._one())
            total += len(out[-1])
            if len(out) > MAX_CELLS or total > MAX_TEXT:
                raise over("too many shared texts", where=self._filename)
        return out

    def _more(self) -> bool:
        while self._at >= len(self._pieces[self._piece]):
            if self._piece + 1 >= len(self._pieces):
                return False
            self._piece, self._at = self._piece + 1, 0
        return True

    def _take(self, n: int) -> bytes:
        """``n`` bytes; what is cut off by the end of a record goes on in the next."""
        out = b""
        while len(out) < n and self._more():
            piece = self._pieces[self._piece][self._at : self._at + n - len(out)]
            self._at += len(piece)
            out += piece
        return out

    def _one(self) -> str:
        size = int.from_bytes(self._take(2), "little")
        flags = self._take(1)[0]
        runs = int.from_bytes(self._take(2), "little") if flags & _RICH else 0
        extra = int.from_bytes(self._take(4), "little") if flags & _PHONETIC else 0
        parts: list[str] = []
        wide, left = bool(flags & _WIDE), size
        while left:
            if self._at >= len(self._pieces[self._piece]):
                if not self._more():
                    break
                # inside a text, a continued record begins with the flags anew
                wide = bool(self._take(1)[0] & _WIDE)
            have = (len(self._pieces[self._piece]) - self._at) // (2 if wide else 1)
            n = min(left, have)
            if not n:
                break
            parts.append(self._take(n * (2 if wide else 1)).decode("utf-16-le" if wide else "latin-1", "replace"))
            left -= n
        self._take(4 * runs + extra)
        return "".join(parts)


class _SheetRecords:
    """Fills one sheet from its records."""

    def __init__(self, sheet: Sheet, styles: Styles, shared: list[str]) -> None:
        self._sheet, self._styles, self._shared = sheet, styles, shared
        self._pending: tuple[int, int, int] | None = None

    def read(self, found: Iterator[Record]) -> None:
        """Up to the end of the sheet; sheets inside it (charts) are stepped over."""
        depth = 0
        for kind, data in found:
            if kind == _BOF:
                depth += 1
            elif kind == _EOF:
                depth -= 1
                if depth <= 0:
                    return
            elif depth == 1:
                self._record(kind, data)

    def _record(self, kind: int, data: bytes) -> None:
        sheet = self._sheet
        if kind == _STRING and self._pending is not None:
            row, col, style = self._pending
            sheet.add(row, col, self._styles.text(_unicode(data, 0)[0], style))
            self._pending = None
        elif kind == _ROW:
            if int.from_bytes(data[12:14], "little") & _ROW_HIDDEN:
                sheet.hidden_rows.add(int.from_bytes(data[:2], "little"))
        elif kind == _COLINFO:
            first, last = struct.unpack_from("<HH", data)
            if int.from_bytes(data[8:10], "little") & 1:
                sheet.hidden_cols.append((first, last))
        elif kind == _MERGED:
            for i in range(int.from_bytes(data[:2], "little")):
                top, bottom, left, right = struct.unpack_from("<4H", data, 2 + 8 * i)
                sheet.merges.append((top, bottom, left, right))
        elif kind in _CELLS:
            self._cell(kind, data, *_HEAD.unpack_from(data))

    def _cell(self, kind: int, data: bytes, row: int, col: int, style: int) -> None:
        add, styles = self._sheet.add, self._styles
        if kind == _NUMBER:
            add(row, col, *styles.number(_F64.unpack_from(data, 6)[0], style))
        elif kind == _RK:
            add(row, col, *styles.number(rk_number(int.from_bytes(data[6:10], "little")), style))
        elif kind == _MULRK:
            for i in range((len(data) - 6) // 6):
                own, raw = struct.unpack_from("<HI", data, 4 + 6 * i)
                add(row, col + i, *styles.number(rk_number(raw), own))
        elif kind == _LABELSST:
            add(row, col, styles.text(self._shared[int.from_bytes(data[6:10], "little")], style))
        elif kind in (_LABEL, _RSTRING):
            add(row, col, styles.text(_unicode(data, 6)[0], style))
        elif kind == _BOOLERR:
            add(row, col, *self._truth_or_error(data[6], error=bool(data[7])))
        else:
            self._formula(data, row, col, style)

    def _formula(self, data: bytes, row: int, col: int, style: int) -> None:
        result = data[6:14]
        if result[6:8] != b"\xff\xff":
            self._sheet.add(row, col, *self._styles.number(_F64.unpack(result)[0], style))
        elif result[0] == 0:
            # its text stands in the record that follows
            self._pending = (row, col, style)
        elif result[0] in (1, 2):
            self._sheet.add(row, col, *self._truth_or_error(result[2], error=result[0] == 2))

    @staticmethod
    def _truth_or_error(value: int, *, error: bool) -> tuple[Any, str]:
        return (ERRORS.get(value, "#ERROR!"), "") if error else boolean(value)


_CELLS = frozenset((_NUMBER, _RK, _MULRK, _LABELSST, _LABEL, _RSTRING, _BOOLERR, _FORMULA))
