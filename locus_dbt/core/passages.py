"""A document's content, indexed for finding values in it: cells under their headers, running text, by what they say.

Places are of two kinds. A *cell* is known by grid, row and column; what it means is told by the words of its row, the
headers above it and the row that opens its section. A *passage* is running text; what a range of it means is told by
the words around it. Offsets count code points of the text as given.
"""

from __future__ import annotations

import itertools
import math
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, lru_cache
from typing import Any

from locus_dbt.core import values

#: A word with its combining marks; letters and digits that touch are two words (``FY2019``).
_WORD = re.compile(r"\d+|(?:[^\W\d_][\u0300-\u036f\u0591-\u05c7\u064b-\u065f]*)+")
_DATE = re.compile(
    r"[^\W\d_]{3,9}\.?\s+\d{1,2}(?:st|nd|rd|th)?,?\s+\d{4}(?!\d)"
    r"|(?<!\d)\d{1,2}(?:st|nd|rd|th|er)?\.?[\s-]*(?:de\s+|of\s+)?[^\W\d_]{3,9}[.,]?[\s-]+\d{4}(?!\d)"
    r"|(?<![\d.,])\d{1,4}([./-])\s?\d{1,2}\1\s?\d{1,4}(?![\d]|[./-]\d)"
)
_TOKEN = re.compile(r"(?<!\w)[^\W\d_]{1,14}\.?(?!\w)|[€$£¥₣₹]")
_LETTER = re.compile(r"[^\W\d_]")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)(?![.,]\d)")
_NOTE = re.compile(r"\(\d\)|[¹²³⁴⁵]|/\d\d\b")

#: What a row without a name is, below rows with names.
_TOTAL = frozenset({"total"})

#: Words that say nothing about which place is meant: English, German, French.
STOP_WORDS = frozenset(
    [
        "a",
        "an",
        "and",
        "are",
        "as",
        "at",
        "be",
        "by",
        "did",
        "do",
        "does",
        "for",
        "from",
        "had",
        "has",
        "have",
        "how",
        "in",
        "is",
        "it",
        "its",
        "of",
        "on",
        "or",
        "that",
        "the",
        "their",
        "there",
        "these",
        "this",
        "those",
        "to",
        "was",
        "were",
        "what",
        "when",
        "where",
        "which",
        "who",
        "with",
        "respectively",
        "respective",
        "much",
        "many",
        "das",
        "dem",
        "den",
        "der",
        "des",
        "die",
        "ein",
        "eine",
        "einer",
        "im",
        "in",
        "ist",
        "mit",
        "und",
        "von",
        "war",
        "was",
        "wie",
        "zu",
        "zum",
        "zur",
        "au",
        "aux",
        "de",
        "des",
        "du",
        "en",
        "est",
        "et",
        "la",
        "le",
        "les",
        "par",
        "pour",
        "que",
        "qui",
        "un",
        "une",
    ]
)

#: Endings that change a word's form and not what it is about, longest first.
_ENDINGS = ("ations", "ation", "ments", "ment", "ities", "ings", "ions", "ing", "ion", "ity", "ies", "ied", "ers",
            "ed", "es", "en", "er", "ly", "al", "s", "e", "y", "n")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Grid:
    """A table as rows of printed texts, those of merged cells in every place they cover.

    ``title`` is its caption. ``header_rows`` are the rows known to be headers; without them they are told from what
    the cells hold. ``covered`` are the places that repeat a merged cell: nothing is found there a second time.
    """

    rows: Sequence[Sequence[str]]
    title: str = ""
    header_rows: frozenset[int] = frozenset()
    covered: frozenset[tuple[int, int]] = frozenset()


@dataclass(frozen=True, slots=True)
class Content:
    """What a document holds: its tables and its running text, each in reading order."""

    grids: Sequence[Grid] = ()
    passages: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Unit:
    """One text that can hold a value: a cell (``grid``, ``row``, ``column``) or a passage (``row`` is its number)."""

    text: str
    grid: int
    row: int
    column: int

    @property
    def is_cell(self) -> bool:
        """Whether it stands in a table."""
        return self.grid >= 0


