"""Reading the lineage tables: models, chains of columns, and the places that a row's cells were read from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any
from uuid import UUID

from locus_dbt.core.row_ids import ORDINAL_DIGITS
from locus_dbt.model.errors import LineageError, RequestError, did_you_mean
from locus_dbt.model.relation import ROW_ID, quote

if TYPE_CHECKING:
    import duckdb

_PREFIX = "image:"


@dataclass(frozen=True)
class Place:
    """Where one cell of a row was read, and how well value and print agree.

    ``box`` is in PDF points from the page's top left. ``changed``: the value was computed from the printed one on the
    way to this model. Everything but ``column`` may be missing; then ``reason`` says why.
    """

    column: str
    document: str | None = None
    page: int | None = None
    box: tuple[float, float, float, float] | None = None
    place: str | None = None
    text: str | None = None
    value: str | None = None
    faithfulness: float | None = None
    confidence: float | None = None
    grounding: str | None = None
    changed: bool = False
    reason: str | None = None


def find_model(connection: duckdb.DuckDBPyConnection, name: str) -> str:
    """The key (``schema.table``) of a model named with or without its schema; E502 when it has no lineage."""
    rows = connection.execute("SELECT model, state, reason FROM locus.models ORDER BY model").fetchall()
    wanted = name.lower().replace('"', "")
    found = [row for row in rows if row[0] == wanted] or [row for row in rows if row[0].split(".", 1)[-1] == wanted]
    if not found:
        short = [key.split(".", 1)[-1] for key, _, _ in rows]
        raise LineageError(f"model '{name}' has no lineage{did_you_mean(wanted.split('.')[-1], short)}")
    if len(found) > 1:
        raise LineageError(
            f"'{name}' is in several schemas: {', '.join(r[0] for r in found)}", fix="name the schema too"
        )
    key, state, reason = found[0]
    if state == "untraced":
        raise LineageError(f"model '{key}' is {state}: {reason}", fix="explain a model that it reads from")
    return str(key)


def relation_sql(connection: duckdb.DuckDBPyConnection, key: str) -> str:
    """The relation of a model key, quoted as it is spelled in the database; E107 when it is gone."""
    schema, _, table = key.partition(".")
    found = connection.execute(
        "SELECT table_schema, table_name FROM information_schema.tables "
        "WHERE table_catalog = current_database() AND lower(table_schema) = ? AND lower(table_name) = ?",
        [schema, table],
    ).fetchone()
    if not found:
        raise RequestError(f"'{key}' is no longer in the database", code="E107", fix="dbt build")
    return f"{quote(found[0])}.{quote(found[1])}"


def column_types(connection: duckdb.DuckDBPyConnection, relation: str) -> dict[str, str]:
    """Column names and types of a relation, in order."""
    return {r[0]: r[1] for r in connection.execute(f"DESCRIBE SELECT * FROM {relation}").fetchall()}


def known_row(connection: duckdb.DuckDBPyConnection, relation: str, row_id: str) -> str:
    """The id as the database writes it; E107 when the relation has no such row."""
    try:
        wanted = UUID(row_id)
    except ValueError as error:
        raise RequestError(f"not a row id: '{row_id}'", code="E107", fix=f"take it from the column {ROW_ID}") from error
    if ROW_ID not in column_types(connection, relation):
        raise LineageError(f"{relation} does not hold {ROW_ID}", fix="select it in the model")
    found = connection.execute(f"SELECT 1 FROM {relation} WHERE {quote(ROW_ID)} = '{wanted}'::UUID LIMIT 1").fetchone()
    if found is None:
        raise RequestError(f"no row {wanted} in {relation}", code="E107", fix=f"take the id from its column {ROW_ID}")
    return str(wanted)


def find_row(connection: duckdb.DuckDBPyConnection, relation: str, where: str | None, row_id: str | None) -> str:
    """The id of the one row for which ``where`` (SQL of the user's own) holds; E103 and E107 when there is not one."""
    if where is None or row_id is not None:
        raise RequestError(
            "name the row by ROW_ID or by --where, one of them",
            fix="--where \"invoice_number = 'A-1'\", or --html FILE for many rows",
        )
    rows = connection.execute(f"SELECT {quote(ROW_ID)}::VARCHAR FROM {relation} WHERE ({where}\n) LIMIT 2").fetchall()
    if len(rows) != 1:
        count = "no row" if not rows else "more than one row"
        raise RequestError(f"--where holds for {count} of {relation}", code="E107", fix="change the condition")
    return str(rows[0][0])


def places(connection: duckdb.DuckDBPyConnection, key: str, row_id: str, column: str | None = None) -> list[Place]:
    """The places of a row's cells, in the order of the relation's columns."""
    rows = connection.execute(
        "SELECT column_name, document, page, x0, y0, x1, y1, place, text, value, faithfulness, confidence, grounding, "
        "changed, reason FROM main.locus_trace(?, ?, column_wanted := ?)",
        [key, row_id, column],
    ).fetchall()
    order = {name: i for i, name in enumerate(column_types(connection, relation_sql(connection, key)))}
    rows.sort(key=lambda r: (order.get(r[0], len(order)), r[1] or "", r[2] or 0, r[4] or 0.0, r[3] or 0.0))
    found = [place_of(row) for row in dict.fromkeys(rows)]
    if found:
        return found
    return sorted(_records(connection, key, row_id, column), key=lambda p: order.get(p.column, len(order)))


def chains(connection: duckdb.DuckDBPyConnection, key: str, column: str, *, most: int = 12) -> list[list[str]]:
    """The ways from a column back to images, each like ``["main.mart.total", "main.stg.amount", "image x"]``."""
    table: dict[tuple[str, str], list[tuple[str, str, str]]] = {}
    columns = "SELECT model, column_name, source, source_column, kind FROM locus.columns ORDER BY ALL"
    for model, name, source, source_column, kind in connection.execute(columns).fetchall():
        table.setdefault((model, name), []).append((source, source_column, kind))

    ways = ("\0".join(path) for path in islice(_walk(table, (key, column), ()), 1000))
    return [way.split("\0") for way in dict.fromkeys(ways)][:most]


def _walk(
    table: Mapping[tuple[str, str], Sequence[tuple[str, str, str]]], at: tuple[str, str], path: tuple[str, ...]
) -> Iterator[tuple[str, ...]]:
    """All ways from one column on; a column that leads to itself ends its way."""
    label = ".".join(at)
    if label in path:
        return
    here = (*path, label)
    steps = table.get(at, [])
    if not steps:
        yield here
    for source, source_column, kind in steps:
        if kind == "untraced" or source is None:
            yield (*here, "untraced")
        elif source.startswith(_PREFIX):
            yield (*here, f"image {source.removeprefix(_PREFIX)}")
        else:
            yield from _walk(table, (source, source_column), here)


def place_of(row: tuple[Any, ...]) -> Place:
    """A row of column, document, page, x0, y0, x1, y1, then the other fields of :class:`Place` in their order."""
    column, document, page, x0, y0, x1, y1, place, text, value, faithfulness, confidence, grounding, changed, reason = (
        row
    )
    box = None if x0 is None else (x0, y0, x1, y1)
    return Place(
        column, document, page, box, place, text, value, faithfulness, confidence, grounding, bool(changed), reason
    )


def _records(connection: duckdb.DuckDBPyConnection, key: str, row_id: str, column: str | None) -> Iterator[Place]:
    """Rows of files that DuckDB read itself: their place follows from the row id, so none is stored."""
    found = connection.execute(
        "SELECT filename FROM locus.documents WHERE native AND ?::UUID BETWEEN first_row_id AND last_row_id", [row_id]
    ).fetchone()
    if not found:
        return
    record = f"record {int(str(UUID(row_id)).replace('-', '')[-ORDINAL_DIGITS:], 16) + 1}"
    names = connection.execute(
        "SELECT DISTINCT column_name FROM locus.columns WHERE model = ? ORDER BY 1", [key]
    ).fetchall()
    for (name,) in names:
        if column == name or (column is None and name != "filename"):
            yield Place(name, found[0], place=record)
