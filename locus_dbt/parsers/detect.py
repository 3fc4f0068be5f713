"""What a document is: by its content first, by its file name's extension where content cannot tell."""

from __future__ import annotations

import json
import re
from pathlib import PurePosixPath

from locus_dbt.errors import InputError
from locus_dbt.parsers.decoding import decode
from locus_dbt.parsers.limits import open_zip, read_member

PDF = "application/pdf"
HTML = "text/html"
XML = "application/xml"
JSON = "application/json"
JSONL = "application/x-ndjson"
CSV = "text/csv"
TSV = "text/tab-separated-values"
TEXT = "text/plain"
MARKDOWN = "text/markdown"
EML = "message/rfc822"
GZIP = "application/gzip"
ZIP = "application/zip"
OLE = "application/x-ole-storage"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
XLSB = "application/vnd.ms-excel.sheet.binary.macroenabled.12"
XLS = "application/vnd.ms-excel"
ODS = "application/vnd.oasis.opendocument.spreadsheet"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
PPTX = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
MSG = "application/vnd.ms-outlook"
ODT = "application/vnd.oasis.opendocument.text"
ODP = "application/vnd.oasis.opendocument.presentation"
EPUB = "application/epub+zip"
RTF = "application/rtf"
MBOX = "application/mbox"
YAML = "application/yaml"
MT940 = "application/x-mt940"
OFX = "application/x-ofx"
TAR = "application/x-tar"
BZIP2 = "application/x-bzip2"
XZ = "application/x-xz"
DOC = "application/msword"
PPT = "application/vnd.ms-powerpoint"

#: Text formats that content alone leaves open; the extension decides among them.
_BY_EXTENSION = {
    ".csv": CSV, ".tsv": TSV, ".tab": TSV, ".txt": TEXT, ".text": TEXT, ".log": TEXT, ".md": MARKDOWN,
    ".markdown": MARKDOWN, ".html": HTML, ".htm": HTML, ".xhtml": HTML, ".xml": XML, ".json": JSON,
    ".jsonl": JSONL, ".ndjson": JSONL, ".eml": EML, ".yaml": YAML, ".yml": YAML, ".mbox": MBOX, ".ofx": OFX,
    ".qfx": OFX, ".sta": MT940, ".mt940": MT940,
}  # fmt: skip
#: Offset, bytes, type. A tape archive names itself behind its first member's header.
_MAGIC = (
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"II*\0", "image/tiff"),
    (0, b"MM\0*", "image/tiff"),
    (0, b"GIF8", "image/gif"),
    (0, b"BM", "image/bmp"),
    (8, b"WEBPVP8", "image/webp"),
    (0, b"\x1f\x8b", GZIP),
    (0, b"BZh", BZIP2),
    (0, b"\xfd7zXZ\0", XZ),
    (257, b"ustar", TAR),
    (0, b"{\\rtf", RTF),
)
_ZIP_MEMBERS = (
    ("xl/workbook.bin", XLSB),
    ("xl/workbook.xml", XLSX),
    ("word/document.xml", DOCX),
    ("ppt/presentation.xml", PPTX),
)
_OLE_STREAMS = (
    ("Workbook", XLS), ("Book", XLS), ("WordDocument", DOC), ("PowerPoint Document", PPT),
    ("__properties_version1.0", MSG),
)  # fmt: skip
_HEAD = 65_536
_HTML_TAG = re.compile(
    r"<(?:!doctype\s+html|html|head|body|table|div|p|meta|h[1-6]|ul|ol|title|script|style|a|img|span)\b",
    re.IGNORECASE,
)
_MAIL_HEADER = re.compile(r"^[A-Za-z][A-Za-z0-9-]{1,60}:(?:[ \t]|$)")
_MAIL_NAMES = {
    "from", "to", "subject", "date", "received", "return-path", "message-id", "mime-version", "delivered-to",
    "content-type", "cc", "reply-to", "sender", "x-mailer",
}  # fmt: skip


def media_type(data: bytes, filename: str) -> str:
    """The media type of ``data``; ``filename`` is asked only where the content leaves it open.

    Raises:
        InputError: E204 when nothing fits, E202 for an encrypted office file, E203 for a damaged container.
    """
    if not data:
        raise InputError(f"the file is empty: {filename}", code="E204", fix="leave it out of the glob")
    if b"%PDF-" in data[:1024]:
        return PDF
    kind = next((kind for at, magic, kind in _MAGIC if data.startswith(magic, at)), None)
    if kind is not None:
        return kind
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zip_type(data, filename)
    if data.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return _ole_type(data, filename)
    return _text_type(data, filename)


