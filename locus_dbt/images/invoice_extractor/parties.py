"""Who sells and who buys: headings first, then the sender's line, then where address blocks stand."""

from __future__ import annotations

import re

from locus_dbt.core import value_names, values
from locus_dbt.images.invoice_extractor.addresses import (
    LEGAL_FORM,
    Line,
    Party,
    block_under,
    blocks_by_town,
    is_street,
    is_town_line,
    put_town,
    read_block,
    sender_lines,
    tax_number,
    town,
    trade_name,
    vat_at,
)
from locus_dbt.images.invoice_extractor.labels import Hit
from locus_dbt.images.invoice_extractor.layout import Row, Sheet
from locus_dbt.images.invoice_extractor.reading import Found, below_of


def find_parties(hits: list[Hit], by_row: dict[int, list[Hit]], sheet: Sheet, stops: set[int]) -> tuple[Party, Party]:
    """Seller and buyer; a part that was not found is missing."""
    taken: set[tuple[int, int]] = set()
    seller = _headed("seller", hits, by_row, sheet, stops, taken)
    buyer = _headed("buyer", hits, by_row, sheet, stops, taken)
    _mark_others(hits, by_row, sheet, stops, taken)
    sender = None
    if seller is None or "name" not in seller.parts:
        seller, sender = _sender(sheet) or (None, None)
    if seller is None or buyer is None:
        seller, buyer = _by_place(seller, buyer, sender, by_row, sheet, taken)
    seller, buyer = seller or Party(), buyer or Party()
    _loose_numbers(seller, buyer, hits, by_row, sheet)
    if sender is not None:
        trade_name(seller, sheet)
    for party in (seller, buyer):
        _country_from_vat(party)
    return seller, buyer


def _headed(
    role: str,
    hits: list[Hit],
    by_row: dict[int, list[Hit]],
    sheet: Sheet,
    stops: set[int],
    taken: set[tuple[int, int]],
) -> Party | None:
    best: Party | None = None
    for hit in hits:
        if hit.field != role or not hit.opens_cell or not _is_heading(hit):
            continue
        lines = block_under(hit, by_row, sheet, stops)
        party = read_block(lines, 0.95)
        score = ("name" in party.parts) + 2 * ("city" in party.parts)
        if score == 0 or (score == 1 and not _trusty(party, hit)):
            continue
        taken |= {(x.row.index, x.row.text.rfind("\t", 0, x.start) + 1) for x in lines}
        if best is None or score > ("name" in best.parts) + 2 * ("city" in best.parts):
            best = party
    return best


def _is_heading(hit: Hit) -> bool:
    cell = next(((a, b) for a, b in hit.row.cells if a <= hit.start < b), (hit.start, hit.stop))
    rest = hit.row.text[hit.stop : cell[1]].strip()
    return rest in ("", ":") or rest.startswith(":")


def _trusty(party: Party, hit: Hit) -> bool:
    """A name without a town is believed where its heading is closed by a colon or it carries a legal form."""
    name = party.text("name")
    return bool(LEGAL_FORM.search(name)) or hit.row.text[hit.stop : hit.stop + 2].strip().startswith(":")


def _mark_others(
    hits: list[Hit], by_row: dict[int, list[Hit]], sheet: Sheet, stops: set[int], taken: set[tuple[int, int]]
) -> None:
    """Blocks under headings of other parties are not the buyer's."""
    for hit in hits:
        if hit.field == "other_party" and hit.opens_cell and _is_heading(hit):
            for line in block_under(hit, by_row, sheet, stops):
                taken.add((line.row.index, line.row.text.rfind("\t", 0, line.start) + 1))


