"""Stationery of the newer kind: what accounting software and web shops send."""

from __future__ import annotations

from paper.face import Face
from paper.letters import META, after_table, page_number, resume
from paper.sheet import GREY, HAIR, ItemTable, Sheet, Style, draw_totals, table_columns


def borderless(sheet: Sheet, face: Face) -> None:
    """Clean and without rules: facts top right, labels left of the values, a zebra table without lines."""
    left, right, colour = 48.0, sheet.width - 48, face.supplier.colour
    sheet.text(left, 66, face.title, size=26, bold=True, colour=colour)
    sheet.lines(right, 52, [face.field("seller_name")], size=11, bold=True, align="right")
    sheet.lines(right, 66, [*face.address("seller", name=False), face.supplier.contact], size=9, align="right")
    sheet.text(left, 140, face.word("bill_to"), size=8.5, bold=True, colour=colour)
    y = sheet.lines(left, 154, face.address("buyer"), size=10)
    sheet.lines(left, y + 2, [f"{a}: {b}" for a, b in face.pairs("buyer_vat_id")], size=8.5, colour=GREY)
    sheet.pairs(330, 142, face.pairs(*META), gap=110, size=9.5)
    columns = table_columns(
        "item_id 58", "description 191", "quantity 44 right", "unit_code 42", "unit_price 58 right",
        "tax_rate 42 right", "net_amount 64 right",
    )  # fmt: skip
    style = Style(size=9, rules="none", zebra="#eef2f8", head_ink=colour)
    table = ItemTable(sheet, face, columns, style, x=left, bottom=sheet.height - 80)
    page_number(sheet, face, right, sheet.height - 24)
    y = table.draw(256, lambda: resume(sheet, face, 56, left=left))
    y = after_table(sheet, face, y, room=200, left=left)
    y = draw_totals(sheet, face.totals(), x=330, right=right - 4, y=y + 26, size=9.5)
    y = sheet.lines(left, y + 18, face.closing())
    sheet.text(left, y, f"{face.supplier.bank}, IBAN {face.field('iban')}")
    registered = " · ".join(f"{a} {b}" for a, b in face.pairs("seller_vat_id", "seller_tax_id"))
    sheet.text(left, sheet.height - 40, registered, size=8, colour=GREY)


def minimal(sheet: Sheet, face: Face) -> None:
    """Much white, little grey: the sum stands large at the top, labels are small and above their values."""
    left, right = 70.0, sheet.width - 70
    sheet.text(left, 70, face.field("seller_name"), size=11)
    sheet.text(right, 70, f"{face.title} {face.field('invoice_number')}", size=11, align="right", colour=GREY)
    sheet.text(left, 128, face.field("gross_total"), size=30)
    due = f"{face.label('due_date')} {face.field('due_date')}" if face.has("due_date") else face.closing()[0]
    sheet.text(left, 146, due, size=9, colour=GREY)
    facts = face.pairs("issue_date", "delivery_date", "order_reference", "buyer_reference")
    for i, (label, value) in enumerate(facts):
        sheet.text(left + i * 115, 184, label, size=7.5, colour=GREY)
        sheet.text(left + i * 115, 197, value, size=9.5)
    for x, word, side in ((left, "bill_to", "buyer"), (left + 230, "seller", "seller")):
        sheet.text(x, 228, face.word(word), size=7.5, colour=GREY)
        y = sheet.lines(x, 241, face.address(side), size=9.5)
        sheet.lines(x, y, [b for _, b in face.pairs(f"{side}_vat_id")], size=8.5, colour=GREY)
    columns = table_columns(
        "description 215", "quantity+unit_code 80 right", "unit_price 75 right", "net_amount 85 right",
    )  # fmt: skip
    table = ItemTable(
        sheet, face, columns, Style(size=9.5, rules="rows", pad=6, rule_colour="#dddddd"), x=left, bottom=760
    )
    page_number(sheet, face, right, sheet.height - 24)
    y = table.draw(326, lambda: resume(sheet, face, 70, left=left))
    y = draw_totals(sheet, face.totals(), x=300, right=right - 6, y=y + 26, size=9.5)
    foot = f"{face.supplier.bank}   IBAN {face.field('iban')}   {face.supplier.contact}"
    sheet.text(left, sheet.height - 50, foot, size=8, colour=GREY)


