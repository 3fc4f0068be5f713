"""Printed lines to the rows of a table: phrases to columns, lines of one row put together."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

from locus_dbt.parsers.pdf.extents import Interval, touched
from locus_dbt.parsers.pdf.grid import cell_text, is_number
from locus_dbt.parsers.pdf.rulings import Line
from locus_dbt.parsers.pdf.textlines import Phrase, TextLine
from locus_dbt.parsers.pdf.words import PageWords


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


def word_gap(lines: list[TextLine], words: PageWords) -> float:
    """How far the words of these lines stand apart, in points."""
    pairs = [(a, b) for line in lines for p in line.phrases for a, b in pairwise(p.words)]
    gaps = sorted(float(words.u0[b] - words.u1[a]) for a, b in pairs)
    middle = gaps[len(gaps) // 2] if len(gaps) >= 5 else 0.0
    return max(middle, 0.27 * lines[0].size)


def row_of(line: TextLine, columns: list[Interval], words: PageWords, blank: float) -> Row:
    """A line as a row: its phrases by the columns they cover; words usually stand ``blank`` points apart."""
    row = Row([line])
    for phrase in line.phrases:
        for piece in _pieces(phrase, columns, words, blank):
            hits = touched(columns, piece)
            if not hits:
                middle = (piece.x0 + piece.x1) / 2
                hits = [min(range(len(columns)), key=lambda c: abs((columns[c][0] + columns[c][1]) / 2 - middle))]
            key = (hits[0], hits[-1])
            row.cells.setdefault(key, []).extend(piece.words)
    return row


def _pieces(phrase: Phrase, columns: list[Interval], words: PageWords, blank: float) -> list[Phrase]:
    """A phrase over several columns, cut where its own widest gaps fall between the columns."""
    hits = touched(columns, phrase)
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
