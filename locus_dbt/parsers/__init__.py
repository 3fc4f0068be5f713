"""Documents to ``ir/v1``: one module or folder per family of formats, imported when first needed.

A parser is a module with ``parse(document: Document) -> Parsed``. ``PARSERS`` is the one list; media types
are detected by :mod:`locus_dbt.parsers.detect` from the content first and the file name's extension second.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping

from locus_dbt.errors import InputError
from locus_dbt.model.document import Document
from locus_dbt.model.element import Parsed

PARSERS: Mapping[str, str] = {
    "application/pdf": "locus_dbt.parsers.pdf",
}


def parse(document: Document) -> Parsed:
    """Parse by media type; raises ``InputError`` E205 for a type without a parser."""
    module = PARSERS.get(document.media_type)
    if module is None:
        raise InputError(
            f"no parser for {document.media_type}: {document.filename}",
            code="E205",
            fix="convert the file, or leave it out of the glob",
        )
    parsed: Parsed = importlib.import_module(module).parse(document)
    return parsed
