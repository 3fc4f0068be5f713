"""For each rule the SQL that tells a broken row, the value shown and the message."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from locus_dbt.images.data_validator.rules import Rule, Scalar
from locus_dbt.model.relation import Relation, literal, quote

_NUMBERS = (
    "TINYINT",
    "SMALLINT",
    "INTEGER",
    "BIGINT",
    "HUGEINT",
    "UTINYINT",
    "USMALLINT",
    "UINTEGER",
    "UBIGINT",
    "UHUGEINT",
)


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
    args, names = rule.args, ", ".join(rule.columns)
    kind = relation.columns[rule.columns[0]] if rule.columns else ""
    if rule.check == "not_null":
        return f"{first} IS NULL", f"{names} is null"
    if rule.check == "unique":
        return f"u{rule.number}._locus_more", f"{names} occurs more than once"
    if rule.check == "type":
        return (
            f"{first} IS NOT NULL AND TRY_CAST({first} AS {args['type']}) IS NULL",
            f"{names} is not of type {args['type']}",
        )
    if rule.check == "regex":
        return (
            f"NOT regexp_full_match(CAST({first} AS VARCHAR), {literal(args['pattern'])})",
            f"{names} does not match {args['pattern']}",
        )
    if rule.check == "in":
        listed = ", ".join(literal(_text(v)) for v in args["values"])
        same = f"list_contains([{listed}], CAST({first} AS VARCHAR))"
        if _is_number(kind):
            same = (
                " OR ".join(f"{first} = {_sql(v)}" for v in args["values"] if not isinstance(v, str))
                or "false"
            )
        return (
            f"{first} IS NOT NULL AND NOT ({same})",
            f"{names} is none of {', '.join(_text(v) for v in args['values'])}",
        )
    if rule.check == "length":
        return _bounds(
            f"length(CAST({first} AS VARCHAR))", rule, "BIGINT"
        ), f"length of {names} is not {_range_text(rule)}"
    if rule.check == "range":
        unread = ""
        value = first
        if kind == "VARCHAR":
            target = _type_of(next(iter(args.values())))
            value = f"TRY_CAST({first} AS {target})"
            unread = f"({first} IS NOT NULL AND {value} IS NULL) OR "
        return f"{unread}{_bounds(value, rule, kind)}", f"{names} is not {_range_text(rule)}"
    if rule.check == "sum":
        return _sum(rule, relation)
    if rule.check == "compare":
        return _compare(rule, relation, first)
    return f"NOT ({args['sql']})", f"not true: {args['sql']}"


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
    low, high = (rule.args.get(k) for k in ("min", "max"))
    if low is None or high is None:
        return f"at least {_text(low)}" if low is not None else f"at most {_text(high)}"
    return f"between {_text(low)} and {_text(high)}"


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
    left = (
        f"TRY_CAST({first} AS {_type_of(value)})" if relation.columns[rule.columns[0]] == "VARCHAR" else first
    )
    return f"NOT ({left} {op} {_sql(value)})", message


def _numeric(column: str, relation: Relation) -> str:
    name = f"s.{quote(column)}"
    return f"TRY_CAST({name} AS DECIMAL(38,10))" if relation.columns[column] == "VARCHAR" else name


def _is_number(kind: str) -> bool:
    return kind in _NUMBERS or kind.startswith(("DECIMAL", "DOUBLE", "FLOAT"))


def _type_of(value: Scalar) -> str:
    if isinstance(value, datetime.date):
        return "TIMESTAMP"
    return "VARCHAR" if isinstance(value, str) else "DECIMAL(38,10)"


def _sql(value: Scalar) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime.date):
        return (
            f"TIMESTAMP {literal(value.isoformat(*([' '] if isinstance(value, datetime.datetime) else [])))}"
        )
    return literal(value) if isinstance(value, str) else str(value)


def _text(value: Scalar) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else str(value)
