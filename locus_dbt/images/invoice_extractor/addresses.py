"""Address blocks: the lines under a heading or around a line with postcode and town, and what they say."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from locus_dbt.core import value_names, values
from locus_dbt.images.invoice_extractor.labels import Hit
from locus_dbt.images.invoice_extractor.layout import Row, Sheet
from locus_dbt.images.invoice_extractor.reading import Found
from locus_dbt.model.locus import Box

_UK = r"[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}"
_CODE = rf"{_UK}|\d{{4}} ?[A-Z]{{2}}(?= [A-Z])|\d{{2}}-\d{{3}}|\d{{4}}-\d{{3}}|\d{{3}} \d{{2}}(?= )|\d{{5}}|\d{{4}}"
_CITY = r"[A-ZÀ-ÝŠŽ][^\W\d_]?[^\d,;|•·●\t]{0,40}"
_TOWN = re.compile(
    rf"(?P<cc>(?<![A-Za-z])[A-Z]{{1,2}}(?=[ -]*\d|[ -]+[A-Z]{{1,2}}\d))?[ -]{{0,3}}"
    rf"(?<![\w.,/])(?:(?<=[A-Z])|(?<![A-Za-z\d]))"
    rf"(?P<code>{_CODE})[ ,]{{0,2}}(?P<city>{_CITY})"
)
_TOWN_FIRST = re.compile(rf"^(?P<city>{_CITY}),?\s+(?:(?P<state>[A-Z]{{2}})\s+)?(?P<code>{_UK}|\d{{5}}(?:-\d{{4}})?)$")
_SEPARATOR = re.compile(r"\s*[•·●|∙⋅*]\s*|\s+[-–—]\s+|,\s+(?![A-Z]{2}\s\d{5})|\s{2,}")
LEGAL_FORM = re.compile(
    r"(?<!\w)(?:gmbh|mbh|ag|kg|kgaa|ohg|gbr|ug|e\.\s?k\.?|e\.\s?v\.?|eg|se|a\.\s?g\.?|ltd\.?|limited|llc|inc\.?|corp\.?|plc|llp|co\.?"
    r"|s\.?a\.?r\.?l\.?|sarl|sas|sasu|eurl|s\.?a\.?|snc|sci|b\.?v\.?|n\.?v\.?|s\.?r\.?l\.?|s\.?p\.?a\.?|s\.?l\.?|oy|ab|a/s|aps|sp\.\s?z\s?o\.\s?o\.?|gesmbh|ges\.m\.b\.h\.?)(?!\w)",
    re.IGNORECASE,
)  # fmt: skip
_FRENCH_FORM = re.compile(r",?\s+(?:S\.?A\.?R\.?L\.?|S\.?A\.?S\.?U?\.?|E\.?U\.?R\.?L\.?|S\.?A\.?|SNC|SCI|SCOP)$")
_HONORIFIC = re.compile(
    r"(?:herrn?|frau|firma|fa\.|familie|mr\.?|mrs\.?|ms\.?|m\.|mme|mlle|monsieur|madame|messrs\.?|eheleute)",
    re.IGNORECASE,
)
_STREET = re.compile(
    r"^\d+[a-z]?,?\s|\s\d+\s?[a-z]?(?:\s?[-/]\s?\d+\s?[a-z]?)?$|stra(?:ß|ss)e\b|str\.|\b(?:rue|avenue|boulevard|chemin|all[ée]e|street"
    r"|road|lane|avenue|p\.?o\.? ?box|postfach|bp \d|suite|unit \d|floor)\b",
    re.IGNORECASE,
)
#: After a number these make a street of it, not a town.
_STREET_WORD = re.compile(
    r"\b(?:dr|rd|road|drive|street|ave|avenue|blvd|boulevard|lane|ln|loop|ct|pkwy|parkway|hwy|highway|suite|floor"
    r"|quay|crescent|terrace|yard|rue|chemin|quai|route|all[ée]e|(?:[ns][ew]|st|way|place|pl)\.?\s?#?$)",
    re.IGNORECASE,
)
_CODE_ALONE = re.compile(rf"(?:{_UK}|\d{{5}})")
_CONTACT = re.compile(
    r"@|https?:|www\.|^\W*(?:tel|fon|fax|phone|mobil|t[ée]l|telefon|telefax|e-?mail|✉|☎)|\+\d{2}[\s\d(]", re.IGNORECASE
)
_HEADINGS = ("seller", "buyer", "other_party", "section")
#: Fields of labels that may stand inside an address block in front of their value.
_KEYS = ("name", "address")
_DETAILS = ("party_detail", "vat", "buyer_vat", "seller_tax_id", "iban", "-", "buyer_reference")


@dataclass(frozen=True)
class Line:
    """One line of a block, without its label; ``key`` is the label's field, empty where there is none."""

    row: Row
    start: int
    stop: int
    key: str = ""

    @property
    def text(self) -> str:
        """The line as printed."""
        return self.row.text[self.start : self.stop]


