"""The heading of a table: stacked lines to one cell each, headings over several columns, and their rows."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from locus_dbt.parsers.pdf.rulings import Line

Interval = tuple[float, float]
Key = tuple[int, int]

# Words no heading ends with, in English, German and French.
_WANTS_MORE = frozenset(
    re.findall(
        r"\S+",
        "a an and at by for from in not of on or over per the to under with auf bei der des die für im je mit nach ohne"
        " pro und von vor zu à au aux avec de du en et la le les ou par pour sur",
    )
)


@dataclass(slots=True)
class Heading:
    """A piece of the heading: the columns ``first .. last`` it stands over and its lines, top to bottom."""

    first: int
    last: int
    x0: float
    x1: float
    top: int
    bottom: int
    words: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class HeadLine:
    """A printed line of the heading: baseline, font size, its pieces by the columns they touch, and their texts."""

    base: float
    size: float
    pieces: list[tuple[Key, float, float, list[int]]]
    texts: list[str]


def stack(
    lines: list[HeadLine], columns: list[Interval], rules: list[Line], *, step: float = 0.0
) -> list[dict[Key, list[int]]]:
    """The rows of a heading of several lines, top to bottom: words by the columns ``(first, last)`` they head.

    A piece joins the one right above it when both head the same columns, the lines are set tight and no rule is
    drawn between; ``step`` is the distance of the table's other lines. Pieces with nothing below them form the
    last row; what stands over them the row above, and so on.
    """
    spans = [_spread(line, columns, k, lines, rules) for k, line in enumerate(lines)]
    cells: list[Heading] = []
    open_cells: dict[Key, Heading] = {}
    for k, line in enumerate(lines):
        for key, (_, x0, x1, words) in zip(spans[k], line.pieces, strict=True):
            above = open_cells.get(key)
            if above is not None and _goes_on(
                lines[above.bottom], line, (columns[key[0]][0], columns[key[1]][1]), rules, step
            ):
                above.words.extend(words)
                above.bottom = k
                above.x0, above.x1 = min(above.x0, x0), max(above.x1, x1)
                continue
            cell = Heading(*key, x0, x1, k, k, list(words))
            cells.append(cell)
            for other in [o for o in open_cells if o[0] <= key[1] and key[0] <= o[1]]:
                del open_cells[other]
            open_cells[key] = cell
    return _rows(cells)


def _goes_on(above: HeadLine, line: HeadLine, extent: Interval, rules: list[Line], step: float) -> bool:
    size = max(line.size, above.size)
    if line.base - above.base > max(1.5 * size, min(1.1 * step, 2.2 * size)):
        return False
    x0, x1 = extent
    return not _ruled(above.base, line.base - 0.5 * line.size, x0, x1, rules)


def _ruled(top: float, bottom: float, x0: float, x1: float, rules: list[Line]) -> bool:
    covered = sum(max(0.0, min(x1, b) - max(x0, a)) for y, a, b in rules if top - 1 < y < bottom + 1)
    return covered > 0.5 * (x1 - x0)


def _spread(line: HeadLine, columns: list[Interval], k: int, lines: list[HeadLine], rules: list[Line]) -> list[Key]:
    """The columns each piece of a line heads: those below its rule, or those it stands over the middle of."""
    out: list[Key] = []
    keys = [key for key, *_ in line.pieces]
    later = [t for t in lines[k + 1 :] if any(key != (0, 0) for key, *_ in t.pieces)]
    even = _even_groups(line, columns) if later else None
    if even is None and len(later) == 1:
        even = _over_all(line, later[0], columns)
    if even is not None and not _is_stacked(line, later[0], even, columns):
        return even
    for n, (key, x0, x1, _) in enumerate(line.pieces):
        low = keys[n - 1][1] + 1 if n else 0
        high = keys[n + 1][0] - 1 if n + 1 < len(keys) else len(columns) - 1
        below = lines[k + 1 :]
        room = (max(low, 0 if key[0] == 0 else 1), max(high, key[1]))
        by_rule = _under_rule(line, key, columns, room, rules, below[0].base if below else line.base)
        others = below if below or len(keys) > 1 else lines[:k]
        out.append(by_rule or _centred(key, (x0, x1), columns, room, others, line.size))
    return out


def _even_groups(line: HeadLine, columns: list[Interval]) -> list[Key] | None:
    """Where the pieces stand over the middles of equal groups of columns, the groups."""
    stub = [key for key, *_ in line.pieces if key == (0, 0)]
    pieces = [(key, (x0 + x1) / 2) for key, x0, x1, _ in line.pieces if key != (0, 0)]
    each = (len(columns) - 1) // max(1, len(pieces))
    if len(pieces) < 2 or each < 2 or each * len(pieces) != len(columns) - 1:
        return None
    groups = [(1 + n * each, (n + 1) * each) for n in range(len(pieces))]
    for (key, middle), group in zip(pieces, groups, strict=True):
        inside = group[0] <= key[0] and key[1] <= group[1]
        if not inside or _off(columns, group, middle) > 1.2 * line.size:
            return None
    return stub + groups


def _is_stacked(line: HeadLine, below: HeadLine, spread: list[Key], columns: list[Interval]) -> bool:
    """Whether a piece stands better over the piece under it than over the columns it is said to head, or reads on."""
    for (key, x0, x1, _), text, whole in zip(line.pieces, line.texts, spread, strict=True):
        if whole == key:
            continue
        middle = (x0 + x1) / 2
        for (under, a, b, _), rest in zip(below.pieces, below.texts, strict=True):
            closer = abs((a + b) / 2 - middle) + 0.15 * line.size < _off(columns, whole, middle)
            if under == key and (closer or _reads_on(text, rest)):
                return True
    return False


def _reads_on(text: str, rest: str) -> bool:
    """Whether a heading's line is not at its end: the next begins small, or the last word wants another."""
    last = text.rsplit(maxsplit=1)[-1].lower()
    return rest[:1].islower() or text.endswith(("-", ",", "/", "&")) or last in _WANTS_MORE


