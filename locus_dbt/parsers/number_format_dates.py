"""Dates and times by a section of a number format, from the day count that a spreadsheet stores."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from locus_dbt.parsers.number_format_section import Section

_DAY = 86_400
#: Day counts beyond the last day of the year 9999 are no dates.
_LAST_DAY = 2_958_466
_DAYS_TO_1904 = 1462
#: The day that never was: 29 February 1900 is day 60, for compatibility with an older program.
_LEAP_BUG = 60
_EPOCH = dt.date(1899, 12, 30)
_MAX_SUBSECOND = 3
_NOON = 12
_BUDDHIST = 543

#: Months, a bar, and days by the primary part of a Windows locale id; others get English names.
_NAMES: Mapping[int, str] = {
    0x09: "January February March April May June July August September October November December"
    " | Monday Tuesday Wednesday Thursday Friday Saturday Sunday",
    0x07: "Januar Februar März April Mai Juni Juli August September Oktober November Dezember"
    " | Montag Dienstag Mittwoch Donnerstag Freitag Samstag Sonntag",
    0x0C: "janvier février mars avril mai juin juillet août septembre octobre novembre décembre"
    " | lundi mardi mercredi jeudi vendredi samedi dimanche",
    0x0A: "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre"
    " | lunes martes miércoles jueves viernes sábado domingo",
    0x10: "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre"
    " | lunedì martedì mercoledì giovedì venerdì sabato domenica",
    0x13: "januari februari maart april mei juni juli augustus september oktober november december"
    " | maandag dinsdag woensdag donderdag vrijdag zaterdag zondag",
    0x16: "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro"
    " | segunda-feira terça-feira quarta-feira quinta-feira sexta-feira sábado domingo",
}
#: How far days and months are cut when a code asks for short names, where it is not to three letters.
_SHORT_DAY: Mapping[int, int] = {0x07: 2, 0x13: 2}


@dataclass(frozen=True, slots=True)
class _Moment:
    year: int
    month: int
    day: int
    weekday: int
    seconds: int
    units: int
    total: int


def show_date(section: Section, value: float, *, from_1904: bool) -> str | None:
    """The date or time as the section displays it; ``None`` for a number that is none (negative, after 9999)."""
    places = min(max((len(t) - 1 for kind, t in section.tokens if kind == "subsecond"), default=0), _MAX_SUBSECOND)
    moment = _moment(value, places, from_1904=from_1904)
    if moment is None:
        return None
    twelve = any(kind == "ampm" for kind, _ in section.tokens)
    spans = {text[0] for kind, text in section.tokens if kind == "elapsed"}
    out = ""
    for kind, text in section.tokens:
        if kind == "date":
            out += _part(moment, text, section.locale, twelve=twelve, spans=spans)
        elif kind == "elapsed":
            out += str(_elapsed(moment, text[0])).rjust(len(text), "0")
        elif kind == "ampm":
            out += _half(moment.seconds // 3600, text)
        elif kind == "subsecond":
            out += "." + f"{moment.units:0{places}}"[: len(text) - 1].ljust(len(text) - 1, "0")
        elif kind != "at":
            out += text
    return out


def iso(value: float, kind: str, *, from_1904: bool) -> str | None:
    """The day count in ISO 8601, to the millisecond; ``None`` for a number that is no date.

    A time alone that is a day or more is a date and time; a date with a time of day is one too.
    """
    moment = _moment(value, _MAX_SUBSECOND, from_1904=from_1904)
    if moment is None:
        return None
    clock = f"{moment.seconds // 3600:02}:{moment.seconds // 60 % 60:02}:{moment.seconds % 60:02}"
    clock += f".{moment.units:03}" if moment.units else ""
    if kind == "time" and value < 1:
        return clock
    if (moment.year, moment.month, moment.day) == (1900, 2, 29) or not moment.day:
        return None
    day = f"{moment.year:04}-{moment.month:02}-{moment.day:02}"
    return day if kind == "date" and not moment.seconds and not moment.units else f"{day}T{clock}"


def _moment(value: float, places: int, *, from_1904: bool) -> _Moment | None:
    """The parts of a day count, rounded to what is displayed so that no second is called 60."""
    if not 0 <= value < _LAST_DAY:
        return None
    scale = 10**places
    total = int(value * _DAY * scale + 0.5 + 1e-6)
    whole, units = divmod(total, scale)
    days, seconds = divmod(whole, _DAY)
    count = days + (_DAYS_TO_1904 if from_1904 else 0)
    if count >= _LAST_DAY:
        return None
    if count == _LEAP_BUG:
        year, month, day = 1900, 2, 29
    elif count == 0:
        year, month, day = 1900, 1, 0
    else:
        date = _EPOCH + dt.timedelta(days=count + (count < _LEAP_BUG))
        year, month, day = date.year, date.month, date.day
    # day 1 is called a Sunday, which is true from day 61 on
    return _Moment(year, month, day, (count + 5) % 7, seconds, units, whole)


def _elapsed(moment: _Moment, letter: str) -> int:
    return moment.total // {"h": 3600, "m": 60, "s": 1}[letter]


def _half(hour: int, text: str) -> str:
    afternoon = hour >= _NOON
    first, second = text.split("/")
    if len(first) == 1 or not first.isascii():
        return second if afternoon else first
    return "PM" if afternoon else "AM"


def _part(moment: _Moment, text: str, locale: int, *, twelve: bool, spans: set[str]) -> str:
    letter, n = text[0], len(text)
    if letter in "ybe":
        year = moment.year + (_BUDDHIST if letter == "b" else 0)
        return f"{year % 100:02}" if n < 3 and letter != "e" else f"{year:04}"
    if letter == "m":
        return _named(_names(locale)[0][moment.month - 1], moment.month, n, 3)
    if letter == "d":
        return _named(_names(locale)[1][moment.weekday], moment.day, n, _SHORT_DAY.get(locale & 0x3FF, 3))
    if letter == "g":
        return ""
    return _clock(moment, "m" if letter == "n" else letter, twelve=twelve, spans=spans).rjust(min(n, 2), "0")


def _clock(moment: _Moment, letter: str, *, twelve: bool, spans: set[str]) -> str:
    """Hours, minutes or seconds; beside the same in brackets they count on past their limit too."""
    if letter in spans:
        return str(_elapsed(moment, letter))
    hour = moment.seconds // 3600
    if letter == "h":
        return str((hour % _NOON or _NOON) if twelve else hour)
    return str(moment.seconds // 60 % 60 if letter == "m" else moment.seconds % 60)


@lru_cache(maxsize=256)
def _names(locale: int) -> tuple[list[str], list[str]]:
    months, days = _NAMES.get(locale & 0x3FF, _NAMES[0x09]).split("|")
    return months.split(), days.split()


def _named(name: str, number: int, n: int, short: int) -> str:
    """``d`` 3, ``dd`` 03, ``ddd`` a short name, ``dddd`` the full one, ``mmmmm`` its first letter."""
    if n < 3:
        return f"{number:0{n}}"
    if n == 3:
        return name[:short]
    return name[0] if n == 5 else name


def serial(text: str, *, from_1904: bool) -> float | None:
    """The day count of an ISO date, date and time or time; ``None`` for what is none of them."""
    try:
        if "-" not in text[1:]:
            clock = dt.time.fromisoformat(text.removeprefix("T"))
            return (clock.hour * 3600 + clock.minute * 60 + clock.second + clock.microsecond / 1e6) / _DAY
        moment = dt.datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        return None
    days = (moment - dt.datetime.combine(_EPOCH, dt.time())) / dt.timedelta(days=1)
    days -= _DAYS_TO_1904 if from_1904 else 0
    # before the day that never was, counts are one lower
    return days - 1 if not from_1904 and 1 <= days <= _LEAP_BUG else days
