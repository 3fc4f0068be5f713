CREATE SCHEMA IF NOT EXISTS locus;
CREATE SEQUENCE IF NOT EXISTS locus.reading_numbers;
CREATE TABLE IF NOT EXISTS locus.models ("model" VARCHAR, "node" VARCHAR, "state" VARCHAR, "reason" VARCHAR, "rows_by" VARCHAR, "run_id" VARCHAR);
CREATE TABLE IF NOT EXISTS locus.runs ("run_id" VARCHAR, "invocation_id" VARCHAR, "model" VARCHAR, "image" VARCHAR, "image_version" VARCHAR, "image_digest" VARCHAR, "params" VARCHAR, "engine" VARCHAR, "snapshot_id" VARCHAR, "documents" BIGINT, "documents_read" BIGINT, "documents_rejected" BIGINT, "state" VARCHAR, "reason" VARCHAR, "rows_by" VARCHAR, "built_at" TIMESTAMP WITH TIME ZONE, "min_faithfulness" DOUBLE, "below" VARCHAR, "conformance" VARCHAR);
CREATE TABLE IF NOT EXISTS locus.run_sources ("run_id" VARCHAR, "source" VARCHAR, "source_run_id" VARCHAR, "by_edges" BOOLEAN);
CREATE TABLE IF NOT EXISTS locus.run_columns ("run_id" VARCHAR, "column_name" VARCHAR, "source" VARCHAR, "source_column" VARCHAR, "kind" VARCHAR, "reason" VARCHAR);
CREATE TABLE IF NOT EXISTS locus.run_edges ("run_id" VARCHAR, "_locus_row_id" UUID, "source" VARCHAR, "source_row_id" UUID);
CREATE TABLE IF NOT EXISTS locus.run_documents ("run_id" VARCHAR, "reading" INTEGER, "since" VARCHAR);
CREATE TABLE IF NOT EXISTS locus.run_rejects ("run_id" VARCHAR, "image" VARCHAR, "filename" VARCHAR, "code" VARCHAR, "message" VARCHAR, "hint" VARCHAR, "column_name" VARCHAR, "page" INTEGER, "x0" FLOAT, "y0" FLOAT, "x1" FLOAT, "y1" FLOAT, "place" VARCHAR, "raw" VARCHAR, "_locus_row_id" UUID);
CREATE TABLE IF NOT EXISTS locus.readings ("reading" INTEGER, "prefix" VARCHAR, "result" VARCHAR, "image" VARCHAR, "filename" VARCHAR, "sha256" VARCHAR, "native" BOOLEAN, "first_row_id" UUID, "last_row_id" UUID, "media_type" VARCHAR, "size" BIGINT, "status" VARCHAR, "rows" BIGINT, "rejects" BIGINT, "pages" BIGINT, "pages_by_ocr" BIGINT, "tables" BIGINT, "blocks" BIGINT, "attachments" BIGINT, "repairs" BIGINT, "words" BIGINT, "words_in_tables" BIGINT, "words_in_text" BIGINT, "words_left_over" BIGINT, "warnings" VARCHAR[], "seconds" DOUBLE, "ocr_seconds" DOUBLE, "run_id" VARCHAR, "call" INTEGER);
CREATE TABLE IF NOT EXISTS locus.reading_rows ("reading" INTEGER, "row" BIGINT, "shape" VARCHAR, "cells" STRUCT(verdict UINTEGER, page USMALLINT, x USMALLINT, y USMALLINT, w USMALLINT, h USMALLINT, "text" VARCHAR)[]);
CREATE TABLE IF NOT EXISTS locus.reading_extras ("reading" INTEGER, "row" BIGINT, "position" INTEGER, "value" VARCHAR, "place" VARCHAR, "start" INTEGER, "stop" INTEGER);
CREATE TABLE IF NOT EXISTS locus.reading_verdicts ("reading" INTEGER, "verdict" UINTEGER, "confidence" FLOAT, "faithfulness" FLOAT, "grounding" VARCHAR, "rule" VARCHAR, "mode" VARCHAR, "inputs" VARCHAR[], "checks" VARCHAR[], "reason" VARCHAR);
CREATE TABLE IF NOT EXISTS locus.reading_addresses ("reading" INTEGER, "column_name" VARCHAR, "first_row" BIGINT, "last_row" BIGINT, "prefix" VARCHAR, "base" BIGINT, "step" BIGINT, "suffix" VARCHAR);
CREATE TABLE IF NOT EXISTS locus.reading_rejects ("reading" INTEGER, "code" VARCHAR, "message" VARCHAR, "hint" VARCHAR, "column_name" VARCHAR, "page" INTEGER, "x0" FLOAT, "y0" FLOAT, "x1" FLOAT, "y1" FLOAT, "place" VARCHAR, "raw" VARCHAR, "row" BIGINT);
CREATE OR REPLACE VIEW locus.documents AS
SELECT m.model, k.image, k.filename, k.sha256, k.size, k.media_type, k.pages, k."rows", k.status, k.prefix,
       k.first_row_id, k.last_row_id, k.native, d.since AS run_id, k.reading
