"""XLSX, XLSM, XLSB, XLS and ODS to ``ir/v1``: what the sheets display, with the typed value of each cell beside it."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence

from locus_dbt.errors import InputError
from locus_dbt.model.document import Document
from locus_dbt.model.element import Parsed
from locus_dbt.parsers.limits import open_zip
from locus_dbt.parsers.sheet_model import Sheet
from locus_dbt.parsers.sheet_tables import address, sheets_parsed

__all__ = ["address", "parse", "sheets_of"]


def parse(document: Document) -> Parsed:
    """Parse a workbook; every sheet is read, hidden ones too.

    Raises:
        InputError: E202 for an encrypted workbook (a password does not help: none of the readers can decrypt),
            E203 for a damaged one, E206 for one over a limit.
    """
    sheets, notes = sheets_of(document)
    return sheets_parsed(document, sheets, notes=notes)


def sheets_of(document: Document) -> tuple[list[Sheet], Sequence[str]]:
    """The sheets by the reader for the container, and what to say about the reading."""
    data, filename = document.data, document.filename
    if data.startswith(b"PK"):
        with open_zip(data, filename=filename) as archive:
            return _from_zip(archive, filename), ()
    from locus_dbt.parsers.sheet_xls import read_xls, stream_of  # noqa: PLC0415 - each reader only where needed

    stream = stream_of(data)
    if stream is not None:
        return read_xls(stream, filename), ()
    from locus_dbt.parsers.sheet_fallback import read_any  # noqa: PLC0415

    note = "a workbook older than Excel 97: its number formats are not read, dates are shown in ISO form"
    return read_any(data, filename), (note,)


def _from_zip(archive: zipfile.ZipFile, filename: str) -> list[Sheet]:
    from locus_dbt.parsers.sheet_xlsx import read_xlsx, workbook_part  # noqa: PLC0415

    if "content.xml" in archive.namelist():
        from locus_dbt.parsers.sheet_ods import read_ods  # noqa: PLC0415

        return read_ods(archive, filename)
    part = workbook_part(archive, filename)
    if part.endswith(".bin"):
        from locus_dbt.parsers.sheet_xlsb import read_xlsb  # noqa: PLC0415

        return read_xlsb(archive, filename)
    if part:
        return read_xlsx(archive, filename)
    raise InputError(f"the archive holds no workbook: {filename}", code="E203")
