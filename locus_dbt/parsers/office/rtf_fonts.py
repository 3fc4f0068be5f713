"""Which code page a font of an RTF document stands for."""

from __future__ import annotations

import codecs

#: Character sets of Windows fonts.
_CHARSETS = {
    77: "mac-roman", 78: "cp932", 79: "cp949", 80: "cp936", 81: "cp950", 83: "cp1255", 84: "cp1256", 85: "cp1253",
    86: "cp1254", 87: "cp874", 88: "cp1250", 89: "cp1251", 128: "cp932", 129: "cp949", 130: "johab", 134: "cp936",
    136: "cp950", 161: "cp1253", 162: "cp1254", 163: "cp1258", 177: "cp1255", 178: "cp1256", 186: "cp1257",
    204: "cp1251", 222: "cp874", 238: "cp1250", 254: "cp437", 255: "cp850",
}  # fmt: skip
SYMBOL = "symbol"


def charset_encoding(charset: int, default: str) -> str:
    """The encoding of a font's character set; 0 and 1 are the document's own."""
    return SYMBOL if charset == 2 else _CHARSETS.get(charset, default)


def code_page(number: int, default: str = "cp1252") -> str:
    """The encoding of a code page that the document names."""
    name = {65001: "utf-8", 10000: "mac-roman", 1361: "johab"}.get(number, f"cp{number}")
    try:
        codecs.lookup(name)
    except LookupError:
        return default
    return name
