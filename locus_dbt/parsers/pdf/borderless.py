"""Regions of text that stand in columns, without or with few rulings."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import pairwise

from locus_dbt.parsers.pdf.grid import Grid, cell_text, is_number
from locus_dbt.parsers.pdf.rulings import Line, Rulings
from locus_dbt.parsers.pdf.structure import build_grid
from locus_dbt.parsers.pdf.textlines import TextLine
from locus_dbt.parsers.pdf.words import PageWords

Interval = tuple[float, float]
_FAR = 1e6


@dataclass(slots=True)
class Region:
    """Lines of one table; ``rules`` are the full-width lines drawn above, in and below it."""

    lines: list[TextLine]
    rules: list[Line]


def find_tables(lines: list[TextLine], rulings: Rulings, words: PageWords) -> list[Grid]:
    """Tables among ``lines``, top to bottom."""
    out: list[Grid] = []
    rest = lines
    for region in _between_rules(lines, rulings.horizontal):
        grid = build_grid(region.lines, region.rules, words)
        if grid is not None and _is_table(grid, region, words):
            out.append(grid)
            taken = {id(line) for line in region.lines}
            rest = [line for line in rest if id(line) not in taken]
    for region in _grown(rest, rulings.horizontal):
        grid = build_grid(region.lines, region.rules, words)
        if grid is not None and _is_table(grid, region, words):
            out.append(grid)
    return sorted(out, key=lambda g: (g.box[1], g.box[0]))


def _families(horizontal: list[Line]) -> list[list[Line]]:
    """Rules of the same extent, at least 80 points long, top to bottom."""
    families: list[list[Line]] = []
    for line in sorted(horizontal):
        if line[2] - line[1] < 80:
            continue
        for family in families:
            if abs(family[0][1] - line[1]) <= 5 and abs(family[0][2] - line[2]) <= 5:
                family.append(line)
                break
        else:
            families.append([line])
    return [f for f in families if len(f) >= 2]


def _between_rules(lines: list[TextLine], horizontal: list[Line]) -> list[Region]:
    """Tables set between rules of one extent: the first rule opens, the last closes."""
    out = []
    for family in _families(horizontal):
        _, a, b = family[0]
        start = 0
        while start < len(family) - 1:
            stop = len(family) - 1
            while stop > start:
                top, bottom = family[start][0], family[stop][0]
                inside = [
                    t for t in lines if top - 1 <= t.base - 0.3 * t.size <= bottom and t.x0 >= a - 6 and t.x1 <= b + 6
                ]
                if _holds_columns(inside):
                    rules = [h for h in horizontal if top - 1 <= h[0] <= bottom + 1 and h[1] >= a - 6 and h[2] <= b + 6]
                    out.append(Region(inside, rules))
                    break
                stop -= 1
            start = max(stop, start + 1)
    return out


def _holds_columns(lines: list[TextLine]) -> bool:
    if len(lines) < 2:
        return False
    corridors = _gaps(lines[0])
    multi = [t for t in lines if len(t.phrases) > 1]
    if len(multi) < 2 or len(multi) < 0.45 * len(lines):
        return False
    corridors = _gaps(multi[0])
    for line in multi[1:]:
        corridors = _common(corridors, line)
    wide = max(t.x1 for t in lines) - min(t.x0 for t in lines)
    prose = sum(len(t.phrases) == 1 and t.x1 - t.x0 > 0.7 * wide for t in lines)
    return bool(corridors) and prose <= 0.2 * len(lines)


def _gaps(line: TextLine) -> list[Interval]:
    return [(a.x1, b.x0) for a, b in pairwise(line.phrases)]


def _common(corridors: list[Interval], line: TextLine) -> list[Interval]:
    """What of the corridors stays white when ``line`` is added."""
    free = [(-_FAR, line.x0), *_gaps(line), (line.x1, _FAR)]
    least = 0.4 * line.size
    return [(max(a, c), min(b, d)) for a, b in corridors for c, d in free if min(b, d) - max(a, c) >= least]


def _grown(lines: list[TextLine], horizontal: list[Line]) -> list[Region]:
    """Runs of lines that keep at least one white corridor."""
    out = []
    i = 0
    while i < len(lines):
        if len(lines[i].phrases) < 2:
            i += 1
            continue
        run = _grow(lines, i)
        if run[-1] > i:
            region = [lines[k] for k in run]
            region = _header_above(lines, i, region) + region
            top, bottom = region[0].top - 4, region[-1].bottom + 4
            rules = [h for h in horizontal if top <= h[0] <= bottom]
            out.append(Region(region, rules))
        i = run[-1] + 1
    return out


def _grow(lines: list[TextLine], start: int) -> list[int]:
    corridors = _gaps(lines[start])
    run = [start]
    pending: list[int] = []
    last = lines[start]
    steps: list[float] = []
    k = start + 1
    while k < len(lines):
        line = lines[k]
        step = line.base - last.base
        usual = sorted(steps)[len(steps) // 2] if steps else 0.0
        if step < 0 or step > max(2.4 * max(line.size, last.size), 1.7 * usual):
            break
        if len(line.phrases) > 1:
            narrowed = _common(corridors, line)
            if not narrowed:
                break
            corridors = narrowed
            run += [*pending, k]
            pending = []
        else:
            crossing = len(_common(corridors, line)) < len(corridors)
            pending.append(k)
            if len(pending) > (1 if crossing else 4) or line.n_words > 14:
                break
        steps.append(step)
        last = line
        k += 1
    for k in pending:
        before, line = lines[run[-1]], lines[k]
        first = before.phrases[0]
        tight = line.base - before.base <= 1.35 * line.size and k == run[-1] + 1
        if not tight or line.x0 <= first.x1 or len(_common(corridors, line)) < len(corridors):
            break
        run.append(k)
    return run


def _header_above(lines: list[TextLine], start: int, region: list[TextLine]) -> list[TextLine]:
    """Single phrases over the first line that stand above one of its columns but not above the first."""
    out: list[TextLine] = []
    first = region[0]
    k = start - 1
    while k >= 0 and len(out) < 3:
        line = lines[k]
        below = out[0] if out else first
        if len(line.phrases) != 1 or line.base > below.base or below.base - line.base > 1.5 * line.size:
            break
        over = [p for p in first.phrases if p.x0 - 2 <= line.x0 and line.x1 <= p.x1 + 2]
        if not over or over[0] is first.phrases[0]:
            break
        out.insert(0, line)
        k -= 1
    return out


def _is_table(grid: Grid, region: Region, words: PageWords) -> bool:
    """Whether the grid reads as a table rather than as running text, a list or a contents page."""
    texts = [(c.row, c.col, cell_text(words, c.words)) for c in grid.cells if c.words]
    in_row = Counter(row for row, _, _ in texts)
    if grid.n_cols < 2 or len(in_row) < 2 or _is_sparse(in_row, grid.n_cols):
        return False
    if grid.n_cols == 2 and _is_list_or_contents([t for _, c, t in texts if c == 0]):
        return False
    body = [t for _, c, t in texts if c > 0]
    numbers = sum(is_number(t) for t in body)
    long = sum(len(t.split()) > 9 for _, _, t in texts)
    full = sum(n >= 2 for n in in_row.values())
    ruled = len(region.rules) >= 3
    if numbers >= 0.4 * len(body):
        return len(in_row) >= (2 if ruled else 3)
    if ruled:
        return long < 0.4 * len(texts) and len(in_row) >= 3
    return grid.n_cols >= 3 and len(in_row) >= 4 and long < 0.1 * len(texts) and full >= 0.7 * len(in_row)


def _is_sparse(in_row: Counter[int], n_cols: int) -> bool:
    """Rows mostly of one cell, or a few rows with many holes (labels of a chart)."""
    full = sum(n >= 2 for n in in_row.values())
    return full < 0.5 * len(in_row) or (len(in_row) <= 4 and in_row.total() < 0.45 * len(in_row) * n_cols)


def _is_list_or_contents(firsts: list[str]) -> bool:
    leaders = sum("....." in t or ". . . ." in t for t in firsts)
    marks = sum(len(t) <= 4 and (not t[:1].isalnum() or t[-1:] in ").:" or t[:1] in "•-–(") for t in firsts)
    return marks > 0.6 * len(firsts) or leaders > 0.2 * len(firsts)
