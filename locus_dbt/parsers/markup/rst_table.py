"""Grid and simple tables of reStructuredText."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from locus_dbt.parsers.cells import CellColumns
from locus_dbt.parsers.limits import MAX_COLUMNS, over

GRID_TOP = re.compile(r"^ {0,80}\+(?:-{1,400}\+){1,1000}$")
_GRID_LINE = re.compile(r"^[+|]")
SIMPLE_RULE = re.compile(r"^ {0,80}={2,}(?: +={2,})+$|^ {0,80}={2,}$")
_SPAN_RULE = re.compile(r"^-{2,}(?: +-{2,})*$")
#: A grid of more signs than this is no table that someone drew.
_MAX_SIGNS = 20_000_000


def grid_cells(lines: Sequence[str], first_line: int) -> CellColumns:
    """The cells of a grid table; its lines are those of the drawing, ``first_line`` counts from 1."""
    width = max(len(line) for line in lines)
    if width * len(lines) > _MAX_SIGNS:
        raise over("a drawn table of too many signs", where=f"line {first_line}")
    drawing = [line.ljust(width) for line in lines]
    found = _boxes(drawing)
    header = next((i for i, line in enumerate(drawing) if i and "=" in line and set(line) <= set("+=| ")), None)
    tops = sorted({top for top, _, _, _ in found})
    lefts = sorted({left for _, left, _, _ in found})
    row_of, col_of = {y: i for i, y in enumerate(tops)}, {x: i for i, x in enumerate(lefts)}
    cells = CellColumns()
    for top, left, bottom, right in sorted(found):
        text = _block_text(drawing[y][left + 1 : right] for y in range(top + 1, bottom))
        cells.add(
            text, row_of[top], col_of[left], place=f"line {first_line + top + 1}",
            row_span=sum(1 for y in tops if top <= y < bottom), col_span=sum(1 for x in lefts if left <= x < right),
            is_header=header is not None and bottom <= header,
        )  # fmt: skip
    return cells


def _boxes(drawing: Sequence[str]) -> list[tuple[int, int, int, int]]:
    """Top, left, bottom, right of each cell: from every corner, the smallest closed box to its right and below."""
    found: list[tuple[int, int, int, int]] = []
    todo = [(0, len(drawing[0]) - len(drawing[0].lstrip()))]
    seen: set[tuple[int, int]] = set()
    while todo:
        top, left = todo.pop()
        if (top, left) in seen:
            continue
        seen.add((top, left))
        box = _box_from(drawing, top, left)
        if box is not None:
            bottom, right = box
            found.append((top, left, bottom, right))
            if len(found) > 100_000:
                raise over("a drawn table of more than 100000 cells", where="the table")
            todo += [(top, right), (bottom, left)]
            # corners on the box's right and lower edge belong to neighbours
            todo += [(y, right) for y in range(top + 1, bottom) if drawing[y][right] == "+"]
            todo += [(bottom, x) for x in range(left + 1, right) if drawing[bottom][x] == "+"]
    return found


def _box_from(drawing: Sequence[str], top: int, left: int) -> tuple[int, int] | None:
    line = drawing[top]
    for right in range(left + 1, len(line)):
        if line[right] == "+":
            bottom = _bottom(drawing, top, left, right)
            if bottom is not None:
                return bottom, right
        if line[right] not in "-=+":
            return None
    return None


def _bottom(drawing: Sequence[str], top: int, left: int, right: int) -> int | None:
    for bottom in range(top + 1, len(drawing)):
        near, far = drawing[bottom][left], drawing[bottom][right]
        if near == "+" and far == "+" and set(drawing[bottom][left : right + 1]) <= set("-=+"):
            return bottom
        if near not in "|+" or far not in "|+":
            return None
    return None


def _block_text(lines: Iterable[str]) -> str:
    texts = [line.strip() for line in lines]
    return " ".join(text for text in texts if text)


def grid_height(lines: Sequence[str], start: int) -> int:
    """How many lines from ``start`` on belong to the drawing."""
    depth = len(lines[start]) - len(lines[start].lstrip())
    stop = start
    while stop < len(lines) and lines[stop][:depth].strip() == "" and _GRID_LINE.match(lines[stop][depth:]):
        stop += 1
    while stop > start + 1 and not lines[stop - 1].lstrip().startswith("+"):
        stop -= 1
    return stop - start


def simple_height(lines: Sequence[str], start: int) -> int:
    """How many lines from ``start`` on belong to a simple table: up to the rule that a blank line follows."""
    rules = 0
    for at in range(start, len(lines)):
        if SIMPLE_RULE.match(lines[at][:4000]):
            rules += 1
            below = lines[at + 1] if at + 1 < len(lines) else ""
            if rules >= 2 and (not below.strip() or rules == 3):
                return at - start + 1
    return 0


def simple_cells(lines: Sequence[str], first_line: int) -> CellColumns:
    """The cells of a simple table: columns below the runs of the top rule, rows by the first column."""
    columns = [(m.start(), m.end()) for m in re.finditer("=+", lines[0])]
    if len(columns) > MAX_COLUMNS:
        raise over(f"{len(columns)} columns, at most {MAX_COLUMNS}", where=f"line {first_line}")
    rules = [i for i, line in enumerate(lines) if SIMPLE_RULE.match(line[:4000])]
    header_end = rules[1] if len(rules) > 2 else 0
    rows: list[list[list[str]]] = []
    starts: list[int] = []
    spans: list[list[tuple[int, int]]] = []
    blank = True
    for i, line in enumerate(lines[1:], 1):
        if i in rules or not line.strip():
            blank = True
            continue
        if _SPAN_RULE.match(line.strip()[:4000]) and rows:
            spans[-1] = [(m.start(), m.end()) for m in re.finditer("-+", line)]
            blank = True
            continue
        if blank or not rows or line[: columns[0][1]].strip():
            rows.append([])
            starts.append(i)
            spans.append(columns)
        rows[-1].append([line])
        blank = False
    cells = CellColumns()
    for number, (texts, start, ranges) in enumerate(zip(rows, starts, spans, strict=True)):
        for left, right in ranges:
            col = next((k for k, (a, _) in enumerate(columns) if a >= left), len(columns) - 1)
            across = sum(1 for a, _ in columns if left <= a < right)
            # the last column may run on beyond its rule
            end = None if col + across >= len(columns) else right
            text = " ".join(filter(None, (one[0][left:end].strip() for one in texts)))
            cells.add(
                "" if text == "\\" else text, number, col, place=f"line {first_line + start}", col_span=max(across, 1),
                is_header=start < header_end,
            )  # fmt: skip
    return cells
