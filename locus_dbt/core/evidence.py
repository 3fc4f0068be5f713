"""One document as evidence: its contents indexed for search, and the printed place of whatever is found there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from locus_dbt.core.citations import Citation
from locus_dbt.core.passages import Content, Grid, Passages

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
        rows = self._rows
        cells: dict[int, list[int]] = {}
        texts: list[str] = []
        for i, (grid, row, column) in enumerate(zip(rows["grid"], rows["row_no"], rows["col_no"], strict=True)):
            self._row_of.setdefault((grid, row, column), i)
            if grid < 0:
                texts.append(rows["text"][i])
            else:
                cells.setdefault(grid, []).append(i)
        grids = [self._grid(cells.get(number, [])) for number in range(max(cells, default=-1) + 1)]
        return Content(grids, texts)

    def _grid(self, cells: Sequence[int]) -> Grid:
        if not cells:
            return Grid(())
        rows = self._rows
        extent = [(rows["row_no"][i], rows["col_no"][i], rows["row_span"][i], rows["col_span"][i]) for i in cells]
        height, width = max(r + h for r, _, h, _ in extent), max(c + w for _, c, _, w in extent)
        texts = [[""] * width for _ in range(height)]
        covered: set[tuple[int, int]] = set()
        headers: dict[int, list[bool]] = {}
        for i, (row, column, tall, wide) in zip(cells, extent, strict=True):
            for r in range(row, row + tall):
                for c in range(column, column + wide):
                    texts[r][c] = rows["text"][i]
                    if (r, c) != (row, column):
                        covered.add((r, c))
            if rows["text"][i].strip():
                headers.setdefault(row, []).append(bool(rows["is_header"][i]))
        known = frozenset(r for r, marks in headers.items() if all(marks))
        return Grid(texts, rows["title"][cells[0]] or "", known, frozenset(covered))

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
