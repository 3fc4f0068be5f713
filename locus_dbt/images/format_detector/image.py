"""What a document is and holds."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from locus_dbt.core.builder import TableBuilder
from locus_dbt.errors import InputError
from locus_dbt.model.document import Document
from locus_dbt.model.element import Parsed
from locus_dbt.model.locus import Locus
from locus_dbt.parsers import detect
from locus_dbt.parsers.declared_encoding import declared_in
from locus_dbt.parsers.decoding import decode

#: Formats that are one text in one encoding; the parts of a mail have an encoding each.
_TEXTS = frozenset(
    (detect.CSV, detect.TSV, detect.TEXT, detect.MARKDOWN, detect.HTML, detect.XML, detect.JSON, detect.JSONL)
)
_MARKUP = frozenset((detect.HTML, detect.XML))
_HOLD_FILES = frozenset((detect.PDF, detect.EML))

_REASONS = {
    "media_type": "told by the content, and by the file's extension where the content leaves it open",
    "encoding": "the encoding that the bytes fit",
    "pages": "counted",
    "words": "counted",
    "tables": "counted in what the parser found",
    "attachments": "counted",
    "size": "counted in bytes",
    "readable": "whether the parser took the document",
    "problem": "what the parser said",
}


def extract(document: Document, params: Mapping[str, Any], table: TableBuilder) -> None:
    """Append one row; only the title is printed somewhere, all else is inferred from the whole document."""
    table.start_row()
    facts: dict[str, Any] = {"media_type": document.media_type, "size": len(document.data)}
    parsed: Parsed | None = None
    try:
        facts["encoding"] = _encoding(document)
        parsed = document.parsed if params["parse"] else None
    except InputError as error:
        facts |= {"readable": False, "problem": f"[{error.code}] {_without_name(error.what, document.filename)}"}
    if parsed is not None:
        facts |= _counts(parsed, document.media_type) | {"readable": True}
        _put_title(parsed, document.media_type, table)
    for column, reason in _REASONS.items():
        table.put(
            column,
            facts.get(column),
            text=None,
            at=Locus(place="the whole document"),
            grounding="inferred",
            reason=reason,
        )


def _encoding(document: Document) -> str | None:
    if document.media_type not in _TEXTS:
        return None
    declared = declared_in(document.data) if document.media_type in _MARKUP else None
    _, encoding = decode(document.data, declared=declared, filename=document.filename, options=document.options)
    return encoding


def _counts(parsed: Parsed, media_type: str) -> dict[str, int | None]:
    """Numbers by column; a format without pages has one page with number 0, whose text stands in blocks and cells."""
    pages = sum(1 for page in parsed.pages if page.number > 0)
    if pages:
        words = sum(len(page.words) for page in parsed.pages)
    else:
        words = sum(len(block.text.split()) for page in parsed.pages for block in page.blocks)
        words += sum(len(text.split()) for one in parsed.tables for text in one.text)
    return {
        "pages": pages or None,
        "words": words,
        "tables": len(parsed.tables),
        "attachments": len(parsed.attachments) if media_type in _HOLD_FILES else None,
    }


def _put_title(parsed: Parsed, media_type: str, table: TableBuilder) -> None:
    mail = media_type == detect.EML
    title = parsed.metadata.get("subject" if mail else "title", "").strip() or None
    table.put("title", title, text=title, at=Locus(place="header Subject" if mail else "metadata"))


def _without_name(message: str, filename: str) -> str:
    """The message as it is for these bytes under any name: the row of one document may serve its copies."""
    name = re.escape(filename)
    message = re.sub(rf": {name}(?=:|$)", "", message)
    return re.sub(rf"(?:^|(?<=: )){name}(?=[: ])", "it", message)
