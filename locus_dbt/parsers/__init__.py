"""Documents to ``ir/v1``: one module or folder per family of formats, imported when first needed.

A parser is a module with ``parse(document: Document) -> Parsed``. ``PARSERS`` is the one list; media types
are detected by :mod:`locus_dbt.parsers.detect` from the content first and the file name's extension second. Types
without a built-in parser may come from plug-ins; the setting ``parsers`` puts another parser in a built-in's place.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping

from locus_dbt.core.plugins import plugins
from locus_dbt.errors import InputError
from locus_dbt.model.document import Document
from locus_dbt.model.element import Parsed

_ODF = "application/vnd.oasis.opendocument"
_OOXML = "application/vnd.openxmlformats-officedocument"

PARSERS: Mapping[str, str] = {
    "application/pdf": "locus_dbt.parsers.pdf",
    "image/png": "locus_dbt.parsers.ocr",
    "image/jpeg": "locus_dbt.parsers.ocr",
    "image/tiff": "locus_dbt.parsers.ocr",
    "image/bmp": "locus_dbt.parsers.ocr",
    "image/gif": "locus_dbt.parsers.ocr",
    "image/webp": "locus_dbt.parsers.ocr",
    f"{_OOXML}.spreadsheetml.sheet": "locus_dbt.parsers.spreadsheet",
    "application/vnd.ms-excel": "locus_dbt.parsers.spreadsheet",
    "application/vnd.ms-excel.sheet.binary.macroenabled.12": "locus_dbt.parsers.spreadsheet",
    f"{_ODF}.spreadsheet": "locus_dbt.parsers.spreadsheet",
    f"{_OOXML}.wordprocessingml.document": "locus_dbt.parsers.office.docx",
    f"{_OOXML}.presentationml.presentation": "locus_dbt.parsers.office.pptx",
    f"{_ODF}.text": "locus_dbt.parsers.office.opendocument",
    f"{_ODF}.presentation": "locus_dbt.parsers.office.opendocument",
    "application/epub+zip": "locus_dbt.parsers.office.epub",
    "application/rtf": "locus_dbt.parsers.office.rtf",
    "application/msword": "locus_dbt.parsers.office.doc",
    "application/vnd.ms-powerpoint": "locus_dbt.parsers.office.ppt",
    "text/html": "locus_dbt.parsers.html",
    "text/markdown": "locus_dbt.parsers.markdown",
    "text/x-rst": "locus_dbt.parsers.markup.rst",
    "text/org": "locus_dbt.parsers.markup.org",
    "text/asciidoc": "locus_dbt.parsers.markup.asciidoc",
    "text/plain": "locus_dbt.parsers.plain_text",
    "text/csv": "locus_dbt.parsers.delimited",
    "text/tab-separated-values": "locus_dbt.parsers.delimited",
    "application/json": "locus_dbt.parsers.json_records",
    "application/x-ndjson": "locus_dbt.parsers.json_records",
    "application/xml": "locus_dbt.parsers.xml_records",
    "application/yaml": "locus_dbt.parsers.yaml_records",
    "message/rfc822": "locus_dbt.parsers.mail",
    "application/vnd.ms-outlook": "locus_dbt.parsers.msg",
    "application/mbox": "locus_dbt.parsers.mbox",
    "application/x-mt940": "locus_dbt.parsers.bank.mt940",
    "application/x-ofx": "locus_dbt.parsers.bank.ofx",
    "application/zip": "locus_dbt.parsers.archive",
    "application/x-tar": "locus_dbt.parsers.archive",
    "application/gzip": "locus_dbt.parsers.archive",
    "application/x-bzip2": "locus_dbt.parsers.archive",
    "application/x-xz": "locus_dbt.parsers.archive",
}


def parse(document: Document) -> Parsed:
    """Parse by media type; raises ``InputError`` E205 for a type without a parser."""
    module = PARSERS.get(document.media_type)
    if module is None and document.media_type in plugins("parsers"):
        foreign: Parsed = plugins("parsers")[document.media_type].parse(document)
        return foreign
    if module is None:
        raise InputError(
            f"no parser for {document.media_type}: {document.filename}",
            code="E205",
            fix="convert the file, or leave it out of the glob",
        )
    parsed: Parsed = importlib.import_module(module).parse(document)
    return parsed


def parts(document: Document) -> Iterator[Parsed]:
    """The document in successive parts, in order, for formats that can be read so; else all of it at once.

    A parser may have ``parts(document) -> Iterator[Parsed]``: numbers of tables and orders of blocks run on from part
    to part, and what belongs to the whole document comes with the first one. Errors as :func:`parse`, when a part is
    asked for.
    """
    module = PARSERS.get(document.media_type)
    in_parts = getattr(importlib.import_module(module), "parts", None) if module else None
    if in_parts is None:
        yield document.parsed
    else:
        yield from in_parts(document)
