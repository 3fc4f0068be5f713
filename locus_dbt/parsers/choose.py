"""Which of a document's tables an image works on."""

from __future__ import annotations

from collections.abc import Sequence

from locus_dbt.core.builder import TableBuilder
from locus_dbt.errors import InputError
from locus_dbt.model.document import Document
from locus_dbt.model.element import Table


def chosen_tables(document: Document, number: int | None, table: TableBuilder) -> Sequence[Table]:
    """All tables, or the one with ``number``; a document without tables leaves a reject (E210) and no rows.

    Raises:
        InputError: E210 when the document has tables, but none with ``number``.
    """
    tables = document.parsed.tables
    if not tables:
        table.reject("E210", f"no table in {document.filename}")
        return ()
    if number is None:
        return tables
    found = [one for one in tables if one.number == number]
    if not found:
        raise InputError(
            f"no table {number} in {document.filename}, which has {len(tables)}",
            code="E210",
            fix=f"table := 0 .. {len(tables) - 1}",
        )
    return found
