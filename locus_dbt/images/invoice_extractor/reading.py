"""Typed values beside or below a label: what is taken, where it stands, how sure it is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from locus_dbt.core.values import NUMBER, currency_code, read_date, read_decimal
from locus_dbt.images.invoice_extractor.labels import Hit
from locus_dbt.images.invoice_extractor.layout import Row, Sheet
from locus_dbt.model.locus import Locus


@dataclass(frozen=True)
class Found:
    """A value with the text it was read from (``row.text[start:stop]``) and a score between 0 and 1.

    ``inferred`` says why, when the value is not what is printed there but follows from it.
    """

    value: Any
    row: Row
    start: int
    stop: int
    score: float
    inferred: str = ""
    more: tuple[tuple[Row, int, int], ...] = ()

    @property
    def text(self) -> str:
        """The value as printed."""
        parts = [self.row.text[self.start : self.stop], *(r.text[a:b] for r, a, b in self.more)]
        return " ".join(" ".join(parts).split())

    @property
    def locus(self) -> Locus:
        """Page and the box around all parts on the page of the first."""
        at = self.row.locus(self.start, self.stop)
        box = at.box
        assert box is not None
        for row, start, stop in self.more:
            if row.page == self.row.page:
                box = box.union(row.box(start, stop))
        return Locus(at.page, box)

    def scored(self, score: float) -> Found:
        """The same finding with another score."""
        return replace(self, score=max(0.0, min(1.0, score)))


# ---------------------------------------------------------------- amounts
_MONEY = r"(?:[A-Z]{3}\b|[€$£₹¥]|SFr\.?|Fr\.)"
_AMOUNT = re.compile(
    rf"(?<![\w.,/:#-])(?P<all>(?:{_MONEY}[ ]?)?(?P<sign>[-−–][ ]?)?(?:{_MONEY}[ ]?)?"
    rf"(?P<number>{NUMBER.pattern})(?:[.,][-–]{{1,2}})?(?P<post>-(?!\d))?(?:[ \t]?{_MONEY})?)"
    rf"(?![\w/]|[.:,-]\d)(?P<percent>\s?%)?"
)


def amounts(row: Row, start: int, stop: int, sheet: Sheet) -> Iterator[Found]:
    """Sums of money in ``row.text[start:stop]``, left to right; percentages, dates and codes are not sums."""
    for match in _AMOUNT.finditer(row.text[:stop], start):
        if match["percent"]:
            continue
        a, b = _trim_money(match)
        text = row.text[a:b]
        value = read_decimal(text.replace("\t", " "), style=sheet.style)
        if value is None:
            value = read_decimal(match["number"], style=sheet.style)
            a, b = match.span("number")
        if value is None or abs(value) >= Decimal(10) ** 13:
            continue
        cents = bool(re.search(r"[.,]\d{2}$", match["number"]))
        found = Found(value, row, a, b, 1.0 if cents else 0.6)
        yield found if cents or money_code(row, found) else found.scored(0.4)


def _trim_money(match: re.Match[str]) -> tuple[int, int]:
    """The amount with its sign; a currency beside it stays outside, so that the box is tight."""
    a, b = match.span("number")
    if match["sign"]:
        a = match.start("sign")
    if match["post"]:
        b = match.end("post")
    return a, b


def money_code(row: Row, found: Found) -> str | None:
    """The currency printed directly before or after an amount."""
    inside = re.search(r"[€$£₹¥]", row.text[found.start : found.stop])
    if inside:
        return currency_code(inside[0])
    before = re.search(r"([A-Z]{3}|[€$£₹¥])\s?[-−–]?\s?$", row.text[: found.start])
    after = re.match(r"\s?([A-Z]{3}\b|[€$£₹¥])", row.text[found.stop :])
    for match in (after, before):
        if match and (code := currency_code(match[1])):
            return code
    return None


# ---------------------------------------------------------------- dates
DATE = re.compile(
    r"(?<![\d.,/])(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[ ]?[./-][ ]?\d{1,2}[ ]?[./-][ ]?(?:\d{4}|\d{2})"
    r"|\d{1,2}(?:st|nd|rd|th|er|\.)?[ -]?(?:de[ ]|of[ ])?[^\W\d_]{3,9}[.,]?[ -]?\d{4}"
    r"|[^\W\d_]{3,9}\.?[ ]\d{1,2}(?:st|nd|rd|th)?,?[ ]\d{4})(?![\d/]|[.-]\d)"
)
_RANGE = re.compile(r"^\s*(?:-|–|bis|to|au|until|through|und|and|et)\s*(?:zum\s+)?\d")


def dates(row: Row, start: int, stop: int, sheet: Sheet) -> Iterator[tuple[Found, bool]]:
    """Dates in ``row.text[start:stop]``, each with whether it begins a period (``01.10. - 31.10.``)."""
    for match in DATE.finditer(row.text[:stop], start):
        value = read_date(match[0], order=sheet.order)
        if value is not None and date(1990, 1, 1) <= value <= date(2100, 1, 1):
            yield Found(value, row, match.start(), match.end(), 1.0), bool(_RANGE.match(row.text[match.end() :]))


# ---------------------------------------------------------------- identifiers
_ID_HEAD = re.compile(r"[ \t:.#=–-]*(?:(?:nr|no|num|number|nummer|numéro|n°|nº|№|id)\b[.:°]?[ \t:.#]*)?", re.IGNORECASE)
_ID_WORD = re.compile(r"[A-Za-zÄÖÜäöüß0-9][\w./&+\-–_]*")

_ID_MORE = re.compile(r" (?:[-/–] )?([A-Z0-9][A-Z0-9./\-_]*)(?=[\s,;)]|$)")


def identifier(row: Row, start: int, stop: int) -> Found | None:
    """The identifier that begins at ``start``: at least one digit; parts parted by blanks are joined.

    A date, an amount with a currency, or a lone word is not an identifier.
    """
    head = _ID_HEAD.match(row.text[:stop], start)
    at = head.end() if head else start
    first = _ID_WORD.match(row.text[:stop], at)
    if first is None or DATE.match(row.text[:stop], at):
        return None
    a, b = first.start(), first.end()
    while b < stop and row.text[b] == " ":
        more = _ID_MORE.match(row.text[:stop], b)
        if more is None or not any(c.isdigit() for c in more[0]) or DATE.match(row.text[:stop], more.start(1)):
            break
        b = more.end()
    b = a + len(row.text[a:b].rstrip(".,;:-–/"))
    text = row.text[a:b]
    if not any(c.isdigit() for c in text) or len(text) > 60 or text.count("@"):
        return None
    return Found(text, row, a, b, 1.0)


# ---------------------------------------------------------------- where a label's value stands
def right_of(hit: Hit, hits: list[Hit]) -> tuple[int, int]:
    """The stretch of the row after a label, up to the next label that opens a cell."""
    stop = len(hit.row.text)
    for other in hits:
        if other.start >= hit.stop and other.opens_cell and other.field != hit.field and not other.weak:
            stop = min(stop, other.start)
    return hit.stop, stop


def below_of(hit: Hit, sheet: Sheet, *, rows: int = 2) -> Iterator[tuple[Row, int, int]]:
    """Cells under a label, nearest row first, at most ``rows`` of them, not farther than three line heights each."""
    label = hit.row.box(hit.start, hit.stop)
    bottom, seen = hit.row.y1, 0
    for row in sheet.below(hit.row):
        if row.y0 - bottom > 2.2 * max(row.size, hit.row.size):
            return
        for start, stop, box in row.cell_boxes():
            if box.x0 <= label.x1 + 4 and box.x1 >= label.x0 - 4:
                yield row, start, stop
                seen += 1
                bottom = row.y1
        if seen >= rows:
            return
