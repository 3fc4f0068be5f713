"""Cells below the threshold of the run that read them: the view ``locus.flagged`` and the macro ``locus_flagged``."""

from __future__ import annotations

_FLAGGED = """
CREATE OR REPLACE VIEW {schema}.flagged AS
WITH trusted AS (
    SELECT r.model, r.image, max(r.min_faithfulness) AS min_faithfulness
    FROM {schema}.runs AS r
    JOIN {schema}.models AS m ON m.model = r.model AND m.run_id = r.run_id
    WHERE r.min_faithfulness IS NOT NULL
    GROUP BY r.model, r.image
)
SELECT s.model, s.image, s._locus_row_id, s.filename, s.column_name, s.value, s.text, s.faithfulness,
       t.min_faithfulness, s.confidence, s.grounding, s.mode, s.reason, s.checks,
       s.page, s.x0, s.y0, s.x1, s.y1, s.place
FROM {schema}.spans AS s
JOIN trusted AS t ON t.model = s.model AND t.image = s.image
WHERE s.faithfulness < CAST(t.min_faithfulness AS FLOAT) OR s.faithfulness IS NULL
"""

_ROWS = """
CREATE OR REPLACE MACRO {target}(model_name) AS TABLE
SELECT c.model, c._locus_row_id, count(DISTINCT c.column_name) AS flagged_cells,
       list_sort(list(DISTINCT c.column_name)) AS flagged_columns, min(f.faithfulness) AS lowest,
       list_sort(list(DISTINCT f.reason)) AS reasons
FROM {schema}.cells AS c
JOIN {schema}.flagged AS f
  ON f.model = c.leaf_model AND f._locus_row_id = c.leaf_row_id AND f.column_name = c.leaf_column
WHERE c.model = lower(model_name) OR c.model LIKE '%.' || lower(model_name)
GROUP BY c.model, c._locus_row_id
"""


def flagged_ddl(schema: str) -> list[str]:
    """The statements that make view and macro; both read only what ``locus`` promises to readers."""
    return [_FLAGGED.format(schema=schema).strip(), _ROWS.format(schema=schema, target="main.locus_flagged").strip()]
