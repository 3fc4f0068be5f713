"""Printed values and what they mean: numbers, dates, currencies, countries, units, identifiers.

Pure functions over text. German, English, French and Swiss forms. A printed value can have several readings
(``1.234`` is 1234 or 1.234; ``03/04/2024`` is in March or April): the ``*_readings`` functions give all of
them, the ``read_*`` functions choose by the style the rest of the document shows and say ``None`` when the
text is not such a value at all. Nothing here guesses beyond the text it is given.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Literal

from locus_dbt.core import value_names as names

NumberStyle = Literal["comma", "point"]
DateOrder = Literal["dmy", "mdy"]

#: A number as printed, without sign and currency: groups of three, or plain digits, and a fraction.
NUMBER = re.compile(
    r"(?:\d{1,3}(?:[.,'’\u00a0\u202f\u2009 ]\d{3})+(?!\d)|\d+)(?:[.,]\d+)?(?!\d)|[.,]\d+",
)
_SIGN = "-−–"
_GROUPS = str.maketrans("", "", "'’\u00a0\u202f\u2009 ")
_AROUND = re.compile(
    r"^(?P<pre>[^\d.,+()−–-]*)(?P<sign>[+−–-]?)\s*(?P<mid>[^\d.,+()−–-]{0,4}?)\s*(?P<number>"
    + NUMBER.pattern
    + r")\s*(?P<post>[−–-]?)(?P<tail>.*)$",
    re.DOTALL,
)


def fold(text: str) -> str:
    """NFKC with runs of blanks as one blank."""
    return " ".join(unicodedata.normalize("NFKC", text).split())


@lru_cache(maxsize=65536)
def fold_name(text: str) -> str:
    """Letters and digits only, lower case, without accents: how words and labels are compared."""
    flat = unicodedata.normalize("NFKD", text.casefold().replace("ß", "ss"))
    return "".join(c for c in flat if c.isalnum())


# ---------------------------------------------------------------- numbers
#: A number that leaves no doubt which sign stands before its fraction; parts of dates and versions do not count.
_FREE = re.compile(r"(?<![\d.,])(?:\d{1,3}(?:[.,'’\s]\d{3})*|\d+)([.,])(?:\d\d|\d{4,6})(?![\d]|[.,]\d)")


def number_style(texts: Iterable[str]) -> NumberStyle | None:
    """Which sign stands before the fraction in these texts, by the numbers that leave no doubt; ``None`` if none do."""
    comma = point = 0
    for text in texts:
        for match in _FREE.finditer(text):
            comma += match[1] == ","
            point += match[1] == "."
    if comma == point:
        return None
    return "comma" if comma > point else "point"


def decimal_readings(text: str) -> tuple[Decimal, ...]:
    """Every number that ``text``, a printed number alone (sign, currency and percent allowed), can stand for.

    The likelier reading comes first; empty when ``text`` is not one number.
    """
    split = _split_number(text)
    if split is None:
        return ()
    body, negative = split
    out: list[Decimal] = []
    for style in ("comma", "point"):
        if (value := _styled(body, style)) is not None:
            value = -value if negative and value else value
            if value not in out:
                out.append(value)
    # a group of three behind one sign is a thousand more often than a fraction
    if len(out) == 2 and re.fullmatch(r"\d{1,3}[.,]\d{3}", body) and not body.startswith("0"):
        out.sort(key=abs, reverse=True)
    return tuple(out)


def read_decimal(text: str, *, style: NumberStyle | None = None) -> Decimal | None:
    """The number that ``text`` is; in doubt as ``style`` writes it, without a style the likelier reading."""
    split = _split_number(text)
    if split is None:
        return None
    body, negative = split
    if style is not None and (value := _styled(body, style)) is not None:
        return -value if negative and value else value
    readings = decimal_readings(text)
    return readings[0] if readings else None


def _split_number(text: str) -> tuple[str, bool] | None:
    """Digits with their marks, and whether a sign makes them negative (``-5``, ``5-``, ``(5)``, ``-€5``)."""
    flat = unicodedata.normalize("NFKC", text).replace("−", "-").replace("–", "-").strip()
    accounting = flat.startswith("(") and flat.endswith(")") and not flat.startswith("()")
    if accounting:
        flat = flat[1:-1].strip()
    match = _AROUND.match(flat)
    if match is None:
        return None
    around = f"{match['pre']}{match['mid']}{match['tail']}".strip()
    if (around and not _is_decoration(match["pre"] + match["mid"])) or not _is_decoration(match["tail"]):
        return None
    return match["number"], accounting or match["sign"] == "-" or match["post"] == "-"


def _is_decoration(text: str) -> bool:
    """Nothing, or what may stand around a number without being part of it: currency, percent, CR of accounts."""
    bare = text.strip().strip("*:")
    return bare in ("", "%", "+", ".-", ",-", ".--", ",--") or currency_code(bare) is not None


def _styled(body: str, style: str) -> Decimal | None:
    flat = body.translate(_GROUPS)
    mark, group = (",", ".") if style == "comma" else (".", ",")
    whole, _, fraction = flat.partition(mark)
    if mark in fraction or group in fraction:
        return None
    if group in whole and not re.fullmatch(rf"\d{{1,3}}(?:{re.escape(group)}\d{{3}})+", whole):
        return None
    digits = whole.replace(group, "")
    if not (digits or fraction):
        return None
    return Decimal(f"{digits or '0'}.{fraction}" if fraction else digits)


# ---------------------------------------------------------------- dates
_ISO = re.compile(r"(?<!\d)(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)")
_NUMERIC = re.compile(r"(?<![\d.,])(\d{1,2})\s?([./-])\s?(\d{1,2})\s?\2\s?(\d{4}|\d{2})(?![\d,]|[./-]\d)")
_DAY_MONTH = re.compile(
    r"(?<!\d)(\d{1,2})(?:st|nd|rd|th|er)?[.\s-]*(?:de\s+|of\s+)?([^\W\d_]{3,9})[.,]?[\s-]*(\d{4}|\d{2}(?!\d))"
)
_MONTH_DAY = re.compile(r"([^\W\d_]{3,9})[.\s]\s*(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})")


def date_readings(text: str) -> tuple[date, ...]:
    """Every date that the first date in ``text`` can stand for, day before month first; empty when there is none."""
    flat = fold(text)
    out: list[date] = []
    if match := _ISO.search(flat):
        _add(out, match[1], int(match[2]), match[3])
    elif match := _NUMERIC.search(flat):
        _add(out, match[4], int(match[3]), match[1])
        if match[2] != ".":  # dots are never written month first
            _add(out, match[4], int(match[1]), match[3])
    else:
        _named_month(out, flat)
    return tuple(out)


def _named_month(out: list[date], flat: str) -> None:
    for match in _DAY_MONTH.finditer(flat):
        if month := names.MONTHS.get(fold_name(match[2])):
            _add(out, match[3], month, match[1])
            return
    for match in _MONTH_DAY.finditer(flat):
        if month := names.MONTHS.get(fold_name(match[1])):
            _add(out, match[3], month, match[2])
            return


def _add(out: list[date], year: str, month: int, day: str) -> None:
    full = int(year) if len(year) == 4 else (2000 if int(year) < 70 else 1900) + int(year)
    try:
        found = date(full, month, int(day))
    except ValueError:
        return
    if found not in out:
        out.append(found)


def read_date(text: str, *, order: DateOrder | None = None) -> date | None:
    """The first date in ``text``; where day and month could be swapped, ``order`` decides (day first without one)."""
    readings = date_readings(text)
    if not readings:
        return None
    return readings[-1] if order == "mdy" else readings[0]


def date_order(texts: Iterable[str]) -> DateOrder | None:
    """Whether day or month comes first in these texts' slashed dates, by those that leave no doubt."""
    dmy = mdy = 0
    for text in texts:
        for match in _NUMERIC.finditer(fold(text)):
            first, second = int(match[1]), int(match[3])
            dmy += first > 12 >= second
            mdy += second > 12 >= first and match[2] != "."
    if dmy == mdy:
        return None
    return "dmy" if dmy > mdy else "mdy"


