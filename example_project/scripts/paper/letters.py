"""Stationery of the older kind: letters, forms and lists."""

from __future__ import annotations

from paper.face import Face
from paper.sheet import GREY, HAIR, ItemTable, Sheet, Style, draw_totals, table_columns

META = (
    "invoice_number",
    "issue_date",
    "delivery_date",
    "due_date",
    "customer_no",
    "order_reference",
    "buyer_reference",
)


def page_number(sheet: Sheet, face: Face, x: float, y: float, *, align: str = "right") -> None:
    """Page m of n, where a document has more than one."""
    if sheet.pages_total > 1:
        text = face.word("page").format(sheet.page, sheet.pages_total)
        sheet.text(x, y, text, size=8, colour=GREY, align="center" if align == "center" else "right")


def resume(sheet: Sheet, face: Face, y: float, *, left: float = 57, numbered: bool = True) -> float:
    """Turn the page and head the next one with name and number; returns where the table goes on."""
    sheet.turn()
    sheet.text(left, y, face.field("seller_name"), bold=True)
    number = f"{face.title} {face.field('invoice_number')} – {face.word('continued')}"
    sheet.text(sheet.width - left, y, number, align="right")
    if numbered:
        page_number(sheet, face, sheet.width - left, sheet.height - 24)
    return y + 20


def after_table(sheet: Sheet, face: Face, y: float, *, room: float, left: float) -> float:
    """Where the sums start: below the table, or on a new page when ``room`` points are not left."""
    return y if y + room <= sheet.height else resume(sheet, face, 56, left=left)


def ruled(sheet: Sheet, face: Face) -> None:
    """A German form: address left, facts right with labels left of them, everything in a grid."""
    left, right, colour = 57.0, sheet.width - 57, face.supplier.colour
    sheet.box(left, 40, left + 26, 66, fill=colour)
    sheet.box(left + 8, 48, left + 18, 74, fill="#d8b4b4")
    sheet.text(left + 36, 60, face.field("seller_name"), size=15, bold=True, colour=colour)
    seller = face.address("seller", name=False)
    sheet.text(right, 84, " · ".join(seller), size=8, align="right", colour=GREY)
    sheet.text(left, 118, face.word("bill_to") + ":", size=8, colour=GREY)
    sheet.lines(left, 133, face.address("buyer"), size=10)
    sheet.pairs(345, 133, face.pairs(*META), gap=95)
    sheet.text(left, 250, face.title, size=16, bold=True)
    vat = face.pairs("seller_vat_id", "seller_tax_id", "buyer_vat_id")
    sheet.text(left, 268, "   ".join(f"{a}: {b}" for a, b in vat), size=8, colour=GREY)
    columns = table_columns(
        "line_no 30", "item_id 60", "description 171", "quantity 45 right", "unit_code 40 center",
        "unit_price 62 right", "net_amount 73 right",
    )  # fmt: skip
    style = Style(size=8.5, rules="grid", head_fill="#eeeeee", rule_colour="#555555")
    table = ItemTable(sheet, face, columns, style, x=left, bottom=sheet.height - 70)
    page_number(sheet, face, right, sheet.height - 24)
    y = table.draw(282, lambda: resume(sheet, face, 60))
    y = after_table(sheet, face, y, room=210, left=left)
    y = draw_totals(sheet, face.totals(), x=340, right=right - 4, y=y + 24)
    y = sheet.lines(left, y + 14, face.closing())
    bank = f"{face.word('bank')}: {face.supplier.bank}   IBAN {face.field('iban')}"
    sheet.text(left, y + 4, bank, size=8.5)


