CREATE SCHEMA IF NOT EXISTS locus;
CREATE TABLE IF NOT EXISTS locus.models ("model" VARCHAR, "node" VARCHAR, "state" VARCHAR, "reason" VARCHAR, "rows_by" VARCHAR, "run_id" VARCHAR);
CREATE TABLE IF NOT EXISTS locus.runs ("run_id" VARCHAR, "invocation_id" VARCHAR, "model" VARCHAR, "image" VARCHAR, "image_version" VARCHAR, "image_digest" VARCHAR, "params" VARCHAR, "engine" VARCHAR, "snapshot_id" VARCHAR, "documents" BIGINT, "documents_read" BIGINT, "documents_rejected" BIGINT, "built_at" TIMESTAMP WITH TIME ZONE, "min_faithfulness" DOUBLE, "below" VARCHAR);
CREATE TABLE IF NOT EXISTS locus.documents ("model" VARCHAR, "image" VARCHAR, "filename" VARCHAR, "sha256" VARCHAR, "size" BIGINT, "media_type" VARCHAR, "pages" INTEGER, "rows" BIGINT, "status" VARCHAR, "prefix" VARCHAR, "first_row_id" UUID, "last_row_id" UUID, "native" BOOLEAN, "run_id" VARCHAR);
CREATE TABLE IF NOT EXISTS locus.completeness ("model" VARCHAR, "image" VARCHAR, "filename" VARCHAR, "media_type" VARCHAR, "size" BIGINT, "status" VARCHAR, "rows" BIGINT, "rejects" BIGINT, "pages" BIGINT, "pages_by_ocr" BIGINT, "tables" BIGINT, "blocks" BIGINT, "attachments" BIGINT, "repairs" BIGINT, "words" BIGINT, "words_in_tables" BIGINT, "words_in_text" BIGINT, "words_left_over" BIGINT, "warnings" VARCHAR[], "seconds" DOUBLE, "ocr_seconds" DOUBLE, "run_id" VARCHAR);
CREATE TABLE IF NOT EXISTS locus.spans ("model" VARCHAR, "image" VARCHAR, "_locus_row_id" UUID, "filename" VARCHAR, "column_name" VARCHAR, "value" VARCHAR, "text" VARCHAR, "page" INTEGER, "x0" FLOAT, "y0" FLOAT, "x1" FLOAT, "y1" FLOAT, "confidence" FLOAT, "faithfulness" FLOAT, "grounding" VARCHAR, "reason" VARCHAR, "rule" VARCHAR, "mode" VARCHAR, "inputs" VARCHAR[], "checks" VARCHAR[], "place" VARCHAR, "start" INTEGER, "stop" INTEGER);
CREATE TABLE IF NOT EXISTS locus.edges ("model" VARCHAR, "_locus_row_id" UUID, "source" VARCHAR, "source_row_id" UUID);
CREATE TABLE IF NOT EXISTS locus.columns ("model" VARCHAR, "column_name" VARCHAR, "source" VARCHAR, "source_column" VARCHAR, "kind" VARCHAR, "reason" VARCHAR);
CREATE TABLE IF NOT EXISTS locus.rejects ("model" VARCHAR, "image" VARCHAR, "filename" VARCHAR, "code" VARCHAR, "message" VARCHAR, "hint" VARCHAR, "column_name" VARCHAR, "page" INTEGER, "x0" FLOAT, "y0" FLOAT, "x1" FLOAT, "y1" FLOAT, "place" VARCHAR, "raw" VARCHAR, "_locus_row_id" UUID, "run_id" VARCHAR);
CREATE OR REPLACE VIEW locus.cells AS
WITH RECURSIVE reach AS (
    SELECT c.model, c.column_name, s._locus_row_id, s.model AS leaf_model, s._locus_row_id AS leaf_row_id,
           s.column_name AS leaf_column, c.kind <> 'identity' AS changed
    FROM locus.spans AS s
    JOIN locus.columns AS c
      ON c.model = s.model AND c.source = 'image:' || s.image AND c.source_column = s.column_name
    UNION
    SELECT c.model, c.column_name, coalesce(e._locus_row_id, r._locus_row_id), r.leaf_model, r.leaf_row_id,
           r.leaf_column, r.changed OR c.kind <> 'identity'
    FROM reach AS r
    JOIN locus.columns AS c ON c.source = r.model AND c.source_column = r.column_name AND c.kind <> 'untraced'
    JOIN locus.models AS m ON m.model = c.model
    LEFT JOIN locus.edges AS e
      ON m.rows_by = 'edges' AND e.model = c.model AND e.source = r.model AND e.source_row_id = r._locus_row_id
    WHERE m.rows_by <> 'edges' OR e._locus_row_id IS NOT NULL
)
SELECT r.model, r._locus_row_id, r.column_name, s.filename, s.page, s.x0, s.y0, s.x1, s.y1, s.place, s.text, s.value,
       s.confidence, s.faithfulness, s.grounding, s.rule, s.mode, s.inputs, s.checks, s.reason, s.start, s.stop, r.changed,
       r.leaf_model, r.leaf_row_id, r.leaf_column