@dataclass
class Party:
    """What an address block says; every part with where it stands."""

    parts: dict[str, Found] = field(default_factory=dict)
    rows: set[int] = field(default_factory=set)
    box: Box | None = None
    contact: bool = False
    score: float = 0.0

    def text(self, part: str) -> str:
        """A part as text, empty when it is not there."""
        return str(self.parts[part].value) if part in self.parts else ""


def town(text: str) -> re.Match[str] | None:
    """Postcode and town in a line of text, with the country's letters before it if printed."""
    best: re.Match[str] | None = None
    for match in _TOWN.finditer(text):
        if len(match["code"]) == 4 and text[: match.start("code")].strip(" -ABCDEFGHIJKLMNOPQRSTUVWXYZ"):
            continue  # four digits after other words are a house number or a year
        if not match["cc"] and _STREET_WORD.search(match["city"]):
            continue
        best = match
    return best or _TOWN_FIRST.match(text)


# ---------------------------------------------------------------- finding the lines
def block_under(hit: Hit, by_row: dict[int, list[Hit]], sheet: Sheet, stops: set[int]) -> list[Line]:
    """The lines under a heading, in its column, down to the next heading or a gap."""
    head = hit.row
    cell = next(((a, b) for a, b in head.cells if a <= hit.start < b), (hit.start, hit.stop))
    x0 = head.box(hit.start, hit.stop).x0
    right = min((head.box(a, b).x0 for a, b in head.cells if a > cell[0]), default=1e9)
    lines: list[Line] = []
    rest = re.match(r"[\s:/]*", head.text[hit.stop : cell[1]])
    after = hit.stop + (rest.end() if rest else 0)
    if after < cell[1]:
        lines += [Line(head, a, b) for a, b in _address_parts(head, after, cell[1])]
    value_x: float | None = None
    bottom = head.y1
    for row in sheet.below(head):
        if row.y0 - bottom > 2.6 * max(row.size, 6) or row.index in stops or len(lines) > 16:
            break
        line = _line_at(row, x0, value_x, right, by_row)
        if line is None:
            continue
        if line == "stop":
            break
        assert isinstance(line, tuple)
        found, found_x = line
        lines.append(found)
        if found_x is not None:
            value_x = found_x
        bottom = row.y1
    return lines


def _address_parts(row: Row, start: int, stop: int) -> list[tuple[int, int]]:
    """A whole address on one line as its parts; any other line as it is."""
    parts = split_parts(row, start, stop)
    whole = len(parts) > 1 and any(is_town_line(row.text[a:b]) for a, b in parts[1:])
    return parts if whole else [(start, stop)]


def split_parts(row: Row, start: int, stop: int) -> list[tuple[int, int]]:
    """The pieces between commas, dots and dashes."""
    parts: list[tuple[int, int]] = []
    at = start
    for match in _SEPARATOR.finditer(row.text[:stop], start):
        parts.append((at, match.start()))
        at = match.end()
    return [(a, b) for a, b in [*parts, (at, stop)] if b > a]