def sidebar(sheet: Sheet, face: Face) -> None:
    """A coloured column on the left holds all about the sender; the letter stands beside it."""
    colour, left, right = face.supplier.colour, 190.0, sheet.width - 40

    def column() -> None:
        sheet.box(0, 0, 165, sheet.height, fill=colour)
        sheet.disc(82, 80, 34, "#ffffff")
        sheet.disc(82, 80, 26, colour)
        sheet.disc(92, 70, 12, "#ffd166")
        y = sheet.lines(
            20,
            150,
            sheet.fit(face.field("seller_name"), 130, 11, bold=True),
            size=11,
            bold=True,
            colour="#ffffff",
        )
        y = sheet.lines(20, y + 4, face.address("seller", name=False), size=8.5, colour="#ffffff")
        y = sheet.lines(20, y + 10, [face.supplier.contact], size=8, colour="#ffffff")
        for label, value in face.pairs("seller_vat_id", "seller_tax_id", "iban"):
            y = sheet.lines(20, y + 12, [label], size=7, colour="#cfe3e8")
            y = sheet.lines(20, y, [value], size=7.5, colour="#ffffff")
        sheet.lines(20, y + 10, sheet.fit(face.supplier.bank, 130, 7.5), size=7.5, colour="#ffffff")

    def go_on() -> float:
        y = resume(sheet, face, 60, left=left)
        column()
        return y

    column()
    sheet.text(left, 70, face.title, size=20, bold=True, colour=colour)
    sheet.text(left, 110, face.word("bill_to"), size=8, colour=GREY)
    sheet.lines(left, 124, face.address("buyer"), size=10)
    y = sheet.pairs(left, 200, face.pairs(*META), gap=110, size=9)
    columns = table_columns(
        "line_no 26", "description 124", "quantity+unit_code 62 right", "unit_price 54 right",
        "tax_rate 36 right", "net_amount 63 right",
    )  # fmt: skip
    style = Style(size=8.5, rules="rows", rule_colour=HAIR)
    table = ItemTable(sheet, face, columns, style, x=left, bottom=sheet.height - 60)
    page_number(sheet, face, right, sheet.height - 24)
    y = table.draw(y + 14, go_on)
    y = draw_totals(sheet, face.totals(always_due=True), x=left + 130, right=right - 4, y=y + 26)
    sheet.lines(left, y + 16, face.closing())


def landscape(sheet: Sheet, face: Face) -> None:
    """A wide page with a wide table; sender left, receiver middle, facts right."""
    left, right, colour = 42.0, sheet.width - 42, face.supplier.colour
    sheet.box(0, 0, sheet.width, 10, fill=colour)
    sheet.text(left, 48, face.field("seller_name"), size=15, bold=True, colour=colour)
    y = sheet.lines(left, 64, face.address("seller", name=False), size=9)
    sheet.lines(left, y, [f"{a} {b}" for a, b in face.pairs("seller_vat_id", "seller_tax_id")], size=9)
    sheet.text(320, 48, face.word("bill_to"), size=9, bold=True)
    y = sheet.lines(320, 64, face.address("buyer"), size=9)
    sheet.lines(320, y, [f"{a} {b}" for a, b in face.pairs("buyer_vat_id")], size=9)
    sheet.pairs(570, 48, face.pairs(*META), gap=95)
    sheet.text(left, 160, f"{face.title} {face.field('invoice_number')}", size=17, bold=True)
    columns = table_columns(
        "line_no 34", "item_id 80", "description 294", "quantity 66 right", "unit_code 54 center",
        "unit_price 84 right", "tax_rate 56 right", "net_amount 90 right",
    )  # fmt: skip
    style = Style(size=9, rules="rows", head_fill=colour, head_ink="#ffffff", rule_colour=HAIR)
    table = ItemTable(sheet, face, columns, style, x=left, bottom=sheet.height - 60)
    page_number(sheet, face, right, sheet.height - 20)
    y = table.draw(174, lambda: resume(sheet, face, 48, left=left))
    y = after_table(sheet, face, y, room=140, left=left)
    draw_totals(sheet, face.totals(), x=570, right=right - 4, y=y + 24)
    notes = [*face.closing(), f"{face.supplier.bank}, IBAN {face.field('iban')}"]
    sheet.lines(left, y + 24, notes, size=9)


