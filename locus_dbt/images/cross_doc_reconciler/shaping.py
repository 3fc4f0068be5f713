"""The two forms of the result, and the edges from each row to all rows it was made of."""

from __future__ import annotations

from locus_dbt.images.cross_doc_reconciler.settings import Settings
from locus_dbt.model.relation import ROW_ID, Relation, RelationalPlan, literal, quote

# Above the number of rows: one more occurrence weighs more than any turn.
_WEIGHT = 4294967296

_MADE_ID = "CAST(md5(CAST(k.id AS VARCHAR) || '/' || w.column_name) AS UUID)"


def long(relation: Relation, given: Settings, grouped: str, resolved: str) -> RelationalPlan:
    """A row for each key and column. ``grouped`` and ``resolved`` are the steps up to sources and up to facts."""
    keys = ", ".join(f"k.v{i} AS {quote(name)}" for i, name in enumerate(given.key))
    told = {
        "column_name": "w.column_name",
        "row_count": "k.row_count",
        "stated": "coalesce(f.stated, 0)",
        "distinct_values": "coalesce(f.distinct_values, [])",
        "agreed": "f.agreed",
        "value": "f.value",
        "resolution": "f.resolution",
        "conflict": "f.conflict",
        "sources": "coalesce(l.sources, [])",
    }
    facts = ", ".join(f"{sql} AS {name}" for name, sql in told.items())
    row_id = f", {_MADE_ID} AS {quote(ROW_ID)}" if relation.has_row_id else ""
    sql = (
        f"{resolved}\nSELECT {keys}, {facts}{row_id} FROM ({_keys(relation, given)}) AS k"
        f" CROSS JOIN {_names(given)}"
        " LEFT JOIN _locus_facts AS f ON f.g = k.g AND f.n = w.n LEFT JOIN _locus_lists AS l ON l.g = k.g AND l.n = w.n"
        "\nORDER BY k.g, w.n"
    )
    edges = (
        f"{grouped}\nSELECT {_MADE_ID} AS {quote(ROW_ID)}, s.root AS source_row_id FROM _locus_sources AS s"
        f" JOIN ({_keys(relation, given)}) AS k ON k.g = s.g CROSS JOIN {_names(given)} WHERE s.root IS NOT NULL"
    )
    rejects = f"{resolved}\nSELECT {_MADE_ID} AS {quote(ROW_ID)}, 'value' AS column_name, {_left_open(relation, given)}"
    of_all = {name: given.columns for name in told if name not in ("column_name", "row_count")}
    named = dict.fromkeys(("conflict", "sources"), _with_names(given))
    origins = {**{k: (k,) for k in given.key}, "column_name": (), "row_count": (), **of_all, **named}
    return _plan(relation, sql, {name: origins[name] for name in (*given.key, *told)}, edges, rejects)


def wide(relation: Relation, given: Settings, grouped: str, resolved: str) -> RelationalPlan:
    """A row for each key, with the resolved columns in the types and the order of the relation."""
    numbers = {name: i for i, name in enumerate(relation.columns)}
    chosen = {name: n for n, name in enumerate(given.columns)}
    kept = [name for name in relation.columns if name in given.key or name in chosen]
    picks = (
        "SELECT k.g, list(f.turn ORDER BY w.n) AS turns, CAST(count(f.conflict) AS INTEGER) AS conflicts,"
        " coalesce(list(f.conflict ORDER BY w.n) FILTER (WHERE f.conflict IS NOT NULL), []) AS conflict_list"
        f" FROM (SELECT DISTINCT g FROM _locus_sources) AS k CROSS JOIN {_names(given)}"
        " LEFT JOIN _locus_facts AS f ON f.g = k.g AND f.n = w.n GROUP BY k.g"
    )
    values = ", ".join(
        f"any_value(s.c{numbers[name]}) FILTER (WHERE s.turn = p.turns[{chosen[name] + 1}]) AS {quote(name)}"
        if name in chosen
        else f"{_spelling(relation, given, name)} AS {quote(name)}"
        for name in kept
    )
    row_id = f", arg_min(s.root, s.turn) AS {quote(ROW_ID)}" if relation.has_row_id else ""
    sql = (
        f"{resolved}\nSELECT {values}, coalesce(any_value(p.conflicts), 0) AS conflicts,"
        f" coalesce(any_value(p.conflict_list), []) AS conflict_list{row_id}"
        f" FROM _locus_sources AS s LEFT JOIN ({picks}) AS p ON p.g = s.g GROUP BY s.g\nORDER BY s.g"
    )
    edges = (
        f"{grouped}\nSELECT k.id AS {quote(ROW_ID)}, s.root AS source_row_id FROM _locus_sources AS s"
        f" JOIN ({_keys(relation, given)}) AS k ON k.g = s.g WHERE s.root IS NOT NULL"
    )
    rejects = f"{resolved}\nSELECT k.id AS {quote(ROW_ID)}, w.column_name, {_left_open(relation, given)}"
    origins: dict[str, tuple[str, ...]] = {name: (name,) for name in kept}
    origins |= {"conflicts": given.columns, "conflict_list": _with_names(given)}
    return _plan(relation, sql, origins, edges, rejects)


def _plan(
    relation: Relation, sql: str, origins: dict[str, tuple[str, ...]], edges: str, rejects: str
) -> RelationalPlan:
    if not relation.has_row_id:
        return RelationalPlan(sql, origins, rejects=rejects)
    return RelationalPlan(sql, {**origins, ROW_ID: (ROW_ID,)}, edges=edges, rejects=rejects)


def _with_names(given: Settings) -> tuple[str, ...]:
    """The columns compared, and the one that names a source in words."""
    return tuple(dict.fromkeys([*given.columns, *([given.filename] if given.filename else [])]))


def _keys(relation: Relation, given: Settings) -> str:
    """A row for each group: the key, the id of its first row, and how many rows it has."""
    spelled = ", ".join(f"{_spelling(relation, given, name)} AS v{i}" for i, name in enumerate(given.key))
    return (
        f"SELECT g, {spelled}, arg_min(root, turn) AS id, CAST(count(*) AS INTEGER) AS row_count"
        " FROM _locus_sources GROUP BY g"
    )


def _left_open(relation: Relation, given: Settings) -> str:
    """The rest of a reject: a fact that is left open is null, and the conflict is the reason."""
    return (
        "'E302' AS code, f.conflict AS message, array_to_string(f.distinct_values, ' | ') AS raw"
        f" FROM _locus_facts AS f JOIN ({_keys(relation, given)}) AS k ON k.g = f.g JOIN {_names(given)} ON w.n = f.n"
        " WHERE f.resolution = 'open'"
    )


def _spelling(relation: Relation, given: Settings, name: str) -> str:
    """A column of the key as most rows of the group spell it; among spellings as frequent as each other the first."""
    number, place = list(relation.columns).index(name), given.key.index(name)
    return f"arg_min(c{number}, turn - often{place} * {_WEIGHT})"


def _names(given: Settings) -> str:
    if not given.columns:
        return "(SELECT 0 AS n, '' AS column_name WHERE false) AS w"
    rows = ", ".join(f"({n}, {literal(name)})" for n, name in enumerate(given.columns))
    return f"(VALUES {rows}) AS w(n, column_name)"
