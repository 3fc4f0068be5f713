"""Dates and times against their print: orders of day and month, names of months, missing parts, time zones."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from locus_dbt.core.grounding.folding import printed
from locus_dbt.core.grounding.verdict import Context, Verdict, differs
from locus_dbt.core.value_names import MONTHS
from locus_dbt.core.values import fold_name

_MORE_MONTHS = (
    "enero janeiro januari", "febrero fevereiro februari", "marzo marco maart", "abril", "mayo maio mei",
    "junio junho", "julio julho", "agosto augustus", "septiembre setembro settembre", "octubre outubro",
    "noviembre novembro", "diciembre dezembro",
)  # fmt: skip
_NAMED = {name: i for i, names in enumerate(_MORE_MONTHS, 1) for name in names.split()} | MONTHS

_WORD = r"[^\W\d_]{3,10}"
_FORMS = (
    ("iso", re.compile(r"(?<![\d.])(?P<y>\d{4})(?P<s>[-/.])(?P<a>\d{1,2})(?P=s)(?P<b>\d{1,2})(?![\d])")),
    (
        "numeric",
        re.compile(r"(?<![\d.,])(?P<a>\d{1,2})\s?(?P<s>[./-])\s?(?P<b>\d{1,2})\s?(?P=s)\s?(?P<y>\d{4}|'?\d{2})(?!\d)"),
    ),
    (
        "day month",
        re.compile(
            rf"(?<!\d)(?P<a>\d{{1,2}})(?:st|nd|rd|th|er|º|ª)?[.\s/-]*(?:de\s+|of\s+)?(?P<m>{_WORD})"
            r"(?:[.,]|\s+de)?[\s/-]*(?P<y>\d{4}|'?\d{2})?(?!\d)",
        ),
    ),
    (
        "month day",
        re.compile(rf"(?P<m>{_WORD})[.\s-]*\b(?P<a>\d{{1,2}})(?:st|nd|rd|th)?(?:,?\s+(?P<y>\d{{4}}))?(?![\d])"),
    ),
    ("marks left out", re.compile(r"(?<![\w/-])(?P<y>(?:19|20)\d{2})(?P<a>[01]\d)(?P<b>[0-3]\d)(?![\w/-])")),
    ("month", re.compile(rf"(?P<m>{_WORD})\.?[\s/-]*(?P<y>\d{{4}})(?!\d)")),
    ("year month", re.compile(r"^(?P<y>\d{4})[-/](?P<a>\d{2})$|^(?P<b>\d{2})[-/.](?P<z>\d{4})$")),
)
_TIME = re.compile(
    r"(?<!\d)(?P<h>\d{1,2})(?P<s>[:.h])(?P<mi>\d{2})(?:(?P=s)(?P<se>\d{2})(?:[.,](?P<f>\d{1,9}))?)?\s?(?P<am>[ap]\.?m\.?)?"
    r"\s?(?P<z>Z(?!\w)|UTC|GMT|[+-]\d{2}:?\d{2})?(?!\d)",
    re.IGNORECASE,
)
#: A time between the day and the year, as C and mail write it: read as if it stood behind them.
_YEAR_LAST = re.compile(r"([^\W\d_]{3} +\d{1,2}) (\d{2}:\d{2}:\d{2}\S*)(?: [A-Z]{3,4})? (\d{4})$")
_WITH_NAMES = ("day month", "month day", "month")
_NAME = re.compile(_WORD)
_SOME_DIGIT = re.compile(r"\d")
#: Texts without digits, and plain numbers that are not eight digits long.
_NO_DATE = re.compile(r"\D*|-?\d{1,7}(?:\.\d+)?|-?\d{9,}(?:\.\d+)?")
_CANONICAL = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?(?:Z|[+-]\d\d:?\d\d)?)?")
#: Words that may stand around a date without being more than it.
_FILLING = re.compile(
    r"^(?:[\W_]|uhr|at|um|on|am|den|le|the|t|[^\W\d_]{2,10}day|[^\W\d_]{3,7}tag|mittwoch"
    r"|(?:mo|di|mi|do|fr|sa|so|mon|tue|wed|thu|fri|sat|sun)\b)*$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Found:
    """A printed date: every day it can stand for, day before month first; its form, what it lacks, its first number."""

    days: tuple[date, ...]
    form: str
    missing: str = ""
    first: int = 0
    start: int = 0
    stop: int = 0


def compare_dates(value: str, text: str, context: Context) -> Verdict | None:
    """The verdict when the value is a date or time and the text holds one; ``None`` otherwise."""
    if _NO_DATE.fullmatch(value):
        return None
    flat_value = printed(value)
    mine = _whole(flat_value, context)
    if mine is None or not (flat := _YEAR_LAST.sub(r"\1 \3 \2", printed(text))):
        return None
    day, clock = mine
    if (epoch := _epoch(flat_value, flat)) is not None:
        return epoch
    theirs = find_dates(flat, year=day.days[0].year)
    if not theirs:
        return None
    verdicts = [_compare(day, their, text, context) for their in theirs]
    best = max(verdicts, key=lambda v: v.faithfulness)
    if best.faithfulness > 0.5:
        best = _with_time(best, clock, flat, value, text, _same_day(day, theirs))
        if best.faithfulness > 0.5 and (len(theirs) > 1 or not _pure(flat, theirs)):
            best = best._replace(faithfulness=min(best.faithfulness, 0.9 if len(theirs) == 1 else 0.85))
            best = best._replace(reason=best.reason or f"one part of '{text}'")
    elif clock is not None and (shifted := _shifted(value, flat, theirs)) is not None:
        return shifted
    return best


def _same_day(day: Found, theirs: list[Found]) -> Found:
    return next((t for t in theirs if set(t.days) & set(day.days)), theirs[0])


def _whole(value: str, context: Context) -> tuple[Found, tuple[int, int, int, str] | None] | None:
    """The value as a date and perhaps a time, when it is nothing else."""
    if match := _CANONICAL.fullmatch(value):
        try:
            day = date(int(match[1]), int(match[2]), int(match[3]))
        except ValueError:
            return None
        clock = (int(match[4]), int(match[5]), int(match[6]), match[7] or "") if match[4] else None
        return Found((day,), "iso"), clock
    found = find_dates(value)
    if len(found) != 1 or found[0].missing or not _pure(value, found):
        return None
    one = found[0]
    if one.form == "marks left out" and context.is_number:
        return None
    return one, _clock(value[: one.start] + " " + value[one.stop :])


def _pure(text: str, found: list[Found]) -> bool:
    rest = text
    for one in reversed(found):
        rest = rest[: one.start] + " " + rest[one.stop :]
    return _FILLING.match(_TIME.sub(" ", rest)) is not None


def find_dates(text: str, *, year: int | None = None) -> list[Found]:
    """The dates of a text in order; ``year`` stands in where none is printed (``5 March``)."""
    out: list[Found] = []
    if _SOME_DIGIT.search(text) is None:
        return out
    named = _NAME.search(text) is not None
    for form, pattern in _FORMS:
        if form in _WITH_NAMES and not named:
            continue
        for match in pattern.finditer(text):
            if any(match.start() < f.stop and match.end() > f.start for f in out):
                continue
            if found := _date(form, match, year):
                out.append(found)
    return out if len(out) < 2 else sorted(out, key=lambda f: f.start)


def _date(form: str, match: re.Match[str], year: int | None) -> Found | None:
    part = match.groupdict()
    full = _year(part.get("y") or part.get("z"), year)
    if full is None:
        return None
    missing = "" if part.get("y") or part.get("z") else "year"
    if part.get("m"):
        month = _NAMED.get(fold_name(part["m"]))
        if month is None:
            return None
        days = _days((full, month, int(part["a"]) if form != "month" else 1))
        return (
            Found(days, form, missing or ("day" if form == "month" else ""), start=match.start(), stop=match.end())
            if days
            else None
        )
    if form == "year month":
        days = _days((full, int(part["a"] or part["b"]), 1))
        return Found(days, form, "day", start=match.start(), stop=match.end()) if days else None
    a, b = int(part["a"]), int(part["b"])
    if form == "numeric":
        both = ((full, b, a),) if part["s"] == "." else ((full, b, a), (full, a, b))
        days = _days(*both)
    else:
        days = _days((full, a, b))
    return Found(days, form, first=a, start=match.start(), stop=match.end()) if days else None


def _year(text: str | None, given: int | None) -> int | None:
    if text is None:
        return given
    digits = text.lstrip("'")
    return int(digits) if len(digits) == 4 else (2000 if int(digits) < 70 else 1900) + int(digits)


def _days(*parts: tuple[int, int, int]) -> tuple[date, ...]:
    out: list[date] = []
    for year, month, day in parts:
        try:
            found = date(year, month, day)
        except ValueError:
            continue
        if found not in out:
            out.append(found)
    return tuple(out)


def _compare(mine: Found, theirs: Found, text: str, context: Context) -> Verdict:  # noqa: PLR0911 - one for each doubt
    my, their = _ordered(mine, context), _ordered(theirs, context)
    common = [d for d in my if d in their]
    if not common:
        turned = [(d.year, d.day, d.month) for d in their]
        if len(my) == 1 and (my[0].year, my[0].month, my[0].day) in turned:
            return differs(text, "day and month are swapped", 0.05)
        return differs(text, "another day")
    rule = _words(theirs, common[0])
    if len(their) > 1 or len(my) > 1:
        other = next((d for d in (*their, *my) if d != common[0]), None)
        if mine.form == theirs.form and set(my) == set(their):
            return Verdict("normalized", 0.97, None, rule)
        return Verdict("normalized", 0.7, f"day and month can be read both ways: it could be {other}", rule)
    if theirs.missing == "year":
        return Verdict("normalized", 0.9, "the year is not printed", rule)
    if theirs.missing == "day":
        return Verdict("normalized", 0.85, "the day is not printed", rule)
    return Verdict("normalized", 0.98, None, rule)


def _ordered(found: Found, context: Context) -> tuple[date, ...]:
    """The days that the document's own order of day and month leaves."""
    if found.form != "numeric" or len(found.days) == 1 or context.date_order is None:
        return found.days
    return (found.days[0] if context.date_order == "dmy" else found.days[-1],)


