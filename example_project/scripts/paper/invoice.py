"""What an invoice says, before anyone decides what it looks like."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property

CENT = Decimal("0.01")


def cents(amount: Decimal) -> Decimal:
    """``amount`` rounded to two places, halves away from zero as tax offices do."""
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class Party:
    """Who sells or buys; ``region`` is the state of an American address."""

    name: str
    street: str
    postcode: str
    city: str
    country: str
    vat_id: str | None = None
    tax_id: str | None = None
    region: str = ""


@dataclass(frozen=True, slots=True)
class Article:
    """Something a supplier sells; ``unit`` is a UN/ECE code, ``typical`` a usual quantity."""

    item_id: str
    description: str
    unit: str
    price: Decimal
    rate: Decimal
    typical: Decimal


@dataclass(frozen=True)
class Supplier:
    """A supplier with its stationery: layout, language, labels (``variant``), money form, colour and font."""

    number: str
    party: Party
    buyer: str
    iban: str
    bank: str
    contact: str
    language: str
    currency: str
    money: str
    dates: str
    layout: str
    number_form: str
    articles: tuple[Article, ...]
    terms: int = 30
    variant: int = 0
    colour: str = "#1f3a5f"
    font: str = "Helvetica"
    customer_no: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an invoice."""

    line_no: int
    article: Article
    quantity: Decimal
    unit_price: Decimal

    @property
    def net_amount(self) -> Decimal:
        """Quantity times price in cents."""
        return cents(self.quantity * self.unit_price)


@dataclass(frozen=True)
class Invoice:
    """An invoice or credit note (``type_code`` 380 or 381, whose amounts are printed positive).

    ``misprint`` replaces values on paper only: the amounts then no longer add up. ``spelling`` is the
    supplier's name as this one document writes it.
    """

    supplier: Supplier
    buyer: Party
    number: str
    issue_date: date
    lines: tuple[Line, ...]
    type_code: str = "380"
    delivery_date: date | None = None
    order_reference: str | None = None
    buyer_reference: str | None = None
    prepaid: Decimal | None = None
    spelling: str | None = None
    misprint: Mapping[str, Decimal] = field(default_factory=dict)

    @property
    def due_date(self) -> date | None:
        """Credit notes are not due."""
        return None if self.type_code == "381" else self.issue_date + timedelta(days=self.supplier.terms)

    @cached_property
    def taxes(self) -> tuple[tuple[Decimal, Decimal, Decimal], ...]:
        """``(rate, net, tax)`` per rate, highest first; tax is rounded once per rate."""
        rates = sorted({line.article.rate for line in self.lines}, reverse=True)
        nets = [(r, sum((x.net_amount for x in self.lines if x.article.rate == r), Decimal(0))) for r in rates]
        return tuple((rate, net, cents(net * rate / 100)) for rate, net in nets)

    @cached_property
    def fields(self) -> dict[str, str | date | Decimal | None]:
        """Every header field under its EN 16931 name, as it stands on paper."""
        seller, buyer = self.supplier.party, self.buyer
        net = sum((net for _, net, _ in self.taxes), Decimal(0))
        tax = sum((tax for _, _, tax in self.taxes), Decimal(0))
        gross = self.misprint.get("gross_total", net + tax)
        return {
            "invoice_number": self.number,
            "type_code": self.type_code,
            "issue_date": self.issue_date,
            "due_date": self.due_date,
            "delivery_date": self.delivery_date,
            "currency": self.supplier.currency,
            "seller_name": self.spelling or seller.name,
            "seller_vat_id": seller.vat_id,
            "seller_tax_id": seller.tax_id,
            "seller_postcode": seller.postcode,
            "seller_city": seller.city,
            "seller_country": seller.country,
            "buyer_name": buyer.name,
            "buyer_reference": self.buyer_reference,
            "buyer_vat_id": buyer.vat_id,
            "buyer_postcode": buyer.postcode,
            "buyer_city": buyer.city,
            "buyer_country": buyer.country,
            "order_reference": self.order_reference,
            "iban": self.supplier.iban or None,
            "net_total": net,
            "tax_total": tax,
            "gross_total": gross,
            "prepaid_amount": self.prepaid,
            "amount_due": gross - (self.prepaid or 0),
        }
