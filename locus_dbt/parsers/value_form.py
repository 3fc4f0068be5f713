"""The form of a text value: number, date, plain words. Only the form; nothing is converted here."""

from __future__ import annotations

import re
from collections.abc import Sequence

_SIGN = r"[-+−(]?\s?"
_CURRENCY = r"(?:[$€£¥]|[A-Z]{3}\s)?\s?"
_DIGITS = r"(?:\d{1,3}(?:[,.'’ \u00a0\u202f]\d{3})+|\d+)?(?:[.,]\d+)?(?:[eE][-+]?\d{1,3})?"
_NUMBER = re.compile(rf"{_SIGN}{_CURRENCY}[-+]?{_DIGITS}\s?(?:[%‰€$£)]|[A-Z]{{3}})?")
_DAY = (
    r"(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.](?:\d{4}|\d{2})"
    r"|\d{1,2}[- ./]?[A-Za-z]{3,9}[- ./,]{0,2}\d{2,4}|[A-Za-z]{3,9}\.? \d{1,2},? \d{4})"
)
_CLOCK = r"\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?\s?(?:Z|[AaPp][Mm]|[-+]\d{2}:?\d{2})?"
_DATE = re.compile(rf"{_DAY}(?:[T ]{_CLOCK})?")
_TIME = re.compile(r"\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?\s?(?:[AaPp][Mm])?")
_ADDRESS = re.compile(r"(?:https?|ftp)://\S{1,2000}|[^\s@]{1,64}@[^\s@]{1,190}\.[a-zA-Z]{2,12}")
_WORDS = re.compile(r"[^\W_][\w \-./&()'’,:+#*%?!\"$€£°@=]{0,400}", re.DOTALL)
_NOTHING = frozenset(("", "-", "–", "—", "n/a", "na", "nan", "null", "none", "nil", "?"))


def is_number(text: str) -> bool:
    """A number in any common spelling, with or without a currency or percent sign."""
    return len(text) < 40 and any(c.isdigit() for c in text) and bool(_NUMBER.fullmatch(text.strip()))


def is_date(text: str) -> bool:
    """A date, with or without a time, or a time alone."""
    short = text.strip()
    return len(short) < 40 and bool(_DATE.fullmatch(short) or _TIME.fullmatch(short))


def is_typed(text: str) -> bool:
    """A number, date or time: what a column's name is not."""
    return is_number(text) or is_date(text)


def is_blank(text: str) -> bool:
    """Nothing, or a sign for nothing."""
    return text.strip().lower() in _NOTHING


def looks_clean(text: str) -> bool:
    """A value of some known form: what is left of a cell that was cut at the right delimiters."""
    short = text.strip()
    return is_blank(short) or is_typed(short) or bool(_ADDRESS.fullmatch(short)) or bool(_WORDS.fullmatch(short))


def header_like(fields: Sequence[str]) -> bool:
    """Whether a row could name columns: mostly filled, no two alike, nothing that is a number or date."""
    filled = [field.strip() for field in fields if field.strip()]
    return (
        len(filled) * 2 > len(fields)
        and not any(is_typed(field) for field in filled)
        and len({field.casefold() for field in filled}) * 2 > len(filled)
    )