def _sender(sheet: Sheet) -> tuple[Party, tuple[Row, int, int]] | None:
    """The first one-line address in the upper half (else the first at all) is the sender's."""
    found: tuple[Party, tuple[Row, int, int]] | None = None
    for row, start, stop, parts in sender_lines(sheet):
        upper = row.y1 < 0.45 * sheet.heights.get(row.page, 842)
        if not upper and found is not None:
            break
        party = Party(score=0.88 if upper else 0.7)
        for a, b in parts:
            text = row.text[a:b]
            if (match := town(text)) and match.start() <= 1:
                put_town(party, row, a, match, party.score)
            elif (code := values.country_code(text)) and "postcode" in party.parts:
                party.parts["country"] = Found(code, row, a, b, party.score)
        a, b = parts[0]
        if is_street(row.text[a:b]):
            over = _letterhead(row, sheet)
            if over is None:
                continue
            party.parts["name"] = over.scored(party.score)
        else:
            party.parts["name"] = Found(row.text[a:b].strip(), row, a, b, party.score)
        party.rows.add(row.index)
        party.box = row.box(start, stop)
        if upper:
            return party, (row, start, stop)
        found = (party, (row, start, stop))
    return found


def _letterhead(row: Row, sheet: Sheet) -> Found | None:
    """The company's name set in larger type over its address."""
    for other in sheet.above(row):
        if row.y0 - other.y1 > 4 * row.size:
            return None
        for a, end in other.cells:
            name = re.split(r"\s+(?:au capital|siret|rcs)\b", other.text[a:end], maxsplit=1, flags=re.IGNORECASE)[0]
            b = a + len(name)
            size = other.tokens_in(a, b)[0].size
            near = row.y0 - other.y1 < 0.8 * row.size and abs(other.box(a, b).x0 - row.tokens[0].x0) <= 3
            if near and name and not any(c.isdigit() for c in name):
                return Found(name, other, a, b, 0.75)
            if size >= 1.15 * row.size and (LEGAL_FORM.search(name) or size >= 1.4 * row.size):
                return Found(name, other, a, b, 0.85)
    return None


def _name_over_street(seller: Party, sheet: Sheet) -> None:
    """A block that begins with the street has its name in the letterhead over it."""
    name = seller.parts.get("name")
    if name is not None and is_street(str(name.value)) and not LEGAL_FORM.search(str(name.value)):
        over = _letterhead(name.row, sheet)
        if over is not None:
            seller.parts["name"] = over


def _by_place(
    seller: Party | None,
    buyer: Party | None,
    sender: tuple[Row, int, int] | None,
    by_row: dict[int, list[Hit]],
    sheet: Sheet,
    taken: set[tuple[int, int]],
) -> tuple[Party | None, Party | None]:
    """Blocks with a town, told apart by where they stand and what stands in them."""
    blocks = [read_block(lines, 0.8) for lines in blocks_by_town(sheet, by_row, taken) if len(lines) > 1]
    blocks = [b for b in blocks if "name" in b.parts and b.box is not None]
    height = sheet.heights.get(1, 842.0)
    if seller is not None:
        same = (seller.text("name"), seller.text("postcode"))
        blocks = [b for b in blocks if (b.text("name"), b.text("postcode")) != same and not _same_town(b, seller)]
    if buyer is not None:
        blocks = [
            b for b in blocks if b.text("postcode") != buyer.text("postcode") or b.text("name") != buyer.text("name")
        ]
    upper = [b for b in blocks if b.box is not None and b.box.y0 < 0.5 * height]
    if buyer is None and sender is not None and sender[0].y1 < 0.45 * height:
        buyer = _under(sender, upper) or _window(sender, by_row, sheet)
    if seller is None and upper:
        seller = _likely_seller(upper, alone=buyer is None and len(upper) == 1, height=height)
    if seller is not None:
        _name_over_street(seller, sheet)
    if buyer is None:
        rest = [b for b in upper if b is not seller and not b.contact] or [b for b in upper if b is not seller]
        buyer = rest[0] if rest else None
    if seller is None:
        lower = [b for b in blocks if b not in upper]
        seller = lower[0] if lower else None
    return seller, buyer


def _same_town(block: Party, seller: Party) -> bool:
    """The seller's own address again (in the letterhead or the foot)."""
    name, own = values.fold_name(block.text("name")), values.fold_name(seller.text("name"))
    return block.text("postcode") == seller.text("postcode") and (name in own or own in name)


