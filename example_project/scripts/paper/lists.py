"""The papers beside the invoices: supplier master, agreed prices, purchase orders."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Sequence
from html import escape

from paper.forms import UNITS
from paper.invoice import Supplier
from paper.ledger import Order

EPOCH = (2026, 1, 2, 0, 0, 0)


def supplier_csv(suppliers: Sequence[Supplier]) -> bytes:
    """The supplier master; one supplier was entered twice, the second time in another spelling."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\n")
    writer.writerow(
        [
            "supplier_no",
            "name",
            "vat_id",
            "street",
            "postcode",
            "city",
            "country",
            "iban",
            "currency",
            "terms_days",
            "since",
        ]
    )
    for i, s in enumerate(suppliers):
        p, since = s.party, f"{2009 + i}-0{1 + i % 9}-15"
        row = [
            p.vat_id or "",
            p.street,
            p.postcode,
            p.city,
            p.country,
            s.iban.replace(" ", ""),
            s.currency,
            s.terms,
        ]
        writer.writerow([s.number, p.name, *row, since])
        if p.name.startswith("Kessler"):
            writer.writerow(["70911", "Keßler Verpackungen GmbH", *row, "2024-11-04"])
    return out.getvalue().encode()


def price_list_html(suppliers: Sequence[Supplier]) -> bytes:
    """The prices agreed for the year, as purchasing publishes them on its web page."""
    rows = []
    for s in suppliers:
        for a in s.articles:
            cells = [
                s.number,
                a.item_id,
                a.description,
                UNITS["en"][a.unit],
                f"{a.price.normalize():f}",
                s.currency,
            ]
            rows.append("      <tr>" + "".join(f"<td>{escape(c)}</td>" for c in cells) + "</tr>")
    head = "".join(f"<th>{h}</th>" for h in ("Supplier no", "Item", "Description", "Unit", "Agreed price", "Currency"))
    body = "\n".join(rows)
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <title>Agreed prices 2025</title>
  <style>table {{ border-collapse: collapse }} td, th {{ border: 1px solid #bbb; padding: 2px 6px }}</style>
</head>
<body>
  <h1>Agreed prices 2025</h1>
  <p>Valid from 1 January 2025. Purchasing, Nordlicht Werkzeugbau GmbH.</p>
  <table>
    <thead>
      <tr>{head}</tr>
    </thead>
    <tbody>
{body}
    </tbody>
  </table>
</body>
</html>
""".encode()


def orders_xlsx(orders: Sequence[Order]) -> bytes:
    """The purchase orders of the year as a workbook."""
    from openpyxl import Workbook  # noqa: PLC0415 - needed for this one list
    from openpyxl.styles import Font  # noqa: PLC0415

    book = Workbook()
    book.remove(book.worksheets[0])
    sheet = book.create_sheet("Orders 2025")
    sheet.append(["PO number", "Supplier no", "Supplier", "Ordered on", "Net amount", "Currency"])
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for order in orders:
        s = order.supplier
        sheet.append([order.number, s.number, s.party.name, order.ordered_on, float(order.net), s.currency])
        sheet.cell(sheet.max_row, 4).number_format = "yyyy-mm-dd"
        sheet.cell(sheet.max_row, 5).number_format = "#,##0.00"
    for letter, width in zip("ABCDEF", (13, 12, 34, 12, 14, 10), strict=True):
        sheet.column_dimensions[letter].width = width
    out = io.BytesIO()
    book.save(out)
    return _without_clock(out.getvalue())


def _without_clock(workbook: bytes) -> bytes:
    """The same workbook with fixed times, so that two runs give the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            data = old.read(name)
            if name == "docProps/core.xml":
                data = re.sub(rb"\d{4}-\d\d-\d\dT[\d:]+Z", b"2026-01-02T00:00:00Z", data)
            new.writestr(zipfile.ZipInfo(name, EPOCH), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()
