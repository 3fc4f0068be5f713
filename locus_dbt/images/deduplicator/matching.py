"""The steps that find which rows are one: keys folded, nodes compared, chains closed."""

from __future__ import annotations

from collections.abc import Sequence

from locus_dbt.images.deduplicator.settings import Settings, comparable, similar_text
from locus_dbt.model.relation import Relation, quote

#: A named step of the query: name and SELECT.
Step = tuple[str, str]


def keyed(relation: Relation, given: Settings) -> Step:
    """Every row with its columns as ``c<i>``, exact keys as ``k<i>``, fuzzy texts as ``f<i>``, blocks ``b<w>_<i>``.

    Numbers for names, so that no column of the user's can meet one of ours.
    """
    types = relation.columns
    exprs = [f"s.{quote(name)} AS c{i}" for i, name in enumerate(types)]
    exprs += [f"{comparable(k, types[k], normalize=given.normalize)} AS k{i}" for i, k in enumerate(given.exact)]
    exprs += [f"{similar_text(f, types[f])} AS f{i}" for i, f in enumerate(given.fuzzy)]
    if given.fuzzy:
        exprs += [f"{sql} AS b{w}_{i}" for w, way in enumerate(given.blocks) for i, sql in enumerate(way)]
    return "_locus_keyed", f"SELECT {', '.join(exprs)} FROM {relation.sql} AS s"


def join_columns(given: Settings) -> list[str]:
    """The columns that tell which node a row belongs to."""
    return [f"k{i}" for i in range(len(given.exact))] + [f"f{i}" for i in range(len(given.fuzzy))]


def nodes(given: Settings) -> Step:
    """One row for each combination of keys that occurs, with ``node`` and how many rows have it."""
    columns = ", ".join(join_columns(given))
    present = " AND ".join(f"{c} IS NOT NULL" for c in join_columns(given))
    counted = f"SELECT {columns}, count(*) AS n, row_number() OVER (ORDER BY {columns}) AS node"
    return "_locus_nodes", f"{counted} FROM _locus_keyed WHERE {present} GROUP BY {columns}"


def groups(given: Settings) -> list[Step]:
    """Steps up to ``_locus_groups``: the nodes of each group ``g`` that has more than one row."""
    if not given.fuzzy:
        return [
            nodes(given),
            ("_locus_groups", "SELECT * EXCLUDE (n, node), node AS g FROM _locus_nodes WHERE n > 1"),
        ]
    steps = [nodes(given)]
    for way, block in enumerate(given.blocks):
        steps += _comparisons(given, way, len(block))
    found = " UNION ALL ".join(f"SELECT x, y, score FROM _locus_pairs{w}" for w in range(len(given.blocks)))
    steps.append(("_locus_links", f"SELECT x, y, max(score) AS score FROM ({found}) AS p GROUP BY x, y"))
    steps.append(("_locus_ways", "SELECT x, y FROM _locus_links UNION ALL SELECT y, x FROM _locus_links"))
    steps.append(("_locus_component (node, g) USING KEY (node)", _components()))
    linked = (
        "SELECT n.*, coalesce(c.g, n.node) AS g FROM _locus_nodes AS n"
        " LEFT JOIN _locus_component AS c ON c.node = n.node"
    )
    several = f"SELECT * EXCLUDE (n, node) FROM ({linked}) AS l QUALIFY sum(n) OVER (PARTITION BY g) > 1"
    return [*steps, ("_locus_groups", several)]


def _comparisons(given: Settings, way: int, width: int) -> list[Step]:
    """Ranked block members and the pairs among them that are similar enough.

    Members are cut into runs of ``window``; a run meets itself and the next one, so the work is bounded by
    rows times window whatever the size of a block.
    """
    join = " AND ".join(f"n.{c} = r.{c}" for c in join_columns(given))
    blocks = [f"b{way}_{i}" for i in range(width)]
    exact = [f"k{i}" for i in range(len(given.exact))]
    fuzzy = [f"f{i}" for i in range(len(given.fuzzy))]
    shared = exact + blocks
    present = " AND ".join(f"r.{b} IS NOT NULL" for b in blocks) or "true"
    columns = ", ".join(["n.node", *(f"n.{c}" for c in exact + fuzzy), *(f"r.{b}" for b in blocks)])
    members = f"SELECT DISTINCT {columns} FROM _locus_keyed AS r JOIN _locus_nodes AS n ON {join} WHERE {present}"
    order = f"ORDER BY {', '.join([*fuzzy, 'node'])}"
    part = f"PARTITION BY {', '.join(shared)} " if shared else ""
    ranked = f"SELECT *, row_number() OVER ({part}{order}) - 1 AS place FROM ({members}) AS m"
    scores = [
        f"jaro_winkler_similarity(a.{column}, b.{column}, CAST({least!r} AS DOUBLE)) AS s{i}"
        for i, (column, least) in enumerate(zip(fuzzy, given.fuzzy.values(), strict=True))
    ]
    same = "".join(f" AND a.{c} = b.{c}" for c in shared)
    near = f"SELECT *, unnest([place // {given.window}, place // {given.window} - 1]) AS run FROM _locus_block{way}"
    met = (
        f"SELECT least(a.node, b.node) AS x, greatest(a.node, b.node) AS y, {', '.join(scores)}"
        f" FROM _locus_block{way} AS a JOIN ({near}) AS b ON a.place // {given.window} = b.run{same}"
        f" AND b.place > a.place AND b.place <= a.place + {given.window}"
    )
    enough = " AND ".join(f"s{i} >= {least!r}" for i, least in enumerate(given.fuzzy.values()))
    lowest = ", ".join(f"s{i}" for i in range(len(fuzzy)))
    return [
        (f"_locus_block{way}", ranked),
        (f"_locus_pairs{way}", f"SELECT x, y, least({lowest}) AS score FROM ({met}) AS m WHERE {enough}"),
    ]


def _components() -> str:
    """The smallest node that can be reached, for every linked node: right for chains of any length.

    Keyed recursion keeps one row a node; each turn hands the smallest label one link further and the query
    ends when nothing changes, after as many turns as the longest chain has links.
    """
    return (
        "SELECT DISTINCT x, x FROM _locus_ways UNION ("
        "SELECT own.node, min(other.g) FROM recurring._locus_component AS own"
        " JOIN _locus_ways AS w ON w.x = own.node"
        " JOIN _locus_component AS other ON other.node = w.y"
        " WHERE other.g < own.g GROUP BY own.node)"
    )


def with_clause(steps: Sequence[Step], *, recursive: bool) -> str:
    """The steps as a WITH clause."""
    parts = [f"{name} AS (\n  {sql}\n)" for name, sql in steps]
    return f"WITH {'RECURSIVE ' if recursive else ''}" + ",\n".join(parts)
