"""Rich Text Format to ``ir/v1``: paragraphs, headings, lists, tables, notes; places count paragraphs and cells.

Places are ``paragraph 12``, ``table 2 row 3 cell 1``, ``footnote 1``, ``comment 1``, ``header 1``. Embedded files
become attachments and are never run; destinations that hold no text of the document (fonts, colours, styles) are not
read.
"""

from __future__ import annotations

import binascii
import re
import struct
from collections.abc import Callable
from dataclasses import replace

from locus_dbt.model.document import Document
from locus_dbt.model.element import Attachment, Parsed
from locus_dbt.parsers.limits import over
from locus_dbt.parsers.office.docx_text import symbol
from locus_dbt.parsers.office.embedded import embedded_file
from locus_dbt.parsers.office.package import Tally
from locus_dbt.parsers.office.rtf_body import STORIES, Body
from locus_dbt.parsers.office.rtf_fonts import SYMBOL, charset_encoding, code_page
from locus_dbt.parsers.office.rtf_state import Destination, State
from locus_dbt.parsers.office.rtf_tokens import Token, tokens

_MAX_DEPTH = 2_000
_MAX_NESTED = 20
_HEADING = re.compile(r"^heading ([1-9])$", re.IGNORECASE)
_SIGNS = {
    "emdash": "—", "endash": "–", "lquote": "‘", "rquote": "’", "ldblquote": "“", "rdblquote": "”", "bullet": "•",
    "emspace": "\u2003", "enspace": "\u2002", "qmspace": "\u2005", "tab": "\t", "line": "\n", "zwj": "\u200d",
    "zwnj": "\u200c", "ltrmark": "\u200e", "rtlmark": "\u200f",
}  # fmt: skip
_SYMBOL_SIGNS = {b"~": "\u00a0", b"_": "\u2011", b"-": "", b"{": "{", b"}": "}", b"\\": "\\", b"\t": "\t"}
_ENDS = frozenset(("par", "sect", "page", "column", "softpage"))
#: Destinations without text of the document, among those that are not marked as ones to be passed over.
_SKIPPED = frozenset(
    (
        "colortbl", "filetbl", "revtbl", "listtable", "listoverridetable", "rsidtbl", "xe", "tc", "tcn", "rxe",
        "bkmkstart", "bkmkend", "nonshppict", "shprslt", "template", "formfield", "private", "fldinst", "upr",
        "nonesttables",
        "atnid", "atrfstart", "atrfend", "atndate", "atnref", "pntxta", "pntxtb", "ftnsep", "ftnsepc", "aftnsep",
        "aftnsepc", "ftncn", "aftncn", "themedata", "datastore", "latentstyles", "stylerestrictions",
    )
)  # fmt: skip
#: Marked destinations that hold text after all.
_STARRED: dict[str, Destination] = {
    "shpinst": "text", "do": "text", "shppict": "text", "ud": "text", "nesttableprops": "text", "annotation": "text",
    "atnauthor": "author", "pn": "skip", "picprop": "skip", "objdata": "object", "fldrslt": "text", "footnote": "text",
    "sp": "text",
}  # fmt: skip
_DESTINATIONS: dict[str, Destination] = {
    "fonttbl": "fonts", "stylesheet": "styles", "info": "info", "pict": "picture", "objdata": "object",
    "listtext": "marker", "pntext": "marker", "atnauthor": "author", "sn": "name", "sv": "value",
}  # fmt: skip
_INFO = {"title": "title", "author": "author", "subject": "subject", "keywords": "keywords", "doccomm": "description"}


def parse(document: Document) -> Parsed:
    """Parse an RTF document; raises ``InputError`` E206 for one that is nested too deeply."""
    return _Reader(document).read()