def _words(found: Found, day: date) -> str:
    if found.form == "numeric":
        return "date, day first" if day.day == found.first else "date, month first"
    if found.form in ("day month", "month day"):
        return "date, name of the month"
    return "date, year first" if found.form == "iso" else f"date, {found.form}"


def _clock(text: str) -> tuple[int, int, int, str] | None:
    match = _TIME.search(text)
    if match is None:
        return None
    hour = int(match["h"])
    if match["am"]:
        hour = hour % 12 + (12 if match["am"][0] in "pP" else 0)
    return hour, int(match["mi"]), int(match["se"] or 0), match["f"] or ""


def _with_time(  # noqa: PLR0911 - one for each way to print a time
    verdict: Verdict, clock: tuple[int, int, int, str] | None, flat: str, value: str, text: str, found: Found
) -> Verdict:
    rest = flat
    for one in find_dates(flat, year=found.days[0].year):
        rest = rest[: one.start] + " " * (one.stop - one.start) + rest[one.stop :]
    if clock is None:
        if _clock(rest):
            return verdict._replace(rule=f"{verdict.rule}, time left out", faithfulness=min(verdict.faithfulness, 0.97))
        return verdict
    their = _clock(rest)
    if their is None:
        if clock[:3] == (0, 0, 0):
            return verdict
        if _without_marks(clock, rest):
            return verdict._replace(rule=f"{verdict.rule}, time without marks")
        return differs(text, "no such time is printed")
    if clock[:3] == their[:3] and _fraction(clock[3]) == _fraction(their[3]):
        return verdict._replace(rule=f"{verdict.rule}, time")
    return _shifted(value, flat, [found]) or differs(text, "another time")


