"""How far an answer may move a score. What can be told without a model is not the model's to decide."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from locus_dbt.core import values
from locus_dbt.llm.answers import Answer

#: A judged cell never reaches the score of one that the rules found printed.
CEILING = 0.9

_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_DECIMAL = re.compile(r"-?\d+(\.\d+)?")
_DIGITS = re.compile(r"\d+")
#: A sign or bracket that stands apart from its number.
_APART = re.compile(r"([-−–(])\s+(?=\d)")
_WORDS = {
    "true": frozenset(("yes", "ja", "oui", "true")),
    "false": frozenset(("no", "nein", "non", "false")),
}


@dataclass(frozen=True, slots=True)
class Standing:
    """Grounding, faithfulness and reason of a cell."""

    grounding: str
    faithfulness: float
    reason: str | None


def settle(before: Standing, answer: Answer, *, value: str, text: str, model: str) -> Standing:
    """What becomes of a cell on an answer.

    ``no`` can only lower, ``unsure`` changes nothing, ``yes`` raises to at most ``CEILING`` and never where the text
    contradicts the value. The grounding stays, or becomes ``inferred`` where it was ``none``: someone concluded it.
    """
    old, said = before.faithfulness, f"{model} says {answer.supported}"
    why = f"{said}: {' '.join(answer.reason.split())}" if answer.reason.strip() else said
    if answer.supported == "unsure":
        return Standing(before.grounding, old, _and(before.reason, why))
    if answer.supported == "no":
        return Standing(before.grounding, min(old, answer.score), _and(before.reason, why))
    conflict = contradiction(value, text)
    if conflict:
        return Standing(before.grounding, min(old, answer.score), _and(f"{conflict}; the lower score is kept", why))
    kind = "inferred" if before.grounding == "none" else before.grounding
    return Standing(kind, min(answer.score, max(CEILING, old)), _and(before.reason, why))


def contradiction(value: str, text: str) -> str | None:
    """In words, when the text has another number, date, code or truth than the value; ``None`` when it has not."""
    digits = bool(_DIGITS.search(text))
    if _DATE.fullmatch(value):
        read = {d.isoformat() for d in values.date_readings(text)}
        return "the cited text has no such date" if digits and value not in read else None
    if _DECIMAL.fullmatch(value):
        return "the cited text has another number" if digits and not _is_number_of(value, text) else None
    folded = values.fold_name(text)
    for truth, others in (("true", "false"), ("false", "true")):
        if value == truth and folded in _WORDS[others]:
            return "the cited text says the opposite"
    for code in (values.currency_code, values.country_code, values.unit_code):
        if (mine := code(value)) and (printed := code(text)) and mine != printed:
            return "the cited text has another code"
    missing = set(_DIGITS.findall(value)) - set(_DIGITS.findall(text))
    return "the cited text has other digits" if digits and missing else None


def _is_number_of(value: str, text: str) -> bool:
    """Whether the text is the number, or, where it is more than one number, has the number among its words."""
    whole = values.decimal_readings(text)
    if whole:
        return Decimal(value) in whole
    words = _APART.sub(r"\1", text).split()
    return any(Decimal(value) in values.decimal_readings(word) for word in words)


def _and(first: str | None, second: str) -> str:
    return f"{first}; {second}" if first else second
