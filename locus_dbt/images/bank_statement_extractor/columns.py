"""How the numbers and dates of a statement are written, decided by all of them together; never guessed by one."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

DateOrder = Literal["dmy", "mdy", "ymd"]

_NUMBER = re.compile(
    r"(?P<open>[(])?\s*(?P<sign>[+\-\u2212\u2013])?\s*(?P<code>[A-Z]{3}|[€$£])?\s*(?P<sign2>[+\-\u2212\u2013])?\s*"
    r"(?P<digits>\d[\d.,'\u2019\u00a0\u202f ]*|[.,]\d+)\s*(?P<code2>[A-Z]{3}(?![A-Z])|[€$£])?\s*(?P<close>[)])?\s*"
    r"(?P<mark>[+\-\u2212\u2013]|CR|DR|[SHCD])?",
)
_DATE = re.compile(r"(\d{1,4})\s?([./-])\s?(\d{1,2})(?:\s?\2\s?(\d{2,4})|\.?)(?:[ T]\d{1,2}:\d{2}.*)?")
#: Digits before the decimal sign that the output's type takes.
_MAX_DIGITS = 16
_MINUS = "-\u2212\u2013"
_NAMED = re.compile(r"(\d{1,2})[ .-]{1,2}([^\W\d]{3,10})\.?[ -]{0,2}(\d{4}|\d{2})?")
_MONTHS = {
    "jan": 1, "ene": 1, "feb": 2, "fev": 2, "fév": 2, "mar": 3, "mär": 3, "mrz": 3, "maa": 3, "apr": 4, "avr": 4,
    "abr": 4,
    "may": 5, "mai": 5, "mei": 5, "jun": 6, "juin": 6, "jul": 7, "juil": 7, "aug": 8, "aou": 8, "aoû": 8, "ago": 8,
    "sep": 9, "oct": 10, "okt": 10, "nov": 11, "dec": 12, "dez": 12,
    "dic": 12, "déc": 12,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Written:
    """How this statement is written: the decimal sign and the order of day and month, ``None`` where undecidable.

    ``period`` is the first and last day the statement names; it completes days that are printed without a year.
    """

    decimal: str | None
    order: DateOrder | None
    period: tuple[date, date] | None = None


def decimal_sign(texts: Iterable[str]) -> str | None:
    """The decimal sign of a column of numbers; ``None`` when none of them shows it or they contradict each other."""
    votes: set[str] = set()
    separated = False
    for text in texts:
        match = _NUMBER.fullmatch(text.strip())
        if match is None:
            continue
        digits = match["digits"].strip()
        marks = [c for c in digits if c in ".,"]
        if not marks:
            continue
        separated = True
        last = marks[-1]
        behind = len(digits) - digits.rindex(last) - 1
        if len(set(marks)) == 2:
            votes.add(last)
        elif len(marks) > 1:
            votes.add("," if last == "." else ".")  # a sign that stands twice groups thousands
        elif behind != 3 or digits.index(last) > 3 or digits.startswith("0"):
            votes.add(last)
        # one sign with three digits behind it may be either
    if not separated:
        return "."
    return votes.pop() if len(votes) == 1 else None


def amount(text: str, decimal: str) -> Decimal | None:
    """A printed amount with its sign (before, behind, in parentheses, S or H, DR or CR); ``None`` for no number."""
    match = _NUMBER.fullmatch(text.strip())
    if match is None:
        return None
    digits = re.sub(r"['\u2019\u00a0\u202f ]", "", match["digits"])
    grouping = "." if decimal == "," else ","
    whole, _, cents = digits.partition(decimal)
    if grouping in cents or decimal in cents or len(digits) > 24:
        return None
    groups = whole.split(grouping)
    if len(groups) > 1 and (not 1 <= len(groups[0]) <= 3 or any(len(g) != 3 for g in groups[1:])):
        return None
    value = Decimal(f"{''.join(groups) or '0'}.{cents or '0'}")
    if value.adjusted() >= _MAX_DIGITS:
        return None
    negative = (
        ((match["sign"] or "") in _MINUS and bool(match["sign"]))
        or (bool(match["sign2"]) and match["sign2"] in _MINUS)
        or (match["mark"] or "+") in (*_MINUS, "S", "D", "DR")
        or bool(match["open"] and match["close"])
    )  # fmt: skip
    return -value if negative else value


def currency_in(text: str) -> str | None:
    """The currency printed with an amount."""
    match = _NUMBER.fullmatch(text.strip())
    code = (match["code"] or match["code2"]) if match else None
    return {"€": "EUR", "£": "GBP"}.get(code, code if code != "$" else None) if code else None


def date_order(texts: Iterable[str]) -> DateOrder | None:
    """The order of day, month and year in columns of dates; ``None`` when no date shows it or they contradict."""
    votes: set[DateOrder] = set()
    for text in texts:
        match = _DATE.fullmatch(text.strip())
        if match is None:
            continue
        first, sign, second, _ = match.groups()
        if len(first) == 4:
            votes.add("ymd")
        elif sign == "." or int(first) > 12:
            votes.add("dmy")  # dates with points are written day first wherever they are written
        elif int(second) > 12:
            votes.add("mdy")
    return votes.pop() if len(votes) == 1 else None


def is_date(text: str) -> bool:
    """Whether a text has the form of a date, with or without year."""
    match = _NAMED.fullmatch(text.strip())
    return _DATE.fullmatch(text.strip()) is not None or (match is not None and _month(match[2]) is not None)


def day(text: str, written: Written) -> tuple[date | None, str]:
    """A printed date, and why it could be completed where no year is printed."""
    named = _NAMED.fullmatch(text.strip())
    if named and (month := _month(named[2])) is not None:
        return _complete(int(named[1]), month, named[3], written)
    if compact := re.fullmatch(r"(20\d\d|19\d\d)(\d\d)(\d\d)", text.strip()):
        return _made(int(compact[1]), int(compact[2]), int(compact[3])), ""
    match = _DATE.fullmatch(text.strip())
    if match is None:
        return None, ""
    first, _, second, third = match.groups()
    if len(first) == 4:
        return (_made(int(first), int(second), int(third)), "") if third else (None, "")
    if written.order in (None, "ymd"):
        return None, ""
    d, m = (first, second) if written.order == "dmy" else (second, first)
    return _complete(int(d), int(m), third, written)


def _complete(d: int, m: int, year: str | None, written: Written) -> tuple[date | None, str]:
    if year:
        number = int(year)
        return _made(number + (2000 if number < 80 else 1900) if len(year) == 2 else number, m, d), ""
    if written.period is None:
        return None, ""
    start, end = written.period
    near = timedelta(days=31)
    years = range(start.year - 1, end.year + 2)
    found = [made for y in years if (made := _made(y, m, d)) is not None and start - near <= made <= end + near]
    return (found[0], "the year is that of the statement") if len(found) == 1 else (None, "")


def _made(year: int, month: int, d: int) -> date | None:
    try:
        return date(year, month, d)
    except ValueError:
        return None


def _month(name: str) -> int | None:
    low = name.lower()
    return _MONTHS.get(low[:4]) or _MONTHS.get(low[:3])
