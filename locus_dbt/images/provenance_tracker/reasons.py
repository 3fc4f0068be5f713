"""The steps that say why a cell has no place, or why it is null."""

from __future__ import annotations

from locus_dbt.core.places_sql import Step
from locus_dbt.model.relation import ROW_ID, literal, quote

_NO_CELL = "comes from no cell of a document: a constant, or a fact such as the file's name"


def reason_steps(key: str) -> list[Step]:
    """Steps that name runs, gaps in the columns (``_locus_gaps``), rows that are known and cells that were refused."""
    return [
        ("_locus_runs", _RUNS),
        ("_locus_ends", _ENDS),
        ("_locus_gaps", _gaps(key)),
        ("_locus_known", _KNOWN),
        ("_locus_refused", _REFUSED),
    ]


# Two calls of one image in one model are two rows of the same run.
_RUNS = (
    "SELECT run_id, image, any_value(image_version) AS image_version,"
    " make_timestamp(epoch_us(max(built_at))) AS built_at"
    " FROM locus.runs WHERE run_id IN (SELECT since FROM _locus_documents) GROUP BY run_id, image"
)

# Where a chain of columns ends before it reaches an image.
_ENDS = (
    "SELECT asked, kind, coalesce(gap, 'it has no rule') AS why FROM _locus_chain"
    " WHERE kind NOT IN ('identity', 'expression')"
    " UNION"
    " SELECT h.asked, r.state, h.model || ' is ' || r.state || coalesce(': ' || r.reason, '')"
    " FROM _locus_chain AS h JOIN locus.runs AS r ON r.run_id = h.run_id AND r.state <> 'traced'"
    " UNION"
    " SELECT h.asked, coalesce(r.state, 'gone'), CASE"
    " WHEN r.state IS NULL THEN 'the lineage of ' || h.source || ' that this was built on is gone: build it again'"
    " WHEN r.state <> 'traced' THEN h.source || ' is ' || r.state || coalesce(': ' || r.reason, '')"
    f" ELSE h.source || '.' || h.source_column || {literal(f' {_NO_CELL}')} END"
    " FROM _locus_chain AS h LEFT JOIN locus.steps AS n ON n.run_id = h.run_id AND n.source = h.source"
    " LEFT JOIN locus.runs AS r ON r.run_id = n.source_run_id"
    " WHERE h.kind IN ('identity', 'expression') AND NOT starts_with(h.source, 'image:') AND NOT EXISTS ("
    "SELECT 1 FROM locus.run_columns AS c WHERE c.run_id = n.source_run_id AND c.column_name = h.source_column)"
)


def _gaps(key: str) -> str:
    """For each column: what holds for the whole relation, what for the column, and whether lineage broke on the way."""
    name = literal(key)
    whole = (
        f"SELECT CASE WHEN count(*) = 0 THEN {literal(f'{key} has no lineage: build it with dbt or build_model')}"
        " WHEN max(state) <> 'traced' THEN max(state) || coalesce(': ' || max(reason), '') END AS whole,"
        f" coalesce(max(state) = 'lineage_broken', false) AS broken FROM locus.models WHERE model = {name}"
    )
    return (
        "SELECT a.asked, w.whole,"
        " coalesce(string_agg(e.why, '; ' ORDER BY e.why),"
        f" CASE WHEN count(h.asked) = 0 THEN {literal(f'the column {_NO_CELL}')} END) AS gap,"
        " w.broken OR coalesce(bool_or(e.kind = 'lineage_broken'), false) AS broken"
        f" FROM (SELECT DISTINCT column_name AS asked FROM _locus_cells) AS a CROSS JOIN ({whole}) AS w"
        " LEFT JOIN _locus_ends AS e ON e.asked = a.asked"
        " LEFT JOIN (SELECT DISTINCT asked FROM _locus_chain) AS h ON h.asked = a.asked"
        " GROUP BY a.asked, w.whole, w.broken"
    )


# Rows that lead to a document, whether or not this cell does.
_KNOWN = "SELECT DISTINCT root FROM _locus_found"

# A reject names the column of the image that refused the cell: that is what the model reads it as, or its own column
# where the image makes the column. Cells of documents that were held already were refused in the run that read them.
_REFUSED = (
    "SELECT f.root, l.asked,"
    " string_agg(DISTINCT j.code || ': ' || j.message, '; ' ORDER BY j.code || ': ' || j.message) AS refused"
    " FROM (SELECT run_id, run_id AS since FROM _locus_chain UNION SELECT run_id, since FROM _locus_documents) AS x"
    " JOIN locus.run_rejects AS j ON j.run_id = x.since"
    " JOIN _locus_chain AS l ON l.run_id = x.run_id AND (l.source_column = j.column_name"
    " OR l.column_name = j.column_name AND NOT EXISTS ("
    "SELECT 1 FROM locus.run_columns AS c WHERE c.run_id = x.run_id AND c.source_column = j.column_name))"
    f" JOIN _locus_followed AS f ON f.run_id = x.run_id AND f.row_id = j.{quote(ROW_ID)}"
    " GROUP BY f.root, l.asked"
)
