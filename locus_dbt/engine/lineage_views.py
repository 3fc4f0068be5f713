"""The views and the macro over the stored lineage: SQL that any DuckDB runs, with or without the plug-in."""

from __future__ import annotations

from collections.abc import Mapping

from locus_dbt.core.row_ids import ORDINAL_DIGITS
from locus_dbt.core.span_layout import JUDGED, UNITS
from locus_dbt.engine.reading import READING
from locus_dbt.engine.scan_sql import REJECT_COLUMNS, SPAN_COLUMNS
from locus_dbt.model.relation import ROW_ID, quote

#: The stored form of a row's cells (see core/span_layout.py).
CELLS_TYPE = (
    'STRUCT(verdict UINTEGER, page USMALLINT, x USMALLINT, y USMALLINT, w USMALLINT, h USMALLINT, "text" VARCHAR)[]'
)

#: How cells were judged, in the order in which verdicts are stored.
VERDICT_COLUMNS = JUDGED

_SPAN = "column_name", *(n for n in SPAN_COLUMNS if n != "column_name")

#: A row id as text, from the prefix of a document and the number of a row.
_ROW_ID = f'CAST(k.prefix || right(hex({16**ORDINAL_DIGITS} + p."row"), {ORDINAL_DIGITS}) AS UUID)'

_BOXED = "CAST(cell.x AS INTEGER) + cell.y + cell.w + cell.h > 0"


def _span_fields(row: str) -> str:
    """The columns of a span, from ``cell``, its extras ``x``, its verdict ``v`` and its column's address ``a``."""
    side = {
        "x0": "cell.x",
        "y0": "cell.y",
        "x1": "CAST(cell.x AS INTEGER) + cell.w",
        "y1": "CAST(cell.y AS INTEGER) + cell.h",
    }
    own = {
        "value": 'coalesce(x."value", cell."text")',
        "text": 'cell."text"',
        "page": "CAST(nullif(cell.page, 0) AS INTEGER)",
        "place": f"coalesce(x.place, {_address(row)})",
        "start": 'x."start"',
        "stop": 'x."stop"',
        **{name: f"CASE WHEN {_BOXED} THEN CAST(({at}) / {UNITS}.0 AS FLOAT) END" for name, at in side.items()},
        **{name: f"v.{quote(name)}" for name in VERDICT_COLUMNS},
    }
    return ", ".join(f"{own[name]} AS {quote(name)}" for name in _SPAN if name != "column_name")


def _address(row: str) -> str:
    return f"a.prefix || coalesce(CAST(a.base + a.step * {row} AS VARCHAR), '') || a.suffix"


def _judged(row: str, cells: str) -> str:
    """Joins of verdict, extras and address to the unnested cells ``cells``."""
    return (
        f"LEFT JOIN locus.reading_extras AS x ON x.reading = {cells}.reading "
        f'AND x."row" = {row} AND x.position = {cells}.position '
        f"JOIN locus.reading_verdicts AS v ON v.reading = {cells}.reading AND v.verdict = {cells}.cell.verdict "
        f"LEFT JOIN locus.reading_addresses AS a ON a.reading = {cells}.reading "
        f"AND a.column_name = {cells}.column_name AND {row} BETWEEN a.first_row AND a.last_row"
    )


_UNNEST = (
    "unnest(string_split(p.shape, chr(31))) AS column_name, unnest(p.cells) AS cell, "
    "unnest(range(len(p.cells))) AS position"
)

_RUN_SPANS = f"""
CREATE OR REPLACE VIEW locus.run_spans AS
SELECT c.run_id, c.image, c.{ROW_ID}, c.filename, c.column_name, {_span_fields("c.number")}, c.reading
FROM (
    SELECT d.run_id, k.image, {_ROW_ID} AS {ROW_ID}, k.filename, k.reading, p."row" AS number, {_UNNEST}
    FROM locus.run_documents AS d
    JOIN locus.readings AS k ON k.reading = d.reading
    JOIN locus.reading_rows AS p ON p.reading = d.reading
) AS c
{_judged("c.number", "c")}
"""

_SPANS = f"""
CREATE OR REPLACE VIEW locus.spans AS
SELECT m.model, s.image, s.{ROW_ID}, s.filename, {", ".join(f"s.{quote(n)}" for n in _SPAN)}
FROM locus.models AS m JOIN locus.run_spans AS s ON s.run_id = m.run_id
"""

_DOCUMENTS = """
CREATE OR REPLACE VIEW locus.documents AS
SELECT m.model, k.image, k.filename, k.sha256, k.size, k.media_type, k.pages, k."rows", k.status, k.prefix,
       k.first_row_id, k.last_row_id, k.native, d.since AS run_id, k.reading
FROM locus.models AS m
JOIN locus.run_documents AS d ON d.run_id = m.run_id
JOIN locus.readings AS k ON k.reading = d.reading
"""

