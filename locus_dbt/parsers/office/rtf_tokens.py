"""RTF bytes to tokens: group marks, control words with their numbers, signs, text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

_TOKEN = re.compile(
    rb"\\([A-Za-z]{1,32})(-?\d{1,10})? ?|\\'([0-9A-Fa-f]{2})|\\(.)|([{}])|([^\\{}\r\n]+)|[\r\n]+|\\", re.DOTALL
)


class Token(NamedTuple):
    """``kind``: ``open``, ``close``, ``word`` (``text`` its name, ``number``), ``byte``, ``sign`` or ``text``."""

    kind: str
    data: bytes
    name: str = ""
    number: int | None = None


def tokens(data: bytes) -> Iterator[Token]:
    r"""The tokens of a document; binary data behind ``\bin`` comes as one token of kind ``binary``."""
    at = 0
    size = len(data)
    while at < size:
        match = _TOKEN.match(data, at)
        if match is None:
            return
        at = match.end()
        word, number, byte, sign, brace, text = match.groups()
        if word is not None:
            value = int(number) if number is not None else None
            name = word.decode("ascii")
            if name == "bin" and value is not None and value >= 0:
                yield Token("binary", data[at : at + value])
                at += value
            else:
                yield Token("word", b"", name, value)
        elif text is not None:
            yield Token("text", text)
        elif byte is not None:
            yield Token("byte", bytes.fromhex(byte.decode("ascii")))
        elif brace is not None:
            yield Token("open" if brace == b"{" else "close", b"")
        elif sign is not None:
            yield Token("sign", sign)
