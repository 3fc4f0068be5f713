"""Reading the lineage tables for the OpenLineage export: rows in, builds out. Nothing is written."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from locus_dbt.lineage.openlineage_builds import Build, ColumnEdge, Document, ImageUse, Quality, Source, Table
from locus_dbt.model.relation import ROW_ID, literal, quote

if TYPE_CHECKING:
    import duckdb

_CELLS = "temp._locus_openlineage_cells"


@dataclass(frozen=True, slots=True)
class Node:
    """What dbt knows of a model; ``reads`` are the relations that it refers to, as ``schema.table``."""

    sql: str | None = None
    description: str | None = None
    reads: tuple[str, ...] = ()


@dataclass(frozen=True)
class Wanted:
    """Which builds: of one model or all, from a moment on; ``quality``: whether tables and cells are counted.

    ``nodes`` are those of one dbt invocation, by their id.
    """

    model: str | None = None
    since: datetime | None = None
    quality: bool = True
    invocation: str | None = None
    nodes: Mapping[str, Node] = field(default_factory=dict)


def read_builds(connection: duckdb.DuckDBPyConnection, wanted: Wanted) -> list[Build]:
    """Builds in the order they were made, those of a moment by run id."""
    models = {row["model"]: row for row in _rows(connection, "FROM locus.models")}
    with _cells(connection, wanted):
        return [
            _build(connection, rows, models.get(rows[0]["model"], {}), wanted) for rows in _runs(connection, wanted)
        ]


def moment(at: object) -> str:
    """A time as events write it: UTC, to the millisecond."""
    assert isinstance(at, datetime), "a TIMESTAMP column"
    aware = at if at.tzinfo else at.replace(tzinfo=UTC)
    return aware.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _runs(connection: duckdb.DuckDBPyConnection, wanted: Wanted) -> list[list[dict[str, Any]]]:
    """The rows of each build: one for each image that it called, or one."""
    where = [f"model = {literal(wanted.model)}"] if wanted.model else []
    if wanted.since:
        where.append(f"built_at >= {literal(wanted.since.isoformat())}::TIMESTAMPTZ")
    runs: dict[str, list[dict[str, Any]]] = {}
    condition = " AND ".join(where) or "true"
    for row in _rows(connection, f"FROM locus.runs WHERE {condition} ORDER BY built_at, run_id, image, params"):
        runs.setdefault(row["run_id"], []).append(row)
    return list(runs.values())


def _build(
    connection: duckdb.DuckDBPyConnection,
    rows: Sequence[Mapping[str, Any]],
    known: Mapping[str, Any],
    wanted: Wanted,
) -> Build:
    """A build as it was; the table, and the quality of its cells, are those of the build that it stands at."""
    first = rows[0]
    run, model = first["run_id"], first["model"]
    current = known.get("run_id") == run
    node = wanted.nodes.get(known.get("node") or "") if wanted.invocation == first["invocation_id"] else None
    return Build(
        run,
        model,
        moment(first["built_at"]),
        invocation=first["invocation_id"],
        node=known.get("node"),
        images=[_image(row) for row in rows if row["image"]],
        state=first["state"],
        reason=first["reason"],
        rows_by=first["rows_by"],
        documents=_documents(connection, run),
        columns=_columns(connection, run),
        sources=_sources(connection, run),
        rejects=_rejects(connection, run),
        current=current,
        table=_table(connection, model, count=wanted.quality) if current else None,
        quality=_quality(connection, model) if current and wanted.quality else {},
        sql=node.sql if node else None,
        description=node.description if node else None,
        reads=node.reads if node else (),
    )


def _image(row: Mapping[str, Any]) -> ImageUse:
    params = json.loads(row["params"]) if row["params"] else {}
    return ImageUse(
        row["image"],
        row["image_version"],
        row["image_digest"],
        params,
        row["engine"],
        row["snapshot_id"],
        row["documents"],
        row["documents_read"],
        row["documents_rejected"],
        row["conformance"],
    )


def _documents(connection: duckdb.DuckDBPyConnection, run: str) -> list[Document]:
    """The documents that the model held after a build; ``since`` is the build that took them in."""
    rows = _rows(
        connection,
        "SELECT k.image, k.filename, k.sha256, k.size, k.media_type, k.pages, k.rows, k.status, d.since AS run_id "
        "FROM locus.run_documents AS d JOIN locus.readings AS k ON k.reading = d.reading "
        f"WHERE d.run_id = {literal(run)} ORDER BY k.filename, k.image, k.sha256",
    )
    return [Document(**row) for row in rows]


def _columns(connection: duckdb.DuckDBPyConnection, run: str) -> list[ColumnEdge]:
    rows = _rows(
        connection,
        "SELECT column_name, source, source_column, kind, reason "
        f"FROM locus.run_columns WHERE run_id = {literal(run)} ORDER BY ALL",
    )
    return [ColumnEdge(*row.values()) for row in rows]


def _sources(connection: duckdb.DuckDBPyConnection, run: str) -> list[Source]:
    rows = _rows(
        connection,
        f"SELECT source, source_run_id, by_edges FROM locus.run_sources WHERE run_id = {literal(run)} ORDER BY ALL",
    )
    return [Source(*row.values()) for row in rows]


def _rejects(connection: duckdb.DuckDBPyConnection, run: str) -> dict[str, int]:
    """What the build refused itself, and what the readings refused that it holds."""
    rows = _rows(
        connection,
        "SELECT code, count(*) AS n FROM ("
        f"SELECT code FROM locus.run_rejects WHERE run_id = {literal(run)} UNION ALL "
        "SELECT r.code FROM locus.run_documents AS d JOIN locus.reading_rejects AS r ON r.reading = d.reading "
        f"WHERE d.run_id = {literal(run)}) GROUP BY code ORDER BY code",
    )
    return {row["code"]: row["n"] for row in rows}


def _relation(connection: duckdb.DuckDBPyConnection, model: str) -> tuple[str, str] | None:
    """The relation of a model key, quoted, and whether it is a TABLE or a VIEW; none when it is gone."""
    schema, _, name = model.partition(".")
    rows = _rows(
        connection,
        "SELECT table_schema, table_name, table_type FROM information_schema.tables "
        "WHERE table_catalog = current_database() "
        f"AND lower(table_schema) = {literal(schema)} AND lower(table_name) = {literal(name)} ORDER BY ALL",
    )
    if not rows:
        return None
    found = rows[0]
    kind = "VIEW" if found["table_type"] == "VIEW" else "TABLE"
    return f"{quote(found['table_schema'])}.{quote(found['table_name'])}", kind


def _table(connection: duckdb.DuckDBPyConnection, model: str, *, count: bool) -> Table | None:
    """Columns, and for tables how many rows and nulls; a view would have to be run for that."""
    found = _relation(connection, model)
    if found is None:
        return None
    relation, kind = found
    columns = [(r[0], r[1]) for r in connection.execute(f"DESCRIBE SELECT * FROM {relation}").fetchall()]
    if not count or kind == "VIEW":
        return Table(columns, kind)
    filled = ", ".join(f"count({quote(name)})" for name, _ in columns)
    row = connection.execute(f"SELECT count(*), {filled} FROM {relation}").fetchone()
    assert row is not None, "an aggregate has one row"
    return Table(columns, kind, row[0], {name: row[0] - n for (name, _), n in zip(columns, row[1:], strict=True)})


@contextmanager
def _cells(connection: duckdb.DuckDBPyConnection, wanted: Wanted) -> Iterator[None]:
    """``locus.cells`` walks the whole graph, so it is asked once; a cell of several places is as good as its worst."""
    if not wanted.quality:
        yield
        return
    which = f"WHERE model = {literal(wanted.model)}" if wanted.model else ""
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {_CELLS.removeprefix('temp.')} AS "
        f"SELECT model, column_name, {quote(ROW_ID)}, min(faithfulness) AS faithfulness, "
        "arg_min(grounding, coalesce(faithfulness, 2)) AS grounding, "
        f"arg_min(mode, coalesce(faithfulness, 2)) AS mode FROM locus.cells {which} GROUP BY ALL"
    )
    try:
        yield
    finally:
        connection.execute(f"DROP TABLE IF EXISTS {_CELLS}")


def _quality(connection: duckdb.DuckDBPyConnection, model: str) -> dict[str, Quality]:
    """Of the cells of rows that the table has."""
    found = _relation(connection, model)
    if found is None:
        return {}
    names = [r[0] for r in connection.execute(f"DESCRIBE SELECT * FROM {found[0]}").fetchall()]
    held = f"AND {quote(ROW_ID)} IN (SELECT {quote(ROW_ID)} FROM {found[0]})" if ROW_ID in names else ""
    rows = _rows(
        connection,
        "SELECT column_name, count(*) AS cells, round(avg(faithfulness::DOUBLE), 6) AS average, "
        "round(min(faithfulness::DOUBLE), 6) AS lowest, "
        "histogram(coalesce(grounding, 'unknown')) AS grounding, histogram(coalesce(mode, 'unknown')) AS mode "
        f"FROM {_CELLS} WHERE model = {literal(model)} {held} GROUP BY column_name ORDER BY column_name",
    )
    return {row.pop("column_name"): Quality(**row) for row in rows}


def _rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[dict[str, Any]]:
    result = connection.execute(query)
    names = [column[0] for column in result.description or ()]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]
