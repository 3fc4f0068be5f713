"""The lineage tables in schema ``locus``: plain tables, views and macros that need no plug-in to be read.

``model`` is ``schema.table`` in lower case. Rows are replaced in the transaction that builds their model.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from locus_dbt.engine.flagged import flagged_ddl
from locus_dbt.engine.reading import READING
from locus_dbt.model.relation import quote

if TYPE_CHECKING:
    import duckdb

#: Table name to its columns with types and meanings; the docs page is generated from it.
TABLES: dict[str, dict[str, tuple[str, str]]] = {
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
        "run_id": ("VARCHAR", "One build of one model."),
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
        "built_at": ("TIMESTAMP WITH TIME ZONE", "When."),
        "min_faithfulness": ("DOUBLE", "Cells below it are flagged; null where no image was called."),
        "below": ("VARCHAR", "retain or reject: what became of rows with a cell below it."),
    },
    "documents": {
        "model": ("VARCHAR", "The relation whose rows come from the document."),
        "image": ("VARCHAR", "The image that read it."),
        "filename": ("VARCHAR", "The name as in the column filename."),
        "sha256": ("VARCHAR", "Hash of its bytes."),
        "size": ("BIGINT", "Bytes."),
        "media_type": ("VARCHAR", "Detected type."),
        "pages": ("INTEGER", "Pages, where the format has pages."),
        "rows": ("BIGINT", "Rows it gave."),
        "status": ("VARCHAR", "read or rejected."),
        "prefix": ("VARCHAR", "The first 26 characters of its row ids."),
        "first_row_id": ("UUID", "Its row ids lie between these two."),
        "last_row_id": ("UUID", "See first_row_id."),
        "native": ("BOOLEAN", "Read by DuckDB itself: a cell's place is record number = row number + 1."),
        "run_id": ("VARCHAR", "The run that read it."),
    },
    "completeness": {
        "model": ("VARCHAR", "The relation whose rows come from the document."),
        "image": ("VARCHAR", "The image that read it."),
        "filename": ("VARCHAR", "The document."),
        **READING,
        "run_id": ("VARCHAR", "The run that read it."),
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
        "confidence": ("FLOAT", "How sure the image is, 0..1."),
        "faithfulness": ("FLOAT", "How well the value agrees with the cited text, 0..1."),
        "grounding": ("VARCHAR", "exact, normalized, fuzzy, inferred or none."),
        "reason": ("VARCHAR", "In words, where it is not simply the text."),
        "rule": ("VARCHAR", "How the value was read from the text (number, date …); null: as it stands."),
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
            "identity: the value itself; expression: computed from it; untraced: see reason.",
        ),
        "reason": ("VARCHAR", "Why a column is untraced."),
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

_CELLS = """
CREATE OR REPLACE VIEW {schema}.cells AS
WITH RECURSIVE reach AS (
    SELECT c.model, c.column_name, s._locus_row_id, s.model AS leaf_model, s._locus_row_id AS leaf_row_id,
           s.column_name AS leaf_column, c.kind <> 'identity' AS changed
    FROM {schema}.spans AS s
    JOIN {schema}.columns AS c
      ON c.model = s.model AND c.source = 'image:' || s.image AND c.source_column = s.column_name
    UNION
    SELECT c.model, c.column_name, coalesce(e._locus_row_id, r._locus_row_id), r.leaf_model, r.leaf_row_id,
           r.leaf_column, r.changed OR c.kind <> 'identity'
    FROM reach AS r
    JOIN {schema}.columns AS c ON c.source = r.model AND c.source_column = r.column_name AND c.kind <> 'untraced'
    JOIN {schema}.models AS m ON m.model = c.model
    LEFT JOIN {schema}.edges AS e
      ON m.rows_by = 'edges' AND e.model = c.model AND e.source = r.model AND e.source_row_id = r._locus_row_id
    WHERE m.rows_by <> 'edges' OR e._locus_row_id IS NOT NULL
)
SELECT r.model, r._locus_row_id, r.column_name, s.filename, s.page, s.x0, s.y0, s.x1, s.y1, s.place, s.text, s.value,
       s.confidence, s.faithfulness, s.grounding, s.rule, s.mode, s.inputs, s.checks, s.reason, s.start, s.stop, r.changed,
       r.leaf_model, r.leaf_row_id, r.leaf_column
