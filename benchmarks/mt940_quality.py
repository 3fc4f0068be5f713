"""How well MT940 statements are read: one line of predictions for each file of a folder.

    python benchmarks/mt940_quality.py --docs DIR --out FILE

Each line: id (file name without extension), account, reference, statement_number, sequence_number, balances,
transactions. A file of several statements gives the facts of the last and the transactions of all, as the reference
data do. They also mean by customer_reference what KREF+ says wherever the details have SEPA fields, by purpose the
codes 20 to 29 only, and by details a text without codes; the parser keeps all of these apart.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from locus_dbt.errors import InputError
from locus_dbt.parsers.bank.mt940 import read_statements
from locus_dbt.parsers.bank.mt940_details import read_details
from locus_dbt.parsers.bank.statement import Statement, Transaction

_KINDS = {
    "opening": "final_opening_balance", "opening_intermediate": "intermediate_opening_balance",
    "closing": "final_closing_balance", "closing_intermediate": "intermediate_closing_balance",
    "available": "available_balance", "forward_available": "forward_available_balance",
}  # fmt: skip


def main() -> None:
    """Read every file and write what was found."""
    args = argparse.ArgumentParser(description=__doc__)
    args.add_argument("--docs", type=Path, required=True)
    args.add_argument("--out", type=Path, required=True)
    given = args.parse_args()
    with given.out.open("w", encoding="utf-8") as out:
        for path in sorted(p for p in given.docs.rglob("*") if p.is_file()):
            try:
                facts = _facts(read_statements(path.read_bytes(), filename=path.name))
            except InputError as error:
                facts = {"error": str(error)}
            out.write(json.dumps({"id": path.stem} | facts, ensure_ascii=False) + "\n")


def _facts(statements: Sequence[Statement]) -> dict[str, Any]:
    facts: dict[str, Any] = {"balances": {}, "transactions": []}
    names = {"account": "account", "reference": "reference", "statement_number": "statement_no"}
    for statement in statements:
        for key, name in (*names.items(), ("sequence_number", "sequence_no")):
            facts[key] = statement.value(name) or facts.get(key)
        for balance in statement.balances:
            facts["balances"][_KINDS[balance.kind]] = {
                "amount": str(balance.amount.value), "currency": balance.currency or None,
                "date": balance.on.isoformat() if balance.on else None, "status": balance.status,
            }  # fmt: skip
        facts["transactions"] += [_transaction(made) for made in statement.transactions]
    return facts


def _transaction(made: Transaction) -> dict[str, Any]:
    details = made.value("information") if made.layout != "NS" else None
    coded = read_details((details or "").split("\n")) if made.layout == "?" else None
    valued, booked = made.value("value_date"), made.value("booking_date")
    return {
        "date": valued.isoformat() if valued else None,
        "entry_date": booked.isoformat() if booked else None,
        "amount": str(made.value("amount")),
        "currency": made.value("currency"),
        "status": made.value("status"),
        "type": made.value("transaction_code"),
        "customer_reference": made.sepa.get("KREF") if coded and made.sepa else made.value("customer_reference"),
        "bank_reference": made.value("bank_reference"),
        "extra_details": made.value("supplement"),
        "details": None if coded else details,
        "purpose": coded.purpose if coded else None,
        "counterparty": coded.name if coded else None,
    }


if __name__ == "__main__":
    main()
