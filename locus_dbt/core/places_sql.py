"""SQL steps that follow a relation's cells to the places they were read from, for images that show them.

The walk starts at the relation's own rows and goes down, so its cost grows with the relation and not with the project;
each step goes to the run at which the source stood when it was read. (``macros/lineage.sql`` goes the same way.)
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
    ``image``, and ``run_id`` and ``reading``, which name the document in ``_locus_documents``. Beside it
    ``_locus_chain`` has the columns on the way, ``_locus_followed`` the rows, and ``_locus_found`` the documents they
    lead to. The query needs WITH RECURSIVE.
    """
    return [
        ("_locus_chain", _chain(key, columns)),
        ("_locus_hops", _HOPS),
        ("_locus_edges", _EDGES),
        ("_locus_followed", _followed(key, rows)),
        ("_locus_leaves", _LEAVES),
        ("_locus_documents", _DOCUMENTS),
        ("_locus_found", _FOUND),
        ("_locus_read", _read()),
        ("_locus_records", _records()),
        ("_locus_places", "SELECT * FROM _locus_read UNION ALL SELECT * FROM _locus_records"),
    ]


def _chain(key: str, columns: Sequence[str]) -> str:
    """Every column that a column asked for comes from, step by step, each in the run that was built on."""
    asked = ", ".join(literal(c) for c in columns) or "NULL"
    return (
        "SELECT c.column_name AS asked, m.model, c.run_id, c.column_name, c.source, c.source_column, c.kind,"
        " c.reason AS gap, c.kind <> 'identity' AS changed, 1 AS steps"
        " FROM locus.models AS m JOIN locus.run_columns AS c ON c.run_id = m.run_id"
        f" WHERE m.model = {literal(key)} AND c.column_name IN ({asked})"
        " UNION"
        " SELECT h.asked, n.source, c.run_id, c.column_name, c.source, c.source_column, c.kind, c.reason,"
        " h.changed OR c.kind <> 'identity', h.steps + 1"
        " FROM _locus_chain AS h JOIN locus.steps AS n ON n.run_id = h.run_id AND n.source = h.source"
        " JOIN locus.run_columns AS c ON c.run_id = n.source_run_id AND c.column_name = h.source_column"
        f" WHERE {_goes_on('h')} AND h.steps < {_LONGEST}"
    )


def _goes_on(chain: str) -> str:
    """Whether a step of a chain of columns has a source to go on to."""
    return f"{chain}.kind NOT IN ('untraced', 'lineage_broken')"


_HOPS = (
    "SELECT DISTINCT h.run_id, n.source, n.source_run_id, n.by_edges"
    " FROM _locus_chain AS h JOIN locus.steps AS n ON n.run_id = h.run_id AND n.source = h.source"
    f" WHERE {_goes_on('h')} AND n.source_run_id IS NOT NULL"
)

# Taken once: the recursion would read the table at every turn.
_EDGES = (
    f"SELECT e.run_id, e.source, e.{quote(ROW_ID)} AS child, e.source_row_id AS parent FROM locus.run_edges AS e"
    " JOIN _locus_hops AS h ON h.run_id = e.run_id AND h.source = e.source AND h.by_edges"
)


def _followed(key: str, rows: str) -> str:
    """Every row that a row asked for comes from; only rows of models that merge or split have another id."""
    return (
        "SELECT m.run_id, r.root, r.root AS row_id"
        f" FROM {rows} AS r, locus.models AS m WHERE m.model = {literal(key)} AND r.root IS NOT NULL"
        " UNION"
        " SELECT h.source_run_id, f.root, coalesce(e.parent, f.row_id)"
        " FROM _locus_followed AS f JOIN _locus_hops AS h ON h.run_id = f.run_id"
        " LEFT JOIN _locus_edges AS e"
        " ON h.by_edges AND e.run_id = h.run_id AND e.source = h.source AND e.child = f.row_id"
        " WHERE NOT h.by_edges OR e.parent IS NOT NULL"
    )


