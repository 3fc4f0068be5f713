"""What a table's cells mean by where they stand: header rows, sections, names of rows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from locus_dbt.core import values
from locus_dbt.core.text_words import stems_of

_LETTER = re.compile(r"[^\W\d_]")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)(?![.,]\d)")
_NOTE = re.compile(r"\(\d\)|[¹²³⁴⁵]|/\d\d\b")

#: What a row without a name is, below rows with names.
_TOTAL = frozenset({"total"})


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


def holds_data(text: str) -> bool:
    """Whether a cell holds a number that is no year, no range of years and no part of a date or name."""
    bare = text.strip()
    if not any(c.isdigit() for c in bare) or len(_LETTER.findall(bare)) > 3 or values.date_readings(bare):
        return False
    rest = _YEAR.sub("", bare)
    if rest == bare:
        return True
    return any(c.isdigit() for c in _NOTE.sub("", rest))


class Layout:
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
            if any(holds_data(text) for text in row[1:]) or (len(row) == 1 and holds_data(row[0])):
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
        """The words of the row that opens a row's section."""
        return stems_of(self._sections[row])

    def label(self, row: int, column: int) -> frozenset[str]:
        """The words that name the row of a cell: its first text, and those of its other cells."""
        cells = self._rows[row]
        named = cells[0] if column > 0 and cells and cells[0].strip() else ""
        if not named:
            named = next((t for i, t in enumerate(cells) if i != column and _LETTER.search(t)), "")
        if not named and row not in self.headers:
            return _TOTAL
        others = " ".join(t for i, t in enumerate(cells) if i != column and _LETTER.search(t) and t != named)
        return stems_of(named) | (stems_of(others) if row not in self.headers else frozenset())

    def header(self, row: int, column: int) -> frozenset[str]:
        """The words over a cell, of the header rows nearest above."""
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