# ---------------------------------------------------------------- codes
def currency_code(text: str) -> str | None:
    """ISO 4217 code of a printed code, sign or word (``EUR``, ``€``, ``Euro``, ``CHF``)."""
    bare = text.strip().strip("()[]:;,")
    if bare.upper() in names.CURRENCY_CODES and (bare.isupper() or bare == bare.capitalize()):
        return bare.upper()
    return names.CURRENCY_SIGNS.get(bare.casefold())


@lru_cache(maxsize=1)
def _country_index() -> dict[str, str]:
    return {fold_name(n): code for code, ns in names.COUNTRY_NAMES.items() for n in ns}


def country_code(text: str) -> str | None:
    """ISO 3166 alpha-2 code of a printed country name or upper-case code."""
    bare = text.strip().strip("()[].,;:")
    if bare in names.COUNTRY_CODES:
        return bare
    return _country_index().get(fold_name(bare)) if len(bare) > 1 else None


def unit_code(text: str) -> str | None:
    """UN/ECE recommendation 20 code of a printed unit (``Std.`` -> HUR, ``Stk`` -> H87, ``kg`` -> KGM)."""
    bare = unicodedata.normalize("NFC", text).strip().strip(".,:;[]").casefold()
    if text.strip() in names.UNIT_CODES:
        return text.strip()
    return names.UNIT_WORDS.get(bare) or names.UNIT_WORDS.get(bare.replace(".", ""))