FROM reach AS r
JOIN {schema}.spans AS s
  ON s.model = r.leaf_model AND s._locus_row_id = r.leaf_row_id AND s.column_name = r.leaf_column
"""

_TRACE = """
CREATE OR REPLACE MACRO {target}(model_name, row_id, column_wanted := NULL) AS TABLE
WITH RECURSIVE walk AS (
    SELECT c.model, c.column_name AS asked, c.source, c.source_column, row_id::UUID AS row_key,
           c.kind <> 'identity' AS changed, c.kind AS kind, c.reason AS gap, 1 AS step
    FROM {schema}.columns AS c
    WHERE (c.model = lower(model_name) OR c.model LIKE '%.' || lower(model_name))
      AND (column_wanted IS NULL OR c.column_name = column_wanted)
    UNION
    SELECT c.model, w.asked, c.source, c.source_column, coalesce(e.source_row_id, w.row_key),
           w.changed OR c.kind <> 'identity', c.kind, c.reason, w.step + 1
    FROM walk AS w
    JOIN {schema}.models AS m ON m.model = w.model
    LEFT JOIN {schema}.edges AS e
      ON m.rows_by = 'edges' AND e.model = w.model AND e.source = w.source AND e._locus_row_id = w.row_key
    JOIN {schema}.columns AS c ON c.model = w.source AND c.column_name = w.source_column
    WHERE w.kind <> 'untraced' AND w.step < 100
)
SELECT w.asked AS column_name, s.filename AS document, s.page, s.x0, s.y0, s.x1, s.y1, s.place, s.text, s.value,
       s.faithfulness, s.confidence, s.grounding, s.rule, s.mode, s.inputs, s.checks, s.start, s.stop, w.changed,
       coalesce(w.gap, s.reason) AS reason,
       s.model AS leaf_model, s._locus_row_id AS leaf_row_id
FROM walk AS w
LEFT JOIN {schema}.spans AS s
  ON s.model = w.model AND w.source = 'image:' || s.image AND s.column_name = w.source_column
 AND s._locus_row_id = w.row_key
WHERE s.model IS NOT NULL OR w.kind = 'untraced'
"""


def ddl() -> list[str]:
    """All statements that make the lineage schema in the current database; each can be run again.

    No name says the database: a file that is renamed or attached under another name keeps its views.
    """
    schema = "locus"
    out = [f"CREATE SCHEMA IF NOT EXISTS {schema}"]
    for table, columns in TABLES.items():
        fields = ", ".join(f"{quote(name)} {kind}" for name, (kind, _) in columns.items())
        out.append(f"CREATE TABLE IF NOT EXISTS {schema}.{table} ({fields})")
    out.append(_CELLS.format(schema=schema).strip())
    out.append(_TRACE.format(schema=schema, target="main.locus_trace").strip())
    return [*out, *flagged_ddl(schema)]


def create_lineage_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the lineage schema where it is missing or of another form; a read-only database is left as it is."""
    import duckdb  # noqa: PLC0415 - loaded already; the name is needed for its errors

    statements = ddl()
    form = hashlib.sha256("".join(statements).encode()).hexdigest()
    if _has_form(connection, form):
        return
    try:
        for statement in [*statements, f"COMMENT ON TABLE locus.models IS 'form {form}'"]:
            connection.execute(statement)
    except duckdb.InvalidInputException as error:
        if "read-only" not in str(error):
            raise


def _has_form(connection: duckdb.DuckDBPyConnection, form: str) -> bool:
    """Whether the schema was made by the same statements: then nothing is written, and nothing to be checkpointed."""
    query = (
        "SELECT count(*) FROM duckdb_tables() WHERE database_name = current_database() AND schema_name = 'locus' "
        f"AND table_name = 'models' AND comment = 'form {form}'"
    )
    row = connection.execute(query).fetchone()
    return row is not None and row[0] == 1
