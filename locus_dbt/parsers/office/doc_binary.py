"""The binary structures of a Word document: where its text lies, and which properties hold where.

The layout is that of the published [MS-DOC] specification; offsets below are of the file information block.
"""

from __future__ import annotations

import struct
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from locus_dbt.errors import InputError
from locus_dbt.parsers.limits import MAX_TEXT, over
from locus_dbt.parsers.office.merged import Merge
from locus_dbt.parsers.office.ole import OleFile
from locus_dbt.parsers.office.rtf_fonts import code_page
from locus_dbt.parsers.office.rtf_table import CellShape, RowShape

_PAGE = 512
_ENCRYPTED, _SECOND_TABLE, _OBFUSCATED = 0x0100, 0x0200, 0x8000
_WORD_97 = 0x00C1
#: Character counts of the sub-documents, in the order in which their texts follow each other.
_COUNTS_97 = {"body": 0x4C, "footnote": 0x50, "header": 0x54, "macro": 0x58, "comment": 0x5C, "endnote": 0x60,
              "text box": 0x64, "header text box": 0x68}  # fmt: skip
_COUNTS_95 = {"body": 0x34, "footnote": 0x38, "header": 0x3C, "macro": 0x40, "comment": 0x44, "endnote": 0x48,
              "text box": 0x4C, "header text box": 0x50}  # fmt: skip
#: Languages of old documents whose letters are not those of Western Europe.
_LANGUAGES = {
    0x19: "cp1251", 0x22: "cp1251", 0x23: "cp1251", 0x02: "cp1251", 0x05: "cp1250", 0x0E: "cp1250", 0x15: "cp1250",
    0x18: "cp1250", 0x1A: "cp1250", 0x1B: "cp1250", 0x24: "cp1250", 0x08: "cp1253", 0x1F: "cp1254", 0x0D: "cp1255",
    0x01: "cp1256", 0x25: "cp1257", 0x26: "cp1257", 0x27: "cp1257", 0x1E: "cp874", 0x11: "cp932", 0x12: "cp949",
}  # fmt: skip


T = TypeVar("T")


class Ranges(Generic[T]):
    """Values for ranges of bytes; where ranges begin at the same byte, the first one added counts."""

    def __init__(self, found: Iterable[tuple[int, int, T]]) -> None:
        ordered = sorted(found, key=lambda one: one[0])
        self._starts = [start for start, _, _ in ordered]
        self._found = ordered

    def __len__(self) -> int:
        return len(self._found)

    def at(self, byte: int | None) -> T | None:
        """The value of the range that holds ``byte``."""
        i = bisect_right(self._starts, byte) - 1 if byte is not None else -1
        if i < 0 or byte is None:
            return None
        start, stop, value = self._found[i]
        return value if start <= byte < stop else None

    def within(self, start: int, stop: int) -> Iterator[tuple[int, int, T]]:
        """The parts of ranges between two bytes."""
        i = max(bisect_right(self._starts, start) - 1, 0)
        while i < len(self._found) and self._found[i][0] < stop:
            first, last, value = self._found[i]
            if last > start:
                yield max(first, start), min(last, stop), value
            i += 1


@dataclass(frozen=True, slots=True)
class Piece:
    """Characters ``start .. stop-1`` lie at byte ``at`` of the stream, ``width`` bytes each."""

    start: int
    stop: int
    at: int
    width: int


@dataclass(slots=True)
class ParagraphProperties:
    """What a paragraph's property list says, as far as it concerns reading."""

    style: int = 0
    in_table: bool = False
    nesting: int = 0
    ends_row: bool = False
    ends_inner_row: bool = False
    ends_inner_cell: bool = False
    outline: int | None = None
    list_level: int = 0
    list_id: int | None = None
    row: RowShape | None = None


@dataclass(slots=True)
class Style:
    """A style: its built-in number (1..9 headings, 62 title), what it is based on, its outline level."""

    built_in: int
    base: int
    outline: int | None = None
    list_id: int | None = None
    list_level: int = 0


