"""Make the example's documents: invoices of a year, and the lists beside them. Same bytes on every run.

    python scripts/make_documents.py --out documents --truth target/truth.json

Nothing is downloaded or copied; every party, number and price is invented. ``--truth`` writes what is
printed on each page as JSON, for tests that compare what was extracted with what was printed.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import sys
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

from paper import ledger, lists, press
from paper.invoice import Invoice
from paper.suppliers import SUPPLIERS

ENCRYPTED = ("70021", 1)
TRUNCATED = ("70040", 1)
REPRINTED = ("70020", 0)
COPIED = ("70013", 1)
LINE_FIELDS = (
    "line_no", "item_id", "description", "quantity", "unit_code", "unit_price", "net_amount", "tax_rate",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class File:
    """A file to write; ``truth`` is what it says, ``flaw`` names what is special about it."""

    path: str
    data: bytes
    truth: dict[str, Any] | None = None
    flaw: str = ""


def invoice_files() -> Iterator[File]:
    """Every invoice under the month of its date, and the files that went wrong."""
    press.load_fonts()
    for i, invoice in enumerate(ledger.invoices()):
        key = (invoice.supplier.number, i % ledger.PER_SUPPLIER)
        folder = f"invoices/{invoice.issue_date:%Y-%m}"
        name = f"{folder}/{_slug(invoice.supplier.party.name)}_{_slug(invoice.number)}"
        printed = press.press(invoice)
        truth = what_is_printed(invoice, printed)
        if key == ENCRYPTED:
            locked = press.press(invoice, password="payable").data  # noqa: S106 - the example's point is that it is locked
            yield File(f"{name}.pdf", locked, None, "encrypted")
            continue
        if key == TRUNCATED:
            yield File(f"{name}.pdf", printed.data[: len(printed.data) * 2 // 5], None, "truncated")
            continue
        flaw = "wrong total" if invoice.misprint else "misspelt supplier" if invoice.spelling else ""
        yield File(f"{name}.pdf", printed.data, truth, flaw)
        if key == REPRINTED:
            again = press.press(invoice, producer="Locus example press, second copy").data
            yield File(f"{folder}/scan_0031_reminder.pdf", again, truth, "reprint")
        if key == COPIED:
            yield File(f"{name} (1).pdf", printed.data, truth, "copy")


def all_files() -> list[File]:
    """The whole folder."""
    placed = ledger.orders(ledger.invoices())
    return [
        *invoice_files(),
        File("suppliers/suppliers.csv", lists.supplier_csv(SUPPLIERS)),
        File("price_lists/agreed_prices_2025.html", lists.price_list_html(SUPPLIERS)),
        File("purchase_orders/purchase_orders_2025.xlsx", lists.orders_xlsx(placed)),
    ]


def what_is_printed(invoice: Invoice, printed: press.Printed) -> dict[str, Any]:
    """The values of an invoice whose text is on its pages, with that text under ``printed``."""
    face = printed.face
    values = {"currency": invoice.supplier.currency, **invoice.fields}
    lines = [
        {
            "invoice_number": invoice.number,
            **{f: _plain(_line_value(line, f)) for f in LINE_FIELDS if f in face.printed_cells[line.line_no]},
        }
        for line in invoice.lines
    ]
    return {
        "layout": invoice.supplier.layout,
        "supplier_no": invoice.supplier.number,
        "pages": printed.pages,
        "fields": {name: _plain(value) if name in face.printed else None for name, value in values.items()},
        "printed": dict(sorted(face.printed.items())),
        "lines": lines,
        "printed_lines": [face.printed_cells[line.line_no] for line in invoice.lines],
    }


def _line_value(line: Any, field: str) -> Any:  # noqa: ANN401 - text, number
    special = {
        "item_id": line.article.item_id,
        "description": line.article.description,
        "unit_code": line.article.unit,
        "tax_rate": line.article.rate,
    }
    return special[field] if field in special else getattr(line, field)


def _plain(value: str | int | date | Decimal | None) -> str | int | None:
    """Dates in ISO form, numbers as plain decimals."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value.isoformat() if isinstance(value, date) else value


def _slug(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.replace("ß", "ss")).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9]+", "-", plain).strip("-").lower()


def main() -> None:
    parser = argparse.ArgumentParser(description="Make the example's documents.")
    parser.add_argument("--out", type=Path, default=Path("documents"), help="folder to write (emptied first)")
    parser.add_argument("--truth", type=Path, help="JSON file for what is printed")
    arguments = parser.parse_args()
    files = all_files()
    for part in ("invoices", "suppliers", "price_lists", "purchase_orders"):
        shutil.rmtree(arguments.out / part, ignore_errors=True)
    for file in files:
        path = arguments.out / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.data)
    if arguments.truth:
        told = [{"file": f.path, "flaw": f.flaw, **(f.truth or {})} for f in files if f.path.startswith("invoices/")]
        arguments.truth.parent.mkdir(parents=True, exist_ok=True)
        arguments.truth.write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    print(f"{len(files)} documents in {arguments.out}")


if __name__ == "__main__":
    main()
