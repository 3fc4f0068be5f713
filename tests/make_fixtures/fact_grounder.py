"""Writes the documents of the fact-grounder's cases: a report with a table, a price list, a workbook.

python tests/make_fixtures/fact_grounder.py
"""

from __future__ import annotations

from pathlib import Path

FIXTURES = Path(__file__).parent.parent.parent / "locus_dbt" / "images" / "fact_grounder" / "fixtures"

REPORT = [
    ["(in thousands)", "2025", "2024", "2023"],
    ["Ferry tickets", "$4,120", "$3,980", "$3,510"],
    ["Freight", "1,265", "1,140", "1,265"],
    ["Harbour fees", "(310)", "(298)", "(310)"],
    ["Operating result", "$5,075", "$4,822", "$4,465"],
    ["Share of freight", "24.9%", "23.6%", "28.3%"],
]

ABOUT = [
    "Annual report of Fjordline Ferries",
    "In 2025 we carried 1.4 million passengers, compared to 1.3 million in 2024.",
    "The average age of our 14 ships was 11 years on June 30, 2025.",
    "Freight grew because the northern route opened in 2025.",
]

LAST = [
    "Outlook",
    "We expect harbour fees of 325 thousand and two new ships in 2026.",
    "The lease of pier 14 ends on 31 March 2027.",
]

STOCK = [
    ["Article", "Location", "Counted", "Unit price", "Counted on"],
    ["0017-A", "Hall 1", 40, 2.5, "2026-03-02"],
    ["0017-B", "Hall 1", 25, 4.0, "2026-03-02"],
    ["0020-A", "Hall 2", 40, 12.75, "2026-03-03"],
    ["0031-C", "Yard", 7, 118.0, "2026-03-03"],
]

PRICES = """<!doctype html>
<html lang="en"><head><title>Prices</title></head><body>
<h1>Price list May 2026</h1>
<p>Prices are net, in euros; rope is sold by the metre.</p>
<table><caption>Chandlery</caption>
<tr><th>Article</th><th>List price</th><th>Dealer price</th></tr>
<tr><td>Rope 8 mm</td><td>1.90 €</td><td>1.45 €</td></tr>
<tr><td>Rope 12 mm</td><td>3.20 €</td><td>1.90 €</td></tr>
<tr><td>Shackle</td><td>6.00 €</td><td>4.60 €</td></tr>
</table></body></html>
"""


def report(path: Path) -> None:
    """Two pages: prose and a ruled table, then prose."""
    from reportlab.lib import colors
    from reportlab.lib.pagesizes import A4
    from reportlab.pdfgen.canvas import Canvas
    from reportlab.platypus import Table, TableStyle

    canvas = Canvas(str(path), pagesize=A4, invariant=1)
    _prose(canvas, ABOUT)
    table = Table(REPORT, colWidths=[150, 80, 80, 80], rowHeights=20)
    table.setStyle(TableStyle([("GRID", (0, 0), (-1, -1), 0.5, colors.black)]))
    table.wrapOn(canvas, 400, 200)
    table.drawOn(canvas, 72, A4[1] - 320)
    canvas.showPage()
    _prose(canvas, LAST)
    canvas.save()


def _prose(canvas: object, lines: list[str]) -> None:
    for i, line in enumerate(lines):
        canvas.setFont("Helvetica-Bold" if i == 0 else "Helvetica", 14 if i == 0 else 11)  # type: ignore[attr-defined]
        canvas.drawString(72, 770 - 28 * i, line)  # type: ignore[attr-defined]


def stock(path: Path) -> None:
    """A sheet of counted stock, ids with leading zeros."""
    from datetime import datetime

    from openpyxl import Workbook

    book = Workbook()
    book.properties.created = book.properties.modified = datetime(2026, 5, 1)  # noqa: DTZ001 - a fixed stamp
    sheet = book.active
    sheet.title = "Stock"
    for row in STOCK:
        sheet.append(row)
    for row in sheet.iter_rows(min_row=2, min_col=4, max_col=4):
        row[0].number_format = "0.00"
    book.save(path)


def main() -> None:
    """Write all of them."""
    for case, name, make in (
        ("answers_about_a_report", "report.pdf", report),
        ("quotes_of_a_report", "report.pdf", report),
        ("rows_of_two_files", "stock.xlsx", stock),
    ):
        (FIXTURES / case).mkdir(parents=True, exist_ok=True)
        make(FIXTURES / case / name)
    (FIXTURES / "rows_of_two_files" / "prices.html").write_text(PRICES, "utf-8")


if __name__ == "__main__":
    main()
