"""The sums of an invoice: labelled candidates, chosen so that net + tax = gross and gross - paid = due."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import product

from locus_dbt.core.values import currency_code, read_decimal
from locus_dbt.images.invoice_extractor.labels import Hit
from locus_dbt.images.invoice_extractor.layout import Row, Sheet
from locus_dbt.images.invoice_extractor.reading import Found, amounts, below_of

SUMS = ("net_total", "tax_total", "gross_total", "prepaid_amount", "amount_due")
#: Two sums agree within this: taxes are rounded once per rate.
TOLERANCE = Decimal("0.02")
#: Less sure sums are left out.
_FLOOR = 0.35
#: Candidates a sum that are tried against each other.
_TRIED = 10


#: Words that say a sum is the whole and not a part (one rate's tax).
_WHOLE = re.compile(r"gesamt|total|summe", re.IGNORECASE)


def find_totals(
    hits: list[Hit], by_row: dict[int, list[Hit]], sheet: Sheet, *, item_rows: set[int], lines_sum: Decimal | None
) -> dict[str, Found]:
    """The sums that were found; ``item_rows`` hold line items and are not looked at."""
    found: dict[str, list[Found]] = {name: [] for name in SUMS}
    for hit in hits:
        if hit.field in SUMS and hit.row.index not in item_rows:
            found[hit.field] += _beside(hit, by_row, sheet)
    for name in SUMS:
        found[name] = _best_of_each(found[name])[:_TRIED]
    found["tax_total"] += _sum_of_rates(hits, sheet, item_rows)
    printed = [a for r in sheet.rows if r.index not in item_rows for a in amounts(r, 0, len(r.text), sheet)]
    taxed = {r.index + d for r in sheet.rows if _TAX_WORD.search(r.text) for d in (-1, 0, 1)}
    near_tax = [p for p in printed if p.row.index in taxed]
    found["tax_total"] += _tax_by_difference(found, near_tax)
    out = _choose(found, lines_sum)
    _fill_gaps(out, printed if "tax_total" in out else near_tax)
    _settle(out, found, printed)
    return {k: f for k, f in out.items() if f.score >= _FLOOR}


def _beside(hit: Hit, by_row: dict[int, list[Hit]], sheet: Sheet) -> Iterator[Found]:
    """Amounts right of a label (the last counts most), else in the column under it (the last counts most)."""
    base = (0.62 if hit.weak else 0.9) - (0.0 if hit.opens_cell else 0.22)
    row = hit.row
    base += 0.03 * bool(_WHOLE.search(row.text[hit.start : hit.stop]))
    stop = min(
        (h.start for h in by_row[row.index] if h.start >= hit.stop and h.opens_cell and h.field != "-"),
        default=len(row.text),
    )
    right = [a for a in amounts(row, hit.stop, stop, sheet) if a.score == 1.0 or not _counts_something(row, a)]
    for i, found in enumerate(right):
        words = sum(w.isalpha() for w in row.text[hit.stop : found.start].replace("\t", " ").split())
        yield found.scored(found.score * (base - 0.12 * (len(right) - 1 - i) - 0.04 * max(0, words - 2)))
    if right:
        return
    under = [a for other, start, stop_ in below_of(hit, sheet, rows=12) for a in amounts(other, start, stop_, sheet)]
    for i, found in enumerate(under):
        yield found.scored(found.score * (base - 0.2 - 0.03 * (len(under) - 1 - i)))


def _counts_something(row: Row, found: Found) -> bool:
    """A round number before a word (``30 days``) is no sum."""
    after = re.match(r"\s?([^\W\d_]+)", row.text[found.stop :])
    return after is not None and currency_code(after[1]) is None


def _best_of_each(found: list[Found]) -> list[Found]:
    """One finding per value, the surest first."""
    best: dict[Decimal, Found] = {}
    for f in sorted(found, key=lambda f: (-f.score, f.row.index, f.start)):
        best.setdefault(f.value, f)
    return list(best.values())


def _sum_of_rates(hits: list[Hit], sheet: Sheet, item_rows: set[int]) -> list[Found]:
    """Tax rows of several rates without a printed sum: their sum, standing on all of them."""
    rows: dict[int, Found] = {}
    for hit in hits:
        if hit.field == "tax_total" and not hit.weak and hit.row.index not in item_rows and "%" in hit.row.text:
            right = list(amounts(hit.row, hit.stop, len(hit.row.text), sheet))
            if right and hit.row.index not in rows:
                rows[hit.row.index] = right[-1]
    parts = list(rows.values())
    if not 2 <= len(parts) <= 6 or len({p.row.page for p in parts}) > 1:
        return []
    first = parts[0]
    more = tuple((p.row, p.start, p.stop) for p in parts[1:])
    total = sum((p.value for p in parts), Decimal(0))
    return [replace(first, value=total, more=more, score=0.5, inferred="sum of the taxes of each rate")]


def _tax_by_difference(found: dict[str, list[Found]], printed: list[Found]) -> list[Found]:
    """Amounts beside a word for tax that are exactly the difference of a net and a gross total."""
    known = {f.value for f in found["tax_total"]}
    out: list[Found] = []
    for net in found["net_total"][:3]:
        for gross in found["gross_total"][:3]:
            want = gross.value - net.value
            if want == 0 or want in known or abs(want) > Decimal("0.4") * abs(gross.value):
                continue
            low, high = sorted((net.row.index, gross.row.index))
            between = [
                p
                for p in printed
                if low - 2 <= p.row.index <= high + 2 and p.score == 1.0 and abs(p.value) == abs(want)
            ]
            if between:
                known.add(want)
                sign = "" if between[-1].value == want else "sign by the other sums"
                out.append(replace(between[-1], value=want, score=0.3, inferred=sign))
    return out


def _choose(found: dict[str, list[Found]], lines_sum: Decimal | None) -> dict[str, Found]:
    """The triple that adds up and whose labels are surest; without one, the surest of each."""
    best: tuple[float, tuple[Found | None, ...]] | None = None
    nets: list[Found | None] = [*found["net_total"], None]
    taxes: list[Found | None] = [*found["tax_total"], None]
    grosses: list[Found | None] = [*found["gross_total"], *_as_gross(found), None]
    for net in nets:
        for tax in taxes:
            for gross in grosses:
                score = _worth(net, tax, gross, lines_sum, found)
                if best is None or score > best[0] + 1e-9:
                    best = (score, (net, tax, gross))
    assert best is not None
    net, tax, gross = best[1]
    sure = net is not None and tax is not None and gross is not None and adds_up(net, tax, gross)
    out = {}
    for name, f in (("net_total", net), ("tax_total", tax), ("gross_total", gross)):
        if f is not None:
            out[name] = f.scored(0.98 if sure else min(0.7, f.score * 0.8))
    return out


def _as_gross(found: dict[str, list[Found]]) -> list[Found]:
    """The amount due stands for the gross total where nothing else does."""
    return [f.scored(f.score - 0.35) for f in found["amount_due"]]


def adds_up(net: Found, tax: Found, gross: Found) -> bool:
    """Whether net + tax = gross within the tolerance."""
    return bool(abs(net.value + tax.value - gross.value) <= TOLERANCE)


def _worth(
    net: Found | None, tax: Found | None, gross: Found | None, lines_sum: Decimal | None, found: dict[str, list[Found]]
) -> float:
    score = sum(f.score for f in (net, tax, gross) if f is not None)
    if net and tax and gross:
        score += 1.5 if adds_up(net, tax, gross) else -0.7
        if len({(f.row.index, f.start) for f in (net, tax, gross)}) < 3:
            score -= 0.6  # one printed number cannot be two sums
    elif net and gross and (gross.value - net.value) * (1 if gross.value >= 0 else -1) < 0:
        score -= 0.8
    if tax and gross and abs(tax.value) > Decimal("0.4") * abs(gross.value):
        score -= 0.8
    if net is not None and lines_sum is not None and abs(net.value - lines_sum) <= TOLERANCE:
        score += 0.15
    for due in found["amount_due"][:3]:
        if gross is None:
            break
        if due.value == gross.value or any(
            abs(gross.value - abs(p.value) - due.value) <= TOLERANCE for p in found["prepaid_amount"][:4]
        ):
            return score + 0.25
    return score


def _fill_gaps(out: dict[str, Found], printed: list[Found]) -> None:
    """The one sum that is missing, where exactly its value is printed among the sums."""
    have = {k: out[k].value for k in ("net_total", "tax_total", "gross_total") if k in out}
    if len(have) != 2 or (rows := [out[k].row.index for k in have]) is None:
        return
    missing = next(k for k in ("net_total", "tax_total", "gross_total") if k not in have)
    if missing == "tax_total":
        want = have["gross_total"] - have["net_total"]
    elif missing == "net_total":
        want = have["gross_total"] - have["tax_total"]
    else:
        want = have["net_total"] + have["tax_total"]
    near = [
        p
        for p in printed
        if abs(p.value) == abs(want) and p.score == 1.0 and min(rows) - 12 <= p.row.index <= max(rows) + 6
        and all((p.row.index, p.start) != (f.row.index, f.start) for f in out.values())
    ]  # fmt: skip
    if near and want != 0:
        surest = near[-1]
        sign = "" if surest.value == want else "sign by the other sums"
        out[missing] = replace(surest, value=want, score=0.8, inferred=sign)


def _agreeing_pair(gross: Found | None, found: dict[str, list[Found]]) -> tuple[Found, Found] | None:
    """The first amounts due and paid that the gross total is the sum of."""
    for due in found["amount_due"]:
        for paid in found["prepaid_amount"]:
            if gross is not None and abs(gross.value - abs(paid.value) - due.value) <= TOLERANCE:
                return due, paid
    return None


def _settle(out: dict[str, Found], found: dict[str, list[Found]], printed: list[Found]) -> None:
    """What was paid before and what is due."""
    gross = out.get("gross_total")
    pair = _agreeing_pair(gross, found)
    due = pair[0] if pair else next(iter(found["amount_due"]), None)
    paid = pair[1] if pair else next((p for p in found["prepaid_amount"] if p.score > 0.5), None)
    if due is not None:
        another = gross is not None and (gross.row.index, gross.start) != (due.row.index, due.start)
        agrees = pair is not None or (gross is not None and another and gross.value == due.value)
        out["amount_due"] = due.scored(0.97 if agrees else 0.75 * due.score)
    elif gross is not None and (paid is None or paid.value == 0):
        out["amount_due"] = replace(gross, score=0.9 * gross.score, inferred="nothing was paid before, so all is due")
    if paid is None and gross is not None and due is not None and 0 < due.value < gross.value:
        rest = gross.value - due.value
        same = [p for p in printed if abs(p.value) == rest and p.score == 1.0]
        taken = {(f.row.index, f.start) for f in out.values()}
        paid = next((p.scored(0.8) for p in same if (p.row.index, p.start) not in taken), None)
    if paid is not None:
        turned = "printed as a deduction" if paid.value < 0 else paid.inferred
        score = 0.97 if pair else 0.75 * paid.score
        out["prepaid_amount"] = replace(paid, value=abs(paid.value), score=score, inferred=turned)


def rates_of_lines(amounts_of_lines: Sequence[Decimal | None], sheet: Sheet, item_rows: set[int]) -> list[Found | None]:
    """The tax rate of each line where its own row prints none: the invoice's only rate, or the rates' bases tell.

    With several rates the lines are shared out so that each rate's lines add up to a sum printed beside the rate;
    only a single way of doing so is taken.
    """
    rates = _printed_rates(sheet, item_rows)
    n = len(amounts_of_lines)
    if len(rates) == 1:
        return [replace(rates[0][0], score=0.8, inferred="the only tax rate of the invoice")] * n
    if not 2 <= len(rates) <= 4 or not 1 <= n <= 8 or any(a is None for a in amounts_of_lines):
        return [None] * n
    ways = []
    for share in product(range(len(rates)), repeat=n):
        sums = [Decimal(0)] * len(rates)
        for line, rate in enumerate(share):
            sums[rate] += amounts_of_lines[line] or Decimal(0)
        if all(any(abs(total - b) <= TOLERANCE for b in bases) for total, (_, bases) in zip(sums, rates, strict=True)):
            ways.append(share)
    if len(ways) != 1:
        return [None] * n
    why = "the rate whose basis the lines add up to"
    return [replace(rates[r][0], score=0.85, inferred=why) for r in ways[0]]


_RATE = re.compile(r"(?<![\d.,])(\d{1,2}(?:[.,]\d{1,2})?)\s?%")
_TAX_WORD = re.compile(r"\b(?:ust|mwst|tva|vat)|umsatzsteuer|mehrwertsteuer|steuer|tax|gst", re.IGNORECASE)


def _printed_rates(sheet: Sheet, item_rows: set[int]) -> list[tuple[Found, list[Decimal]]]:
    """Rates in rows about taxes outside the items, each with the amounts of its row."""
    out: dict[Decimal, tuple[Found, list[Decimal]]] = {}
    for row in sheet.rows:
        if row.index in item_rows or not _TAX_WORD.search(row.text):
            continue
        for match in _RATE.finditer(row.text):
            rate = read_decimal(match[1], style=sheet.style)
            if rate is None or rate >= 50:
                continue
            sums = [a.value for a in amounts(row, 0, len(row.text), sheet)]
            if not sums:
                continue
            entry = out.setdefault(rate.normalize(), (Found(rate, row, match.start(1), match.end(), 0.8), []))
            entry[1].extend(sums)
    return list(out.values())