@dataclass(slots=True)
class WordBinary:
    """An opened document: ``text`` of all sub-documents, ``counts`` of their characters, properties by byte."""

    text: str
    counts: dict[str, int]
    pieces: Sequence[Piece]
    paragraphs: Ranges[ParagraphProperties]
    hidden: Ranges[str]
    styles: dict[int, Style]
    table: bytes
    word: bytes
    is_97: bool
    starts: list[int] = field(default_factory=list)

    def byte_of(self, position: int) -> int | None:
        """The byte in the stream at which a character lies."""
        i = bisect_right(self.starts, position) - 1
        if i < 0 or position >= self.pieces[i].stop:
            return None
        piece = self.pieces[i]
        return piece.at + (position - piece.start) * piece.width

    def comment_authors(self) -> list[str]:
        """The author of each comment, in order; blank where it cannot be told."""
        if not self.is_97:
            return []
        at, size = pair(self.word, 0xBA)
        marks, (names_at, names_size) = self.table[at : at + size], pair(self.word, 0x1BA)
        owners = list(_names(self.table[names_at : names_at + names_size]))
        n = max((len(marks) - 4) // 34, 0)
        numbers = [int(struct.unpack_from("<H", marks, 4 * (n + 1) + 30 * i + 20)[0]) for i in range(n)]
        return [owners[number] if number < len(owners) else "" for number in numbers]

    def positions(self, offset: int) -> list[int]:
        """An array of character positions that the file information block names at ``offset``."""
        at, size = pair(self.word, offset) if self.is_97 else (0, 0)
        data = self.table[at : at + size]
        return list(struct.unpack(f"<{len(data) // 4}I", data[: len(data) // 4 * 4]))


def open_word(ole: OleFile, *, filename: str) -> WordBinary:
    """Read the file information block, the text and the properties.

    Raises:
        InputError: E202 for an encrypted document, E205 for one older than Word 6, E203 for a damaged one.
    """
    word = ole.read("WordDocument")
    try:
        return _open(ole, word, filename)
    except (struct.error, IndexError, OverflowError) as error:
        raise InputError(
            f"the Word document is damaged ({error}): {filename}", code="E203", fix="repair the file"
        ) from error


def _open(ole: OleFile, word: bytes, filename: str) -> WordBinary:
    magic, version = struct.unpack_from("<HH", word, 0)
    language, flags = struct.unpack_from("<H2xH", word, 6)
    if magic not in (0xA5EC, 0xA5DC) or version < 0x0065:
        raise InputError(
            f"a Word document of a version older than 6: {filename}", code="E205", fix="save it in a newer format first"
        )
    if flags & (_ENCRYPTED | _OBFUSCATED):
        raise InputError(f"the document is encrypted: {filename}", code="E202", fix="remove the password first")
    is_97 = version >= _WORD_97
    table = ole.read("1Table" if flags & _SECOND_TABLE else "0Table") if is_97 else word
    counts = {name: struct.unpack_from("<i", word, at)[0] for name, at in (_COUNTS_97 if is_97 else _COUNTS_95).items()}
    if any(count < 0 for count in counts.values()):
        raise InputError(
            f"the Word document is damaged (negative counts): {filename}", code="E203", fix="repair the file"
        )
    pieces = _pieces(word, table, sum(counts.values()), is_97=is_97, complex_file=bool(flags & 4))
    encoding = "cp1252" if is_97 else _LANGUAGES.get(language & 0x3FF, code_page(1252))
    if sum(piece.stop - piece.start for piece in pieces) > MAX_TEXT:
        raise over(f"more than {MAX_TEXT} characters", where=filename)
    text = "".join(_piece_text(word, piece, encoding) for piece in pieces)
    huge = ole.read("Data") if ole.has("Data") else b""
    paragraphs: list[tuple[int, int, ParagraphProperties]] = []
    hidden: list[tuple[int, int, str]] = []
    if is_97:
        for start, stop, page, at in _formatted(word, table, 0x102, 13):
            paragraphs.append((start, stop, _paragraph(page, at, huge)))
        for start, stop, page, at in _formatted(word, table, 0xFA, 1):
            mark = _character(page, at)
            if mark:
                hidden.append((start, stop, mark))
    styles = _styles(table, word) if is_97 else {}
    return WordBinary(
        text, counts, pieces, Ranges(paragraphs), Ranges(hidden), styles, table, word, is_97, [p.start for p in pieces]
    )


def _names(data: bytes) -> Iterator[str]:
    """Texts one after the other, each behind its length."""
    at = 0
    while at + 2 <= len(data):
        (length,) = struct.unpack_from("<H", data, at)
        yield data[at + 2 : at + 2 + 2 * length].decode("utf-16-le", "replace")
        at += 2 + 2 * length


def pair(word: bytes, offset: int) -> tuple[int, int]:
    """Place and size of a structure in the table stream."""
    at, size = struct.unpack_from("<II", word, offset)
    return int(at), int(size)


def _pieces(word: bytes, table: bytes, total: int, *, is_97: bool, complex_file: bool) -> list[Piece]:
    """The piece table; an old document that was never saved fast is one piece."""
    if not is_97 and not complex_file:
        (start,) = struct.unpack_from("<I", word, 0x18)
        return [Piece(0, min(total, max(len(word) - start, 0)), start, 1)]
    at, size = pair(word, 0x1A2 if is_97 else 0x160)
    clx = table[at : at + size]
    at = 0
    while at < len(clx) and clx[at] == 1:
        at += 3 + int(struct.unpack_from("<H", clx, at + 1)[0])
    if at >= len(clx) or clx[at] != 2:
        raise struct.error("no piece table")
    (length,) = struct.unpack_from("<I", clx, at + 1)
    plc = clx[at + 5 : at + 5 + length]
    n = (len(plc) - 4) // 12
    positions = struct.unpack_from(f"<{n + 1}I", plc, 0)
    pieces: list[Piece] = []
    for i in range(n):
        (where,) = struct.unpack_from("<I", plc, 4 * (n + 1) + 8 * i + 2)
        width = 1 if where & 0x40000000 or not is_97 else 2
        offset = (where & 0x3FFFFFFF) // 2 if width == 1 and is_97 else where & 0x3FFFFFFF
        start, stop = positions[i], positions[i + 1]
        fits = (len(word) - offset) // width
        if stop < start or fits < 0:
            raise struct.error("a piece outside of the document")
        pieces.append(Piece(start, min(stop, start + fits), offset, width))
        if stop - start > fits:
            break
    return pieces


def _piece_text(word: bytes, piece: Piece, encoding: str) -> str:
    data = word[piece.at : piece.at + (piece.stop - piece.start) * piece.width]
    if piece.width == 2:
        # halves of surrogate pairs stay apart so that positions keep counting
        return "".join(map(chr, struct.unpack(f"<{len(data) // 2}H", data)))
    if encoding in ("cp932", "cp949"):
        return data.decode("cp1252", "replace")  # two bytes a sign would put all positions out
    return data.decode(encoding, "replace")


def _formatted(word: bytes, table: bytes, offset: int, entry: int) -> Iterator[tuple[int, int, bytes, int]]:
    """Ranges of bytes with the page and place of their properties; ``entry`` is the size of a range's entry."""
    at, size = pair(word, offset)
    plc = table[at : at + size]
    n = (len(plc) - 4) // 8
    for i in range(n):
        (number,) = struct.unpack_from("<I", plc, 4 * (n + 1) + 4 * i)
        page = word[(number & 0x3FFFFF) * _PAGE : (number & 0x3FFFFF) * _PAGE + _PAGE]
        if len(page) < _PAGE:
            continue
        runs = page[-1]
        if 4 * (runs + 1) + entry * runs > _PAGE:
            continue
        edges = struct.unpack_from(f"<{runs + 1}I", page, 0)
        for k in range(runs):
            place = page[4 * (runs + 1) + entry * k] * 2
            yield edges[k], edges[k + 1], page, place


def _sprms(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Single property modifiers with their operands."""
    at = 0
    while at + 2 <= len(data):
        (code,) = struct.unpack_from("<H", data, at)
        at += 2
        kind = code >> 13
        size = {0: 1, 1: 1, 2: 2, 3: 4, 4: 2, 5: 2, 7: 3}.get(kind, 0)
        if kind == 6:
            if code in (0xD608, 0xD606) and at + 2 <= len(data):
                size = int(struct.unpack_from("<H", data, at)[0]) + 1
            else:
                size = (data[at] if at < len(data) else 0) + 1
        yield code, data[at : at + size]
        at += size


def _paragraph(page: bytes, at: int, huge: bytes) -> ParagraphProperties:
    found = ParagraphProperties()
    if not at:
        return found
    count = page[at]
    data = page[at + 1 : at + 2 * count] if count else page[at + 2 : at + 2 + 2 * page[at + 1]]
    if len(data) >= 2:
        found.style = int(struct.unpack_from("<H", data, 0)[0])
        _apply(found, data[2:], huge)
    return found


def _apply(found: ParagraphProperties, data: bytes, huge: bytes) -> None:  # noqa: C901, PLR0912 - one branch a property
    for code, operand in _sprms(data):
        first = operand[0] if operand else 0
        if code in (0x6645, 0x6646) and len(operand) == 4 and huge:
            (at,) = struct.unpack("<I", operand)
            if at + 2 <= len(huge):
                _apply(found, huge[at + 2 : at + 2 + int(struct.unpack_from("<H", huge, at)[0])], b"")
        elif code == 0x2416:
            found.in_table = bool(first)
        elif code == 0x2417:
            found.ends_row = bool(first)
        elif code == 0x6649 and len(operand) == 4:
            found.nesting = int(struct.unpack("<i", operand)[0])
        elif code == 0x244B:
            found.ends_inner_cell = bool(first)
        elif code == 0x244C:
            found.ends_inner_row = bool(first)
        elif code == 0x2640:
            found.outline = first
        elif code == 0x260A:
            found.list_level = first
        elif code == 0x460B:
            found.list_id = int.from_bytes(operand[:2], "little")
        elif code == 0xD608:
            found.row = _row(operand, found.row)
        elif code == 0x3404:
            found.row = found.row or RowShape()
            found.row.is_header = bool(first)


def _row(operand: bytes, before: RowShape | None) -> RowShape:
    """Edges and merge marks of a row's cells."""
    shape = RowShape(is_header=before.is_header if before is not None else False)
    n = operand[2] if len(operand) > 2 else 0
    if len(operand) < 3 + 2 * (n + 1):
        return shape
    edges = struct.unpack_from(f"<{n + 1}h", operand, 3)
    shape.left = edges[0]
    for i in range(n):
        at = 3 + 2 * (n + 1) + 20 * i
        (bits,) = struct.unpack_from("<H", operand, at) if at + 2 <= len(operand) else (0,)
        across: Merge = "begins" if bits & 1 else "goes_on" if bits & 2 else "none"
        down: Merge = "begins" if bits & 0x40 else "goes_on" if bits & 0x20 else "none"
        shape.cells.append(CellShape(edges[i + 1], across, down))
    return shape


def _character(page: bytes, at: int) -> str:
    """Whether characters are deleted or hidden."""
    if not at:
        return ""
    for code, operand in _sprms(page[at + 1 : at + 1 + page[at]]):
        if operand[:1] in (b"\1", b"\x81"):
            if code == 0x0800:
                return "deleted"
            if code == 0x083C:
                return "hidden"
    return ""


def _styles(table: bytes, word: bytes) -> dict[int, Style]:
    """The style sheet, as far as it can be read: what is damaged in it must not keep the text back."""
    at, size = pair(word, 0xA2)
    data = table[at : at + size]
    found: dict[int, Style] = {}
    try:
        header, count, base_size = struct.unpack_from("<HHH", data, 0)
        at = 2 + header
        for number in range(count):
            (length,) = struct.unpack_from("<H", data, at)
            entry = data[at + 2 : at + 2 + length]
            at += 2 + length
            if length >= 10:
                found[number] = _style(entry, base_size)
    except (struct.error, IndexError):
        return found
    return found


def _style(entry: bytes, base_size: int) -> Style:
    first, second, third = struct.unpack_from("<HHH", entry, 0)
    style = Style(first & 0xFFF, second >> 4)
    if second & 0xF == 1 and third & 0xF:
        (letters,) = struct.unpack_from("<H", entry, base_size)
        at = base_size + 4 + 2 * letters
        at += at % 2
        if at + 2 <= len(entry):
            (size,) = struct.unpack_from("<H", entry, at)
            properties = ParagraphProperties()
            _apply(properties, entry[at + 4 : at + 2 + size], b"")
            style.outline = properties.outline
            style.list_id, style.list_level = properties.list_id, properties.list_level
    return style
