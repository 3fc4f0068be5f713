"""What the lineage and the relations hold about some rows, read by row id: each read is one query a model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite
from typing import TYPE_CHECKING, Any
from uuid import UUID

from locus_dbt.cli.review.facts import Box, Source
from locus_dbt.cli.review.schema import Schema
from locus_dbt.core.row_ids import ORDINAL_DIGITS
from locus_dbt.model.relation import ROW_ID, literal, quote

if TYPE_CHECKING:
    import duckdb

#: Source rows followed from one row; a row that was made of more is explained by as many.
MOST_EDGES = 2_000
#: Characters kept of a value or text.
MOST_TEXT = 2_000

#: Model, row id.
Node = tuple[str, str]

_SPAN = (
    "column_name", "filename", "image", "page", "x0", "y0", "x1", "y1", "place", "text", "value", "rule", "grounding",
    "faithfulness", "confidence", "mode", "checks", "inputs", "reason",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class DocumentFacts:
    """A document that rows were read from."""

    filename: str
    sha256: str | None
    size: int | None
    media_type: str | None
    native: bool
    image: str | None
    image_version: str | None


@dataclass
class Held:
    """Everything that was read: by node, and for spans also by the image's column."""

    values: dict[Node, dict[str, str | None]] = field(default_factory=dict)
    unknown: dict[str, str] = field(default_factory=dict)
    edges: dict[Node, dict[str, list[str]]] = field(default_factory=dict)
    spans: dict[Node, dict[str, list[Source]]] = field(default_factory=dict)
    documents: dict[Node, DocumentFacts] = field(default_factory=dict)
    refused: dict[str, dict[str, str]] = field(default_factory=dict)


def read_held(
    connection: duckdb.DuckDBPyConnection, schema: Schema, key: str, row_ids: Sequence[str], columns: set[str]
) -> Held:
    """Read what lies on the way from these columns of these rows back to the documents."""
    held = Held()
    wanted: dict[str, tuple[set[str], set[str]]] = {key: (set(row_ids), set(columns))}
    done: dict[str, tuple[set[str], set[str]]] = {}
    while wanted:
        model, (rows, names) = wanted.popitem()
        seen_rows, seen_names = done.get(model, (set(), set()))
        if rows <= seen_rows and names <= seen_names:
            continue
        rows, names = rows | seen_rows, names | seen_names
        done[model] = (rows, names)
        _read_model(connection, schema, held, model, sorted(rows), sorted(names))
        for source, taken in schema.sources(model, names).items():
            ids, cols = wanted.setdefault(source, (set(), set()))
            cols |= taken
            for row in rows:
                ids.update(source_rows(held, model, row, source))
    everything = sorted({row for rows, _ in done.values() for row in rows})
    _read_refused(connection, held, everything)
    return held


def source_rows(held: Held, model: str, row: str, source: str) -> Sequence[str]:
    """The rows of ``source`` that a row of a model comes from; its own id where no edge says otherwise."""
    return held.edges.get((model, row), {}).get(source) or (row,)


def _read_model(
    connection: duckdb.DuckDBPyConnection,
    schema: Schema,
    held: Held,
    model: str,
    rows: Sequence[str],
    names: Sequence[str],
) -> None:
    facts = schema.models.get(model)
    _read_values(connection, held, model, rows, names)
    if facts is not None and facts.rows_by == "edges":
        _read_edges(connection, held, model, rows)
    reads = any(link.image for name in names for link in schema.links.get((model, name), ()))
    if reads or (facts is not None and facts.rows_by == "leaf"):
        _read_documents(connection, held, model, rows)
    if reads:
        _read_spans(connection, held, model, rows)


def _is_one_of(column: str, rows: Sequence[str]) -> str:
    """A condition of constants, so that DuckDB skips what cannot hold the rows."""
    ids = ", ".join(f"'{UUID(row)}'::UUID" for row in rows)
    return f"{column} = {ids}" if len(rows) == 1 else f"{column} IN ({ids})"


def _read_values(
    connection: duckdb.DuckDBPyConnection, held: Held, model: str, rows: Sequence[str], names: Sequence[str]
) -> None:
    """Values as text; a relation that is gone, or a view that cannot be read here, is said and no more."""
    import duckdb  # noqa: PLC0415 - loaded already

    schema_name, _, table = model.partition(".")
    columns = connection.execute(
        "SELECT table_schema, table_name, column_name FROM information_schema.columns "
        "WHERE table_catalog = current_database() AND lower(table_schema) = ? AND lower(table_name) = ?",
        [schema_name, table],
    ).fetchall()
    own = {column for _, _, column in columns}
    if not columns:
        held.unknown[model] = "the relation is no longer in the database"
        return
    if ROW_ID not in own:
        held.unknown[model] = f"the relation does not hold {ROW_ID}"
        return
    taken = [name for name in names if name in own]
    texts = "".join(f", left(CAST({quote(name)} AS VARCHAR), {MOST_TEXT})" for name in taken)
    relation = f"{quote(columns[0][0])}.{quote(columns[0][1])}"
    query = f"SELECT CAST({quote(ROW_ID)} AS VARCHAR){texts} FROM {relation} WHERE {_is_one_of(quote(ROW_ID), rows)}"
    try:
        found = connection.execute(query).fetchall()
    except duckdb.Error as error:
        held.unknown[model] = "it cannot be read: " + str(error).splitlines()[0]
        return
    for row, *values in found:
        held.values[model, row] = dict(zip(taken, values, strict=True))


