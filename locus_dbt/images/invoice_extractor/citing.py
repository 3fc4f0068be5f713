"""Where the values of an e-invoice are printed: the page reader's own place first, then any place with that value."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from locus_dbt.core.value_names import CAR_SIGNS, COUNTRY_CODES
from locus_dbt.core.values import NUMBER, country_code, currency_code, decimal_readings, fold_name, unit_code
from locus_dbt.images.invoice_extractor.header import KINDS
from locus_dbt.images.invoice_extractor.labels import find_labels, flatten
from locus_dbt.images.invoice_extractor.layout import Row, Sheet, read_sheet
from locus_dbt.images.invoice_extractor.page_reader import Reading, read_pages
from locus_dbt.images.invoice_extractor.reading import Found, dates
from locus_dbt.images.invoice_extractor.xml_values import Cited
from locus_dbt.model.element import Parsed
from locus_dbt.model.locus import Locus

if TYPE_CHECKING:
    from locus_dbt.images.invoice_extractor.einvoice import Stated

_STRETCH = 7
#: An XML line is looked for among the printed lines this far before and after its own place.
_AROUND = 20
#: Texts that are looked for in the whole document; lines beyond are cited by their place in the XML alone.
_SEARCHES = 400
#: Codes for "piece" that are printed with the same words.
_PIECES = frozenset({"C62", "H87", "EA", "XPP"})
_SURE, _UNPRINTED = 0.99, 0.97


def cite_all(
    fields: Mapping[str, Stated], lines: Sequence[Mapping[str, Stated]], parsed: Parsed | None, name: str
) -> Reading:
    """Every value of the XML with its printed box, or with its place in the XML alone."""
    sheet = read_sheet(parsed) if parsed is not None else None
    printed = read_pages(sheet) if sheet is not None and sheet.rows else None
    finder = Finder(sheet) if sheet is not None else None
    out = {}
    for field, stated in fields.items():
        guess = _found(printed.fields.get(field)) if printed else None
        rows = finder.rows_for(field, printed) if finder else []
        found = finder.find(field, stated.value, guess, rows) if finder else None
        out[field] = _cited(stated, found, name)
    items = []
    stretches = finder.stretches(lines, printed) if finder else [([], {})] * len(lines)
    for line, (rows, guesses) in zip(lines, stretches, strict=True):
        item = {}
        for field, stated in line.items():
            guess = guesses.get(field)
            found = finder.find(field, stated.value, guess, rows) if finder else None
            item[field] = _cited(stated, found, name)
        items.append(item)
    return Reading(out, items)


def _found(found: Found | Cited | None) -> Found | None:
    """The page reader's finding; what comes from XML is none."""
    return found if isinstance(found, Found) else None


def _cited(stated: Stated, found: Found | None, name: str) -> Cited:
    place = f"attachment {name} {stated.path}" if name else stated.path
    if found is None:
        return Cited(stated.value, stated.text, Locus(place=place), _UNPRINTED, stated.inferred)
    at = found.locus
    return Cited(
        stated.value, found.text, Locus(at.page, at.box, place), _SURE, stated.inferred or _differs(stated, found)
    )


def _differs(stated: Stated, found: Found) -> str:
    """How the XML's value is more than another spelling of what is printed; empty where it is not."""
    value, text = stated.value, found.text
    if isinstance(value, Decimal):
        other_sign = -value in decimal_readings(text) and value not in decimal_readings(text)
        return "stated in the XML with the other sign" if other_sign else ""
    if value in _PIECES and unit_code(text) in _PIECES and unit_code(text) != value:
        return f"the XML states {value} for the printed unit"
    if value in COUNTRY_CODES and CAR_SIGNS.get(text) == value:
        return "country of the letters before the postcode"
    return ""