_COMPLETENESS = f"""
CREATE OR REPLACE VIEW locus.completeness AS
SELECT m.model, k.image, k.filename, {", ".join(f"k.{quote(n)}" for n in READING)}, d.since AS run_id
FROM locus.models AS m
JOIN locus.run_documents AS d ON d.run_id = m.run_id
JOIN locus.readings AS k ON k.reading = d.reading
WHERE NOT k.native
"""

_COLUMNS = """
CREATE OR REPLACE VIEW locus.columns AS
SELECT m.model, c.column_name, c.source, c.source_column, c.kind, c.reason
FROM locus.models AS m JOIN locus.run_columns AS c ON c.run_id = m.run_id
"""

_EDGES = f"""
CREATE OR REPLACE VIEW locus.edges AS
SELECT m.model, e.{ROW_ID}, e.source, e.source_row_id
FROM locus.models AS m JOIN locus.run_edges AS e ON e.run_id = m.run_id
"""

_REFUSED = ", ".join(f"r.{quote(n)}" for n in REJECT_COLUMNS if n != "filename")

_REJECTS = f"""
CREATE OR REPLACE VIEW locus.rejects AS
SELECT d.model, d.image, d.filename, {_REFUSED}, NULL::UUID AS {ROW_ID}, d.run_id
FROM locus.documents AS d JOIN locus.reading_rejects AS r ON r.reading = d.reading
UNION ALL
SELECT m.model, r.image, r.filename, {_REFUSED}, r.{ROW_ID}, r.run_id
FROM locus.models AS m JOIN locus.run_rejects AS r ON r.run_id = m.run_id
UNION ALL
SELECT d.model, d.image, d.filename, {_REFUSED}, r.{ROW_ID}, r.run_id
FROM locus.documents AS d
JOIN locus.models AS m ON m.model = d.model AND m.run_id <> d.run_id
JOIN locus.run_rejects AS r
  ON r.run_id = d.run_id AND r.image = d.image AND r.filename = d.filename AND r.{ROW_ID} IS NOT NULL
"""

#: A source of a run, and the run at which it stood; where that one is not known, where it stands now.
_STEPS = """
CREATE OR REPLACE VIEW locus.steps AS
SELECT s.run_id, s.source, coalesce(s.source_run_id, m.run_id) AS source_run_id, s.by_edges
FROM locus.run_sources AS s LEFT JOIN locus.models AS m ON m.model = s.source
"""

_CELLS = f"""
CREATE OR REPLACE VIEW locus.cells AS
WITH RECURSIVE live AS (
    SELECT model, run_id FROM locus.models
    UNION
    SELECT s.source, s.source_run_id FROM live AS l JOIN locus.steps AS s ON s.run_id = l.run_id
),
leaves AS (
    SELECT l.model, s.*
    FROM (SELECT DISTINCT model, run_id FROM live) AS l JOIN locus.run_spans AS s ON s.run_id = l.run_id
),
reach AS (
    SELECT s.model, s.run_id, c.column_name, s.{ROW_ID}, s.run_id AS leaf_run_id, s.{ROW_ID} AS leaf_row_id,
           s.column_name AS leaf_column, c.kind <> 'identity' AS changed
    FROM leaves AS s
    JOIN locus.run_columns AS c
      ON c.run_id = s.run_id AND c.source = 'image:' || s.image AND c.source_column = s.column_name
    UNION
    SELECT l.model, n.run_id, c.column_name, coalesce(e.{ROW_ID}, r.{ROW_ID}), r.leaf_run_id, r.leaf_row_id,
           r.leaf_column, r.changed OR c.kind <> 'identity'
    FROM reach AS r
    JOIN locus.steps AS n ON n.source = r.model AND n.source_run_id = r.run_id
    JOIN live AS l ON l.run_id = n.run_id
    JOIN locus.run_columns AS c
      ON c.run_id = n.run_id AND c.source = r.model AND c.source_column = r.column_name
     AND c.kind NOT IN ('untraced', 'lineage_broken')
    LEFT JOIN locus.run_edges AS e
      ON n.by_edges AND e.run_id = n.run_id AND e.source = r.model AND e.source_row_id = r.{ROW_ID}
    WHERE NOT n.by_edges OR e.{ROW_ID} IS NOT NULL
)
SELECT r.model, r.{ROW_ID}, r.column_name, s.filename, s.page, s.x0, s.y0, s.x1, s.y1, s.place, s.text, s.value,
       s.confidence, s.faithfulness, s.grounding, s.rule, s.mode, s.inputs, s.checks, s.reason, s.start, s.stop,
       r.changed, s.model AS leaf_model, r.leaf_row_id, r.leaf_column
FROM reach AS r
JOIN locus.models AS m ON m.model = r.model AND m.run_id = r.run_id
JOIN leaves AS s
  ON s.run_id = r.leaf_run_id AND s.{ROW_ID} = r.leaf_row_id AND s.column_name = r.leaf_column
"""