def _zip_type(data: bytes, filename: str) -> str:
    archive = open_zip(data, filename=filename)
    names = set(archive.namelist())
    for member, kind in _ZIP_MEMBERS:
        if member in names:
            return kind
    if "mimetype" in names:
        # OpenDocument and EPUB name their type in their first member, a line of ASCII
        return read_member(archive, "mimetype", filename=filename, most=1000).decode("ascii", "replace").strip()
    if "[Content_Types].xml" in names:
        raise InputError(f"an office document without its main part: {filename}", code="E203", fix="get the file again")
    return ZIP


def _ole_type(data: bytes, filename: str) -> str:
    """Stream names stand as UTF-16 in the container's directory; no need to walk its sectors."""
    if "EncryptedPackage".encode("utf-16-le") in data:
        raise InputError(f"the document is encrypted: {filename}", code="E202", fix="remove the password first")
    for name, kind in _OLE_STREAMS:
        if name.encode("utf-16-le") in data:
            return kind
    return OLE


def _text_type(data: bytes, filename: str) -> str:
    extension = PurePosixPath(filename.lower().replace("\\", "/")).suffix
    text, _ = decode(_head(data), filename=filename)
    if _is_binary(text):
        raise InputError(
            f"the type of the file is not known: {filename}",
            code="E204",
            fix="name the type, or leave it out of the glob",
        )
    whole = len(data) <= _HEAD
    named = _BY_EXTENSION.get(extension)
    return _by_structure(text.lstrip("\ufeff \t\r\n"), whole=whole, named=named) or named or _by_lines(text)


def _head(data: bytes) -> bytes:
    """The first bytes, cut where a line ends so that no multi-byte character is torn (if a line ends)."""
    if len(data) <= _HEAD:
        return data
    head = data[: _HEAD - _HEAD % 4]
    return head if 0 in head else head[: head.rfind(b"\n") + 1] or head


def _is_binary(text: str) -> bool:
    """Noise has control characters; text hardly any (form feeds and the like are allowed)."""
    sample = text[:8192]
    controls = sum(1 for c in sample if c < " " and c not in "\t\n\r\f\v\0\x1a\x1b") + sample.count("\ufffd")
    return controls > 0.05 * len(sample) or sample.count("\0") > 0.3 * max(len(sample), 1)


def _by_structure(text: str, *, whole: bool, named: str | None) -> str | None:
    """HTML, XML, JSON, JSONL and mail show in their first characters."""
    if text.startswith("<"):
        return _markup_type(text, named)
    if text[:1] in ("{", "["):
        return _json_type(text, whole=whole)
    if named in (None, EML, TEXT) and _is_mail(text):
        return EML
    return None


def _markup_type(text: str, named: str | None) -> str | None:
    head = re.sub(r"<!--.*?-->|<\?.*?\?>", "", text[:8192], flags=re.DOTALL).lstrip()
    if re.match(r"<(?:!doctype\s+html|html)\b", head, re.IGNORECASE):
        return HTML
    if text.startswith("<?xml") or named == XML:
        return XML
    if named in (HTML, MARKDOWN):
        return named
    if _HTML_TAG.match(head):
        return HTML
    return XML if re.match(r"<(?:!DOCTYPE\s+)?[A-Za-z_][\w.:-]*(?:\s[^<>]*)?/?>", head) else None


def _json_type(text: str, *, whole: bool) -> str | None:
    lines = [line for line in text[:_HEAD].splitlines() if line.strip()]
    complete = lines if whole else lines[:-1]
    if len(complete) > 1 and all(_is_json(line) for line in complete[:20]):
        return JSONL
    if whole:
        return JSON if _is_json(text) else None
    # a log line may begin with "[12.30 05:06:07]": a number of a list has a comma or the bracket behind it
    return JSON if re.match(r'\{\s*"|\[\s*(?:[\[{"]|-?\d[\d.eE+-]*\s*[,\]]|true|false|null)', text) else None


def _is_json(text: str) -> bool:
    try:
        json.loads(text, parse_int=str, parse_float=str)
    except (ValueError, RecursionError):
        return False
    return True


def _is_mail(text: str) -> bool:
    """Header lines up to a blank line, at least one of them a name every mail has."""
    found: set[str] = set()
    for line in text.splitlines()[:200]:
        if not line.strip():
            break
        if line[0] in " \t" and found:
            continue
        match = _MAIL_HEADER.match(line)
        if match is None:
            return line.startswith("From ") and not found
        found.add(match[0].rstrip(": \t").lower())
    return bool(found & _MAIL_NAMES) and len(found) >= 2


def _by_lines(text: str) -> str:
    """A delimiter that stands equally often in each of the first lines makes a delimited file."""
    lines = [line for line in text.splitlines()[:30] if line.strip()]
    for delimiter, kind in (("\t", TSV), (",", CSV), (";", CSV), ("|", CSV)):
        counts = {line.count(delimiter) for line in lines}
        if len(lines) > 1 and len(counts) == 1 and counts != {0}:
            return kind
    return MARKDOWN if re.search(r"^(#{1,6} \S|\|[ :-]+\|)", text, re.MULTILINE) else TEXT
