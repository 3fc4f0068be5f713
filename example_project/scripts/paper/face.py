"""An invoice in its supplier's words, which remembers what it was asked to print."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from paper import forms
from paper.invoice import Invoice, Line, Party

FOUR_PLACES = 4


@dataclass(frozen=True, slots=True)
class Total:
    """One line under the table; ``strong`` ones are the sums a reader looks for."""

    label: str
    text: str
    strong: bool = False


class Face:
    """The only way a layout gets at an invoice's values.

    What passes through :meth:`field` and :meth:`cell` is on the paper, what does not is not: so the truth
    file holds exactly the fields that a reader can find.
    """

    def __init__(self, invoice: Invoice) -> None:
        self.invoice = invoice
        self.supplier = invoice.supplier
        self.printed: dict[str, str] = {}
        self.printed_cells: dict[int, dict[str, str]] = {}

    def word(self, key: str) -> str:
        """A label in the supplier's spelling."""
        return forms.word(self.supplier.language, key, self.supplier.variant)

    @property
    def title(self) -> str:
        """Invoice or credit note, in words."""
        self.printed["type_code"] = self.word(self.invoice.type_code)
        return self.printed["type_code"]

    @property
    def is_credit(self) -> bool:
        """Whether money flows back."""
        return self.invoice.type_code == "381"

    def has(self, name: str) -> bool:
        """Whether the invoice has a value for the field."""
        return name == "customer_no" or self.invoice.fields[name] is not None

    def field(self, name: str) -> str:
        """A header field as printed."""
        if name == "customer_no":
            return self.supplier.customer_no
        text = self.show(self.invoice.fields[name])
        self.printed[name] = text
        if isinstance(self.invoice.fields[name], Decimal) and self.supplier.money != "bare":
            self.printed["currency"] = self.supplier.currency
        return text

    def show(self, value: Any) -> str:  # noqa: ANN401 - text, date or amount
        """A value in the supplier's forms."""
        s = self.supplier
        if isinstance(value, date):
            return forms.day(s.language, s.dates, value)
        if isinstance(value, Decimal):
            return forms.money(s.language, s.money, s.currency, value)
        return str(value)

    def label(self, name: str) -> str:
        """The label of a header field; a credit note's number has its own."""
        if name == "iban":
            return "IBAN"
        return self.word("credit_number" if name == "invoice_number" and self.is_credit else name)

    def pairs(self, *names: str) -> list[tuple[str, str]]:
        """Label and text of those fields that the invoice has."""
        return [(self.label(n), self.field(n)) for n in names if self.has(n)]

    def currency_note(self) -> str:
        """Says the currency once, for suppliers who print bare amounts."""
        self.printed["currency"] = self.supplier.currency
        return self.word("all_in").format(self.supplier.currency)

    def cell(self, line: Line, column: str) -> str:
        """A line item's cell as printed."""
        language = self.supplier.language
        value: dict[str, str] = {
            "line_no": str(line.line_no),
            "item_id": line.article.item_id,
            "description": line.article.description,
            "quantity": forms.quantity(language, line.quantity),
            "unit_code": forms.UNITS[language[:2]][line.article.unit],
            "unit_price": forms.number(language, line.unit_price, _places(line.unit_price)),
            "net_amount": forms.number(language, line.net_amount, 2),
            "tax_rate": forms.quantity(language, line.article.rate) + (" %" if language[:2] != "en" else "%"),
        }
        self.printed_cells.setdefault(line.line_no, {})[column] = value[column]
        return value[column]

    def amount(self, value: Decimal) -> str:
        """A sum as it stands under the amounts of the table."""
        return forms.number(self.supplier.language, value, 2)

    def address(self, side: str, *, name: bool = True) -> list[str]:
        """Lines of the seller's or buyer's address in the habit of its country."""
        party: Party = self.supplier.party if side == "seller" else self.invoice.buyer
        postcode, city = self.field(f"{side}_postcode"), self.field(f"{side}_city")
        lines = [self.field(f"{side}_name")] if name else []
        lines.append(party.street)
        if party.country == "US":
            lines.append(f"{city}, {party.region} {postcode}")
        elif party.country == "GB":
            lines += [city, postcode]
        else:
            lines.append(f"{postcode} {city}")
        if self.supplier.party.country != self.invoice.buyer.country:
            country = forms.COUNTRIES[self.supplier.language[:2]][party.country]
            self.printed[f"{side}_country"] = country
            lines.append(country)
        return lines

    def totals(self, *, always_due: bool = False) -> list[Total]:
        """Net, tax per rate, gross and, where something was paid before (or on request), the rest."""
        language, rows = self.supplier.language, [Total(self.word("net_total"), self.field("net_total"))]
        taxes = self.invoice.taxes
        for rate, net, tax in taxes:
            percent = forms.quantity(language, rate) + (" %" if language[:2] != "en" else "%")
            label = f"{self.word('tax')} {percent}"
            if len(taxes) > 1:
                joint = {"en": "on", "de": "auf", "fr": "sur"}[language[:2]]
                rows.append(Total(f"{label} {joint} {self.amount(net)}", self.show(tax)))
            else:
                rows.append(Total(label, self.field("tax_total")))
        if len(taxes) > 1:
            rows.append(Total(self.word("tax_total"), self.field("tax_total")))
        rows.append(Total(self.word("gross_total"), self.field("gross_total"), strong=True))
        if self.has("prepaid_amount"):
            rows.append(Total(self.word("prepaid_amount"), self.field("prepaid_amount")))
        if (always_due and not self.is_credit) or self.has("prepaid_amount"):
            rows.append(Total(self.word("amount_due"), self.field("amount_due"), strong=True))
        return rows

    def closing(self) -> list[str]:
        """The sentences at the end: terms or refund, and reverse charge where no tax is due."""
        text = self.word("refund") if self.is_credit else self.word("pay").format(self.supplier.terms)
        free = all(rate == 0 for rate, _, _ in self.invoice.taxes)
        return [text, *([self.word("reverse")] if free else [])]


def _places(price: Decimal) -> int:
    """Prices are printed with two decimals, parts of a cent with four."""
    return 2 if price == price.quantize(Decimal("0.01")) else FOUR_PLACES
