"""Facts of the whole document that stand beside a label or in its title: number, dates, references, kind."""

from __future__ import annotations

import re
from collections.abc import Iterator

from locus_dbt.core import value_names, values
from locus_dbt.images.invoice_extractor.labels import Hit
from locus_dbt.images.invoice_extractor.layout import Row, Sheet
from locus_dbt.images.invoice_extractor.reading import (
    DATE,
    Found,
    amounts,
    below_of,
    dates,
    identifier,
    money_code,
    right_of,
)

#: UNTDID 1001 code -> words in titles; the first code whose pattern is found in the title row wins.
KINDS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (code, re.compile(pattern, re.IGNORECASE))
    for code, pattern in (
        ("751", r"buchungshilfe"),
        (
            "389",
            (
                r"(?:gutschrift\s*\(\s*)?selbst\s?ausgestellte\s?rechnung|self-?\s?bill(?:ed|ing)(?:\s?invoice)?"
                r"|autofactur\w*|gutschriftsverfahren"
            ),
        ),
        (
            "384",
            (
                r"rechnungs-?\s?korrektur|korrektur-?\s?rechnung|correct(?:ed|ive)\s?invoice"
                r"|facture\s?(?:rectificative|corrective)"
            ),
        ),
        ("381", r"gutschrift|credit\s?(?:note|memo)|\bavoirs?\b|facture\s?d['’]avoir|stornorechnung"),
        ("383", r"belastungsanzeige|lastschriftanzeige|debit\s?note|note\s?de\s?débit"),
        ("386", r"anzahlungs-?\s?rechnung|vorauszahlungs-?\s?rechnung|prepayment\s?invoice|facture\s?d['’]acompte"),
        ("326", r"teil-?\s?rechnung|abschlags-?\s?rechnung|partial\s?invoice|facture\s?partielle"),
        ("325", r"pro-?\s?forma"),
        ("575", r"rechnung\s?des\s?versicherers"),
        ("380", r"\w*rechnung|\binvoice|\bfacture\b|\bfaktura\b|\bfattura\b"),
    )
)  # fmt: skip
_CODE = re.compile(r"\((3[28]\d|389|751|575|87[5-7])\)")
_TITLE = re.compile(
    r"(?:[^\W\d_]+-?\s?)?(?:rechnung|invoice|facture|faktura|gutschrift|avoir|credit\s?note|credit\s?memo|korrektur)"
    r"(?:\s?d['’]avoir|\s?d['’]acompte)?(?!\w)",
    re.IGNORECASE,
)
_NUMBER_WORD = re.compile(r"(?:(?<!\w)(?:nr|no|num|number|nummer|numéro|n)(?!\w)|n°|nº|№|#)[\s.:°º#]*", re.IGNORECASE)
_BRACKETS = re.compile(r"(?:\s*\([^)\t]{0,40}\))?[\s:]*")
_OTHERS = re.compile(r"\b(?:zu|gemäß|gem\.|for|ref|sur|relative|liée|original|bezug|ihrer?|your)\b", re.IGNORECASE)
_DATED = re.compile(
    r"[\s,]*(?:\(?\s*)?(?:vom|von|du|dated|of|from|date|datum|en date du|le|, den)\s*:?\s*$", re.IGNORECASE
)
_TOP = 0.55


def document_kind(sheet: Sheet) -> Found | None:
    """The UNTDID code by the title: the first row in large or leading type that names a kind of invoice."""
    best: Found | None = None
    biggest = max((t.size for r in sheet.rows if r.page == 1 for t in r.tokens), default=0)
    for row in sheet.rows:
        if row.page > 2 or (best is not None and row.page > 1):
            break
        for start, stop in row.cells:
            found = _kind_in(row, start, stop, biggest)
            if found and (best is None or found.score > best.score + 1e-9):
                best = found
    return best


