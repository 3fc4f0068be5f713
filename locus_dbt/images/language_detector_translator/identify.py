"""The language of a text: letter statistics (py3langid), weighed by alphabets, small words, and how common it is."""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache

from locus_dbt.errors import InputError
from locus_dbt.images.language_detector_translator.alphabets import habits_of

#: Labels of the model that stand for a language with another code in ISO 639-1.
_CODES = {"no": "nb", "arz": "ar", "ary": "ar", "wuu": "zh", "yue": "zh"}
#: Log probability that a language loses for being written by few; a tie goes to the others.
_COSTS = {"common": 0.0, "regional": 1.5, "rare": 4.5}
_LETTER_COST, _MOST_LETTERS = 4.0, 4
_NEEDED_COST, _NEEDED_FROM = 6.0, 25
_WORD_GAIN, _MOST_WORDS = 1.2, 6
#: Byte pairs are not independent: likelihoods are flattened so that a score of 0.9 is right nine times in ten.
_TEMPERATURE = 2.0
_SAMPLE = 5000
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_NOISE = re.compile(r"(?:https?://|www\.)\S+|\S+@\S+|\b\S*\.(?:com|org|net|html?)\b|\d+")


@dataclass(frozen=True, slots=True)
class Language:
    """``code`` in ISO 639-1, ``score`` as a probability among all known languages."""

    code: str
    score: float


def identify(text: str, *, only: Collection[str] = ()) -> Language | None:
    """The language of a text, among ``only`` where given; ``None`` for a text without letters.

    Raises:
        InputError: E210 when none of ``only`` is a language that is known.
    """
    sample = _NOISE.sub(" ", text[:_SAMPLE])
    words = [word.casefold() for word in _WORD.findall(sample)]
    if not words:
        return None
    foreign = Counter(c for word in words for c in set(word) if c > "\x7f")
    n_letters = sum(map(len, words))
    scores: dict[str, float] = {}
    for label, raw in _rank(unicodedata.normalize("NFC", " ".join(sample.split()))):
        code = _CODES.get(label, label)
        if len(code) == 2 and (not only or code in only):
            score = raw + _weight(code, words, foreign, n_letters)
            scores[code] = max(scores.get(code, -math.inf), score)
    if not scores:
        raise InputError(
            f"none of these is a known language: {', '.join(only)}", code="E210", fix="languages := ['de', 'en']"
        )
    best = max(scores, key=lambda code: scores[code])
    total = sum(math.exp((score - scores[best]) / _TEMPERATURE) for score in scores.values())
    return Language(best, 1 / total)


def _weight(code: str, words: list[str], foreign: Counter[str], n_letters: int) -> float:
    habits = habits_of(code)
    weight = -_COSTS[habits.spread]
    if habits.letters is not None:
        strange = sum(n for letter, n in foreign.items() if letter not in habits.letters)
        weight -= _LETTER_COST * min(strange, _MOST_LETTERS)
    if habits.needed and n_letters >= _NEEDED_FROM and not habits.needed & foreign.keys():
        weight -= _NEEDED_COST
    return weight + _WORD_GAIN * min(sum(word in habits.words for word in words), _MOST_WORDS)


def _rank(text: str) -> list[tuple[str, float]]:
    """Labels with their log likelihoods, best first."""
    import py3langid  # noqa: PLC0415 - optional, 4 MB of model

    return [(str(label), float(score)) for label, score in py3langid.rank(text)]


def script_of(text: str) -> str | None:
    """The script of most letters by its Unicode name (``Latin``, ``Cyrillic``, ``Han``); ``None`` without letters."""
    counts = Counter(_script(c) for c in text[:_SAMPLE] if c.isalpha())
    return counts.most_common(1)[0][0] if counts else None


@lru_cache(maxsize=10_000)
def _script(letter: str) -> str:
    name = unicodedata.name(letter, "UNKNOWN").split()[0]
    return {"CJK": "Han"}.get(name, name.capitalize())