def _under(sender: tuple[Row, int, int], blocks: list[Party]) -> Party | None:
    box = sender[0].box(sender[1], sender[2])
    for block in blocks:
        assert block.box is not None
        if block.box.y0 >= box.y0 and abs(block.box.x0 - box.x0) < 12 and block.box.y0 - box.y1 < 60:
            return block
    return None


def _window(sender: tuple[Row, int, int], by_row: dict[int, list[Hit]], sheet: Sheet) -> Party | None:
    """The lines of the address window under the sender's line, set with wide gaps, down to the town."""
    over = sender[0].box(sender[1], sender[2])
    lines: list[Line] = []
    bottom = sender[0].y1
    for row in sheet.below(sender[0]):
        if row.y0 - bottom > 4 * row.size or len(lines) > 7:
            return None
        cell = next(
            ((a, b) for a, b, o in row.cell_boxes() if over.x0 - 45 <= o.x0 <= over.x1 and o.x1 <= over.x1 + 60), None
        )
        if cell is None:
            continue
        if any(h.start == cell[0] and not h.weak for h in by_row[row.index]):
            return None
        lines.append(Line(row, *cell))
        bottom = row.y1
        if is_town_line(row.text[slice(*cell)]):
            return read_block(lines, 0.85) if len(lines) > 1 else None
    return None


def _likely_seller(blocks: list[Party], *, alone: bool, height: float) -> Party | None:
    """The block with telephone or tax number, else the topmost; a lone block in the address window is the buyer."""
    with_contact = [b for b in blocks if b.contact]
    if with_contact:
        return with_contact[0]
    first = blocks[0]
    assert first.box is not None
    if alone and first.box.y0 > 0.13 * height:
        return None
    return first


def _loose_numbers(seller: Party, buyer: Party, hits: list[Hit], by_row: dict[int, list[Hit]], sheet: Sheet) -> None:
    """VAT and tax numbers outside the blocks: the seller's, unless their label says the customer's."""
    for hit in hits:
        row = hit.row
        if hit.field == "buyer_vat":
            party, score = buyer, 0.93
        elif hit.field in ("vat", "seller_tax_id"):
            if row.index in buyer.rows and _inside(row, hit, buyer):
                continue
            party, score = seller, 0.88
        else:
            continue
        at, start, stop = _number_place(hit, by_row, sheet)
        if hit.field == "seller_tax_id":
            tax = tax_number(at, start, stop)
            if tax is not None:
                party.parts.setdefault("tax_id", tax.scored(score))
        elif (vat := vat_at(at, start, stop)) is not None:
            if party is seller and vat.value == buyer.text("vat_id"):
                continue
            party.parts.setdefault("vat_id", vat.scored(score * vat.score))


def _number_place(hit: Hit, by_row: dict[int, list[Hit]], sheet: Sheet) -> tuple[Row, int, int]:
    """The rest of a label's cell and the next, or the cell under it."""
    row = hit.row
    stop = min([h.start for h in by_row[row.index] if h.start >= hit.stop and h.opens_cell], default=len(row.text))
    if not row.text[hit.stop : stop].strip(" :.\t"):
        return next(below_of(hit, sheet, rows=1), (row, hit.stop, stop))
    return row, hit.stop, stop


def _inside(row: Row, hit: Hit, party: Party) -> bool:
    box = row.box(hit.start, hit.stop)
    return party.box is not None and box.x0 >= party.box.x0 - 4 and box.x0 <= party.box.x1 + 4


def _country_from_vat(party: Party) -> None:
    """The letters of the VAT number, where the address names no country."""
    vat = party.parts.get("vat_id")
    if vat is None or "country" in party.parts or "city" not in party.parts:
        return
    code = values.vat_country(str(vat.value))
    if code in value_names.COUNTRY_CODES and str(vat.value).startswith(code):
        part = Found(code, vat.row, vat.start, vat.start + 2, 0.7, inferred="country of the VAT number")
        party.parts["country"] = part


__all__ = ["Line", "find_parties"]
