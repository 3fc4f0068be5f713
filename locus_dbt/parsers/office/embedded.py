"""A file embedded in an office document: taken out of its OLE wrapper where that is one, never run."""

from __future__ import annotations

import re
import struct

from locus_dbt.errors import InputError
from locus_dbt.model.element import Attachment
from locus_dbt.parsers.detect import media_type as detected
from locus_dbt.parsers.office.ole import OleFile

_UNKNOWN = "application/octet-stream"


def embedded_file(name: str, data: bytes, *, media_type: str = "") -> Attachment:
    """The attachment for an embedded file; a packed one gets the name and bytes it was packed with."""
    inner = _unwrapped(data)
    if inner is not None:
        name, data = inner[0] or name, inner[1]
    return Attachment(safe_name(name) or "embedded", media_type or _type_of(data, name), data)


def safe_name(name: str) -> str:
    """The last part of a path, without control characters or leading dots."""
    last = re.split(r"[\\/]", name)[-1]
    return re.sub(r"[\x00-\x1f\x7f]", "", last).lstrip(".").strip()[:200]


def _type_of(data: bytes, name: str) -> str:
    try:
        return detected(data, name)
    except InputError:
        return _UNKNOWN


def _unwrapped(data: bytes) -> tuple[str, bytes] | None:
    """Name and content of a file inside an OLE object: a package of any file, or a modern office file."""
    if not data.startswith(b"\xd0\xcf\x11\xe0"):
        return None
    try:
        ole = OleFile(data, filename="embedded object")
        if ole.has("Package"):
            return "", ole.read("Package")
        if ole.has("\x01Ole10Native"):
            return _native(ole.read("\x01Ole10Native"))
    except (InputError, struct.error, ValueError, IndexError):
        return None
    return None


def _native(stream: bytes) -> tuple[str, bytes] | None:
    """A packager object: size, flags, label, path, two numbers, a second path, then the file."""
    at = 6
    label, at = _text(stream, at)
    path, at = _text(stream, at)
    at += 4
    (length,) = struct.unpack_from("<I", stream, at)
    at += 4 + length
    (size,) = struct.unpack_from("<I", stream, at)
    content = stream[at + 4 : at + 4 + size]
    return (path or label, content) if len(content) == size else None


def _text(stream: bytes, at: int) -> tuple[str, int]:
    stop = stream.index(b"\0", at)
    return stream[at:stop].decode("cp1252", "replace"), stop + 1
