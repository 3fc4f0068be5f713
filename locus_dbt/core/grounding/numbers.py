"""Numbers against their print: locale forms, signs, percent, scale words, currencies, units, leading zeros."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal

from locus_dbt.core.grounding.number_forms import (
    SHARED_SIGNS,
    Printed,
    Reading,
    canonical,
    read_number,
    stated_codes,
    stated_scales,
    states_percent,
)
from locus_dbt.core.grounding.verdict import Context, Verdict, differs

_POWERS = {3: "in thousands", 5: "in lakh", 6: "in millions", 7: "in crore", 9: "in billions", 12: "in trillions"}
_ZERO_SIGNS = frozenset({"-", "–", "—", "‒", "―", "nil", "./.", "--", "$ -", "$ —", "$ –"})


def compare_numbers(value: str, text: str, context: Context) -> Verdict | None:  # noqa: PLR0911 - one for each rule in turn
    """The verdict when the value is a number, ``None`` when value or text is something else."""
    style = context.number_style
    mine = canonical(value) or read_number(value)
    if mine is None:
        return None
    if mine.readings[0].number == 0 and text.strip().casefold() in _ZERO_SIGNS:
        return Verdict("normalized", 0.85, f"'{text.strip()}' is read as zero", "number, a dash for zero")
    theirs = read_number(text, style)
    if theirs is None:
        return None
    same_sign = (mine.readings[0].number < 0) == (theirs.readings[0].number < 0)
    if mine.body == theirs.body and not context.is_number and same_sign:
        mine = replace(mine, readings=theirs.readings)
    if (mine.padded or theirs.padded) and not context.is_number and mine.body != theirs.body:
        return differs(text, "zeros before a number belong to an identifier", 0.2)
    told = _currency(mine, theirs, context) or _unit(mine, theirs, context)
    if told is not None and told.faithfulness < 0.5:
        return told._replace(reason=f"the cited text is '{text}': {told.reason}")
    found = _same_number(mine, theirs, context)
    if found is None:
        return _difference(mine, theirs, text, context)
    score, rule, reason = found
    if theirs.footnote:
        score, rule = min(score, 0.95), f"{rule}, footnote mark left out"
    if told is not None and told.faithfulness < score:
        score, reason = told.faithfulness, told.reason
    return Verdict("normalized" if score > 0.6 else "fuzzy", score, reason, rule)


def _same_number(mine: Printed, theirs: Printed, context: Context) -> tuple[float, str, str | None] | None:
    """Score, rule and doubt of the likeliest way in which both are one number."""
    best: tuple[float, str, str | None] | None = None
    for their in theirs.readings:
        for my in mine.readings:
            for number, score, how, doubt in _meanings(mine, theirs, their, context):
                if not _equal(my.number, number, context):
                    continue
                sure = 1.0 if _same_print(mine, theirs) else min(my.likely, their.likely)
                found = (min(score, sure), _rule(their, theirs, how), doubt)
                if sure < 1:
                    ambiguous = theirs.body if their.likely < 1 else mine.body
                    other = next(
                        (r.number for r in (theirs if their.likely < 1 else mine).readings if r.number != number), ""
                    )
                    found = (found[0], found[1], f"'{ambiguous}' can also be read as {other}")
                if best is None or found[0] > best[0]:
                    best = found
    return best


def _same_print(mine: Printed, theirs: Printed) -> bool:
    return mine.readings == theirs.readings


def _meanings(
    mine: Printed, theirs: Printed, their: Reading, context: Context
) -> list[tuple[Decimal, float, str, str | None]]:
    """What the value's digits would be if it were the printed number, for each way to say it: score, rule, doubt."""
    number = their.number
    out: list[tuple[Decimal, float, str, str | None]] = []
    header = stated_scales(context.around) if context.around else frozenset()
    percent = states_percent(context.around)
    power = theirs.percent + theirs.scale - mine.percent - mine.scale
    lost = theirs.percent != mine.percent or theirs.scale != mine.scale
    if not lost:
        out.append((number, 0.98, "", None))
        out += [(number.scaleb(p), 0.93, _POWERS[p], None) for p in header if not theirs.scale and not theirs.percent]
        if percent and not theirs.percent:
            out.append((number.scaleb(-2), 0.93, "percent as a fraction", None))
        return out
    out.append((number.scaleb(power), 0.96, _power_words(theirs, mine), None))
    if theirs.scale == mine.scale:
        if not mine.percent or percent:
            out.append((number, 0.96, "percent", None))
        else:
            out.append((number, 0.6, "percent", "no percent sign is printed there"))
    elif not mine.scale and theirs.scale in header:
        out.append((number.scaleb(theirs.percent - mine.percent), 0.93, _POWERS.get(theirs.scale, ""), None))
    elif not theirs.scale and mine.scale in header:
        out.append((number, 0.93, _POWERS.get(mine.scale, ""), None))
    return out


