"""The steps that choose among what the sources state, and say in words where they differ."""

from __future__ import annotations

from locus_dbt.core.places_sql import Step
from locus_dbt.images.cross_doc_reconciler.settings import Settings, glob_pattern
from locus_dbt.model.relation import ROW_ID, literal, quote

# Values that a conflict names; the rest is counted.
_NAMED = 5

# Signs of a value that a conflict shows.
_SHOWN = 80

#: Fields of a source, in order.
SOURCE = ("value", "filename", "page", "x0", "y0", "x1", "y1", "place", "text", "faithfulness", ROW_ID, "agrees")


def resolved(given: Settings) -> list[Step]:
    """Steps up to ``_locus_facts``, a row for each fact that is stated, and ``_locus_lists``, its sources.

    A rule ranks the sources of a fact. It decides when those of the first rank state one value; it never picks one of
    several that it holds equal.
    """
    return [
        ("_locus_counted", _COUNTED),
        ("_locus_ranked", f"SELECT *, {_rank(given)} AS rank FROM _locus_counted"),
        ("_locus_picked", _PICKED),
        (
            "_locus_values",
            f"SELECT g, n, class, size, v, turn, rank, {_WHERE} AS told FROM _locus_picked WHERE pick = 1",
        ),
        ("_locus_facts", _facts(given)),
        ("_locus_lists", _lists()),
    ]


# How many sources state a value in this class, and in this very spelling.
_COUNTED = (
    "SELECT *, count(*) OVER (PARTITION BY g, n, class) AS size, count(*) OVER (PARTITION BY g, n, class, v) AS often"
    " FROM _locus_compared"
)

# The spelling that stands for a class: that of the sources the rule ranks first, the most frequent of them.
_PICKED = (
    "SELECT *, row_number() OVER (PARTITION BY g, n, class ORDER BY rank, often DESC, turn) AS pick FROM _locus_ranked"
)


def _rank(given: Settings) -> str:
    """The rank of a source among those that state the fact, 1 first; equal where the rule does not tell them apart."""
    globs = " ".join(
        f"WHEN regexp_full_match(filename, {literal(glob_pattern(glob))}) THEN {i}"
        for i, glob in enumerate(given.priority)
    )
    orders = {
        "flag": "",
        "most_frequent": "size DESC",
        "newest": "whenever DESC NULLS LAST",
        "highest_faithfulness": "faithfulness DESC NULLS LAST",
        "source_priority": f"CASE {globs} ELSE {len(given.priority)} END" if globs else "",
        "first": f"{'whenever ASC NULLS LAST, ' if given.order_by else ''}turn",
    }
    order = orders[given.rule]
    return f"dense_rank() OVER (PARTITION BY g, n ORDER BY {order})" if order else "1"


_WHERE = (
    "coalesce(nullif(concat_ws(', ', coalesce(filename, 'row ' || CAST(root AS VARCHAR)), 'page ' || page,"
    " CASE WHEN x0 IS NOT NULL THEN printf('box %.0f %.0f %.0f %.0f', x0, y0, x1, y1) END, place), ''),"
    " 'place not known')"
)


def _facts(given: Settings) -> str:
    shown = f"CASE WHEN length(v) > {_SHOWN} THEN left(v, {_SHOWN}) || '…' ELSE v END"
    named = f"list({shown} || ' (' || told || ')' ORDER BY size DESC, turn)[:{_NAMED}]"
    names = " ".join(f"WHEN {n} THEN {literal(name)}" for n, name in enumerate(given.columns)) or "WHEN 0 THEN ''"
    undecided = "left open" if given.rule == "flag" else f"{given.rule} does not decide"
    decided = f"left(value, {_SHOWN}) || {literal(f' by {given.rule}')}"
    end = f"CASE WHEN decided THEN {decided} ELSE {literal(undecided)} END"
    more = f"CASE WHEN classes > {_NAMED} THEN ' and ' || (classes - {_NAMED}) || ' more' ELSE '' END"
    first = (
        "SELECT g, n, CAST(sum(size) AS INTEGER) AS stated, count(*) AS classes,"
        f" list(v ORDER BY size DESC, turn) AS distinct_values, {named} AS named,"
        " count(*) FILTER (WHERE rank = 1) = 1 AS decided, any_value(v) FILTER (WHERE rank = 1) AS value,"
        " any_value(turn) FILTER (WHERE rank = 1) AS turn, any_value(class) FILTER (WHERE rank = 1) AS class"
        " FROM _locus_values GROUP BY g, n"
    )
    conflict = f"CASE n {names} END || ': ' || array_to_string(named, ' against ') || {more} || '; ' || {end}"
    resolution = f"CASE WHEN classes = 1 THEN 'agreed' WHEN decided THEN {literal(given.rule)} ELSE 'open' END"
    chosen = ", ".join(f"CASE WHEN decided THEN {c} END AS {c}" for c in ("value", "turn", "class"))
    return (
        f"SELECT g, n, stated, distinct_values, classes = 1 AS agreed, {chosen},"
        f" {resolution} AS resolution, CASE WHEN classes > 1 THEN {conflict} END AS conflict FROM ({first}) AS f"
    )


def _lists() -> str:
    """All sources that state a fact, those that dissent too."""
    made = {"value": "p.v", ROW_ID: "p.root", "agrees": "p.class = f.class"}
    fields = ", ".join(f"{literal(name)}: {made.get(name, f'p.{quote(name)}')}" for name in SOURCE)
    return (
        f"SELECT p.g, p.n, list({{{fields}}} ORDER BY p.turn) AS sources"
        " FROM _locus_picked AS p JOIN _locus_facts AS f ON f.g = p.g AND f.n = p.n GROUP BY p.g, p.n"
    )
