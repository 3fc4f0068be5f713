"""For each rule the SQL that tells a broken row, the value shown and the message."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from locus_dbt.images.data_validator.rules import Rule, Scalar
from locus_dbt.model.relation import WHOLE_NUMBERS, Relation, literal, quote


@dataclass(frozen=True, slots=True)
class Condition:
    """``broken`` is true for rows that break the rule (never NULL), all as SQL over the alias ``s``."""

    broken: str
    value: str
    message: str


def condition(rule: Rule, relation: Relation) -> Condition:
    """The SQL of one rule."""
    first = f"s.{quote(rule.columns[0])}" if rule.columns else "NULL"
    shown = f"CAST({first} AS VARCHAR)"
    if len(rule.columns) > 1:
        parts = [f"coalesce(CAST(s.{quote(c)} AS VARCHAR), 'NULL')" for c in rule.columns]
        shown = f"concat_ws(', ', {', '.join(parts)})"
    broken, message = _broken(rule, first, relation)
    text = rule.message if rule.message is not None else message
    return Condition(f"coalesce({broken}, false)", shown, literal(text))


def _broken(rule: Rule, first: str, relation: Relation) -> tuple[str, str]:
    """The test and its message, by check."""
    args, names = rule.args, ", ".join(rule.columns)
    simple: dict[str, Callable[[], tuple[str, str]]] = {
        "not_null": lambda: (f"{first} IS NULL", f"{names} is null"),
        "unique": lambda: (f"u{rule.number}._locus_more", f"{names} occurs more than once"),
        "type": lambda: (
            f"{first} IS NOT NULL AND TRY_CAST({first} AS {args['type']}) IS NULL",
            f"{names} is not of type {args['type']}",
        ),
        "regex": lambda: (
            f"NOT regexp_full_match(CAST({first} AS VARCHAR), {literal(args['pattern'])})",
            f"{names} does not match {args['pattern']}",
        ),
        "length": lambda: (
            _bounds(f"length(CAST({first} AS VARCHAR))", rule, "BIGINT"),
            f"length of {names} is not {_range_text(rule)}",
        ),
        "in": lambda: _in(rule, first, relation),
        "range": lambda: _range(rule, first, relation),
        "sum": lambda: _sum(rule, relation),
        "compare": lambda: _compare(rule, relation, first),
        "expression": lambda: (f"NOT ({args['sql']})", f"not true: {args['sql']}"),
    }
    return simple[rule.check]()


def _in(rule: Rule, first: str, relation: Relation) -> tuple[str, str]:
    name, values = rule.columns[0], rule.args["values"]
    listed = ", ".join(literal(_text(v)) for v in values)
    same = f"list_contains([{listed}], CAST({first} AS VARCHAR))"
    if _is_number(relation.columns[name]):
        same = " OR ".join(f"{first} = {_sql(v)}" for v in values if not isinstance(v, str)) or "false"
    return f"{first} IS NOT NULL AND NOT ({same})", f"{name} is none of {', '.join(_text(v) for v in values)}"


def _range(rule: Rule, first: str, relation: Relation) -> tuple[str, str]:
    name = rule.columns[0]
    kind, value, unread = relation.columns[name], first, ""
    if kind == "VARCHAR":
        value = f"TRY_CAST({first} AS {_type_of(next(iter(rule.args.values())))})"
        unread = f"({first} IS NOT NULL AND {value} IS NULL) OR "
    return f"{unread}{_bounds(value, rule, kind)}", f"{name} is not {_range_text(rule)}"


def _bounds(value: str, rule: Rule, kind: str) -> str:
    tests = []
    for key, sign in (("min", "<"), ("max", ">")):
        if key in rule.args:
            bound = rule.args[key]
            stated = _sql(bound)
            if isinstance(bound, str) and kind.startswith(("DATE", "TIMESTAMP")):
                stated = f"CAST({stated} AS TIMESTAMP)"
            tests.append(f"coalesce({value} {sign} {stated}, false)")
    return " OR ".join(tests)


def _range_text(rule: Rule) -> str:
    low, high = (_text(rule.args[k]) if k in rule.args else None for k in ("min", "max"))
    if low is not None and high is not None:
        return f"between {low} and {high}"
    return f"at most {high}" if low is None else f"at least {low}"


def _sum(rule: Rule, relation: Relation) -> tuple[str, str]:
    terms = " + ".join(_numeric(c, relation) for c in rule.columns)
    other = rule.args.get("equals_column")
    total = _numeric(other, relation) if other else _sql(rule.args["equals"])
    shown = other or _text(rule.args["equals"])
    broken = f"abs(({terms}) - {total}) > {rule.args['tolerance']}"
    return broken, f"{' + '.join(rule.columns)} is not {shown}"


def _compare(rule: Rule, relation: Relation, first: str) -> tuple[str, str]:
    op, other = rule.args["op"], rule.args.get("to_column")
    shown = other or _text(rule.args["to"])
    message = f"{rule.columns[0]} is not {op} {shown}"
    if other:
        kinds = [relation.columns[c] for c in (rule.columns[0], other)]
        # A text beside a number is compared as a number, never the number as a text.
        if any(map(_is_number, kinds)) and "VARCHAR" in kinds:
            return f"NOT ({_numeric(rule.columns[0], relation)} {op} {_numeric(other, relation)})", message
        if "VARCHAR" in kinds and kinds[0] != kinds[1]:
            kind = next(k for k in kinds if k != "VARCHAR")
            return f"NOT (TRY_CAST({first} AS {kind}) {op} TRY_CAST(s.{quote(other)} AS {kind}))", message
        return f"NOT ({first} {op} s.{quote(other)})", message
    value = rule.args["to"]
    left = f"TRY_CAST({first} AS {_type_of(value)})" if relation.columns[rule.columns[0]] == "VARCHAR" else first
    return f"NOT ({left} {op} {_sql(value)})", message


def _numeric(column: str, relation: Relation) -> str:
    name = f"s.{quote(column)}"
    return f"TRY_CAST({name} AS DECIMAL(38,10))" if relation.columns[column] == "VARCHAR" else name


def _is_number(kind: str) -> bool:
    return kind in WHOLE_NUMBERS or kind.startswith(("DECIMAL", "DOUBLE", "FLOAT"))


def _type_of(value: Scalar) -> str:
    if isinstance(value, dt.date):
        return "TIMESTAMP"
    return "VARCHAR" if isinstance(value, str) else "DECIMAL(38,10)"


def _sql(value: Scalar) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dt.date):
        return f"TIMESTAMP {literal(value.isoformat(*([' '] if isinstance(value, dt.datetime) else [])))}"
    return literal(value) if isinstance(value, str) else str(value)


def _text(value: Scalar) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else str(value)