def _over_all(line: HeadLine, last: HeadLine, columns: list[Interval]) -> list[Key] | None:
    """One piece over the middle of all columns of figures, each of which has a heading of its own right below."""
    pieces = [(key, (x0 + x1) / 2) for key, x0, x1, _ in line.pieces if key != (0, 0)]
    headed = {key[0] for key, *_ in last.pieces if key[0] == key[1]}
    whole = (1, len(columns) - 1)
    if len(pieces) != 1 or len(columns) < 4 or not headed.issuperset(range(1, len(columns))):
        return None
    (key, middle) = pieces[0]
    if key[0] == 0 or _off(columns, whole, middle) > 1.2 * line.size:
        return None
    return [k for k, *_ in line.pieces if k == (0, 0)] + [whole]


def _under_rule(
    line: HeadLine, key: Key, columns: list[Interval], room: Key, rules: list[Line], next_base: float
) -> Key | None:
    """The columns over which the rule right below the piece runs, when it runs over several."""
    middles = [(a + b) / 2 for a, b in columns]
    for y, a, b in rules:
        if not line.base - 1 < y < next_base:
            continue
        hit = [c for c in range(room[0], room[1] + 1) if a - 2 <= middles[c] <= b + 2]
        if len(hit) >= 2 and hit[0] <= key[0] and key[1] <= hit[-1] and len(hit) < len(columns):
            return hit[0], hit[-1]
    return None


def _centred(
    key: Key, extent: Interval, columns: list[Interval], room: Key, others: list[HeadLine], size: float
) -> Key:
    """Of all runs of columns that hold the piece, the one whose middle it stands over best."""
    if key[0] == 0 or not others:
        return key
    middle = (extent[0] + extent[1]) / 2
    # A piece over one column alone may head its neighbours only when they have headings of their own.
    headed = {c for other in others for (a, b), *_ in other.pieces for c in range(a, b + 1)}
    best, least = key, _off(columns, key, middle)
    if least <= 0.6 * size:
        return key
    for first in range(key[0], room[0] - 1, -1):
        for last in range(key[1], room[1] + 1):
            added = [c for c in range(first, last + 1) if not key[0] <= c <= key[1]]
            if not added or not headed.issuperset(range(first, last + 1)):
                continue
            off = _off(columns, (first, last), middle)
            if off < least - 0.5 * size * len(added):
                best, least = (first, last), off
    return best


def _off(columns: list[Interval], key: Key, middle: float) -> float:
    return abs((columns[key[0]][0] + columns[key[1]][1]) / 2 - middle)


def _rows(cells: list[Heading]) -> list[dict[Key, list[int]]]:
    levels: dict[int, int] = {}
    for cell in sorted(cells, key=lambda c: -c.bottom):
        below = [
            levels[id(o)]
            for o in cells
            if id(o) in levels and o.top > cell.bottom and o.first <= cell.last and cell.first <= o.last
        ]
        levels[id(cell)] = 1 + max(below) if below else 0
    depth = 1 + max(levels.values(), default=-1)
    out: list[dict[Key, list[int]]] = [{} for _ in range(depth)]
    for cell in cells:
        row = out[depth - 1 - levels[id(cell)]]
        row.setdefault((cell.first, cell.last), []).extend(cell.words)
    return out