_VAT_FORMS = {
    "DE": r"\d{9}", "AT": r"U\d{8}", "FR": r"[0-9A-HJ-NP-Z]{2}\d{9}", "BE": r"[01]\d{9}", "NL": r"\d{9}B\d{2}",
    "LU": r"\d{8}", "ES": r"[0-9A-Z]\d{7}[0-9A-Z]", "IT": r"\d{11}", "PT": r"\d{9}", "PL": r"\d{10}",
    "DK": r"\d{8}", "SE": r"\d{12}", "FI": r"\d{8}", "IE": r"\d[0-9A-Z+*]\d{5}[A-Z]{1,2}", "CZ": r"\d{8,10}",
    "SK": r"\d{10}", "HU": r"\d{8}", "RO": r"\d{2,10}", "BG": r"\d{9,10}", "EL": r"\d{9}", "HR": r"\d{11}",
    "SI": r"\d{8}", "EE": r"\d{9}", "LV": r"\d{11}", "LT": r"(?:\d{9}|\d{12})", "MT": r"\d{8}",
    "CY": r"\d{8}[A-Z]", "GB": r"(?:\d{9}|\d{12}|GD\d{3}|HA\d{3})", "XI": r"(?:\d{9}|\d{12})",
    "CHE": r"\d{9}(?:MWST|TVA|IVA|UST)?", "NO": r"\d{9}(?:MVA)?",
}  # fmt: skip
_VAT = re.compile("(?:" + "|".join(f"{c}{f}" for c, f in _VAT_FORMS.items()) + ")")


def read_vat_id(text: str) -> str | None:
    """``text`` as a VAT identifier without blanks and marks when it has the form of one country, else ``None``."""
    bare = re.sub(r"[\s.\-]", "", text).upper()
    return bare if _VAT.fullmatch(bare) else None


def vat_country(vat_id: str) -> str:
    """The country of a VAT identifier as ISO alpha-2 (Greece writes EL, Northern Ireland XI)."""
    return {"EL": "GR", "XI": "GB"}.get(vat_id[:2], vat_id[:2])


def read_iban(text: str) -> str | None:
    """``text`` as an IBAN without blanks when its form fits (two letters, two digits, 11 to 30 more), else ``None``."""
    bare = re.sub(r"\s", "", text).upper()
    return bare if re.fullmatch(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}", bare) else None


def iban_checks(iban: str) -> bool:
    """Whether the check digits of an IBAN are right (ISO 7064, mod 97)."""
    turned = iban[4:] + iban[:4]
    return int("".join(str(int(c, 36)) for c in turned)) % 97 == 1
