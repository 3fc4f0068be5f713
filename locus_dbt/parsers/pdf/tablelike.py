"""What is a table and what only looks like one: captions, notes, running text, forms, lists, contents pages."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise

from locus_dbt.parsers.pdf.grid import Grid, cell_text, is_number
from locus_dbt.parsers.pdf.rulings import Line
from locus_dbt.parsers.pdf.textlines import TextLine
from locus_dbt.parsers.pdf.words import PageWords

_CAPTION = re.compile(
    r"^(tab(le|\.|elle|leau|ella|la|ela)?|fig(ure|\.)?|abb(ildung|\.)?|chart|exhibit|graph(ique)?|appendix table)"
    r"\s+[A-Z]{0,2}[-–.]?\s?[\dIVX]+[A-Za-z]?([-–.]\d+)*\s?([.:)–—-]|$|\s)",
    re.IGNORECASE,
)
_NOTE = re.compile(
    r"^(sources?|notes?|n\.?b\.?|quellen?|anmerkung(en)?|hinweis(e)?|remarques?|fuente|nota|legend|key)\s?:"
    r"|^(\*{1,3}|†|‡|\([:*]\))\s*\S+\s+\S+|^([1-9]/|\([1-9a-z]\)|[1-9a-z]\))\s+\S+\s+\S+\s+\S+",
    re.IGNORECASE,
)
_LOOSE_NOTE = re.compile(r"^(source|note)s?\b.{0,30}\b(see|data|table|the|from|of)\b", re.IGNORECASE)
_LABELLED = re.compile(r"^[^\W\d][^\d:]{0,25}:\D*$")


@dataclass(slots=True)
class Region:
    """Lines of one table; ``rules`` are the lines drawn above, in and below it.

    ``framed`` says that rules of one extent open and close it.
    """

    lines: list[TextLine]
    rules: list[Line]
    framed: bool = False


def line_text(line: TextLine, words: PageWords) -> str:
    """The words of a line, joined by blanks."""
    return " ".join(words.text[i] for p in line.phrases for i in p.words)


def is_caption(line: TextLine, words: PageWords) -> bool:
    """Whether a line names a table or figure: ``Table 3.``, ``Tabelle 2:``."""
    first = words.text[line.phrases[0].words[0]]
    return first[:1].lower() in "tfaceg" and bool(_CAPTION.match(line_text(line, words)))


def without_caption_and_notes(lines: list[TextLine], words: PageWords) -> list[TextLine]:
    """The lines without a caption at the top and without the notes at the bottom."""
    start, stop = 0, len(lines)
    for k in range(min(6, len(lines))):
        if is_caption(lines[k], words) and not _has_figures(lines[k], words):
            start = k + 1
            while start < len(lines) - 1 and len(lines[start].phrases) == 1:
                start += 1
    for k in range(max(start, len(lines) - 8), len(lines)):
        text = line_text(lines[k], words)
        noted = _NOTE.match(text) or (len(lines[k].phrases) == 1 and _LOOSE_NOTE.match(text))
        if noted and not any(_has_figures(t, words) for t in lines[k:]):
            stop = k
            break
    return lines[start:stop]


def _has_figures(line: TextLine, words: PageWords) -> bool:
    return sum(is_number(cell_text(words, p.words)) for p in line.phrases[1:]) >= max(1, 0.5 * len(line.phrases) - 0.5)


def cannot_be_table(region: Region, words: PageWords) -> bool:
    """Whether a look at the lines is enough: a few lines without rules and almost without figures."""
    if len(region.lines) >= 4 or len(region.rules) >= 3:
        return False
    texts = [cell_text(words, p.words) for line in region.lines for p in line.phrases[1:]]
    return sum(map(is_number, texts)) < 0.2 * len(texts)


def is_table(grid: Grid, region: Region, words: PageWords) -> bool:
    """Whether the grid reads as a table rather than as running text, a form, a list or a contents page."""
    texts = [(c.row, c.col, cell_text(words, c.words)) for c in grid.cells if c.words]
    in_row = Counter(row for row, _, _ in texts)
    if grid.n_cols < 2 or len(in_row) < 2 or _is_sparse(in_row, grid.n_cols) or _is_form([t for _, _, t in texts]):
        return False
    if grid.n_cols == 2 and _is_list_or_contents([t for _, c, t in texts if c == 0]):
        return False
    x0, _, x1, _ = grid.box
    ruled = sum(min(x1, b) - max(x0, a) > 0.6 * (x1 - x0) for _, a, b in region.rules) >= 3
    body = [t for _, c, t in texts if c > 0]
    if sum(is_number(t) for t in body) >= 0.4 * len(body):
        small = ruled or _is_small_table(texts, grid.n_cols)
        return len(in_row) >= (2 if small else 3) and not (grid.n_cols <= 3 and _is_contents(texts, grid.n_cols))
    long = sum(len(t.split()) > 9 for _, _, t in texts)
    if ruled or (region.framed and grid.n_cols >= 3):
        return long < 0.4 * len(texts) and len(in_row) >= 3
    return _is_table_of_words(texts, grid, region, words) and (grid.n_cols == 2 or long < 0.1 * len(texts))


def _is_table_of_words(texts: list[tuple[int, int, str]], grid: Grid, region: Region, words: PageWords) -> bool:
    """Full rows of short texts that do not run on; two columns alone need a heading set apart."""
    in_row = Counter(row for row, _, _ in texts)
    full = sum(n >= 2 for n in in_row.values())
    if len(in_row) < 4 or sum(t[:1].islower() for _, _, t in texts) > 0.5 * len(texts):
        return False
    if _is_prose(region.lines, grid, words):
        return False
    if grid.n_cols == 2:
        return full == len(in_row) and _has_bold_head(grid, words)
    return full >= 0.7 * len(in_row)


def _has_bold_head(grid: Grid, words: PageWords) -> bool:
    """Whether the first row alone is set bold."""
    head = [bool(words.bold[i]) for c in grid.cells if c.row == 0 for i in c.words]
    rest = [bool(words.bold[i]) for c in grid.cells if c.row > 0 for i in c.words]
    return all(head) and sum(rest) < 0.2 * len(rest)


def _is_small_table(texts: list[tuple[int, int, str]], n_cols: int) -> bool:
    """A heading and one row below it: every column is named and has its figure."""
    first, last = min(r for r, _, _ in texts), max(r for r, _, _ in texts)
    head = {c: t for r, c, t in texts if r == first and c > 0}
    row = {c: t for r, c, t in texts if r == last}
    named = len(head) == n_cols - 1 and len(row) == n_cols
    return n_cols >= 3 and named and not is_number(row[0]) and all(is_number(t) for c, t in row.items() if c > 0)


def _is_form(texts: list[str]) -> bool:
    """Labels with a colon and little else."""
    labels = sum(t.endswith(":") or t.strip("_ .") == "" or bool(_LABELLED.match(t)) for t in texts)
    return labels >= 0.5 * len(texts)


def _is_contents(texts: list[tuple[int, int, str]], n_cols: int) -> bool:
    """Titles with page numbers that never fall."""
    last = [t for _, c, t in texts if c == n_cols - 1]
    others = [t for _, c, t in texts if 0 < c < n_cols - 1]
    if not all(t.isdigit() and len(t) <= 4 for t in last) or any(is_number(t) for t in others):
        return False
    pages = [int(t) for t in last]
    return len(pages) >= 4 and pages == sorted(pages)


def _is_prose(lines: list[TextLine], grid: Grid, words: PageWords) -> bool:
    """Columns of running text: most lines of every column run to its right edge."""
    edges: dict[int, list[float]] = {}
    steps = [b.base - a.base for a, b in pairwise(lines)]
    for cell in grid.cells:
        if cell.col_span > 1:
            continue
        by_line: dict[int, float] = {}
        for i in cell.words:
            number = int(words.line[i])
            by_line[number] = max(by_line.get(number, 0.0), float(words.u1[i]))
        edges.setdefault(cell.col, []).extend(by_line.values())
    even = bool(steps) and max(steps) <= 1.25 * max(min(steps), 0.1)
    full = [sum(x > max(e) - 3.5 * lines[0].size for x in e) >= 0.6 * len(e) for e in edges.values() if len(e) >= 3]
    wordy = sum(line.n_words for line in lines) >= 4.0 * sum(len(line.phrases) for line in lines)
    return even and wordy and len(full) >= 2 and all(full)


def _is_sparse(in_row: Counter[int], n_cols: int) -> bool:
    """Rows mostly of one cell, or a few rows with many holes (labels of a chart)."""
    full = sum(n >= 2 for n in in_row.values())
    return full < 0.5 * len(in_row) or (len(in_row) <= 4 and in_row.total() < 0.45 * len(in_row) * n_cols)


def _is_list_or_contents(firsts: list[str]) -> bool:
    leaders = sum("....." in t or ". . . ." in t for t in firsts)
    marks = sum(len(t) <= 4 and (not t[:1].isalnum() or t[-1:] in ").:" or t[:1] in "•-–(") for t in firsts)
    return marks > 0.6 * len(firsts) or leaders > 0.2 * len(firsts)
