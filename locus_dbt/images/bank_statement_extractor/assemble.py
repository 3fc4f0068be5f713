"""Rows of a statement's list, told apart by the roles of their columns, as transactions and balances."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from locus_dbt.images.bank_statement_extractor.columns import (
    Written,
    amount,
    currency_in,
    date_order,
    day,
    decimal_sign,
)
from locus_dbt.images.bank_statement_extractor.roles import balance_kind
from locus_dbt.model.locus import Locus
from locus_dbt.parsers.bank.statement import Balance, Fact, Refused, Statement, Transaction

NUMBERS = ("amount", "debit", "credit", "balance_after")
DATES = ("booking_date", "value_date")
_TEXTS = (
    "booking_text", "counterparty_name", "counterparty_account", "counterparty_bank", "purpose", "end_to_end_id",
    "mandate_id", "creditor_id", "customer_reference", "bank_reference",
)  # fmt: skip
_OUT = frozenset(
    ["s", "soll", "d", "debit", "dr", "af", "debet", "cargo", "belastung", "lastschrift", "out", "-", "debe"]
)
_IN = frozenset(["h", "haben", "c", "credit", "cr", "bij", "abono", "gutschrift", "in", "+", "kredit", "haber"])


class Cell(NamedTuple):
    """What is printed in a column, and where."""

    text: str
    at: Locus


Row = Mapping[str, Cell]


def how_written(rows: Iterable[Row], *, decimals: str, dates: str, period: tuple[date, date] | None) -> Written:
    """Decide decimal sign and order of dates by all rows, unless the params say."""
    kept = list(rows)
    numbers = (row[role].text for row in kept for role in NUMBERS if role in row)
    days = (row[role].text for row in kept for role in DATES if role in row)
    decimal = {"comma": ",", "point": "."}.get(decimals) or decimal_sign(numbers)
    order: Any = dates if dates in ("dmy", "mdy") else date_order(days)
    return Written(decimal, order, period)


def assemble(statement: Statement, rows: Sequence[Row], written: Written) -> None:
    """Append the transactions and balances of the rows, in their order; what cannot be taken is refused."""
    signs, ends = _signs_tell(rows), False
    for row in rows:
        text = next((row[role].text for role in ("purpose", "booking_text", "counterparty_name") if role in row), "")
        kind = balance_kind(text)
        ends = kind is not None and _is_balance(row, text)
        if kind is not None and ends:
            _balance(statement, row, kind, written)
        else:
            _transaction(statement, row, written, sign_role=signs)
    _name_by_position(statement, ends=ends)


def _signs_tell(rows: Sequence[Row]) -> str | None:
    """The column whose words (debit, credit) give the amounts their sign, if one does."""
    for role in ("sign", "booking_text"):
        words = {row[role].text.strip().lower() for row in rows if role in row and row[role].text.strip()}
        if words and words <= _OUT | _IN:
            return role
    return None


def _is_balance(row: Row, text: str) -> bool:
    """A line of a balance has one number, and no more words than say so."""
    numbers = [role for role in NUMBERS if role in row and row[role].text.strip()]
    return len(numbers) == 1 and len(text) < 100


def _balance(statement: Statement, row: Row, kind: str, written: Written) -> None:
    role = next(role for role in NUMBERS if role in row and row[role].text.strip())
    cell = row[role]
    value = amount(cell.text, written.decimal) if written.decimal else None
    if value is None:
        statement.refused.append(Refused("balance", "the number cannot be read", cell.text, cell.at))
        return
    value = -abs(value) if role == "debit" else value
    on = next((found for d in DATES if d in row and (found := day(row[d].text, written)[0]) is not None), None)
    currency = currency_in(cell.text) or statement.value("currency") or ""
    if not statement.transactions and kind in ("balance", "carried") and statement.opening is None:
        kind = "opening"
    statement.balances.append(Balance(kind, Fact(value, cell.text.strip(), cell.at), currency, on))


def _name_by_position(statement: Statement, *, ends: bool) -> None:
    """A balance that says not which one it is, below the transactions, is the closing one (``ends``: it is last)."""
    for i, balance in enumerate(statement.balances):
        last = ends and i == len(statement.balances) - 1 and statement.closing is None
        if balance.kind == "balance" or (balance.kind == "carried" and last):
            statement.balances[i] = replace(balance, kind="closing")


def _transaction(statement: Statement, row: Row, written: Written, *, sign_role: str | None) -> None:
    made = Transaction(next(iter(row.values())).at)
    _put_amount(statement, made, row, written, sign_role)
    for role in DATES:
        if role in row and row[role].text.strip():
            _put_day(statement, made, role, row[role], written)
    if "balance_after" in row and row["balance_after"].text.strip():
        _put_number(statement, made, "balance_after", row["balance_after"], written)
    for role in _TEXTS:
        if role in row and role != sign_role:
            text = " ".join(row[role].text.split())
            made.tell(role, text, text, row[role].at)
    if "purpose" not in made.facts and "booking_text" in made.facts:
        made.facts["purpose"] = made.facts["booking_text"]
    _put_currency(statement, made, row)
    if made.facts:
        statement.transactions.append(made)


def _put_amount(statement: Statement, made: Transaction, row: Row, written: Written, sign_role: str | None) -> None:
    filled = [role for role in ("amount", "debit", "credit") if role in row and row[role].text.strip()]
    told = {role: _number(statement, role, row[role], written) for role in filled}
    moving = [role for role in filled if told[role]] or filled[:1]
    if len(moving) > 1:
        cell = row[moving[0]]
        statement.refused.append(Refused("amount", "an amount in more than one column", cell.text, cell.at))
        return
    if not moving:
        first = next(iter(row.values()))
        statement.refused.append(Refused("amount", "no amount is printed", first.text, first.at))
        return
    if told[moving[0]] is None:
        return
    role = moving[0]
    value, cell, reason = told[role], row[role], ""
    assert value is not None
    if role == "debit":
        value, reason = -abs(value), "the column of debits"
    elif role == "credit":
        value = abs(value)
    elif sign_role is not None and sign_role in row:
        word = row[sign_role].text.strip().lower()
        value = -abs(value) if word in _OUT else abs(value) if word in _IN else value
        reason = f"the sign is printed as '{word}'"
    elif value < 0 and "-" not in cell.text:
        reason = "the sign is printed behind the number or as brackets"
    made.tell("amount", value, cell.text.strip(), cell.at, reason=reason)


def _number(statement: Statement, role: str, cell: Cell, written: Written) -> Decimal | None:
    value = amount(cell.text, written.decimal or ".")
    column = "balance_after" if role == "balance_after" else "amount"
    if value is None:
        statement.refused.append(Refused(column, "the number cannot be read", cell.text, cell.at))
        return None
    if written.decimal is None and any(c in cell.text for c in ".,"):
        why = "comma or point may be the decimal sign; say decimals := 'comma' or 'point'"
        statement.refused.append(Refused(column, why, cell.text, cell.at))
        return None
    return value


def _put_number(statement: Statement, made: Transaction, role: str, cell: Cell, written: Written) -> None:
    value = _number(statement, role, cell, written)
    if value is not None:
        made.tell(role, value, cell.text.strip(), cell.at)


def _put_day(statement: Statement, made: Transaction, role: str, cell: Cell, written: Written) -> None:
    found, reason = day(cell.text, written)
    if found is not None:
        made.tell(role, found, cell.text.strip(), cell.at, reason=reason)
        return
    unclear = written.order is None and date_order([cell.text]) is None
    why = "day or month may come first; say dates := 'dmy' or 'mdy'" if unclear else "the date cannot be read"
    statement.refused.append(Refused(role, why, cell.text, cell.at))


def _put_currency(statement: Statement, made: Transaction, row: Row) -> None:
    if "currency" in row and row["currency"].text.strip():
        text = row["currency"].text.strip()
        made.tell("currency", {"€": "EUR", "£": "GBP"}.get(text, text.upper()[:3]), text, row["currency"].at)
        return
    for role in ("amount", "debit", "credit"):
        if role in row and (found := currency_in(row[role].text)):
            made.tell("currency", found, row[role].text.strip(), row[role].at)
            return
    if "currency" in statement.facts:
        made.facts["currency"] = statement.facts["currency"]
