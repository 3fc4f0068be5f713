"""What a PDF carries beside its pages: attached files and document information."""

from __future__ import annotations

import mimetypes
from typing import Any

import pypdfium2

from locus_dbt.model.element import Attachment

# The table of Python itself: the system's own would make the result differ between machines.
_TYPES = mimetypes.MimeTypes(filenames=())
_MAX_FILES = 500


def read_attachments(pdf: Any, *, max_bytes: int) -> tuple[list[Attachment], list[str]]:  # noqa: ANN401
    """Attached files and warnings for those left out (unreadable, or over ``max_bytes`` together)."""
    out: list[Attachment] = []
    warnings: list[str] = []
    spent = 0
    for index in range(min(pdf.count_attachments(), _MAX_FILES)):
        name = f"attachment {index + 1}"
        try:
            attached = pdf.get_attachment(index)
            name = attached.get_name() or name
            if spent + _length(attached) > max_bytes:
                warnings.append(f"attachment {name} is left out: attachments are over {max_bytes} bytes")
                continue
            data = bytes(attached.get_data())
        except pypdfium2.PdfiumError:
            warnings.append(f"attachment {name} cannot be read")
            continue
        spent += len(data)
        out.append(Attachment(name, media_type(name, data), data))
    return out, warnings


def _length(attached: Any) -> int:  # noqa: ANN401
    size = pypdfium2.raw.c_ulong(0)
    pypdfium2.raw.FPDFAttachment_GetFile(attached, None, 0, size)
    return int(size.value)


def media_type(name: str, data: bytes) -> str:
    """By the content's first bytes where they are telling, else by the name."""
    head = data[:64].lstrip(b"\xef\xbb\xbf \t\r\n")
    if head.startswith(b"%PDF-"):
        return "application/pdf"
    if head.startswith(b"<?xml"):
        return "application/xml"
    guessed = _TYPES.guess_type(name.replace("\\", "/").rsplit("/", 1)[-1])[0]
    if guessed in (None, "text/xml"):
        return "application/xml" if guessed else "application/octet-stream"
    return str(guessed)


def read_metadata(pdf: Any) -> dict[str, str]:  # noqa: ANN401
    """Title, author, producer … in lower case as far as given, with the number of pages."""
    given = pdf.get_metadata_dict(skip_empty=True)
    out = {key.lower(): " ".join(value.split()) for key, value in sorted(given.items())}
    return {**out, "pages": str(len(pdf))}
