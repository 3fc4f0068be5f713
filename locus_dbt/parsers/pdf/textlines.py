"""Printed lines cut into phrases at wide gaps: the raw material of tables without rulings."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from locus_dbt.parsers.pdf.rulings import Line
from locus_dbt.parsers.pdf.words import PageWords

# A gap wider than this (in em) parts two columns; words of running text stand about 0.25 em apart.
_PHRASE_GAP = 0.72


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
        return self.phrases[0].x0

    @property
    def x1(self) -> float:
        return self.phrases[-1].x1

    @property
    def n_words(self) -> int:
        return sum(len(p.words) for p in self.phrases)


def text_lines(words: PageWords, use: np.ndarray, vertical: list[Line]) -> list[TextLine]:
    """Lines of the upright words where ``use`` is true, top to bottom."""
    by_line: dict[int, list[int]] = {}
    for i in np.flatnonzero(use & (words.angle == 0)).tolist():
        by_line.setdefault(int(words.line[i]), []).append(i)
    out = [_line(words, indices, vertical) for indices in by_line.values()]
    return sorted(out, key=lambda t: (t.base, t.x0))


def _line(words: PageWords, indices: list[int], vertical: list[Line]) -> TextLine:
    x0, x1 = words.u0, words.u1
    size = float(np.median(words.size[indices]))
    base = float(np.median(words.v[indices]))
    cuts = [x for x, a, b in vertical if a <= base - 0.3 * size <= b]
    gaps = [float(x0[b] - x1[a]) for a, b in zip(indices, indices[1:], strict=False)]
    limit = _gap_limit(gaps, size, words, indices)
    phrases: list[Phrase] = []
    for k, i in enumerate(indices):
        left, right = float(x0[i]), float(x1[i])
        new = k == 0 or gaps[k - 1] > limit or (gaps[k - 1] > 0 and any(x1[indices[k - 1]] <= c <= left for c in cuts))
        if new:
            phrases.append(Phrase([i], left, right))
        else:
            phrases[-1].words.append(i)
            phrases[-1].x1 = max(phrases[-1].x1, right)
    boxes = words.box[indices]
    return TextLine(phrases, base, float(boxes[:, 1].min()), float(boxes[:, 3].max()), size)


def _gap_limit(gaps: list[float], size: float, words: PageWords, indices: list[int]) -> float:
    """Justified text has wide but even gaps: there the limit rises with them."""
    limit = _PHRASE_GAP * size
    if len(gaps) >= 4:
        middle = float(np.median(gaps))
        letters = sum(words.text[i][:1].isalpha() for i in indices)
        if middle < 1.0 * size and letters > 0.7 * len(indices):
            limit = max(limit, 1.7 * middle)
    return limit
