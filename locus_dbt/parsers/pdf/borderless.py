"""Regions of text that stand in columns, without or with few rulings."""

from __future__ import annotations

from itertools import pairwise

from locus_dbt.parsers.pdf.flows import side_by_side
from locus_dbt.parsers.pdf.grid import Grid
from locus_dbt.parsers.pdf.rulings import Line, Rulings
from locus_dbt.parsers.pdf.structure import build_grid
from locus_dbt.parsers.pdf.tablelike import Region, cannot_be_table, is_caption, is_table, without_caption_and_notes
from locus_dbt.parsers.pdf.textlines import TextLine
from locus_dbt.parsers.pdf.words import PageWords

Interval = tuple[float, float]
_FAR = 1e6
_SHORT_RUN = 3  # lines


def find_tables(lines: list[TextLine], rulings: Rulings, words: PageWords) -> list[Grid]:
    """Tables among ``lines``, top to bottom."""
    found = [grid for flow in side_by_side(lines, words) for grid in _find_in(flow, rulings, words)]
    return sorted(found, key=lambda g: (g.box[1], g.box[0]))


def _find_in(lines: list[TextLine], rulings: Rulings, words: PageWords) -> list[Grid]:
    out: list[Grid] = []
    taken: set[int] = set()
    regions = _between_rules(lines, rulings.horizontal, words)
    for region in sorted(regions, key=lambda r: (-len(r.lines), r.lines[0].base)):
        if sum(id(line) in taken for line in region.lines) > 0.2 * len(region.lines):
            continue
        grid = _grid_of(region, words)
        if grid is not None:
            out.append(grid)
            taken.update(id(line) for line in region.lines)
    rest = [line for line in lines if id(line) not in taken] if taken else lines
    captions = {id(line) for line in rest if is_caption(line, words)}
    at = 0
    while at < len(rest):
        starts = len(rest[at].phrases) > 1 and id(rest[at]) not in captions
        grown = _grown(rest, at, rulings.horizontal, captions) if starts else None
        if grown is None:
            at += 1
            continue
        region, after = grown
        grid = _grid_of(region, words)
        if grid is not None:
            out.append(grid)
        # A short run may have begun with lines that are no part of the table below them.
        at = after if grid is not None or after - at > _SHORT_RUN else at + 1
    return out


def _grid_of(region: Region, words: PageWords) -> Grid | None:
    region.lines = without_caption_and_notes(region.lines, words)
    while len(region.lines) > 2 and _is_lone_label(region.lines, words):
        region.lines = region.lines[:-1]
    if len(region.lines) < 2 or cannot_be_table(region, words):
        return None
    grid = build_grid(region.lines, region.rules, words)
    return grid if grid is not None and is_table(grid, region, words) else None


def _is_lone_label(lines: list[TextLine], words: PageWords) -> bool:
    """Whether the last line is a heading of what follows the table: a label alone at the left, not the rest of one."""
    line = lines[-1]
    left = min(t.x0 for t in lines)
    first = words.text[line.phrases[0].words[0]]
    return len(line.phrases) == 1 and line.x0 <= left + line.size and first[:1].isupper()


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


def _between_rules(lines: list[TextLine], horizontal: list[Line], words: PageWords) -> list[Region]:
    """Tables set between rules of one extent: the first rule opens, the last closes."""
    out = []
    for whole in _families(horizontal):
        for family in _unbroken(whole, lines, horizontal, words):
            out.extend(_in_family(family, lines, horizontal))
    return out


def _in_family(family: list[Line], lines: list[TextLine], horizontal: list[Line]) -> list[Region]:
    out = []
    a, b = min(h[1] for h in family), max(h[2] for h in family)
    within = [t for t in lines if t.x0 >= a - 6 and t.x1 <= b + 6]
    start = 0
    while start < len(family) - 1:
        stop = len(family) - 1
        while stop > start:
            top, bottom = family[start][0], family[stop][0]
            inside = [t for t in within if top - 1 <= t.base - 0.3 * t.size <= bottom]
            if _holds_columns(inside):
                rules = [h for h in horizontal if top - 1 <= h[0] <= bottom + 1 and h[1] >= a - 6 and h[2] <= b + 6]
                head = _beyond(lines, inside, (a, b), up=True) if start == 0 else []
                foot = _beyond(lines, inside, (a, b), up=False) if stop == len(family) - 1 else []
                out.append(Region(head + inside + foot, rules, framed=True))
                break
            stop -= 1
        start = max(stop, start + 1)
    return out