def _kind_in(row: Row, start: int, stop: int, biggest: float) -> Found | None:
    text = row.text[start:stop]
    if len(text) > 90:
        return None
    for code, pattern in KINDS:
        match = pattern.search(text)
        if match is None:
            continue
        explicit = _CODE.search(text)
        words_before = len(re.findall(r"[^\W\d_]{2,}", text[: match.start()]))
        words_after = len(re.findall(r"[^\W\d_]{2,}", text[match.end() :]))
        size = max(t.size for t in row.tokens_in(start + match.start(), start + match.end()))
        score = 0.55 + 0.25 * (size >= 0.95 * biggest) + 0.1 * (size > 1.15 * row.size or row.tokens[0].bold)
        score += 0.1 * bool(re.search(r"\d", text[match.end() :]) and words_after <= 4)
        score -= 0.12 * min(3, words_before) + 0.05 * max(0, words_after - 4)
        a, b = start + match.start(), start + match.end()
        if code == "380" and (inner := re.search(r"(?:rechnung|invoice|facture)\w*$", match[0], re.IGNORECASE)):
            a = start + match.start() + inner.start()
        if explicit:
            return Found(explicit[1], row, start + explicit.start(1), start + explicit.end(1), min(0.99, score + 0.3))
        return Found(code, row, a, b, min(0.97, score)) if score > 0.45 else None
    return None


def titles(sheet: Sheet) -> Iterator[tuple[Found, Found | None]]:
    """Number and, if given, date in titles such as ``Rechnung Nr. 4711 vom 05.03.2018``."""
    for row in sheet.rows:
        for match in _TITLE.finditer(row.text):
            at, numbered = _after_kind(row.text, match.end())
            found = identifier(row, at, len(row.text))
            if found is None or found.start != at:
                continue
            near = "\t" not in row.text[match.start() : found.start]
            opens = match.start() == 0 or row.text[match.start() - 1] == "\t"
            score = 0.62 + 0.18 * numbered + 0.1 * near + 0.08 * opens - 0.25 * (not opens and not near)
            score -= 0.1 * (row.page > 1) + 0.55 * bool(_OTHERS.search(row.text[: found.start]))
            yield found.scored(score), _dated(row, found, sheet, score)


def _after_kind(text: str, at: int) -> tuple[int, bool]:
    """Where the number after a kind of document begins, and whether a word such as ``Nr.`` announces it."""
    brackets = _BRACKETS.match(text, at)
    start = brackets.end() if brackets else at
    word = _NUMBER_WORD.search(text, start, start + 60)
    if word is not None and not re.search(r"[\d\t]", text[start : word.start()]):
        return word.end(), True
    return start, False


def _dated(row: Row, number: Found, sheet: Sheet, score: float) -> Found | None:
    """The date after a title's number, on the same or at the start of the next row."""
    for found, _ in dates(row, number.stop, len(row.text), sheet):
        if _DATED.match(row.text[number.stop : found.start]) or not row.text[number.stop : found.start].strip(" ,/-"):
            return found.scored(score)
        break
    dangling = _DATED.match(row.text[number.stop :])
    following = next(sheet.below(row), None)
    if following is not None and (dangling or not row.text[number.stop :].strip()):
        lead = re.match(r"(?:vom|von|du|dated|of|from)\s+", following.text, re.IGNORECASE)
        if dangling or lead:
            for found, _ in dates(following, 0, len(following.text), sheet):
                if found.start <= (lead.end() if lead else 2):
                    return found.scored(score - 0.03)
                break
    return None


def labelled(field: str, hits: list[Hit], by_row: dict[int, list[Hit]], sheet: Sheet) -> Iterator[Found]:
    """Values of a field beside (else below) its labels."""
    want_date = field.endswith("_date")
    for hit in hits:
        base = (0.68 if hit.weak else 0.92) - (0.0 if hit.opens_cell else 0.12) - 0.03 * (hit.row.page > 1)
        start, stop = right_of(hit, by_row[hit.row.index])
        right = _read(hit.row, start, stop, sheet, want_date=want_date, field=field)
        if right is not None:
            yield right.scored(base * right.score)
            continue
        if row_is_full(hit, stop):
            continue
        for row, a, b in below_of(hit, sheet, rows=1):
            if any(h.start <= a < h.stop and not h.weak for h in by_row[row.index]):
                break
            under = _read(row, a, b, sheet, want_date=want_date, field=field, exact=True)
            if under is not None:
                yield under.scored((base - 0.08) * under.score)
            break