def totals_left(sheet: Sheet, face: Face) -> None:
    """An American letter page: facts in a framed row, sums under the table on the left."""
    left, right, colour = 54.0, sheet.width - 54, face.supplier.colour
    sheet.text(left, 60, face.field("seller_name"), size=17, bold=True, colour=colour)
    sheet.lines(left, 76, [*face.address("seller", name=False), face.supplier.contact], size=9.5)
    sheet.text(right, 60, face.title.upper(), size=17, align="right", colour=GREY)
    sheet.text(left, 136, face.word("bill_to").upper(), size=8, bold=True, colour=colour)
    sheet.lines(left, 150, face.address("buyer"), size=10.5)
    facts = face.pairs("invoice_number", "issue_date", "due_date", "order_reference", "customer_no", "buyer_reference")
    width = (right - left) / len(facts)
    sheet.box(left, 214, right, 230, fill=colour)
    sheet.box(left, 214, right, 248, line=colour)
    for i, (label, value) in enumerate(facts):
        sheet.text(left + width * (i + 0.5), 225, label, size=8.5, bold=True, align="center", colour="#ffffff")
        sheet.text(left + width * (i + 0.5), 242, value, size=9.5, align="center")
    columns = table_columns(
        "description+item_id 254", "quantity 60 right", "unit_code 50 center", "unit_price 65 right",
        "net_amount 75 right",
    )  # fmt: skip
    table = ItemTable(sheet, face, columns, Style(size=9.5, rules="head", rule_colour=colour), x=left, bottom=700)
    page_number(sheet, face, right, sheet.height - 24)
    y = table.draw(264, lambda: resume(sheet, face, 56, left=left))
    y = draw_totals(sheet, face.totals(always_due=True), x=left + 4, right=left + 220, y=y + 28, size=10)
    y = sheet.lines(left, y + 16, face.closing(), size=9.5)
    registered = "   ".join(f"{a}: {b}" for a, b in face.pairs("seller_tax_id", "seller_vat_id"))
    sheet.lines(left, y, [f"{face.word('bank')}: {face.supplier.bank}", registered], size=9, colour=GREY)


