"""Running text: paragraphs, lists, headings with their level, and what repeats at the edge of every page."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from locus_dbt.model.element import Block, BlockKind
from locus_dbt.parsers.pdf.grid import Rect
from locus_dbt.parsers.pdf.native import Floats, Ints
from locus_dbt.parsers.pdf.words import PageWords

_EDGE = 0.12  # part of the page's height at top and bottom where running heads stand
_BULLET = re.compile(r"^([•▪■●○◦‣·–—*-]|\(?[0-9]{1,3}[.)]|\(?[a-zA-Z][.)]|\(?[ivxIVX]{1,4}[.)])$")
_PAGE_NUMBER = re.compile(r"^\W*([^\W\d_]{1,8}\.?\s)?\s*\d{1,4}(\s*(/|\w{1,4})\s*\d{1,4})?\W*$")


@dataclass(frozen=True, slots=True)
class TextRow:
    """One printed line: where it stands and how it is set; ``free`` when it lies outside of tables."""

    page: int
    text: str
    box: Rect
    size: float
    bold: bool
    first: str
    n_words: int
    free: bool
    edge: int

    @property
    def pattern(self) -> str:
        """The text with figures levelled, as it repeats over pages."""
        return re.sub(r"\d+", "#", self.text)


def text_rows(words: PageWords, page: int, height: float, tables: Sequence[Rect]) -> list[TextRow]:
    """The lines of a page in reading order; ``edge`` is 1 at the top, -1 at the bottom, else 0."""
    if not len(words):
        return []
    starts = np.flatnonzero(np.diff(words.line, prepend=-1))
    stops = np.append(starts[1:], len(words))
    low, high = np.minimum.reduceat(words.box[:, :2], starts), np.maximum.reduceat(words.box[:, 2:], starts)
    boxes = np.concatenate([low, high], axis=1).tolist()
    sizes = _medians(words.size, starts, stops)
    bold = (2 * np.add.reduceat(words.bold, starts, dtype=np.int64) > stops - starts).tolist()
    out = []
    for k, (a, b) in enumerate(zip(starts.tolist(), stops.tolist(), strict=True)):
        x0, y0, x1, y1 = boxes[k]
        box = (x0, y0, x1, y1)
        mx, my = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
        free = not any(t[0] - 2 <= mx <= t[2] + 2 and t[1] - 2 <= my <= t[3] + 2 for t in tables)
        edge = 1 if my < _EDGE * height else -1 if my > (1 - _EDGE) * height else 0
        size = sizes[k]
        out.append(TextRow(page, " ".join(words.text[a:b]), box, size, bold[k], words.text[a], b - a, free, edge))
    return out


def _medians(values: Floats, starts: Ints, stops: Ints) -> list[float]:
    """The median of each run ``starts[k]:stops[k]``."""
    order = np.lexsort((values, np.repeat(np.arange(len(starts)), stops - starts)))
    count = stops - starts
    low, high = values[order[starts + (count - 1) // 2]], values[order[starts + count // 2]]
    medians: list[float] = ((low + high) / 2).tolist()
    return medians


def furniture(pages: Sequence[Sequence[TextRow]]) -> set[int]:
    """Ids (``id(row)``) of running heads and feet: the same text at the same height on several pages."""
    seen: dict[tuple[str, int], list[TextRow]] = {}
    for rows in pages:
        for row in rows:
            if row.edge:
                for band in (int(row.box[1] // 6), int(row.box[1] // 6) + 1):
                    seen.setdefault((row.pattern, band), []).append(row)
    least = max(2, int(0.3 * len(pages)))
    out = {id(r) for rows in seen.values() if len({r.page for r in rows}) >= least for r in rows}
    for rows in pages:
        free = [r for r in rows if r.edge]
        for row in (free[:1] if free and free[0].edge == 1 else []) + (
            free[-1:] if free and free[-1].edge == -1 else []
        ):
            if _PAGE_NUMBER.match(row.text):
                out.add(id(row))
    return out


def build_blocks(pages: Sequence[Sequence[TextRow]], running: set[int]) -> list[list[Block]]:
    """Blocks of each page; ``order`` runs through the document, ``running`` is from :func:`furniture`."""
    body = _body_size(pages)
    groups = [_group(rows, running, body) for rows in pages]
    levels = _levels([g for page in groups for g in page])
    out: list[list[Block]] = []
    order = 0
    for page in groups:
        blocks = []
        for kind, rows in page:
            level = levels.get(_rank(rows[0]), 1) if kind == "heading" else 0
            blocks.append(Block(kind, _text(kind, rows), order, rows[0].page, _around(rows), level))
            order += 1
        out.append(blocks)
    return out


Group = tuple[BlockKind, list[TextRow]]


def _body_size(pages: Sequence[Sequence[TextRow]]) -> float:
    """The size most characters are set in, to half a point."""
    count: Counter[float] = Counter()
    for rows in pages:
        for row in rows:
            count[round(row.size * 2) / 2] += len(row.text)
    return max(count.items(), key=lambda kv: (kv[1], kv[0]))[0] if count else 10.0


def _group(rows: Sequence[TextRow], running: set[int], body: float) -> list[Group]:
    out: list[Group] = []
    last: TextRow | None = None
    for row in rows:
        if not row.free:
            last = None
            continue
        kind = _kind(row, running, body)
        if last is not None and out and _goes_on(out[-1][0], kind, last, row):
            out[-1][1].append(row)
        else:
            out.append((kind, [row]))
        last = row
    return [("paragraph", rows) if kind == "heading" and len(rows) > 4 else (kind, rows) for kind, rows in out]


def _kind(row: TextRow, running: set[int], body: float) -> BlockKind:
    if id(row) in running:
        return "header" if row.edge == 1 else "footer"
    large = row.size > 1.15 * body
    letters = any(c.isalpha() for c in row.text)
    if letters and row.n_words <= 16 and (large or (row.bold and row.size > 0.95 * body)) and row.text[-1] not in ".,;":
        return "heading"
    if _BULLET.match(row.first) and row.n_words > 1:
        return "list"
    return "paragraph"


def _goes_on(kind: BlockKind, new: BlockKind, last: TextRow, row: TextRow) -> bool:
    """Whether a line belongs to the block of the line before it."""
    step = row.box[1] - last.box[1]
    even = abs(row.size - last.size) <= 0.12 * last.size
    if not 0 < step <= 1.75 * max(last.size, row.size) or min(row.box[2], last.box[2]) < max(row.box[0], last.box[0]):
        return False
    if kind == new and kind in ("heading", "header", "footer"):
        return even and row.bold == last.bold
    if kind == "list":
        return even and (new == "list" or (new == "paragraph" and row.box[0] >= last.box[0] - 2))
    indented = row.box[0] - last.box[0] > 1.2 * row.size and last.text[-1:] in ".:!?"
    return kind == "paragraph" and new == "paragraph" and even and not indented


def _rank(row: TextRow) -> tuple[float, bool]:
    return (round(row.size * 2) / 2, row.bold)


def _levels(groups: Sequence[Group]) -> dict[tuple[float, bool], int]:
    """Level by size, bold before light, from 1; at most 6."""
    ranks = sorted({_rank(rows[0]) for kind, rows in groups if kind == "heading"}, reverse=True)
    return {rank: min(6, k + 1) for k, rank in enumerate(ranks)}


def _text(kind: BlockKind, rows: Sequence[TextRow]) -> str:
    """Lines put together; a list keeps one line for each item."""
    out = ""
    for row in rows:
        if not out:
            out = row.text
        elif kind == "list" and _BULLET.match(row.first):
            out += "\n" + row.text
        elif out.endswith("-") and out[-2:-1].isalpha() and row.text[:1].islower():
            out += row.text
        else:
            out += " " + row.text
    return out


def _around(rows: Sequence[TextRow]) -> Rect:
    x0, y0 = min(r.box[0] for r in rows), min(r.box[1] for r in rows)
    return (x0, y0, max(r.box[2] for r in rows), max(r.box[3] for r in rows))
