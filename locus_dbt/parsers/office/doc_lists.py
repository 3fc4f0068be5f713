"""The lists of a binary Word document, so that paragraphs get the numbers that Word puts before them."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from locus_dbt.parsers.office.docx_styles import ListLevel, Numbering, Styles

_LISTS, _USES = 0x2E2, 0x2EA
_FORMS = {0: "decimal", 1: "upperRoman", 2: "lowerRoman", 3: "upperLetter", 4: "lowerLetter", 22: "decimalZero",
          23: "bullet", 255: "none"}  # fmt: skip
_MAX_LISTS = 10_000


def numbering(word: bytes, table: bytes) -> Numbering:
    """The lists by the number with which paragraphs name them; what is damaged leaves lists without numbers."""
    found = Numbering(None, Styles(None))
    try:
        levels = dict(_lists(word, table))
        at, size = struct.unpack_from("<II", word, _USES)
        if size:
            (count,) = struct.unpack_from("<I", table, at)
            for i in range(min(count, _MAX_LISTS)):
                (identifier,) = struct.unpack_from("<i", table, at + 4 + 16 * i)
                found.define(str(i + 1), str(identifier), levels.get(identifier, {}))
    except (struct.error, IndexError):
        return found
    return found


def _lists(word: bytes, table: bytes) -> Iterator[tuple[int, dict[int, ListLevel]]]:
    """Identifier and levels of each list: their heads stand in a row, their levels behind all heads."""
    at, size = struct.unpack_from("<II", word, _LISTS)
    if not size:
        return
    (count,) = struct.unpack_from("<H", table, at)
    levels_at = at + size
    for i in range(min(count, _MAX_LISTS)):
        head = at + 2 + 28 * i
        (identifier,) = struct.unpack_from("<i", table, head)
        levels: dict[int, ListLevel] = {}
        for number in range(1 if table[head + 26] & 1 else 9):
            levels[number], levels_at = _level(table, levels_at)
        yield identifier, levels


def _level(table: bytes, at: int) -> tuple[ListLevel, int]:
    """A level and where the next one begins; in its text, signs below 9 stand for levels' numbers."""
    start, form = struct.unpack_from("<iB", table, at)
    characters, paragraph = table[at + 24], table[at + 25]
    at += 28 + characters + paragraph
    (length,) = struct.unpack_from("<H", table, at)
    raw = table[at + 2 : at + 2 + 2 * length].decode("utf-16-le", "replace")
    text = "".join(f"%{ord(c) + 1}" if c < "\x09" else c for c in raw)
    return ListLevel(start, _FORMS.get(form, "decimal"), text), at + 2 + 2 * length
