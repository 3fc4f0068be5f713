"""The language of a text: letter statistics (py3langid), weighed by alphabets, small words and how common languages are."""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache

from locus_dbt.images.language_detector_translator.alphabets import LETTERS, NEEDED, WORDS

#: Labels of the model as ISO 639-1; dialects under their language, ``None``: has no code of its own there.
_CODES = {"no": "nb", "arz": "ar", "ary": "ar", "wuu": "zh", "yue": "zh"}
#: Languages few texts outside their region are written in; a tie goes to the others (log probabilities).
_REGIONAL = frozenset(
    [
        "ca",
        "gl",
        "eu",
        "cy",
        "ga",
        "is",
        "mt",
        "lb",
        "ka",
        "hy",
        "be",
        "mk",
        "sq",
        "az",
        "kk",
        "ky",
        "uz",
        "tg",
        "tk",
        "mn",
        "ne",
        "si",
        "km",
        "lo",
        "my",
        "am",
        "ti",
    ]
)
_RARE = frozenset(
    [
        "an",
        "br",
        "eo",
        "fo",
        "fy",
        "gd",
        "gn",
        "ht",
        "io",
        "kw",
        "ku",
        "la",
        "ln",
        "li",
        "lg",
        "mg",
        "nn",
        "oc",
        "om",
        "ps",
        "qu",
        "rw",
        "sa",
        "sd",
        "se",
        "sn",
        "st",
        "su",
        "tt",
        "ug",
        "vo",
        "wa",
        "xh",
        "yo",
        "zu",
        "ba",
        "dz",
        "ha",
        "ig",
        "jv",
        "so",
        "as",
        "bo",
    ]
)
_REGIONAL_COST, _RARE_COST = 1.5, 4.5
_LETTER_COST, _MOST_LETTERS = 4.0, 4
_NEEDED_COST, _NEEDED_FROM = 6.0, 25
_WORD_GAIN, _MOST_WORDS = 1.2, 6
_SAMPLE = 5000
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_NOISE = re.compile(r"(?:https?://|www\.)\S+|\S+@\S+|\b\S*\.(?:com|org|net|html?)\b|\d+")


@dataclass(frozen=True, slots=True)
class Language:
    """``code`` in ISO 639-1, ``score`` as a probability among all known languages."""

    code: str
    score: float


def identify(text: str) -> Language | None:
    """The language of a text; ``None`` for a text without letters."""
    sample = _NOISE.sub(" ", text[:_SAMPLE])
    words = [word.casefold() for word in _WORD.findall(sample)]
    if not words:
        return None
    foreign = Counter(c for word in words for c in set(word) if c > "\x7f")
    n_letters = sum(map(len, words))
    scores: dict[str, float] = {}
    for label, raw in _rank(unicodedata.normalize("NFC", " ".join(sample.split()))):
        code = _CODES.get(label, label)
        if len(code) == 2:
            score = raw + _weight(code, words, foreign, n_letters)
            scores[code] = max(scores.get(code, -math.inf), score)
    best = max(scores, key=lambda code: scores[code])
    total = sum(math.exp(score - scores[best]) for score in scores.values())
    return Language(best, 1 / total)


def _weight(code: str, words: list[str], foreign: Counter[str], n_letters: int) -> float:
    weight = -_REGIONAL_COST if code in _REGIONAL else -_RARE_COST if code in _RARE else 0.0
    letters = LETTERS.get(code)
    if letters is not None:
        strange = sum(n for letter, n in foreign.items() if letter not in letters)
        weight -= _LETTER_COST * min(strange, _MOST_LETTERS)
    needed = NEEDED.get(code)
    if needed is not None and n_letters >= _NEEDED_FROM and not needed & foreign.keys():
        weight -= _NEEDED_COST
    known = WORDS.get(code)
    if known is not None:
        weight += _WORD_GAIN * min(sum(word in known for word in words), _MOST_WORDS)
    return weight


def _rank(text: str) -> list[tuple[str, float]]:
    """Labels with their log likelihoods, best first."""
    import py3langid  # noqa: PLC0415 - optional, 4 MB of model

    return [(str(label), float(score)) for label, score in py3langid.rank(text)]


def script_of(text: str) -> str | None:
    """The script most letters are written in, as its Unicode name (``Latin``, ``Cyrillic``, ``Han``); ``None`` without letters."""
    counts = Counter(_script(c) for c in text[:_SAMPLE] if c.isalpha())
    return counts.most_common(1)[0][0] if counts else None


@lru_cache(maxsize=10_000)
def _script(letter: str) -> str:
    name = unicodedata.name(letter, "UNKNOWN").split()[0]
    return {"CJK": "Han"}.get(name, name.capitalize())