FROM locus.models AS m
JOIN locus.run_documents AS d ON d.run_id = m.run_id
JOIN locus.readings AS k ON k.reading = d.reading;
CREATE OR REPLACE VIEW locus.completeness AS
SELECT m.model, k.image, k.filename, k."media_type", k."size", k."status", k."rows", k."rejects", k."pages", k."pages_by_ocr", k."tables", k."blocks", k."attachments", k."repairs", k."words", k."words_in_tables", k."words_in_text", k."words_left_over", k."warnings", k."seconds", k."ocr_seconds", d.since AS run_id
FROM locus.models AS m
JOIN locus.run_documents AS d ON d.run_id = m.run_id
JOIN locus.readings AS k ON k.reading = d.reading
WHERE NOT k.native;
CREATE OR REPLACE VIEW locus.columns AS
SELECT m.model, c.column_name, c.source, c.source_column, c.kind, c.reason
FROM locus.models AS m JOIN locus.run_columns AS c ON c.run_id = m.run_id;
CREATE OR REPLACE VIEW locus.edges AS
SELECT m.model, e._locus_row_id, e.source, e.source_row_id
FROM locus.models AS m JOIN locus.run_edges AS e ON e.run_id = m.run_id;
CREATE OR REPLACE VIEW locus.rejects AS
SELECT d.model, d.image, d.filename, r."code", r."message", r."hint", r."column_name", r."page", r."x0", r."y0", r."x1", r."y1", r."place", r."raw", CASE WHEN r.column_name IS NOT NULL THEN CAST(d.prefix || right(hex(1099511627776 + r."row"), 10) AS UUID) END AS _locus_row_id, d.run_id
FROM locus.documents AS d JOIN locus.reading_rejects AS r ON r.reading = d.reading
UNION ALL
SELECT m.model, r.image, r.filename, r."code", r."message", r."hint", r."column_name", r."page", r."x0", r."y0", r."x1", r."y1", r."place", r."raw", r._locus_row_id, r.run_id
FROM locus.models AS m JOIN locus.run_rejects AS r ON r.run_id = m.run_id
UNION ALL
SELECT d.model, d.image, d.filename, r."code", r."message", r."hint", r."column_name", r."page", r."x0", r."y0", r."x1", r."y1", r."place", r."raw", r._locus_row_id, r.run_id
FROM locus.documents AS d
JOIN locus.models AS m ON m.model = d.model AND m.run_id <> d.run_id
JOIN locus.run_rejects AS r
  ON r.run_id = d.run_id AND r.image = d.image AND r.filename = d.filename AND r._locus_row_id IS NOT NULL;
