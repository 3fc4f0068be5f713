"""Which of a document's tables an image works on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from locus_dbt.core.builder import TableBuilder
from locus_dbt.errors import InputError
from locus_dbt.model.document import Document
from locus_dbt.model.element import Parsed, Table
from locus_dbt.parsers.grid import Grid, table_locus


def chosen_tables(document: Document, number: int | None, table: TableBuilder) -> Sequence[Table]:
    """All tables, or the one with ``number``; a document without tables leaves a reject (E210) and no rows.

    Raises:
        InputError: E210 when the document has tables, but none with ``number``.
    """
    return tuple(_chosen(iter([document.parsed]), document, number, table))


def tables_in_parts(document: Document, number: int | None, table: TableBuilder) -> Iterator[Table]:
    """As :func:`chosen_tables`, while the document is being read: for images that need not see all of it at once."""
    return _chosen(document.parts(), document, number, table)


def _chosen(parts: Iterator[Parsed], document: Document, number: int | None, table: TableBuilder) -> Iterator[Table]:
    known, taken = 0, 0
    for part in parts:
        for one in part.tables:
            known += 1
            if number is None or one.number == number:
                taken += 1
                yield one
    if not known:
        table.reject("E210", f"no table in {document.filename}")
    elif not taken:
        raise InputError(
            f"no table {number} in {document.filename}, which has {known}",
            code="E210",
            fix=f"table := 0 .. {known - 1}",
        )


def one_header(grids: Sequence[Grid], table: TableBuilder) -> tuple[tuple[str, ...], Sequence[Grid]]:
    """Of tables with different headers those whose header has the most body rows (the first of equals), with its names.

    Each of the others leaves a reject that names the param to ask for it.
    """
    groups: dict[tuple[str, ...], list[Grid]] = {}
    for grid in grids:
        groups.setdefault(tuple(grid.names()), []).append(grid)
    taken = max(groups, key=lambda names: sum(len(grid.body) for grid in groups[names]))
    for names, others in groups.items():
        for grid in others if names != taken else ():
            number = grid.table.number
            what = f"table {number} has other columns than the one taken; get it with table := {number}"
            table.reject("E210", what, at=table_locus(grid.table))
    return taken, groups[taken]