class Finder:
    """Looks values up in the rows of a document."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self._searches = 0
        self._flat: dict[int, tuple[str, list[int]]] = {}
        self._labels = {row.index: {h.field for h in find_labels(row)} for row in sheet.rows}

    def rows_for(self, field: str, printed: Reading | None) -> Sequence[Row]:
        """Where a field may be printed: a country only beside its party's town, all else anywhere."""
        if not field.endswith("_country"):
            return self.sheet.rows
        town = printed.fields.get(f"{field.split('_', maxsplit=1)[0]}_city") if printed else None
        if not isinstance(town, Found):
            return []
        at = town.row.index
        return [r for r in self.sheet.rows[max(0, at - 1) : at + 3] if r.page == town.row.page]

    def find(  # noqa: PLR0911 - a reason a return
        self,
        field: str,
        value: Any,  # noqa: ANN401 - str, Decimal or date
        guess: Found | None,
        rows: Sequence[Row],
    ) -> Found | None:
        """The best printed place of a value within ``rows``."""
        if guess is not None and field.endswith("_country") and "VAT" in guess.inferred:
            guess = None  # letters of a VAT number are not a printed country
        if guess is not None and _same(guess.value, value):
            return guess
        if guess is not None and field == "unit_code" and {guess.value, value} <= _PIECES:
            return guess
        hits = list(self._search(field, value, rows))
        if field == "unit_code" and not hits:
            return None
        if not hits:
            return None
        labelled = [h for h in hits if field in self._labels[h.row.index]]
        if isinstance(value, Decimal) and value == 0 and not labelled and len(rows) == len(self.sheet.rows):
            return None  # a nought stands everywhere
        if guess is not None:
            return min(labelled or hits, key=lambda h: (abs(h.row.index - guess.row.index), h.start))
        return (labelled or hits)[0] if not isinstance(value, Decimal) else (labelled or hits)[-1]

    def _search(self, field: str, value: Any, rows: Sequence[Row]) -> Iterator[Found]:  # noqa: ANN401
        if isinstance(value, Decimal):
            yield from _numbers(value, rows)
        elif isinstance(value, date):
            for row in rows:
                for found, _ in dates(row, 0, len(row.text), self.sheet):
                    if found.value == value:
                        yield found
        elif field.endswith("_country"):
            yield from _words(rows, lambda w: country_code(w) == value or w == value, whole=True)
        elif field == "currency":
            yield from _words(rows, lambda w: currency_code(w) == value)
        elif field == "unit_code":
            pieces = _PIECES if value in _PIECES else frozenset({value})
            yield from _words(rows, lambda w: unit_code(w) in pieces or w == value)
        elif field == "type_code":
            yield from _kinds(str(value), rows)
        else:
            yield from self._texts(str(value), rows)

    def _texts(self, value: str, rows: Sequence[Row]) -> Iterator[Found]:
        wanted = fold_name(value)
        if not wanted:
            return
        if len(rows) > 4 * _STRETCH:
            self._searches += 1
            if self._searches > _SEARCHES:
                return
        exact = [f for row in rows if (f := self._in_row(row, wanted, value)) is not None]
        yield from exact
        if not exact and len(wanted) > 6:
            for row in rows:
                found = self._over_rows(row, wanted, value)
                if found is not None:
                    yield found
                    return

    def _in_row(self, row: Row, wanted: str, value: str) -> Found | None:
        """A folded text in a row, not as part of a longer short word."""
        if row.index not in self._flat:
            self._flat[row.index] = flatten(row.text)
        text, where = self._flat[row.index]
        at = text.find(wanted)
        while at >= 0:
            a, b = where[at], where[at + len(wanted) - 1] + 1
            free = (a == 0 or not row.text[a - 1].isalnum()) and (b == len(row.text) or not row.text[b].isalnum())
            if free or len(wanted) > 5:
                return Found(value, row, a, b, 1.0)
            at = text.find(wanted, at + 1)
        return None

    def _over_rows(self, row: Row, wanted: str, value: str) -> Found | None:
        """A text set in a narrow column over several rows."""
        for start, stop, box in row.cell_boxes():
            have = fold_name(row.text[start:stop])
            if len(have) < 2 or not wanted.startswith(have):
                continue
            more: list[tuple[Row, int, int]] = []
            for other in self.sheet.below(row):
                if have == wanted or other.y0 - row.y1 > 14 * row.size:
                    break
                for a, b, o in other.cell_boxes():
                    part = fold_name(other.text[a:b])
                    if part and abs(o.x0 - box.x0) < 8 and wanted.startswith(have + part):
                        have += part
                        more.append((other, a, b))
            if have == wanted:
                return Found(value, row, start, stop, 1.0, more=tuple(more))
        return None

    def stretches(
        self, lines: Sequence[Mapping[str, Stated]], printed: Reading | None
    ) -> list[tuple[Sequence[Row], dict[str, Found]]]:
        """For each line of the XML the printed rows it stands in, and the page reader's line if it is the same one."""
        own = [p for p in printed.lines if all(isinstance(f, Found) for f in p.values())] if printed else []
        out: list[tuple[Sequence[Row], dict[str, Found]]] = []
        for i, line in enumerate(lines):
            match = own[i] if len(own) == len(lines) and _alike(own[i], line) else None
            near = own[max(0, i - _AROUND) : i + _AROUND]
            match = match or next((p for p in near if _alike(p, line)), None)
            if match is not None:
                guesses = {k: f for k, f in match.items() if isinstance(f, Found)}
                first = min(f.row.index for f in guesses.values())
            else:
                name = str(line["description"].value) if "description" in line else ""
                found = next(iter(self._texts(name, self.sheet.rows)), None) if len(name) > 3 else None
                if found is None:
                    out.append(([], {}))
                    continue
                first, guesses = found.row.index, {"description": replace(found, value=name)}
            out.append((self._until_next(first, own), guesses))
        return out

    def _until_next(self, first: int, own: Sequence[Mapping[str, Any]]) -> Sequence[Row]:
        starts = sorted(min(f.row.index for f in p.values()) for p in own)
        end = next((s for s in starts if s > first), first + _STRETCH)
        return [
            r for r in self.sheet.rows[first : min(end, first + 2 * _STRETCH)] if r.page == self.sheet.rows[first].page
        ]


