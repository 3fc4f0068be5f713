"""Rule definitions: read, checked and named before any SQL is written."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from locus_dbt.model.errors import RequestError, did_you_mean
from locus_dbt.model.relation import ROW_ID, Relation

# What each check needs and may have, beside check, column, columns, name, severity, message.
CHECKS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "not_null": ((), ()),
    "unique": ((), ()),
    "type": (("type",), ()),
    "range": ((), ("min", "max")),
    "regex": (("pattern",), ()),
    "in": (("values",), ()),
    "length": ((), ("min", "max")),
    "sum": (("equals",), ("tolerance",)),
    "compare": (("op", "to"), ()),
    "expression": (("sql",), ()),
}
OPERATORS = {"=": "=", "==": "=", "<>": "<>", "!=": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
SEVERITIES = ("error", "warning")
TYPES = (
    "BIGINT",
    "INTEGER",
    "SMALLINT",
    "DOUBLE",
    "FLOAT",
    "BOOLEAN",
    "DATE",
    "TIMESTAMP",
    "TIME",
    "UUID",
    "DECIMAL(p,s)",
)
_DECIMAL = re.compile(r"DECIMAL\(\d{1,2},\d{1,2}\)")
_NOT_IN_RE2 = re.compile(r"\(\?(?:[=!]|<[=!])|(?<!\\)(?:\\\\)*\\[1-9]")
_ALWAYS = ("check", "column", "columns", "name", "severity", "message")
_MANY = ("unique", "sum")

Scalar = str | int | float | Decimal | dt.date


@dataclass(frozen=True, slots=True)
class Rule:
    """One checked rule; ``columns`` in the relation's spelling, ``args`` what its check needs."""

    number: int
    name: str
    check: str
    columns: tuple[str, ...]
    severity: str
    message: str | None
    args: Mapping[str, Any]

    @property
    def reads(self) -> tuple[str, ...]:
        """Every column the rule looks at."""
        other = [self.args[k] for k in ("equals_column", "to_column") if k in self.args]
        return tuple(dict.fromkeys([*self.columns, *other]))


def read_rules(relation: Relation, given: object) -> list[Rule]:
    """All rules in order; E103 names rule, key and known set, E107 an unknown column."""
    if isinstance(given, str) or not isinstance(given, Sequence) or not given:
        raise RequestError(f"param 'rules' is a list of maps with at least one rule, not {given!r}", code="E103")
    rules = [_rule(relation, i, item) for i, item in enumerate(given, 1)]
    names = [r.name for r in rules]
    double = sorted({n for n in names if names.count(n) > 1})
    if double:
        raise RequestError(
            f"param 'rules': two rules are named '{double[0]}'", code="E103", fix="give each its own name"
        )
    return rules


def _rule(relation: Relation, number: int, item: object) -> Rule:
    where = f"rule {number}"
    if not isinstance(item, Mapping):
        raise RequestError(f"{where}: a rule is a map, not {item!r}", code="E103")
    # SQL gives all structs of a list the same keys: a null stands for a key that is not there.
    item = {key: value for key, value in item.items() if value is not None}
    check = _one_of(item.get("check"), tuple(CHECKS), f"{where}: 'check'")
    needed, optional = CHECKS[check]
    known = (*_ALWAYS, *needed, *optional)
    for key in item:
        if key not in known:
            raise RequestError(
                f"{where} ({check}): unknown key '{key}'{did_you_mean(str(key), known)}",
                code="E103",
                fix=f"keys are {', '.join(known)}",
            )
    for key in needed:
        if item.get(key) is None:
            raise RequestError(f"{where} ({check}): '{key}' is missing", code="E103", fix=f"add {key}")
    columns = _columns(relation, item, check, where)
    default = "_".join([check, *columns]) if columns else f"{check}_{number}"
    message = item.get("message")
    return Rule(
        number=number,
        name=str(item.get("name") or default),
        check=check,
        columns=columns,
        severity=_one_of(item.get("severity", "error"), SEVERITIES, f"{where}: 'severity'"),
        message=None if message is None else str(message),
        args=_args(relation, item, check, where),
    )


def _columns(relation: Relation, item: Mapping[str, Any], check: str, where: str) -> tuple[str, ...]:
    if "column" in item and "columns" in item:
        raise RequestError(f"{where} ({check}): 'column' and 'columns' exclude each other", code="E103")
    names = item.get("columns", item.get("column"))
    if names is None:
        if check == "expression":
            return ()
        raise RequestError(f"{where} ({check}): 'column' is missing", code="E103", fix="name the column to check")
    listed = [names] if isinstance(names, str) or not isinstance(names, Sequence) else list(names)
    if not listed or (len(listed) > 1 and check not in (*_MANY, "expression")):
        raise RequestError(f"{where} ({check}): takes one column, not {len(listed)}", code="E103")
    return tuple(dict.fromkeys(relation.resolve(n, param=where) for n in listed))


