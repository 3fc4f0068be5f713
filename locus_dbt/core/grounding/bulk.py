"""Plain spellings of numbers and times, settled for a whole column at once: what is left goes one by one."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from locus_dbt.core.value_names import MONTHS

#: Faithfulness of another spelling of the same number or time.
SAME = 0.98

#: Numbers whose marks leave no doubt: what they are called, their form, the sign of thousands and of the fraction.
_NUMBERS = (
    ("number, decimal comma", r"^-?(?:[1-9]\d{0,2}(?:\.\d{3})*|0|[1-9]\d*),(?:\d{1,2}|\d{4,})$", ".", ","),
    ("number, decimal point", r"^-?(?:[1-9]\d{0,2}(?:,\d{3})*|0|[1-9]\d*)\.(?:\d{1,2}|\d{4,})$", ",", "."),
)
_PLAIN = r"^-?(?:0|[1-9]\d*)\.\d+$"
_END_ZEROS = r"0+$"

#: Times as machines print them, with the year; a zone is no part of them, those go one by one.
_CLOCK = r"(?P<t>\d{2}:\d{2}:\d{2})(?:[.,](?P<f>\d{1,6}))?"
_TIMES = (
    ("date, name of the month, time", rf"^(?P<d>\d{{1,2}})[/ -](?P<m>[A-Z][a-z]{{2}})[/ -](?P<y>\d{{4}})[: ]{_CLOCK}$"),
    (
        "date, name of the month, time",
        rf"^(?:[A-Z][a-z]{{2}} )?(?P<m>[A-Z][a-z]{{2}}) +(?P<d>\d{{1,2}}) {_CLOCK} (?P<y>\d{{4}})$",
    ),
)
#: The same without a year, which the value then has from elsewhere.
_YEARLESS = (rf"^(?P<m>[A-Z][a-z]{{2}}) +(?P<d>\d{{1,2}}) {_CLOCK}$", rf"^(?P<m>\d{{2}})-(?P<d>\d{{2}}) {_CLOCK}$")
#: Year, month, day and time as digits in this order, with any marks between them or none.
_IN_ORDER = r"^{year}\D?\d{{2}}\D?\d{{2}}\D?\d{{2}}\D?\d{{2}}\D?\d{{2}}(?:[.,]\d{{1,6}})?$"
_DIGITS_ONLY = (
    ("date, year first, time", _IN_ORDER.format(year=r"\d{4}"), 0, SAME, None),
    ("date, year first, time", _IN_ORDER.format(year=r"\d{2}"), 2, 0.9, "the year has two digits"),
)
_MOMENT = r"^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}(?:\.\d{1,6})?$"
_MONTHS = {name.capitalize(): f"{number:02d}" for name, number in MONTHS.items() if len(name) == 3}

Settled = tuple[str, float, str | None, pa.Array]


def settle(value: pa.Array, text: pa.Array) -> list[Settled]:
    """Rule, faithfulness, doubt, and which of the pairs (a mask) are the same number or time in other marks."""
    return [*_numbers(value, text), *_times(value, text)]


def _numbers(value: pa.Array, text: pa.Array) -> list[Settled]:
    out: list[Settled] = []
    plain = pc.match_substring_regex(value, _PLAIN)
    if not pc.any(plain).as_py():
        return out
    mine = pc.replace_substring_regex(value, _END_ZEROS, "")
    for how, form, group, mark in _NUMBERS:
        digits = pc.replace_substring(pc.replace_substring(text, group, ""), mark, ".")
        same = pc.equal(pc.replace_substring_regex(digits, _END_ZEROS, ""), mine)
        out.append((how, SAME, None, pc.and_(pc.and_(plain, pc.match_substring_regex(text, form)), same)))
    return out


def _times(value: pa.Array, text: pa.Array) -> list[Settled]:
    out: list[Settled] = []
    moment = pc.match_substring_regex(value, _MOMENT)
    if not pc.any(moment).as_py():
        return out
    mine = pc.replace_substring_regex(value, r"\.0+$", "")
    for how, form in _TIMES:
        same = pc.equal(mine, _moment(pc.extract_regex(text, form)))
        out.append((how, SAME, None, pc.and_(moment, pc.fill_null(same, False))))
    mine_digits, digits = (pc.replace_substring_regex(t, r"\D", "") for t in (mine, text))
    for how, form, skip, score, doubt in _DIGITS_ONLY:
        rest, theirs = pc.utf8_slice_codeunits(mine_digits, skip), digits
        same = pc.equal(pc.utf8_slice_codeunits(rest, 0, 14 - skip), pc.utf8_slice_codeunits(theirs, 0, 14 - skip))
        fraction = [pc.utf8_rtrim(pc.utf8_slice_codeunits(t, 14 - skip), "0") for t in (rest, theirs)]
        same = pc.and_(same, pc.equal(*fraction))
        out.append((how, score, doubt, pc.and_(pc.and_(moment, pc.match_substring_regex(text, form)), same)))
    for form in _YEARLESS:
        same = pc.equal(pc.utf8_slice_codeunits(mine, 5), _moment(pc.extract_regex(text, form)))
        how = "date, name of the month, time" if "A-Z" in form else "date, month first, time"
        out.append((how, 0.9, "the year is not printed", pc.and_(moment, pc.fill_null(same, False))))
    return out


def _moment(parts: pa.Array) -> pa.Array:
    """The parts of printed times as ``2024-04-03 12:30:00.5``; without the year where there is none."""
    names = [field.name for field in parts.type]
    part = dict(zip(names, parts.flatten(), strict=True))
    month = part["m"]
    if pc.any(pc.match_substring_regex(month, "[A-Z]")).as_py():
        codes = pc.index_in(month, pa.array(list(_MONTHS)))
        month = pa.array(list(_MONTHS.values())).take(codes)
    day = pc.utf8_lpad(part["d"], 2, "0")
    fraction = pc.replace_substring_regex(pc.fill_null(part["f"], ""), _END_ZEROS, "")
    fraction = pc.if_else(pc.equal(fraction, ""), "", pc.binary_join_element_wise(".", fraction, ""))
    date = [part["y"], month, day] if "y" in part else [month, day]
    clock = pc.binary_join_element_wise(part["t"], fraction, "")
    return pc.binary_join_element_wise(pc.binary_join_element_wise(*date, "-"), clock, " ")