def _line_at(  # noqa: PLR0911 - a kind of cell a return
    row: Row, x0: float, value_x: float | None, right: float, by_row: dict[int, list[Hit]]
) -> tuple[Line, float | None] | str | None:
    cells = list(row.cell_boxes())
    for i, (start, stop, box) in enumerate(cells):
        if box.x0 >= right - 3:
            return None
        if abs(box.x0 - x0) <= 8:
            keys = [h for h in by_row[row.index] if h.start == start]
            detail = i + 1 < len(cells) and cells[i + 1][2].x0 < right and any(h.field in _DETAILS for h in keys)
            if not detail and any(h.field in _HEADINGS and _alone(h, stop) for h in keys):
                return "stop"
            key = next((h for h in keys if h.field in _KEYS or h.field in _DETAILS), None)
            if key is None:
                return Line(row, start, stop), None
            after = key.stop + len(key.row.text[key.stop : stop]) - len(key.row.text[key.stop : stop].lstrip(" :.#"))
            if key.field in _KEYS and after < stop and ":" not in row.text[key.stop : after]:
                return Line(row, start, stop), None  # a company may be called so
            if after < stop:
                return Line(row, after, stop, key.field), None
            if i + 1 < len(cells) and cells[i + 1][2].x0 < right:
                a, b, value_box = cells[i + 1]
                return Line(row, a, b, key.field), value_box.x0
            return Line(row, stop, stop, key.field), None
        if value_x is not None and abs(box.x0 - value_x) <= 4:
            return Line(row, start, stop, "address"), None
    return None


def _alone(hit: Hit, stop: int) -> bool:
    """Whether a label is its whole cell (a heading), or is closed by a colon."""
    rest = hit.row.text[hit.stop : stop].strip()
    return rest in ("", ":", ".") or rest.startswith(":")


def blocks_by_town(sheet: Sheet, by_row: dict[int, list[Hit]], taken: set[tuple[int, int]]) -> Iterator[list[Line]]:
    """Left-aligned blocks that hold a line with postcode and town: three to seven lines on the first page."""
    for row in sheet.rows:
        if row.page != 1:
            break
        for start, stop, box in row.cell_boxes():
            text = row.text[start:stop]
            if (row.index, start) in taken or not (is_town_line(text) or re.fullmatch(_UK, text)):
                continue
            yield [*_head(row, box, sheet, by_row), Line(row, start, stop), *_tail(row, box, sheet, by_row)]


def _head(row: Row, box: Box, sheet: Sheet, by_row: dict[int, list[Hit]]) -> list[Line]:
    """The lines over the town: up to a gap, a label, or a name in the type of a letterhead."""
    lines: list[Line] = []
    top = row
    for other in sheet.above(row):
        if top.y0 - other.y1 > 1.9 * max(other.size, row.size) or len(lines) > 5:
            break
        found = next(((a, b) for a, b, o in other.cell_boxes() if _aligned(o, box)), None)
        if found is None:
            continue
        text = other.text[slice(*found)]
        labelled = any(h.start == found[0] and not h.weak for h in by_row[other.index])
        if labelled or (_SEPARATOR.search(text) and town(text)):
            break
        lines.insert(0, Line(other, *found))
        top = other
        if other.tokens_in(*found)[0].size > 1.4 * row.size:
            break
    return lines


def is_street(text: str) -> bool:
    """Whether a line reads like a street and house number."""
    return _STREET.search(text.strip()) is not None


def _aligned(a: Box, b: Box) -> bool:
    """Left, right or centred on one another."""
    return min(abs(a.x0 - b.x0), abs(a.x1 - b.x1), abs(a.x0 + a.x1 - b.x0 - b.x1) / 2) <= 3


def is_town_line(text: str) -> bool:
    """Whether a line is postcode and town and little else."""
    match = town(text)
    return match is not None and match.start() <= 1 and len(text) - match.end() <= 25


def _tail(row: Row, box: Box, sheet: Sheet, by_row: dict[int, list[Hit]]) -> list[Line]:
    """A country and contact lines right under the town."""
    out: list[Line] = []
    bottom = row.y1
    for other in sheet.below(row):
        if other.y0 - bottom > 1.6 * row.size or len(out) > 5:
            break
        for a, b, o in other.cell_boxes():
            if abs(o.x0 - box.x0) > 3:
                continue
            text = other.text[a:b]
            key = next((h.field for h in by_row[other.index] if h.start == a and h.field in _DETAILS), "")
            if values.country_code(text) or _CONTACT.search(text) or key:
                out.append(Line(other, a, b, key))
                bottom = other.y1
    return out