def row_is_full(hit: Hit, stop: int) -> bool:
    """Whether a value of another kind already stands right of the label in its own cell."""
    rest = hit.row.text[hit.stop : stop]
    return bool(rest.split("\t")[0].strip(" :.#°()"))


def _read(  # noqa: PLR0911 - a kind of value a return
    row: Row, start: int, stop: int, sheet: Sheet, *, want_date: bool, field: str, exact: bool = False
) -> Found | None:
    if want_date:
        for found, period in dates(row, start, stop, sheet):
            lead = row.text[start : found.start].strip(" \t:.-")
            if period and field == "delivery_date":
                return None
            if exact and lead:
                return None
            return found.scored(1.0 - 0.08 * min(5, len(lead.split())))
        return None
    found_id = identifier(row, start, stop)
    if found_id is None and field == "buyer_reference":
        words = re.compile(r"[\s:.]*([^\W\d_][^\t:;@]{2,40})(?=\t|$)").match(row.text[:stop], start)
        return Found(words[1].strip(), row, words.start(1), words.end(1), 0.85) if words else None
    if found_id is None:
        return None
    rest = row.text[found_id.stop : stop].split("\t")[0].strip(" ,;.:)")
    if exact and rest:
        return found_id.scored(0.8)
    return found_id


def due_by_sentence(sheet: Sheet) -> Iterator[Found]:
    """Dates in sentences that ask for payment: ``Bitte überweisen Sie bis zum 29.10.2015``."""
    ask = re.compile(
        r"(?:überweis|zahlbar|zahlung|zahlen|begleich|paiement|fällig|payable|pay\b|payment|due|à\s?régler|payer|règlement|échéance)"
        r"[^\d]{0,80}?\b(?:\d{1,3}\s(?:tage?n?|days|jours)\s[^\d]{0,30})?\b(?:bis(?:\s?zum)?|by|until|before|avant\s?le|au\s?plus\s?tard\s?le|on|am|le)\s?:?\s*$",
        re.IGNORECASE,
    )  # fmt: skip
    for row in sheet.rows:
        previous = next(sheet.above(row), None)
        last = 0
        for found, _ in dates(row, 0, len(row.text), sheet):
            own = row.text[last : found.start]
            last = found.stop
            before = row.text[: found.start]
            if previous is not None and row.y0 - previous.y1 < row.size:
                before = previous.text + " " + before
            tail = before[-110:]
            net = re.search(r"\b(?:netto|ohne\s?abzug|net)\b[^\d]{0,20}\b(?:bis|zum|am|by)\W*$", own, re.IGNORECASE)
            if (net or ask.search(tail)) and not re.search(r"skonto|discount|escompte", own[-45:], re.IGNORECASE):
                yield found.scored(0.84 if "skonto" not in row.text.casefold()[: found.start] else 0.7)
                break


_SAME_DATE = re.compile(
    r"(?:liefer|leistungs)-?\s?(?:datum|zeitpunkt|tag)\s*(?:entspricht|=|ist gleich|gleich|ist)\s*(?:dem\s*)?"
    r"(?:rechnungs|ausstellungs|beleg)-?\s?datum|rechnungsdatum\s*(?:entspricht|=|ist gleich|gleich|ist)\s*(?:dem\s*)?"
    r"(?:liefer|leistungs)-?\s?(?:datum|zeitpunkt)",
    re.IGNORECASE,
)


def delivered_on_issue(sheet: Sheet) -> bool:
    """Whether the page says that the date of delivery is the date of issue."""
    return any(_SAME_DATE.search(row.text) for row in sheet.rows)


def place_and_date(sheet: Sheet) -> Iterator[Found]:
    """``Berlin, den 05.03.2018`` alone in its cell, and a date alone in its cell at the top of the first page."""
    for row in sheet.rows:
        if row.page != 1 or row.y0 > _TOP * sheet.heights.get(1, 842):
            break
        for start, stop in row.cells:
            text = row.text[start:stop]
            match = DATE.search(text)
            if match is None or text[match.end() :].strip(" .,"):
                continue
            lead = text[: match.start()].strip()
            if re.fullmatch(r"[A-ZÄÖÜ][\w.\- ]{2,30},(?:\s?(?:den|le|the|am))?", lead):
                score = 0.8
            elif not lead:
                score = 0.4
            else:
                continue
            for found, _ in dates(row, start, stop, sheet):
                yield found.scored(score)