class _Reader:
    """Goes through the tokens once; groups are kept on a list of our own, so depth costs no recursion."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._body = Body(document.filename)
        self._tally = Tally()
        self._state = State()
        self._stack: list[State] = []
        self._default = "cp1252"
        self._default_font = 0
        self._fonts: dict[int, tuple[str, str]] = {}
        self._bytes = bytearray()
        self._to_skip = 0
        self._starred = False
        self._scratch: list[str] = []
        self._metadata: dict[str, str] = {}
        self._property = ""
        self._shape_name = ""
        self._attachments: list[Attachment] = []
        self._object: list[bytes] = []
        self._style_number = 0
        self._style_outline: int | None = None
        self._style_base: int | None = None

    def read(self) -> Parsed:
        """The whole document; what an early end leaves open is closed."""
        handlers: dict[str, Callable[[Token], None]] = {
            "open": self._open, "close": self._close, "word": self._word, "byte": self._byte, "sign": self._sign,
            "text": self._text_token, "binary": self._binary,
        }  # fmt: skip
        for token in tokens(self._document.data):
            handlers[token.kind](token)
        if self._stack:
            self._tally.count("the document ends within {n} open groups; it may be cut off", len(self._stack))
        while self._stack:
            self._close(Token("close", b""))
        self._flush()
        self._body.finish()
        flow = self._body.flow
        return Parsed(
            self._document.media_type, (flow.page(),), tuple(flow.tables), tuple(self._attachments), self._metadata,
            tuple(self._tally.sentences()),
        )  # fmt: skip

    # groups

    def _open(self, _: Token) -> None:
        self._flush()
        if len(self._stack) >= _MAX_DEPTH:
            raise over(f"groups nested deeper than {_MAX_DEPTH}", where=self._document.filename)
        self._stack.append(self._state)
        self._state = replace(self._state, closes="")
        self._starred, self._to_skip = False, 0

    def _close(self, _: Token) -> None:
        self._flush()
        self._starred, self._to_skip = False, 0
        if not self._stack:
            return
        if len(self._stack) == 1:
            self._body.end_paragraph(self._state, last=True)
        closes, destination = self._state.closes, self._state.destination
        self._state = self._stack.pop()
        if closes:
            self._ended(closes, destination)

    def _ended(self, what: str, destination: Destination) -> None:
        text = "".join(self._scratch).strip()
        if what == "story":
            self._body.end_story()
        elif what == "marker":
            self._body.paragraph.marker = self._body.paragraph.marker or text
        elif what == "author":
            self._body.author = text
        elif what == "name":
            self._shape_name = text
        elif what == "value":
            if self._shape_name == "wzDescription":
                self._body.flow.block("picture", text, place=self._body.place("paragraph", peek=True))
        elif what == "object":
            self._end_object()
        elif what == "info" and destination == "property" and text and self._property:
            self._metadata[_INFO[self._property]] = " ".join(text.split())
        self._scratch = []

    def _enter(self, destination: Destination, closes: str = "") -> None:
        self._state.destination = destination
        self._state.closes = closes
        self._scratch = []

    # control words

    def _word(self, token: Token) -> None:
        name, number = token.name, token.number
        if name == "u" and number is not None:
            self._unicode(number)
            return
        self._to_skip = 0
        self._flush()
        starred, self._starred = self._starred, False
        if self._state.destination == "skip":
            return
        if self._begins_destination(name, starred=starred):
            return
        destination = self._state.destination
        if destination == "fonts":
            self._font_word(name, number)
        elif destination == "styles":
            self._style_word(name, number)
        elif name in _SIGNS:
            self._put(_SIGNS[name])
        elif destination == "text":
            self._text_word(name, number)
        self._character_word(name, number)

    def _begins_destination(self, name: str, *, starred: bool) -> bool:
        """Whether the word opens a destination, which is then entered."""
        outer = self._state.destination
        if outer == "info":
            if name in _INFO:
                self._property = name
                self._enter("property", "info")
            return True
        if name in STORIES and outer == "text":
            self._body.begin_story(self._state, name)
        elif name in ("sn", "sv", "objdata", "listtext", "pntext", "atnauthor") or (
            name in _DESTINATIONS and outer == "text" and not starred
        ):
            if name == "pict":
                self._tally.count("{n} pictures are not read")
            destination = _DESTINATIONS[name]
            self._enter(destination, destination)
        elif starred:
            self._enter(_STARRED.get(name, "skip"))
            if name == "picprop":
                self._enter("text")
        elif name in _SKIPPED:
            self._enter("skip")
        else:
            return False
        return True

    def _text_word(self, name: str, number: int | None) -> None:
        if name in _ENDS:
            self._body.end_paragraph(self._state)
        elif name in ("cell", "nestcell"):
            self._body.end_cell(self._state, nested=name == "nestcell")
        elif name in ("row", "nestrow"):
            self._body.end_row(self._state, nested=name == "nestrow")
        elif name in ("chftn", "chatn"):
            return
        elif name == "ftnalt":
            self._body.stories[-1].is_endnote = True
        else:
            self._paragraph_word(name, number)
            self._body.row_word(self._state, name, number)

    def _paragraph_word(self, name: str, number: int | None) -> None:
        state = self._state
        if name == "pard":
            state.in_table, state.nesting, state.style, state.outline, state.list_level = False, 0, 0, None, 0
        elif name == "intbl":
            state.in_table = True
        elif name == "itap" and number is not None:
            state.nesting = max(0, min(number, _MAX_NESTED + 1))
        elif name == "s" and number is not None:
            state.style = number
        elif name == "outlinelevel" and number is not None:
            state.outline = number
        elif name == "ilvl" and number is not None:
            state.list_level = max(0, min(number, 8))

    def _character_word(self, name: str, number: int | None) -> None:
        state = self._state
        if name == "f" and number is not None:
            state.font = number
        elif name == "plain":
            state.font, state.hidden, state.deleted = self._default_font, False, False
        elif name == "uc" and number is not None:
            state.skip_after_unicode = max(0, min(number, 100))
        elif name == "v":
            state.hidden = number != 0
        elif name == "deleted":
            state.deleted = number != 0
        elif name == "ansicpg" and number is not None:
            self._default = code_page(number)
        elif name in ("mac", "pc", "pca"):
            self._default = {"mac": "mac-roman", "pc": "cp437", "pca": "cp850"}[name]
        elif name == "deff" and number is not None:
            self._default_font = state.font = number

    def _font_word(self, name: str, number: int | None) -> None:
        if name == "f" and number is not None:
            self._state.font = number
            self._fonts.setdefault(number, (self._default, ""))
        elif name == "fcharset" and number is not None:
            self._fonts[self._state.font] = (charset_encoding(number, self._default), "")
        elif name == "cpg" and number:
            self._fonts[self._state.font] = (code_page(number), "")

    def _style_word(self, name: str, number: int | None) -> None:
        if name == "s" and number is not None:
            self._style_number, self._style_outline, self._style_base = number, None, None
        elif name == "outlinelevel":
            self._style_outline = number
        elif name == "sbasedon":
            self._style_base = number

    # text

    def _sign(self, token: Token) -> None:
        sign = token.data
        if sign == b"*":
            self._starred = True
            return
        if sign in (b"\n", b"\r"):
            self._word(Token("word", b"", "par"))
        elif sign in _SYMBOL_SIGNS:
            if self._skipped():
                return
            self._flush()
            self._put(_SYMBOL_SIGNS[sign])

    def _byte(self, token: Token) -> None:
        if not self._skipped():
            self._bytes += token.data

    def _text_token(self, token: Token) -> None:
        data = token.data
        self._starred = False
        if self._to_skip:
            skipped = min(self._to_skip, len(data))
            self._to_skip -= skipped
            data = data[skipped:]
        if self._state.destination == "object":
            self._object.append(data)
        elif self._state.destination not in ("skip", "picture"):
            self._bytes += data

    def _binary(self, token: Token) -> None:
        if self._state.destination == "object":
            self._object.append(binascii.hexlify(token.data))

    def _unicode(self, number: int) -> None:
        self._flush()
        self._put(chr(number % 0x10000 if number < 0 else min(number, 0x10FFFF)))
        self._to_skip = self._state.skip_after_unicode

    def _skipped(self) -> bool:
        if self._to_skip:
            self._to_skip -= 1
            return True
        return False

    def _flush(self) -> None:
        """Decode the bytes gathered so far; several together may make one character."""
        if not self._bytes:
            return
        data, self._bytes = bytes(self._bytes), bytearray()
        encoding, name = self._fonts.get(self._state.font, (self._default, ""))
        if encoding == SYMBOL:
            text = "".join(chr(b) if b == 0x20 else symbol(f"F0{b:02X}", name or "symbol") for b in data)
        else:
            text = data.decode(encoding, "replace")
        self._put(text)

    def _put(self, text: str) -> None:
        state = self._state
        if state.destination == "text":
            if state.hidden or state.deleted:
                self._tally.count(
                    "{n} passages of hidden text are left out" if state.hidden
                    else "{n} tracked deletions are left out"
                )  # fmt: skip
                return
            self._body.paragraph.pieces.append(text)
        elif state.destination in ("marker", "author", "name", "value", "property"):
            self._scratch.append(text)
        elif state.destination == "fonts":
            encoding, name = self._fonts.get(state.font, (self._default, ""))
            self._fonts[state.font] = (encoding, (name + text).rstrip(";"))
        elif state.destination == "styles":
            self._style_text(text)

    def _style_text(self, text: str) -> None:
        self._scratch.append(text)
        if ";" in text:
            name = "".join(self._scratch).split(";")[0].strip()
            self._scratch = []
            self._body.styles[self._style_number] = (self._style_outline, self._style_base, name)
            self._style_number, self._style_outline, self._style_base = -1, None, None

    def _end_object(self) -> None:
        """An embedded file: its OLE 1 header is passed over, what it holds is kept and never run."""
        digits = re.sub(rb"[^0-9A-Fa-f]", b"", b"".join(self._object))
        self._object = []
        data = binascii.unhexlify(digits[: len(digits) // 2 * 2])
        try:
            content = _ole1_content(data)
        except struct.error:
            content = data
        if content:
            self._attachments.append(embedded_file(f"object-{len(self._attachments) + 1}", content))


def _ole1_content(data: bytes) -> bytes:
    """Version, format, three names with their lengths, then the size of the content and the content."""
    at = 8
    for _ in range(3):
        (length,) = struct.unpack_from("<I", data, at)
        at += 4 + length
    (size,) = struct.unpack_from("<I", data, at)
    return data[at + 4 : at + 4 + size]
