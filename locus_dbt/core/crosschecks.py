"""What the cells of a document say about each other: sums, products, orders, running balances, check digits.

Checks are declared by the image (:mod:`locus_dbt.model.check`) or made by it (:meth:`TableBuilder.check`). A null
operand means that a check does not apply. What holds or fails is said in the spans' ``checks``, a failing one in
``reason`` too; how far it changes ``confidence`` is decided by :mod:`locus_dbt.core.calibration`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from locus_dbt.core.check_digits import BY_FORM, CHECKS
from locus_dbt.core.check_operands import Operands
from locus_dbt.core.check_outcomes import Findings, Outcome
from locus_dbt.core.total_rows import total_rows
from locus_dbt.model.check import Check, Term, parse_check

#: A check that the image made itself: row, columns, the check in words, whether it holds.
Verdict = tuple[int, Sequence[str], str, bool]


@dataclass(frozen=True, slots=True)
class Checked:
    """Spans with their checks said, and how many held and failed for each."""

    spans: pa.Table
    held: Any
    failed: Any


def cross_check(
    rows: pa.Table, spans: pa.Table, *, checks: Sequence[str] = (), verdicts: Sequence[Verdict] = (), whole: bool = True
) -> Checked:
    """Run the declared checks and those that recognise identifiers by their form.

    ``rows`` has ``ordinal`` first. ``whole`` is false for a document that is read in parts: sums over all rows and
    running balances are then not known.
    """
    findings = Findings(spans)
    if spans.num_rows:
        operands = Operands(rows, spans)
        declared = [parse_check(text) for text in checks]
        for check in declared:
            for outcome in _outcomes(check, operands, whole=whole):
                findings.add(outcome, operands)
        for row, columns, text, holds in verdicts:
            at = row - operands.first
            if 0 <= at < len(operands):
                findings.add(Outcome(tuple(columns), np.array([at]), np.array([holds]), text), operands)
        _by_form(spans, findings)
    return Checked(findings.said(), findings.held, findings.failed)


def _outcomes(check: Check, operands: Operands, *, whole: bool) -> Iterator[Outcome]:
    if any(name not in operands for name in (*check.columns, *check.by)):
        return  # the call asked for some of the columns only
    if check.kind == "identifier":
        yield _identifier(check, operands)
    elif check.kind == "order":
        yield _order(check, operands)
    elif check.kind == "totals":
        yield from total_rows(check, operands.rows)
    elif check.kind == "runs" and whole:
        yield _runs(check, operands)
    elif check.kind == "equation" and (whole or not any(t.summed for t in check.terms)):
        yield _equation(check, operands)


def _identifier(check: Check, operands: Operands) -> Outcome:
    """Each different text is looked at once."""
    coded = operands.texts(check.columns[0]).dictionary_encode()
    verdicts = [CHECKS[check.what](text) if text else None for text in coded.dictionary.to_pylist()]
    known = np.array([-1 if v is None else int(v) for v in [*verdicts, None]])
    found = known[coded.indices.fill_null(len(verdicts)).to_numpy(zero_copy_only=False)]
    at = np.flatnonzero(found >= 0)
    form = "form" if check.what == "bic" else "check digits"
    return Outcome(check.columns, at, found[at] == 1, f"{check.what.upper()} {form}")


def _order(check: Check, operands: Operands) -> Outcome:
    first, second = (operands.values(name) for name in check.columns)
    at = np.flatnonzero(~np.isnan(first) & ~np.isnan(second))
    return Outcome(check.columns, at, first[at] <= second[at], check.text)


def _equation(check: Check, operands: Operands) -> Outcome:
    """Whether the terms make the target, within what the printed decimals leave open."""
    target = check.columns[-1]
    group = operands.groups(check.by[0]) if check.by else np.zeros(len(operands), np.int64)
    total, slack = np.zeros(len(operands)), operands.half_unit(target).copy()
    for term in check.terms:
        value, open_ = _summed(term, operands, group) if term.summed else _product(term, operands)
        total, slack = total + value, slack + open_
    wanted = operands.values(target)
    at = np.flatnonzero(np.isfinite(total) & np.isfinite(wanted))
    holds = np.abs(total[at] - wanted[at]) <= slack[at] + 1e-9 * np.abs(wanted[at]) + 1e-12
    wrong = at[~holds]
    details = {int(i): f"{total[i]:.10g} is not {wanted[i]:.10g}" for i in wrong}
    columns = check.columns if target in check.columns[:-1] else tuple(dict.fromkeys(check.columns))
    return Outcome(columns, at, holds, check.text, details)


def _product(term: Term, operands: Operands) -> tuple[Any, Any]:
    """The term's value and what rounding of its printed factors leaves open (a whole number is exact)."""
    factors = [(operands.values(n), operands.rounding(n)) for n in (*term.times, *term.over)]
    value = np.full(len(operands), float(term.number))
    with np.errstate(divide="ignore", invalid="ignore"):
        for i, (factor, _) in enumerate(factors):
            value = value * factor if i < len(term.times) else value / factor
        open_ = np.zeros(len(operands))
        for factor, half in factors:
            open_ += np.where(half > 0, np.abs(value / factor) * half, 0.0)
    return value, np.nan_to_num(open_, nan=0.0, posinf=0.0)


