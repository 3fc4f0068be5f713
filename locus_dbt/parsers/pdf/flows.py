"""Lines of a page that belong to tables set side by side, each with lines of its own height."""

from __future__ import annotations

from itertools import pairwise

from locus_dbt.parsers.pdf.textlines import TextLine
from locus_dbt.parsers.pdf.words import PageWords

_LEAST_PAIRS = 3  # lines that stand beside another and yet not on one line with it
_LEAST_GUTTER = 1.2  # em
_MOST_SHARED = 0.34  # part of the lines that may run over both sides


def side_by_side(lines: list[TextLine], words: PageWords) -> list[list[TextLine]]:
    """The lines as flows: one, or where two tables stand beside each other the left, the right and the rest.

    Tables set side by side give themselves away when their lines do not stand at one height. Both sides must
    have columns of their own: a label beside centred figures is one table.
    """
    found = _gutter(lines)
    if found is None:
        return [lines]
    x, start, stop = found
    if sum(t.x0 < x < t.x1 for t in lines[start:stop]) > _MOST_SHARED * (stop - start):
        return [lines]
    left: list[TextLine] = []
    right: list[TextLine] = []
    for line in lines[start:stop]:
        for side, phrases in (
            (left, [p for p in line.phrases if p.x1 <= x]),
            (right, [p for p in line.phrases if p.x0 >= x]),
        ):
            if phrases:
                boxes = words.box[[i for p in phrases for i in p.words]]
                top, bottom = float(boxes[:, 1].min()), float(boxes[:, 3].max())
                side.append(TextLine(phrases, line.base, top, bottom, line.size))
    if any(sum(len(t.phrases) > 1 for t in side) < _LEAST_PAIRS for side in (left, right)):
        return [lines]
    rest = [flow for part in (lines[:start], lines[stop:]) for flow in side_by_side(part, words) if flow]
    return [left, right, *rest]


def _gutter(lines: list[TextLine]) -> tuple[float, int, int] | None:
    """A place no phrase crosses between lines that stand beside each other, and the lines ``start:stop`` around it."""
    pairs = []
    for k, (a, b) in enumerate(pairwise(lines)):
        if 0 <= b.base - a.base < 0.8 * min(a.size, b.size):
            low, high = (a.x1, b.x0) if a.x1 < b.x0 else (b.x1, a.x0)
            if high - low >= _LEAST_GUTTER * a.size:
                pairs.append((k, low, high))
    for n, (k, low, high) in enumerate(pairs):
        left, right, last, count = low, high, k, 1
        for k2, low2, high2 in pairs[n + 1 :]:
            if min(right, high2) - max(left, low2) < _LEAST_GUTTER * lines[k].size:
                break
            left, right, last, count = max(left, low2), min(right, high2), k2, count + 1
        if count >= _LEAST_PAIRS:
            x = (left + right) / 2
            if any(_crosses(t, x) for t in lines[k : last + 2]):
                continue
            return x, _reach(lines, k, x, -1), _reach(lines, last + 1, x, 1) + 1
    return None


def _crosses(line: TextLine, x: float) -> bool:
    return any(p.x0 < x < p.x1 for p in line.phrases)


def _reach(lines: list[TextLine], k: int, x: float, step: int) -> int:
    """How far lines near each other that do not cross ``x`` go on."""
    while 0 <= k + step < len(lines):
        line = lines[k + step]
        if _crosses(line, x) or abs(line.base - lines[k].base) > 2.4 * line.size:
            break
        k += step
    return k
