"""From params to what is done with each column; every name and value is checked here."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, cast

from locus_dbt.model.errors import RequestError, did_you_mean
from locus_dbt.model.relation import ROW_ID, Relation

CASES = ("upper", "lower", "title")
DECIMALS = ("auto", ".", ",")
DATE_ORDERS = ("auto", "dmy", "mdy", "ymd")

INTEGERS = ("BIGINT", "INTEGER", "SMALLINT")
_TYPES = (*INTEGERS, "DOUBLE", "FLOAT", "BOOLEAN", "DATE", "TIMESTAMP", "VARCHAR", "DECIMAL(p,s)")
_ALIASES = {
    "INT": "INTEGER",
    "INT8": "BIGINT",
    "INT4": "INTEGER",
    "INT2": "SMALLINT",
    "REAL": "FLOAT",
    "FLOAT8": "DOUBLE",
    "DOUBLE PRECISION": "DOUBLE",
    "BOOL": "BOOLEAN",
    "TEXT": "VARCHAR",
    "STRING": "VARCHAR",
    "DATETIME": "TIMESTAMP",
    "DECIMAL": "DECIMAL(18,3)",
    "NUMERIC": "DECIMAL(18,3)",
}
_DECIMAL = re.compile(r"(?:DECIMAL|NUMERIC)\((\d{1,2}),(\d{1,2})\)")
_WIDEST = 38


@dataclass(frozen=True, slots=True)
class ColumnRule:
    """What is done with one column; ``type`` None keeps the type it has."""

    trim: bool
    collapse_spaces: bool
    null_words: tuple[str, ...]
    decimal: str
    date_order: str
    case: str | None = None
    type: str | None = None

    @property
    def is_number(self) -> bool:
        """Whether the column is to hold numbers."""
        return self.type in (*INTEGERS, "DOUBLE", "FLOAT") or (self.type or "").startswith("DECIMAL")

    @property
    def is_date(self) -> bool:
        """Whether the column is to hold dates or times."""
        return self.type in ("DATE", "TIMESTAMP")


def column_rules(relation: Relation, params: Mapping[str, Any]) -> dict[str, ColumnRule]:
    """The rule of each column but the row id, in the relation's order.

    Raises:
        RequestError: E107 for a column the relation has not, E103 for a value that makes no sense.
    """
    whole = ColumnRule(
        trim=_boolean(params["trim"], "trim"),
        collapse_spaces=_boolean(params["collapse_spaces"], "collapse_spaces"),
        null_words=_words(params["null_words"], "null_words"),
        decimal=_choice(params["decimal"], DECIMALS, "decimal"),
        date_order=_choice(params["date_order"], DATE_ORDERS, "date_order"),
    )
    rules = {name: whole for name in relation.columns if name != ROW_ID}
    for param, key in (("case", "case"), ("columns", "type")):
        for name, value in _map(params[param], param).items():
            column = _column(relation, name, param)
            rules[column] = _changed(rules[column], {key: value}, f"{param}.{name}")
    for name, changes in _map(params["rules"], "rules").items():
        column = _column(relation, name, "rules")
        rules[column] = _changed(rules[column], _map(changes, f"rules.{name}"), f"rules.{name}")
    return rules


def sql_type(text: object, where: str) -> str:
    """A type as DuckDB writes it; E103 when it is none that a text can be read into."""
    given = " ".join(str(text).upper().split())
    given = re.sub(r"\s*([(,)])\s*", r"\1", given)
    given = _ALIASES.get(given, given)
    if given in _TYPES[:-1]:
        return given
    match = _DECIMAL.fullmatch(given)
    if match and 1 <= int(match[1]) <= _WIDEST and int(match[2]) <= int(match[1]):
        return f"DECIMAL({int(match[1])},{int(match[2])})"
    raise RequestError(
        f"param '{where}': '{text}' is no type to clean into",
        code="E103",
        fix=f"use one of {', '.join(_TYPES)}",
    )


def _changed(rule: ColumnRule, changes: Mapping[str, Any], where: str) -> ColumnRule:
    known = [f.name for f in fields(ColumnRule)]
    checked: dict[str, Any] = {}
    for key, value in changes.items():
        place = f"{where}.{key}" if where.startswith("rules.") else where
        if key not in known:
            raise RequestError(
                f"param '{where}': unknown key '{key}'{did_you_mean(str(key), known)}",
                code="E103",
                fix=f"keys are {', '.join(known)}",
            )
        # SQL gives all structs of a list the same keys: a null stands for a key that is not there.
        if value is not None:
            checked[key] = _checked(key, value, place)
    return replace(rule, **checked)


def _checked(key: str, value: object, where: str) -> object:
    if key in ("trim", "collapse_spaces"):
        return _boolean(value, where)
    if key == "null_words":
        return _words(value, where)
    if key == "type":
        return sql_type(value, where)
    choices = {"case": CASES, "decimal": DECIMALS, "date_order": DATE_ORDERS}[key]
    return _choice(value, choices, where)


def _column(relation: Relation, name: object, param: str) -> str:
    column = relation.resolve(name, param=param)
    if column == ROW_ID:
        raise RequestError(f"param '{param}': {ROW_ID} names rows and is not cleaned", code="E103")
    return column


def _boolean(value: object, where: str) -> bool:
    if not isinstance(value, bool):
        raise RequestError(f"param '{where}' is true or false, not {value!r}", code="E103")
    return value


def _words(value: object, where: str) -> tuple[str, ...]:
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise RequestError(f"param '{where}' is a list of texts, not {value!r}", code="E103")
    words = cast("Iterable[object]", value)
    return tuple(sorted({str(w).strip().lower() for w in words if w is not None}))


def _choice(value: object, choices: tuple[str, ...], where: str) -> str:
    if value not in choices:
        raise RequestError(
            f"param '{where}' is one of {', '.join(choices)}, not {value!r}",
            code="E103",
        )
    return str(value)


def _map(value: object, where: str) -> Mapping[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise RequestError(f"param '{where}' maps columns to what they get, not {value!r}", code="E103")
    return value