def _summed(term: Term, operands: Operands, group: Any) -> tuple[Any, Any]:  # noqa: ANN401 - an array of group numbers
    """A column added up within each group; roundings of many printed numbers cancel out for the most part."""
    name = term.times[0]
    sums = np.bincount(group, weights=operands.values(name))
    squares = np.bincount(group, weights=np.nan_to_num(operands.rounding(name)) ** 2)
    return float(term.number) * sums[group], abs(float(term.number)) * np.sqrt(squares)[group]


def _runs(check: Check, operands: Operands) -> Outcome:
    """Each printed balance against the one before it; lists that begin with the newest are followed backwards."""
    balance, amount = (operands.values(name) for name in check.columns)
    group = operands.groups(check.by[0]) if check.by else np.zeros(len(operands), np.int64)
    half = operands.half_unit(check.columns[0])
    rows: list[Any] = []
    holds: list[Any] = []
    details: dict[int, str] = {}
    for number in range(int(group.max()) + 1 if len(group) else 0):
        member = np.flatnonzero(group == number)
        ways = [_follow(way, balance, amount) for way in (member, member[::-1])]
        kept = [(at, np.abs(made - balance[at]) <= half[at] + 1e-9, made) for at, made in ways]
        at, good, made = max(kept, key=lambda way: int(way[1].sum()))
        rows.append(at)
        holds.append(good)
        details |= {int(i): f"{m:.10g} is not {balance[i]:.10g}" for i, m in zip(at[~good], made[~good], strict=True)}
    empty = np.zeros(0, np.int64)
    at = np.concatenate([empty, *rows])
    return Outcome(check.columns, at, np.concatenate([empty.astype(bool), *holds]), check.text, details)


def _follow(member: Any, balance: Any, amount: Any) -> tuple[Any, Any]:  # noqa: ANN401 - arrays
    """Rows with a balance printed before them, and what that one and the amounts since make."""
    run = np.concatenate([[0.0], np.cumsum(amount[member])])
    printed = np.flatnonzero(~np.isnan(balance[member]))
    before, after = printed[:-1], printed[1:]
    made = balance[member[before]] + (run[after + 1] - run[before + 1])
    known = ~np.isnan(made)
    return member[after[known]], made[known]


def _by_form(spans: pa.Table, findings: Findings) -> None:
    """Texts in the form of an identifier whose check holds; one that fails may be no identifier at all."""
    for what, pattern in BY_FORM:
        alike = pc.match_substring_regex(spans["value"], pattern).to_numpy(zero_copy_only=False)
        for i in np.flatnonzero(alike == True):  # noqa: E712 - null is neither
            text = f"{what.upper()} check digits: holds"
            if not findings.says(int(i), text) and CHECKS[what](spans["value"][int(i)].as_py()):
                findings.add_span(int(i), text, holds=True)
