"""Lines of a table region to columns, rows and cells."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from locus_dbt.parsers.pdf.grid import Cell, Grid, cell_text, is_number, words_box
from locus_dbt.parsers.pdf.headings import HeadLine, stack
from locus_dbt.parsers.pdf.rulings import Line
from locus_dbt.parsers.pdf.textlines import Phrase, TextLine
from locus_dbt.parsers.pdf.words import PageWords

Interval = tuple[float, float]

_LABEL_NUMBER = re.compile(
    r"^(19|20)\d\d(\s?[-–/]\s?(\d\d|(19|20)\d\d))?\W{0,3}\d?$"  # 1998, 1998-99, 1998/2000, 1998 1
    r"|^(19|20)\d\d( (19|20)\d\d)+$"
    r"|^\(\d{1,2}\)$"
)

_FIGURES = 0.35  # part of the pieces beside the labels that are figures before a table counts as one of figures


@dataclass(slots=True)
class Row:
    """A table row in the making: phrases by the columns ``(first, last)`` they cover."""

    lines: list[TextLine]
    cells: dict[tuple[int, int], list[int]] = field(default_factory=dict)

    @property
    def columns(self) -> set[int]:
        """Columns that hold text."""
        return {c for a, b in self.cells for c in range(a, b + 1)}

    @property
    def spans(self) -> bool:
        """Whether a cell covers several columns."""
        return any(b > a for a, b in self.cells)


def build_grid(lines: list[TextLine], rules: list[Line], words: PageWords) -> Grid | None:
    """The lines as a grid, or ``None`` when they have fewer than two columns."""
    n_head = count_head_lines(lines, words)
    columns = find_columns(lines, words, n_head)
    if len(columns) < 2:
        return None
    steps = sorted(b.base - a.base for a, b in pairwise(lines[n_head:]))
    step = steps[len(steps) // 2] if steps else 0.0
    blank = _blank(lines, words)
    pieces = [_row(line, columns, words, blank) for line in lines[:n_head]]
    head = _head_rows(pieces, columns, rules, words, step)
    body = [_row(line, columns, words, blank) for line in lines[n_head:]]
    body = merge_rows(body, rules, words) if body else []
    rows = [row.cells for row in head] + [_centred_label(row, columns).cells for row in body]
    cells = [
        Cell(r, a, 1, b - a + 1, indices, words_box(words, indices))
        for r, row in enumerate(rows)
        for (a, b), indices in sorted(row.items())
    ]
    boxes = [c.box for c in cells if c.box]
    x0, y0 = min(b[0] for b in boxes), min(b[1] for b in boxes)
    box = (x0, y0, max(b[2] for b in boxes), max(b[3] for b in boxes))
    return Grid(len(rows), len(columns), cells, box)


def count_head_lines(lines: list[TextLine], words: PageWords) -> int:
    """How many lines stand above the first line of figures; 0 where no line has figures in most of its columns."""
    left = min(line.x0 for line in lines)
    figures = [[cell_text(words, p.words) for p in line.phrases if p.x0 > left + 1.5 * line.size] for line in lines]
    known = [any(is_number(t) and not _is_label_number(t) for t in texts) for texts in figures]
    if sum(is_number(t) for texts in figures for t in texts) < _FIGURES * sum(map(len, figures)):
        return 0
    mostly = [sum(map(is_number, texts)) >= max(1, 0.5 * len(texts)) for texts in figures]
    for k, texts in enumerate(figures):
        if not mostly[k]:
            continue
        labelled = lines[k].x0 <= left + 1.5 * lines[k].size
        labels = all(_is_label_number(t) for t in texts if is_number(t))
        if labels and (any(known[k + 1 :]) or not labelled):
            continue
        if not labelled and not all(mostly[k + 1 : k + 3]):
            continue
        return _without_label_lines(lines, k, left)
    return 0


def _is_label_number(text: str) -> bool:
    """Years and column numbers head columns as often as they stand in them."""
    return bool(_LABEL_NUMBER.match(text))


def _without_label_lines(lines: list[TextLine], body: int, left: float) -> int:
    """The first line of figures may have labels above it that belong to the body, at the left or in the middle."""
    right = max(line.x1 for line in lines)
    middle = (left + right) / 2
    more = any(_is_centred(line, middle) for line in lines[body:])
    k = body
    while k > 0:
        line = lines[k - 1]
        at_left = line.x0 <= left + 1.5 * line.size and any(t.x1 > line.x1 for t in lines[: k - 1])
        if len(line.phrases) > 1 or not (at_left or (more and _is_centred(line, middle))):
            break
        k -= 1
    return k


def _is_centred(line: TextLine, middle: float) -> bool:
    return len(line.phrases) == 1 and abs((line.x0 + line.x1) / 2 - middle) < 1.5 * line.size


def _head_rows(rows: list[Row], columns: list[Interval], rules: list[Line], words: PageWords, step: float) -> list[Row]:
    """The rows of the heading."""
    pieces = []
    for row in rows:
        found = [
            (key, float(words.u0[i].min()), float(words.u1[i].max()), i)
            for key, i in sorted((k, np.array(v, np.int64)) for k, v in row.cells.items())
        ]
        line = row.lines[0]
        pieces.append(HeadLine(line.base, line.size, [(key, a, b, i.tolist()) for key, a, b, i in found]))
    return [Row([], cells) for cells in stack(pieces, columns, rules, step=step)]


def _centred_label(row: Row, columns: list[Interval]) -> Row:
    """A lone label in the middle of the table heads the rows below it over all columns."""
    if len(row.cells) != 1 or len(columns) < 3 or len(row.lines) != 1 or len(row.lines[0].phrases) != 1:
        return row
    (((first, _), indices),) = row.cells.items()
    line = row.lines[0]
    middle = (line.x0 + line.x1) / 2
    for start in (0, 1):
        if first >= start and line.x0 > columns[start][0] + 2 * line.size:
            off = abs(middle - (columns[start][0] + columns[-1][1]) / 2)
            if off < 1.5 * line.size:
                return Row(row.lines, {(start, len(columns) - 1): indices})
    return row


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
            hits = [c for c, (a, b) in enumerate(columns) if _shared(a, b, phrase) > 0.0]
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
    if len(line.phrases) == 1 and len(columns) > 2:
        # A unit or a heading over several columns may stand anywhere: only one set to a column's edge is its own.
        only = line.phrases[0]
        hits = [c for c in columns if _shared(c[0], c[1], only) > 0.0]
        if len(hits) != 1 or min(abs(only.x0 - hits[0][0]), abs(only.x1 - hits[0][1])) > 2:
            return
    for phrase in line.phrases:
        hits = [c for c, (a, b) in enumerate(columns) if _shared(a, b, phrase) > 0.0]
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


def _shared(a: float, b: float, phrase: Phrase) -> float:
    return min(b, phrase.x1) - max(a, phrase.x0)


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
            hits = [c for c, (a, b) in enumerate(columns) if _shared(a, b, phrase) > 0.0]
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


def _blank(lines: list[TextLine], words: PageWords) -> float:
    """How far the words of these lines stand apart, in points."""
    pairs = [(a, b) for line in lines for p in line.phrases for a, b in pairwise(p.words)]
    gaps = sorted(float(words.u0[b] - words.u1[a]) for a, b in pairs)
    middle = gaps[len(gaps) // 2] if len(gaps) >= 5 else 0.0
    return max(middle, 0.27 * lines[0].size)


def _row(line: TextLine, columns: list[Interval], words: PageWords, blank: float) -> Row:
    row = Row([line])
    for phrase in line.phrases:
        for piece in _pieces(phrase, columns, words, blank):
            hits = [c for c, (a, b) in enumerate(columns) if _shared(a, b, piece) > 0.0]
            if not hits:
                middle = (piece.x0 + piece.x1) / 2
                hits = [min(range(len(columns)), key=lambda c: abs((columns[c][0] + columns[c][1]) / 2 - middle))]
            key = (hits[0], hits[-1])
            row.cells.setdefault(key, []).extend(piece.words)
    return row


def _pieces(phrase: Phrase, columns: list[Interval], words: PageWords, blank: float) -> list[Phrase]:
    """A phrase over several columns, cut where its own widest gaps fall between the columns."""
    hits = [c for c, (a, b) in enumerate(columns) if _shared(a, b, phrase) > 0.0]
    if len(hits) < 2:
        return [phrase]
    indices = phrase.words
    gaps = [float(words.u0[b] - words.u1[a]) for a, b in pairwise(indices)]
    if not gaps:
        return [phrase]
    usual = sorted(gaps)[len(gaps) // 2] if len(gaps) > 2 else blank
    out: list[Phrase] = []
    start = 0
    for k, gap in enumerate(gaps):
        left, right = float(words.u1[indices[k]]), float(words.u0[indices[k + 1]])
        white = [(columns[c][1], columns[c + 1][0]) for c in hits[:-1]]
        between = any(max(a, left) <= min(b, right) + 1 for a, b in white)
        at_start = between and any(abs(right - b) < 1.0 for _, b in white)
        if between and gap > (1.15 if at_start else 1.3) * usual:
            out.append(_phrase(indices[start : k + 1], words))
            start = k + 1
    out.append(_phrase(indices[start:], words))
    return out


def _phrase(indices: list[int], words: PageWords) -> Phrase:
    return Phrase(indices, float(words.u0[indices[0]]), max(float(words.u1[i]) for i in indices))


def merge_rows(rows: list[Row], rules: list[Line], words: PageWords) -> list[Row]:
    """Rows whose text runs over several lines become one."""
    ruled = [_ruled_between(a, b, rules) for a, b in pairwise(rows)]
    bands = _bands(rows, ruled)
    if bands is not None:
        return bands
    rows, ruled = _join(rows, ruled, [_overlap(a, b) for a, b in pairwise(rows)])
    steps = [b.lines[0].base - a.lines[-1].base for a, b in pairwise(rows)]
    if not steps:
        return rows
    labels = [p for row in rows for p in row.lines[0].phrases[:1] if 0 in row.columns]
    reach = (min(p.x0 for p in labels), max(p.x1 for p in labels)) if labels else (0.0, 0.0)
    joins = [
        not ruled[k] and (_continues(rows, k, steps, words) or _hangs(rows, k, steps, reach))
        for k in range(len(rows) - 1)
    ]
    rows, _ = _join(rows, ruled, joins)
    return rows


def _ruled_between(a: Row, b: Row, rules: list[Line]) -> bool:
    low = max(t.base for t in a.lines) - 0.3 * a.lines[0].size
    high = min(t.base for t in b.lines) - 0.3 * b.lines[0].size
    left, right = min(a.lines[0].x0, b.lines[0].x0), max(a.lines[0].x1, b.lines[0].x1)
    covered = sum(max(0.0, min(right, r[2]) - max(left, r[1])) for r in rules if low < r[0] < high)
    return covered > 0.6 * (right - left)


def _bands(rows: list[Row], ruled: list[bool]) -> list[Row] | None:
    """Where every row has its rule, the rules alone decide."""
    if sum(ruled) < 3 or sum(ruled) < 0.4 * len(ruled):
        return None
    out = [rows[0]]
    for row, border in zip(rows[1:], ruled, strict=True):
        if border:
            out.append(row)
        else:
            out[-1] = _joined(out[-1], row)
    return out


def _joined(a: Row, b: Row) -> Row:
    cells = {key: list(indices) for key, indices in a.cells.items()}
    for (first, last), indices in b.cells.items():
        hits = [k for k in cells if k[0] <= last and first <= k[1]]
        merged = [*(i for k in hits for i in cells.pop(k)), *indices]
        low, high = min([first, *(k[0] for k in hits)]), max([last, *(k[1] for k in hits)])
        cells[low, high] = sorted(merged)
    return Row(a.lines + b.lines, cells)


def _join(rows: list[Row], ruled: list[bool], joins: list[bool]) -> tuple[list[Row], list[bool]]:
    out, borders = [rows[0]], []
    for row, border, join in zip(rows[1:], ruled, joins, strict=True):
        if join:
            out[-1] = _joined(out[-1], row)
        else:
            out.append(row)
            borders.append(border)
    return out, borders


def _overlap(a: Row, b: Row) -> bool:
    """Lines closer than their height are parts of one row (cells centred across)."""
    return b.lines[0].base - a.lines[-1].base < 0.8 * min(a.lines[-1].size, b.lines[0].size)


def _numeric(row: Row, words: PageWords) -> int:
    return sum(is_number(cell_text(words, i)) for (a, _), i in row.cells.items() if a > 0)


def _continues(rows: list[Row], k: int, steps: list[float], words: PageWords) -> bool:
    """Whether row ``k + 1`` goes on with row ``k``."""
    above, row = rows[k], rows[k + 1]
    size = row.lines[0].size
    least, most = min(steps), max(steps)
    two_steps = most > 1.22 * least
    tight = steps[k] <= min(1.1 * least, 1.5 * size) if two_steps else False
    figures = _numeric(row, words)
    if 0 not in row.columns:
        if not row.columns <= above.columns or steps[k] > 1.6 * size:
            return False
        return tight or (not two_steps and figures == 0)
    if row.columns == {0}:
        after = steps[k + 1] if k + 1 < len(steps) else most
        text = cell_text(words, row.cells.get((0, 0), []))
        small = _goes_on(text) and 0 in above.columns and steps[k] <= 1.5 * size
        return small or (tight and after > 1.1 * steps[k] and 0 in above.columns)
    if above.columns == {0}:
        text = cell_text(words, row.cells.get((0, 0), []))
        return _goes_on(text) and steps[k] <= 1.5 * size
    return tight and figures == 0 and len(row.columns) < len(above.columns)


def _hangs(rows: list[Row], k: int, steps: list[float], reach: Interval) -> bool:
    """Whether row ``k + 1`` holds the rest of a long label: set in, while the row after it is not."""
    above, row = rows[k], rows[k + 1]
    after = rows[k + 2] if k + 2 < len(rows) else None
    size = row.lines[0].size
    one = {0} in (above.columns, row.columns) and 0 in above.columns and 0 in row.columns
    if not one or steps[k] > 1.5 * size or steps[k] > 1.1 * min(steps):
        return False
    label = above.lines[-1].phrases[0]
    long = label.x1 - reach[0] > 0.7 * (reach[1] - reach[0])
    hangs = 0.4 * size < row.lines[0].x0 - label.x0 < 3 * size
    back = after is None or (after.lines[0].x0 <= label.x0 + 0.2 * size and len(after.columns) > 1)
    return long and hangs and back


def _goes_on(text: str) -> bool:
    """Whether a line reads as the rest of a label."""
    return text[:1].islower() or text[:1] == "("
