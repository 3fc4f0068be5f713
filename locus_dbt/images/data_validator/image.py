"""Compiles rules over a relation to one SELECT."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from locus_dbt.images.data_validator.conditions import condition
from locus_dbt.images.data_validator.rules import Rule, guard_names, read_rules
from locus_dbt.model.errors import RequestError, did_you_mean
from locus_dbt.model.relation import ROW_ID, Relation, RelationalPlan, literal, quote

_OUTPUTS = ("violations", "rows")


def plan(relation: Relation, params: Mapping[str, Any]) -> RelationalPlan:
    """A row for each violation, or the rows with their verdict."""
    rules = read_rules(relation, params["rules"])
    output = params["output"]
    if output not in _OUTPUTS:
        raise RequestError(
            f"param 'output': no such choice: {output!r}{did_you_mean(str(output), _OUTPUTS)}", code="E103"
        )
    if output == "rows":
        return _rows(relation, rules)
    return _violations(relation, rules)


def _violations(relation: Relation, rules: list[Rule]) -> RelationalPlan:
    structs = []
    for rule in rules:
        c = condition(rule, relation)
        parts = {
            "rule": literal(rule.name),
            "column_name": literal(", ".join(rule.columns)) if rule.columns else "NULL::VARCHAR",
            "value": c.value if rule.columns else "NULL::VARCHAR",
            "message": c.message,
            "severity": literal(rule.severity),
        }
        struct = ", ".join(f"'{k}': {v}" for k, v in parts.items())
        structs.append(f"CASE WHEN {c.broken} THEN {{{struct}}} END")
    found = f"list_filter([{', '.join(structs)}], lambda v: v IS NOT NULL)"
    row_id = f", s.{quote(ROW_ID)} AS id" if relation.has_row_id else ""
    last = f", id AS {ROW_ID}" if relation.has_row_id else ""
    names = ("rule", "column_name", "value", "message", "severity")
    picked = ", ".join(f"v['{n}'] AS {n}" for n in names)
    each = f"SELECT unnest({found}) AS v{row_id} {_from(rules, relation)}"
    sql = f"{_with(rules, relation)}SELECT {picked}{last} FROM ({each}) AS f"
    read = _read(rules)
    columns: dict[str, tuple[str, ...]] = {
        "rule": read,
        "column_name": (),
        "value": read,
        "message": read,
        "severity": (),
    }
    if relation.has_row_id:
        columns[ROW_ID] = (ROW_ID,)
    return RelationalPlan(sql, columns)


def _rows(relation: Relation, rules: list[Rule]) -> RelationalPlan:
    guard_names(relation)
    names = [f"CASE WHEN {condition(r, relation).broken} THEN {literal(r.name)} END" for r in rules]
    errors = [condition(r, relation).broken for r in rules if r.severity == "error"]
    valid = f"NOT ({' OR '.join(errors)})" if errors else "true"
    kept = ", ".join(f"s.{quote(c)} AS {quote(c)}" for c in relation.columns)
    broken = f"list_filter(CAST([{', '.join(names)}] AS VARCHAR[]), lambda v: v IS NOT NULL)"
    sql = f"{_with(rules, relation)}SELECT {kept}, {valid} AS _valid, {broken} AS _violations {_from(rules, relation)}"
    columns = {c: (c,) for c in relation.columns}
    row_id = quote(ROW_ID) if relation.has_row_id else "NULL::UUID"
    rejects = (
        f"SELECT {row_id} AS {quote(ROW_ID)}, column_name, 'E302' AS code, message, value AS raw "
        f"FROM ({_violations(relation, rules).sql}) AS v WHERE severity = 'error'"
    )
    verdict = {"_valid": _read(rules), "_violations": _read(rules)}
    return RelationalPlan(sql, {**columns, **verdict}, rejects=rejects, kept=frozenset(columns))


def _with(rules: list[Rule], relation: Relation) -> str:
    """For each unique rule the values that occur more than once."""
    steps = []
    for rule in _unique(rules):
        columns = ", ".join(f"{quote(c)} AS _locus_k{i}" for i, c in enumerate(rule.columns))
        numbers = ", ".join(f"_locus_k{i}" for i in range(len(rule.columns)))
        present = " AND ".join(f"_locus_k{i} IS NOT NULL" for i in range(len(rule.columns)))
        values = f"SELECT {columns} FROM {relation.sql} AS s"
        double = f"SELECT {numbers}, true AS _locus_more FROM ({values}) AS k WHERE {present}"
        steps.append(f"_locus_double{rule.number} AS ({double} GROUP BY {numbers} HAVING count(*) > 1)")
    return "WITH " + ", ".join(steps) + "\n" if steps else ""


def _from(rules: list[Rule], relation: Relation) -> str:
    joins = []
    for rule in _unique(rules):
        on = " AND ".join(f"s.{quote(c)} = u{rule.number}._locus_k{i}" for i, c in enumerate(rule.columns))
        joins.append(f" LEFT JOIN _locus_double{rule.number} AS u{rule.number} ON {on}")
    return f"FROM {relation.sql} AS s" + "".join(joins)


def _unique(rules: list[Rule]) -> list[Rule]:
    return [r for r in rules if r.check == "unique"]


def _read(rules: list[Rule]) -> tuple[str, ...]:
    """Every column some rule looks at, in order; an expression may look at all that it names, which is not known."""
    return tuple(dict.fromkeys(c for r in rules for c in r.reads))
