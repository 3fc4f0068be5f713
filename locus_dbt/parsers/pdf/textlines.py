"""Printed lines cut into phrases at wide gaps: the raw material of tables without rulings."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from locus_dbt.parsers.pdf.chars import Bools
from locus_dbt.parsers.pdf.native import Floats, Ints
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
_PER_CENT = frozenset(("%", "%)", ")"))
_SIGNS = _CURRENCY | _PER_CENT


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
class _Printed:
    """The words in use, line by line: where each line starts, its baseline, size and widest gap within a phrase."""

    at: Ints
    starts: Ints
    base: Floats
    size: Floats
    limit: Floats
    gap: Floats
    new: Bools


def text_lines(words: PageWords, use: Bools, vertical: list[Line]) -> list[TextLine]:
    """Lines of the upright words where ``use`` is true, in the order of their numbers."""
    at = np.flatnonzero(use & (words.angle == 0))  # in reading order: words are sorted by line
    if not len(at):
        return []
    printed = _printed(words, at, vertical)
    new = printed.new
    phrase_at = np.flatnonzero(new)
    x0 = words.u0[at][phrase_at].tolist()
    x1 = np.maximum.reduceat(words.u1[at], phrase_at).tolist()
    bounds = [*phrase_at.tolist(), len(at)]
    numbers = at.tolist()
    phrases = [Phrase(numbers[bounds[k] : bounds[k + 1]], x0[k], x1[k]) for k in range(len(x0))]
    first = [*np.searchsorted(phrase_at, printed.starts).tolist(), len(phrases)]
    base, size, limit = printed.base.tolist(), printed.size.tolist(), printed.limit.tolist()
    top = np.minimum.reduceat(words.box[at, 1], printed.starts).tolist()
    bottom = np.maximum.reduceat(words.box[at, 3], printed.starts).tolist()
    lines = [TextLine(phrases[first[k] : first[k + 1]], base[k], top[k], bottom[k], size[k]) for k in range(len(base))]
    signs = _with_signs(words, numbers, printed.starts)
    if signs:
        u0, u1 = words.u0.tolist(), words.u1.tolist()
        for k in signs:
            _join_signs(lines[k], words.text, u0, u1, limit[k])
    return lines


def _printed(words: PageWords, at: Ints, vertical: list[Line]) -> _Printed:
    number, u0, u1 = words.line[at], words.u0[at], words.u1[at]
    starts = np.flatnonzero(np.diff(number, prepend=number[0] - 1))
    count = np.diff(starts, append=len(at))
    group = np.repeat(np.arange(len(starts)), count)
    size, base = _middles(words.size[at], group, starts, count), _middles(words.v[at], group, starts, count)
    gap = np.zeros(len(at))
    gap[1:] = u0[1:] - u1[:-1]
    gap[starts] = -np.inf
    limit = _gap_limits([words.text[i] for i in at.tolist()], gap, starts, count, size)
    new = gap > limit[group]
    new[starts] = True
    gap[starts] = 0.0
    if vertical:
        new |= (gap > 0) & _cut(vertical, base - 0.3 * size, group, u0, gap)
    return _Printed(at, starts, base, size, limit, gap, new)


def _middles(values: Floats, group: Ints, starts: Ints, count: Ints) -> Floats:
    """The (upper) median of each line's values."""
    order = np.lexsort((values, group))
    middle: Floats = values[order[starts + count // 2]]
    return middle


def _gap_limits(text: list[str], gap: Floats, starts: Ints, count: Ints, size: Floats) -> Floats:
    """Justified text has wide but even gaps: there the limit rises with them."""
    limit = _PHRASE_GAP * size
    # The first word's gap is minus infinity: it sorts before the line's count - 1 gaps.
    order = np.lexsort((gap, np.repeat(np.arange(len(starts)), count)))
    middle = gap[order[starts + np.minimum(1 + (count - 1) // 2, count - 1)]]
    even = (count >= 5) & (middle < 1.0 * size) & (1.7 * middle > limit)
    if even.any():
        for k in np.flatnonzero(even).tolist():
            texts = text[starts[k] : starts[k] + count[k]]
            if sum(t[:1].isalpha() for t in texts) > 0.7 * len(texts):
                limit[k] = 1.7 * middle[k]
    return limit


def _cut(vertical: list[Line], middle: Floats, group: Ints, u0: Floats, gap: Floats) -> Bools:
    """Before which words an upright line is drawn."""
    out = np.zeros(len(u0), np.bool_)
    for start in range(0, len(vertical), 64):
        x, a, b = np.array(vertical[start : start + 64]).T
        beside = (a <= middle[:, None]) & (middle[:, None] <= b)
        out |= (beside[group] & ((u0 - gap)[:, None] <= x) & (x <= u0[:, None])).any(axis=1)
    return out


def _with_signs(words: PageWords, numbers: list[int], starts: Ints) -> list[int]:
    """The lines that hold leader dots, lone currency signs or per cent signs."""
    text = words.text
    signs = [k for k, i in enumerate(numbers) if text[i] in _SIGNS or text[i][0] in "._·…"]
    return sorted(set((np.searchsorted(starts, signs, side="right") - 1).tolist())) if signs else []


def _join_signs(line: TextLine, text: list[str], u0: list[float], u1: list[float], limit: float) -> None:
    """Give leader dots to their label, lone currency and per cent signs to their figure."""
    indices = [i for p in line.phrases for i in p.words]
    begins = {p.words[0] for p in line.phrases}
    texts = [text[i] for i in indices]
    leads = _leaders(texts)
    phrases: list[Phrase] = []
    for k, i in enumerate(indices):
        left, right = u0[i], u1[i]
        gap = left - u1[indices[k - 1]] if k else 0.0
        if leads[k] and phrases and not (gap > limit and texts[k] in _MISSING):
            phrases[-1].words.append(i)
        elif k and _belongs(texts[k - 1], texts[k], gap, line.size):
            phrases[-1].words.append(i)
            phrases[-1].x1 = max(phrases[-1].x1, right)
        elif i in begins or (k and leads[k - 1]):
            phrases.append(Phrase([i], left, right))
        else:
            phrases[-1].words.append(i)
            phrases[-1].x1 = max(phrases[-1].x1, right)
    line.phrases = phrases


def _belongs(before: str, text: str, gap: float, size: float) -> bool:
    """Whether a lone currency sign before a figure, or a percent sign after it, is part of the figure."""
    if before in _CURRENCY:
        return gap < _SIGN_REACH * size and (text[-1:].isdigit() or text[:1] in "(-–—")
    return text in _PER_CENT and gap < 1.5 * size and before[-1:].isdigit()


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