@dataclass(frozen=True, slots=True)
class Hit:
    """Where something was found: ``text[start:stop]`` of a unit."""

    unit: int
    start: int
    stop: int


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """A word without its ending, so that forms of one word agree; digits and short words stay."""
    flat = unicodedata.normalize("NFKC", word).casefold()
    if flat.isdigit():
        return flat
    for ending in _ENDINGS:
        if flat.endswith(ending) and len(flat) - len(ending) >= 4:
            return flat[: -len(ending)]
    return flat


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a text: folded, and where they stand."""

    folded: Sequence[str]
    start: Sequence[int]
    stop: Sequence[int]


def words_of(text: str) -> Words:
    """All words of a text."""
    found = list(_WORD.finditer(text))
    folded = [unicodedata.normalize("NFKC", m[0]).casefold() for m in found]
    return Words(folded, [m.start() for m in found], [m.end() for m in found])


@lru_cache(maxsize=16384)
def stems_of(text: str) -> frozenset[str]:
    """The telling words of a text as stems; a short year after ``FY`` counts as the full one."""
    folded = words_of(text).folded
    out = {stem(w) for w in folded if w not in STOP_WORDS}
    for before, word in itertools.pairwise(folded):
        if before == "fy" and len(word) == 2 and word.isdigit():
            out.add(f"20{word}")
    return frozenset(out)


def significant(text: str) -> str:
    """The digits that all spellings of a number share, whatever its marks, sign and scale."""
    digits = "".join(str(unicodedata.digit(c)) for c in text if c.isdigit())
    return digits.strip("0") or digits[:1]


def numbers_in(text: str) -> Iterator[tuple[int, int]]:
    """Ranges of the numbers in a text; the parts of dates and versions among them."""
    for match in values.NUMBER.finditer(text):
        yield match.start(), match.end()


def dates_in(text: str) -> Iterator[tuple[int, int, tuple[date, ...]]]:
    """Ranges of the dates in a text, with all readings of each."""
    for match in _DATE.finditer(text):
        if readings := values.date_readings(match[0]):
            yield match.start(), match.end(), readings


@dataclass
class _Index:
    numbers: dict[str, list[Hit]] = field(default_factory=lambda: defaultdict(list))
    dates: dict[str, list[Hit]] = field(default_factory=lambda: defaultdict(list))
    words: dict[str, list[tuple[int, int]]] = field(default_factory=lambda: defaultdict(list))


class Passages:
    """The index of one document's content."""

    def __init__(self, content: Content) -> None:
        self.content = content
        #: What a search found for a value; belongs to the search.
        self.memo: dict[str, Any] = {}
        self.units: list[Unit] = []
        self._by_cell: dict[tuple[int, int, int], int] = {}
        for g, grid in enumerate(content.grids):
            for r, row in enumerate(grid.rows):
                for c, text in enumerate(row):
                    if text.strip() and (r, c) not in grid.covered:
                        self._by_cell[g, r, c] = len(self.units)
                        self.units.append(Unit(text, g, r, c))
        self.units += [Unit(text, -1, i, 0) for i, text in enumerate(content.passages)]
        self.words = [words_of(unit.text) for unit in self.units]
        self._index = _Index()
        self._dated: dict[int, list[tuple[int, int]]] = {}
        for i, unit in enumerate(self.units):
            self._add(i, unit.text)
        self._layout = [_Layout(grid) for grid in content.grids]

    def _add(self, unit: int, text: str) -> None:
        for n, word in enumerate(self.words[unit].folded):
            self._index.words[word].append((unit, n))
        if not any(c.isdigit() for c in text):
            return
        for start, stop in numbers_in(text):
            self._index.numbers[significant(text[start:stop])].append(Hit(unit, start, stop))
        for start, stop, readings in dates_in(text):
            self._dated.setdefault(unit, []).append((start, stop))
            for reading in readings:
                self._index.dates[reading.isoformat()].append(Hit(unit, start, stop))

    # ------------------------------------------------------------ finding
    def numbers(self, key: str) -> Sequence[Hit]:
        """Numbers with these significant digits."""
        return self._index.numbers.get(key, ())

    def dates(self, iso: str) -> Sequence[Hit]:
        """Dates that can be this one."""
        return self._index.dates.get(iso, ())

    def in_date(self, hit: Hit) -> bool:
        """Whether something stands inside a date."""
        return any(start <= hit.start and hit.stop <= stop for start, stop in self._dated.get(hit.unit, ()))

    def phrase(self, folded: Sequence[str]) -> list[Hit]:
        """Where these words follow one another."""
        if not folded:
            return []
        rarest = min(range(len(folded)), key=lambda i: len(self._index.words.get(folded[i], ())))
        out = []
        for unit, n in self._index.words.get(folded[rarest], ()):
            first, own = n - rarest, self.words[unit]
            if first >= 0 and list(own.folded[first : first + len(folded)]) == list(folded):
                out.append(Hit(unit, own.start[first], own.stop[first + len(folded) - 1]))
        return out

    def run_together(self, compact: str) -> list[Hit]:
        """Where words that follow one another read as this text when what is between them is left out."""
        out = []
        for length in range(1, len(compact)):
            for unit, n in self._index.words.get(compact[:length], ()):
                own, read, last = self.words[unit], length, n
                while (
                    read < len(compact)
                    and last + 1 < len(own.folded)
                    and compact.startswith(own.folded[last + 1], read)
                ):
                    last += 1
                    read += len(own.folded[last])
                if read == len(compact):
                    out.append(Hit(unit, own.start[n], own.stop[last]))
        return out

    def holding(self, folded: Sequence[str]) -> list[int]:
        """Units that hold the rarest of the words."""
        rarest = min((self._index.words.get(word, ()) for word in folded), key=len, default=())
        return sorted({unit for unit, _ in rarest})

    def sharing(self, folded: Sequence[str], *, least: float) -> list[int]:
        """Units that hold at least this share of the words, by their rarity."""
        total = sum(self.rarity(stem(w)) for w in set(folded)) or 1.0
        held: dict[int, float] = defaultdict(float)
        for word in set(folded):
            for unit in {u for u, _ in self._index.words.get(word, ())}:
                held[unit] += self.rarity(stem(word)) / total
        return [unit for unit, share in held.items() if share >= least]

    def cell(self, grid: int, row: int, column: int) -> Unit | None:
        """The unit of a place in a table; ``None`` where it is empty or repeats a merged cell."""
        index = self._by_cell.get((grid, row, column))
        return None if index is None else self.units[index]

    def row(self, unit: Unit) -> Sequence[int]:
        """The numbers of all units on a cell's row, from left to right."""
        width = len(self.content.grids[unit.grid].rows[unit.row])
        found = (self._by_cell.get((unit.grid, unit.row, c)) for c in range(width))
        return [number for number in found if number is not None]

    def short_cells(self) -> Sequence[int]:
        """Cells of a word or two: where codes, signs and yes or no stand."""
        return self._short

    @cached_property
    def _short(self) -> list[int]:
        return [i for i, unit in enumerate(self.units) if unit.is_cell and len(unit.text) <= 24]

    @cached_property
    def tokens(self) -> Mapping[str, Sequence[Hit]]:
        """Short words and signs as printed, which may stand for a code: units, currencies, countries, yes and no."""
        out: dict[str, list[Hit]] = defaultdict(list)
        for i, unit in enumerate(self.units):
            for match in _TOKEN.finditer(unit.text):
                out[match[0]].append(Hit(i, match.start(), match.end()))
        return out

    # ------------------------------------------------------------ meaning
    def rarity(self, stemmed: str) -> float:
        """How much a word tells: the rarer in this document, the more."""
        return 0.4 + math.log(1 + self._texts / (1 + self._frequency.get(stemmed, 0)))

    @cached_property
    def _texts(self) -> int:
        return max(1, len(self.units))

    @cached_property
    def _frequency(self) -> Mapping[str, int]:
        out: dict[str, int] = defaultdict(int)
        for unit in self.units:
            for word in stems_of(unit.text):
                out[word] += 1
        return out

    def label(self, unit: Unit) -> frozenset[str]:
        """The words that name a cell's row."""
        return self._layout[unit.grid].label(unit.row, unit.column)

    def header(self, unit: Unit) -> frozenset[str]:
        """The words above a cell."""
        return self._layout[unit.grid].header(unit.row, unit.column)

    def labels(self, unit: Unit) -> Sequence[frozenset[str]]:
        """What each row of a cell's table is named by."""
        return self._layout[unit.grid].labels()

    def headers(self, unit: Unit) -> frozenset[str]:
        """The words of all headers of a cell's table."""
        return self._layout[unit.grid].all_headers()

    def section(self, unit: Unit) -> frozenset[str]:
        """The words of the row that opens the cell's section."""
        return self._layout[unit.grid].section(unit.row)

    def heads(self, unit: Unit) -> Sequence[str]:
        """What stands over a cell as printed, nearest first: headers of its column, other headers, caption."""
        grid, layout = self.content.grids[unit.grid], self._layout[unit.grid]
        own = [
            grid.rows[r][unit.column] for r in sorted(layout.headers, reverse=True) if unit.column < len(grid.rows[r])
        ]
        rest = [text for r in sorted(layout.headers) for text in grid.rows[r]]
        return [*own, *rest, grid.title, *(row[0] for row in grid.rows[:1] if row)]

    def title(self, unit: Unit) -> frozenset[str]:
        """The words of the table's caption."""
        return stems_of(self.content.grids[unit.grid].title)

    def is_header(self, unit: Unit) -> bool:
        """Whether a cell stands in a header row."""
        return unit.is_cell and unit.row in self._layout[unit.grid].headers


