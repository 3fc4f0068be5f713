"""Every place in a document that is a spelling of a value: number, date, code or words, whole or as part of a text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from locus_dbt.core import values
from locus_dbt.core.grounding import typed_equal
from locus_dbt.core.passages import Hit, Passages
from locus_dbt.core.text_words import numbers_in, significant, words_of

_ISO = re.compile(r"\d{4}-\d\d-\d\d")
_CODE = re.compile(r"[A-Z][A-Z0-9]{1,2}|true|false")
_THOUSAND, _MILLION, _BILLION = (
    r"thousands?|tausend|tsd|milliers?",
    r"millions?|mio|mill|mln",
    r"billions?|mrd|milliards?",
)
_TRAILING_SCALE = re.compile(rf"\s*(?:({_THOUSAND}|k)|({_MILLION}|mn|m)|({_BILLION}|bn|b))", re.IGNORECASE)
#: A scale as a header states it: its word, or its letter behind a currency.
_STATED = re.compile(rf"\b(?:({_THOUSAND})|({_MILLION})|({_BILLION}))\b|[$€£¥]\s?(?:(k)|(mn?)|(bn?))\b", re.IGNORECASE)
_ZEROS = re.compile(r"[’'‘]000\b")
_YEAR = re.compile(r"(?:19|20)\d\d")
_WORDED = re.compile(r"[^\W\d_]")
_POINT = re.compile(r"\d[.,]\d")
_GOES_ON = re.compile(r"\w|[.,]\d")
#: An id of this many digits is the same however it is grouped: IBAN, VAT number, telephone.
_ID_DIGITS, _ID_LENGTH = 8, 64
_FUZZY = 0.8

#: Values whose places are kept for one document: those of one column recur.
_REMEMBERED = 20_000

#: What is left of a spelling's quality when only the sign is another.
_OTHER_SIGN = 0.88

_FUZZY_LENGTH = 2000


@dataclass(frozen=True, slots=True)
class Spotted:
    """A place that may be the value: how good a spelling it is (0..1) and by which rule.

    ``power`` is the power of ten between the printed number and the value, where the rule is ``scale``.
    """

    hit: Hit
    quality: float
    rule: str
    power: int = 0


@dataclass(frozen=True, slots=True)
class Spelling:
    """What a value is: words, and the number or date that it writes."""

    text: str
    words: Sequence[str]
    numbers: Sequence[Decimal]
    power: int
    percent: bool
    dates: Sequence[str]
    bare: bool

    @property
    def key(self) -> str:
        """Equal for values that the same places can hold."""
        if self.dates:
            return f"d{self.dates[0]}"
        return f"n{significant(self.text)}" if self.bare else f"w{' '.join(self.words)}"

    @classmethod
    @lru_cache(maxsize=16384)
    def of(cls, value: str) -> Spelling:
        """Read a value."""
        text = " ".join(value.split())
        words = tuple(words_of(text).folded)
        dates = tuple(d.isoformat() for d in values.date_readings(text)) if len(text) <= 32 else ()
        spans = list(numbers_in(text))
        numbers: tuple[Decimal, ...] = ()
        power, bare = 0, False
        if len(spans) == 1 and not dates:
            start, stop = spans[0]
            rest = text[:start] + " " + text[stop:]
            scale = _TRAILING_SCALE.match(text, stop)
            power = _trailing_power(text, stop)
            left = text[:start] + " " + text[scale.end() :] if scale and power else rest
            bare = not _WORDED.search(re.sub(r"(?i)\b(?:percent|prozent|per cent|pour ?cent)\b", "", left)) or (
                values.decimal_readings(text) != ()
            )
            numbers = tuple(_signed(text, start, stop))
        percent = "%" in text or re.search(r"(?i)per ?cent|prozent|pour ?cent", text) is not None
        return cls(text, words, numbers, power, percent, dates, bare)


def scale_power(text: str) -> int:
    """The power of ten that a header or caption states (``in thousands``, ``€m``, ``$'000``); 0 without one."""
    return 3 if _ZEROS.search(text) else _power(_STATED.search(text))


def _trailing_power(text: str, stop: int) -> int:
    """The power of ten of a scale word right behind a number."""
    match = _TRAILING_SCALE.match(text, stop)
    return 0 if match is None or text[match.end() : match.end() + 1].isalnum() else _power(match)


def _power(match: re.Match[str] | None) -> int:
    return 0 if match is None else 3 * ((match.lastindex or 3) % 3 or 3)


def _signed(text: str, start: int, stop: int) -> list[Decimal]:
    """Readings of the number at a range, with the sign that stands around it."""
    before = text[:start].rstrip("$€£¥ \u00a0")
    minus = before[-1:] in ("-", "−", "–") and not before[-2:-1].isalnum()
    accounting = before[-1:] == "(" and ")" in text[stop : stop + 4]
    after = text[stop : stop + 1] in ("-", "−") and not text[stop + 1 : stop + 2].isalnum()
    sign = -1 if minus or accounting or after else 1
    return [sign * r for r in values.decimal_readings(text[start:stop])]


def spot(passages: Passages, value: str) -> Sequence[Spotted]:
    """All places, the best spellings first; a likeness is looked for only where there is no spelling."""
    known: Sequence[Spotted] | None = passages.memo.get(value)
    if known is None:
        if len(passages.memo) >= _REMEMBERED:
            passages.memo.clear()
        known = passages.memo[value] = _spot(passages, value)
    return known


def _spot(passages: Passages, value: str) -> list[Spotted]:
    wanted = Spelling.of(value)
    best: dict[tuple[int, int], Spotted] = {}
    for one in _all(passages, wanted):
        key = (one.hit.unit, one.hit.start)
        if key not in best or one.quality > best[key].quality:
            best[key] = one
    if not best and len(wanted.words) > 1:
        for one in _alike(passages, wanted):
            best[one.hit.unit, one.hit.start] = one
    return sorted(best.values(), key=lambda s: (-s.quality, s.hit.unit, s.hit.start))


def _all(passages: Passages, wanted: Spelling) -> Iterator[Spotted]:
    if wanted.dates:
        yield from _dates(passages, wanted)
    if wanted.bare:
        yield from _numbers(passages, wanted)
    elif wanted.words:
        yield from _phrases(passages, wanted)
    elif wanted.text:
        yield from _signs(passages, wanted)
    yield from _groups(passages, wanted)
    if _CODE.fullmatch(wanted.text):
        yield from _codes(passages, wanted)


def _groups(passages: Passages, wanted: Spelling) -> Iterator[Spotted]:
    """A long id, whatever groups it is written in."""
    compact = "".join(wanted.words)
    if len(compact) > _ID_LENGTH or sum(c.isdigit() for c in compact) < _ID_DIGITS or _POINT.search(wanted.text):
        return
    for hit in passages.run_together(compact):
        if not _GOES_ON.match(passages.units[hit.unit].text, hit.stop):
            yield Spotted(hit, 0.95 - _part(passages, hit), "groups")


def _signs(passages: Passages, wanted: Spelling) -> Iterator[Spotted]:
    """A dash, a tick: all of a cell."""
    for i in passages.short_cells():
        if passages.units[i].text.strip() == wanted.text:
            yield Spotted(Hit(i, 0, len(passages.units[i].text)), 1.0, "sign")


def _codes(passages: Passages, wanted: Spelling) -> Iterator[Spotted]:
    """A word or sign that the code stands for."""
    for token, hits in passages.tokens.items():
        if token != wanted.text and typed_equal(wanted.text, token):
            yield from (Spotted(hit, 0.98 - _part(passages, hit), "code") for hit in hits)


def _dates(passages: Passages, wanted: Spelling) -> Iterator[Spotted]:
    for n, iso in enumerate(wanted.dates):
        for hit in passages.dates(iso):
            clear = n == 0 and (_ISO.fullmatch(wanted.text) or len(wanted.dates) == 1)
            yield Spotted(hit, (1.0 if clear else 0.9) - _part(passages, hit), "date")


def _phrases(passages: Passages, wanted: Spelling) -> Iterator[Spotted]:
    for hit in passages.phrase(wanted.words):
        text = passages.units[hit.unit].text
        at = text.find(wanted.text, max(0, hit.start - 4), hit.stop + 4)
        full = Hit(hit.unit, at, at + len(wanted.text)) if at >= 0 else hit
        yield Spotted(full, (1.0 if at >= 0 else 0.97) - _part(passages, full), "words")


def _part(passages: Passages, hit: Hit) -> float:
    """What a place loses by being a part of its cell only."""
    unit = passages.units[hit.unit]
    if not unit.is_cell:
        return 0.03
    rest = unit.text[: hit.start] + unit.text[hit.stop :]
    return 0.1 if any(c.isalnum() for c in rest) else 0.0


def _numbers(passages: Passages, wanted: Spelling) -> Iterator[Spotted]:
    for hit in passages.numbers(significant(wanted.text)):
        text = passages.units[hit.unit].text
        quality, rule, power = _same_number(wanted, text, hit)
        if quality <= 0:
            continue
        part = _part(passages, hit)
        if _YEAR.fullmatch(text[hit.start : hit.stop]) is None and passages.in_date(hit):
            quality, rule = quality - 0.4, "part"
        elif _inside_another(text, hit):
            quality, rule = quality - 0.12, "part"
        quality -= part
        at = text.find(wanted.text, max(0, hit.start - 4), hit.stop + 12)
        literal = 0 <= at <= hit.start and at + len(wanted.text) >= hit.stop
        full = _whole(text, hit) if not part else _decorated(text, hit, scaled=bool(wanted.power) or rule == "scale")
        left_out = text[full.start : max(at, full.start)] + text[at + len(wanted.text) : full.stop]
        if literal and part and not left_out.strip("$€£¥ "):
            full = Hit(hit.unit, at, at + len(wanted.text))
        yield Spotted(full, quality + (0.05 if literal else 0.0), rule, power)


def _whole(text: str, hit: Hit) -> Hit:
    """All of a cell that holds nothing else."""
    start = len(text) - len(text.lstrip())
    return Hit(hit.unit, start, len(text.rstrip()))


def _inside_another(text: str, hit: Hit) -> bool:
    """Whether the number is a piece of an id, a version or a range; a year may be glued to its word (``FY2025``)."""
    if _YEAR.fullmatch(text[hit.start : hit.stop]):
        return False
    before, after = text[max(0, hit.start - 2) : hit.start], text[hit.stop : hit.stop + 2]
    glued = before[-1:].isalpha() or (after[:1].isalpha() and len(after) > 1 and after[1:2].isalpha())
    joined = (before[-1:] in "-/.:" and before[:1].isalnum() and len(before) == 2) or (
        after[:1] in tuple("-/:") and after[1:2].isalnum()
    )
    return glued or joined


def _decorated(text: str, hit: Hit, *, scaled: bool) -> Hit:
    """The number with the signs that belong to it."""
    start, stop = hit.start, hit.stop
    while start > 0 and text[start - 1] in "$€£¥-−+":
        if text[start - 1] in "-−" and start > 1 and text[start - 2].isalnum():
            break
        start -= 1
    if text[start - 1 : start] == "(" and text[stop : stop + 1] == ")":
        start, stop = start - 1, stop + 1
    if text[stop : stop + 1] == "%":
        stop += 1
    if scaled and _trailing_power(text, stop) and (match := _TRAILING_SCALE.match(text, stop)):
        stop = match.end()
    return Hit(hit.unit, start, stop)


def _same_number(wanted: Spelling, text: str, hit: Hit) -> tuple[float, str, int]:
    """How well the number at a place spells the value: sign, scale words and percent signs are read too."""
    power = _trailing_power(text, hit.stop)
    percent = text[hit.stop : hit.stop + 2].lstrip()[:1] == "%"
    found = [
        _ratio(own, printed, wanted, power, percent=percent)
        for printed in _signed(text, hit.start, hit.stop)
        for own in wanted.numbers
    ]
    return max(found, key=lambda one: one[0], default=(0.0, "number", 0))  # of equals the likelier reading


def _ratio(own: Decimal, printed: Decimal, wanted: Spelling, power: int, *, percent: bool) -> tuple[float, str, int]:
    """How well one number spells another, by which rule, and the power of ten that a scale word must account for."""
    same = own == 0 or (own < 0) == (printed < 0)
    quality, rule, missing = _size(abs(own), abs(printed), wanted, power, percent=percent)
    return (quality, rule, missing) if same else (quality * _OTHER_SIGN, "sign differs", 0)


def _size(own: Decimal, printed: Decimal, wanted: Spelling, power: int, *, percent: bool) -> tuple[float, str, int]:
    if own == printed:
        return _same_digits(wanted, power, percent=percent)
    if 0 in (own, printed):
        return 0.0, "number", 0
    scaled = own.scaleb(wanted.power) / printed.scaleb(power)
    if scaled == 1:
        return 0.97, "scale", 0
    if wanted.percent != percent and scaled in (Decimal(100), Decimal("0.01")) and (scaled > 1) == wanted.percent:
        return 0.9, "percent", 0
    steps = [step for step in (3, 6, 9) if scaled == Decimal(10) ** step and not power]
    return (0.7, "scale", steps[0]) if steps else (0.0, "number", 0)


def _same_digits(wanted: Spelling, power: int, *, percent: bool) -> tuple[float, str, int]:
    if wanted.power == power:
        return 1.0 - (0.04 if wanted.percent != percent else 0.0), "number", 0
    if not wanted.power:
        return 0.97, "number", 0  # the scale word that is printed is left out
    # the value's scale word may stand in a header; another one is another number
    return (0.0, "number", 0) if power else (0.75, "scale", wanted.power)


def _alike(passages: Passages, wanted: Spelling) -> Iterator[Spotted]:
    """Texts that share most words with the value, where nothing says it word for word."""
    if len(wanted.text) > _FUZZY_LENGTH:
        return
    from rapidfuzz import fuzz  # noqa: PLC0415 - for the few values that come this far

    for unit in passages.sharing(wanted.words, least=0.6):
        text = passages.units[unit].text
        found = fuzz.partial_ratio_alignment(wanted.text.casefold(), text.casefold(), score_cutoff=100 * _FUZZY)
        if found is not None and len(text.casefold()) == len(text):
            yield Spotted(Hit(unit, found.dest_start, found.dest_end), found.score / 100 * 0.8, "likeness")