def letter(sheet: Sheet, face: Face) -> None:
    """A letter for a window envelope: sender line, facts in one column, small print in the foot."""
    left, right, colour = 71.0, sheet.width - 50, face.supplier.colour
    sheet.disc(right - 16, 52, 16, colour)
    sheet.text(right - 16, 57, "K", size=15, bold=True, align="center", colour="#ffffff")
    sheet.text(right - 40, 57, face.field("seller_name"), size=13, bold=True, align="right")
    small = f"{face.field('seller_name')} · " + " · ".join(face.address("seller", name=False))
    sheet.text(left, 130, small, size=6.5, colour=GREY)
    sheet.rule(left, 133, left + 220, width=0.3, colour=GREY)
    sheet.lines(left, 150, face.address("buyer"), size=10.5)
    sheet.pairs(
        380,
        150,
        face.pairs("customer_no", "order_reference", "buyer_reference", "delivery_date"),
        gap=78,
        size=8.5,
    )
    sheet.text(right, 262, f"{face.field('seller_city')}, {face.field('issue_date')}", align="right", size=10)
    heading = f"{face.title} {face.label('invoice_number')} {face.field('invoice_number')}"
    sheet.text(left, 284, heading, size=12.5, bold=True)
    greeting = "für unsere Leistungen berechnen wir Ihnen:" if not face.is_credit else "wir schreiben Ihnen gut:"
    sheet.lines(left, 304, ["Sehr geehrte Damen und Herren,", greeting], size=9.5)
    columns = table_columns(
        "line_no 30", "description+item_id 204", "quantity+unit_code 65 right", "tax_rate 45 right",
        "unit_price 60 right", "net_amount 70 right",
    )  # fmt: skip
    style = Style(size=9, rules="rows", rule_colour=HAIR)
    table = ItemTable(sheet, face, columns, style, x=left, bottom=sheet.height - 110)
    _letter_foot(sheet, face, left, right)

    def go_on() -> float:
        y = resume(sheet, face, 64, left=left, numbered=False)
        _letter_foot(sheet, face, left, right)
        return y

    y = table.draw(330, go_on)
    if y + 130 > sheet.height - 105:
        y = go_on()
    y = draw_totals(sheet, face.totals(), x=345, right=table.right - 4, y=y + 22, size=9.5)
    due = [f"{face.label('due_date')} {face.field('due_date')}."] if face.has("due_date") else []
    sheet.lines(left, y + 12, [" ".join([*face.closing(), *due]), "Mit freundlichen Grüßen"], size=9.5)


def _letter_foot(sheet: Sheet, face: Face, left: float, right: float) -> None:
    """Three columns of small print."""
    y = sheet.height - 62
    sheet.rule(left, y - 12, right, width=0.5, colour=face.supplier.colour)
    blocks = [
        face.address("seller"),
        [face.supplier.contact, *(f"{a}: {b}" for a, b in face.pairs("seller_vat_id", "seller_tax_id"))],
        [face.supplier.bank, f"IBAN: {face.field('iban')}"],
    ]
    for i, block in enumerate(blocks):
        sheet.lines(left + i * 165, y, block, size=7, colour=GREY)
    page_number(sheet, face, right, sheet.height - 18)


def typewriter(sheet: Sheet, face: Face) -> None:
    """A print-out of an old system: one width of letter, rules of dashes, no colour."""
    left, right = 50.0, sheet.width - 50
    y = sheet.lines(left, 56, [face.field("seller_name")], size=12, bold=True)
    y = sheet.lines(left, y, [*face.address("seller", name=False), face.supplier.contact], size=9)
    y = sheet.lines(left, y + 26, face.address("buyer"), size=10)
    sheet.text(left, y + 30, f"{face.title} {face.field('invoice_number')}", size=14, bold=True)
    sheet.text(right, y + 30, f"{face.label('issue_date')}: {face.field('issue_date')}", size=9.5, align="right")
    y += 50
    for label, value in face.pairs(
        "order_reference", "delivery_date", "customer_no", "buyer_reference", "buyer_vat_id"
    ):
        sheet.text(left, y, f"{label + ' ':.<24} {value}", size=9)
        y += 12.5
    dashes = "-" * 91
    sheet.text(left, y + 6, dashes)
    columns = table_columns(
        "line_no 32", "item_id 48", "description 198", "quantity+unit_code 72 right",
        "unit_price 65 right", "net_amount 76 right",
    )  # fmt: skip
    table = ItemTable(sheet, face, columns, Style(size=9, rules="none", pad=2), x=left, bottom=sheet.height - 80)
    page_number(sheet, face, right, sheet.height - 24)
    y = table.draw(y + 10, lambda: resume(sheet, face, 60, left=left))
    sheet.text(left, y + 8, dashes)
    y = draw_totals(sheet, face.totals(), x=300, right=right - 2, y=y + 24)
    sheet.text(left, y - 2, "=" * 91)
    notes = face.closing()
    if face.has("due_date"):
        notes.append(f"{face.label('due_date')}: {face.field('due_date')}")
    y = sheet.lines(left, y + 18, notes, size=9)
    account = f"{face.supplier.bank}  IBAN {face.field('iban')}"
    sheet.lines(left, y + 8, [account, f"{face.label('seller_vat_id')} {face.field('seller_vat_id')}"], size=9)


