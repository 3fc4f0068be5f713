"""Reading order: pages set in columns of running text are read column by column."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from locus_dbt.parsers.pdf.textlines import Phrase, TextLine, text_lines
from locus_dbt.parsers.pdf.words import PageWords

_LEAST_LINES = 6  # lines with text on both sides of a gutter before it counts as one
_MAX_DEPTH = 3
_LETTERS = re.compile(r"[^\W\d_]{2,}")


def in_reading_order(words: PageWords, *, rtl: bool = False) -> PageWords:
    """The words sorted by printed line in reading order, ``line`` numbered anew from 0.

    With ``rtl`` the page is read from right to left: its right column comes first.

    Tables and forms keep whole lines from margin to margin; only columns of running text are parted.
    """
    if not len(words):
        return words
    upright = words.angle == 0
    lines = text_lines(words, upright, [])
    found = _ordered(lines, words, _Wordy(words.text, rtl=rtl), 0)
    if found is lines:
        return words  # built in this order
    ordered = [[i for p in t.phrases for i in p.words] for t in found]
    turned: dict[int, list[int]] = {}
    for i in np.flatnonzero(~upright).tolist():
        turned.setdefault(int(words.line[i]), []).append(i)
    ordered.extend(turned[k] for k in sorted(turned))
    out = words.take(np.array([i for line in ordered for i in line], np.int64))
    out.line[:] = np.repeat(np.arange(len(ordered)), [len(line) for line in ordered])
    return out


class _Wordy(dict[int, bool]):
    """Whether a word has letters, asked for few words of few pages; ``rtl`` says in which direction they are read."""

    def __init__(self, text: Sequence[str], *, rtl: bool) -> None:
        super().__init__()
        self._text = text
        self.rtl = rtl

    def __missing__(self, i: int) -> bool:
        self[i] = bool(_LETTERS.search(self._text[i]))
        return self[i]


def _ordered(lines: list[TextLine], words: PageWords, wordy: _Wordy, depth: int) -> list[TextLine]:
    if depth >= _MAX_DEPTH or len(lines) < _LEAST_LINES:
        return lines
    found = _gutter(lines, wordy)
    if found is None:
        return lines
    x, start, stop = found
    left: list[TextLine] = []
    right: list[TextLine] = []
    for line in lines[start:stop]:
        for side, phrases in (
            (left, [p for p in line.phrases if p.x1 <= x]),
            (right, [p for p in line.phrases if p.x0 >= x]),
        ):
            if phrases:
                side.append(_part(line, phrases, words))
    first, second = (right, left) if wordy.rtl else (left, right)
    return [
        *_ordered(lines[:start], words, wordy, depth),
        *_ordered(first, words, wordy, depth + 1),
        *_ordered(second, words, wordy, depth + 1),
        *_ordered(lines[stop:], words, wordy, depth),
    ]


def _part(line: TextLine, phrases: list[Phrase], words: PageWords) -> TextLine:
    boxes = words.box[[i for p in phrases for i in p.words]]
    return TextLine(phrases, line.base, float(boxes[:, 1].min()), float(boxes[:, 3].max()), line.size)


def _gutter(lines: list[TextLine], wordy: _Wordy) -> tuple[float, int, int] | None:
    """The middle of a white gutter between running text, and the lines ``start:stop`` it parts."""
    votes = _votes([line.phrases for line in lines])
    best: tuple[int, float, int, int] | None = None
    for x4 in sorted(votes, key=lambda k: (-votes[k], k))[:12]:
        if votes[x4] < _LEAST_LINES:
            break
        for start, stop in _runs(lines, x4 * 4.0):
            both = sum(t.x0 < x4 * 4 < t.x1 for t in lines[start:stop])
            if both < _LEAST_LINES or (best is not None and both <= best[0]):
                continue
            if _parts_prose([t.phrases for t in lines[start:stop]], x4 * 4.0, wordy, 0):
                best = (both, x4 * 4.0, start, stop)
    return best[1:] if best else None


def _votes(parts: list[list[Phrase]]) -> dict[int, int]:
    """How many lines have a gap at a position, in steps of four points."""
    votes: dict[int, int] = {}
    for phrases in parts:
        for a, b in pairwise(phrases):
            if len(a.words) < 3 and len(b.words) < 3:
                continue  # no running text on either side
            for x in range(int(a.x1 // 4) + 1, int(b.x0 // 4) + 1):
                votes[x] = votes.get(x, 0) + 1
    return votes


def _runs(lines: list[TextLine], x: float) -> list[tuple[int, int]]:
    """Runs of lines of which no phrase crosses ``x``, begun and ended by a line with text on both sides."""
    out = []
    start = None
    for k, line in enumerate([*lines, None]):
        crossed = line is None or any(p.x0 < x < p.x1 for p in line.phrases)
        if crossed and start is not None:
            out.append((start, k))
            start = None
        elif not crossed and start is None:
            start = k
    return out


def _parts_prose(parts: list[list[Phrase]], x: float, wordy: _Wordy, depth: int) -> bool:
    """Whether there is running text on both sides of ``x``."""
    for side in (0, 1):
        mine = [[p for p in phrases if (p.x0 >= x) == bool(side)] for phrases in parts]
        if not _is_prose([p for p in mine if p], wordy, depth):
            return False
    return True


def _is_prose(parts: list[list[Phrase]], wordy: _Wordy, depth: int) -> bool:
    """Whether lines read as running text: one phrase a line, several words, most lines full; or as columns of it."""
    if len(parts) < _LEAST_LINES:
        return False
    if sum(len(p) == 1 for p in parts) < 0.7 * len(parts):
        return depth < _MAX_DEPTH and _is_columns(parts, wordy, depth + 1)
    counts = sorted(sum(wordy[i] for q in p for i in q.words) for p in parts)
    extents = sorted(p[-1].x1 - p[0].x0 for p in parts)
    full = sum(e > 0.8 * extents[-1 - len(extents) // 20] for e in extents)
    return counts[len(counts) // 2] >= 4 and full >= 0.45 * len(parts)


def _is_columns(parts: list[list[Phrase]], wordy: _Wordy, depth: int) -> bool:
    votes = _votes(parts)
    if not votes:
        return False
    x4 = max(votes, key=lambda k: (votes[k], -k))
    if votes[x4] < _LEAST_LINES or any(p.x0 < x4 * 4 < p.x1 for phrases in parts for p in phrases):
        return False
    return _parts_prose(parts, x4 * 4.0, wordy, depth)
