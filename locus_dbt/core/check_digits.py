"""Identifiers that carry a check: whether their check digits are right.

Each function takes the text as printed and says ``True``, ``False``, or ``None`` where it is no identifier of that kind
or its country publishes no check.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from locus_dbt.core.vat_digits import VAT_CHECKS

#: Length of an IBAN by country (SWIFT's registry).
_IBAN_LENGTHS = {
    code: length
    for length, codes in {
        15: "NO", 16: "BE", 18: "DK FI FO GL NL SD FK", 19: "MK SI", 20: "AT BA EE KZ LT LU XK MN",
        21: "CH HR LI LV NI",
        22: "BG BH CR DE GB GE IE ME RS VA", 23: "AE GI IL IQ OM TL SO", 24: "AD CZ ES MD PK RO SA SE SK TN VG",
        25: "LY PT ST", 26: "IS TR", 27: "BI DJ FR GR IT MC MR SM", 28: "AL AZ BY CY DO GT HU LB PL SV",
        29: "BR EG PS QA UA", 30: "JO KW MU YE", 31: "MT SC", 32: "LC", 33: "RU",
    }.items()
    for code in codes.split()
}  # fmt: skip
_IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}")
_LEI = re.compile(r"[A-Z0-9]{18}\d{2}")
_ISIN = re.compile(r"[A-Z]{2}[A-Z0-9]{9}\d")
_BIC = re.compile(r"[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}(?:[A-Z0-9]{3})?")
_VAT = re.compile(r"([A-Z]{2})([A-Z0-9+*]{2,13})")
_LAYOUT = re.compile(r"[\s.\-/]+")


def compact(text: str) -> str:
    """Letters and digits, upper case: blanks, points, hyphens and slashes are layout."""
    return _LAYOUT.sub("", text).upper()


def iban(text: str) -> bool | None:
    """ISO 13616: length of its country, remainder 1 modulo 97."""
    plain = compact(text)
    if not _IBAN.fullmatch(plain):
        return None
    length = _IBAN_LENGTHS.get(plain[:2])
    return False if length not in (None, len(plain)) else _mod97(plain[4:] + plain[:4]) == 1


def lei(text: str) -> bool | None:
    """ISO 17442: 20 characters, remainder 1 modulo 97."""
    plain = compact(text)
    return _mod97(plain) == 1 if _LEI.fullmatch(plain) else None


def isin(text: str) -> bool | None:
    """ISO 6166: Luhn over the letters as two digits each."""
    plain = compact(text)
    return luhn("".join(str(int(c, 36)) for c in plain)) if _ISIN.fullmatch(plain) else None


def luhn(text: str) -> bool | None:
    """ISO/IEC 7812: every second digit from the right doubled."""
    plain = compact(text)
    if len(plain) < 2 or not _digits(plain):
        return None
    doubled = [int(c) * (1 + i % 2) for i, c in enumerate(reversed(plain))]
    return sum(d - 9 if d > 9 else d for d in doubled) % 10 == 0


def ean(text: str) -> bool | None:
    """GTIN-8, -12, -13 and -14: weights 3 and 1 from the right."""
    plain = compact(text)
    if len(plain) not in (8, 12, 13, 14) or not _digits(plain):
        return None
    return sum(int(c) * (3 if i % 2 else 1) for i, c in enumerate(reversed(plain))) % 10 == 0


def bic(text: str) -> bool | None:
    """ISO 9362: 8 or 11 characters of the right kinds. A form, no check digit: only a wrong one says something."""
    return None if _BIC.fullmatch(compact(text)) else False


def vat(text: str) -> bool | None:
    """VAT numbers of EU member states, with the prefix of their state."""
    found = _VAT.fullmatch(compact(text))
    check = VAT_CHECKS.get(found[1]) if found else None
    return check(found[2]) if found and check else None


def _mod97(text: str) -> int:
    return int("".join(str(int(c, 36)) for c in text)) % 97


def _digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


#: Checks by the name that a manifest gives them.
CHECKS: Mapping[str, Callable[[str], bool | None]] = {
    "iban": iban, "vat": vat, "luhn": luhn, "isin": isin, "lei": lei, "ean": ean, "bic": bic,
}  # fmt: skip

#: Kinds that are recognised in any text by their form: their check holds by chance once in a hundred only.
BY_FORM: Sequence[tuple[str, str]] = (
    ("iban", r"^[A-Z]{2}[0-9]{2} ?[A-Z0-9]{4}[A-Z0-9 ]{7,35}$"),
    ("lei", r"^[A-Z0-9]{18}[0-9]{2}$"),
)