FROM reach AS r
JOIN locus.spans AS s
  ON s.model = r.leaf_model AND s._locus_row_id = r.leaf_row_id AND s.column_name = r.leaf_column;
CREATE OR REPLACE MACRO main.locus_trace(model_name, row_id, column_wanted := NULL) AS TABLE
WITH RECURSIVE walk AS (
    SELECT c.model, c.column_name AS asked, c.source, c.source_column, row_id::UUID AS row_key,
           c.kind <> 'identity' AS changed, c.kind AS kind, c.reason AS gap, 1 AS step
    FROM locus.columns AS c
    WHERE (c.model = lower(model_name) OR c.model LIKE '%.' || lower(model_name))
      AND (column_wanted IS NULL OR c.column_name = column_wanted)
    UNION
    SELECT c.model, w.asked, c.source, c.source_column, coalesce(e.source_row_id, w.row_key),
           w.changed OR c.kind <> 'identity', c.kind, c.reason, w.step + 1
    FROM walk AS w
    JOIN locus.models AS m ON m.model = w.model
    LEFT JOIN locus.edges AS e
      ON m.rows_by = 'edges' AND e.model = w.model AND e.source = w.source AND e._locus_row_id = w.row_key
    JOIN locus.columns AS c ON c.model = w.source AND c.column_name = w.source_column
    WHERE w.kind <> 'untraced' AND w.step < 100
)
SELECT w.asked AS column_name, s.filename AS document, s.page, s.x0, s.y0, s.x1, s.y1, s.place, s.text, s.value,
       s.faithfulness, s.confidence, s.grounding, s.rule, s.mode, s.inputs, s.checks, s.start, s.stop, w.changed,
       coalesce(w.gap, s.reason) AS reason,
       s.model AS leaf_model, s._locus_row_id AS leaf_row_id
FROM walk AS w
LEFT JOIN locus.spans AS s
  ON s.model = w.model AND w.source = 'image:' || s.image AND s.column_name = w.source_column
 AND s._locus_row_id = w.row_key
WHERE s.model IS NOT NULL OR w.kind = 'untraced';
CREATE OR REPLACE VIEW locus.flagged AS
WITH trusted AS (
    SELECT r.model, r.image, max(r.min_faithfulness) AS min_faithfulness
    FROM locus.runs AS r
    JOIN locus.models AS m ON m.model = r.model AND m.run_id = r.run_id
    WHERE r.min_faithfulness IS NOT NULL
    GROUP BY r.model, r.image
)
SELECT s.model, s.image, s._locus_row_id, s.filename, s.column_name, s.value, s.text, s.faithfulness,
       t.min_faithfulness, s.confidence, s.grounding, s.mode, s.reason, s.checks, s.page, s.x0, s.y0, s.x1, s.y1, s.place
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
