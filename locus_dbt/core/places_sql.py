"""SQL steps that follow a relation's cells to the places they were read from, for images that show them.

The walk starts at the relation's own rows and goes down, so its cost grows with the relation and not with the project.
Columns and rows are followed apart and meet at the leaves: a row has one parent row for each parent relation, whatever
the column.
"""

from __future__ import annotations

from collections.abc import Sequence

from locus_dbt.core.row_ids import ORDINAL_DIGITS
from locus_dbt.model.relation import ROW_ID, literal, quote

#: A named step of a query: name and SELECT.
Step = tuple[str, str]

#: What a place tells beside the cell it belongs to, in the order and the words of ``locus.cells``.
PLACE_COLUMNS = (
    "filename", "page", "x0", "y0", "x1", "y1", "place", "text", "value", "confidence", "faithfulness", "grounding",
    "rule", "mode", "inputs", "checks", "reason", "start", "stop",
)  # fmt: skip

#: Why the place of a cell of a file that DuckDB reads itself has no score.
_NATIVE = "read by DuckDB itself: the place is the record's number, and nothing was interpreted"

# A chain longer than this is a loop.
_LONGEST = 100


def place_steps(key: str, rows: str, columns: Sequence[str]) -> list[Step]:
    """Steps up to ``_locus_places``: a row for each place that a cell of the relation leads to.

    ``key`` is the relation in the lineage tables, ``rows`` a step with the row ids in ``root``, ``columns`` the
    columns asked for. A place has ``root``, ``asked`` (the column), the columns of ``PLACE_COLUMNS``, ``changed``,
    ``steps`` (models from the relation to the leaf, both counted), ``leaf_model``, ``leaf_row_id``, ``leaf_column``,
    ``image``, and ``prefix``, which names the document in ``_locus_documents``. Beside it ``_locus_chain`` has the
    columns on the way and ``_locus_followed`` the rows. The query needs WITH RECURSIVE.
    """
    return [
        ("_locus_chain", _chain(key, columns)),
        ("_locus_hops", _HOPS),
        ("_locus_edges", _EDGES),
        ("_locus_followed", _followed(key, rows)),
        ("_locus_leaves", _LEAVES),
        ("_locus_documents", _DOCUMENTS),
        ("_locus_read", _read()),
        ("_locus_records", _records()),
        ("_locus_places", "SELECT * FROM _locus_read UNION ALL SELECT * FROM _locus_records"),
    ]


def _chain(key: str, columns: Sequence[str]) -> str:
    """Every column that a column asked for comes from, step by step."""
    asked = ", ".join(literal(c) for c in columns) or "NULL"
    return (
        "SELECT c.column_name AS asked, c.model, c.column_name, c.source, c.source_column, c.kind, c.reason AS gap,"
        " c.kind <> 'identity' AS changed, 1 AS steps"
        f" FROM locus.columns AS c WHERE c.model = {literal(key)} AND c.column_name IN ({asked})"
        " UNION"
        " SELECT h.asked, c.model, c.column_name, c.source, c.source_column, c.kind, c.reason,"
        " h.changed OR c.kind <> 'identity', h.steps + 1"
        " FROM _locus_chain AS h JOIN locus.columns AS c ON c.model = h.source AND c.column_name = h.source_column"
        f" WHERE h.kind <> 'untraced' AND h.steps < {_LONGEST}"
    )


_HOPS = (
    "SELECT DISTINCT h.model, h.source, m.rows_by FROM _locus_chain AS h JOIN locus.models AS m ON m.model = h.model"
    " WHERE h.kind <> 'untraced' AND NOT starts_with(h.source, 'image:')"
)

# Taken once: the recursion would read the table at every turn.
_EDGES = (
    f"SELECT e.model, e.source, e.{quote(ROW_ID)} AS child, e.source_row_id AS parent FROM locus.edges AS e"
    " JOIN _locus_hops AS h ON h.model = e.model AND h.source = e.source AND h.rows_by = 'edges'"
)