def _args(relation: Relation, item: Mapping[str, Any], check: str, where: str) -> dict[str, Any]:
    place = f"{where} ({check})"
    if check in ("sum", "compare"):
        key, second = ("equals", "tolerance") if check == "sum" else ("to", "op")
        if check == "sum":
            read: Any = _number(item.get("tolerance", 0), f"{place}: 'tolerance'")
        else:
            read = OPERATORS[_one_of(item["op"], tuple(OPERATORS), f"{place}: 'op'")]
        return {second: read, **_other(relation, item[key], key, place)}
    own = {"range": _bounds, "length": _bounds, "type": _type, "in": _values, "regex": _pattern, "expression": _sql}
    return own[check](item, place) if check in own else {}


def _bounds(item: Mapping[str, Any], place: str) -> dict[str, Any]:
    bounds = {k: scalar(item[k], f"{place}: '{k}'") for k in ("min", "max") if k in item}
    if not bounds:
        raise RequestError(f"{place}: 'min' or 'max' is missing", code="E103", fix="give one or both")
    if item["check"] == "length" and not all(isinstance(b, int) for b in bounds.values()):
        raise RequestError(f"{place}: 'min' and 'max' are whole numbers", code="E103")
    return bounds


def _type(item: Mapping[str, Any], place: str) -> dict[str, Any]:
    kind = re.sub(r"\s", "", str(item["type"]).upper())
    if kind not in TYPES[:-1] and not _DECIMAL.fullmatch(kind):
        raise RequestError(f"{place}: no type '{item['type']}'{did_you_mean(kind, TYPES)}", code="E103")
    return {"type": kind}


def _values(item: Mapping[str, Any], place: str) -> dict[str, Any]:
    values = item["values"]
    if isinstance(values, str) or not isinstance(values, Sequence) or not values:
        raise RequestError(f"{place}: 'values' is a list with at least one value", code="E103")
    return {"values": [scalar(v, f"{place}: 'values'") for v in values]}


def _other(relation: Relation, value: object, key: str, place: str) -> dict[str, Any]:
    """The other side of a comparison: a number or date as it is, any other text as a column."""
    if isinstance(value, str):
        return {f"{key}_column": relation.resolve(value, param=f"{place} {key}")}
    return {key: scalar(value, f"{place}: '{key}'")}


def scalar(value: object, where: str) -> Scalar:
    """A text, finite number or date; E103 for anything else."""
    fine = isinstance(value, str | int | Decimal | dt.date) or (isinstance(value, float) and math.isfinite(value))
    if not fine:
        raise RequestError(f"{where} is a text, a number or a date, not {value!r}", code="E103")
    return value  # type: ignore[return-value]  # narrowed just above


def _pattern(item: Mapping[str, Any], place: str) -> dict[str, Any]:
    """A pattern that RE2, DuckDB's engine, takes: checked with Python's after what only RE2 knows is taken out."""
    pattern = str(item["pattern"])
    common = re.sub(r"\\[pP](?:\{\^?\w+\}|\w)|\\x\{[0-9a-fA-F]+\}|\[:\^?\w+:\]|\\z", "a", pattern)
    try:
        re.compile(common)
        wrong = "look-around and back references are not supported" if _NOT_IN_RE2.search(common) else ""
    except re.error as error:
        wrong = str(error)
    if wrong:
        raise RequestError(f"{place}: 'pattern' cannot be used: {wrong}: {pattern}", code="E103")
    return {"pattern": pattern}


def _number(value: object, where: str) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal) or not math.isfinite(value) or value < 0:
        raise RequestError(f"{where} is a number from 0, not {value!r}", code="E103")
    return Decimal(str(value))


def _one_of(value: object, known: tuple[str, ...], where: str) -> str:
    if value not in known:
        near = did_you_mean(str(value), known) if value is not None else ""
        raise RequestError(f"{where} is one of {', '.join(known)}, not {value!r}{near}", code="E103")
    return str(value)


def _sql(item: Mapping[str, Any], place: str) -> dict[str, Any]:
    """A boolean expression that stays inside its parentheses."""
    sql = str(item["sql"])
    bare = re.sub(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"", "", sql)
    depth, broken = 0, re.search(r"['\";$]|--|/\*", bare) is not None or not sql.strip()
    for sign in bare:
        depth += {"(": 1, ")": -1}.get(sign, 0)
        broken = broken or depth < 0
    if broken or depth:
        raise RequestError(
            f"{place}: 'sql' is not one expression: {sql!r}",
            code="E103",
            fix="no semicolon or comment, quotes and parentheses closed",
        )
    return {"sql": sql}


def guard_names(relation: Relation) -> None:
    """The columns the rows output adds must be free."""
    taken = [c for c in relation.columns if c.casefold() in ("_valid", "_violations")]
    if taken:
        raise RequestError(
            f"the relation already has a column '{taken[0]}'",
            code="E107",
            fix=f"leave it out of the relation ({ROW_ID} stays)",
        )