def _power_words(theirs: Printed, mine: Printed) -> str:
    if theirs.percent != mine.percent:
        return "percent as a fraction"
    return _POWERS.get(theirs.scale or mine.scale, "scale word")


def _equal(value: Decimal, number: Decimal, context: Context) -> bool:
    if value == number:
        return True
    if context.kind in ("DOUBLE", "FLOAT"):
        # A binary fraction is as near to the print as its type allows, and no nearer.
        bound = Decimal("1e-14") if context.kind == "DOUBLE" else Decimal("1e-6")
        return abs(value - number) <= abs(number) * bound
    return False


def _rule(their: Reading, theirs: Printed, how: str) -> str:
    parts = [their.how]
    if theirs.sign_style not in ("", "minus"):
        parts.append(theirs.sign_style)
    if how:
        parts.append(how)
    if theirs.currency:
        parts.append("currency")
    if theirs.unit:
        parts.append("unit")
    return ", ".join(parts)


def _currency(mine: Printed, theirs: Printed, context: Context) -> Verdict | None:
    if not mine.currency or mine.currency == theirs.currency:
        return None
    if theirs.currency:
        if mine.currency in SHARED_SIGNS.get(theirs.sign, ()):
            return Verdict("normalized", 0.75, f"'{theirs.sign}' stands for several currencies")
        return Verdict("none", 0.1, "another currency")
    if mine.currency in stated_codes(context.around):
        return Verdict("normalized", 0.95)
    return Verdict("fuzzy", 0.6, f"the currency {mine.currency} is not printed there")


def _unit(mine: Printed, theirs: Printed, context: Context) -> Verdict | None:
    if not mine.unit:
        return Verdict("normalized", 0.95) if theirs.unit else None
    if mine.unit == theirs.unit:
        return None
    if theirs.unit:
        return Verdict("none", 0.1, "another unit")
    if mine.unit in stated_codes(context.around):
        return Verdict("normalized", 0.95)
    return Verdict("fuzzy", 0.6, "the unit is not printed there")


def _difference(mine: Printed, theirs: Printed, text: str, context: Context) -> Verdict:
    """Two numbers that are not one: in what they differ, as far as that can be told."""
    my, their = mine.readings[0].number, theirs.readings[0].number
    if my == -their:
        return differs(text, "the sign differs", 0.05)
    if my and their:
        ratio = abs(my / their)
        if ratio.is_finite() and ratio == Decimal(10) ** (power := ratio.adjusted()):
            why = f"off by 10^{power}" if power else "a scale word is left out"
            return differs(text, why if (my < 0) == (their < 0) else f"{why} and the sign differs", 0.1)
        places = -int(my.normalize().as_tuple().exponent)
        digits = len(my.normalize().as_tuple().digits)
        if context.is_number and digits >= 3 and round(their, max(places, 0)) == my:
            return Verdict("fuzzy", 0.5, f"rounded from '{text}'", "number, rounded")
    if sorted(re.sub(r"\D", "", mine.body)) == sorted(re.sub(r"\D", "", theirs.body)):
        return differs(text, "the digits stand in another order", 0.05)
    return differs(text)