def _followed(key: str, rows: str) -> str:
    """Every row that a row asked for comes from; only rows of models that merge or split have another id."""
    return (
        f"SELECT {literal(key)} AS model, root, root AS row_id FROM {rows} WHERE root IS NOT NULL"
        " UNION"
        " SELECT h.source, f.root, coalesce(e.parent, f.row_id)"
        " FROM _locus_followed AS f JOIN _locus_hops AS h ON h.model = f.model"
        " LEFT JOIN _locus_edges AS e"
        " ON h.rows_by = 'edges' AND e.model = h.model AND e.source = h.source AND e.child = f.row_id"
        " WHERE h.rows_by IS DISTINCT FROM 'edges' OR e.parent IS NOT NULL"
    )


# One column can be reached on several ways: changed on one of them is changed.
_LEAVES = (
    "SELECT asked, model, source[7:] AS image, source_column, bool_or(changed) AS changed, min(steps) AS steps"
    " FROM _locus_chain WHERE kind <> 'untraced' AND starts_with(source, 'image:') GROUP BY ALL"
)

_DOCUMENTS = (
    'SELECT model, image, prefix, any_value(filename) AS filename, any_value(sha256) AS sha256, bool_or("native")'
    " AS by_duckdb, max(run_id) AS run_id FROM locus.documents"
    " WHERE model IN (SELECT model FROM _locus_leaves) GROUP BY model, image, prefix"
)


def _read() -> str:
    """Places that were recorded: a span each."""
    names = ", ".join(f"s.{quote(c)}" for c in PLACE_COLUMNS)
    return (
        f"SELECT f.root, l.asked, {names}, bool_or(l.changed) AS changed, min(l.steps) AS steps,"
        f" s.model AS leaf_model, s.{quote(ROW_ID)} AS leaf_row_id, s.column_name AS leaf_column, s.image,"
        f" {_prefix(f's.{quote(ROW_ID)}')} AS prefix"
        " FROM _locus_leaves AS l"
        " JOIN _locus_followed AS f ON f.model = l.model"
        " JOIN locus.spans AS s ON s.model = l.model AND s.image = l.image AND s.column_name = l.source_column"
        f" AND s.{quote(ROW_ID)} = f.row_id GROUP BY ALL"
    )


def _records() -> str:
    """Cells of files that DuckDB reads itself: the place follows from the row id, so none is recorded."""
    given = {
        "filename": "d.filename",
        "place": f"'record ' || ({_ordinal('f.row_id')} + 1)",
        "reason": literal(_NATIVE),
    }
    texts = dict.fromkeys(("place", "text", "value", "grounding", "rule", "mode"), "CAST(NULL AS VARCHAR)")
    lists = dict.fromkeys(("inputs", "checks"), "CAST(NULL AS VARCHAR[])")
    whole = dict.fromkeys(("page", "start", "stop"), "CAST(NULL AS INTEGER)")
    made = {**texts, **lists, **whole, **given}
    names = ", ".join(f"{made.get(c, 'CAST(NULL AS FLOAT)')} AS {quote(c)}" for c in PLACE_COLUMNS)
    return (
        f"SELECT f.root, l.asked, {names}, l.changed, l.steps, f.model AS leaf_model, f.row_id AS leaf_row_id,"
        " l.source_column AS leaf_column, l.image, d.prefix"
        " FROM _locus_leaves AS l"
        " JOIN _locus_followed AS f ON f.model = l.model"
        " JOIN _locus_documents AS d ON d.model = l.model AND d.image = l.image AND d.by_duckdb"
        f" AND d.prefix = {_prefix('f.row_id')}"
        " WHERE NOT EXISTS (SELECT 1 FROM _locus_read AS r WHERE r.root = f.root AND r.asked = l.asked)"
    )


def _prefix(row_id: str) -> str:
    """The part of a row id that names its document."""
    return f"left(CAST({row_id} AS VARCHAR), {36 - ORDINAL_DIGITS})"


def _ordinal(row_id: str) -> str:
    return f"CAST('0x' || right(CAST({row_id} AS VARCHAR), {ORDINAL_DIGITS}) AS BIGINT)"


def with_recursive(steps: Sequence[Step]) -> str:
    """The steps as a WITH clause, each worked out once."""
    recursive = ("_locus_chain", "_locus_followed")
    parts = [f"{name} AS {'' if name in recursive else 'MATERIALIZED '}(\n  {sql}\n)" for name, sql in steps]
    return "WITH RECURSIVE " + ",\n".join(parts)
