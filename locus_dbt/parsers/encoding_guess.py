"""In which encoding a text was written: structure first, then what it says of itself, then statistics.

Evidence, strongest first: a byte order mark; the shape of UTF-16, UTF-32, ISO-2022 and HZ; UTF-8 that fits; the
document's own declaration, when the bytes agree with it; letter statistics (chardet). Of encodings that differ only in
characters which are not there, the narrowest is named.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from locus_dbt.parsers.western import western

Evidence = Literal["mark", "structure", "declared", "statistics", "default"]

#: Longest first: the UTF-32 little-endian mark begins with the UTF-16 one.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
#: Bytes that are looked at for statistics; of longer texts the lines with foreign letters.
_SAMPLE = 200_000
_NUL_SAMPLE = 4096
#: Fewer bytes beyond ASCII say too little about a single-byte encoding.
_ENOUGH_BYTES = 6
_SURE = 0.5
_PLENTY = 200
_MOST_TRIED = 6
_WORD = re.compile(r"[^\W\d_]+")
_WORDS_SEEN = 50_000
_LEAST_WIDE = 12
_MOST_PLANES = 16
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_EAST_ASIAN = re.compile("[\u3000-\u30ff\u3400-\u9fff\uac00-\ud7a3\uff00-\uffef\r\n -~]")
_ISO_2022 = re.compile(rb"\x1b(?:\$[@AB()]|\([IJ]|\$\)[ACG])")
_HZ = re.compile(rb"~\{(?:[\x21-\x77][\x21-\x7e])+~\}")
#: Narrowest first: each holds all characters of the ones before it. ISO 8859-8 is not one: it means visual order.
_NESTED = (
    ("gb2312", "gbk", "gb18030"),
    ("euc_kr", "cp949"),
    ("shift_jis", "cp932"),
    ("big5", "cp950", "big5hkscs"),
    ("euc_jp", "euc_jis_2004"),
    ("iso8859-1", "iso8859-15", "cp1252"),
    ("iso8859-2", "cp1250"),
    ("iso8859-7", "cp1253"),
    ("iso8859-9", "cp1254"),
    ("iso8859-13", "cp1257"),
    ("tis-620", "iso8859-11", "cp874"),
)
_MULTI_BYTE = frozenset(
    ("gb2312", "gbk", "gb18030", "hz", "euc_kr", "cp949", "johab", "iso2022_kr", "shift_jis", "cp932", "euc_jp",
     "euc_jis_2004", "shift_jis_2004", "euc_jisx0213", "shift_jisx0213", "iso2022_jp", "big5", "big5hkscs", "cp950")
)  # fmt: skip
#: Declared out of habit more than out of knowledge; what browsers read as cp1252.
_HABITUAL = frozenset(("iso8859-1", "ascii", "cp1252", "utf-8"))
#: Signs that any Western text may hold beside plain ASCII.
_SIGNS = frozenset("£€¥§°±²³µ·½¼¾×÷®©™–—‘’“”„«»…•†‡\u00a0\u00ad¡¿ºª")


@dataclass(frozen=True, slots=True)
class Guess:
    """An encoding in Python's name, how sure it is (0..1), and by what evidence."""

    encoding: str
    confidence: float
    evidence: Evidence


def codec_name(name: str | None) -> str | None:
    """Python's name of a text encoding; ``None`` for what is none."""
    try:
        found = codecs.lookup((name or "").strip().lower())
    except (LookupError, ValueError):
        return None
    return found.name if found._is_text_encoding else None  # noqa: SLF001 - no public way to tell rot13 from utf-8


def guess(data: bytes, *, declared: str | None = None) -> Guess:
    """The encoding of ``data``, of which its document says ``declared``."""
    found = _by_structure(data)
    if found is not None:
        return found
    named = codec_name(declared)
    if named is not None and named not in _HABITUAL and _agrees(data, named):
        return Guess(named, 0.95, "declared")
    return _by_statistics(data, habitual=named in _HABITUAL)


def _by_structure(data: bytes) -> Guess | None:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return Guess(encoding, 1.0, "mark")
    wide = _unmarked_wide(data)
    if wide is not None:
        return Guess(wide, 0.95, "structure")
    if data.isascii():
        return Guess(_seven_bit(data), 1.0, "structure")
    return Guess("utf-8", 0.99, "structure") if fits(data, "utf-8") else None


def fits(data: bytes, encoding: str) -> bool:
    """Whether every byte is part of a character of the encoding."""
    try:
        data.decode(encoding)
    except (UnicodeError, LookupError):
        return False
    return True


def _seven_bit(data: bytes) -> str:
    """ASCII, or one of the encodings that shift with ASCII signs."""
    if b"\x1b" in data and _ISO_2022.search(data):
        for name in ("iso2022_kr",) if b"\x1b$)C" in data else ("iso2022_jp", "iso2022_jp_2", "iso2022_jp_ext"):
            if fits(data, name):
                return name
    if b"~{" in data and _HZ.search(data) and fits(data, "hz"):
        return "hz"
    return "ascii"