def two_columns(sheet: Sheet, face: Face) -> None:
    """A French form: seller and buyer side by side, VAT table bottom left, sums bottom right."""
    left, right, middle, colour = 45.0, sheet.width - 45, sheet.width / 2, face.supplier.colour
    sheet.text(middle, 52, face.title.upper(), size=20, bold=True, align="center", colour=colour)
    sheet.rule(left, 62, right, width=1.2, colour=colour)
    for x, side, word in ((left, "seller", "seller"), (middle + 10, "buyer", "bill_to")):
        sheet.box(x, 74, x + 242, 170, line=HAIR)
        sheet.text(x + 8, 88, face.word(word), size=8.5, colour=colour, bold=True)
        y = sheet.lines(x + 8, 103, face.address(side), size=10)
        pairs = face.pairs(f"{side}_vat_id", *(["seller_tax_id"] if side == "seller" else []))
        sheet.lines(x + 8, y + 2, [f"{a} : {b}" for a, b in pairs], size=8.5)
    facts = face.pairs(*(f for f in META if f != "due_date"))
    for i, (label, value) in enumerate(facts):
        sheet.text(left + (i % 3) * 172, 190 + (i // 3) * 15, f"{label} : {value}", size=9)
    columns = table_columns(
        "item_id 58", "description 187", "quantity 50 right", "unit_code 40 center",
        "unit_price 58 right", "tax_rate 42 right", "net_amount 70 right",
    )  # fmt: skip
    style = Style(size=9, rules="grid", head_fill="#efe6dd", rule_colour="#8c7763")
    table = ItemTable(sheet, face, columns, style, x=left, bottom=sheet.height - 80)
    page_number(sheet, face, middle, sheet.height - 24, align="center")
    y = table.draw(236, lambda: resume(sheet, face, 56, left=left))
    y = after_table(sheet, face, y, room=200, left=left)
    rows = [("Taux", "Base HT", face.word("tax"))]
    rows += [(face.amount(rate) + " %", face.amount(net), face.amount(tax)) for rate, net, tax in face.invoice.taxes]
    for i, row in enumerate(rows):
        for x, text in zip((40, 110, 170), row, strict=True):
            sheet.text(left + x, y + 26 + 13 * i, text, size=8, align="right", bold=i == 0)
    end = draw_totals(sheet, face.totals(always_due=True), x=350, right=right - 8, y=y + 28, boxed="#8c7763")
    notes = face.closing()
    if face.has("due_date"):
        notes.append(f"{face.label('due_date')} : {face.field('due_date')}")
    y = sheet.lines(left, end + 24, notes, size=9)
    sheet.text(left, y + 2, f"{face.supplier.bank} – IBAN : {face.field('iban')}", size=9)


def centred(sheet: Sheet, face: Face) -> None:
    """Everything about the middle axis, facts in a strip with labels in one row and values in the next."""
    left, right, middle, colour = 62.0, sheet.width - 62, sheet.width / 2, face.supplier.colour
    sheet.text(middle, 58, face.field("seller_name"), size=18, bold=True, align="center", colour=colour)
    sheet.text(middle, 74, " | ".join(face.address("seller", name=False)), size=8.5, align="center", colour=GREY)
    registered = " | ".join(f"{a} {b}" for a, b in face.pairs("seller_vat_id", "seller_tax_id"))
    sheet.text(middle, 86, f"{registered} | IBAN {face.field('iban')}", size=8.5, align="center", colour=GREY)
    sheet.text(middle, 124, face.title, size=15, align="center")
    sheet.text(left, 152, face.word("bill_to"), size=8.5, colour=GREY)
    sheet.lines(left, 166, face.address("buyer"), size=10)
    if face.has("buyer_vat_id"):
        sheet.text(left, 224, f"{face.label('buyer_vat_id')}: {face.field('buyer_vat_id')}", size=9)
    facts = face.pairs(
        "invoice_number", "issue_date", "due_date", "order_reference", "delivery_date", "buyer_reference"
    )
    sheet.rule(left, 238, right, colour=colour)
    for i, (label, value) in enumerate(facts):
        sheet.text(left + i * 80, 250, label, size=8, colour=GREY)
        sheet.text(left + i * 80, 263, value, size=9, bold=True)
    sheet.rule(left, 271, right, colour=colour)
    columns = table_columns(
        "line_no 24", "item_id 56", "description 181", "quantity 40 right", "unit_code 36 center",
        "unit_price 58 right", "net_amount 76 right",
    )  # fmt: skip
    table = ItemTable(sheet, face, columns, Style(size=9.5, rules="head"), x=left, bottom=sheet.height - 90)
    page_number(sheet, face, middle, sheet.height - 24, align="center")
    y = table.draw(290, lambda: resume(sheet, face, 60, left=left))
    sheet.rule(left, y + 2, right, width=0.9, colour=HAIR)
    y = draw_totals(sheet, face.totals(), x=330, right=right - 4, y=y + 22, size=9.5)
    for note in face.closing():
        sheet.text(middle, y + 20, note, size=9, align="center", colour=GREY)
        y += 13
