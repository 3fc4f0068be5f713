"""A value against the text cited for it: rules in turn, from the plainest to the last resort."""

from __future__ import annotations

import re

from locus_dbt.core.grounding.dates import compare_dates
from locus_dbt.core.grounding.number_forms import read_number
from locus_dbt.core.grounding.numbers import compare_numbers
from locus_dbt.core.grounding.verdict import ALONE, Context, Verdict
from locus_dbt.core.grounding.words import (
    compare_identifier,
    compare_layout,
    compare_look,
    compare_nothing,
    compare_truth,
    compare_words,
)

#: A word for pieces stands for either code of recommendation 20: 'piece' and 'one'.
_PIECES = {"H87", "C62"}

_CODE = re.compile(r"^[A-Z][A-Z0-9]{1,2}$")

#: Beyond this a text is compared by its layout only.
_LONG = 4096


def compare(value: str, text: str | None, *, context: Context | None = None) -> Verdict:
    """How ``value`` stands to ``text``, the text cited for it, in the light of what stands around it.

    Both are texts; a typed value comes in the form DuckDB prints. Never raises for any text.
    """
    if text is None:
        return Verdict("none", 0.0, "no text is cited")
    if value == text:
        return Verdict("exact", 1.0)
    known = context or ALONE
    found = by_rule(value, text, known)
    return found if found is not None else compare_words(value, text, known)


def by_rule(value: str, text: str, context: Context) -> Verdict | None:
    """The verdict of a rule for values of a kind, right or wrong; ``None`` when none applies (words, names)."""
    if (found := compare_nothing(value, text)) is not None:
        return found
    if max(len(value), len(text)) > _LONG:
        return compare_layout(value, text)
    return (
        compare_dates(value, text, context)
        or compare_numbers(value, text, context)
        or compare_layout(value, text)
        or compare_truth(value, text, context)
        or compare_codes(value, text)
        or compare_look(value, text, context)
        or compare_identifier(value, text, context)
    )


def compare_codes(value: str, text: str) -> Verdict | None:
    """A code of a currency, country or unit for its printed word or sign, alone or beside an amount."""
    from locus_dbt.core import values  # noqa: PLC0415 - its tables load on first use

    code = value.strip().upper()
    if not _CODE.match(code):
        return None
    for read, what in (
        (values.currency_code, "currency code"),
        (values.country_code, "country code"),
        (values.unit_code, "unit code"),
    ):
        found = read(text)
        if found == code:
            return Verdict("normalized", 0.98, None, what)
        if {found, code} == _PIECES:
            return Verdict("normalized", 0.96, None, "unit code, pieces")
    number = read_number(text)
    if number is not None and code in (number.currency, number.unit):
        return Verdict(
            "normalized", 0.95, None, f"{'currency' if code == number.currency else 'unit'} beside the amount"
        )
    return None


def typed_equal(value: str, text: str) -> bool:
    """Whether a canonical value (ISO date, plain decimal, code) is another spelling of the printed text."""
    found = by_rule(value, text, ALONE)
    return found is not None and found.grounding in ("exact", "normalized")