def _alike(printed: Mapping[str, Any], stated: Mapping[str, Stated]) -> bool:
    """Whether a printed line and one of the XML agree in most of what tells lines apart."""
    keys = [
        k for k in ("description", "quantity", "unit_price", "net_amount", "item_id") if k in printed and k in stated
    ]
    same = [k for k in keys if _same(printed[k].value, stated[k].value)]
    return len(same) >= 2 and len(same) * 2 >= len(keys)


def _same(printed: Any, stated: Any) -> bool:  # noqa: ANN401 - str, Decimal or date
    if isinstance(printed, Decimal) and isinstance(stated, Decimal):
        return abs(abs(printed) - abs(stated)) <= Decimal("0.005")
    if isinstance(printed, str) and isinstance(stated, str):
        return bool(fold_name(printed)) and fold_name(printed) == fold_name(stated)
    return bool(printed == stated)


_STANDING = re.compile(rf"(?<![\w.,/-])[-−–]?(?:{NUMBER.pattern})-?(?![\w/]|[.,:]\d)")


def _numbers(value: Decimal, rows: Sequence[Row]) -> Iterator[Found]:
    wanted = abs(value)
    for row in rows:
        for match in _STANDING.finditer(row.text):
            for text in {match[0], *re.split(r"[ \u00a0]", match[0])}:
                if any(abs(abs(r) - wanted) <= Decimal("0.005") for r in decimal_readings(text)):
                    at = match.start() + match[0].index(text)
                    yield Found(value, row, at, at + len(text), 1.0)
                    break


def _words(rows: Sequence[Row], fits: Callable[[str], bool], *, whole: bool = False) -> Iterator[Found]:
    """Words that fit a predicate; unless only ``whole`` ones are asked for, also the letters beside a number."""
    for row in rows:
        for match in re.finditer(r"[^\s,;:|•·]+", row.text):
            glued = re.match(r"([€$£]|[^\W\d_]+\(?s?\)?)(?=\d|$)|(?<=\d)[^\W\d_]+", match[0])
            word = match[0].strip("()")
            if fits(match[0]):
                yield Found(word, row, match.start(), match.end(), 1.0)
            elif word and fits(word):
                start = match.start() + match[0].index(word)
                yield Found(word, row, start, start + len(word), 1.0)
            elif whole:
                continue
            elif glued and fits(glued[0]):
                yield Found(glued[0], row, match.start() + glued.start(), match.start() + glued.end(), 1.0)
            elif (tail := re.search(r"(?<=\d)([€$£]|[^\W\d_][^\s\d]*)$", match[0])) and fits(tail[0]):
                yield Found(tail[0], row, match.start() + tail.start(), match.end(), 1.0)


def _kinds(code: str, rows: Sequence[Row]) -> Iterator[Found]:
    pattern = next((p for c, p in KINDS if c == code), None)
    for row in rows:
        explicit = re.search(rf"\(({re.escape(code)})\)", row.text)
        if explicit:
            yield Found(code, row, explicit.start(1), explicit.end(1), 1.0)
        elif pattern is not None and (match := pattern.search(row.text)):
            word = re.search(r"(?:rechnung|invoice|facture|gutschrift|avoir)\w*$", match[0], re.IGNORECASE)
            start = match.start() + (word.start() if word else 0)
            yield Found(code, row, start, match.end(), 1.0)
