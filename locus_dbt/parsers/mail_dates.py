"""The date of a mail: RFC 5322 with its obsolete zones, and the other forms that programs have written."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

from locus_dbt.parsers.mail_headers import without_comments

_MONTHS = {
    name: i
    for i, name in enumerate(["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], 1)
}
_MONTHS |= {"mär": 3, "mrz": 3, "mai": 5, "okt": 10, "dez": 12, "fév": 2, "avr": 4, "aoû": 8, "déc": 12, "ene": 1}
#: Zone names in hours; those that mean several zones in the world have RFC 5322's or mail programs' meaning.
_ZONES = {
    "ut": 0, "utc": 0, "gmt": 0, "z": 0, "wet": 0, "est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6,
    "pst": -8, "pdt": -7, "akst": -9, "akdt": -8, "hst": -10, "ast": -4, "adt": -3, "bst": 1, "west": 1, "cet": 1,
    "met": 1, "mez": 1, "cest": 2, "mest": 2, "mesz": 2, "eet": 2, "eest": 3, "msk": 3, "jst": 9, "kst": 9, "aest": 10,
    "aedt": 11, "nzst": 12, "nzdt": 13, "hkt": 8, "sgt": 8,
}  # fmt: skip
_CLOCK = r"(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?(?:[.,]\d+)?(?:\s*([AaPp])\.?[Mm]\.?)?"
_ZONE = r"(?:\s*((?:GMT|UTC?)?\s*[+-]\s*\d{1,2}:?\d{2}|[A-Za-z]{1,5}(?![\w]))?)"
_USUAL = re.compile(rf"(\d{{1,2}})[\s.-]+([^\W\d]{{3,9}})\.?[\s,-]+(\d{{2,4}})(?:[\s,T]+(?:at\s+)?{_CLOCK}{_ZONE})?")
_C_LIBRARY = re.compile(rf"([^\W\d]{{3,9}})\s+(\d{{1,2}}),?\s+{_CLOCK}{_ZONE}\s+(\d{{4}})")
_ISO = re.compile(rf"(\d{{4}})-(\d{{2}})-(\d{{2}})[T\s]+{_CLOCK}{_ZONE}")


def mail_date(raw: str) -> datetime | None:
    """The moment a date field names, with its offset; without zone a naive one; ``None`` for what is no date.

    >>> mail_date("Fri, 21 Nov 97 09:55:06 EST").isoformat()
    '1997-11-21T09:55:06-05:00'
    """
    text = re.sub(r"\s*:\s*", ":", " ".join(without_comments(raw[:300]).split()))
    if match := _ISO.search(text):
        year, month, day, *clock, zone = match.groups()
        return _moment(year, int(month), day, clock, zone)
    if match := _C_LIBRARY.search(text):
        name, day, *clock, zone, year = match.groups()
        if month := _MONTHS.get(name[:3].lower()):
            return _moment(year, month, day, clock, zone)
    if match := _USUAL.search(text):
        day, name, year, *clock, zone = match.groups()
        if month := _MONTHS.get(name[:3].lower()):
            return _moment(year, month, day, clock, zone)
    return None


def _moment(year: str, month: int, day: str, clock: list[str | None], zone: str | None) -> datetime | None:
    hour, minute, second = (int(part or 0) for part in clock[:3])
    if clock[3]:
        hour = hour % 12 + (12 if clock[3] in "pP" else 0)
    try:
        return datetime(_year(year), month, int(day), hour, minute, min(second, 59), tzinfo=_offset(zone))
    except (ValueError, OverflowError):
        return None


def _year(printed: str) -> int:
    """RFC 5322 4.3: two digits below 50 are of this century, three count from 1900."""
    year = int(printed)
    if len(printed) == 2:
        return year + (2000 if year < 50 else 1900)
    return year + 1900 if len(printed) == 3 else year


def _offset(zone: str | None) -> timezone | None:
    if not zone:
        return None
    numeric = re.search(r"([+-])\s*(\d{1,2}):?(\d{2})$", zone)
    if numeric:
        minutes = int(numeric[2]) * 60 + int(numeric[3])
        if minutes >= 24 * 60:
            return UTC
        return timezone(timedelta(minutes=-minutes if numeric[1] == "-" else minutes))
    hours = _ZONES.get(zone.lower())
    # RFC 5322 4.3: the military letters were written with both signs, so they tell nothing but UTC
    return timezone(timedelta(hours=hours or 0))