#: The stored cell of a row id ``w.row_key`` in an image's column: the document by the id's prefix, the row by its end.
#: The bounds let DuckDB pass over the row groups of other documents; a join alone would read them all.
_LEAF = f"""held AS MATERIALIZED (
    SELECT w.*, k.reading, k.filename,
           CAST('0x' || right(CAST(w.row_key AS VARCHAR), {ORDINAL_DIGITS}) AS BIGINT) AS number
    FROM walk AS w
    JOIN locus.readings AS k
      ON k.prefix = left(CAST(w.row_key AS VARCHAR), {36 - ORDINAL_DIGITS}) AND 'image:' || k.image = w.source
    JOIN locus.run_documents AS d ON d.reading = k.reading AND d.run_id = w.run_id
),
stored AS MATERIALIZED (
    SELECT * FROM locus.reading_rows
    WHERE reading BETWEEN (SELECT min(reading) FROM held) AND (SELECT max(reading) FROM held)
      AND "row" IN (SELECT number FROM held)
),
leaf AS (
    SELECT h.*, {_UNNEST} FROM held AS h JOIN stored AS p ON p.reading = h.reading AND p."row" = h.number
)"""

_TRACE = f"""
CREATE OR REPLACE MACRO main.locus_trace(model_name, row_id, column_wanted := NULL, run_wanted := NULL) AS TABLE
WITH RECURSIVE walk AS (
    SELECT c.column_name AS asked, m.model, c.run_id, c.source, c.source_column, row_id::UUID AS row_key,
           c.kind <> 'identity' AS changed, c.kind, c.reason AS gap, 1 AS step
    FROM locus.models AS m
    JOIN locus.run_columns AS c ON c.run_id = coalesce(run_wanted, m.run_id)
    WHERE (m.model = lower(model_name) OR m.model LIKE '%.' || lower(model_name))
      AND (column_wanted IS NULL OR c.column_name = column_wanted)
    UNION
    SELECT w.asked, n.source, n.source_run_id, c.source, c.source_column, coalesce(e.source_row_id, w.row_key),
           w.changed OR coalesce(c.kind, '') <> 'identity', coalesce(c.kind, 'untraced'),
           CASE WHEN c.run_id IS NOT NULL THEN c.reason
                ELSE 'the lineage of ' || n.source || ' that this was built on is gone: build it again' END,
           w.step + 1
    FROM walk AS w
    JOIN locus.steps AS n ON n.run_id = w.run_id AND n.source = w.source
    LEFT JOIN locus.run_edges AS e
      ON n.by_edges AND e.run_id = w.run_id AND e.source = w.source AND e.{ROW_ID} = w.row_key
    LEFT JOIN locus.run_columns AS c ON c.run_id = n.source_run_id AND c.column_name = w.source_column
    WHERE w.kind NOT IN ('untraced', 'lineage_broken') AND w.step < 100
      AND (c.run_id IS NOT NULL OR n.source_run_id IS NULL
           OR NOT EXISTS (SELECT 1 FROM locus.runs AS known WHERE known.run_id = n.source_run_id))
),
{_LEAF}
SELECT c.asked AS column_name, c.filename AS document, {_span_fields("c.number")}, c.changed, c.gap,
       c.model AS leaf_model, c.row_key AS leaf_row_id
FROM (SELECT * FROM leaf WHERE column_name = source_column) AS c
{_judged("c.number", "c")}
"""

#: What the macro gives of a place, in this order.
_TRACED = (
    *("document", "page", "x0", "y0", "x1", "y1", "place", "text", "value", "faithfulness", "confidence", "grounding"),
    *("rule", "mode", "inputs", "checks", "start", "stop"),
)


def _trace() -> str:
    """The macro: the cells that were found, then the columns that lead nowhere with the reason."""
    head, _, tail = _TRACE.strip().partition("SELECT c.asked AS column_name")
    fields = ", ".join(f"t.{quote(n)}" for n in _TRACED)
    return (
        f"{head}SELECT t.column_name, {fields}, t.changed, coalesce(t.gap, t.reason) AS reason, "
        "t.leaf_model, t.leaf_row_id\n"
        f"FROM (SELECT c.asked AS column_name{tail}) AS t\nUNION ALL BY NAME\n"
        "SELECT w.asked AS column_name, w.changed, w.gap AS reason FROM walk AS w "
        "WHERE w.kind IN ('untraced', 'lineage_broken')"
    )


#: Views over the stored tables by name, in the order in which they are made.
VIEWS: Mapping[str, str] = {
    "documents": _DOCUMENTS,
    "completeness": _COMPLETENESS,
    "columns": _COLUMNS,
    "edges": _EDGES,
    "rejects": _REJECTS,
    "run_spans": _RUN_SPANS,
    "spans": _SPANS,
    "steps": _STEPS,
    "cells": _CELLS,
}


def views() -> list[str]:
    """The statements that make views and macro; each can be run again."""
    return [*(text.strip() for text in VIEWS.values()), _trace()]
