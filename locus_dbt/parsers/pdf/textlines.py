"""Printed lines cut into phrases at wide gaps: the raw material of tables without rulings."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from locus_dbt.parsers.pdf.chars import Bools
from locus_dbt.parsers.pdf.rulings import Line
from locus_dbt.parsers.pdf.words import PageWords

# A gap wider than this (in em) parts two columns; words of running text stand about 0.25 em apart.
_PHRASE_GAP = 0.72

# Dots that lead the eye from a label to its figure.
_LEADER = re.compile(r"^(\.{3,}|[._·…]{4,}|…+)$")


# Three dots that stand apart are a sign for a missing figure, not a leader.
_MISSING = frozenset(("...", "…"))

# Currency signs set flush left of the column whose figures are set flush right.
_CURRENCY = frozenset(("$", "€", "£", "¥", "US$", "$("))
_SIGN_REACH = 7.0  # em


@dataclass(slots=True)
class Phrase:
    """Words of one line without a wide gap between them."""

    words: list[int]
    x0: float
    x1: float


@dataclass(slots=True)
class TextLine:
    """One printed line: phrases from left to right, its baseline, upper and lower edge and font size."""

    phrases: list[Phrase]
    base: float
    top: float
    bottom: float
    size: float

    @property
    def x0(self) -> float:
        """Left edge."""
        return self.phrases[0].x0

    @property
    def x1(self) -> float:
        """Right edge."""
        return self.phrases[-1].x1

    @property
    def n_words(self) -> int:
        """Number of words."""
        return sum(len(p.words) for p in self.phrases)


@dataclass(frozen=True, slots=True)
class _Lists:
    """The words' columns as plain lists: far quicker to read one by one than arrays."""

    text: list[str]
    x0: list[float]
    x1: list[float]
    base: list[float]
    size: list[float]
    top: list[float]
    bottom: list[float]


def text_lines(words: PageWords, use: Bools, vertical: list[Line]) -> list[TextLine]:
    """Lines of the upright words where ``use`` is true, in the order of their numbers."""
    lists = _Lists(
        words.text,
        words.u0.tolist(),
        words.u1.tolist(),
        words.v.tolist(),
        words.size.tolist(),
        words.box[:, 1].tolist(),
        words.box[:, 3].tolist(),
    )
    number = words.line.tolist()
    by_line: dict[int, list[int]] = {}  # in reading order: words are sorted by line
    for i in np.flatnonzero(use & (words.angle == 0)).tolist():
        by_line.setdefault(number[i], []).append(i)
    return [_line(lists, indices, vertical) for indices in by_line.values()]


def _middle(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]


def _line(words: _Lists, indices: list[int], vertical: list[Line]) -> TextLine:
    x0, x1 = words.x0, words.x1
    size = _middle([words.size[i] for i in indices])
    base = _middle([words.base[i] for i in indices])
    cuts = [x for x, a, b in vertical if a <= base - 0.3 * size <= b]
    gaps = [x0[b] - x1[a] for a, b in pairwise(indices)]
    limit = _gap_limit(gaps, size, words, indices)
    leads = _leaders([words.text[i] for i in indices])
    phrases: list[Phrase] = []
    for k, i in enumerate(indices):
        left, right = x0[i], x1[i]
        gap = gaps[k - 1] if k else 0.0
        new = k == 0 or gap > limit or (gap > 0 and any(left - gap <= c <= left for c in cuts))
        if leads[k] and phrases and not (gap > limit and words.text[i] in _MISSING):
            phrases[-1].words.append(i)
        elif k and _belongs(words.text[indices[k - 1]], words.text[i], gap, size):
            phrases[-1].words.append(i)
            phrases[-1].x1 = max(phrases[-1].x1, right)
        elif new or leads[k - 1]:
            phrases.append(Phrase([i], left, right))
        else:
            phrases[-1].words.append(i)
            phrases[-1].x1 = max(phrases[-1].x1, right)
    top, bottom = min(words.top[i] for i in indices), max(words.bottom[i] for i in indices)
    return TextLine(phrases, base, top, bottom, size)


def _belongs(before: str, text: str, gap: float, size: float) -> bool:
    """Whether a lone currency sign before a figure, or a percent sign after it, is part of the figure."""
    if before in _CURRENCY:
        return gap < _SIGN_REACH * size and (text[-1:].isdigit() or text[:1] in "(-–—")
    return text in ("%", "%)", ")") and gap < 1.5 * size and before[-1:].isdigit()


def _gap_limit(gaps: list[float], size: float, words: _Lists, indices: list[int]) -> float:
    """Justified text has wide but even gaps: there the limit rises with them."""
    limit = _PHRASE_GAP * size
    if len(gaps) >= 4:
        middle = _middle(gaps)
        letters = sum(words.text[i][:1].isalpha() for i in indices)
        if middle < 1.0 * size and letters > 0.7 * len(indices):
            limit = max(limit, 1.7 * middle)
    return limit


def _leaders(texts: list[str]) -> list[bool]:
    """Which words are leader dots: runs of dots, or three and more single dots in a row."""
    out = [t[0] in "._·…" and bool(_LEADER.match(t)) for t in texts]
    k = 0
    while k < len(texts):
        stop = k
        while stop < len(texts) and (out[stop] or texts[stop] in (".", "·")):
            stop += 1
        if stop - k >= 3:
            out[k:stop] = [True] * (stop - k)
        k = max(stop, k + 1)
    return out
