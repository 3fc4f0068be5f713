"""A printed number taken apart: sign, digits in their possible readings, currency, percent, scale and unit."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from locus_dbt.core.grounding.folding import printed
from locus_dbt.core.values import NUMBER, NumberStyle, currency_code, unit_code

CANONICAL = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")

#: How sure a reading is where a sign could be that of thousands or of the fraction: a comma before three digits is
#: the fraction's in few documents, a point stands for either.
_LIKELY = {(",", "group"): 0.96, (",", "fraction"): 0.5, (".", "group"): 0.7, (".", "fraction"): 0.7}

#: The reading that the rest of the document speaks against.
_UNUSUAL = 0.4

_SCALES = {
    "thousand": 3, "thousands": 3, "tausend": 3, "tsd": 3, "milliers": 3, "millier": 3, "mille": 3, "k": 3, "000s": 3,
    "million": 6, "millions": 6, "mio": 6, "mill": 6, "millionen": 6, "mln": 6, "mn": 6, "mm": 6,
    "billion": 9, "billions": 9, "bn": 9, "bln": 9, "mrd": 9, "md": 9, "milliarde": 9, "milliarden": 9, "milliard": 9,
    "milliards": 9, "lakh": 5, "crore": 7, "trillion": 12, "trillions": 12, "tn": 12,
}  # fmt: skip
_MONEY_SCALES = {"m": 6, "b": 9, "t": 3}
_PERCENT = {
    "%": -2,
    "percent": -2,
    "per cent": -2,
    "pct": -2,
    "prozent": -2,
    "pourcent": -2,
    "‰": -3,
    "permille": -3,
    "promille": -3,
}
_PIECE = re.compile(r"per cent|[^\W\d_]+[$€£¥]|[$€£¥₹₺₽₩₪₴]|[%‰]|[^\W\d_]+[.²³]?|\S")
_WHOLE_MARK = re.compile(r"^[.,]-+")
_SCALED_CODE = re.compile(r"^([tkm])(eur|usd|gbp|chf|€|\$|£)$")
_ZEROS = re.compile(r"(?<!\d)['’‘`]?000(?:['’]?s)?(?!\d)")
_MONEY_SCALE = re.compile(r"(?<!\w)(?:(T|k)\s?[€$£]|[$€£]\s?(m|bn|k))(?!\w)")
_GAPS = re.compile(r"['’\s]")
_GROUPED = {",": re.compile(r"[1-9]\d{0,2}(?:,\d{3})+"), ".": re.compile(r"[1-9]\d{0,2}(?:\.\d{3})+")}
_DIGIT = re.compile(r"\d")
_MARKS = re.compile(r"(?<=[\d%)])[\u00b9\u00b2\u00b3\u2070-\u2079*†‡]+\s*$")
_SCALE_WORD = re.compile(r"[^\W\d_]+")

#: Signs that several currencies share, beside the commonest one.
SHARED_SIGNS = {
    "$": frozenset({"USD", "CAD", "AUD", "NZD", "SGD", "HKD", "MXN", "BRL"}),
    "¥": frozenset({"JPY", "CNY"}),
    "£": frozenset({"GBP"}),
}


@dataclass(frozen=True, slots=True)
class Reading:
    """One number that digits can stand for, how likely that is, and in words how they were read."""

    number: Decimal
    likely: float
    how: str


@dataclass(frozen=True, slots=True)
class Printed:
    """A number as printed. ``percent`` and ``scale`` are powers of ten, 0 where nothing is said."""

    body: str
    readings: tuple[Reading, ...]
    sign_style: str = ""
    currency: str = ""
    sign: str = ""
    percent: int = 0
    scale: int = 0
    unit: str = ""
    footnote: bool = False

    @property
    def padded(self) -> bool:
        """Whether zeros stand before a whole number, as in identifiers."""
        return self.body.isdigit() and len(self.body) > 1 and self.body[0] == "0"


def canonical(value: str) -> Printed | None:
    """A plain decimal (``-1234.5``), which has one reading only."""
    if not CANONICAL.fullmatch(value):
        return None
    try:
        number = Decimal(value)
    except InvalidOperation:  # an exponent beyond all bounds
        return None
    if abs(number.adjusted()) > 400:
        return None
    return Printed(value.lstrip("-"), (Reading(number, 1.0, "number"),))


@lru_cache(maxsize=65536)
def read_number(text: str, style: NumberStyle | None = None) -> Printed | None:
    """The one number that ``text`` is, with what may stand around it; ``None`` when it is something else."""
    if len(text) > 200 or _DIGIT.search(text) is None:
        return None
    marks = _MARKS.search(text)
    flat = printed(text[: marks.start()] if marks else text).replace("٫", ".").replace("٬", "'")
    found = NUMBER.search(flat)
    if found is None:
        return None
    before, after = flat[: found.start()], flat[found.end() :]
    signed = _sign(before, after)
    if signed is None:
        return None
    before, after, negative, sign_style = signed
    around = _around(before, after)
    if around is None:
        return None
    currency, sign, percent, scale, unit = around
    readings = _readings(found[0], style, negative=negative)
    if not readings:
        return None
    return Printed(found[0], readings, sign_style, currency, sign, percent, scale, unit, marks is not None)


def _sign(before: str, after: str) -> tuple[str, str, bool, str] | None:  # noqa: PLR0911 - one for each style of a sign
    """What is left around a number without its signs, whether they make it negative, and their style in words."""
    if not (before or after):
        return "", "", False, ""
    if mark := _WHOLE_MARK.match(after):
        after = after[mark.end() :]
    if before.count("(") > 1 or before.count("-") > 1 or after.count("-") > 1 or ("-" in before and "-" in after):
        return None
    if "(" in before:
        before = before.replace("(", " ")
        rest = after.replace(")", " ", 1)
        if "-" in before + rest or "(" in rest:
            return None
        return before, rest, True, "in parentheses"
    if ")" in after or ")" in before:
        return None
    if "-" in before:
        return before.replace("-", " "), after, True, "minus"
    if after.strip().startswith("-") or after.strip().endswith("-"):
        return before, after.replace("-", " ", 1), True, "trailing minus"
    if "-" in after:
        return None
    return before.replace("+", " ", 1), after.replace("+", " ", 1), False, ""


def _around(before: str, after: str) -> tuple[str, str, int, int, str] | None:
    """Currency, its sign as printed, percent, scale and unit; ``None`` when any other word stands there."""
    if not (before or after):
        return "", "", 0, 0, ""
    whole = after.strip()
    found: dict[str, str | int] = {}
    if (code := unit_code(whole)) and whole not in _PERCENT and not currency_code(whole):
        pieces = _PIECE.findall(before)
        found["unit"] = code
    else:
        pieces = _PIECE.findall(before) + _PIECE.findall(after)
    for piece in pieces:
        if piece in ".:*~'’" or piece.casefold() == "in":
            continue
        parts = _SCALED_CODE.match(piece.casefold())
        for part in (parts[1], parts[2]) if parts else (piece,):
            named = _named(part, among=len(pieces) > 1 or parts is not None)
            if named is None or named[0] in found:
                return None
            found[named[0]] = named[1]
            if named[0] == "currency":
                found["sign"] = part
    currency, sign, unit = (str(found.get(name, "")) for name in ("currency", "sign", "unit"))
    return currency, sign, int(found.get("percent", 0)), int(found.get("scale", 0)), unit


def _named(piece: str, *, among: bool) -> tuple[str, str | int] | None:
    """What a piece beside a number is, and its code or power of ten; single letters only ``among`` other pieces."""
    low = piece.casefold().rstrip(".")
    if code := currency_code(piece if len(piece) < 3 else piece.upper()):
        return "currency", code
    if low in _PERCENT:
        return "percent", _PERCENT[low]
    if low in _SCALES:
        return "scale", _SCALES[low]
    if among and low in _MONEY_SCALES:
        return "scale", _MONEY_SCALES[low]
    if code := unit_code(piece):
        return "unit", code
    return None


def _readings(body: str, style: NumberStyle | None, *, negative: bool) -> tuple[Reading, ...]:
    digits = _GAPS.sub("", body)
    if digits.isdigit():
        how = "number, grouped digits" if digits != body else "number"
        return (_reading(digits, 1.0, how, negative=negative),)
    found: dict[str, Reading] = {}
    for name, mark, group in (("comma", ",", "."), ("point", ".", ",")):
        whole, _, fraction = digits.partition(mark)
        if mark in fraction or group in fraction:
            continue
        if group in whole and not _GROUPED[group].fullmatch(whole):
            continue
        plain = whole.replace(group, "") or "0"
        how = f"number, decimal {name}" if fraction else "number, grouped digits"
        found[name] = _reading(f"{plain}.{fraction}" if fraction else plain, 1.0, how, negative=negative)
    if len(found) < 2 or len({r.number for r in found.values()}) == 1:
        return tuple(found.values())[:1]
    if style is not None:
        other = found["point" if style == "comma" else "comma"]
        return found[style], replace(other, likely=_UNUSUAL)
    mark = "," if "," in digits else "."
    graded = [
        Reading(r.number, _LIKELY[mark, "group" if "group" in r.how else "fraction"], r.how) for r in found.values()
    ]
    return tuple(sorted(graded, key=lambda r: (-r.likely, "group" not in r.how)))


def _reading(digits: str, likely: float, how: str, *, negative: bool) -> Reading:
    number = Decimal(digits)
    return Reading(-number if negative and number else number, likely, how)


@lru_cache(maxsize=4096)
def stated_scales(texts: tuple[str, ...]) -> frozenset[int]:
    """Powers of ten that headers or captions state: ``in thousands``, ``Tsd. €``, ``$'000``, ``(Mio. EUR)``."""
    out: set[int] = set()
    for text in texts:
        flat = printed(text)
        if _ZEROS.search(flat):
            out.add(3)
        for word in _SCALE_WORD.findall(flat):
            low = word.casefold()
            if low in _SCALES and low not in ("mm", "k", "md"):
                out.add(_SCALES[low])
            elif match := re.match(r"^([tkm])(eur|usd|gbp|chf)$", low):
                out.add(6 if match[1] == "m" else 3)
        if match := _MONEY_SCALE.search(flat):
            out.add({"t": 3, "k": 3, "m": 6, "bn": 9}[(match[1] or match[2]).casefold()])
    return frozenset(out)


def states_percent(texts: Iterable[str]) -> bool:
    """Whether headers or captions say that numbers are percentages."""
    return any(
        p in text.casefold() for text in texts for p in ("%", "percent", "per cent", "prozent", "pct", "pourcent")
    )


@lru_cache(maxsize=4096)
def stated_codes(texts: tuple[str, ...]) -> frozenset[str]:
    """Currencies and units that the texts name."""
    out: set[str] = set()
    for text in texts:
        for word in re.findall(r"[^\s()\[\],;:/\d]+", text):
            out |= {code for code in (currency_code(word), unit_code(word)) if code}
        out |= {code for sign in "$€£¥" if sign in text and (code := currency_code(sign))}
    return frozenset(out)