def _holds_data(text: str) -> bool:
    """Whether a cell holds a number that is no year, no range of years and no part of a date or name."""
    bare = text.strip()
    if not any(c.isdigit() for c in bare) or len(_LETTER.findall(bare)) > 3 or values.date_readings(bare):
        return False
    rest = _YEAR.sub("", bare)
    if rest == bare:
        return True
    return any(c.isdigit() for c in _NOTE.sub("", rest))


class _Layout:
    """Which rows of a grid are headers, which open a section, what names a row: told from what the cells hold."""

    def __init__(self, grid: Grid) -> None:
        self._rows = grid.rows
        self.headers = set(grid.header_rows) or self._top_rows()
        self._between = {r for r in range(len(self._rows)) if r not in self.headers and self._is_between(r)}
        self._sections: list[str] = []
        self._blocks: list[tuple[int, ...]] = []
        self._scan()
        self._header_words: dict[tuple[int, int], frozenset[str]] = {}
        self._labels: list[frozenset[str]] | None = None

    def _top_rows(self) -> set[int]:
        """The rows above the first one with data, if there is any data; the first row where there is none."""
        for r, row in enumerate(self._rows):
            if any(_holds_data(text) for text in row[1:]) or (len(row) == 1 and _holds_data(row[0])):
                top = set(range(r))
                while top and self._opens(max(top)) and len(top) > 1:
                    top.discard(max(top))  # the last of them names the section that follows
                return top
        return {0} if len(self._rows) > 1 else set()

    def _opens(self, row: int) -> bool:
        """Whether a row has a text in its first place only."""
        cells = self._rows[row]
        return bool(cells) and bool(cells[0].strip()) and not any(t.strip() and t != cells[0] for t in cells[1:])

    def _is_between(self, row: int) -> bool:
        """Whether a row further down holds headers again: years or words where the others hold data."""
        cells = [t for t in self._rows[row][1:] if t.strip()]
        return (
            bool(self.headers)
            and len(cells) > 0
            and all(_YEAR.fullmatch(t.strip()) or values.date_readings(t) for t in cells)
        )

    def _scan(self) -> None:
        section, block, last = "", tuple(sorted(self.headers)), -2
        fresh = False
        for r in range(len(self._rows)):
            if r in self._between:
                block = (*block, r) if last == r - 1 else (r,)
                last = r
            elif r not in self.headers and self._opens(r):
                section = f"{section} {self._rows[r][0]}" if fresh else self._rows[r][0]
                fresh = True
                self._sections.append("")
                self._blocks.append(block)
                continue
            fresh = False
            self._sections.append(section)
            self._blocks.append(tuple(h for h in block if h < r))
        self.headers |= self._between

    def section(self, row: int) -> frozenset[str]:
        return stems_of(self._sections[row])

    def label(self, row: int, column: int) -> frozenset[str]:
        cells = self._rows[row]
        named = cells[0] if column > 0 and cells and cells[0].strip() else ""
        if not named:
            named = next((t for i, t in enumerate(cells) if i != column and _LETTER.search(t)), "")
        if not named and row not in self.headers:
            return _TOTAL
        others = " ".join(t for i, t in enumerate(cells) if i != column and _LETTER.search(t) and t != named)
        return stems_of(named) | (stems_of(others) if row not in self.headers else frozenset())

    def header(self, row: int, column: int) -> frozenset[str]:
        key = (row, column)
        if key not in self._header_words:
            rows = [h for h in self._blocks[row] if h != row]
            self._header_words[key] = stems_of(" ".join(self._above(h, column) for h in rows))
        return self._header_words[key]

    def all_headers(self) -> frozenset[str]:
        """The words of all header rows."""
        return stems_of(" ".join(t for r in sorted(self.headers) for t in self._rows[r]))

    def labels(self) -> Sequence[frozenset[str]]:
        """What each row below the headers is named by."""
        if self._labels is None:
            rows = range(len(self._rows))
            self._labels = [stems_of(self._rows[r][0]) for r in rows if r not in self.headers and self._rows[r]]
        return self._labels

    def _above(self, row: int, column: int) -> str:
        """What a header row says over a column: a text covers the empty places on its right; a lone one all."""
        cells = self._rows[row]
        if column < len(cells) and cells[column].strip():
            return cells[column]
        if column == 0:
            return ""
        for c in range(min(column, len(cells)) - 1, 0, -1):
            if cells[c].strip():
                return cells[c]
        return next((t for t in cells[column + 1 :] if t.strip()), "")


__all__ = [
    "Content",
    "Grid",
    "Hit",
    "Passages",
    "Unit",
    "Words",
    "dates_in",
    "numbers_in",
    "significant",
    "stem",
    "stems_of",
    "words_of",
]