def _read_edges(connection: duckdb.DuckDBPyConnection, held: Held, model: str, rows: Sequence[str]) -> None:
    query = (
        "SELECT CAST(_locus_row_id AS VARCHAR), source, CAST(source_row_id AS VARCHAR) FROM locus.edges "
        f"WHERE model = ? AND {_is_one_of('_locus_row_id', rows)} ORDER BY ALL LIMIT {MOST_EDGES * len(rows)}"
    )
    for row, source, source_row in connection.execute(query, [model]).fetchall():
        held.edges.setdefault((model, row), {}).setdefault(source, []).append(source_row)


def _read_documents(connection: duckdb.DuckDBPyConnection, held: Held, model: str, rows: Sequence[str]) -> None:
    query = (
        "SELECT CAST(w.row_id AS VARCHAR), d.filename, d.sha256, d.size, d.media_type, coalesce(d.native, false), "
        "d.image, (SELECT max(r.image_version) FROM locus.runs AS r WHERE r.run_id = d.run_id AND r.image = d.image) "
        "FROM (SELECT unnest(CAST(? AS UUID[])) AS row_id) AS w "
        "JOIN locus.documents AS d ON w.row_id BETWEEN d.first_row_id AND d.last_row_id WHERE d.model = ?"
    )
    for row, *facts in connection.execute(query, [list(rows), model]).fetchall():
        held.documents[model, row] = DocumentFacts(*facts)


def _read_spans(connection: duckdb.DuckDBPyConnection, held: Held, model: str, rows: Sequence[str]) -> None:
    names = ", ".join(f"left({n}, {MOST_TEXT})" if n in ("text", "value") else n for n in _SPAN)
    # The document narrows it down: spans are stored by document, and row ids are worked out from it.
    files = sorted({facts.filename for (at, _), facts in held.documents.items() if at == model})
    if not files:
        return
    query = (
        f"SELECT CAST(_locus_row_id AS VARCHAR), {names} FROM locus.spans WHERE model = ? "
        f"AND filename IN ({', '.join(map(literal, files))}) AND {_is_one_of('_locus_row_id', rows)}"
    )
    for row, *span in connection.execute(query, [model]).fetchall():
        source = _source(dict(zip(_SPAN, span, strict=True)), held.documents.get((model, row)))
        held.spans.setdefault((model, row), {}).setdefault(source.column, []).append(source)


def _source(span: Mapping[str, Any], document: DocumentFacts | None) -> Source:
    box: Box | None = None
    if all(span[side] is not None and isfinite(span[side]) for side in ("x0", "y0", "x1", "y1")):
        box = (span["x0"], span["y0"], span["x1"], span["y1"])
    same = ("image", "page", "place", "text", "value", "rule", "grounding", "faithfulness", "confidence", "mode")
    return Source(
        span["column_name"],
        span["filename"],
        sha256=document.sha256 if document else None,
        size=document.size if document else None,
        media_type=document.media_type if document else None,
        image_version=document.image_version if document else None,
        box=box,
        checks=tuple(span["checks"] or ()),
        reason=span["reason"],
        input_names=tuple(span["inputs"] or ()),
        **{name: span[name] for name in same},
    )


@dataclass
class Earlier:
    """What the models above held when a model was built, where they were built anew since and no longer hold it.

    A look-up goes through all that is stored, so there are only so many of them.
    """

    connection: duckdb.DuckDBPyConnection
    model: str
    left: int = 40

    def sources(self, row: str, column: str) -> list[Source]:
        """The places of a cell as they were recorded then."""
        if self.left <= 0:
            return []
        self.left -= 1
        kept = [name for name in _SPAN if name not in ("column_name", "filename", "image")]
        names = ", ".join(f"left({n}, {MOST_TEXT})" if n in ("text", "value") else n for n in kept)
        query = f"SELECT {names}, document FROM main.locus_trace(?, ?, column_wanted := ?) WHERE document IS NOT NULL"
        rows = self.connection.execute(query, [self.model, row, column]).fetchall()
        return [
            _source({"column_name": column, "image": None, **dict(zip((*kept, "filename"), found, strict=True))}, None)
            for found in rows
        ]


def record(document: DocumentFacts, column: str, row: str, value: str | None) -> Source:
    """The place of a cell of a file that DuckDB read itself: it follows from the row id, so none is stored."""
    number = int(str(UUID(row)).replace("-", "")[-ORDINAL_DIGITS:], 16) + 1
    return Source(
        column,
        document.filename,
        sha256=document.sha256,
        size=document.size,
        media_type=document.media_type,
        image=document.image,
        image_version=document.image_version,
        place=f"record {number}",
        value=value,
        compared=False,
        reason="DuckDB read the file itself and kept no text",
    )


def document_name(document: DocumentFacts, column: str) -> Source:
    """A cell that is, or is made of, the document's own name."""
    return Source(
        column,
        document.filename,
        sha256=document.sha256,
        size=document.size,
        media_type=document.media_type,
        value=document.filename,
        compared=False,
        reason="it is the name of the document, not read in it",
    )


def _read_refused(connection: duckdb.DuckDBPyConnection, held: Held, rows: Iterable[str]) -> None:
    """Why a cell is empty: what was refused there, by row and column."""
    ids = list(rows)
    query = (
        "SELECT CAST(_locus_row_id AS VARCHAR), column_name, code, message, raw FROM locus.rejects "
        f"WHERE column_name IS NOT NULL AND {_is_one_of('_locus_row_id', ids)}"
    )
    for row, column, code, message, raw in connection.execute(query).fetchall() if ids else ():
        text = f"{message} [{code}]" + (f": '{raw[:MOST_TEXT]}'" if raw and raw not in (message or "") else "")
        held.refused.setdefault(row, {})[column] = text
