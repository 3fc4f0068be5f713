"""Where the columns of a row-keeping statement come from.

A statement keeps rows when each of its output rows is one row of one source and says so by carrying that row's
``_locus_row_id``: projections, filters, order, limits, joins that add columns, ``UNION ALL``. Anything else raises
:class:`UntracedSQL` with the reason. A column that has no rule in a statement that is otherwise fine becomes a gap.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from locus_dbt.lineage.derivation import Derivation, Origin
from locus_dbt.model.errors import UntracedSQL
from locus_dbt.model.relation import ROW_ID, quote


@dataclass(frozen=True)
class Source:
    """A relation in FROM: its columns in order; ``key`` names it in lineage when it is tracked, else ``None``.

    ``columns`` maps each column to the source columns it derives from; for a tracked table, to itself. The values of
    ``computed`` columns are not, or not surely, those of their origins.
    """

    key: str | None
    columns: Mapping[str, tuple[str, ...]]
    computed: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Frame:
    """A relation inside the statement."""

    columns: Mapping[str, Derivation]
    tracked: bool = field(default=False)


#: Gives the source of a table reference in the text.
Resolver = Callable[[exp.Table], Source]


def trace_columns(sql: str, resolve: Resolver) -> dict[str, Derivation]:
    """Output column to derivation, the row id left out; raises :class:`UntracedSQL`."""
    frame = _query(_parse(sql), {}, resolve)
    if not frame.tracked:
        raise UntracedSQL(f"the result does not carry {ROW_ID}: add it to the select list")
    return {name: d for name, d in frame.columns.items() if name != ROW_ID}


def table_names(sql: str) -> list[str]:
    """Quoted names of all tables that the statement mentions, CTE names included; raises :class:`UntracedSQL`."""
    tables = _parse(sql).find_all(exp.Table)
    return [".".join(quote(p.name) for p in t.parts) for t in tables if isinstance(t.this, exp.Identifier)]


def _parse(sql: str) -> exp.Expression:
    try:
        return sqlglot.parse_one(sql, dialect="duckdb")
    except SqlglotError as error:
        raise UntracedSQL(f"the statement cannot be parsed: {str(error).splitlines()[0]}") from error


def _query(node: exp.Expression, env: Mapping[str, Frame], resolve: Resolver) -> Frame:
    scope = dict(env)
    with_ = node.args.get("with_") or node.args.get("with")
    if with_ is not None:
        if with_.args.get("recursive"):
            raise UntracedSQL("WITH RECURSIVE has no rule yet")
        for cte in with_.expressions:
            names = [c.name for c in cte.args["alias"].columns] if cte.args.get("alias") else []
            scope[cte.alias.lower()] = _renamed(_query(cte.this, scope, resolve), names)
    if isinstance(node, exp.Select):
        return _select(node, scope, resolve)
    if isinstance(node, exp.SetOperation):
        return _union(node, scope, resolve)
    if isinstance(node, exp.Subquery):
        _no_pivot(node)
        return _query(node.this, scope, resolve)
    if isinstance(node, exp.Paren):
        return _query(node.this, scope, resolve)
    raise UntracedSQL(f"{_what(node)} has no rule yet")


def _select(node: exp.Select, env: Mapping[str, Frame], resolve: Resolver) -> Frame:
    if node.args.get("group"):
        raise UntracedSQL("GROUP BY has no rule yet")
    if node.args.get("having"):
        raise UntracedSQL("HAVING has no rule yet")
    from_ = node.args.get("from_") or node.args.get("from")
    if from_ is None:
        made = [item for p in node.expressions for item in _projected(p, [], {}).items()]
        return Frame({name: item.derivation for name, item in made})
    sources = [_source(from_.this, env, resolve)]
    sources += [_source(join.this, env, resolve) for join in node.args.get("joins") or []]
    sources += [_opaque(lateral) for lateral in node.args.get("laterals") or []]
    items: dict[str, _Item] = {}
    for projection in node.expressions:
        items.update(_projected(projection, sources, items))
    columns = {name: item.derivation for name, item in items.items()}
    key = items.get(ROW_ID)
    owner = key.aliases if key and key.derivation.kind == "identity" and key.derivation.origins else None
    if owner is None:
        lost = {n: _gap(d, f"a subquery drops {ROW_ID}") for n, d in columns.items()}
        if node.args.get("distinct"):
            lost = {n: _gap(d, "DISTINCT has no rule yet") for n, d in columns.items()}
        return Frame(lost)
    # A column of another reference than the one whose row id is carried has no row to point to, be it the same table.
    why = "it comes from a joined relation whose row id is not carried"
    of_row = {n: i.derivation if i.aliases <= owner else _gap(i.derivation, why) for n, i in items.items()}
    return Frame(of_row, tracked=True)


@dataclass(frozen=True, slots=True)
class _Item:
    """An item of the select list; ``aliases`` are the references in FROM that it reads document columns of."""

    derivation: Derivation
    aliases: frozenset[str] = frozenset()


def _projected(
    projection: exp.Expression, sources: Sequence[tuple[str, Frame]], so_far: Mapping[str, _Item]
) -> dict[str, _Item]:
    """The columns that one item of the select list gives."""
    inner = projection.this if isinstance(projection, exp.Column) else projection
    if isinstance(inner, exp.Star):
        only = projection.args.get("table") if isinstance(projection, exp.Column) else None
        return _star(inner, [s for s in sources if only is None or s[0] == only.name.lower()], sources)
    if projection.find(exp.Columns) is not None:
        raise UntracedSQL("COLUMNS(…) has no rule yet")
    name = projection.alias_or_name or projection.sql(dialect="duckdb")
    expression = projection.unalias()
    if isinstance(expression, exp.Column):
        found = _lookup(expression, sources, so_far)
        if found is not None:
            return {name: found}
    return {name: _expression(expression, sources, so_far)}


def _star(
    star: exp.Star, chosen: Sequence[tuple[str, Frame]], sources: Sequence[tuple[str, Frame]]
) -> dict[str, _Item]:
    left_out = {e.name.lower() for e in star.args.get("except_") or star.args.get("except") or []}
    replaced = {e.alias.lower(): e.this for e in star.args.get("replace") or []}
    renamed = {e.this.name.lower(): e.alias for e in star.args.get("rename") or []}
    out: dict[str, _Item] = {}
    seen: set[str] = set()
    for alias, frame in chosen:
        for name, derivation in frame.columns.items():
            low = name.lower()
            if low in left_out or low in seen:
                continue
            seen.add(low)
            if low in replaced:
                out[name] = _expression(replaced[low], sources, {})
            else:
                out[renamed.get(low, name)] = _read(derivation, alias)
    return out


def _lookup(column: exp.Column, sources: Sequence[tuple[str, Frame]], so_far: Mapping[str, _Item]) -> _Item | None:
    """The item of a column reference: sources first, then earlier items of the select list, as DuckDB does.

    ``x.y.z`` is table.column.field, column.field.field or schema.table.column, in this order.
    """
    parts = [part.name.lower() for part in column.parts]
    last = len(parts) - 1
    references = [(parts[0], 1)] if last else []
    references += [("", 0), *((parts[i - 1], i) for i in range(2, last + 1))]
    for table, at in references:
        for alias, frame in sources:
            if table and alias != table:
                continue
            for name, derivation in frame.columns.items():
                if name.lower() == parts[at]:
                    return _read(derivation if at == last else _computed(derivation), alias)
    return next((item for name, item in so_far.items() if name.lower() == parts[0]), None)


def _computed(derivation: Derivation) -> Derivation:
    return derivation if derivation.gap else replace(derivation, kind="expression")


def _read(derivation: Derivation, alias: str) -> _Item:
    return _Item(derivation, frozenset([alias]) if derivation.origins else frozenset())


def _expression(expression: exp.Expression, sources: Sequence[tuple[str, Frame]], so_far: Mapping[str, _Item]) -> _Item:
    for kind, reason in (
        (exp.Window, "a window function looks at other rows"),
        (exp.Query, "a subquery in the select list has no rule yet"),
        (exp.AggFunc, "an aggregate looks at other rows"),
    ):
        if expression.find(kind) is not None:
            return _Item(Derivation(kind="untraced", gap=reason))
    looked_up = [(c, _lookup(c, sources, so_far)) for c in expression.find_all(exp.Column)]
    found = [item for _, item in looked_up if item is not None]
    origins = frozenset(o for i in found for o in i.derivation.origins)
    aliases = frozenset(a for i in found for a in i.aliases)
    gap = next((i.derivation.gap for i in found if i.derivation.gap), None)
    unknown = next((c.sql(dialect="duckdb") for c, item in looked_up if item is None), None)
    if unknown is not None:
        gap = gap or f"no stored relation in FROM gives {unknown}"
    return _Item(Derivation(origins, "untraced" if gap else "expression", gap), aliases)


def _source(node: exp.Expression, env: Mapping[str, Frame], resolve: Resolver) -> tuple[str, Frame]:
    _no_pivot(node)
    alias = node.alias.lower() if node.alias else ""
    names = [c.name for c in node.args["alias"].columns] if node.args.get("alias") else []
    if isinstance(node, exp.Table) and isinstance(node.this, exp.Identifier):
        name = node.name.lower()
        if not node.args.get("db") and name in env:
            return alias or name, _renamed(env[name], names)
        return alias or name, _renamed(_stored(resolve(node)), names)
    if isinstance(node, exp.Subquery):
        return alias, _renamed(_query(node, env, resolve), names)
    return _opaque(node)


def _stored(source: Source) -> Frame:
    key = source.key
    if key is None:
        return Frame({name: Derivation(kind="expression") for name in source.columns})
    columns = {
        name: Derivation(
            frozenset(Origin(key, c) for c in origins), "expression" if name in source.computed else "identity"
        )
        for name, origins in source.columns.items()
    }
    return Frame(columns, tracked=ROW_ID in columns)


def _opaque(node: exp.Expression) -> tuple[str, Frame]:
    """A relation that is not stored (UNNEST, VALUES, a table function): its columns come from no document row."""
    alias = node.args.get("alias")
    names = [c.name for c in alias.columns] if alias is not None else []
    why = "it comes from a table function or UNNEST in FROM"
    frame = Frame({n: Derivation(kind="untraced", gap=why) for n in names})
    return (alias.name.lower() if alias is not None else "", frame)


def _union(node: exp.SetOperation, env: Mapping[str, Frame], resolve: Resolver) -> Frame:
    if not isinstance(node, exp.Union) or node.args.get("distinct"):
        raise UntracedSQL(f"{_what(node)} has no rule yet")
    left, right = _query(node.this, env, resolve), _query(node.expression, env, resolve)
    if node.args.get("by_name"):
        pairs = [(n, left.columns.get(n), right.columns.get(n)) for n in dict.fromkeys([*left.columns, *right.columns])]
    else:
        pairs = [(n, d, e) for (n, d), e in zip(left.columns.items(), right.columns.values(), strict=False)]
    columns = {name: _either(a, b) for name, a, b in pairs}
    return Frame(columns, tracked=left.tracked and right.tracked)


def _either(a: Derivation | None, b: Derivation | None) -> Derivation:
    if a is None or b is None:
        return a or b or Derivation(kind="expression")
    gap = a.gap or b.gap
    kind = "untraced" if gap else a.kind if a.kind == b.kind else "expression"
    return Derivation(a.origins | b.origins, kind, gap)


def _gap(derivation: Derivation, reason: str) -> Derivation:
    if not derivation.origins:
        return derivation
    return replace(derivation, kind="untraced", gap=derivation.gap or reason)


def _renamed(frame: Frame, names: Sequence[str]) -> Frame:
    if not names:
        return frame
    columns = list(frame.columns.items())
    out = {names[i] if i < len(names) else name: d for i, (name, d) in enumerate(columns)}
    return Frame(out, tracked=frame.tracked and ROW_ID in out)


def _no_pivot(node: exp.Expression) -> None:
    if node.args.get("pivots"):
        raise UntracedSQL("PIVOT and UNPIVOT have no rule yet")


def _what(node: exp.Expression) -> str:
    if isinstance(node, exp.Union):
        return "UNION without ALL"
    return type(node).__name__.upper()