# One column can be reached on several ways: changed on one of them is changed.
_LEAVES = (
    "SELECT asked, model, run_id, source[7:] AS image, source_column, bool_or(changed) AS changed, min(steps) AS steps"
    f" FROM _locus_chain AS h WHERE {_goes_on('h')} AND starts_with(source, 'image:') GROUP BY ALL"
)

# ``since`` is the run that took the document into the model.
_DOCUMENTS = (
    'SELECT d.run_id, d.reading, d.since, k.image, k.prefix, k.filename, k.sha256, k."native" AS by_duckdb'
    " FROM locus.run_documents AS d JOIN locus.readings AS k ON k.reading = d.reading"
    " WHERE d.run_id IN (SELECT run_id FROM _locus_leaves)"
)

# Only these are unpacked: a model may hold many more documents than the relation's rows lead to.
_FOUND = (
    "SELECT f.run_id, f.root, f.row_id, d.image, d.reading, d.filename, d.by_duckdb"
    " FROM _locus_followed AS f JOIN _locus_documents AS d ON d.run_id = f.run_id"
    f" AND d.prefix = left(CAST(f.row_id AS VARCHAR), {36 - ORDINAL_DIGITS})"
)

_LEAF = "l.model AS leaf_model, f.row_id AS leaf_row_id, l.source_column AS leaf_column, l.image, f.run_id, f.reading"
_AT_LEAF = "_locus_leaves AS l JOIN _locus_found AS f ON f.run_id = l.run_id AND f.image = l.image"


def _read() -> str:
    """Places that were recorded: a span each."""
    names = ", ".join(f"s.{quote(c)}" for c in PLACE_COLUMNS)
    return (
        f"SELECT DISTINCT f.root, l.asked, {names}, l.changed, CAST(l.steps AS INTEGER) AS steps, {_LEAF}"
        f" FROM {_AT_LEAF}"
        " JOIN locus.run_spans AS s ON s.run_id = f.run_id AND s.reading = f.reading AND s.image = l.image"
        f" AND s.column_name = l.source_column AND s.{quote(ROW_ID)} = f.row_id"
    )


def _records() -> str:
    """Cells of files that DuckDB reads itself: the place follows from the row id, so none is recorded."""
    record = f"CAST('0x' || right(CAST(f.row_id AS VARCHAR), {ORDINAL_DIGITS}) AS BIGINT) + 1"
    given = {"filename": "f.filename", "place": f"'record ' || ({record})", "reason": literal(_NATIVE)}
    texts = dict.fromkeys(("place", "text", "value", "grounding", "rule", "mode"), "CAST(NULL AS VARCHAR)")
    lists = dict.fromkeys(("inputs", "checks"), "CAST(NULL AS VARCHAR[])")
    whole = dict.fromkeys(("page", "start", "stop"), "CAST(NULL AS INTEGER)")
    made = {**texts, **lists, **whole, **given}
    names = ", ".join(f"{made.get(c, 'CAST(NULL AS FLOAT)')} AS {quote(c)}" for c in PLACE_COLUMNS)
    return (
        f"SELECT DISTINCT f.root, l.asked, {names}, l.changed, CAST(l.steps AS INTEGER) AS steps, {_LEAF}"
        f" FROM {_AT_LEAF} WHERE f.by_duckdb"
        " AND NOT EXISTS (SELECT 1 FROM _locus_read AS r WHERE r.root = f.root AND r.asked = l.asked)"
    )


def with_recursive(steps: Sequence[Step]) -> str:
    """The steps as a WITH clause, each worked out once."""
    recursive = ("_locus_chain", "_locus_followed")
    parts = [f"{name} AS {'' if name in recursive else 'MATERIALIZED '}(\n  {sql}\n)" for name, sql in steps]
    return "WITH RECURSIVE " + ",\n".join(parts)