def _without_marks(clock: tuple[int, int, int, str], rest: str) -> bool:
    digits = f"{clock[0]:02d}{clock[1]:02d}{clock[2]:02d}"
    return any(run.startswith(digits) for run in re.findall(r"\d+", rest))


def _fraction(digits: str) -> str:
    return digits[:6].rstrip("0")


def _shifted(value: str, flat: str, theirs: list[Found]) -> Verdict | None:
    """A time given in UTC for one printed with its zone."""
    match = next((m for m in _TIME.finditer(flat) if m["z"]), None)
    clock = _clock(match[0]) if match else None
    if match is None or clock is None or not match["z"][-1].isdigit():
        return None
    zone = match["z"].replace(":", "")
    offset = timedelta(hours=int(zone[1:3]), minutes=int(zone[3:5])) * (-1 if zone[0] == "-" else 1)
    wanted = datetime.fromisoformat(value.replace("Z", ""))
    for found in theirs:
        for day in found.days:
            try:
                here = datetime(day.year, day.month, day.day, *clock[:3]) - offset  # noqa: DTZ001 - both without zone
            except (ValueError, OverflowError):
                continue
            if here == wanted.replace(microsecond=0, tzinfo=None):
                return Verdict("normalized", 0.95, None, f"{_words(found, day)}, time in UTC")
    return None


def _epoch(value: str, text: str) -> Verdict | None:
    """Seconds or milliseconds since 1970."""
    match = re.fullmatch(r"(\d{9,10})(?:[.]\d+|(\d{3}))?", text)
    whole = _CANONICAL.fullmatch(value)
    if match is None or whole is None or not whole[4]:
        return None
    moment = datetime.fromtimestamp(int(match[1]), UTC).strftime("%Y-%m-%d %H:%M:%S")
    if moment == value[:19].replace("T", " "):
        return Verdict("normalized", 0.95, None, "time, seconds since 1970")
    return None
