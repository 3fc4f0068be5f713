"""The functions DuckDB gets: UDFs that answer the binder and the executor, and the macros people call."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from locus_dbt.core.builder import SPAN_SCHEMA, arrow_type
from locus_dbt.core.registry import Image, registry
from locus_dbt.core.runner import DocumentResult
from locus_dbt.core.span_layout import Section, pack
from locus_dbt.engine import scan_sql
from locus_dbt.engine.binder import bind
from locus_dbt.engine.catalog import bind_catalog
from locus_dbt.engine.citation_functions import citation_functions
from locus_dbt.engine.lineage_views import CELLS_TYPE, VERDICT_COLUMNS
from locus_dbt.engine.reading import READING, reading_facts
from locus_dbt.engine.request import FILE_ARGUMENTS
from locus_dbt.engine.scalar import value_function
from locus_dbt.engine.session import Session, reject_rows
from locus_dbt.engine.tables import STORED
from locus_dbt.model.relation import literal, quote

if TYPE_CHECKING:
    import duckdb

_SPANS_TYPE = scan_sql.struct_type(scan_sql.SPAN_COLUMNS)
_READING_TYPE = scan_sql.struct_type({name: kind for name, (kind, _) in READING.items()})
_REJECT_FIELDS = {**{n: t for n, t in scan_sql.REJECT_COLUMNS.items() if n != "filename"}, "row": "BIGINT"}
_REJECTS_TYPE = scan_sql.struct_type(_REJECT_FIELDS)

ADDRESSES = {n: kind for n, kind in STORED["reading_addresses"].items() if n != "reading"}
EXTRAS = {n: kind for n, kind in STORED["reading_extras"].items() if n not in ("reading", "row")}

#: The stored form of a document's spans: function, part of ``Packed``, type.
_STORED_FORM = (
    ("_locus_packed_rows", "rows", f"STRUCT(ordinal BIGINT, shape VARCHAR, cells {CELLS_TYPE})[]"),
    ("_locus_extras", "extras", scan_sql.struct_type({n: t for n, (t, _) in EXTRAS.items()})),
    ("_locus_verdicts", "verdicts", scan_sql.struct_type({n: scan_sql.SPAN_COLUMNS[n] for n in VERDICT_COLUMNS})),
    ("_locus_addresses", "addresses", scan_sql.struct_type({n: t for n, (t, _) in ADDRESSES.items()})),
)


def register(
    connection: duckdb.DuckDBPyConnection, session: Session, extra: Mapping[str, Callable[[str], str]]
) -> None:
    """Register all UDFs on a database. ``extra`` adds text-to-text functions of the layers above."""
    _replace(
        connection,
        "_locus_bind",
        lambda image, what, args: bind(session, image, what, args),
        ["VARCHAR"] * 3,
        "VARCHAR",
    )
    _replace(
        connection,
        "_locus_catalog",
        lambda what, args: bind_catalog(session, what, args),
        ["VARCHAR"] * 2,
        "VARCHAR",
    )
    for name, function in extra.items():
        _replace(connection, name, function, ["VARCHAR"], "VARCHAR", side_effects=True)
    _arrow(connection, "_locus_spans", _per_document(session, _spans, _SPANS_TYPE), 2, _SPANS_TYPE)
    _arrow(connection, "_locus_rejects", _per_document(session, _rejects, _REJECTS_TYPE), 2, _REJECTS_TYPE)
    _arrow(connection, "_locus_reading", _per_document(session, reading_facts, _READING_TYPE), 2, _READING_TYPE)
    for name, part, kind in _STORED_FORM:
        _arrow(connection, name, _packed(session, part), 2, kind)
    dynamic_type = "STRUCT(ordinal BIGINT, cells VARCHAR[])[]"
    _replace(
        connection,
        "_locus_dynamic_rows",
        _dynamic(session),
        ["VARCHAR", "VARCHAR", "VARCHAR[]"],
        dynamic_type,
        arrow=True,
    )
    for (name, arguments, result), udf in citation_functions(session):
        _replace(connection, name, udf, arguments, result, arrow=True, nulls=True)
    for image in registry():
        if image.manifest.kind == "extract":
            _register_outputs(connection, session, image)


def create_macros(connection: duckdb.DuckDBPyConnection, only: frozenset[str] | None = None) -> None:
    """Create the table functions on one connection (temporary macros belong to a connection).

    ``only`` names the functions that are wanted beside ``locus_image``: a macro costs about a millisecond.
    """
    statements = macro_statements(registry())
    if only is not None:
        wanted = only | {"locus_image"}
        statements = [s for s in statements if (match := _CREATES.match(s)) and match[1] in wanted]
    connection.execute("; ".join(statements))


#: The table functions of an image: suffix of the name and what they give.
_WHAT = {"": "rows", "_spans": "spans", "_rejects": "rejects", "_documents": "documents"}

#: Statements that create a function, and its name.
_CREATES = re.compile(r"CREATE OR REPLACE TEMP MACRO (\w+)\(")


def macro_statements(images: Iterable[Image]) -> list[str]:
    """All ``CREATE TEMP MACRO`` statements with their comments."""
    out: list[str] = []
    for image in images:
        out += _image_macros(image)
    common = "".join(f", {n} := {d}" for n, (d, _) in FILE_ARGUMENTS.items())
    packed = "".join(f", {n}: {n}" for n in FILE_ARGUMENTS)
    for suffix, what in _WHAT.items():
        out.append(
            f"CREATE OR REPLACE TEMP MACRO locus_image{suffix}(image, source, params := NULL{common}) AS TABLE FROM "
            f"query(_locus_bind(image, '{what}', to_json({{source: source, params: params{packed}}})::VARCHAR))"
        )
    out += [
        "CREATE OR REPLACE TEMP MACRO locus_images() AS TABLE FROM query(_locus_catalog('images', ''))",
        "CREATE OR REPLACE TEMP MACRO locus_image_params(image) AS TABLE FROM query(_locus_catalog('params', image))",
        "CREATE OR REPLACE TEMP MACRO locus_image_columns(image) AS TABLE FROM query(_locus_catalog('columns', image))",
        "CREATE OR REPLACE TEMP MACRO locus_rejects() AS TABLE FROM query(_locus_catalog('rejects', ''))",
        "CREATE OR REPLACE TEMP MACRO locus_errors() AS TABLE FROM query(_locus_catalog('errors', ''))",
    ]
    return out


def _image_macros(image: Image) -> list[str]:
    manifest = image.manifest
    function = manifest.function
    extract = manifest.kind == "extract"
    defaults = dict.fromkeys(manifest.params, "NULL")
    if extract:
        defaults |= {name: default for name, (default, _) in FILE_ARGUMENTS.items()}
    arguments = "".join(f", {quote(n)} := {d}" for n, d in defaults.items())
    packed = "".join(f", {quote(n)}: {quote(n)}" for n in defaults)
    source = "files" if extract else "relation"
    out = []
    for suffix, what in _WHAT.items():
        if what in ("spans", "documents") and not extract:
            continue
        name = f"{function}{suffix}"
        out.append(
            f"CREATE OR REPLACE TEMP MACRO {name}({source}{arguments}) AS TABLE FROM query(_locus_bind("
            f"{literal(manifest.name)}, '{what}', to_json({{source: {source}{packed}}})::VARCHAR))"
        )
        about = manifest.summary if what == "rows" else f"{what.capitalize()} of {function}, from the same run."
        out.append(f"COMMENT ON MACRO TABLE {name} IS {literal(about)}")
    if extract and not manifest.emits.outputs[manifest.emits.default].dynamic:
        out.append(
            f"CREATE OR REPLACE TEMP MACRO {function}_value(document) AS CASE WHEN typeof(document) = 'BLOB' "
            f"THEN _locus_value_blob_{manifest.folder}(TRY_CAST(document AS BLOB)) "
            f"ELSE _locus_value_path_{manifest.folder}(TRY_CAST(document AS VARCHAR)) END"
        )
    return out


def _register_outputs(connection: duckdb.DuckDBPyConnection, session: Session, image: Image) -> None:
    manifest = image.manifest
    for name, output in manifest.emits.outputs.items():
        columns = {c.name: c.type for c in output.columns}
        if columns:
            kind = scan_sql.struct_type(columns)
            rows = _per_document(session, _rows, kind)
            _arrow(connection, f"_locus_rows_{manifest.folder}_{name}", rows, 2, kind)
    default = manifest.emits.outputs[manifest.emits.default]
    if default.columns:
        fields = ", ".join(f"{quote(c.name)} {c.type}" for c in default.columns)
        for how in ("path", "blob"):
            _replace(
                connection,
                f"_locus_value_{how}_{manifest.folder}",
                value_function(session, image),
                ["VARCHAR" if how == "path" else "BLOB"],
                f"STRUCT({fields})[]",
                arrow=True,
            )


def _per_document(
    session: Session, table_of: Callable[[DocumentResult], pa.Table | None], kind: str
) -> Callable[[Any, Any], pa.Array]:
    """A UDF ``(token, filename) -> STRUCT[]`` over the results of documents."""

    def function(tokens: Any, filenames: Any) -> pa.Array:  # noqa: ANN401 - Arrow arrays
        asked, names = tokens.to_pylist(), filenames.to_pylist()
        tables: list[pa.Table | None] = [None] * len(names)
        for token in dict.fromkeys(asked):
            at = [i for i, t in enumerate(asked) if t == token]
            for i, result in zip(at, session.results(token, [names[i] for i in at]), strict=True):
                tables[i] = table_of(result)
        return _as_lists(tables, kind)

    return function


def _packed(session: Session, part: str) -> Callable[[Any, Any], pa.Array]:
    """A UDF ``(token, filename) -> STRUCT[]`` over the stored form of documents' spans, packed all at once."""

    def function(tokens: Any, filenames: Any) -> pa.Array:  # noqa: ANN401 - Arrow arrays
        names = filenames.to_pylist()
        found = [session.packed(token, names) for token in dict.fromkeys(tokens.to_pylist())]
        if len(found) > 1:
            raise ValueError("one statement stores the readings of one call")
        packed = found[0] if found else pack([SPAN_SCHEMA.empty_table()])
        found_part: Section = getattr(packed, part)
        table = found_part.table.combine_chunks()
        offsets = pa.array(np.concatenate([[0], np.cumsum(found_part.counts)]).astype(np.int32))
        arrays = [c.chunk(0) if c.num_chunks else pa.array([], c.type) for c in table.columns]
        return pa.ListArray.from_arrays(offsets, pa.StructArray.from_arrays(arrays, names=table.column_names))

    return function


