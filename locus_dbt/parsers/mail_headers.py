"""Header fields of a mail: read from bytes, unfolded, encoded words and parameters decoded."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import unquote_to_bytes

from locus_dbt.parsers.limits import over
from locus_dbt.parsers.mail_encodings import base64_decoded, charset_of, text_in

_FIELD = re.compile(rb"([!-9;-~]{1,200})[ \t]*:")
_ENVELOPE = re.compile(rb">?From [^\r\n]{1,500}")
_WORD = re.compile(r"=\?([^?\s]{1,80})\?([bBqQ])\?(.*?)\?=", re.DOTALL)
_RAW_WORD = re.compile(rb"=\?([^?\s]{1,80})\?[bBqQ]\?.*?\?=", re.DOTALL)
_MAX_FIELDS = 10_000
_MAX_LINE = 10_000_000
#: Name, then a quoted or bare value; a bare one ends at a semicolon or where the next name begins.
_PARAMETER = re.compile(
    r"""\s*;?\s*([^\s=;"]{1,100})\s*=\s*(?:"((?:[^"\\]|\\.)*)"?|((?:(?!\s+[\w*-]{1,40}\s*=\s*["\w])[^;"])*))""",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Field:
    """One header field: its name as printed, its text unfolded (encoded words still in it), its line from 1."""

    name: str
    raw: str
    line: int

    @property
    def text(self) -> str:
        """The value in Unicode on one line."""
        return decoded_words(self.raw)


@dataclass(frozen=True, slots=True)
class Headers:
    """The fields of one header in their order; the body begins at byte ``stop``."""

    fields: Sequence[Field]
    stop: int
    warnings: Sequence[str] = ()

    def all(self, name: str) -> list[Field]:
        """Every field of that name."""
        return [one for one in self.fields if one.name.lower() == name]

    def last(self, name: str) -> Field | None:
        """The field of that name; of several the last, since relays put theirs on top."""
        found = self.all(name)
        filled = [one for one in found if one.raw.strip()]
        return next(iter([*filled[::-1], *found[::-1]]), None)

    def value(self, name: str) -> str:
        """The last field's raw text, empty where there is none."""
        found = self.last(name)
        return found.raw if found else ""


@dataclass(frozen=True, slots=True)
class Structured:
    """A value with parameters: ``text/plain; charset=utf-8``."""

    value: str
    params: Mapping[str, str] = field(default_factory=dict)


def read_headers(
    data: bytes, start: int, stop: int, *, line: int, envelope: bool = False, unlabelled: str | None = None
) -> Headers:
    """The header that begins at ``start``; it ends at a blank line, or before a line that can be no field.

    ``envelope`` passes over blank lines and a mailbox's ``From `` line on top. ``unlabelled`` is the encoding of raw
    8-bit values, where the user knows it.
    """
    rows: list[tuple[bytes, list[bytes], int]] = []
    warnings: list[str] = []
    at = start
    while at < stop:
        end = data.find(b"\n", at, stop)
        end = stop if end < 0 else end + 1
        text = data[at:end].rstrip(b"\r\n")
        if not text.strip(b" \t"):
            if not rows and envelope:
                at, line = end, line + 1
                continue
            at = end
            break
        if text[:1] in (b" ", b"\t") and rows:
            rows[-1][1].append(text)
        elif (match := _FIELD.match(text)) is not None:
            rows.append((match[1], [text[match.end() :]], line))
        elif not (envelope and not rows and _ENVELOPE.match(text)):
            if not text.startswith(b"--"):
                warnings.append(f"line {line}: no blank line between header and body")
            break
        if len(rows) > _MAX_FIELDS:
            raise over(f"more than {_MAX_FIELDS} header fields", where=f"line {line}")
        at, line = end, line + 1
    return Headers(tuple(_fields(rows, unlabelled)), at, tuple(warnings))


def _fields(rows: Sequence[tuple[bytes, list[bytes], int]], unlabelled: str | None) -> list[Field]:
    """Decode raw 8-bit values by UTF-8 or the message's own character set, else as the user says."""
    declared = None
    for name, parts, _ in rows:
        if name.lower() == b"content-type":
            found = re.search(rb"charset\s*=\s*\"?([\w.:-]{1,60})", b" ".join(parts), re.IGNORECASE)
            declared = found[1].decode("ascii", "ignore") if found else declared
    return [Field(name.decode("ascii"), _unfolded(parts, declared, unlabelled), line) for name, parts, line in rows]


def _unfolded(parts: Sequence[bytes], declared: str | None, unlabelled: str | None) -> str:
    raw = b"".join(parts) if len(parts) == 1 else b" ".join(part.strip(b" \t\r") for part in parts)
    if len(raw) > _MAX_LINE:
        raise over(f"a header field of {len(raw)} bytes", where="header")
    return _raw_text(raw, declared, unlabelled).replace("\0", "").strip()


def _raw_text(raw: bytes, declared: str | None, unlabelled: str | None) -> str:
    """As the user says; else UTF-8, the message's own set, or the Windows code page: too short for statistics."""
    if unlabelled is not None:
        return _as_told(raw, unlabelled)
    for codec in ("utf-8", charset_of(declared), "cp1252"):
        try:
            return raw.decode(codec) if codec else raw.decode("ascii")
        except (UnicodeError, ValueError):
            continue
    return raw.decode("latin-1")


def _as_told(raw: bytes, encoding: str) -> str:
    """Raw bytes in ``encoding``; an encoded word has a label of its own, also for raw bytes in it."""
    out: list[str] = []
    at = 0
    for match in _RAW_WORD.finditer(raw):
        label = charset_of(match[1].decode("ascii", "replace")) or encoding
        out += [raw[at : match.start()].decode(encoding, "replace"), match[0].decode(label, "replace")]
        at = match.end()
    return "".join([*out, raw[at:].decode(encoding, "replace")])


def decoded_words(raw: str) -> str:
    """Encoded words decoded; those next to each other are one text, even when they part a character."""
    if "=?" not in raw:
        return " ".join(raw.split())
    out: list[str] = []
    pending: list[tuple[str, bytes]] = []
    at = 0
    for match in _WORD.finditer(raw):
        gap = raw[at : match.start()]
        if gap.strip() or not pending:
            out.append(_joined(pending))
            pending = []
            out.append(gap)
        pending.append((match[1], _word_bytes(match)))
        at = match.end()
    out.append(_joined(pending))
    out.append(raw[at:])
    return " ".join("".join(out).split())


def _word_bytes(match: re.Match[str]) -> bytes:
    charset = charset_of(match[1]) or "utf-8"
    try:
        raw = match[3].encode(charset if not match[3].isascii() else "ascii")
    except (UnicodeError, ValueError):
        raw = match[3].encode("utf-8", "replace")
    if match[2] in "bB":
        return base64_decoded(raw)[0]
    return re.sub(rb"=([0-9A-Fa-f]{2})", lambda m: bytes((int(m[1], 16),)), raw.replace(b"_", b" "))


def _joined(words: Sequence[tuple[str, bytes]]) -> str:
    """Neighbours of one character set are decoded together."""
    out: list[str] = []
    at = 0
    while at < len(words):
        stop = at + 1
        while stop < len(words) and words[stop][0].lower() == words[at][0].lower():
            stop += 1
        stateful = charset_of(words[at][0]) in ("utf-7", "hz") or words[at][0].lower().startswith("iso-2022")
        pieces = [word for _, word in words[at:stop]]
        groups = pieces if stateful else [b"".join(pieces)]
        out.extend(text_in(piece, words[at][0]) for piece in groups)
        at = stop
    return "".join(out)


def structured(raw: str) -> Structured:
    """A value and its parameters (RFC 2045), continued and encoded ones (RFC 2231) put together."""
    plain = without_comments(raw)
    value, _, rest = plain.partition(";")
    words = value.split()
    if len(words) > 1 and "=" in value:  # the semicolon behind the value is missing
        rest, value = f"{' '.join(words[1:])};{rest}", words[0]
    pieces: dict[str, list[tuple[int, str, bool]]] = {}
    for name, quoted, bare in _PARAMETER.findall(rest[:100_000]):
        text = re.sub(r'\\(["\\])', r"\1", quoted) if quoted else bare.strip().strip("'")
        base, _, marks = name.lower().partition("*")
        encoded = marks.endswith("*") or (name.endswith("*"))
        digits = marks.strip("*")
        number = int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 6 else -1
        pieces.setdefault(base, []).append((number, text, encoded))
    return Structured(value.strip().lower(), {name: _parameter(found) for name, found in pieces.items()})


def _parameter(pieces: Sequence[tuple[int, str, bool]]) -> str:
    """Of a plain and an encoded form the encoded one is meant."""
    continued = sorted((p for p in pieces if p[0] >= 0), key=lambda p: p[0])
    whole = [p for p in pieces if p[0] < 0]
    chosen = continued or [next((p for p in whole if p[2]), whole[-1])]
    if not any(encoded for _, _, encoded in chosen):
        return decoded_words("".join(text for _, text, _ in chosen))
    charset, data = "", b""
    for i, (_, text, encoded) in enumerate(chosen):
        part = text
        if encoded and i == 0 and text.count("'") >= 2:
            charset, _, part = text.split("'", 2)
        data += unquote_to_bytes(part) if encoded else part.encode("utf-8", "replace")
    return text_in(data, charset or None)


def scanned(raw: str) -> Iterator[tuple[str, int, bool]]:
    """Each character with the depth of comments it stands in (its own parenthesis counts) and whether it is literal.

    Literal are characters inside quotes, with the quotes, and those behind a backslash in quotes or comments.
    """
    depth, quoted, escaped = 0, False, False
    for char in raw:
        if escaped:
            escaped = False
            yield char, depth, True
        elif char == "\\" and (quoted or depth):
            escaped = True
            yield char, depth, True
        elif char == '"' and not depth:
            quoted = not quoted
            yield char, 0, True
        elif char == "(" and not quoted:
            depth += 1
            yield char, depth, False
        elif char == ")" and depth:
            yield char, depth, False
            depth -= 1
        else:
            yield char, depth, quoted


def without_comments(raw: str) -> str:
    """A structured value without what stands in parentheses outside quotes; one left open is no comment."""
    if "(" not in raw:
        return raw
    plain, level = [], 0
    for char, depth, literal in scanned(raw):
        level = depth - (char == ")" and not literal)
        if not depth:
            plain.append(char)
    return raw if level > 0 else "".join(plain)