def boxes(sheet: Sheet, face: Face) -> None:
    """Software with a form designer: each fact in a box of its own, label above value."""
    left, right, colour = 40.0, sheet.width - 40, face.supplier.colour
    sheet.box(left, 34, right, 74, fill=colour)
    sheet.text(left + 12, 60, face.field("seller_name"), size=14, bold=True, colour="#ffffff")
    sheet.text(right - 12, 60, face.title, size=14, align="right", colour="#ffffff")
    y = sheet.lines(left, 92, [*face.address("seller", name=False), face.supplier.contact], size=8)
    sheet.lines(left, y, [f"{a} : {b}" for a, b in face.pairs("seller_vat_id")], size=8)
    sheet.box(310, 84, right, 158, line=HAIR)
    sheet.text(318, 96, face.word("bill_to"), size=7, colour=colour)
    y = sheet.lines(318, 109, face.address("buyer"), size=9.5)
    sheet.lines(318, y, [f"{a} {b}" for a, b in face.pairs("buyer_vat_id")], size=7.5, colour=GREY)
    facts = face.pairs(
        "invoice_number", "issue_date", "due_date", "order_reference", "delivery_date", "buyer_reference"
    )
    width = (right - left - 8 * 2) / 3
    for i, (label, value) in enumerate(facts):
        x, y = left + (i % 3) * (width + 8), 168 + (i // 3) * 36
        sheet.box(x, y, x + width, y + 30, line=HAIR)
        sheet.text(x + 6, y + 10, label, size=7, colour=colour)
        sheet.text(x + 6, y + 24, value, size=9.5)
    columns = table_columns(
        "line_no 28", "item_id 46", "description 200", "quantity 42 right", "unit_code 42",
        "unit_price 70 right", "net_amount 87 right",
    )  # fmt: skip
    style = Style(size=8, rules="rows", head_fill="#e4ecf3", head_ink=colour, zebra="#f7f9fb", rule_colour=HAIR)
    table = ItemTable(sheet, face, columns, style, x=left, bottom=sheet.height - 80)
    page_number(sheet, face, right, sheet.height - 22)
    sheet.text(left, 252, face.currency_note(), size=7, colour=GREY)
    y = table.draw(258, lambda: resume(sheet, face, 50, left=left))
    y = after_table(sheet, face, y, room=190, left=left)
    y = draw_totals(sheet, face.totals(), x=350, right=right - 10, y=y + 28, size=8.5, boxed=colour)
    y = sheet.lines(left, y + 12, face.closing(), size=8)
    sheet.text(left, y, f"{face.supplier.bank} – IBAN {face.field('iban')}", size=8)


def band(sheet: Sheet, face: Face) -> None:
    """A dark band with the labels above the values inside it, and everything else on plain paper."""
    left, right, colour = 50.0, sheet.width - 50, face.supplier.colour
    sheet.text(left, 56, face.field("seller_name"), size=16, bold=True, colour=colour)
    sheet.text(right, 56, face.title, size=16, align="right")
    sheet.lines(left, 72, [", ".join(face.address("seller", name=False))], size=8.5, colour=GREY)
    sheet.box(left, 90, right, 134, fill=colour)
    facts = face.pairs("invoice_number", "issue_date", "due_date", "customer_no", "gross_total")
    for i, (label, value) in enumerate(facts):
        sheet.text(left + 10 + i * 98, 107, label, size=7.5, colour="#c8d6e0")
        sheet.text(left + 10 + i * 98, 123, value, size=10, bold=True, colour="#ffffff")
    sheet.text(left, 158, face.word("bill_to"), size=8, colour=GREY)
    y = sheet.lines(left, 172, face.address("buyer"), size=10)
    sheet.lines(left, y, [f"{a}: {b}" for a, b in face.pairs("buyer_vat_id")], size=8.5, colour=GREY)
    facts = face.pairs("order_reference", "buyer_reference", "delivery_date")
    y = sheet.pairs(330, 172, facts, gap=105, size=9)
    columns = table_columns(
        "line_no 34", "description+item_id 216", "quantity+unit_code 70 right", "unit_price 80 right",
        "net_amount 95 right",
    )  # fmt: skip
    table = ItemTable(
        sheet, face, columns, Style(size=9, rules="rows", rule_colour=HAIR), x=left, bottom=sheet.height - 90
    )
    page_number(sheet, face, right, sheet.height - 22)
    y = table.draw(252, lambda: resume(sheet, face, 56, left=left))
    y = draw_totals(sheet, face.totals(), x=310, right=right - 4, y=y + 24, size=9.5)
    sheet.lines(left, y + 14, face.closing())
    sheet.rule(left, sheet.height - 62, right, colour=colour, width=1.5)
    registered = "   ".join(f"{a} {b}" for a, b in face.pairs("seller_vat_id", "seller_tax_id"))
    foot = [f"{registered}   {face.supplier.contact}", f"{face.supplier.bank}   IBAN {face.field('iban')}"]
    sheet.lines(left, sheet.height - 48, foot, size=8, colour=GREY)
