"""Statements as ``ir/v1``: what heads each as key-value pairs, its transactions as one table."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from locus_dbt.model.document import Document
from locus_dbt.model.element import Parsed
from locus_dbt.parsers.bank.statement import TRANSACTION_FACTS, Statement
from locus_dbt.parsers.cells import CellColumns, Flow


def statements_as_parsed(statements: Sequence[Statement], document: Document) -> Parsed:
    """A table for each statement, in the order of the file; the columns are the facts that any transaction has."""
    flow = Flow()
    warnings: list[str] = []
    for statement in statements:
        for name, fact in statement.facts.items():
            flow.block("key_value", f"{name}: {_shown(fact.value)}", place=fact.at.place or "")
        for balance in statement.balances:
            words = (balance.kind, balance.amount.value, balance.currency, balance.on.isoformat() if balance.on else "")
            text = " ".join(str(word) for word in words[1:] if word != "")
            flow.block("key_value", f"{balance.kind} balance: {text}", place=balance.amount.at.place or "")
        _table(statement, flow)
        warnings.extend(statement.warnings)
    return Parsed(document.media_type, (flow.page(),), tuple(flow.tables), warnings=tuple(warnings))


def _table(statement: Statement, flow: Flow) -> None:
    if not statement.transactions:
        return
    used = [name for name in TRANSACTION_FACTS if any(name in made.facts for made in statement.transactions)]
    cells = CellColumns()
    head = statement.transactions[0].at.place or ""
    for col, name in enumerate(used):
        cells.add(name, 0, col, place=head, is_header=True)
    for row, made in enumerate(statement.transactions, 1):
        for col, name in enumerate(used):
            fact = made.facts.get(name)
            place = (fact.at if fact else made.at).place or ""
            cells.add(_shown(fact.value) if fact else "", row, col, place=place)
    flow.table(cells, title=str(statement.value("account") or ""))


def _shown(value: Any) -> str:  # noqa: ANN401 - date, decimal or text
    if isinstance(value, date):
        return value.isoformat()
    return f"{value:f}" if isinstance(value, Decimal) else str(value)
