"""The deterministic engine: an invoice's fields and lines from its printed pages."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from locus_dbt.images.invoice_extractor import columns, header, items, parties, totals
from locus_dbt.images.invoice_extractor.labels import Hit, find_labels
from locus_dbt.images.invoice_extractor.layout import Sheet
from locus_dbt.images.invoice_extractor.reading import Found
from locus_dbt.images.invoice_extractor.xml_values import Cited


@dataclass(frozen=True)
class Reading:
    """What was read: one finding a field, and the line items in order."""

    fields: Mapping[str, Found | Cited]
    lines: Sequence[Mapping[str, Found | Cited]]


def read_pages(sheet: Sheet) -> Reading:
    """Read a whole document."""
    by_row: dict[int, list[Hit]] = {row.index: find_labels(row) for row in sheet.rows}
    by_field: dict[str, list[Hit]] = defaultdict(list)
    for row in sheet.rows:
        for hit in by_row[row.index]:
            by_field[hit.field].append(hit)
    everything = [h for row in sheet.rows for h in by_row[row.index]]
    headers = columns.find_headers(sheet)
    found_items, item_rows = items.read_items(sheet, headers, by_row)
    fields = _head_fields(by_field, by_row, sheet, item_rows)
    stops = {i for h in headers for i in range(h.first, h.last + 1)}
    seller, buyer = parties.find_parties(everything, by_row, sheet, stops)
    for role, party in (("seller", seller), ("buyer", buyer)):
        for part, found in party.parts.items():
            if (role, part) != ("buyer", "tax_id"):
                fields[f"{role}_{part}"] = found
    lines = [i.parts for i in found_items]
    amounts = [p["net_amount"].value for p in lines if "net_amount" in p]
    lines_sum = sum(amounts, Decimal(0)) if amounts and len(amounts) == len(lines) else None
    fields |= totals.find_totals(everything, by_row, sheet, item_rows=item_rows, lines_sum=lines_sum)
    if lines and not any("tax_rate" in p for p in lines):
        rates = totals.rates_of_lines(
            [p["net_amount"].value if "net_amount" in p else None for p in lines], sheet, item_rows
        )
        for parts, rate in zip(lines, rates, strict=True):
            if rate is not None:
                parts["tax_rate"] = rate
    return Reading(fields, lines)


def _head_fields(
    by_field: dict[str, list[Hit]], by_row: dict[int, list[Hit]], sheet: Sheet, item_rows: set[int]
) -> dict[str, Found]:
    candidates: dict[str, list[Found]] = defaultdict(list)
    for name in ("invoice_number", "issue_date", "due_date", "delivery_date", "order_reference", "buyer_reference"):
        hits = [h for h in by_field[name] if h.row.index not in item_rows]
        candidates[name] += header.labelled(name, hits, by_row, sheet)
    for number, dated in header.titles(sheet):
        candidates["invoice_number"].append(number)
        if dated is not None:
            candidates["issue_date"].append(dated)
    candidates["due_date"] += header.due_by_sentence(sheet)
    candidates["issue_date"] += header.place_and_date(sheet)
    candidates["iban"] += header.iban(by_field["iban"], sheet)
    for name, single in (
        ("type_code", header.document_kind(sheet)),
        ("currency", header.currency(by_field["currency"], by_row, sheet)),
    ):
        if single is not None:
            candidates[name].append(single)
    best = {k: max(v, key=lambda f: (f.score, -f.row.index, -f.start)) for k, v in candidates.items() if v}
    if "delivery_date" not in best and "issue_date" in best and header.delivered_on_issue(sheet):
        same = best["issue_date"]
        best["delivery_date"] = replace(same, score=0.85 * same.score, inferred="delivered on the date of issue")
    order, reference = best.get("order_reference"), best.get("buyer_reference")
    if order and reference and (order.row.index, order.start) == (reference.row.index, reference.start):
        del best["buyer_reference"]  # one printed number has one meaning; with a digit it is the order's
    return {k: f for k, f in best.items() if f.score >= 0.35}
