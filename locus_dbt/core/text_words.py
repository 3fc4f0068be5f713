"""The words, numbers and dates of a text with their ranges, and the forms in which words are compared."""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from locus_dbt.core import values

#: A word with its combining marks; letters and digits that touch are two words (``FY2019``).
_WORD = re.compile(r"\d+|(?:[^\W\d_][\u0300-\u036f\u0591-\u05c7\u064b-\u065f]*)+")
_DATE = re.compile(
    r"[^\W\d_]{3,9}\.?\s+\d{1,2}(?:st|nd|rd|th)?,?\s+\d{4}(?!\d)"
    r"|(?<!\d)\d{1,2}(?:st|nd|rd|th|er)?\.?[\s-]*(?:de\s+|of\s+)?[^\W\d_]{3,9}[.,]?[\s-]+\d{4}(?!\d)"
    r"|(?<![\d.,])\d{1,4}([./-])\s?\d{1,2}\1\s?\d{1,4}(?![\d]|[./-]\d)"
)

#: Words that say nothing about which place is meant.
_ENGLISH = """
a an and are as at be by did do does for from had has have how in is it its of on or that the their
there these this those to was were what when where which who with respectively respective much many
"""
_GERMAN = """
das dem den der des die ein eine einer im in ist mit und von war was wie zu zum zur
"""
_FRENCH = """
au aux de des du en est et la le les par pour que qui un une
"""
STOP_WORDS = frozenset((_ENGLISH + _GERMAN + _FRENCH).split())

#: Endings that change a word's form and not what it is about, longest first.
_ENDINGS = ("ations", "ation", "ments", "ment", "ities", "ings", "ions", "ing", "ion", "ity", "ies", "ied", "ers",
            "ed", "es", "en", "er", "ly", "al", "s", "e", "y", "n")  # fmt: skip


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """A word without its ending, so that forms of one word agree; digits and short words stay."""
    flat = unicodedata.normalize("NFKC", word).casefold()
    if flat.isdigit():
        return flat
    for ending in _ENDINGS:
        if flat.endswith(ending) and len(flat) - len(ending) >= 4:
            return flat[: -len(ending)]
    return flat


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a text: folded, and where they stand."""

    folded: Sequence[str]
    start: Sequence[int]
    stop: Sequence[int]


def words_of(text: str) -> Words:
    """All words of a text."""
    found = list(_WORD.finditer(text))
    folded = [unicodedata.normalize("NFKC", m[0]).casefold() for m in found]
    return Words(folded, [m.start() for m in found], [m.end() for m in found])


@lru_cache(maxsize=16384)
def stems_of(text: str) -> frozenset[str]:
    """The telling words of a text as stems; a short year after ``FY`` counts as the full one."""
    folded = words_of(text).folded
    out = {stem(w) for w in folded if w not in STOP_WORDS}
    for before, word in itertools.pairwise(folded):
        if before == "fy" and len(word) == 2 and word.isdigit():
            out.add(f"20{word}")
    return frozenset(out)


def significant(text: str) -> str:
    """The digits that all spellings of a number share, whatever its marks, sign and scale."""
    digits = "".join(str(unicodedata.digit(c)) for c in text if c.isdigit())
    return digits.strip("0") or digits[:1]


def numbers_in(text: str) -> Iterator[tuple[int, int]]:
    """Ranges of the numbers in a text; the parts of dates and versions among them."""
    for match in values.NUMBER.finditer(text):
        yield match.start(), match.end()


def dates_in(text: str) -> Iterator[tuple[int, int, tuple[date, ...]]]:
    """Ranges of the dates in a text, with all readings of each."""
    for match in _DATE.finditer(text):
        if readings := values.date_readings(match[0]):
            yield match.start(), match.end(), readings
