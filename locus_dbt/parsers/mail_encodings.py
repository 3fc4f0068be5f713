"""Transfer encodings and character sets of mail, read as far as they can be: damage costs characters, not the part."""

from __future__ import annotations

import binascii
import codecs
import re

from locus_dbt.parsers.decoding import decode

_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]+")
_QUOTED = re.compile(rb"=([0-9A-Fa-f]{2})|=[ \t]*(?:\r?\n|$)")
_TRAILING_BLANKS = re.compile(rb"[ \t]+(?=\r?\n)")
#: Encodings whose bytes are all ASCII: what UTF-8 makes of them is never an error and always wrong.
_SEVEN_BIT = re.compile(r"utf-?7|unicode-1-1-utf-7|iso-?2022|csiso2022|hz\b|hz-gb", re.IGNORECASE)
_WIDE = re.compile(r"(?:utf|ucs)-?(?:16|32|2|4)", re.IGNORECASE)
#: Names in use that the codec library does not know.
_ALIASES = {
    "unicode-1-1-utf-7": "utf-7", "x-sjis": "cp932", "shift_jis": "cp932", "shift-jis": "cp932", "x-euc-jp": "euc_jp",
    "gb2312": "gb18030", "x-gbk": "gbk", "x-big5": "big5", "ks_c_5601-1987": "cp949", "euc-kr": "cp949",
    "iso-8859-8-i": "iso-8859-8", "iso-8859-8-e": "iso-8859-8", "iso-8859-6-i": "iso-8859-6", "windows-874": "cp874",
    "x-mac-roman": "mac_roman", "x-mac-cyrillic": "mac_cyrillic", "tis-620": "cp874", "ansi": "cp1252",
    "windows-31j": "cp932", "us": "ascii", "default": "cp1252", "ucs-2": "utf-16",
}  # fmt: skip
#: A name longer than this is no name of a character set.
_LONGEST_NAME = 60


def charset_of(name: str | None) -> str | None:
    """The codec's name for a declared character set; ``None`` where there is none."""
    plain = (name or "").strip().strip("\"'").split("*")[0].lower()
    if not plain or len(plain) > _LONGEST_NAME or not plain.isascii() or "\0" in plain:
        return None
    plain = _ALIASES.get(plain, plain)
    for candidate in (plain, plain.replace("_", "-"), re.sub(r"^(?:x-|cp-|charset=)", "", plain)):
        try:
            info = codecs.lookup(candidate)
        except (LookupError, ValueError):
            continue
        if info._is_text_encoding:  # noqa: SLF001 - no public way to tell rot13 from utf-8
            return info.name
    return None


def text_in(data: bytes, charset: str | None, *, filename: str = "", unlabelled: str | None = None) -> str:
    """Bytes as text: by the declared set where only it can tell, else as every document is decoded.

    ``unlabelled`` is the encoding of what bears no label that fits, where the user knows it.
    """
    codec = charset_of(charset)
    if codec is not None and (_SEVEN_BIT.match(codec) or _WIDE.match(codec)):
        try:
            return data.decode(codec, errors="replace")
        except (UnicodeError, ValueError):
            return data.decode("latin-1")
    if data.isascii() and not data.count(b"\0"):
        return data.decode("ascii")
    if unlabelled is not None and not _fits(data, codec):
        return data.decode(unlabelled, errors="replace")
    return decode(data, declared=codec, filename=filename)[0]


def _fits(data: bytes, codec: str | None) -> bool:
    try:
        return codec is not None and bool(data.decode(codec))
    except (UnicodeError, ValueError):
        return False


