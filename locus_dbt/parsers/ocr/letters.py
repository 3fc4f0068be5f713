"""How far letters reach above and below the baseline, as parts of the font size."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

#: Height of small letters, height of capitals, depth of descenders.
LOW, _HIGH, _DEEP = 0.53, 0.73, 0.21
_DESCENDERS = frozenset("gjpqyQ,;()[]{}|/\\_@§ß$µ")
_SHORT = frozenset("acegmnopqrsuvwxyzµ.,:;-–—_~+=<>«»·…")


def line_metrics(words: Sequence[str], rows: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Font size and baseline of a line whose words have ink from ``rows[i][0]`` to ``rows[i][1]``.

    The letters of a word tell how much of the font's height its ink takes; words of signs only are asked when there
    are no others.
    """
    telling = [i for i, word in enumerate(words) if any(c.isalnum() for c in word)] or list(range(len(words)))
    sizes, bases = [], []
    for i in telling:
        above = LOW if _SHORT.issuperset(words[i]) else _HIGH
        below = 0.0 if _DESCENDERS.isdisjoint(words[i]) else _DEEP
        top, bottom = rows[i]
        size = (bottom - top) / (above + below)
        sizes.append(size)
        bases.append(bottom - below * size)
    return median(sizes), median(bases)
