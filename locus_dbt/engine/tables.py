"""The lineage relations in schema ``locus``: plain tables, views and macros that need no plug-in to be read.

What is stored is only ever added to: a build of a model adds a run (``STORED``), and what one document gives is stored
once, whatever runs and models use it. ``locus.models`` points to the run that each model stands at; the views of
``RELATIONS`` show that state. ``model`` is ``schema.table`` in lower case.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from locus_dbt.engine.flagged import flagged_ddl
from locus_dbt.engine.lineage_views import CELLS_TYPE, VERDICT_COLUMNS, VIEWS, views
from locus_dbt.engine.reading import READING
from locus_dbt.engine.review_tables import review_ddl
from locus_dbt.engine.scan_sql import REJECT_COLUMNS
from locus_dbt.model.relation import ROW_ID, quote

if TYPE_CHECKING:
    import duckdb

#: What people read: relation to its columns with types and meanings; the docs page is generated from it.
RELATIONS: dict[str, dict[str, tuple[str, str]]] = {
    "models": {
        "model": ("VARCHAR", "The relation, schema.table in lower case."),
        "node": ("VARCHAR", "The dbt node, null outside dbt."),
        "state": ("VARCHAR", "traced, or untraced with a reason."),
        "reason": ("VARCHAR", "Why it is untraced."),
        "rows_by": (
            "VARCHAR",
            "identity: rows keep their id; edges: see locus.edges; leaf: rows come from documents.",
        ),
        "run_id": ("VARCHAR", "The run that built it."),
    },
    "runs": {
        "run_id": ("VARCHAR", "One build of one model; later runs sort behind earlier ones."),
        "invocation_id": ("VARCHAR", "The dbt invocation."),
        "model": ("VARCHAR", "The relation that was built."),
        "image": ("VARCHAR", "The image, where the model calls one."),
        "image_version": ("VARCHAR", "Its version."),
        "image_digest": ("VARCHAR", "SHA-256 of its code and of the engine's."),
        "params": ("VARCHAR", "Params as JSON."),
        "engine": ("VARCHAR", "deterministic or llm."),
        "snapshot_id": ("VARCHAR", "SHA-256 of the list of inputs; the list is an object of the store."),
        "documents": ("BIGINT", "Documents asked for."),
        "documents_read": ("BIGINT", "Documents read in this run (the rest was held already)."),
        "documents_rejected": ("BIGINT", "Documents without rows."),
        "state": ("VARCHAR", "traced, or untraced with a reason."),
        "reason": ("VARCHAR", "Why it is untraced."),
        "rows_by": ("VARCHAR", "As in locus.models."),
        "built_at": ("TIMESTAMP WITH TIME ZONE", "When."),
        "min_faithfulness": ("DOUBLE", "Cells below it are flagged; null where no image was called."),
        "below": ("VARCHAR", "retain or reject: what became of rows with a cell below it."),
        "conformance": ("VARCHAR", "What probing said of the image: conformant, non-conformant or not certified."),
    },
    "documents": {
        "model": ("VARCHAR", "The relation whose rows come from the document."),
        "image": ("VARCHAR", "The image that read it."),
        "filename": ("VARCHAR", "The name as in the column filename."),
        "sha256": ("VARCHAR", "Hash of its bytes."),
        "size": ("BIGINT", "Bytes."),
        "media_type": ("VARCHAR", "Detected type."),
        "pages": ("BIGINT", "Pages, where the format has pages."),
        "rows": ("BIGINT", "Rows it gave."),
        "status": ("VARCHAR", "read or rejected."),
        "prefix": ("VARCHAR", "The first 26 characters of its row ids."),
        "first_row_id": ("UUID", "Its row ids lie between these two."),
        "last_row_id": ("UUID", "See first_row_id."),
        "native": ("BOOLEAN", "Read by DuckDB itself: a cell's place is record number = row number + 1."),
        "run_id": ("VARCHAR", "The run that took it into the model."),
        "reading": ("INTEGER", "Number of what this image read in this document with these params; runs share it."),
    },
    "completeness": {
        "model": ("VARCHAR", "The relation whose rows come from the document."),
        "image": ("VARCHAR", "The image that read it."),
        "filename": ("VARCHAR", "The document."),
        **READING,
        "run_id": ("VARCHAR", "The run that took it into the model."),
    },
    "spans": {
        "model": ("VARCHAR", "The relation of the row."),
        "image": ("VARCHAR", "The image that read the cell."),
        "_locus_row_id": ("UUID", "The row."),
        "filename": ("VARCHAR", "The document."),
        "column_name": ("VARCHAR", "The image's column."),
        "value": ("VARCHAR", "The value as text."),
        "text": ("VARCHAR", "The text as printed."),
        "page": ("INTEGER", "Page from 1; null for formats without pages."),
        "x0": ("FLOAT", "Left, in PDF points from the left edge."),
        "y0": ("FLOAT", "Top, in PDF points from the top edge."),
        "x1": ("FLOAT", "Right."),
        "y1": ("FLOAT", "Bottom."),
        "confidence": ("FLOAT", "Stated probability that the cell is right, 0..1; see docs/confidence.md."),
        "faithfulness": ("FLOAT", "How well the value agrees with the cited text, 0..1."),
        "grounding": ("VARCHAR", "exact, normalized, fuzzy, inferred or none."),
        "reason": ("VARCHAR", "In words, where it is not simply the text."),
        "rule": ("VARCHAR", "How the value was read from the text (number, date …)."),
        "mode": ("VARCHAR", "degraded: compared by rules; full: a model judged it too."),
        "inputs": ("VARCHAR[]", "Columns of the row that an inferred value was computed from."),
        "checks": ("VARCHAR[]", "Cross-checks that hold or fail, in words."),
        "place": ("VARCHAR", "The address in the document's own terms (Sheet1!B7, /items/3, line 12)."),
        "start": ("INTEGER", "First code point of the text in the element or text that the place names."),
        "stop": ("INTEGER", "Code point after the last one."),
    },
    "edges": {
        "model": ("VARCHAR", "The relation of the row."),
        "_locus_row_id": ("UUID", "A row of the model."),
        "source": ("VARCHAR", "The relation it comes from."),
        "source_row_id": ("UUID", "A row of the source that went into it."),
    },
    "columns": {
        "model": ("VARCHAR", "The relation."),
        "column_name": ("VARCHAR", "Its column."),
        "source": ("VARCHAR", "A relation, or image:NAME for values read from documents."),
        "source_column": ("VARCHAR", "The column the value comes from."),
        "kind": (
            "VARCHAR",
            "identity: the value itself; expression: computed from it; untraced, lineage_broken: see reason.",
        ),
        "reason": ("VARCHAR", "Why a column is untraced, or which image does not keep its provenance."),
    },
    "rejects": {
        "model": ("VARCHAR", "The relation that would have held it."),
        "image": ("VARCHAR", "The image that refused it."),
        "filename": ("VARCHAR", "The document."),
        "code": ("VARCHAR", "See the page of error codes."),
        "message": ("VARCHAR", "What happened."),
        "hint": ("VARCHAR", "What to do."),
        "column_name": ("VARCHAR", "The column, for a refused cell."),
        "page": ("INTEGER", "Page from 1."),
        "x0": ("FLOAT", "Left."),
        "y0": ("FLOAT", "Top."),
        "x1": ("FLOAT", "Right."),
        "y1": ("FLOAT", "Bottom."),
        "place": ("VARCHAR", "The address in the document's own terms."),
        "raw": ("VARCHAR", "The text that was refused."),
        "_locus_row_id": ("UUID", "The row, for a refused cell."),
        "run_id": ("VARCHAR", "The run that refused it."),
    },
}

#: What is stored, and only added to. ``locus.models`` and ``locus.runs`` are stored as they are shown.
STORED: dict[str, dict[str, tuple[str, str]]] = {
    "run_sources": {
        "run_id": ("VARCHAR", "A run of a model."),
        "source": ("VARCHAR", "A relation that the model read."),
        "source_run_id": (
            "VARCHAR",
            "The run at which the source stood then; null for a view, which follows its source.",
        ),
        "by_edges": ("BOOLEAN", "Whether rows are related by locus.run_edges; else they keep their id."),
    },
    "run_columns": {
        "run_id": ("VARCHAR", "A run of a model."),
        **{name: RELATIONS["columns"][name] for name in ("column_name", "source", "source_column", "kind", "reason")},
    },
    "run_edges": {
        "run_id": ("VARCHAR", "A run of a model."),
        **{name: RELATIONS["edges"][name] for name in (ROW_ID, "source", "source_row_id")},
    },
    "run_documents": {
        "run_id": ("VARCHAR", "A run of a model."),
        "reading": ("INTEGER", "What it holds: see locus.readings."),
        "since": ("VARCHAR", "The run that took it into the model."),
    },
    "run_rejects": {
        "run_id": ("VARCHAR", "A run of a model."),
        **{name: about for name, about in RELATIONS["rejects"].items() if name not in ("model", "run_id")},
    },
    "readings": {
        "reading": ("INTEGER", "Number of what one image read in one document with one set of params."),
        "prefix": RELATIONS["documents"]["prefix"],
        "result": ("VARCHAR", "Key of the result in the store of results."),
        **{name: RELATIONS["documents"][name] for name in ("image", "filename", "sha256", "native")},
        **{name: RELATIONS["documents"][name] for name in ("first_row_id", "last_row_id")},
        **READING,
        "run_id": ("VARCHAR", "The run that stored it."),
        "call": ("INTEGER", "The call of that run, from 0."),
    },
    "reading_rows": {
        "reading": ("INTEGER", "See locus.readings."),
        "row": ("BIGINT", "Row of the document, from 0: the last ten hex digits of the row id."),
        "shape": ("VARCHAR", "Names of the columns of the cells, separated by U+001F."),
        "cells": (
            CELLS_TYPE,
            "The cells, one a name; boxes in quarters of a point.",
        ),
    },
    "reading_extras": {
        "reading": ("INTEGER", "See locus.readings."),
        "row": ("BIGINT", "See locus.reading_rows."),
        "position": ("INTEGER", "Which of the row's cells, from 0."),
        "value": ("VARCHAR", "The value, where it is not the text."),
        "place": ("VARCHAR", "The place, where no rule gives it."),
        "start": RELATIONS["spans"]["start"],
        "stop": RELATIONS["spans"]["stop"],
    },
    "reading_verdicts": {
        "reading": ("INTEGER", "See locus.readings."),
        "verdict": ("UINTEGER", "Number that cells refer to."),
        **{name: RELATIONS["spans"][name] for name in VERDICT_COLUMNS},
    },
    "reading_addresses": {
        "reading": ("INTEGER", "See locus.readings."),
        "column_name": ("VARCHAR", "A column whose places follow from the row."),
        "first_row": ("BIGINT", "The rule holds from this row"),
        "last_row": ("BIGINT", "to this one."),
        "prefix": ("VARCHAR", "The place is prefix, base + step * row, suffix."),
        "base": ("BIGINT", "Null where the place is the same for all rows."),
        "step": ("BIGINT", "See base."),
        "suffix": ("VARCHAR", "See prefix."),
    },
    "reading_rejects": {
        "reading": ("INTEGER", "See locus.readings."),
        **{name: RELATIONS["rejects"][name] for name in REJECT_COLUMNS if name != "filename"},
        "row": ("BIGINT", "Row of the document, from 0, for a refused cell."),
    },
}


def ddl() -> list[str]:
    """All statements that make the lineage schema in the current database; each can be run again.

    No name says the database: a file that is renamed or attached under another name keeps its views.
    """
    out = ["CREATE SCHEMA IF NOT EXISTS locus", "CREATE SEQUENCE IF NOT EXISTS locus.reading_numbers"]
    for table, columns in {"models": RELATIONS["models"], "runs": RELATIONS["runs"], **STORED}.items():
        fields = ", ".join(f"{quote(name)} {kind}" for name, (kind, _) in columns.items())
        out.append(f"CREATE TABLE IF NOT EXISTS locus.{table} ({fields})")
    return [*out, *views(), *flagged_ddl("locus")]


def create_lineage_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the lineage schema where it is missing or of another form; a read-only database is left as it is.

    Lineage of another form is dropped: every model writes it anew when it is built. What people recorded is kept.
    """
    import duckdb  # noqa: PLC0415 - loaded already; the name is needed for its errors

    statements = [*ddl(), *review_ddl()]
    form = hashlib.sha256("".join(statements).encode()).hexdigest()
    known = _form(connection)
    if known == form:
        return
    try:
        if known:
            for statement in _drops(connection):
                connection.execute(statement)
        for statement in [*statements, f"COMMENT ON TABLE locus.models IS 'form {form}'"]:
            connection.execute(statement)
    except duckdb.InvalidInputException as error:
        if "read-only" not in str(error):
            raise


def _form(connection: duckdb.DuckDBPyConnection) -> str | None:
    """The form of the schema that is there: a hash of the statements that made it; ``None`` where there is none."""
    query = (
        "SELECT comment FROM duckdb_tables() WHERE database_name = current_database() AND schema_name = 'locus' "
        "AND table_name = 'models'"
    )
    row = connection.execute(query).fetchone()
    return None if row is None else str(row[0]).removeprefix("form ")


def _drops(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Statements that drop what this module makes, views before tables."""
    names = {*RELATIONS, *STORED, *VIEWS, "flagged"}
    here = "WHERE database_name = current_database() AND schema_name = 'locus'"
    found = connection.execute(
        f"SELECT 'VIEW', view_name FROM duckdb_views() {here} "
        f"UNION ALL SELECT 'TABLE', table_name FROM duckdb_tables() {here}"
    ).fetchall()
    return [f"DROP {kind} locus.{quote(name)}" for kind, name in found if name in names]
