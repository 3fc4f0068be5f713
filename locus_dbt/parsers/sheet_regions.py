"""The tables on one sheet: filled cells cut at blank rows and columns where another table clearly begins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from locus_dbt.parsers.value_form import header_like, is_typed


@dataclass(frozen=True, slots=True)
class SheetCell:
    """A filled cell; ``row`` and ``col`` count from 0 on the whole sheet."""

    row: int
    col: int
    row_span: int
    col_span: int
    text: str


@dataclass(frozen=True, slots=True)
class Region:
    """Cells that make one table, sorted by row and column."""

    cells: tuple[SheetCell, ...]

    @property
    def top(self) -> int:
        """First row."""
        return self.cells[0].row

    @property
    def left(self) -> int:
        """First column."""
        return min(cell.col for cell in self.cells)

    @property
    def width(self) -> int:
        """Columns from the first to the last filled one."""
        return max(cell.col + cell.col_span for cell in self.cells) - self.left

    def rows(self) -> list[list[SheetCell]]:
        """Its filled rows."""
        out: list[list[SheetCell]] = []
        for cell in self.cells:
            if not out or out[-1][0].row != cell.row:
                out.append([])
            out[-1].append(cell)
        return out

    def title(self, head: int | None) -> str:
        """The line above the header row, when it stands alone in its row."""
        above = [row for row in self.rows() if head is not None and row[0].row < head]
        return above[0][0].text.strip() if above and len(above[0]) == 1 else ""


def regions(cells: Sequence[SheetCell]) -> list[Region]:
    """The tables of a sheet in reading order; nearly always one."""
    if not cells:
        return []
    region = Region(tuple(sorted(cells, key=lambda c: (c.row, c.col))))
    for cut in (_cut_columns, _cut_rows):
        parts = cut(region)
        if len(parts) > 1:
            return [r for part in parts for r in regions(part.cells)]
    return [region]


def header_row(region: Region) -> int | None:
    """The sheet row that names the columns: the first with more than one cell, if it holds only names."""
    rows = region.rows()
    for i, row in enumerate(rows[:20]):
        if len(row) == 1 and region.width > 1 and row[0].col_span < 2:
            continue
        if len(row) == 1 and row[0].col_span >= region.width > 1:
            continue
        texts = [cell.text for cell in row]
        return row[0].row if i + 1 < len(rows) and header_like(texts) else None
    return None


def _cut_rows(region: Region) -> list[Region]:
    """Cut above a blank-row gap when what follows is a table of its own."""
    groups = _groups(region, by_row=True)
    parts = [groups[0]]
    for group in groups[1:]:
        if _is_table(Region(tuple(parts[-1]))) and _own_table(Region(tuple(group)), Region(tuple(parts[-1]))):
            parts.append(group)
        else:
            parts[-1] = parts[-1] + group
    return [Region(tuple(part)) for part in parts]


def _cut_columns(region: Region) -> list[Region]:
    """Cut beside a blank column when both sides are tables with headers of their own."""
    groups = _groups(region, by_row=False)
    sides = [Region(tuple(sorted(g, key=lambda c: (c.row, c.col)))) for g in groups]
    if len(sides) < 2 or not all(_is_table(s) and header_row(s) is not None and _typed_below(s) for s in sides):
        return [region]
    return sides


def _groups(region: Region, *, by_row: bool) -> list[list[SheetCell]]:
    """Runs of cells between blank rows (or columns)."""
    ordered = sorted(region.cells, key=lambda c: (c.row, c.col) if by_row else (c.col, c.row))
    out: list[list[SheetCell]] = [[]]
    reach = None
    for cell in ordered:
        at, span = (cell.row, cell.row_span) if by_row else (cell.col, cell.col_span)
        if reach is not None and at > reach:
            out.append([])
        out[-1].append(cell)
        reach = max(reach if reach is not None else 0, at + span)
    return out


def _is_table(region: Region) -> bool:
    return len(region.rows()) > 1 and region.width > 1


def _own_table(lower: Region, upper: Region) -> bool:
    """A header over values, or the header of the table above once more, below what is a table itself."""
    head, head_above = header_row(lower), header_row(upper)
    if head is None or head_above is None or not _is_table(lower):
        return False
    return _typed_below(lower) or _texts(lower, head) == _texts(upper, head_above)


def _texts(region: Region, row: int | None) -> list[str]:
    return [cell.text for cell in region.cells if cell.row == row]


def _typed_below(region: Region) -> bool:
    """Whether some column is names on top and only values below."""
    head = header_row(region)
    columns: dict[int, list[str]] = {}
    for cell in region.cells:
        if head is not None and cell.row > head:
            columns.setdefault(cell.col, []).append(cell.text)
    return any(all(map(is_typed, texts)) for texts in columns.values())
