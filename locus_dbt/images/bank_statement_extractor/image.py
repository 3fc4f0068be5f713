"""Bank statements as rows: transactions, or statements with their balances checked."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from locus_dbt.core.builder import TableBuilder
from locus_dbt.errors import InputError
from locus_dbt.images.bank_statement_extractor import pdf_statement, table_statement
from locus_dbt.images.bank_statement_extractor.running import balances_hold
from locus_dbt.model.document import Document
from locus_dbt.model.locus import Locus
from locus_dbt.parsers import detect
from locus_dbt.parsers.bank import camt, mt940, ofx
from locus_dbt.parsers.bank.statement import Fact, Statement, Transaction, balanced, iban_is_valid

_TRANSACTION = (
    "booking_date", "value_date", "amount", "currency", "counterparty_name", "counterparty_account",
    "counterparty_bank", "booking_text", "purpose", "end_to_end_id", "mandate_id", "creditor_id", "customer_reference",
    "bank_reference", "transaction_code", "balance_after",
)  # fmt: skip
_STATEMENT = ("account", "bank", "reference", "statement_no", "sequence_no", "currency", "period_start", "period_end")
_COUNTED = "counted by the image, printed nowhere"
_IBAN_LIKE = re.compile(r"[A-Za-z]{2}\d{2}[A-Za-z0-9 ]{11,40}")
#: Some banks print the account's currency behind it.
_CURRENCY_BEHIND = re.compile(r"[ /][A-Z]{3}$")
#: What banks write where there is no reference.
_NO_REFERENCE = frozenset(("NONREF", "NOTPROVIDED"))
_CENT = Decimal("0.01")


def extract(document: Document, params: Mapping[str, Any], table: TableBuilder) -> None:
    """Append the rows of the asked grain; what a statement holds and cannot be taken is a reject."""
    for number, statement in enumerate(_statements(document, params), 1):
        if params["grain"] == "statements":
            _append_statement(table, number, statement)
        else:
            _append_transactions(table, number, statement)
        for one in statement.refused:
            column = one.column if one.column in table.columns else None
            table.reject("E210", f"{one.column}: {one.why}", column=column, at=one.at, raw=one.text[:200])
        for warning in statement.warnings:
            table.reject("E210", warning, at=statement.at)


def _statements(document: Document, params: Mapping[str, Any]) -> Sequence[Statement]:
    kind, name = document.media_type, document.filename
    if kind == detect.MT940:
        return mt940.read_statements(document.data, filename=name)
    if kind == detect.OFX:
        return ofx.read_statements(document.data, filename=name)
    if kind == detect.PDF:
        return pdf_statement.read_statements(document, params)
    if kind != detect.XML:
        return table_statement.read_statements(document, params)
    if not camt.is_camt(document.data):
        raise InputError(
            f"the XML is no statement by its namespace: {name}", code="E210", fix="camt.052 to camt.054 are read"
        )
    return camt.read_statements(document.data, filename=name)


def _append_transactions(table: TableBuilder, number: int, statement: Statement) -> None:
    holds = balances_hold(statement)
    whole, _ = balanced(statement)
    for made, verdict in zip(statement.transactions, holds, strict=True):
        table.start_row()
        _infer(table, "statement_row", number, statement.at, _COUNTED)
        for name in ("account", "statement_no"):
            _put(table, name, statement.facts.get(name))
        for name in _TRANSACTION:
            _put(table, name, _shown(made, name))
        if "booking_date" not in made.facts and "value_date" in made.facts:
            fact = made.facts["value_date"]
            _infer(
                table, "booking_date", fact.value, fact.at, "no day of booking is printed; the value date", fact.text
            )
        _check_iban(table, "counterparty_iban_valid", made.facts.get("counterparty_account"))
        if verdict is not None:
            _infer(table, "balance_holds", verdict[0], made.facts["balance_after"].at, verdict[1])
        if whole is not None:
            table.check("opening balance + amounts = closing balance", holds=whole, columns=("amount",))


def _shown(made: Transaction, name: str) -> Fact | None:
    """A fact, unless it is a word that says that there is none."""
    fact = made.facts.get(name)
    return None if fact is not None and fact.value in _NO_REFERENCE else fact


def _append_statement(table: TableBuilder, number: int, statement: Statement) -> None:
    table.start_row()
    _infer(table, "statement_row", number, statement.at, _COUNTED)
    for name in _STATEMENT:
        _put(table, name, statement.facts.get(name))
    _check_iban(table, "iban_valid", statement.facts.get("account"))
    for name, balance in (
        ("opening_balance", statement.opening),
        ("closing_balance", statement.closing),
        ("available_balance", statement.balance("available")),
    ):
        if balance is not None:
            _put(table, name, balance.amount)
    amounts = [value for made in statement.transactions if (value := made.value("amount")) is not None]
    total_in, total_out = (sum((a for a in amounts if keep(a)), Decimal(0)) for keep in (_is_in, _is_out))
    _infer(table, "n_transactions", len(statement.transactions), statement.at, _COUNTED)
    _infer(table, "sum_in", total_in.quantize(_CENT), statement.at, "the sum of the positive amounts")
    _infer(table, "sum_out", total_out.quantize(_CENT), statement.at, "the sum of the negative amounts")
    verdict, why = balanced(statement)
    if verdict is not None:
        _infer(table, "balanced", verdict, statement.at, why)


def _is_in(amount: Decimal) -> bool:
    return amount > 0


def _is_out(amount: Decimal) -> bool:
    return amount < 0


def _put(table: TableBuilder, column: str, fact: Fact | None) -> None:
    if fact is None:
        return
    value = fact.value
    if isinstance(value, Decimal):
        if value != value.quantize(_CENT):
            table.reject("E210", "more than two decimals", column=column, at=fact.at, raw=fact.text)
            return
        value = value.quantize(_CENT)
    if fact.reason:
        table.put(column, value, text=fact.text, at=fact.at, grounding="normalized", reason=fact.reason)
    else:
        table.put(column, value, text=fact.text, at=fact.at)


def _infer(table: TableBuilder, column: str, value: Any, at: Locus, reason: str, text: str | None = None) -> None:  # noqa: ANN401
    table.put(column, value, text=text, at=at, grounding="inferred", reason=reason)


def _check_iban(table: TableBuilder, column: str, fact: Fact | None) -> None:
    account = _CURRENCY_BEHIND.sub("", str(fact.value)) if fact is not None else ""
    if fact is not None and _IBAN_LIKE.fullmatch(account):
        valid = iban_is_valid(account)
        _infer(table, column, valid, fact.at, "its check digits modulo 97", fact.text)
        table.check(
            "IBAN check digits", holds=valid, columns=("account" if column == "iban_valid" else "counterparty_account",)
        )