CREATE OR REPLACE VIEW locus.run_spans AS
SELECT c.run_id, c.image, c._locus_row_id, c.filename, c.column_name, coalesce(x."value", cell."text") AS "value", cell."text" AS "text", CAST(nullif(cell.page, 0) AS INTEGER) AS "page", CASE WHEN CAST(cell.x AS INTEGER) + cell.y + cell.w + cell.h > 0 THEN CAST((cell.x) / 4.0 AS FLOAT) END AS "x0", CASE WHEN CAST(cell.x AS INTEGER) + cell.y + cell.w + cell.h > 0 THEN CAST((cell.y) / 4.0 AS FLOAT) END AS "y0", CASE WHEN CAST(cell.x AS INTEGER) + cell.y + cell.w + cell.h > 0 THEN CAST((CAST(cell.x AS INTEGER) + cell.w) / 4.0 AS FLOAT) END AS "x1", CASE WHEN CAST(cell.x AS INTEGER) + cell.y + cell.w + cell.h > 0 THEN CAST((CAST(cell.y AS INTEGER) + cell.h) / 4.0 AS FLOAT) END AS "y1", v."confidence" AS "confidence", v."faithfulness" AS "faithfulness", v."grounding" AS "grounding", v."reason" AS "reason", v."rule" AS "rule", v."mode" AS "mode", v."inputs" AS "inputs", v."checks" AS "checks", coalesce(x.place, a.prefix || coalesce(CAST(a.base + a.step * c.number AS VARCHAR), '') || a.suffix) AS "place", x."start" AS "start", x."stop" AS "stop", c.reading
FROM (
    SELECT d.run_id, k.image, CAST(k.prefix || right(hex(1099511627776 + p."row"), 10) AS UUID) AS _locus_row_id, k.filename, k.reading, p."row" AS number, unnest(string_split(p.shape, chr(31))) AS column_name, unnest(p.cells) AS cell, unnest(range(len(p.cells))) AS position
    FROM locus.run_documents AS d
    JOIN locus.readings AS k ON k.reading = d.reading
    JOIN locus.reading_rows AS p ON p.reading = d.reading
) AS c
LEFT JOIN locus.reading_extras AS x ON x.reading = c.reading AND x."row" = c.number AND x.position = c.position JOIN locus.reading_verdicts AS v ON v.reading = c.reading AND v.verdict = c.cell.verdict LEFT JOIN locus.reading_addresses AS a ON a.reading = c.reading AND a.column_name = c.column_name AND c.number BETWEEN a.first_row AND a.last_row;
CREATE OR REPLACE VIEW locus.spans AS
SELECT m.model, s.image, s._locus_row_id, s.filename, s."column_name", s."value", s."text", s."page", s."x0", s."y0", s."x1", s."y1", s."confidence", s."faithfulness", s."grounding", s."reason", s."rule", s."mode", s."inputs", s."checks", s."place", s."start", s."stop"
FROM locus.models AS m JOIN locus.run_spans AS s ON s.run_id = m.run_id;
CREATE OR REPLACE VIEW locus.steps AS
SELECT s.run_id, s.source, coalesce(s.source_run_id, m.run_id) AS source_run_id, s.by_edges
FROM locus.run_sources AS s LEFT JOIN locus.models AS m ON m.model = s.source;
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
    SELECT s.model, s.run_id, c.column_name, s._locus_row_id, s.run_id AS leaf_run_id, s._locus_row_id AS leaf_row_id,
           s.column_name AS leaf_column, c.kind <> 'identity' AS changed
    FROM leaves AS s
    JOIN locus.run_columns AS c
      ON c.run_id = s.run_id AND c.source = 'image:' || s.image AND c.source_column = s.column_name
    UNION
    SELECT l.model, n.run_id, c.column_name, coalesce(e._locus_row_id, r._locus_row_id), r.leaf_run_id, r.leaf_row_id,
           r.leaf_column, r.changed OR c.kind <> 'identity'
    FROM reach AS r
    JOIN locus.steps AS n ON n.source = r.model AND n.source_run_id = r.run_id
    JOIN live AS l ON l.run_id = n.run_id
    JOIN locus.run_columns AS c
      ON c.run_id = n.run_id AND c.source = r.model AND c.source_column = r.column_name
     AND c.kind NOT IN ('untraced', 'lineage_broken')
    LEFT JOIN locus.run_edges AS e
      ON n.by_edges AND e.run_id = n.run_id AND e.source = r.model AND e.source_row_id = r._locus_row_id
    WHERE NOT n.by_edges OR e._locus_row_id IS NOT NULL
)
SELECT r.model, r._locus_row_id, r.column_name, s.filename, s.page, s.x0, s.y0, s.x1, s.y1, s.place, s.text, s.value,
       s.confidence, s.faithfulness, s.grounding, s.rule, s.mode, s.inputs, s.checks, s.reason, s.start, s.stop,
       r.changed, s.model AS leaf_model, r.leaf_row_id, r.leaf_column
