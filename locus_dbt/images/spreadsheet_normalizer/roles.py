"""What each row of a table is: title, unit, body, total or note."""

from __future__ import annotations

import re

from locus_dbt.parsers.grid import Grid
from locus_dbt.parsers.value_form import is_typed

#: Words for a total in the languages of most workbooks; the first text of the row begins with one.
_TOTAL = re.compile(
    r"(?:grand |sub-?\s?|overall )?totals?\b|sum\b|gesamt|summe\b|zwischensumme|insgesamt|totaal|totale\b|somme\b"
    r"|sous-total|suma\b|итого|всего",
    re.IGNORECASE,
)
_UNIT = re.compile(r"\(?\[?[A-Za-z%‰€$£¥°µ²³/·.0-9'’ ]{1,12}\]?\)?")


def row_roles(grid: Grid) -> list[str]:
    """A role for each row of the grid; ``header`` for those of the header."""
    roles = []
    first = next((row for row in grid.body if not grid.blank(row)), -1)
    for row in range(grid.table.n_rows):
        if row in grid.head:
            roles.append("header")
        elif row < grid.head.start:
            roles.append("title")
        else:
            roles.append(_role(grid, row, first=row == first))
    return roles


def _role(grid: Grid, row: int, *, first: bool) -> str:
    texts = [text for text in (grid.text(row, col) for col in range(grid.table.n_cols)) if text]
    valued = [_valued(grid, row, col) for col in range(grid.table.n_cols)]
    if texts and any(valued) and _TOTAL.match(texts[0]):
        return "total"
    cells = {grid.slots[row][col] for col in range(grid.table.n_cols) if grid.slots[row][col] >= 0}
    if len(cells) == 1 and not any(valued) and grid.table.n_cols > 2 and grid.head:
        return "note"
    if (
        first
        and grid.head
        and texts
        and not any(valued)
        and all(map(_UNIT.fullmatch, texts))
        and _over_values(grid, row)
    ):
        return "unit"
    return "body"


def _over_values(grid: Grid, row: int) -> bool:
    """Whether values stand below each text of the row: then it says what they are measured in."""
    below = range(row + 1, min(row + 6, grid.table.n_rows))
    return all(any(_valued(grid, r, col) for r in below) for col in range(grid.table.n_cols) if grid.text(row, col))


def _valued(grid: Grid, row: int, col: int) -> bool:
    cell = grid.slots[row][col]
    if cell < 0:
        return False
    return bool(grid.table.typed[cell]) if grid.table.typed else is_typed(grid.table.text[cell])


def key_columns(grid: Grid, roles: list[str]) -> int:
    """How many columns at the left are keys: up to the first that holds mostly values; one at least."""
    body = [row for row in range(grid.table.n_rows) if roles[row] == "body"]
    for col in range(grid.table.n_cols):
        filled = [row for row in body if grid.slots[row][col] >= 0]
        if col and sum(_valued(grid, row, col) for row in filled) * 2 > len(filled):
            return col
    return 1
