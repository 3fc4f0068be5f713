"""The columns of a table without rulings: where their text begins and ends."""

from __future__ import annotations

from collections.abc import Sequence

from locus_dbt.parsers.pdf.grid import cell_text, is_number
from locus_dbt.parsers.pdf.textlines import Phrase, TextLine
from locus_dbt.parsers.pdf.words import PageWords

Interval = tuple[float, float]


def find_columns(lines: list[TextLine], words: PageWords, n_head: int = 0) -> list[Interval]:
    """Column extents: the lines with the most phrases lead, a phrase over two columns is a spanning cell.

    The first ``n_head`` lines are the heading: they come last, from the bottom up, and what stands over a gap
    between two columns that are already headed is a heading of both.
    """
    order = sorted(range(n_head, len(lines)), key=lambda k: (-len(lines[k].phrases), k))
    columns: list[list[float]] = []
    support: list[int] = []
    for k in order:
        for phrase in lines[k].phrases:
            hits = touched(columns, phrase)
            if not hits:
                columns.append([phrase.x0, phrase.x1])
                support.append(1)
            elif len(hits) == 1:
                column = columns[hits[0]]
                column[0], column[1] = min(column[0], phrase.x0), max(column[1], phrase.x1)
                support[hits[0]] += 1
    ranked = sorted(zip(columns, support, strict=True))
    columns, support = [c for c, _ in ranked], [n for _, n in ranked]
    headed = [False] * len(columns)
    for line in reversed(lines[:n_head]):
        _head_columns(line, columns, support, headed)
    size = sorted(line.size for line in lines)[len(lines) // 2]
    kept = _without_strays([(c[0], c[1], n) for c, n in zip(columns, support, strict=True)], len(lines), size)
    return _complementary(kept, lines, words)


def _head_columns(line: TextLine, columns: list[list[float]], support: list[int], headed: list[bool]) -> None:
    """Widen the columns a line of the heading stands over; add those that only the heading has."""
    if len(line.phrases) == 1 and len(columns) > 2:
        # A unit or a heading over several columns may stand anywhere: only one set to a column's edge is its own.
        only = line.phrases[0]
        near = [columns[c] for c in touched(columns, only)]
        if len(near) != 1 or min(abs(only.x0 - near[0][0]), abs(only.x1 - near[0][1])) > 2:
            return
    for phrase in line.phrases:
        hits = touched(columns, phrase)
        if len(hits) == 1:
            c = hits[0]
            low = columns[c - 1][1] + 1 if c else phrase.x0
            high = columns[c + 1][0] - 1 if c + 1 < len(columns) else phrase.x1
            columns[c][0] = min(columns[c][0], max(low, phrase.x0))
            columns[c][1] = max(columns[c][1], min(high, phrase.x1))
            support[c] += 1
            headed[c] = True
        elif not hits:
            at = sum(a < phrase.x0 for a, _ in columns)
            if 0 < at < len(columns) and headed[at - 1] and headed[at]:
                continue
            columns.insert(at, [phrase.x0, phrase.x1])
            support.insert(at, 1)
            headed.insert(at, True)


def touched(columns: Sequence[Sequence[float]], phrase: Phrase) -> list[int]:
    """The numbers of the columns the phrase stands over."""
    x0, x1 = phrase.x0, phrase.x1
    return [c for c, (a, b) in enumerate(columns) if a < x1 and x0 < b]


def _without_strays(columns: list[tuple[float, float, int]], n_lines: int, size: float) -> list[Interval]:
    """A column that one line alone has, close to a neighbour, belongs to it."""
    out: list[tuple[float, float, int]] = []
    for a, b, n in columns:
        if out and n_lines >= 4 and min(n, out[-1][2]) == 1 and a - out[-1][1] < 1.2 * size:
            out[-1] = (out[-1][0], max(b, out[-1][1]), n + out[-1][2])
        else:
            out.append((a, b, n))
    return [(a, b) for a, b, _ in out]


def _complementary(columns: list[Interval], lines: list[TextLine], words: PageWords) -> list[Interval]:
    """A heading set beside its figures, never on a line with them, is one column with them."""
    if len(columns) < 3:
        return columns
    has: list[set[int]] = [set() for _ in columns]
    figures = [0] * len(columns)
    for k, line in enumerate(lines):
        for phrase in line.phrases:
            hits = touched(columns, phrase)
            if len(hits) == 1:
                has[hits[0]].add(k)
                figures[hits[0]] += is_number(cell_text(words, phrase.words))
    out = list(columns)
    few = max(2, len(lines) // 4)
    k = 1
    while k < len(out) - 1:
        apart = has[k] and has[k + 1] and not has[k] & has[k + 1]
        if apart and (_heads(has[k], has[k + 1], figures[k], few) or _heads(has[k + 1], has[k], figures[k + 1], few)):
            out[k : k + 2] = [(out[k][0], out[k + 1][1])]
            has[k : k + 2] = [has[k] | has[k + 1]]
            figures[k : k + 2] = [figures[k] + figures[k + 1]]
        else:
            k += 1
    return out


def _heads(head: set[int], body: set[int], figures: int, few: int) -> bool:
    return len(head) <= few and len(body) > len(head) and max(head) < min(body) and figures <= len(head) // 2
