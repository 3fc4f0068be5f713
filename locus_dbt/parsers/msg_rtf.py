"""The compressed RTF of an Outlook message: unpacked, and the HTML or text that was wrapped in it taken out."""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass, replace

#: What the dictionary holds before the first byte (MS-OXRTFCP 2.1.2.1).
_START = (
    rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript \fdecor MS Sans Serif"
    b"SymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u"
    rb"\tab\tx"
)
_WINDOW = 4096
_MAX_UNPACKED = 100 * 1024 * 1024
_TOKEN = re.compile(
    rb"\\([a-zA-Z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\([^a-zA-Z'])|([{}])|[\r\n]+|([^\\{}\r\n]+)|(.)",
    re.DOTALL,
)
_SILENT = frozenset(
    b"fonttbl colortbl stylesheet info pict object header footer generator mhtmltag themedata listtable rsidtbl fldinst"
    b" listoverridetable xmlnstbl latentstyles".split()
)
_SIGNS = {
    b"par": "\n", b"line": "\n", b"tab": "\t", b"lquote": "\u2018", b"rquote": "\u2019", b"ldblquote": "\u201c",
    b"rdblquote": "\u201d", b"bullet": "\u2022", b"endash": "\u2013", b"emdash": "\u2014", b"cell": "\t", b"row": "\n",
}  # fmt: skip
_MAX_DEPTH = 500


def unpacked(data: bytes) -> bytes | None:
    """RTF from its compressed form (MS-OXRTFCP); ``None`` for what is none."""
    if len(data) < 16:
        return None
    _, size, kind = struct.unpack_from("<III", data)
    if kind == 0x414C454D:  # "MELA": stored as it is
        return data[16 : 16 + size]
    if kind != 0x75465A4C or size > _MAX_UNPACKED:  # "LZFu"
        return None
    return _decompressed(data, size)


def _decompressed(data: bytes, size: int) -> bytes:
    """Runs of eight items, a literal byte or a reference into the last 4096; what is cut ends early."""
    window = bytearray(_START.ljust(_WINDOW, b"\0"))
    write, out, at = len(_START), bytearray(), 16
    while at < len(data) and len(out) < size:
        control, at = data[at], at + 1
        for bit in range(8):
            width = 1 + (control >> bit & 1)
            if at + width > len(data):
                return bytes(out[:size])
            piece = data[at : at + width]
            at += width
            offset = piece[0] << 4 | piece[-1] >> 4
            if width == 2 and offset == write:
                return bytes(out[:size])
            for i in range((piece[1] & 15) + 2 if width == 2 else 1):
                byte = window[(offset + i) % _WINDOW] if width == 2 else piece[0]
                out.append(byte)
                window[write] = byte
                write = (write + 1) % _WINDOW
    return bytes(out[:size])


@dataclass(slots=True)
class _State:
    """What a group inherits."""

    silent: bool = False
    html_tag: bool = False
    rtf_only: bool = False
    skip: int = 1


def wrapped(rtf: bytes, *, codepage: str) -> tuple[str, str]:
    """``("text/html", …)`` or ``("text/plain", …)``: what the RTF was made from, or its own text."""
    head = rtf[:2000]
    html = b"\\fromhtml" in head
    declared = re.search(rb"\\ansicpg(\d{3,5})", head)
    codec = f"cp{declared[1].decode()}" if declared else codepage
    text = surrogates_joined(_Unwrapper(html=html, codec="utf-8" if codec == "cp65001" else codec).read(rtf))
    return ("text/html", text) if html else ("text/plain", text)


class _Unwrapper:
    def __init__(self, *, html: bool, codec: str) -> None:
        self._html = html
        self._codec = codec
        self._out: list[str] = []
        self._bytes = bytearray()
        self._skip = 0

    def read(self, rtf: bytes) -> str:
        """Walk the tokens once."""
        stack = [_State()]
        for match in _TOKEN.finditer(rtf):
            word, number, code, symbol, brace, text, other = match.groups()
            state = stack[-1]
            if brace is not None:
                self._brace(stack, brace)
            elif word is not None:
                self._word(state, word, number)
            elif symbol is not None:
                self._symbol(state, symbol)
            else:
                self._put(state, bytes((int(code, 16),)) if code else text or other or b"")
        self._flush()
        return "".join(self._out)

    def _brace(self, stack: list[_State], brace: bytes) -> None:
        if brace == b"{" and len(stack) < _MAX_DEPTH:
            stack.append(replace(stack[-1]))
        elif brace == b"}" and len(stack) > 1:
            self._flush()
            stack.pop()

    def _word(self, state: _State, word: bytes, number: bytes | None) -> None:
        value = int(number) if number else None
        if word == b"htmlrtf":
            self._flush()
            state.rtf_only = value != 0
        elif word == b"htmltag":
            self._flush()
            state.html_tag, state.silent = True, False
        elif word in _SILENT:
            state.silent = True
        elif word == b"uc":
            state.skip = value or 0
        elif word == b"u" and value is not None:
            self._flush()
            if self._shown(state):
                self._out.append(chr(value % 65536))
            self._skip = state.skip
        elif word == b"bin":
            state.silent = True
        elif word in _SIGNS and self._shown(state):
            self._flush()
            self._out.append(_SIGNS[word])

    def _symbol(self, state: _State, symbol: bytes) -> None:
        if symbol == b"*":
            state.silent = True  # a destination not known by name is left out; html tags are known
        elif symbol == b"~":
            self._flush()
            if self._shown(state):
                self._out.append("\xa0")
        elif symbol in b"\\{}":
            self._put(state, symbol)

    def _put(self, state: _State, data: bytes) -> None:
        if self._skip:
            cut = min(self._skip, len(data))
            self._skip -= cut
            data = data[cut:]
        if self._shown(state):
            self._bytes += data

    def _shown(self, state: _State) -> bool:
        return not state.silent and not (self._html and state.rtf_only)

    def _flush(self) -> None:
        if self._bytes:
            try:
                self._out.append(self._bytes.decode(self._codec, "replace"))
            except LookupError:
                self._out.append(self._bytes.decode("cp1252", "replace"))
            self._bytes.clear()


def surrogates_joined(text: str) -> str:
    """Two halves of one character, which RTF writes apart, as the character."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