FROM reach AS r
JOIN locus.models AS m ON m.model = r.model AND m.run_id = r.run_id
JOIN leaves AS s
  ON s.run_id = r.leaf_run_id AND s._locus_row_id = r.leaf_row_id AND s.column_name = r.leaf_column;
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
      ON n.by_edges AND e.run_id = w.run_id AND e.source = w.source AND e._locus_row_id = w.row_key
    LEFT JOIN locus.run_columns AS c ON c.run_id = n.source_run_id AND c.column_name = w.source_column
    WHERE w.kind NOT IN ('untraced', 'lineage_broken') AND w.step < 100
      AND (c.run_id IS NOT NULL OR n.source_run_id IS NULL
           OR NOT EXISTS (SELECT 1 FROM locus.runs AS known WHERE known.run_id = n.source_run_id))
),
held AS MATERIALIZED (
    SELECT w.*, k.reading, k.filename,
           CAST('0x' || right(CAST(w.row_key AS VARCHAR), 10) AS BIGINT) AS number
    FROM walk AS w
    JOIN locus.readings AS k
      ON k.prefix = left(CAST(w.row_key AS VARCHAR), 26) AND 'image:' || k.image = w.source
    JOIN locus.run_documents AS d ON d.reading = k.reading AND d.run_id = w.run_id
),
stored AS MATERIALIZED (
    SELECT * FROM locus.reading_rows
    WHERE reading BETWEEN (SELECT min(reading) FROM held) AND (SELECT max(reading) FROM held)
      AND "row" IN (SELECT number FROM held)
),
leaf AS (
    SELECT h.*, unnest(string_split(p.shape, chr(31))) AS column_name, unnest(p.cells) AS cell, unnest(range(len(p.cells))) AS position FROM held AS h JOIN stored AS p ON p.reading = h.reading AND p."row" = h.number
)
SELECT t.column_name, t."document", t."page", t."x0", t."y0", t."x1", t."y1", t."place", t."text", t."value", t."faithfulness", t."confidence", t."grounding", t."rule", t."mode", t."inputs", t."checks", t."start", t."stop", t.changed, coalesce(t.gap, t.reason) AS reason, t.leaf_model, t.leaf_row_id
FROM (SELECT c.asked AS column_name, c.filename AS document, coalesce(x."value", cell."text") AS "value", cell."text" AS "text", CAST(nullif(cell.page, 0) AS INTEGER) AS "page", CASE WHEN CAST(cell.x AS INTEGER) + cell.y + cell.w + cell.h > 0 THEN CAST((cell.x) / 4.0 AS FLOAT) END AS "x0", CASE WHEN CAST(cell.x AS INTEGER) + cell.y + cell.w + cell.h > 0 THEN CAST((cell.y) / 4.0 AS FLOAT) END AS "y0", CASE WHEN CAST(cell.x AS INTEGER) + cell.y + cell.w + cell.h > 0 THEN CAST((CAST(cell.x AS INTEGER) + cell.w) / 4.0 AS FLOAT) END AS "x1", CASE WHEN CAST(cell.x AS INTEGER) + cell.y + cell.w + cell.h > 0 THEN CAST((CAST(cell.y AS INTEGER) + cell.h) / 4.0 AS FLOAT) END AS "y1", v."confidence" AS "confidence", v."faithfulness" AS "faithfulness", v."grounding" AS "grounding", v."reason" AS "reason", v."rule" AS "rule", v."mode" AS "mode", v."inputs" AS "inputs", v."checks" AS "checks", coalesce(x.place, a.prefix || coalesce(CAST(a.base + a.step * c.number AS VARCHAR), '') || a.suffix) AS "place", x."start" AS "start", x."stop" AS "stop", c.changed, c.gap,
       c.model AS leaf_model, c.row_key AS leaf_row_id
FROM (SELECT * FROM leaf WHERE column_name = source_column) AS c
LEFT JOIN locus.reading_extras AS x ON x.reading = c.reading AND x."row" = c.number AND x.position = c.position JOIN locus.reading_verdicts AS v ON v.reading = c.reading AND v.verdict = c.cell.verdict LEFT JOIN locus.reading_addresses AS a ON a.reading = c.reading AND a.column_name = c.column_name AND c.number BETWEEN a.first_row AND a.last_row) AS t
UNION ALL BY NAME
SELECT w.asked AS column_name, w.changed, w.gap AS reason FROM walk AS w WHERE w.kind IN ('untraced', 'lineage_broken');
CREATE OR REPLACE VIEW locus.flagged AS
WITH trusted AS (
    SELECT r.model, r.image, max(r.min_faithfulness) AS min_faithfulness
    FROM locus.runs AS r
    JOIN locus.models AS m ON m.model = r.model AND m.run_id = r.run_id
    WHERE r.min_faithfulness IS NOT NULL
    GROUP BY r.model, r.image
)
SELECT s.model, s.image, s._locus_row_id, s.filename, s.column_name, s.value, s.text, s.faithfulness,
       t.min_faithfulness, s.confidence, s.grounding, s.mode, s.reason, s.checks,
       s.page, s.x0, s.y0, s.x1, s.y1, s.place
FROM locus.spans AS s
JOIN trusted AS t ON t.model = s.model AND t.image = s.image
WHERE s.faithfulness < CAST(t.min_faithfulness AS FLOAT) OR s.faithfulness IS NULL;
CREATE OR REPLACE MACRO main.locus_flagged(model_name) AS TABLE
SELECT c.model, c._locus_row_id, count(DISTINCT c.column_name) AS flagged_cells,
       list_sort(list(DISTINCT c.column_name)) AS flagged_columns, min(f.faithfulness) AS lowest,
       list_sort(list(DISTINCT f.reason)) AS reasons
FROM locus.cells AS c
JOIN locus.flagged AS f
  ON f.model = c.leaf_model AND f._locus_row_id = c.leaf_row_id AND f.column_name = c.leaf_column
WHERE c.model = lower(model_name) OR c.model LIKE '%.' || lower(model_name)
GROUP BY c.model, c._locus_row_id
