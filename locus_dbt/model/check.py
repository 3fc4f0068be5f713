"""Cross-checks as an output declares them: one line each, parsed into what is to be compared.

net_total + tax_total = gross_total          sums, products and quotients of columns and numbers
quantity * unit_price = net_amount           ``/ 100`` for rates in percent
opening + sum(amount) = closing per account  ``sum(column)``: over the document's rows, or over those of a group
balance runs by amount per account           each printed balance is the one before and the amounts since
issue_date <= due_date                       an order
iban is iban                                 check digits or form: see ``IDENTIFIERS``
text totals by table_no, row_no, col_no      a grid in long form: rows labelled as a total state the sums above
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from locus_dbt.model.errors import did_you_mean

#: What a column may be said to be.
IDENTIFIERS = ("iban", "vat", "luhn", "isin", "lei", "ean", "bic")

_NAME = r"[a-z_][a-z0-9_]*"
_PER = rf"(?:\s+per\s+(?P<per>{_NAME}))?"
_IS = re.compile(rf"^(?P<column>{_NAME})\s+is\s+(?P<what>\w+)$")
_ORDER = re.compile(rf"^(?P<first>{_NAME})\s*<=\s*(?P<second>{_NAME})$")
_RUNS = re.compile(rf"^(?P<balance>{_NAME})\s+runs\s+by\s+(?P<amount>{_NAME}){_PER}$")
_TOTALS = re.compile(rf"^(?P<text>{_NAME})\s+totals\s+by\s+(?P<table>{_NAME}),\s*(?P<row>{_NAME}),\s*(?P<col>{_NAME})$")
_EQUATION = re.compile(rf"^(?P<left>[^=<]+?)\s*=\s*(?P<target>{_NAME}){_PER}$")
_TERM = re.compile(r"\s*(?P<sign>[+-])?\s*(?P<factors>[^+-]+)")
_FACTOR = re.compile(
    rf"\s*(?P<by>[*/])?\s*(?:(?P<number>\d+(?:\.\d+)?)|sum\((?P<summed>{_NAME})\)|(?P<name>{_NAME}))\s*"
)

_NUMERIC = ("DECIMAL", "BIGINT", "INTEGER", "SMALLINT", "DOUBLE", "FLOAT")
_ORDERED = (*_NUMERIC, "DATE", "TIMESTAMP")


@dataclass(frozen=True, slots=True)
class Term:
    """A signed product: number × columns ÷ columns; ``summed`` when its one column is added up over the rows."""

    number: Decimal
    times: tuple[str, ...]
    over: tuple[str, ...] = ()
    summed: bool = False


@dataclass(frozen=True, slots=True)
class Check:
    """One declared check. ``kind`` is equation, order, runs, totals or identifier.

    ``columns`` are those whose trust it changes: of an equation its terms' and last its target, of an order and of a
    running balance both, of a grid its text, of an identifier the one; ``what`` names the kind of identifier, ``by``
    the columns that tell groups or places.
    """

    text: str
    kind: str
    columns: tuple[str, ...]
    terms: tuple[Term, ...] = ()
    what: str = ""
    by: tuple[str, ...] = ()


def parse_check(text: str) -> Check:
    """Read one declaration; ``ValueError`` says what is wrong and what would be right."""
    plain = " ".join(text.split())
    if found := _IS.match(plain):
        if found["what"] not in IDENTIFIERS:
            known = ", ".join(IDENTIFIERS)
            hint = did_you_mean(found["what"], IDENTIFIERS)
            raise ValueError(f"check '{text}': nothing is known of '{found['what']}'{hint} (known: {known})")
        return Check(plain, "identifier", (found["column"],), what=found["what"])
    if found := _ORDER.match(plain):
        return Check(plain, "order", (found["first"], found["second"]))
    if found := _RUNS.match(plain):
        return Check(plain, "runs", (found["balance"], found["amount"]), by=_group(found))
    if found := _TOTALS.match(plain):
        return Check(plain, "totals", (found["text"],), by=(found["table"], found["row"], found["col"]))
    if found := _EQUATION.match(plain):
        terms = _terms(found["left"], text)
        named = [name for term in terms for name in (*term.times, *term.over)]
        return Check(plain, "equation", (*dict.fromkeys(named), found["target"]), terms, by=_group(found))
    raise ValueError(f"check '{text}' is none of: a + b = c, a <= b, a is iban, a runs by b, a totals by t, r, c")


def fits(check: Check, columns: Mapping[str, str]) -> None:
    """``ValueError`` when a check names a column that the output does not have, or one of an unfitting type."""
    for name in (*check.columns, *check.by):
        if name not in columns:
            raise ValueError(
                f"check '{check.text}' names no column of the output: '{name}'{did_you_mean(name, columns)}"
            )
    wanted = {"equation": _NUMERIC, "runs": _NUMERIC, "order": _ORDERED}.get(check.kind, ("VARCHAR",))
    for name in check.columns:
        if not columns[name].startswith(wanted) or columns[name].endswith("[]"):
            raise ValueError(f"check '{check.text}': column '{name}' is {columns[name]}, not {' or '.join(wanted)}")


def _group(found: re.Match[str]) -> tuple[str, ...]:
    return (found["per"],) if found["per"] else ()


def _terms(left: str, text: str) -> tuple[Term, ...]:
    terms, at = [], 0
    while at < len(left):
        found = _TERM.match(left, at)
        if found is None:
            raise ValueError(f"check '{text}': cannot be read from '{left[at:]}' on")
        terms.append(_term(found["factors"], negative=found["sign"] == "-", text=text))
        at = found.end()
    return tuple(terms)


def _term(factors: str, *, negative: bool, text: str) -> Term:
    times: list[str] = []
    over: list[str] = []
    number, summed, at = Decimal(-1 if negative else 1), False, 0
    while at < len(factors):
        found = _FACTOR.match(factors, at)
        if found is None or (found["by"] is None) != (at == 0):
            raise ValueError(f"check '{text}': '{factors.strip()}' is no product of columns and numbers")
        if found["number"]:
            value = Decimal(found["number"])
            if found["by"] == "/" and not value:
                raise ValueError(f"check '{text}' divides by nothing")
            number = number / value if found["by"] == "/" else number * value
        else:
            (over if found["by"] == "/" else times).append(found["summed"] or found["name"])
            summed = summed or found["summed"] is not None
        at = found.end()
    if not times or (summed and len(times) + len(over) != 1):
        raise ValueError(f"check '{text}': a term holds one sum(column), or columns multiplied")
    return Term(number, tuple(times), tuple(over), summed)
