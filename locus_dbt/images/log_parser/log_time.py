"""Times as logs print them: recognised anywhere in a header, read where the year is known."""

from __future__ import annotations

import datetime as dt
import re

_MONTHS = dict(zip(("jan", "feb", "mar", "apr", "may", "jun"), range(1, 7), strict=True)) | dict(
    zip(("jul", "aug", "sep", "oct", "nov", "dec"), range(7, 13), strict=True)
)
_DAY = r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
_MON = r"(?P<mon>Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_HMS = r"(?P<h>[01]?\d|2[0-3])[:.](?P<mi>[0-5]\d)[:.](?P<s>[0-5]\d|60)(?:[.,:](?P<f>\d{1,9}))?"
_HM = r"(?P<h>[01]?\d|2[0-3]):(?P<mi>[0-5]\d)(?::(?P<s>[0-5]\d|60)(?:[.,:](?P<f>\d{1,9}))?)?"
_ZONE = r"(?:\s?(?:Z|UTC|GMT|[+-]\d\d:?\d\d))?"
_MO, _D = r"(?P<mo>0?[1-9]|1[0-2])", r"(?P<d>0?[1-9]|[12]\d|3[01])"
#: One pattern for each form; a form without ``y`` (or ``yy``) needs the year from outside.
_FORMS = (
    rf"(?P<y>\d{{4}})-{_MO}-{_D}[-T _]{_HMS}{_ZONE}",
    rf"(?P<y>\d{{4}})[-/.]{_MO}[-/.]{_D}(?:[T _:-]\s?{_HM}{_ZONE})?",
    rf"(?P<y>\d{{4}})(?P<mo>\d\d)(?P<d>\d\d)[-T _]{_HM}{_ZONE}",
    rf"(?P<yy>\d\d)/{_MO}/{_D}\s{_HM}",
    rf"{_D}/{_MON}/(?P<y>\d{{4}})[: ]{_HMS}{_ZONE}",
    rf"{_D}[- ]{_MON}[- ](?P<y>\d{{4}})\s{_HMS}{_ZONE}",
    r"(?P<yy>\d\d)(?P<mo>\d\d)(?P<d>\d\d)\s(?P<h>\d\d)(?P<mi>\d\d)(?P<s>\d\d)",
    rf"{_DAY},?\s{_MON}\s{{1,2}}{_D}\s{_HMS}(?:\s[A-Z]{{3,4}})?\s(?P<y>\d{{4}})",
    rf"{_DAY},?\s{_D}\s{_MON}\s(?P<y>\d{{4}})\s{_HMS}{_ZONE}",
    rf"(?:{_DAY}\s)?{_MON}\s{{1,2}}{_D}(?:,?\s(?P<y>\d{{4}}))?,?\s{_HMS}{_ZONE}",
    rf"(?P<a>\d{{1,2}})/(?P<b>\d{{1,2}})/(?P<y>\d{{4}}),?\s{_HMS}",
    rf"{_D}\.{_MO}\.(?P<y>\d{{4}}),?\s{_HM}",
    rf"{_MO}[-.]{_D}\s{_HMS}",
    rf"{_HMS}",
)
#: The usual form, which the standard library reads fastest.
_ISO = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d")
_COMPILED = tuple(re.compile(form) for form in _FORMS)
_UNNAMED = tuple(re.sub(r"\(\?P<\w+>", "(?:", form) for form in _FORMS)
#: A time where a header has one; what follows is a blank, a bracket or a sign.
TIME = re.compile("(?:" + "|".join(_UNNAMED) + r")(?![\w:])")
#: Seconds, milliseconds or microseconds since 1970, from 2001 on.
EPOCH = re.compile(r"1\d{9}(?:\.\d{1,9}|\d{3}|\d{6})?(?![\w.])")


def read_time(text: str, *, year: int | None = None) -> dt.datetime | None:
    """The time as printed, without its zone; ``None`` where the year or the day is not known.

    ``year`` completes forms without one. Seconds since 1970 are read as UTC.
    """
    text = text.strip()
    if _ISO.match(text):
        try:
            return dt.datetime.fromisoformat(text.replace(",", ".", 1)).replace(tzinfo=None)
        except ValueError:
            pass  # one of the forms below, or no date at all
    if EPOCH.fullmatch(text):
        whole, _, fraction = text.partition(".")
        seconds, rest = whole[:10], whole[10:] + fraction
        micro = int((rest + "000000")[:6])
        return dt.datetime(1970, 1, 1) + dt.timedelta(seconds=int(seconds), microseconds=micro)  # noqa: DTZ001
    for form in _COMPILED:
        if match := form.fullmatch(text):
            return _from_parts(match.groupdict(), year)
    return None


def _from_parts(parts: dict[str, str | None], year: int | None) -> dt.datetime | None:
    y = parts.get("y")
    if parts.get("yy"):
        short = int(parts["yy"] or 0)
        y = str(short + (2000 if short < 70 else 1900))
    y = y or (str(year) if year else None)
    month, day = parts.get("mo"), parts.get("d")
    if parts.get("mon"):
        month = str(_MONTHS[str(parts["mon"]).lower()])
    if parts.get("a"):
        month, day = _unambiguous(str(parts["a"]), str(parts["b"]))
    if not (y and month and day):
        return None
    micro = int(((parts.get("f") or "") + "000000")[:6])
    hour, minute, second = (int(parts.get(name) or 0) for name in ("h", "mi", "s"))
    try:
        # a leap second is read as the second before it
        return dt.datetime(int(y), int(month), int(day), hour, minute, min(second, 59), micro)  # noqa: DTZ001
    except ValueError:
        return None


def _unambiguous(first: str, second: str) -> tuple[str | None, str | None]:
    """Month and day of ``12/31/2016`` and ``31/12/2016``; none of ``5/6/2016``, which may be either."""
    if int(first) > 12:
        return second, first
    return (first, second) if int(second) > 12 or first == second else (None, None)


def time_form(text: str) -> str | None:
    """The pattern, without groups, of the one form that ``text`` has."""
    for form, compiled in zip(_UNNAMED, _COMPILED, strict=True):
        if compiled.fullmatch(text):
            return rf"{form}(?![\w:])"
    return None
