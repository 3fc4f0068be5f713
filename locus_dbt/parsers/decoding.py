"""Bytes to text: the encoding is found, mixed files are read line by line, and the fallback never fails."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from locus_dbt.model.document import AS_USUAL, Document, ReadOptions
from locus_dbt.model.element import Repair
from locus_dbt.parsers.encoding_guess import Evidence, codec_name, fits, guess
from locus_dbt.parsers.limits import MAX_TEXT, over
from locus_dbt.parsers.mojibake import mend
from locus_dbt.parsers.western import western

#: Control characters that no text has: bytes of the Windows code page that someone took for Latin-1.
_C1 = re.compile("[\x80-\x84\x86-\x9f]")
#: What browsers read as the Windows code page.
_MEANS_CP1252 = ("iso8859-1", "cp1252")
#: Wrong bytes a text may have and still count as one in its encoding: one in so many.
_ONE_WRONG_IN = 2000

#: Code pages of Latin letters: a handful of bytes does not tell them apart, the label or the most common one does.
_LATIN = frozenset(
    (
        "iso8859-1", "iso8859-2", "iso8859-3", "iso8859-4", "iso8859-9", "iso8859-10", "iso8859-13", "iso8859-14",
        "iso8859-15", "iso8859-16", "cp1250", "cp1252", "cp1254", "cp1257", "cp437", "cp850", "cp852", "mac-roman",
        "mac-latin2",
    )
)  # fmt: skip
_TOO_FEW = 8
_HIGH = bytes(range(128, 256))


@dataclass(frozen=True, slots=True)
class Decoded:
    """A text, the encoding it was read with, how sure that is (0..1) and why, and what was mended."""

    text: str
    encoding: str
    confidence: float
    evidence: Evidence
    repairs: tuple[Repair, ...] = ()


def decode(
    data: bytes, *, declared: str | None = None, filename: str = "", options: ReadOptions = AS_USUAL
) -> tuple[str, str]:
    """The text and the name of the encoding it was read with; see :func:`decoded`."""
    found = decoded(data, declared=declared, filename=filename, options=options)
    return found.text, found.encoding


def decode_document(document: Document, *, declared: str | None = None) -> Decoded:
    """The text of a document, read as its options say."""
    return decoded(document.data, declared=declared, filename=document.filename, options=document.options)


def decoded(
    data: bytes, *, declared: str | None = None, filename: str = "", options: ReadOptions = AS_USUAL
) -> Decoded:
    """Read bytes as text.

    ``declared`` is what the document says of itself; it is believed only when the bytes agree and UTF-8 does not
    fit (wrong declarations are common). ``options.encoding`` is taken as it is. The last resort, cp1252 with the five
    undefined bytes read as Latin-1, takes any bytes. C1 control characters become the Windows letters they were.

    Raises:
        InputError: E206 for a text over the limit, E105 when mojibake is to be mended and ftfy is not installed.
    """
    if len(data) > MAX_TEXT:
        raise over(f"a text of {len(data)} bytes, at most {MAX_TEXT}", where=filename)
    given = codec_name(options.encoding)
    found = _as_told(data, given) if given is not None else _found(data, declared)
    text = found.text if found.text.isascii() else _C1.sub(_windows_char, found.text)
    repairs = found.repairs
    if options.mojibake:
        text, mended = mend(text)
        repairs = (*repairs, *mended)
    return replace(found, text=text, repairs=repairs)


def _as_told(data: bytes, encoding: str) -> Decoded:
    text = data.decode(encoding, errors="replace")
    return Decoded(text.removeprefix("\ufeff"), encoding, 1.0, "declared", _undecodable(text))


def _found(data: bytes, declared: str | None) -> Decoded:
    found = guess(data, declared=declared)
    name = found.encoding
    if found.evidence == "statistics" and name in _LATIN and _foreign(data) < _TOO_FEW:
        told = codec_name(declared)
        name = told if told is not None and fits(data, told) else western(data)
        found = replace(found, encoding=name, evidence="declared" if told == name else "default")
    if found.evidence in ("statistics", "default") or name in _MEANS_CP1252:
        mixed = _line_by_line(data)
        if mixed is not None:
            return mixed
    if name in _MEANS_CP1252:
        return Decoded(_cp1252(data), "cp1252", found.confidence, found.evidence)
    if name == "ascii":  # ASCII is UTF-8
        return Decoded(data.decode("ascii"), "utf-8", found.confidence, found.evidence)
    text = data.decode(name, errors="replace")
    bad = text.count("\ufffd")
    if found.evidence in ("statistics", "default") and bad > 1 + len(text) // _ONE_WRONG_IN:
        return Decoded(_cp1252(data), "cp1252", 0.3, "default")
    return Decoded(text, name, found.confidence, found.evidence, _undecodable(text))


def _foreign(data: bytes) -> int:
    """How many bytes are no ASCII."""
    return len(data) - len(data.translate(None, _HIGH))


def _undecodable(text: str) -> tuple[Repair, ...]:
    """One repair that tells how many bytes had no meaning, and where the first stood."""
    bad = text.count("\ufffd")
    if not bad:
        return ()
    line = text.count("\n", 0, text.index("\ufffd")) + 1
    return (Repair("undecodable_bytes", f"line {line}", f"{bad} in the file", "\ufffd"),)


def _line_by_line(data: bytes) -> Decoded | None:
    """Files glued together mix encodings: lines that are UTF-8 are read so, the others as cp1252.

    ``None`` when less than half of the lines with foreign letters are UTF-8: the whole file is some other encoding.
    """
    lines = data.splitlines(keepends=True)
    foreign = [fits(line, "utf-8") for line in lines if not line.isascii()]
    if sum(foreign) * 2 < len(foreign) or not any(foreign):
        return None
    out, repairs = [], []
    for number, line in enumerate(lines, 1):
        if fits(line, "utf-8"):
            out.append(line.decode("utf-8"))
            continue
        out.append(_cp1252(line))
        repairs.append(Repair("line_encoding", f"line {number}", "cp1252", "utf-8"))
    return Decoded("".join(out), "utf-8+cp1252", 0.8, "structure", tuple(repairs))


def _cp1252(data: bytes) -> str:
    try:
        return data.decode("cp1252")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _windows_char(match: re.Match[str]) -> str:
    return match[0].encode("latin-1").decode("cp1252", errors="ignore") or match[0]


def looks_binary(text: str) -> bool:
    """Whether the decoded bytes are noise: it has control characters, text hardly any."""
    sample = text[:8192]
    controls = sum(1 for c in sample if c < " " and c not in "\t\n\r\f\v\0\x1a\x1b") + sample.count("\ufffd")
    return controls > 0.05 * len(sample) or sample.count("\0") > 0.3 * max(len(sample), 1)
