"""Bytes to text: byte order mark, UTF-8, what the document declares, and a fallback that never fails."""

from __future__ import annotations

import codecs
import re

from locus_dbt.parsers.limits import MAX_TEXT, over

#: Longest first: the UTF-32 little-endian mark begins with the UTF-16 one.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_NUL_SAMPLE = 4096
#: Control characters that no text has: bytes of the Windows code page that someone took for Latin-1.
_C1 = re.compile("[\x80-\x84\x86-\x9f]")
#: Documents that name one of these mean the Windows code page, as browsers know.
_MEANS_CP1252 = ("iso8859-1", "ascii", "cp1252")


def decode(data: bytes, *, declared: str | None = None, filename: str = "") -> tuple[str, str]:
    """The text and the name of the encoding it was read with.

    ``declared`` is what the document says of itself; it is believed only when the bytes agree and UTF-8
    does not fit (wrong declarations are common). The last resort, cp1252 with the five undefined bytes read
    as Latin-1, takes any bytes. C1 control characters become the Windows letters they were.
    """
    if len(data) > MAX_TEXT:
        raise over(f"a text of {len(data)} bytes, at most {MAX_TEXT}", where=filename)
    text, encoding = _decoded(data, declared)
    return _C1.sub(_windows_char, text), encoding


def _decoded(data: bytes, declared: str | None) -> tuple[str, str]:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data.decode(encoding, errors="replace"), encoding
    wide = _unmarked_utf16(data)
    for name in (wide, "utf-8", declared):
        if name and _is_text_codec(name):
            if codecs.lookup(name).name in _MEANS_CP1252:
                return _cp1252(data), "cp1252"
            try:
                return data.decode(name), name.lower()
            except (UnicodeDecodeError, UnicodeError):
                continue
    return _line_by_line(data)


def _is_text_codec(name: str) -> bool:
    try:
        return bool(codecs.lookup(name)._is_text_encoding)  # noqa: SLF001 - no public way to tell rot13 from utf-8
    except (LookupError, ValueError):
        return False


def _unmarked_utf16(data: bytes) -> str | None:
    """UTF-16 without a mark shows as NUL in nearly every second byte of mostly Latin text."""
    sample = data[: _NUL_SAMPLE - _NUL_SAMPLE % 2]
    if len(sample) < 4 or len(data) % 2:
        return None
    half = len(sample) // 2
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if odd > 0.4 * half and even < 0.05 * half:
        return "utf-16-le"
    if even > 0.4 * half and odd < 0.05 * half:
        return "utf-16-be"
    return None


def _line_by_line(data: bytes) -> tuple[str, str]:
    """Files glued together mix encodings: lines that are UTF-8 are read so, the others as cp1252.

    When hardly any line with foreign letters is UTF-8, the whole file is some other encoding; a statistical
    guess is asked for where the library is there.
    """
    lines = data.splitlines(keepends=True)
    foreign = [line for line in lines if not line.isascii()]
    good = sum(1 for line in foreign if _fits_utf8(line))
    if good * 2 < len(foreign) and (guessed := _guess(b"".join(foreign))) is not None:
        try:
            return data.decode(guessed), guessed
        except UnicodeDecodeError:
            pass
    if good == 0:
        return _cp1252(data), "cp1252"
    return "".join(line.decode("utf-8") if _fits_utf8(line) else _cp1252(line) for line in lines), "utf-8+cp1252"


def _fits_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _cp1252(data: bytes) -> str:
    try:
        return data.decode("cp1252")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _windows_char(match: re.Match[str]) -> str:
    return match[0].encode("latin-1").decode("cp1252", errors="ignore") or match[0]


def _guess(data: bytes) -> str | None:
    """Multi-byte encodings by statistics; single-byte guesses on short samples are worse than cp1252."""
    try:
        from charset_normalizer import from_bytes  # noqa: PLC0415 - optional, and only for rare files
    except ImportError:
        return None
    best = from_bytes(data[:65_536], cp_isolation=["shift_jis", "euc_jp", "gb18030", "big5", "euc_kr", "cp1252"]).best()
    if best is None or best.encoding in ("cp1252", "ascii", "utf_8"):
        return None
    return str(best.encoding)
