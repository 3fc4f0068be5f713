"""The steps that take a relation apart into cells, and what is selected of a cell and its place."""

from __future__ import annotations

from collections.abc import Sequence

from locus_dbt.core.places_sql import PLACE_COLUMNS
from locus_dbt.model.relation import ROW_ID, Relation, literal, quote

#: Column of the long form to its SQL over ``_locus_long``.
_SELECTED = {
    "column_name": "column_name",
    "place_number": "place_number",
    "cell": "cell",
    "status": "status",
    "filename": "filename",
    "sha256": "sha256",
    **{name: name for name in PLACE_COLUMNS if name != "filename"},
    "changed": "changed",
    "steps": "steps",
    "leaf_model": "leaf_model",
    "leaf_row_id": "leaf_row_id",
    "leaf_column": "leaf_column",
    "image": "image",
    "image_version": "image_version",
    "run_id": "run_id",
    "built_at": "built_at",
}

#: The columns of the long form in order, the row id left out.
NAMES = tuple(_SELECTED)

#: Those that no cell has a part in.
ABOUT_COLUMNS = ("column_name", "place_number")

# A relation may hold a row id twice, so rows have a number of their own; it is seen nowhere.
_NUMBERED = "row_number() OVER () AS r"

#: The ids of the relation's rows.
ROWS = "SELECT DISTINCT root FROM _locus_cells WHERE root IS NOT NULL"

#: What is selected in the end.
SELECT = f"SELECT {', '.join(quote(n) for n in _SELECTED)}, root AS {quote(ROW_ID)} FROM _locus_long"

#: By row and column as the relation has them, so that equal input gives equal output.
ORDER = "ORDER BY root, r, n, place_number"


def cells(relation: Relation, columns: Sequence[str]) -> str:
    """Every cell: ``r`` (its row), ``root`` (the row's id), ``n`` (the column's number), ``column_name``, ``cell``."""
    root = f"TRY_CAST(s.{quote(ROW_ID)} AS UUID)" if relation.has_row_id else "CAST(NULL AS UUID)"
    parts = ", ".join(
        f"{{'n': {n}, 'column_name': {literal(name)}, 'cell': CAST(s.{quote(name)} AS VARCHAR)}}"
        for n, name in enumerate(columns)
    )
    each = f"SELECT {_NUMBERED}, {root} AS root, unnest([{parts}]) AS c FROM {relation.sql} AS s"
    if not columns:
        each = "SELECT 0 AS r, CAST(NULL AS UUID) AS root, {'n': 0, 'column_name': '', 'cell': ''} AS c WHERE false"
    return f"SELECT r, root, c.n AS n, c.column_name AS column_name, c.cell AS cell FROM ({each}) AS e"


_PLACE = ", ".join(f"p.{quote(c)}" for c in PLACE_COLUMNS if c != "reason")
_READING_ORDER = "p.filename, p.page, p.y0, p.x0, p.place, p.start, p.leaf_row_id, p.leaf_column, p.text"

#: Cells with their places, and those without with the reason.
LONG = f"""
  SELECT c.r, c.root, c.n, c.column_name, c.cell,
         CASE WHEN p.root IS NOT NULL
              THEN row_number() OVER (PARTITION BY c.r, c.n ORDER BY {_READING_ORDER})::INTEGER END AS place_number,
         CASE WHEN c.cell IS NULL THEN 'null' WHEN g.broken THEN 'lineage_broken'
              WHEN p.root IS NOT NULL THEN 'traced' ELSE 'untraced' END AS status,
         {_PLACE}, d.sha256, p.changed, p.steps, p.leaf_model, p.leaf_row_id, p.leaf_column, p.image,
         u.image_version, d.since AS run_id, u.built_at,
         CASE WHEN c.cell IS NULL THEN coalesce(j.refused, p.reason, g.whole, g.gap, CASE
                WHEN p.root IS NOT NULL THEN 'values were read for it, and a step on the way to here leaves it null'
                WHEN k.root IS NOT NULL THEN 'no value was read and none was refused' END)
              WHEN g.broken THEN coalesce(g.whole, g.gap)
              WHEN p.root IS NOT NULL THEN p.reason
              WHEN g.whole IS NOT NULL THEN g.whole
              WHEN c.root IS NULL THEN 'the row has no {ROW_ID}'
              WHEN g.gap IS NOT NULL THEN g.gap
              WHEN k.root IS NULL THEN 'the row leads to no document that the lineage knows'
              ELSE 'the image recorded no place for this cell' END AS reason,
         min(p.faithfulness) OVER (PARTITION BY c.r, c.n) AS least_faithful
  FROM _locus_cells AS c
  LEFT JOIN _locus_gaps AS g ON g.asked = c.column_name
  LEFT JOIN _locus_places AS p ON p.root = c.root AND p.asked = c.column_name
  LEFT JOIN _locus_documents AS d ON d.run_id = p.run_id AND d.reading = p.reading
  LEFT JOIN _locus_runs AS u ON u.run_id = d.since AND u.image = p.image
  LEFT JOIN _locus_known AS k ON k.root = c.root
  LEFT JOIN _locus_refused AS j ON j.root = c.root AND j.asked = c.column_name
""".strip()


def without_lineage(relation: Relation) -> str:
    """Cells of a relation whose rows lead nowhere, all with the same reason."""
    reason = "the database holds no lineage" if relation.key is None else f"the relation does not carry {ROW_ID}"
    kinds = {
        **dict.fromkeys(NAMES, "VARCHAR"),
        **dict.fromkeys(("x0", "y0", "x1", "y1", "confidence", "faithfulness"), "FLOAT"),
        **dict.fromkeys(("place_number", "page", "start", "stop", "steps"), "INTEGER"),
        **dict.fromkeys(("inputs", "checks"), "VARCHAR[]"),
        "changed": "BOOLEAN",
        "leaf_row_id": "UUID",
        "built_at": "TIMESTAMP",
    }
    told = {
        "column_name": "column_name",
        "cell": "cell",
        "status": "CASE WHEN cell IS NULL THEN 'null' ELSE 'untraced' END",
        "reason": f"CASE WHEN cell IS NOT NULL THEN {literal(reason)} END",
    }
    names = ", ".join(f"{told.get(n, f'CAST(NULL AS {kind})')} AS {quote(n)}" for n, kind in kinds.items())
    return f"SELECT r, root, n, CAST(NULL AS FLOAT) AS least_faithful, {names} FROM _locus_cells"
