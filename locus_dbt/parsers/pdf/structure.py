"""Lines of a table region to a grid: heading, columns, rows and cells."""

from __future__ import annotations

import re
from itertools import pairwise

import numpy as np

from locus_dbt.parsers.pdf.extents import Interval, find_columns
from locus_dbt.parsers.pdf.grid import Cell, Grid, cell_text, is_number, words_box
from locus_dbt.parsers.pdf.headings import HeadLine, stack
from locus_dbt.parsers.pdf.rows import Row, merge_rows, row_of, word_gap
from locus_dbt.parsers.pdf.rulings import Line
from locus_dbt.parsers.pdf.textlines import TextLine
from locus_dbt.parsers.pdf.words import PageWords

_LABEL_NUMBER = re.compile(
    r"^(19|20)\d\d(\s?[-–/]\s?(\d\d|(19|20)\d\d))?\W{0,3}\d?$"  # 1998, 1998-99, 1998/2000, 1998 1
    r"|^(19|20)\d\d( (19|20)\d\d)+$"
    r"|^\(\d{1,2}\)$"
)

_FIGURES = 0.35  # part of the pieces beside the labels that are figures before a table counts as one of figures


def build_grid(lines: list[TextLine], rules: list[Line], words: PageWords) -> Grid | None:
    """The lines as a grid, or ``None`` when they have fewer than two columns."""
    n_head = count_head_lines(lines, words)
    columns = find_columns(lines, words, n_head)
    if len(columns) < 2:
        return None
    steps = sorted(b.base - a.base for a, b in pairwise(lines[n_head:]))
    step = steps[len(steps) // 2] if steps else 0.0
    blank = word_gap(lines, words)
    pieces = [row_of(line, columns, words, blank) for line in lines[:n_head]]
    head = _head_rows(pieces, columns, rules, words, step)
    body = [row_of(line, columns, words, blank) for line in lines[n_head:]]
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
        parts = [(key, a, b, i.tolist()) for key, a, b, i in found]
        pieces.append(HeadLine(line.base, line.size, parts, [cell_text(words, i) for _, _, _, i in parts]))
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
