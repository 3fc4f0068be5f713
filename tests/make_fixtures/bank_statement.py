"""Bank statements of banks that do not exist, as PDF in three layouts; the same bytes on every run."""

from __future__ import annotations

import io
from collections.abc import Sequence
from decimal import Decimal

from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

Entry = tuple[str, str, Decimal, tuple[str, ...]]

ENTRIES: tuple[Entry, ...] = tuple(
    (f"{1 + i // 2:02d}.{3 if i < 40 else 4:02d}.", f"{1 + i // 2:02d}.{3 if i < 40 else 4:02d}.", amount, lines)
    for i, (amount, lines) in enumerate(
        [
            (Decimal("-49.90"), ("Stadtwerke Musterstadt", "Strom Abschlag 03/2026", "EREF: 4711-0")),
            (Decimal("1250.00"), ("Gasthaus zur Linde", "Rechnung 2026-118")),
            (Decimal("-1234.56"), ("Holzhandel Brandt GmbH", "RG 88123 vom 25.02.2026")),
            (Decimal("-7.00"), ("Kontoführung",)),
            (Decimal("310.25"), ("Weber, Anna", "Miete Garage")),
        ]
        * 7
    )
)


def german(entries: Sequence[Entry] = ENTRIES, *, opening: Decimal = Decimal("2000.00"), per_page: int = 14) -> bytes:
    """Booking day, value day, text and one column of amounts with the sign behind; carried over from page to page."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4, invariant=1)
    balance = opening
    pages = [entries[i : i + per_page] for i in range(0, len(entries), per_page)]
    for number, page in enumerate(pages, 1):
        _text(canvas, 60, 790, "Musterbank eG", bold=True)
        _text(canvas, 60, 775, "Kontoauszug Nr. 3/2026")
        _text(canvas, 60, 760, "IBAN DE89 3704 0044 0532 0130 00   BIC MUSTDEFF")
        _text(canvas, 60, 745, "Zeitraum 01.03.2026 bis 31.03.2026   Währung EUR")
        _text(canvas, 60, 715, "Buchung", bold=True)
        _text(canvas, 110, 715, "Valuta", bold=True)
        _text(canvas, 160, 715, "Verwendungszweck", bold=True)
        _right(canvas, 530, 715, "Betrag EUR", bold=True)
        y = 697
        word = "Alter Kontostand vom 28.02.2026" if number == 1 else f"Übertrag von Seite {number - 1}"
        _text(canvas, 160, y, word)
        _right(canvas, 530, y, _german(balance))
        y -= 16
        for booked, valued, amount, lines in page:
            _text(canvas, 60, y, booked)
            _text(canvas, 110, y, valued)
            _right(canvas, 530, y, _german(amount))
            for line in lines:
                _text(canvas, 160, y, line)
                y -= 11
            y -= 5
            balance += amount
        word = "Neuer Kontostand am 31.03.2026" if number == len(pages) else f"Übertrag auf Seite {number + 1}"
        _text(canvas, 160, y - 4, word, bold=True)
        _right(canvas, 530, y - 4, _german(balance), bold=True)
        _text(canvas, 60, 40, f"Musterbank eG   Musterstraße 1   12345 Musterstadt   Seite {number} von {len(pages)}")
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def english() -> bytes:
    """Paid out, paid in and a running balance; the balance is brought forward."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4, invariant=1)
    balance = Decimal("812.40")
    rows = [
        ("02 Mar 2026", "CARD PAYMENT", ("Corner Bakery",), Decimal("-4.20")),
        ("02 Mar 2026", "TRANSFER", ("J Smith", "rent march"), Decimal("650.00")),
        ("05 Mar 2026", "DIRECT DEBIT", ("Water Company",), Decimal("-38.15")),
        ("09 Mar 2026", "CARD PAYMENT", ("Hardware & Son", "London SE1"), Decimal("-1120.00")),
        ("12 Mar 2026", "TRANSFER", ("Payroll Ltd",), Decimal("2300.00")),
        ("16 Mar 2026", "STANDING ORDER", ("Sports Club",), Decimal("-25.00")),
    ]
    for number, page in enumerate((rows[:3], rows[3:]), 1):
        _text(canvas, 50, 790, "Example Bank plc", bold=True)
        _text(canvas, 50, 775, "Account number 12345678   Sort code 00-00-00")
        _text(canvas, 50, 760, "IBAN GB82 WEST 1234 5698 7654 32")
        _text(canvas, 50, 745, "1 Mar 2026 to 31 Mar 2026")
        for x, word in ((50, "Date"), (120, "Type"), (220, "Description")):
            _text(canvas, x, 715, word, bold=True)
        for x, word in ((390, "Paid out"), (460, "Paid in"), (540, "Balance")):
            _right(canvas, x, 715, word, bold=True)
        y = 697
        _text(canvas, 220, y, "Balance brought forward" if number > 1 else "Opening balance")
        _right(canvas, 540, y, f"{balance:,.2f}")
        y -= 18
        for booked, kind, lines, amount in page:
            balance += amount
            _text(canvas, 50, y, booked)
            _text(canvas, 120, y, kind)
            _right(canvas, 390 if amount < 0 else 460, y, f"{abs(amount):,.2f}")
            _right(canvas, 540, y, f"{balance:,.2f}")
            for line in lines:
                _text(canvas, 220, y, line)
                y -= 11
            y -= 6
        _text(canvas, 220, y, "Balance carried forward" if number == 1 else "Closing balance")
        _right(canvas, 540, y, f"{balance:,.2f}")
        _text(canvas, 50, 40, f"Page {number} of 2. Interest 0.10% paid on 31 Mar.")
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def french() -> bytes:
    """Debit and credit columns, days without year, blanks between thousands."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4, invariant=1)
    _text(canvas, 50, 790, "Banque Exemple", bold=True)
    _text(canvas, 50, 775, "RELEVÉ DE COMPTE du 15/12/2025 au 14/01/2026")
    _text(canvas, 50, 760, "IBAN FR14 2004 1010 0505 0001 3M02 606   Monnaie EUR")
    for x, word in ((50, "Date"), (100, "Valeur"), (160, "Libellé")):
        _text(canvas, x, 720, word, bold=True)
    for x, word in ((430, "Débit"), (530, "Crédit")):
        _right(canvas, x, 720, word, bold=True)
    _text(canvas, 160, 700, "Ancien solde au 14/12/2025")
    _right(canvas, 530, 700, "1 500,00")
    rows = [
        ("17/12", "17/12", "PRLV SEPA EAU DE VILLE", "45,10", ""),
        ("29/12", "31/12", "VIR SALAIRE ATELIER BOIS", "", "2 140,00"),
        ("05/01", "05/01", "CARTE 03/01 LIBRAIRIE DU PORT", "18,90", ""),
    ]
    y = 682
    for booked, valued, label, debit, credit in rows:
        _text(canvas, 50, y, booked)
        _text(canvas, 100, y, valued)
        _text(canvas, 160, y, label)
        _right(canvas, 430, y, debit)
        _right(canvas, 530, y, credit)
        y -= 16
    _text(canvas, 160, y, "Nouveau solde au 14/01/2026", bold=True)
    _right(canvas, 530, y, "3 576,00", bold=True)
    canvas.save()
    return out.getvalue()


def _german(amount: Decimal) -> str:
    digits = f"{abs(amount):,.2f}".replace(",", " ").replace(".", ",").replace(" ", ".")
    return f"{digits} {'-' if amount < 0 else '+'}"


def _text(canvas: Canvas, x: float, y: float, text: str, *, bold: bool = False) -> None:
    canvas.setFont("Helvetica-Bold" if bold else "Helvetica", 9)
    canvas.drawString(x, y, text)


def _right(canvas: Canvas, x: float, y: float, text: str, *, bold: bool = False) -> None:
    canvas.setFont("Helvetica-Bold" if bold else "Helvetica", 9)
    canvas.drawRightString(x, y, text)
