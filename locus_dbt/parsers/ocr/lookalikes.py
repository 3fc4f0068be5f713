"""Letters read as figures of like shape and the other way round, put right where the network leaves it open.

A figure among letters (``R0N``) or a letter among figures (``475O0``) is exchanged only for what the network itself
held to be possible at that place.
"""

from __future__ import annotations

from dataclasses import replace

from locus_dbt.parsers.ocr.recognition import LOOKALIKES, Reading
from locus_dbt.parsers.ocr.spacing import Part

_POSSIBLE = 0.1  # the network's least value for the other character
_ALIKE = ("0OoDQ", "1Il|i", "5Ss", "8B", "2Zz", "6G")
_GROUP = {letter: group for group in _ALIKE for letter in group}


def put_right(reading: Reading, parts: list[Part]) -> Reading:
    """The line with look-alikes exchanged, word by word."""
    text = list(reading.text)
    for part in parts:
        word = reading.text[part.start : part.stop]
        for k, letter in enumerate(word):
            group = _GROUP.get(letter)
            if group is None or not _among_others(word, k):
                continue
            rivals = [other for other in group if other.isdigit() != letter.isdigit() and other != "|"]
            value = {other: float(reading.rivals[part.start + k][LOOKALIKES.index(other)]) for other in rivals}
            best = max(rivals, key=value.__getitem__)
            if value[best] >= _POSSIBLE:
                text[part.start + k] = best
    return replace(reading, text="".join(text))


def _among_others(word: str, k: int) -> bool:
    """Whether the next clear characters on both sides (at least on one) are of the other kind."""
    kinds = {kind for kind in (_next(word[:k][::-1]), _next(word[k + 1 :])) if kind is not None}
    return kinds == {not word[k].isdigit()}


def _next(rest: str) -> bool | None:
    """Whether the first character that is no look-alike is a figure; ``None`` for a sign or none."""
    for letter in rest:
        if letter in _GROUP:
            continue
        return letter.isdigit() if letter.isalnum() else None
    return None