def currency(hits: list[Hit], by_row: dict[int, list[Hit]], sheet: Sheet) -> Found | None:
    """By its label, else by the code or sign that stands most often beside amounts."""
    for hit in hits:
        start, stop = right_of(hit, by_row[hit.row.index])
        match = re.compile(r"[\s:(]*([A-Z]{3}|€|\$|£|Euro)(?!\w)").match(hit.row.text[:stop], start)
        if match and (code := values.currency_code(match[1])):
            return Found(code, hit.row, match.start(1), match.end(1), 0.97)
    seen: dict[str, list[Found]] = {}
    for row in sheet.rows:
        for amount in amounts(row, 0, len(row.text), sheet):
            if code := money_code(row, amount):
                seen.setdefault(code, []).append(_sign_beside(row, amount, code))
        for match in re.finditer(r"(?<![^\s(\[])(EUR|USD|CHF|GBP|€)(?![^\s)\]:,.])", row.text):
            code = values.currency_code(match[1])
            if code:
                seen.setdefault(code, []).append(Found(code, row, match.start(1), match.end(1), 0.5))
    if not seen:
        return None
    code = max(sorted(seen), key=lambda c: len(seen[c]))
    total = sum(map(len, seen.values()))
    # the sum at the end carries the currency that counts
    return seen[code][-1].scored(0.6 + 0.35 * len(seen[code]) / total)


def _sign_beside(row: Row, amount: Found, code: str) -> Found:
    inside = re.search(r"[€$£₹¥]", row.text[amount.start : amount.stop])
    if inside:
        return Found(code, row, amount.start + inside.start(), amount.start + inside.end(), 0.9)
    after = re.match(r"\s?([A-Z]{3}\b|[€$£₹¥])", row.text[amount.stop :])
    if after and values.currency_code(after[1]) == code:
        return Found(code, row, amount.stop + after.start(1), amount.stop + after.end(1), 0.9)
    before = re.search(r"([A-Z]{3}|[€$£₹¥])\s?[-−–]?\s?$", row.text[: amount.start])
    if before:
        return Found(code, row, before.start(1), before.end(1), 0.9)
    return Found(code, row, amount.start, amount.stop, 0.5)


def iban(hits: list[Hit], sheet: Sheet) -> Iterator[Found]:
    """Bank accounts after their label, else numbers with right check digits; never the payer's own."""
    form = re.compile(r"(?<![A-Z0-9])[A-Z]{2}\d{2}(?: ?[A-Z0-9]{1,4}){3,9}(?![A-Za-z0-9])")
    rows = {h.row.index: h for h in hits}
    for row in sheet.rows:
        for match in form.finditer(row.text):
            text = _whole_account(match[0])
            code = values.read_iban(text)
            if code is None or code[:2] not in value_names.COUNTRY_CODES:
                continue
            hit = rows.get(row.index)
            checked = values.iban_checks(code)
            if re.search(
                r"(?<!ver)käufer-?iban|ihre iban|mandat|lastschrift|debtor|gläubiger", row.text, re.IGNORECASE
            ):
                continue
            if hit is not None and hit.start < match.start():
                yield Found(code, row, match.start(), match.start() + len(text), 0.97 if checked else 0.9)
            elif checked:
                yield Found(code, row, match.start(), match.start() + len(text), 0.75)


def _whole_account(text: str) -> str:
    """Groups of four and one shorter last group; what follows that is not part of the number."""
    parts = text.split(" ")
    if len(parts) == 1:
        return text
    out: list[str] = []
    for part in parts:
        if out and not part.isdigit() and out[-1].isdigit() and len(out) > 3 and not any(c.isdigit() for c in part):
            break
        out.append(part)
        if len(part) < 4:
            break
    return " ".join(out)