def _rows(result: DocumentResult) -> pa.Table | None:
    return result.table("rows")


def _spans(result: DocumentResult) -> pa.Table | None:
    table = result.table("spans")
    return None if table is None else table.select(["ordinal", *scan_sql.SPAN_COLUMNS])


def _rejects(result: DocumentResult) -> pa.Table | None:
    rows = reject_rows(result)
    if not rows:
        return None
    columns = [pa.array([row.get(n) for row in rows], arrow_type(kind)) for n, kind in _REJECT_FIELDS.items()]
    return pa.table([pa.array(range(len(rows)), pa.int64()), *columns], names=["ordinal", *_REJECT_FIELDS])


def _as_lists(tables: list[pa.Table | None], kind: str) -> pa.Array:
    """One list of structs a document."""
    present = [t for t in tables if t is not None]
    lengths = [0 if t is None else t.num_rows for t in tables]
    offsets = pa.array(np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32))
    if not present:
        fields = [pa.field(n, t) for n, t in _fields(kind)]
        return pa.ListArray.from_arrays(offsets, pa.array([], pa.struct(fields)))
    joined = pa.concat_tables(present, promote_options="permissive").combine_chunks()
    arrays = [c.chunk(0) if c.num_chunks else pa.array([], c.type) for c in joined.columns]
    return pa.ListArray.from_arrays(offsets, pa.StructArray.from_arrays(arrays, names=joined.column_names))


