"""Tables of RTF: rows with cell edges, merge marks and nesting, put on a common grid of columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from locus_dbt.parsers.cells import CellColumns
from locus_dbt.parsers.limits import MAX_CELLS, MAX_COLUMNS, over
from locus_dbt.parsers.office.merged import Merge, MergedCell, merged_cells

#: Edges nearer to each other than this, in twentieths of a point, are one.
_SAME_EDGE = 60


@dataclass(slots=True)
class CellShape:
    """A cell's definition: its right edge in twentieths of a point and its merge marks."""

    right: int = 0
    across: Merge = "none"
    down: Merge = "none"


@dataclass(slots=True)
class RowShape:
    """A row's definition."""

    left: int = 0
    is_header: bool = False
    cells: list[CellShape] = field(default_factory=list)
    next_cell: CellShape = field(default_factory=CellShape)

    def edge(self, right: int) -> None:
        """Close the definition of a cell at its right edge."""
        if len(self.cells) >= MAX_COLUMNS:
            raise over(f"more than {MAX_COLUMNS} columns in a table", where="a table row")
        self.next_cell.right = right
        self.cells.append(self.next_cell)
        self.next_cell = CellShape()


@dataclass(slots=True)
class OpenTable:
    """A table being read; ``order`` is its place in the reading order."""

    order: int
    place: str
    rows: list[tuple[RowShape, list[str]]] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    inside: list[OpenTable] = field(default_factory=list)
    count: int = 0

    @property
    def cell_place(self) -> str:
        """The place of the cell that is being read."""
        return f"{self.place} row {len(self.rows) + 1} cell {len(self.texts) + 1}"

    def end_cell(self) -> None:
        """The lines so far are a cell."""
        self.count += 1
        if self.count > MAX_CELLS:
            raise over(f"more than {MAX_CELLS} cells", where=self.place)
        self.texts.append("\n".join(line for line in self.lines if line))
        self.lines = []

    def end_row(self, shape: RowShape) -> None:
        """The cells so far are a row."""
        if any(self.lines):
            self.end_cell()
        self.lines = []
        if self.texts:
            self.rows.append((shape, self.texts))
        self.texts = []

    def cells(self) -> CellColumns:
        """The table on a grid of the columns that its rows' edges make."""
        if self.texts or any(self.lines):
            self.end_row(RowShape())
        edges = _grid(self.rows)
        rows = [_row(shape, texts, edges, f"{self.place} row {i}") for i, (shape, texts) in enumerate(self.rows, 1)]
        return merged_cells(rows)


def _grid(rows: Sequence[tuple[RowShape, list[str]]]) -> list[int]:
    """Where columns begin: all edges of all rows, those that nearly fall together as one."""
    found = sorted({edge for shape, _ in rows for edge in (shape.left, *(c.right for c in shape.cells))})
    starts: list[int] = []
    for edge in found:
        if not starts or edge - starts[-1] > _SAME_EDGE:
            starts.append(edge)
    return starts


def _row(shape: RowShape, texts: list[str], edges: list[int], place: str) -> list[MergedCell]:
    cells: list[MergedCell] = []
    col = _column(edges, shape.left)
    for i, text in enumerate(texts):
        at = f"{place} cell {i + 1}"
        if i >= len(shape.cells):
            cells.append(MergedCell(text, col, 1, at, is_header=shape.is_header))
            col += 1
            continue
        one = shape.cells[i]
        stop = max(col + 1, _column(edges, one.right))
        if one.across == "goes_on" and cells:
            cells[-1].col_span = stop - cells[-1].col
            cells[-1].text = "\n".join(filter(None, (cells[-1].text, text)))
        else:
            cells.append(MergedCell(text, col, stop - col, at, one.down, shape.is_header))
        col = stop
    return cells


def _column(edges: Sequence[int], edge: int) -> int:
    """The grid column that begins at an edge."""
    low, high = 0, len(edges)
    while low < high:
        middle = (low + high) // 2
        if edges[middle] <= edge:
            low = middle + 1
        else:
            high = middle
    return max(low - 1, 0)
