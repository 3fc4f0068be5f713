"""Any text file as Unicode: encoding, line ends, normal form."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any, Literal, cast

from locus_dbt.core.builder import TableBuilder
from locus_dbt.errors import InputError
from locus_dbt.model.document import Document
from locus_dbt.model.locus import Locus
from locus_dbt.parsers.declared_encoding import declared_in
from locus_dbt.parsers.decoding import Decoded, decode_document, looks_binary
from locus_dbt.parsers.encoding_guess import codec_name

_WHOLE = Locus(place="the whole document")
#: Formats that are one text; a container or a page is none.
_TEXTS = (
    "text/", "message/", "application/json", "application/x-ndjson", "application/xml", "application/yaml",
    "application/mbox", "application/x-mt940", "application/x-ofx", "application/rtf",
)  # fmt: skip
_LINE_END = re.compile(r"\r\n|\n|\r")
_NEWLINES = {"\n": "lf", "\r\n": "crlf", "\r": "cr"}

_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")
_REASONS = {
    "encoding": "the encoding that the bytes fit",
    "confidence": "by the kind of evidence and letter statistics",
    "evidence": "told by the detector",
    "agrees": "both readings compared",
    "bom": "seen in the first bytes",
    "newline": "counted",
    "n_lines": "counted",
    "repairs": "counted",
}


def extract(document: Document, params: Mapping[str, Any], table: TableBuilder) -> None:
    """Append one row for the file, or one for each line."""
    is_text = document.media_type.startswith(_TEXTS)
    declared = declared_in(document.data)
    found = decode_document(document, declared=declared) if is_text else None
    if found is None or looks_binary(found.text):
        raise InputError(f"not a text: {document.filename}", code="E204", fix="leave it out of the glob")
    ends = _LINE_END.findall(found.text)
    text = _LINE_END.sub("\n", found.text)
    if params["normal_form"] != "none":
        form = cast("Literal['NFC', 'NFD', 'NFKC', 'NFKD']", params["normal_form"])
        text = unicodedata.normalize(form, text)
    lines = text.split("\n")
    if lines and not lines[-1]:
        lines.pop()
    if params["grain"] == "lines":
        _append_lines(lines, found, table)
        return
    facts = {
        "encoding": found.encoding,
        "confidence": round(found.confidence, 3),
        "evidence": "param" if document.options.encoding else found.evidence,
        "agrees": _agrees(document.data, declared, found),
        "bom": document.data.startswith(_MARKS),
        "newline": _newline(ends),
        "n_lines": len(lines),
        "repairs": len(found.repairs),
    }
    table.start_row()
    for column, reason in _REASONS.items():
        table.put(column, facts[column], text=None, at=_WHOLE, grounding="inferred", reason=reason)
    table.put("declared", declared, text=declared, at=Locus(place="the declaration"))
    table.put("text", text or None, text=found.text, at=_WHOLE)


def _agrees(data: bytes, declared: str | None, found: Decoded) -> bool | None:
    """Whether the declared encoding gives the same text; a name nobody knows gives none."""
    if declared is None:
        return None
    name, own = codec_name(declared), codec_name(found.encoding)
    if name is None or own is None:
        return False
    if name == own or name == own.removesuffix("-sig"):
        return True
    try:
        return data.decode(name).removeprefix("\ufeff") == data.decode(own).removeprefix("\ufeff")
    except UnicodeError:
        return False


def _newline(ends: list[str]) -> str | None:
    kinds = set(ends)
    if not kinds:
        return None
    return "mixed" if len(kinds) > 1 else _NEWLINES[ends[0]]


def _append_lines(lines: list[str], found: Decoded, table: TableBuilder) -> None:
    n = len(lines)
    rules = {repair.place: repair.rule for repair in found.repairs}
    places = [f"line {number}" for number in range(1, n + 1)]
    printed = _LINE_END.split(found.text)[:n]
    texts = [line if line.strip() else None for line in lines]
    table.extend(
        {"line": list(range(1, n + 1)), "text": texts, "changed": [rules.get(place) for place in places]},
        located={"text": (None, None, places)},
        texts={"text": printed},
    )