def transfer_decoded(data: bytes, encoding: str) -> tuple[bytes, str]:
    """A part's bytes without their transfer encoding, and what was wrong with it (empty when nothing was)."""
    name = encoding.strip().strip("\"'").lower().split(";")[0].split()[:1]
    kind = name[0] if name else ""
    if kind in ("base64", "b64", "base-64", "x-base64"):
        return base64_decoded(data)
    if kind in ("quoted-printable", "quotedprintable", "qp"):
        return quoted_printable_decoded(data), ""
    if kind in ("x-uuencode", "uuencode", "x-uue", "uue"):
        found = next(iter(uuencoded(data)), None)
        return (found[2], "") if found else (data, "no uuencoded block in a part that says it is one")
    known = kind in ("", "7bit", "8bit", "binary", "7-bit", "8-bit")
    return data, "" if known else f"unknown transfer encoding '{kind[:40]}'"


def base64_decoded(data: bytes) -> tuple[bytes, str]:
    """Base64 with whatever stands between its characters left out; it ends at its padding."""
    body, padding, rest = data.partition(b"=")
    clean = _NOT_BASE64.sub(b"", body)
    junk = _NOT_BASE64.search(re.sub(rb"\s+", b"", body)) is not None
    if len(clean) % 4 == 1:
        clean, junk = clean[:-1], True
    whole = binascii.a2b_base64(clean + b"=" * (-len(clean) % 4)) if clean else b""
    rest = rest.lstrip(b"=\r\n \t")
    if padding and rest and re.fullmatch(rb"[A-Za-z0-9+/=\s]+", rest) and len(rest) >= 4:
        more, bad = base64_blocks(rest)  # several encoded pieces glued together, each with its padding
        return whole + more, "characters between the base64 lines" if junk or bad else ""
    return whole, "characters between or behind the base64 lines" if junk or rest else ""


def base64_blocks(data: bytes) -> tuple[bytes, bool]:
    """Pieces of base64 that are padded one by one, and whether any was cut."""
    out, bad = [], False
    for piece in re.split(rb"=+", re.sub(rb"\s+", b"", data)):
        if len(piece) % 4 == 1:
            piece, bad = piece[:-1], True  # noqa: PLW2901 - the odd character is the damage
        out.append(binascii.a2b_base64(piece + b"=" * (-len(piece) % 4)) if piece else b"")
    return b"".join(out), bad


def quoted_printable_decoded(data: bytes) -> bytes:
    """Quoted-printable; an equals sign that begins no code stands for itself."""
    return _QUOTED.sub(_byte, _TRAILING_BLANKS.sub(b"", data))


def _byte(match: re.Match[bytes]) -> bytes:
    return bytes((int(match[1], 16),)) if match[1] else b""


_BEGIN = re.compile(rb"^begin(?:-base64)? [0-7]{3,4} ([^\r\n]{1,300})\r?\n", re.MULTILINE)
_END = re.compile(rb"^(?:end|====)[ \t]*\r?$", re.MULTILINE)


def uuencoded(data: bytes) -> list[tuple[tuple[int, int], bytes, bytes]]:
    """The uuencoded files in a text: where each stands, its name as bytes, its content."""
    found: list[tuple[tuple[int, int], bytes, bytes]] = []
    at = 0
    while (begin := _BEGIN.search(data, at)) is not None:
        end = _END.search(data, begin.end())
        if end is None:
            break
        content = _uu_lines(data[begin.end() : end.start()], plain=not begin[0].startswith(b"begin-"))
        if content is not None:
            found.append(((begin.start(), end.end()), begin[1].strip(), content))
        at = end.end()
    return found


def _uu_lines(body: bytes, *, plain: bool) -> bytes | None:
    if not plain:
        return base64_decoded(body)[0]
    out: list[bytes] = []
    for line in body.splitlines():
        if not line.strip():
            continue
        try:
            out.append(binascii.a2b_uu(line))
        except binascii.Error:
            # trailing junk is common: the first character says how many bytes the line holds
            groups = ((line[0] - 32 & 63) * 4 + 5) // 3
            try:
                out.append(binascii.a2b_uu(line[: groups + 1]))
            except binascii.Error:
                return None
    return b"".join(out)
