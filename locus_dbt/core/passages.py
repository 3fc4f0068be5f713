"""A document's content, indexed for finding values in it: cells under their headers, running text, by what they say.

Places are of two kinds. A *cell* is known by grid, row and column; what it means is told by the words of its row, the
headers above it and the row that opens its section. A *passage* is running text; what a range of it means is told by
the words around it. Offsets count code points of the text as given.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from locus_dbt.core.grid_layout import Grid, Layout
from locus_dbt.core.text_words import dates_in, numbers_in, significant, stem, stems_of, words_of

#: Places of one phrase that are looked at: a text that repeats itself is the same everywhere.
_MOST_HITS = 1000

_TOKEN = re.compile(r"(?<!\w)[^\W\d_]{1,14}\.?(?!\w)|[€$£¥₣₹]")


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
        self._layout = [Layout(grid) for grid in content.grids]

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
        folded = list(folded)
        rarest = min(range(len(folded)), key=lambda i: len(self._index.words.get(folded[i], ())))
        out: list[Hit] = []
        for unit, n in self._index.words.get(folded[rarest], ()):
            first, own = n - rarest, self.words[unit]
            stop = first + len(folded)
            if first < 0 or stop > len(own.folded) or own.folded[stop - 1] != folded[-1]:
                continue
            if own.folded[first:stop] == folded:
                if len(out) == _MOST_HITS:
                    break
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