def sender_lines(sheet: Sheet) -> Iterator[tuple[Row, int, int, list[tuple[int, int]]]]:
    """One-line addresses (``Name · Street · 12345 Town``), with the ranges of their parts."""
    for row in sheet.rows:
        if row.page != 1:
            break
        for start, stop in row.cells:
            text = row.text[start:stop]
            if len(text) > 160 or _TOWN_FIRST.match(text):
                continue
            parts = split_parts(row, start, stop)
            towns = [i for i, (a, b) in enumerate(parts) if is_town_line(row.text[a:b])]
            if towns and 1 <= towns[0] <= 4 and not _CONTACT.search(row.text[slice(*parts[0])]):
                yield row, start, stop, parts


# ---------------------------------------------------------------- reading the lines
def read_block(lines: Sequence[Line], score: float) -> Party:
    """Name, postcode, town, country and tax numbers of a block's lines."""
    party = Party(score=score)
    for line in lines:
        party.rows.add(line.row.index)
        if line.stop > line.start:
            box = line.row.box(line.start, line.stop)
            party.box = box if party.box is None else party.box.union(box)
    lines = [replace(x, key="vat") if not x.key and values.read_vat_id(x.text) else x for x in lines]
    plain = [x for x in lines if x.key not in _DETAILS and x.stop > x.start and x.text.strip(" :.-")]
    party.contact = any(_CONTACT.search(x.text) or x.key in ("vat", "seller_tax_id", "party_detail") for x in lines)
    at = _put_town(party, plain, score)
    for line in plain[at + 1 :] if at is not None else plain[1:]:
        if code := values.country_code(line.text):
            party.parts["country"] = Found(code, line.row, line.start, line.stop, score)
            break
    _put_name(party, plain[:at] if at is not None else plain[:2], score)
    _put_numbers(party, lines, score)
    return party


def _put_town(party: Party, plain: Sequence[Line], score: float) -> int | None:
    for i in reversed(range(len(plain))):
        line = plain[i]
        before = plain[i - 1] if i else None
        if before is not None and _CODE_ALONE.fullmatch(line.text) and not re.search(r"\d", before.text):
            party.parts["postcode"] = Found(line.text, line.row, line.start, line.stop, score)
            party.parts["city"] = Found(before.text.strip(" ,"), before.row, before.start, before.stop, score)
            return i - 1
        match = town(line.text)
        if match is None or (i == 0 and len(plain) > 1 and match.start() > 1):
            continue
        put_town(party, line.row, line.start, match, score)
        return i
    return None


def put_town(party: Party, row: Row, at: int, match: re.Match[str], score: float) -> None:
    """Record postcode, town and country letters of a match that begins at ``row.text[at]``."""
    city = re.split(r"\s+[-–—]\s+|\s{2,}", match["city"])[0].rstrip(" .,-")
    bracket = re.search(r"\s\(([^)]*)\)?$", city)
    if bracket and (values.country_code(bracket[1]) or not city.endswith(")")):
        city = city[: bracket.start()]
    start = at + match.start("city")
    party.parts["postcode"] = Found(match["code"], row, at + match.start("code"), at + match.end("code"), score)
    party.parts["city"] = Found(city, row, start, start + len(city), score)
    letters = match.groupdict().get("cc")
    if letters and (letters in value_names.COUNTRY_CODES or letters in value_names.CAR_SIGNS):
        code = value_names.CAR_SIGNS.get(letters, letters)
        why = "country of the letters before the postcode" if code != letters else ""
        party.parts["country"] = Found(code, row, at + match.start("cc"), at + match.end("cc"), score, inferred=why)


