"""A bank statement as plain values, whatever format it came in; each with its text and place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from locus_dbt.model.locus import Locus

#: What may be known of a transaction. Dates are dates, amounts decimals (money in is positive), the rest texts.
TRANSACTION_FACTS = (
    "booking_date", "value_date", "amount", "currency", "status", "transaction_code", "booking_text",
    "counterparty_name", "counterparty_account", "counterparty_bank", "purpose", "end_to_end_id", "mandate_id",
    "creditor_id", "customer_reference", "bank_reference", "supplement", "information", "balance_after",
)  # fmt: skip

#: Amounts beyond what a bank moves are damage, and beyond what the output's type takes.
_MAX_DIGITS = 16


@dataclass(frozen=True, slots=True)
class Fact:
    """A value, its text as printed, and where that stands; ``reason`` says why a value that is not printed is known."""

    value: Any
    text: str
    at: Locus
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Balance:
    """What the account held; ``amount`` is signed.

    Kinds are ``opening`` and ``closing`` (``_intermediate`` between two sheets of one statement), ``carried``,
    ``available`` and ``forward_available``.
    """

    kind: str
    amount: Fact
    currency: str
    on: date | None
    status: str = ""


@dataclass(slots=True)
class Transaction:
    """One movement: facts by the names in ``TRANSACTION_FACTS``; ``sepa`` holds the subfields of its details.

    ``layout`` tells how its details are written: the sign before each code, ``NS``, ``keys``, or empty for free text.
    """

    at: Locus
    facts: dict[str, Fact] = field(default_factory=dict)
    sepa: dict[str, str] = field(default_factory=dict)
    layout: str = ""

    def value(self, name: str) -> Any:  # noqa: ANN401 - date, decimal or text
        """The value of a fact, ``None`` where it is not known."""
        fact = self.facts.get(name)
        return fact.value if fact else None

    def tell(self, name: str, value: Any, text: str, at: Locus, *, reason: str = "") -> None:  # noqa: ANN401
        """Add a fact unless its value is empty."""
        if value is not None and value != "":
            self.facts[name] = Fact(value, text, at, reason)


@dataclass(frozen=True, slots=True)
class Refused:
    """A text that should be a value of ``column`` and cannot be taken, with the reason."""

    column: str
    why: str
    text: str
    at: Locus


@dataclass(slots=True)
class Statement:
    """One statement of one account."""

    at: Locus
    facts: dict[str, Fact] = field(default_factory=dict)
    balances: list[Balance] = field(default_factory=list)
    transactions: list[Transaction] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)

    def value(self, name: str) -> Any:  # noqa: ANN401 - date or text
        """The value of a fact, ``None`` where it is not known."""
        fact = self.facts.get(name)
        return fact.value if fact else None

    def tell(self, name: str, value: Any, text: str, at: Locus, *, reason: str = "") -> None:  # noqa: ANN401
        """Add a fact unless its value is empty."""
        if value is not None and value != "":
            self.facts[name] = Fact(value, text, at, reason)

    def balance(self, *kinds: str) -> Balance | None:
        """The first balance of the first of these kinds that there is."""
        for kind in kinds:
            found = next((b for b in self.balances if b.kind == kind), None)
            if found is not None:
                return found
        return None

    @property
    def opening(self) -> Balance | None:
        """The balance before the first transaction."""
        return self.balance("opening", "opening_intermediate")

    @property
    def closing(self) -> Balance | None:
        """The balance after the last transaction."""
        return self.balance("closing", "closing_intermediate")


def plain_amount(text: str) -> Decimal | None:
    """An amount of a machine's format: digits, one comma or point before the decimals (``,5``, ``12,``)."""
    clean = text.strip().replace(",", ".")
    if not any(c.isdigit() for c in clean) or not clean.isascii():
        return None
    try:
        value = Decimal(clean)
    except InvalidOperation:
        return None
    return value if value.is_finite() and value.adjusted() < _MAX_DIGITS else None


def iban_is_valid(text: str) -> bool:
    """Whether a text is an IBAN with right check digits (ISO 13616, modulo 97)."""
    plain = "".join(text.split()).upper()
    if not (15 <= len(plain) <= 34 and plain.isascii() and plain.isalnum()):
        return False
    if not (plain[:2].isalpha() and plain[2:4].isdigit()):
        return False
    return int("".join(str(int(c, 36)) for c in plain[4:] + plain[:4])) % 97 == 1


def balanced(statement: Statement) -> tuple[bool | None, str]:
    """Whether opening balance and transactions make the closing balance, and the sum in words.

    ``None`` where a balance is missing or the currencies differ.
    """
    opening, closing = statement.opening, statement.closing
    if opening is None or closing is None:
        return None, "no opening or no closing balance"
    amounts = [t.value("amount") for t in statement.transactions]
    if any(a is None for a in amounts):
        return None, "a transaction without amount"
    currencies: Sequence[str] = [c for c in {opening.currency, closing.currency} if c]
    if len(currencies) > 1:
        return None, f"balances in different currencies: {', '.join(sorted(currencies))}"
    total = sum(amounts, Decimal(0))
    holds = opening.amount.value + total == closing.amount.value
    sign = "=" if holds else "is not"
    return holds, f"{opening.amount.value} + {total} {sign} {closing.amount.value}"
