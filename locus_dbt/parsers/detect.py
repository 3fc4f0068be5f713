"""What a document is: by its content first, by its file name's extension where content cannot tell."""

from __future__ import annotations

import json
import re
import zipfile
from pathlib import PurePosixPath

from locus_dbt.errors import InputError
from locus_dbt.parsers.decoding import decode, looks_binary
from locus_dbt.parsers.limits import open_zip, read_member

PDF = "application/pdf"
PNG = "image/png"
JPEG = "image/jpeg"
TIFF = "image/tiff"
BMP = "image/bmp"
GIF = "image/gif"
WEBP = "image/webp"
HEIC = "image/heic"
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
RST = "text/x-rst"
ORG = "text/org"
ASCIIDOC = "text/asciidoc"

#: Text formats that content alone leaves open; the extension decides among them.
_BY_EXTENSION = {
    ".csv": CSV, ".tsv": TSV, ".tab": TSV, ".txt": TEXT, ".text": TEXT, ".log": TEXT, ".md": MARKDOWN,
    ".markdown": MARKDOWN, ".html": HTML, ".htm": HTML, ".xhtml": HTML, ".xml": XML, ".json": JSON,
    ".jsonl": JSONL, ".ndjson": JSONL, ".eml": EML, ".yaml": YAML, ".yml": YAML, ".mbox": MBOX, ".ofx": OFX,
    ".qfx": OFX, ".sta": MT940, ".mt940": MT940, ".rst": RST, ".rest": RST, ".org": ORG, ".adoc": ASCIIDOC,
    ".asciidoc": ASCIIDOC, ".nxml": XML,
}  # fmt: skip
#: Offset, bytes, type. A tape archive names itself behind its first member's header.
_MAGIC = (
    (0, b"\x89PNG\r\n\x1a\n", PNG),
    (0, b"\xff\xd8\xff", JPEG),
    (0, b"II*\0", TIFF),
    (0, b"MM\0*", TIFF),
    (0, b"GIF8", GIF),
    (0, b"BM", BMP),
    (8, b"WEBPVP8", WEBP),
    (4, b"ftypheic", HEIC),
    (4, b"ftypmif1", HEIC),
    (0, b"\x1f\x8b", GZIP),
    (0, b"BZh", BZIP2),
    (0, b"\xfd7zXZ\0", XZ),
    (257, b"ustar", TAR),
    (0, b"{\\rtf", RTF),
)
_OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP_MEMBERS = (
    ("xl/workbook.bin", XLSB),
    ("xl/workbook.xml", XLSX),
    ("word/document.xml", DOCX),
    ("ppt/presentation.xml", PPTX),
)
#: Words in the content types of Office Open XML main parts, whatever those are called.
_MAIN_PARTS = (
    (re.compile(rb"ContentType\s*=\s*[\"'][^\"']{0,100}(?:wordprocessingml|ms-word)\.[\w.]{0,60}\.main\+xml"), DOCX),
    (
        re.compile(rb"ContentType\s*=\s*[\"'][^\"']{0,100}(?:presentationml|ms-powerpoint)\.[\w.]{0,60}\.main\+xml"),
        PPTX,
    ),
    (re.compile(rb"ContentType\s*=\s*[\"'][^\"']{0,100}ms-excel\.sheet\.binary[\w.]{0,60}\.main"), XLSB),
    (re.compile(rb"ContentType\s*=\s*[\"'][^\"']{0,100}(?:spreadsheetml|ms-excel)\.[\w.]{0,60}\.main\+xml"), XLSX),
)
#: OpenDocument templates, masters and drawings are read like what they are made for.
_OPENDOCUMENT = re.compile(r"application/vnd\.oasis\.opendocument\.(text|presentation|graphics|spreadsheet)\b")
_FLAT = re.compile(
    r"<office:document\s[^<>]{0,20000}?office:mimetype\s*=\s*[\"']application/vnd\.oasis\.opendocument\.(\w+)"
)
#: Office documents saved as one XML file name the program, or the type of their main part.
_FLAT_OFFICE = re.compile(
    r"(?:progid=\"|officedocument\.)(wordprocessingml|presentationml|Word|PowerPoint)"
    r"\.(?:Document|Show|document\.main|presentation\.main)"
)
_MSG_STREAM = "__properties_version1.0"
_OLE_STREAMS = (
    ("Workbook", XLS), ("Book", XLS), ("WordDocument", DOC), ("PowerPoint Document", PPT),
)  # fmt: skip
_HEAD = 65_536
_HTML_TAG = re.compile(
    r"<(?:!doctype\s+html|html|head|body|table|div|p|meta|h[1-6]|ul|ol|title|script|style|a|img|span)\b",
    re.IGNORECASE,
)
#: Fields that no other text has: an entry, a balance, a statement's reference with its account.
_MT940_FIELD = re.compile(r"^:(?:61:\d{6}|6[02][FM]:[CD]\d{6}|20:[^\n]*\r?\n(?::21:[^\n]*\r?\n)?:25P?:)", re.MULTILINE)
_OFX_HEAD = re.compile(r"\s*(?:OFXHEADER\s*:|(?:<\?xml[^>]*\?>\s*)?(?:<\?OFX\b|<OFX>))", re.IGNORECASE)
_MBOX_LINE = re.compile(r"From [^\r\n]{1,100}\d:\d\d[^\r\n]{0,100}\r?\n(?:>?[A-Za-z][A-Za-z0-9-]{1,60}:)")
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
    if data.startswith(_OLE_MAGIC):
        return _ole_type(data, filename)
    if b"%PDF-" in data[:1024]:
        return PDF
    kind = next((kind for at, magic, kind in _MAGIC if data.startswith(magic, at)), None)
    if data[:64].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{\\rtf"):
        return RTF
    if kind is not None:
        return kind
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zip_type(data, filename)
    return _text_type(data, filename)


def _zip_type(data: bytes, filename: str) -> str:
    archive = open_zip(data, filename=filename)
    names = set(archive.namelist())
    for member, kind in _ZIP_MEMBERS:
        if member in names:
            return kind
    if "[Content_Types].xml" in names:
        types = read_member(archive, "[Content_Types].xml", filename=filename, most=10_000_000)
        main = next((kind for pattern, kind in _MAIN_PARTS if pattern.search(types)), None)
        if main is None:
            what = f"an office document without a main part that is known: {filename}"
            raise InputError(what, code="E203", fix="get the file again")
        return main
    if "mimetype" in names:
        # OpenDocument and EPUB name their type in their first member, a line of ASCII
        named = read_member(archive, "mimetype", filename=filename, most=1000).decode("ascii", "replace").strip()
        family = _OPENDOCUMENT.match(named)
        return _opendocument(family[1]) if family else named or ZIP
    return _unnamed_zip_type(archive, names, filename)


def _opendocument(family: str) -> str:
    """The type of a family of OpenDocument files; drawings are read as slides are."""
    return ODT.removesuffix("text") + {"graphics": "presentation"}.get(family, family)


def _unnamed_zip_type(archive: zipfile.ZipFile, names: set[str], filename: str) -> str:
    """Books and OpenDocument files that were packed anew without the member that names their type."""
    if "META-INF/container.xml" in names:
        return EPUB
    if {"content.xml", "META-INF/manifest.xml"} <= names:
        manifest = read_member(archive, "META-INF/manifest.xml", filename=filename, most=10_000_000)
        family = _OPENDOCUMENT.search(manifest.decode("utf-8", "replace"))
        return _opendocument(family[1]) if family else ZIP
    return ZIP


def _ole_type(data: bytes, filename: str) -> str:
    """By what stands at the top of the container: objects inside a document have streams of the same names.

    Of a container that is too damaged for that, any stream name counts (they stand as UTF-16 in its directory).
    """
    from locus_dbt.parsers.office.ole import OleFile  # noqa: PLC0415 - only for binary office documents

    try:
        top = OleFile(data, filename=filename).top()
    except InputError:
        known = (_MSG_STREAM, "EncryptedPackage", *(name for name, _ in _OLE_STREAMS))
        top = {name.lower() for name in known if name.encode("utf-16-le") in data}
    if _MSG_STREAM in top:
        return MSG  # before all others: what it encloses may have their streams
    if "encryptedpackage" in top:
        raise InputError(f"the document is encrypted: {filename}", code="E202", fix="remove the password first")
    return next((kind for name, kind in _OLE_STREAMS if name.lower() in top), OLE)


def _text_type(data: bytes, filename: str) -> str:
    extension = PurePosixPath(filename.lower().replace("\\", "/")).suffix
    text, _ = decode(_head(data), filename=filename)
    if looks_binary(text):
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


def _by_structure(text: str, *, whole: bool, named: str | None) -> str | None:
    """HTML, XML, JSON, JSONL, mail and bank statements show in their first characters."""
    if (bank := _bank_type(text, named)) is not None:
        return bank
    if text.startswith("<"):
        return _markup_type(text, named)
    if text[:1] in ("{", "["):
        return _json_type(text, whole=whole)
    return _mail_type(text, named)


def _bank_type(text: str, named: str | None) -> str | None:
    if _OFX_HEAD.match(text):
        return OFX
    return MT940 if named in (None, MT940, TEXT) and _MT940_FIELD.search(text) else None


def _mail_type(text: str, named: str | None) -> str | None:
    """A mailbox begins with a line of its own before the first header; named as a message it is one."""
    if named in (None, MBOX, TEXT) and _MBOX_LINE.match(text):
        return MBOX
    return EML if named in (None, EML, TEXT) and _is_mail(text) else None


def _markup_type(text: str, named: str | None) -> str | None:
    head = re.sub(r"<!--.*?-->|<\?.*?\?>", "", text[:8192], flags=re.DOTALL).lstrip()
    if re.match(r"<(?:!doctype\s+html|html)\b", head, re.IGNORECASE):
        return HTML
    if (office := _flat_office_type(text, head)) is not None:
        return office
    if text.startswith("<?xml") or named == XML:
        return XML
    if named in (HTML, MARKDOWN):
        return named
    if _HTML_TAG.match(head):
        return HTML
    return XML if re.match(r"<(?:!DOCTYPE\s+)?[A-Za-z_][\w.:-]*(?:\s[^<>]*)?/?>", head) else None


def _flat_office_type(text: str, head: str) -> str | None:
    """The type of an office document that was saved as one XML file."""
    if "schemas.microsoft.com/office/2006/xmlPackage" in head[:4000] and (kind := _FLAT_OFFICE.search(text)):
        return DOCX if kind[1] in ("wordprocessingml", "Word") else PPTX
    flat = _FLAT.match(head)
    return _opendocument(flat[1]) if flat is not None and flat[1] in ("text", "presentation", "graphics") else None


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
    for i, line in enumerate(text.splitlines()[:200]):
        if not line.strip():
            break
        if i == 0 and line.startswith("From "):
            continue  # the envelope line of a mailbox
        if line[0] in " \t" and found:
            continue
        match = _MAIL_HEADER.match(line)
        if match is None:
            return False
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