def _put_name(party: Party, lines: Sequence[Line], score: float) -> None:
    labelled = next((x for x in lines if x.key == "name"), None)
    candidates = [x for x in lines if x.key != "address" and _may_be_name(x.text)]
    if len(candidates) > 1 and is_street(candidates[0].text) and not LEGAL_FORM.search(candidates[0].text):
        candidates = candidates[1:]
    first = labelled or (candidates[0] if candidates else None)
    if first is None:
        return
    more: list[tuple[Row, int, int]] = []
    at = candidates.index(first) if first in candidates else None
    follow = candidates[at + 1] if at is not None and at + 1 < len(candidates) else None
    if labelled is None and follow is not None:
        form_follows = LEGAL_FORM.search(follow.text) and not LEGAL_FORM.search(first.text)
        if _HONORIFIC.fullmatch(first.text.strip()) or (form_follows and not re.search(r"\d", follow.text)):
            more.append((follow.row, follow.start, follow.stop))
    lead = re.match(r"[^\W\d_][\w .]{1,18}:\s+(?=\S)", first.text)
    start = first.start + (lead.end() if lead else 0)
    stop = first.start + len(first.text.rstrip(" ,;"))
    found = Found("", first.row, start, stop, score, more=tuple(more))
    party.parts["name"] = Found(found.text, first.row, start, stop, score, more=tuple(more))


def _may_be_name(text: str) -> bool:
    bare = text.strip()
    letters = sum(c.isalpha() for c in bare)
    return (
        letters >= 2
        and letters >= 0.4 * len(bare)
        and not bare.endswith(":")
        and not _CONTACT.search(bare)
        and not town(bare)
    )


def _put_numbers(party: Party, lines: Sequence[Line], score: float) -> None:
    for line in lines:
        if line.key in ("vat", "buyer_vat") and (vat := vat_at(line.row, line.start, line.stop)):
            party.parts.setdefault("vat_id", vat.scored(score * vat.score))
        if line.key == "seller_tax_id":
            tax = tax_number(line.row, line.start, line.stop)
            if tax is not None:
                party.parts.setdefault("tax_id", tax.scored(score))


def vat_at(row: Row, start: int, stop: int) -> Found | None:
    """A VAT identifier at the beginning of a stretch; the form of no country makes it less sure."""
    match = re.compile(r"[\s:.#°]*((?:[A-Z]{2,3})[ -]?[0-9A-Z][0-9A-Z .\-]{3,20})").match(row.text[:stop], start)
    if match is None:
        return None
    text = match[1]
    for end in range(len(text), 6, -1):
        if (end == len(text) or not text[end].isalnum()) and (vat := values.read_vat_id(text[:end])):
            a = match.start(1)
            printed = text[:end].rstrip(" .-")
            value = re.sub(r"\s", "", printed) if vat.startswith("CHE") else vat
            return Found(value, row, a, a + len(printed), 1.0)
    loose = re.match(r"[A-Z]{2}[0-9A-Z]{6,13}(?![0-9A-Za-z])", text)
    if loose and sum(c.isdigit() for c in loose[0]) >= 6:
        return Found(loose[0], row, match.start(1), match.start(1) + loose.end(), 0.75)
    return None


def tax_number(row: Row, start: int, stop: int) -> Found | None:
    """A local tax number: digits with strokes, blanks or dots."""
    match = re.compile(r"(?:\s*\([^)\t]{0,20}\))?[\s:.#°]*(\d[\d/ .\-]{5,20}\d)").match(row.text[:stop], start)
    return Found(match[1], row, match.start(1), match.end(1), 1.0) if match else None


def trade_name(party: Party, sheet: Sheet) -> None:
    """In a one-line letterhead a French company's legal form is a mention of its own, not part of its name.

    It is taken as such where the form is stated again with the capital (``SARL au capital de …``).
    """
    name = party.parts.get("name")
    if name is None or name.more:
        return
    form = _FRENCH_FORM.search(name.value)
    if form is None or form.start() < 3:
        return
    stated = re.compile(rf"{re.escape(form[0].strip(' ,'))}\s+au\s+capital", re.IGNORECASE)
    if any(stated.search(row.text) for row in sheet.rows if row is not name.row):
        kept = str(name.value)[: form.start()]
        party.parts["name"] = Found(kept, name.row, name.start, name.start + len(kept), name.score)
