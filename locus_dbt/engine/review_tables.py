"""Reviewed cells, the sample they were drawn for, and maps of confidence: tables and a macro that need no plug-in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from locus_dbt.model.relation import quote

if TYPE_CHECKING:
    import duckdb

_CELL = {
    "model": ("VARCHAR", "The relation of the cell, schema.table in lower case."),
    "_locus_row_id": ("UUID", "Its row."),
    "column_name": ("VARCHAR", "Its column."),
    "value": ("VARCHAR", "What had been read when it was looked at, as text."),
    "confidence": ("FLOAT", "What was stated of it then."),
    "image_state": ("VARCHAR", "Digest of the images that the model's cells come from, as they were then."),
}

#: Table name to its columns with types and meanings.
REVIEW_TABLES: dict[str, dict[str, tuple[str, str]]] = {
    "reviews": {
        **_CELL,
        "verdict": ("VARCHAR", "right or wrong. Of several reviews of a cell the last one counts."),
        "corrected": ("VARCHAR", "The right value, where one was given."),
        "reviewer": ("VARCHAR", "Who looked."),
        "reviewed_at": ("TIMESTAMP WITH TIME ZONE", "When."),
    },
    "review_sample": {
        **_CELL,
        "drawn_at": ("TIMESTAMP WITH TIME ZONE", "When it was drawn at random, or came with a gold relation."),
    },
    "calibration": {
        "model": ("VARCHAR", "The relation whose confidence is mapped."),
        "stated": ("DOUBLE[]", "Points of the curve: confidence of the image."),
        "probability": ("DOUBLE[]", "Points of the curve: share that was right."),
        "cells": ("BIGINT", "Cells with gold that it was fitted on."),
        "documents": ("BIGINT", "Documents they stand in."),
        "ece": ("DOUBLE", "Expected calibration error after mapping, cross-validated by document."),
        "image_state": ("VARCHAR", "See reviews; a map of another state is not used."),
        "fitted_at": ("TIMESTAMP WITH TIME ZONE", "When; the last one counts."),
    },
}

#: The images a model's cells come from, each with the code that read them last.
IMAGE_STATE = """
    SELECT md5(coalesce(string_agg(concat_ws(' ', run.model, run.image, run.image_digest), ','
                                   ORDER BY run.model, run.image), ''))
    FROM (SELECT r.model, r.image, arg_max(r.image_digest, r.built_at) AS image_digest
          FROM locus.runs AS r WHERE r.image IS NOT NULL GROUP BY r.model, r.image) AS run
    WHERE run.model IN ({leaves})"""

_QUEUE = """
CREATE OR REPLACE MACRO main.locus_review_queue(model_name, max_error := NULL, threshold := 0.7) AS TABLE
WITH asked AS (
    SELECT m.model FROM locus.models AS m
    WHERE m.model = lower(replace(model_name, '"', '')) OR m.model LIKE '%.' || lower(replace(model_name, '"', ''))
),
cell AS (
    SELECT c.* FROM locus.cells AS c JOIN asked ON asked.model = c.model
    WHERE c._locus_row_id IN (SELECT held._locus_row_id FROM query_table(model_name) AS held)
    QUALIFY row_number() OVER (
        PARTITION BY c.model, c._locus_row_id, c.column_name
        ORDER BY c.confidence, c.faithfulness, c.filename, c.page, c.x0
    ) = 1
),
state AS (SELECT ({image_state}) AS now),
seen AS (
    SELECT r.* FROM locus.reviews AS r JOIN asked ON asked.model = r.model
    QUALIFY row_number() OVER (PARTITION BY r.model, r._locus_row_id, r.column_name ORDER BY r.reviewed_at DESC) = 1
),
drawn AS (
    SELECT s.*, coalesce(seen.verdict <> 'right', true) AS wrong
    FROM locus.review_sample AS s JOIN asked ON asked.model = s.model
    JOIN state ON state.now = s.image_state
    LEFT JOIN seen ON seen._locus_row_id = s._locus_row_id AND seen.column_name = s.column_name
                  AND seen.value IS NOT DISTINCT FROM s.value
),
told AS (
    SELECT count(*) AS n,
           coalesce(list(d.confidence ORDER BY d.confidence DESC) FILTER (WHERE d.wrong), []) AS wrong_at,
           CAST(floor(max_error * (count(*) + 1) + 1e-9) AS BIGINT) AS rank
    FROM drawn AS d
),
line AS (
    SELECT told.n, CASE WHEN told.rank IS NULL THEN NULL WHEN told.rank < 1 THEN CAST('inf' AS DOUBLE)
                        WHEN told.rank > len(told.wrong_at) THEN -1.0 ELSE told.wrong_at[told.rank] END AS above,
           CASE WHEN told.rank < 1 THEN CAST(ceil(1 / max_error - 1 - 1e-9) AS BIGINT) - told.n ELSE 0 END AS missing
    FROM told
),
map AS (
    SELECT k.stated, k.probability FROM locus.calibration AS k
    JOIN asked ON asked.model = k.model JOIN state ON state.now = k.image_state
    ORDER BY k.fitted_at DESC LIMIT 1
),
judged AS (
    SELECT cell.*, map.stated AS at, map.probability AS p,
           len(list_filter(map.stated, lambda x: x <= cell.confidence)) AS i,
           drawn._locus_row_id IS NOT NULL AS drawn
    FROM cell LEFT JOIN map ON true
    LEFT JOIN seen ON seen._locus_row_id = cell._locus_row_id AND seen.column_name = cell.column_name
                  AND seen.value IS NOT DISTINCT FROM cell.value
    LEFT JOIN drawn ON drawn._locus_row_id = cell._locus_row_id AND drawn.column_name = cell.column_name
    WHERE seen.verdict IS NULL
),
stated AS (
    SELECT j.*, CASE WHEN j.at IS NULL THEN j.confidence WHEN j.i = 0 THEN j.p[1]
                     WHEN j.i = len(j.at) THEN j.p[j.i] ELSE j.p[j.i] +
                          (j.p[j.i + 1] - j.p[j.i]) * (j.confidence - j.at[j.i]) / (j.at[j.i + 1] - j.at[j.i])
                END AS stated
    FROM judged AS j
)
SELECT s.model, s._locus_row_id, s.column_name, s.value, s.text, s.filename, s.page, s.x0, s.y0, s.x1, s.y1, s.place,
       s.stated, s.confidence, s.faithfulness, s.grounding, s.checks, s.reason, s.drawn, line.above, line.n AS reviewed,
       line.missing
FROM stated AS s CROSS JOIN line
WHERE s.drawn OR CASE WHEN max_error IS NULL THEN coalesce(s.stated, 0) < threshold
                      ELSE coalesce(s.confidence, 0) <= line.above END
ORDER BY s.stated NULLS FIRST, s.faithfulness NULLS FIRST, s.filename, s.page, s.y0, s.x0, s.column_name,
         s._locus_row_id
"""


def review_ddl() -> list[str]:
    """Statements that make the tables and the macro where they are missing; each can be run again."""
    out = []
    for table, columns in REVIEW_TABLES.items():
        fields = ", ".join(f"{quote(name)} {kind}" for name, (kind, _) in columns.items())
        out.append(f"CREATE TABLE IF NOT EXISTS locus.{table} ({fields})")
    leaves = "SELECT cell.leaf_model FROM cell"
    out.append(_QUEUE.format(image_state=IMAGE_STATE.format(leaves=leaves).strip()).strip())
    return out


def create_review_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Make what is missing in a database that holds lineage."""
    for statement in review_ddl():
        connection.execute(statement)
