"""A year of invoices, drawn from the suppliers by a dice that always falls the same way."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from paper.invoice import Article, Invoice, Line, Supplier, cents
from paper.suppliers import BUYERS, SUPPLIERS

PER_SUPPLIER = 5
FIRST_DAY = date(2025, 1, 7)

#: (supplier, nth invoice): how many lines it has, so that tables run over pages.
LONG = {
    ("70010", 2): 58,
    ("70011", 1): 44,
    ("70020", 3): 47,
    ("70040", 2): 52,
    ("70041", 4): 38,
    ("70014", 3): 34,
}
CREDITS = {("70010", 3), ("70020", 4), ("70040", 4), ("70013", 4), ("70051", 4)}
PREPAID = {("70021", 2), ("70050", 1), ("70041", 2), ("70012", 3)}
WRONG_TOTAL = ("70012", 2)
MISSPELT = {("70011", 3): "Keßler Verpackung GmbH"}
OVERPRICED = ("70010", 4)
REFERENCES = ("M. Albers", "EK-14", "T. Osei", "Werk 2", "J. Lindqvist")


@dataclass(frozen=True, slots=True)
class Order:
    """A purchase order as the buyer's own list has it."""

    number: str
    supplier: Supplier
    ordered_on: date
    net: Decimal


def dice(*key: object, sides: int) -> int:
    """0 to ``sides`` - 1, the same for the same key on every machine and Python."""
    digest = hashlib.sha256("/".join(map(str, key)).encode()).digest()
    return int.from_bytes(digest[:6], "big") % sides


def invoices() -> list[Invoice]:
    """All invoices and credit notes, oldest first within each supplier."""
    return [_invoice(s, k, nth) for k, s in enumerate(SUPPLIERS) for nth in range(PER_SUPPLIER)]


def orders(issued: list[Invoice]) -> list[Order]:
    """The orders behind the invoices; one was placed for less than was billed, two are not billed yet."""
    found: dict[str, Order] = {}
    for invoice in issued:
        number = invoice.order_reference
        if number and number not in found and invoice.type_code == "380":
            net = sum((line.net_amount for line in invoice.lines), Decimal(0))
            less = cents(net * Decimal("0.9")) if number.endswith("3") and not _reduced(found) else net
            found[number] = Order(number, invoice.supplier, invoice.issue_date - timedelta(days=12), less)
    for i, supplier in enumerate(SUPPLIERS[:2]):
        number = f"PO-25-9{i:03d}"
        found[number] = Order(number, supplier, date(2025, 12, 15 + i), Decimal(1850 + 400 * i))
    return sorted(found.values(), key=lambda o: (o.ordered_on, o.number))


def _reduced(found: dict[str, Order]) -> bool:
    return any(number.endswith("3") for number in found)


def _invoice(supplier: Supplier, k: int, nth: int) -> Invoice:
    key = (supplier.number, nth)
    issued = FIRST_DAY + timedelta(days=nth * 71 + k * 5 + dice("day", *key, sides=9))
    credit = key in CREDITS
    lines = tuple(_lines(supplier, nth))
    net = sum((line.net_amount for line in lines), Decimal(0))
    invoice = Invoice(
        supplier=supplier,
        buyer=BUYERS[supplier.buyer],
        number=supplier.number_form.format(140 + k * 37 + nth * 23 + dice("no", *key, sides=11)),
        issue_date=issued,
        lines=lines,
        type_code="381" if credit else "380",
        delivery_date=None if dice("delivered", *key, sides=4) == 0 else issued - timedelta(days=3),
        order_reference=None if dice("ordered", *key, sides=6) == 0 else f"PO-25-{k + 1:02d}{nth + 1:02d}",
        buyer_reference=REFERENCES[dice("ref", *key, sides=5)] if dice("has ref", *key, sides=2) else None,
        prepaid=cents(net / 4).quantize(Decimal(1)).quantize(Decimal("0.01")) if key in PREPAID else None,
        spelling=MISSPELT.get(key),
    )
    if key != WRONG_TOTAL:
        return invoice
    right = invoice.fields["gross_total"]
    assert isinstance(right, Decimal)
    return replace(invoice, misprint={"gross_total": right + 90})


def _lines(supplier: Supplier, nth: int) -> list[Line]:
    key = (supplier.number, nth)
    wanted = LONG.get(key, min(2 + dice("lines", *key, sides=5), len(supplier.articles)))
    if key in CREDITS:
        wanted = 1 + dice("credited", *key, sides=2)
    start = dice("start", *key, sides=len(supplier.articles))
    lines = []
    for i in range(wanted):
        article: Article = supplier.articles[(start + i) % len(supplier.articles)]
        factor = (Decimal("0.5"), Decimal(1), Decimal(1), Decimal(2), Decimal(3))[dice("qty", *key, i, sides=5)]
        quantity = article.typical * factor
        if article.unit == "H87":
            quantity = max(Decimal(1), quantity // 1)
        price = article.price * Decimal("1.08") if key == OVERPRICED and i == 0 else article.price
        lines.append(Line(i + 1, article, quantity, price.quantize(Decimal("0.0001"))))
    return lines
