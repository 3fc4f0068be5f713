"""The steps that make one row of a group, and the edges that say which rows went into it."""

from __future__ import annotations

from locus_dbt.images.deduplicator.matching import Step, join_columns, with_clause
from locus_dbt.images.deduplicator.settings import Settings
from locus_dbt.model.relation import ROW_ID, Relation, RelationalPlan, quote

# Above any group's size: one more occurrence weighs more than any rank.
_WEIGHT = 4294967296


def plan_rows(relation: Relation, given: Settings, steps: list[Step]) -> RelationalPlan:
    """Merged rows and single rows, with all contributors as edges."""
    names = list(relation.columns)
    join = " AND ".join(f"r.{c} = g.{c}" for c in join_columns(given))
    ranked = [*steps, *_members(relation, given, join)]
    columns = [f"c{i}" for i in range(len(names))]
    alone = f"FROM _locus_keyed AS r ANTI JOIN _locus_groups AS g ON {join}"
    merged = ", ".join(f"{_survivor(i, n, given)} AS {quote(n)}" for i, n in enumerate(names))
    single = ", ".join(f"r.{c} AS {quote(n)}" for c, n in zip(columns, names, strict=True))
    head = with_clause(ranked, recursive=bool(given.fuzzy))
    edges = None
    if relation.has_row_id:
        row_id = f"c{names.index(ROW_ID)}"
        edges = (
            f"{head}\nSELECT k.{row_id} AS {ROW_ID}, m.{row_id} AS source_row_id FROM _locus_ranked AS m"
            f" JOIN (SELECT g, {row_id} FROM _locus_ranked WHERE kept = 1) AS k ON k.g = m.g"
            f"\nUNION ALL\nSELECT r.{row_id}, r.{row_id} {alone}"
        )
    return RelationalPlan(
        sql=f"{head}\nSELECT {merged} FROM _locus_ranked GROUP BY g\nUNION ALL\nSELECT {single} {alone}",
        columns={n: (n,) for n in names},
        edges=edges,
        kept=frozenset(names),
    )


def tie_break(relation: Relation, *, descending: bool = False) -> str:
    """An order that does not depend on how the rows came: by row id, then by all columns."""
    numbers = {name: i for i, name in enumerate(relation.columns)}
    order = ([numbers.pop(ROW_ID)] if relation.has_row_id else []) + list(numbers.values())
    return ", ".join(f"c{i} {'DESC' if descending else 'ASC'} NULLS LAST" for i in order)


def _members(relation: Relation, given: Settings, join: str) -> list[Step]:
    """The rows of all groups with their rank by each rule that is asked for."""
    names = list(relation.columns)
    rules = {"kept": given.keep}
    rules |= {s: s for s in ("most_complete", "newest", "first") if s in given.survivorship.values()}
    ranks = [
        f"row_number() OVER (PARTITION BY g ORDER BY {_order(relation, given, rule)}) AS {name}"
        for name, rule in rules.items()
    ]
    ranks += [
        f"count(*) OVER (PARTITION BY g, c{i}) AS often{i}"
        for i, name in enumerate(names)
        if given.survivorship.get(name) == "most_frequent"
    ]
    return [
        ("_locus_members", f"SELECT r.*, g.g FROM _locus_keyed AS r JOIN _locus_groups AS g ON {join}"),
        ("_locus_ranked", f"SELECT *, {', '.join(ranks)} FROM _locus_members"),
    ]


def _order(relation: Relation, given: Settings, rule: str) -> str:
    columns = relation.columns
    tests = {"VARCHAR": "coalesce(trim({}), '') <> ''"}
    filled = " + ".join(
        f"CAST({tests.get(kind, '{} IS NOT NULL').format(f'c{i}')} AS INTEGER)"
        for i, (name, kind) in enumerate(columns.items())
        if name != ROW_ID
    )
    when = f"c{list(columns).index(given.order_by)}" if given.order_by else None
    latest = [f"{when} DESC NULLS LAST"] if when else []
    terms = {
        "most_complete": [f"({filled or '0'}) DESC", *latest, tie_break(relation)],
        "newest": [*latest, f"({filled or '0'}) DESC", tie_break(relation)],
        "first": [*([f"{when} ASC NULLS LAST"] if when else []), tie_break(relation)],
        "last": [*latest, tie_break(relation, descending=True)],
    }
    return ", ".join(terms[rule])


def _survivor(number: int, name: str, given: Settings) -> str:
    """The aggregate that gives a column its value; ``arg_min`` passes over nulls, so gaps are filled in rank order."""
    column = f"c{number}"
    strategy = "kept" if name == ROW_ID else given.survivorship.get(name, "kept")
    if strategy in ("min", "max"):
        return f"{strategy}({column})"
    if strategy == "most_frequent":
        return f"arg_min({column}, kept - often{number} * {_WEIGHT})"
    return f"arg_min({column}, {strategy})"