def _unmarked_wide(data: bytes) -> str | None:
    """UTF-16 and UTF-32 without a mark.

    UTF-32: every fourth byte is zero at the high end. UTF-16: NUL in nearly every second byte of mostly Latin text,
    or, in other scripts, high bytes that are hardly ever different and a text that reads as letters.
    """
    if len(data) < 4 or len(data) % 2:
        return None
    sample = data[: _NUL_SAMPLE - _NUL_SAMPLE % 4]
    if len(data) % 4 == 0 and len(data) >= 8:
        for name, high, next_high in (("utf-32-le", 3, 2), ("utf-32-be", 0, 1)):
            quarter = len(sample[high::4])
            planes = sample[next_high::4]
            if sample[high::4].count(0) == quarter and max(planes) <= _MOST_PLANES and fits(data, name):
                return name
    half = len(sample) // 2
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if odd > 0.4 * half and even < 0.05 * half:
        return "utf-16-le"
    if even > 0.4 * half and odd < 0.05 * half:
        return "utf-16-be"
    return _foreign_wide(data, sample)


def _foreign_wide(data: bytes, sample: bytes) -> str | None:
    """UTF-16 of a script other than Latin: its blanks and line ends show as NUL beside 0x20 or 0x0A."""
    wide = (("utf-16-le", (b" \0", b"\n\0")), ("utf-16-be", (b"\0 ", b"\0\n")))
    for name, blanks in wide if 0 in sample else ():
        pairs = [sample[i : i + 2] for i in range(0, len(sample) - 1, 2)]
        if sum(pair in blanks for pair in pairs) * 50 >= len(pairs) and fits(data, name):
            text = sample.decode(name, errors="ignore")
            if sum(c.isalnum() or c.isspace() for c in text) > 0.7 * len(text):
                return name
    return _dense_wide(data, sample)


def _dense_wide(data: bytes, sample: bytes) -> str | None:
    """UTF-16 of East Asian text without blanks: control bytes, which no other text has, and nothing but its letters."""
    if len(sample) < _LEAST_WIDE or not _CONTROL.search(sample):
        return None
    for name in ("utf-16-le", "utf-16-be"):
        if fits(data, name) and len(_EAST_ASIAN.findall(sample.decode(name, errors="ignore"))) > 0.45 * len(sample):
            return name
    return None


def _agrees(data: bytes, encoding: str) -> bool:
    """Whether the bytes are text in the encoding: all of them fit, and no control characters come out."""
    try:
        text = data.decode(encoding)
    except (UnicodeError, LookupError):
        return False
    return not any("\x80" <= c <= "\x9f" for c in set(text))


def _narrowest(data: bytes, encoding: str) -> str:
    """The first of its family that gives the same text."""
    family = next((names for names in _NESTED if encoding in names), (encoding,))
    try:
        text = data.decode(encoding)
    except (UnicodeError, LookupError):
        return encoding
    if encoding not in _MULTI_BYTE and encoding != "cp1252":  # other families share their most common letters
        family = ("iso8859-1", *family)
    for name in family[: family.index(encoding)]:
        try:
            if data.decode(name) == text:
                return name
        except UnicodeError:
            continue
    return encoding


def _by_statistics(data: bytes, *, habitual: bool) -> Guess:
    sample = foreign_lines(data)
    counts = Counter(sample)
    high = sum(n for byte, n in counts.items() if byte >= 0x80)
    name, confidence = (None, 0.0) if _only_signs(sample) else _letters(sample)
    few = high < _ENOUGH_BYTES and high * 4 < len(sample) and confidence < _SURE
    if name is None or (few and name not in _MULTI_BYTE):
        page = western(sample)
        return Guess(_narrowest(data, page), 0.4, "declared" if habitual and page == "cp1252" else "default")
    # letters in their hundreds leave little doubt; a few may stand in another encoding just as well
    sure = 0.5 + 0.45 * min(1.0, high / _PLENTY)
    return Guess(_narrowest(data, name), max(confidence, sure), "statistics")


def foreign_lines(data: bytes) -> bytes:
    """The whole of a short text; of a long one its lines with bytes beyond ASCII, up to a bound."""
    if len(data) <= _SAMPLE:
        return data
    lines, size = [], 0
    for line in data.splitlines(keepends=True):
        if not line.isascii():
            lines.append(line[:_SAMPLE])
            size += len(line)
            if size > _SAMPLE:
                break
    return b"".join(lines)


def _letters(sample: bytes) -> tuple[str | None, float]:
    """The likeliest encoding in which the sample reads as words; ``None`` when there is none."""
    from chardet import EncodingEra, detect_all  # noqa: PLC0415 - models load when a text is neither ASCII nor UTF-8

    eras = EncodingEra.ALL & ~EncodingEra.MAINFRAME
    found = detect_all(sample, encoding_era=eras, prefer_superset=False, compat_names=False)
    for one in found[:_MOST_TRIED]:
        name = codec_name(one["encoding"])
        if name is not None and ((name in _MULTI_BYTE and fits(sample, name)) or _reads(sample, name)):
            return name, float(one["confidence"] or 0.0)
    return None, 0.0


def _only_signs(sample: bytes) -> bool:
    """Whether all that is beyond ASCII are signs of Western typography."""
    return set(sample.decode("cp1252", errors="replace")) - _SIGNS <= set(map(chr, range(128)))


def _reads(sample: bytes, name: str) -> bool:
    """Whether what lies beyond ASCII reads as letters, and words are of one script each."""
    text = sample.decode(name, errors="replace")
    foreign = [c for c in text if c > "\x7f"]
    if sum(unicodedata.category(c)[0] in "LM" for c in foreign) * 2 < len(foreign):
        return False
    words = [word for word in _WORD.findall(text[:_WORDS_SEEN]) if not word.isascii()]
    mixed = sum(1 for word in words if len({_is_latin(c) for c in word}) > 1)
    return mixed * 5 <= len(words)


@lru_cache(maxsize=2000)
def _is_latin(letter: str) -> bool:
    return letter.isascii() or unicodedata.name(letter, "").startswith("LATIN")
