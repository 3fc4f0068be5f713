"""Invoices to PDF bytes, the same bytes for the same invoice."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from reportlab.lib.pagesizes import A4, LETTER, landscape
from reportlab.pdfbase.pdfmetrics import registerFont
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from paper import letters, screens
from paper.face import Face
from paper.invoice import Invoice
from paper.sheet import Sheet

LAYOUTS: Mapping[str, Callable[[Sheet, Face], None]] = {
    "ruled": letters.ruled,
    "letter": letters.letter,
    "typewriter": letters.typewriter,
    "two_columns": letters.two_columns,
    "centred": letters.centred,
    "borderless": screens.borderless,
    "minimal": screens.minimal,
    "sidebar": screens.sidebar,
    "landscape": screens.landscape,
    "totals_left": screens.totals_left,
    "boxes": screens.boxes,
    "band": screens.band,
}

SIZES = {"landscape": landscape(A4), "totals_left": LETTER}


@dataclass(frozen=True, slots=True)
class Printed:
    """A document and what its pages show."""

    data: bytes
    face: Face
    pages: int


def load_fonts() -> None:
    """The free fonts that come with reportlab, embedded where a layout uses them."""
    registerFont(TTFont("Vera", "Vera.ttf"))
    registerFont(TTFont("VeraBd", "VeraBd.ttf"))


def press(invoice: Invoice, *, producer: str = "Locus example press", password: str = "") -> Printed:
    """Print an invoice; with ``password`` the file opens only to those who know it.

    Drawn twice, since a page says how many there are.
    """
    pages = _draw(invoice, pages=1, producer=producer, password="").pages
    return _draw(invoice, pages=pages, producer=producer, password=password)


def _draw(invoice: Invoice, *, pages: int, producer: str, password: str) -> Printed:
    size = SIZES.get(invoice.supplier.layout, A4)
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=size, invariant=1, pageCompression=1, encrypt=password or None)
    canvas.setProducer(producer)
    canvas.setTitle(f"{invoice.number}")
    face = Face(invoice)
    sheet = Sheet(canvas, size, invoice.supplier.font, pages)
    LAYOUTS[invoice.supplier.layout](sheet, face)
    canvas.save()
    return Printed(out.getvalue(), face, sheet.page)
