"""One document as evidence: its contents indexed for search, and the printed place of whatever is found there."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from locus_dbt.core.citations import Citation
from locus_dbt.core.grid_layout import Grid
from locus_dbt.core.passages import Content, Passages

#: A table with more places for each cell than this (and more than the small number of places) is read as a list.
_SPARSEST, _SMALL = 50, 100_000

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Printed:
    """Where something is printed: page and box where the format has them, the format's own address where it has one."""

    page: int | None = None
    box: Box | None = None
    place: str | None = None


class Evidence:
    """A document's contents (rows of :mod:`locus_dbt.core.contents`) under its file name."""

    def __init__(self, filename: str, rows: pa.Table) -> None:
        self.filename = filename
        self._rows: dict[str, list[Any]] = {name: rows[name].to_pylist() for name in rows.column_names}
        self._row_of: dict[tuple[int, int, int], int] = {}
        self.passages = Passages(self._content())
        self._row = [self._row_of[u.grid, u.row, u.column] for u in self.passages.units]

    def _content(self) -> Content:
        cells: dict[int, list[int]] = {}
        texts: list[str] = []
        for i, grid in enumerate(self._rows["grid"]):
            if grid < 0:
                self._row_of[-1, len(texts), 0] = i
                texts.append(self._rows["text"][i])
            else:
                cells.setdefault(grid, []).append(i)
        return Content([self._grid(n, cells.get(n, [])) for n in range(max(cells, default=-1) + 1)], texts)

    def _grid(self, number: int, cells: Sequence[int]) -> Grid:
        """The cells as rows of texts; rows and columns that hold nothing are left out."""
        if not cells:
            return Grid(())
        rows = self._rows
        down = sorted({rows["row_no"][i] for i in cells})
        across = sorted({rows["col_no"][i] for i in cells})
        if len(down) * len(across) > _SPARSEST * len(cells) + _SMALL:
            return self._list(number, cells)
        texts = [[""] * len(across) for _ in down]
        covered: set[tuple[int, int]] = set()
        headers: dict[int, list[bool]] = {}
        for i in cells:
            top, left = bisect_left(down, rows["row_no"][i]), bisect_left(across, rows["col_no"][i])
            bottom = bisect_left(down, rows["row_no"][i] + rows["row_span"][i])
            right = bisect_left(across, rows["col_no"][i] + rows["col_span"][i])
            self._row_of.setdefault((number, top, left), i)
            for r in range(top, bottom):
                for c in range(left, right):
                    if (r, c) == (top, left) or not texts[r][c]:
                        texts[r][c] = rows["text"][i]
                        (covered.discard if (r, c) == (top, left) else covered.add)((r, c))
            if rows["text"][i].strip():
                headers.setdefault(top, []).append(bool(rows["is_header"][i]))
        known = frozenset(r for r, marks in headers.items() if all(marks))
        return Grid(texts, rows["title"][cells[0]] or "", known, frozenset(covered))

    def _list(self, number: int, cells: Sequence[int]) -> Grid:
        """Cells that lie too far apart for a table: one below the other."""
        self._row_of |= {(number, r, 0): i for r, i in enumerate(cells)}
        return Grid([[self._rows["text"][i]] for i in cells], self._rows["title"][cells[0]] or "")

    def page_of(self, number: int) -> int | None:
        """The page that a unit stands on."""
        page: int | None = self._rows["page"][self._row[number]]
        return page

    def printed(self, citation: Citation) -> Printed:
        """The place of a citation; in a passage the box of the cited words."""
        i, rows = self._row[citation.number], self._rows
        edges = [rows[name][i] for name in ("x0", "y0", "x1", "y1")]
        box: Box | None = None if None in edges else (edges[0], edges[1], edges[2], edges[3])
        starts = rows["word_start"][i]
        if starts:
            box = _box_of(starts, rows["word_box"][i], citation.start, citation.stop) or box
        place = rows["place"][i]
        if box is None and not citation.unit.is_cell and (citation.start, citation.stop) != (0, len(rows["text"][i])):
            place = f"{place or 'text'} [{citation.start}:{citation.stop}]"
        return Printed(rows["page"][i], box, place)


def _box_of(starts: Sequence[int], boxes: Sequence[float], start: int, stop: int) -> Box | None:
    """The smallest box around the words that a range touches."""
    ends = [*starts[1:], stop + 1]
    touched = [k for k, (first, end) in enumerate(zip(starts, ends, strict=True)) if first < stop and end - 1 > start]
    if not touched:
        return None
    four = [boxes[4 * k : 4 * k + 4] for k in touched]
    low = [min(b[n] for b in four) for n in (0, 1)]
    high = [max(b[n] for b in four) for n in (2, 3)]
    return low[0], low[1], high[0], high[1]