def _unbroken(family: list[Line], lines: list[TextLine], horizontal: list[Line], words: PageWords) -> list[list[Line]]:
    """The rules cut where a caption, running text, a wider rule or a wide band without columns parts two of them."""
    out = [[family[0]]]
    usual = sorted(b[0] - a[0] for a, b in pairwise(family))[(len(family) - 1) // 2]
    for above, below in pairwise(family):
        band = [t for t in lines if above[0] - 1 <= t.base - 0.3 * t.size <= below[0]]
        inside = [t for t in band if t.x1 > above[1] and t.x0 < above[2]]
        high = below[0] - above[0]
        wider = any(above[0] + 4 < y < below[0] - 4 and a < above[1] - 8 and b > above[2] + 8 for y, a, b in horizontal)
        if any(len(t.phrases) > 1 for t in inside):
            apart = any(is_caption(t, words) or _is_running(t, above) for t in inside)
        else:
            size = inside[0].size if inside else 10.0
            apart = any(is_caption(t, words) or _is_running(t, above) for t in inside) or high > max(
                2.2 * usual, 2.2 * size
            )
        if apart or wider:
            out.append([below])
        else:
            out[-1].append(below)
    return [f for f in out if len(f) >= 2]


def _is_running(line: TextLine, rule: Line) -> bool:
    return len(line.phrases) == 1 and line.n_words > 9 and line.x1 - line.x0 > 0.7 * (rule[2] - rule[1])


def _beyond(lines: list[TextLine], inside: list[TextLine], extent: Interval, *, up: bool) -> list[TextLine]:
    """Headings right above the first rule, or totals right below the last, that keep the corridors between."""
    corridors: list[Interval] | None = None
    for line in inside:
        if len(line.phrases) > 1:
            corridors = _gaps(line) if corridors is None else _common(corridors, line)
    most = max(len(t.phrases) for t in inside)
    out: list[TextLine] = []
    last = inside[0] if up else inside[-1]
    others = [t for t in lines if (t.base < last.base if up else t.base > last.base)]
    for line in sorted(others, key=lambda t: abs(t.base - last.base)):
        near = abs(last.base - line.base) <= (2.2 if out else 3.0) * max(line.size, last.size)
        fits = line.x0 >= extent[0] - 6 and line.x1 <= extent[1] + 6 and line.n_words < 15
        full = len(line.phrases) > 1 if up else len(line.phrases) >= max(3, most)
        if not near or not fits or not full or not corridors:
            break
        corridors = _common(corridors, line)
        if not corridors:
            break
        out.append(line)
        last = line
    return out[::-1] if up else out


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
    both = [(max(a, c), min(b, d)) for a, b in corridors for c, d in free if c < b and a < d]
    return [(a, b) for a, b in both if b - a >= least]


def _grown(lines: list[TextLine], start: int, horizontal: list[Line], captions: set[int]) -> tuple[Region, int] | None:
    """The run of lines from ``start`` that keeps at least one white corridor, and the line after it."""
    run = _grow(lines, start, captions, horizontal)
    if run[-1] == start:
        return None
    region = [lines[k] for k in run]
    region = _header_above(lines, start, region) + region
    top, bottom = region[0].top - 4, region[-1].bottom + 4
    left, right = min(t.x0 for t in region), max(t.x1 for t in region)
    rules = [h for h in horizontal if top <= h[0] <= bottom and h[1] < right and h[2] > left]
    return Region(region, rules), run[-1] + 1


def _ruled_between(above: TextLine, below: TextLine, horizontal: list[Line]) -> bool:
    return any(above.base <= y <= below.base and a < below.x1 and b > below.x0 for y, a, b in horizontal)


def _grow(lines: list[TextLine], start: int, captions: set[int], horizontal: list[Line]) -> list[int]:
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
        size = max(line.size, last.size)
        most = max(2.4 * size, 1.7 * usual)
        if step > most and _ruled_between(last, line, horizontal):
            most = 3.2 * size
        if step < 0 or id(line) in captions or step > most:
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
    """Lines of headings over the first line: they stand above its columns, perhaps with a heading of the labels."""
    out: list[TextLine] = []
    labels = min(t.phrases[0].x0 for t in region if len(t.phrases) > 1)
    right = max(t.x1 for t in region)
    steps = sorted(b.base - a.base for a, b in pairwise(region))
    usual = steps[len(steps) // 2]
    for line in reversed(lines[max(0, start - 6) : start]):
        below = out[0] if out else region[0]
        step = below.base - line.base
        if not 0 < step <= max(1.5 * line.size, min(1.1 * usual, 2.2 * line.size)):
            break
        if step < 0.6 * line.size:  # beside the line below it: a heading set to the middle of two lines
            if line.x0 < labels - 2 or line.x1 > right + 2:
                break
        elif not _heads_columns(line, [below, region[0]], labels, right):
            break
        out.insert(0, line)
    # What stands beside the first line of the heading counts only with a line above it.
    while out and out[0].x1 < region[0].x0:
        del out[0]
    return out


def _heads_columns(line: TextLine, below: list[TextLine], labels: float, right: float) -> bool:
    """Whether all but a heading of the labels stands over columns of figures."""
    heads = line.phrases[1:] if line.phrases[0].x0 < labels + line.size else line.phrases
    if not heads or line.n_words > (14 if len(line.phrases) > 1 else 6):
        return False
    if heads[-1].x1 > right + 2 or heads[0].x0 < labels + 4 * line.size:
        return False
    columns = [p for t in below for p in t.phrases if p.x0 > labels + 4 * line.size]
    left = min((p.x0 for p in columns), default=right)
    return all(h.x1 > left and h.x0 < max(p.x1 for p in columns) for h in heads)
