"""The pages as printed rows: text to search in, and from every stretch of it back to a tight box."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from locus_dbt.core.values import DateOrder, NumberStyle, date_order, number_style
from locus_dbt.model.element import Page, Parsed
from locus_dbt.model.locus import Box, Locus

#: Between words: closer than this share of the type size is one word that was set in pieces.
GLUE = 0.12
#: Wider than this share of the type size is another cell of the row; it is a tab in the row's text.
CELL = 0.95
#: Around a mark that parts the pieces of one line (sender's address) gaps may be this wide.
LIST = 2.5
BULLETS = frozenset("•·●∙⋅|■▪–—")
#: Rows beyond these are not looked at: an invoice with more is read up to here.
MAX_PAGES = 60
MAX_WORDS = 60_000
#: Longer words and rows are no invoice's; cutting them bounds the work of every pattern.
MAX_WORD = 120
MAX_ROW = 1200


@dataclass(frozen=True, slots=True)
class Token:
    """One word with its box; ``at`` is its first character's place in the row's text."""

    text: str
    x0: float
    y0: float
    x1: float
    y1: float
    size: float
    bold: bool
    at: int


@dataclass(frozen=True)
class Row:
    """One printed row of a page, left to right; cells are parted by tabs in ``text``."""

    page: int
    index: int
    tokens: tuple[Token, ...]
    text: str

    @cached_property
    def y0(self) -> float:
        """Top of the row."""
        return min(t.y0 for t in self.tokens)

    @cached_property
    def y1(self) -> float:
        """Bottom of the row."""
        return max(t.y1 for t in self.tokens)

    @cached_property
    def size(self) -> float:
        """The type size most of the row is set in."""
        return sorted(t.size for t in self.tokens)[len(self.tokens) // 2]

    @cached_property
    def _starts(self) -> list[int]:
        return [t.at for t in self.tokens]

    def box(self, start: int, stop: int) -> Box:
        """The box of ``text[start:stop]``; part of a word gets its share of the word's width."""
        boxes = [_cut(t, start - t.at, stop - t.at) for t in self.tokens_in(start, stop)]
        out = boxes[0]
        for box in boxes[1:]:
            out = out.union(box)
        return out

    def tokens_in(self, start: int, stop: int) -> list[Token]:
        """The words that ``text[start:stop]`` touches."""
        first = max(0, bisect_right(self._starts, start) - 1)
        out = [t for t in self.tokens[first:] if t.at < stop and t.at + len(t.text) > start]
        return out or [self.tokens[first]]

    def locus(self, start: int, stop: int) -> Locus:
        """Page and box of ``text[start:stop]``."""
        return Locus(self.page, self.box(start, stop))

    @cached_property
    def cells(self) -> list[tuple[int, int]]:
        """Ranges of ``text`` between wide gaps."""
        return [(m.start(), m.end()) for m in re.finditer(r"[^\t]+", self.text)]

    def cell_boxes(self) -> Iterator[tuple[int, int, Box]]:
        """The cells with their boxes."""
        for start, stop in self.cells:
            yield start, stop, self.box(start, stop)


def _cut(token: Token, start: int, stop: int) -> Box:
    """The share of a word's box; cut edges keep clear of the letter beside, whose exact place is not known."""
    n = max(1, len(token.text))
    a, b = max(0, start), min(n, stop)
    each = (token.x1 - token.x0) / n
    x0, x1 = token.x0 + each * a, token.x0 + each * b
    clear = min(0.22 * token.size, 0.3 * (x1 - x0))
    return Box(x0 + clear * (a > 0), token.y0, x1 - clear * (b < n), token.y1)


@dataclass(frozen=True)
class Sheet:
    """All rows of a document in order, with the number and date forms it uses."""

    rows: Sequence[Row]
    heights: dict[int, float]
    style: NumberStyle | None
    order: DateOrder | None

    def below(self, row: Row) -> Iterator[Row]:
        """The rows under ``row`` on its page, nearest first."""
        for other in self.rows[row.index + 1 :]:
            if other.page != row.page:
                return
            yield other

    def above(self, row: Row) -> Iterator[Row]:
        """The rows over ``row`` on its page, nearest first."""
        for other in reversed(self.rows[: row.index]):
            if other.page != row.page:
                return
            yield other


def read_sheet(parsed: Parsed) -> Sheet:
    """The document's rows."""
    rows: list[Row] = []
    words = 0
    for page in parsed.pages[:MAX_PAGES]:
        words += len(page.words)
        if words > MAX_WORDS:
            break
        for group in _group(page):
            for piece in _pieces(group):
                rows.append(_row(page.number, len(rows), piece))
    texts = [r.text for r in rows]
    heights = {p.number: p.height for p in parsed.pages}
    return Sheet(rows, heights, number_style(texts), date_order(texts))


def _group(page: Page) -> list[list[tuple[str, list[float], float, bool]]]:
    """Words whose middles lie in one band, as rows from top to bottom."""
    words = page.words
    items = [
        (t, b, s, bold)
        for t, b, s, bold in zip(words.text, words.box.tolist(), words.size.tolist(), words.bold.tolist(), strict=True)
        if t.strip() and not _upright(t, b)
    ]
    items.sort(key=lambda w: ((w[1][1] + w[1][3]) / 2, w[1][0]))
    rows: list[list[tuple[str, list[float], float, bool]]] = []
    middles, lowest = 0.0, 0.0
    for item in items:
        middle, height = (item[1][1] + item[1][3]) / 2, item[1][3] - item[1][1]
        if rows and abs(middle - middles / len(rows[-1])) <= 0.42 * max(min(height, lowest), 3.0):
            rows[-1].append(item)
            middles, lowest = middles + middle, min(lowest, height)
        else:
            rows.append([item])
            middles, lowest = middle, height
    for row in rows:
        row.sort(key=lambda w: w[1][0])
    return rows


def _pieces(words: list[tuple[str, list[float], float, bool]]) -> Iterator[list[tuple[str, list[float], float, bool]]]:
    """A row cut where it gets too long."""
    start, length = 0, 0
    for i, word in enumerate(words):
        length += min(len(word[0]), MAX_WORD) + 1
        if length > MAX_ROW and i > start:
            yield words[start:i]
            start, length = i, 0
    yield words[start:]


def _upright(text: str, box: list[float]) -> bool:
    """Text that runs up or down a margin is no part of a row."""
    tall = (box[3] - box[1]) / max(0.1, box[2] - box[0])
    return len(text) > 1 and tall > (1.4 if len(text) > 2 else 2.2)


def _row(page: int, index: int, words: list[tuple[str, list[float], float, bool]]) -> Row:
    tokens: list[Token] = []
    text = ""
    for word, (x0, y0, x1, y1), size, bold in words:
        if tokens:
            gap, em = x0 - tokens[-1].x1, max(4.0, min(size, tokens[-1].size))
            wide = LIST * em if word in BULLETS or tokens[-1].text in BULLETS else CELL * em
            text += "" if gap < GLUE * em else " " if gap < wide else "\t"
        clean = re.sub(r"\s", " ", word[:MAX_WORD])
        tokens.append(Token(clean, x0, y0, max(x0, x1), max(y0, y1), size, bold, len(text)))
        text += clean
    return Row(page, index, tuple(tokens), text)