def _fields(kind: str) -> Iterable[tuple[str, pa.DataType]]:
    """Field names and types of a struct type made by ``scan_sql.struct_type``."""
    yield "ordinal", pa.int64()
    inside = kind[len("STRUCT(ordinal BIGINT, ") : -len(")[]")]
    depth, start = 0, 0
    parts = []
    for i, char in enumerate(inside + ","):
        depth += (char == "(") - (char == ")")
        if char == "," and depth == 0:
            parts.append(inside[start:i].strip())
            start = i + 1
    for part in parts:
        name, _, sql_type = part.rpartition('" ')
        yield name.lstrip('"'), arrow_type(sql_type)


def _dynamic(session: Session) -> Callable[[Any, Any, Any], pa.Array]:
    """Rows as lists of texts in the order of the asked names; a column that a document lacks is null."""

    def function(tokens: Any, filenames: Any, names: Any) -> pa.Array:  # noqa: ANN401
        out = []
        wanted = names[0].as_py() if len(names) else []
        for result in session.results(tokens[0].as_py(), filenames.to_pylist()) if len(tokens) else []:
            table = result.table("rows")
            out.append([] if table is None else _cells(table, wanted))
        kind = pa.list_(pa.struct([("ordinal", pa.int64()), ("cells", pa.list_(pa.string()))]))
        return pa.array(out, kind)

    return function


def _cells(table: pa.Table, wanted: list[str]) -> list[dict[str, Any]]:
    columns = [
        table[n].cast(pa.string()).to_pylist() if n in table.column_names else [None] * table.num_rows for n in wanted
    ]
    ordinals = table["ordinal"].to_pylist()
    rows: list[list[Any]] = [list(r) for r in zip(*columns, strict=True)] if columns else [[] for _ in ordinals]
    return [{"ordinal": o, "cells": r} for o, r in zip(ordinals, rows, strict=True)]


def _arrow(
    connection: duckdb.DuckDBPyConnection, name: str, function: Callable[..., Any], arity: int, kind: str
) -> None:
    _replace(connection, name, function, ["VARCHAR"] * arity, kind, arrow=True)


def _replace(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    function: Callable[..., Any],
    arguments: list[str],
    result: str,
    *,
    arrow: bool = False,
    side_effects: bool = False,
    nulls: bool = False,
) -> None:
    import duckdb  # noqa: PLC0415 - loaded already; the name is needed for its errors

    with contextlib.suppress(duckdb.Error):
        connection.remove_function(name)
    create: Any = connection.create_function  # DuckDB 1.4 takes the type as text, its stubs since 2.0 an enum only
    create(
        name,
        function,
        arguments,
        result,
        type="arrow" if arrow else "native",
        side_effects=side_effects,
        null_handling="special" if nulls else "default",
    )
