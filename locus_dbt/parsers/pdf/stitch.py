"""Header rows, and tables that run over several pages put together."""

from __future__ import annotations

import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from locus_dbt.model.element import Table
from locus_dbt.parsers.pdf.carried import carried
from locus_dbt.parsers.pdf.grid import Grid, cell_text, is_number
from locus_dbt.parsers.pdf.printed import TextRow
from locus_dbt.parsers.pdf.words import PageWords

_YEAR = re.compile(r"^(19|20)\d\d\*{0,3}$")
_MAX_HEADER = 5


def count_header_rows(grid: Grid, texts: Sequence[str], words: PageWords) -> int:
    """How many rows at the top name the columns, 0 when none stands out; ``texts`` are those of the cells."""
    rows: dict[int, list[tuple[int, str, bool]]] = {}
    weight = words.bold.tolist()
    for cell, text in zip(grid.cells, texts, strict=True):
        if cell.words:
            bold = sum(weight[i] for i in cell.words) * 2 > len(cell.words)
            rows.setdefault(cell.row, []).append((cell.col, text, bold))
    n = 0
    spanning = {c.row for c in grid.cells if c.words and c.col_span > 1}
    while n < min(_MAX_HEADER, grid.n_rows - 1) and _names_columns(rows.get(n, []), below_span=n - 1 in spanning):
        n += 1
    if n and (n == _MAX_HEADER or not any(_figures(r) for k, r in rows.items() if k >= n)):
        # Text from top to bottom: only a row set apart by weight, or the first of a ruled grid, is a header.
        first_bold = bool(rows.get(0)) and all(b for _, _, b in rows[0])
        others = [b for k, r in rows.items() if k > 0 for _, _, b in r]
        return 1 if first_bold and others and sum(others) < 0.5 * len(others) else 0
    return n


def _figures(row: list[tuple[int, str, bool]]) -> bool:
    return any(c > 0 and is_number(t) for c, t, _ in row)


def _names_columns(row: list[tuple[int, str, bool]], *, below_span: bool) -> bool:
    """Whether a row holds headings; years do where a heading over several columns stands above (``below_span``)."""
    values = [t for c, t, _ in row if c > 0]
    if not row:
        return True
    if not values:
        return False
    if any(t.endswith(":") for _, t, _ in row):
        return False
    numbers = [t for t in values if is_number(t)]
    years = all(_YEAR.match(t) for t in numbers)
    unnamed = all(c > 0 for c, _, _ in row)
    return len(numbers) <= 0.34 * len(values) or (years and (unnamed or below_span or all(b for _, _, b in row)))


@dataclass(frozen=True, slots=True)
class Piece:
    """A table of one page with the ids of the lines above and below it and the extents of its columns."""

    grid: Grid
    texts: tuple[str, ...]
    page: int
    edges: tuple[tuple[float, float], ...]
    above: frozenset[int]
    below: frozenset[int]


def make_piece(grid: Grid, words: PageWords, page: int, rows: Sequence[TextRow]) -> Piece:
    """The table with its cells' texts and the extent of the words of each column."""
    grid.cells = sorted((c for c in grid.cells if c.words or grid.ruled), key=lambda c: (c.row, c.col))
    texts = tuple(cell_text(words, c.words) for c in grid.cells)
    grid.header_rows = count_header_rows(grid, texts, words)
    edges = []
    in_column: dict[int, list[int]] = {}
    for c in grid.cells:
        if c.col_span == 1:
            in_column.setdefault(c.col, []).extend(c.words)
    for col in range(grid.n_cols):
        mine = in_column.get(col)
        edges.append((float(words.box[mine, 0].min()), float(words.box[mine, 2].max())) if mine else (0.0, 0.0))
    above = frozenset(id(r) for r in rows if r.box[3] < grid.box[1] + 2)
    below = frozenset(id(r) for r in rows if r.box[1] > grid.box[3] - 2)
    return Piece(grid, texts, page, tuple(edges), above, below)


def assemble(
    pieces: Sequence[Piece], running: AbstractSet[int], warnings: list[str] | None = None, *, first: int = 0
) -> list[Table]:
    """Tables of the document, numbered from ``first``.

    A piece that opens a page goes on with the one that closed the page before.
    ``running`` holds the ids of the lines that are running heads and feet: they do not part a table. Rows with a
    sum carried over the page break are left out like repeated headings; ``warnings`` takes a sentence for each.
    """
    chains: list[list[Piece]] = []
    for piece in pieces:
        if chains and _continues(chains[-1], piece, running):
            chains[-1].append(piece)
        else:
            chains.append([piece])
    return [
        _table(number, chain, warnings if warnings is not None else []) for number, chain in enumerate(chains, first)
    ]


def _continues(chain: Sequence[Piece], piece: Piece, running: AbstractSet[int]) -> bool:
    last, first = chain[-1], chain[0]
    if piece.page != last.page + 1 or piece.grid.n_cols != last.grid.n_cols:
        return False
    if last.below - running or piece.above - running:
        return False
    head = _header(piece)
    if head and head != _header(first)[: len(head)]:
        return False
    if last.grid.ruled and piece.grid.ruled:
        return abs(last.grid.box[0] - piece.grid.box[0]) < 8 and abs(last.grid.box[2] - piece.grid.box[2]) < 8
    near = [min(b, d) > max(a, c) for (a, b), (c, d) in zip(last.edges, piece.edges, strict=True) if b > a and d > c]
    return bool(near) and all(near)


def _header(piece: Piece) -> tuple[tuple[int, int, str], ...]:
    return tuple(
        (c.row, c.col, t) for c, t in zip(piece.grid.cells, piece.texts, strict=True) if c.row < piece.grid.header_rows
    )


def _carried_rows(chain: Sequence[Piece]) -> list[list[int]]:
    """For each piece the rows at a page break that only carry a sum over it."""
    out: list[list[int]] = [[] for _ in chain]
    for k, (above, below) in enumerate(pairwise(chain)):
        last, first = above.grid.n_rows - 1, below.grid.header_rows
        if last <= above.grid.header_rows or first >= below.grid.n_rows - 1:
            continue
        ends, begins = carried(_row_texts(above, last), _row_texts(below, first))
        out[k] += [last] if ends else []
        out[k + 1] += [first] if begins else []
    return out


def _row_texts(piece: Piece, row: int) -> list[str]:
    return [t for c, t in zip(piece.grid.cells, piece.texts, strict=True) if c.row == row]


def _table(number: int, chain: Sequence[Piece], warnings: list[str]) -> Table:
    """The pieces one below the other, repeated header rows and carried sums dropped."""
    text: list[str] = []
    places: list[tuple[int, int, int, int, bool, int]] = []
    boxes: list[tuple[float, float, float, float]] = []
    offset = 0
    dropped = _carried_rows(chain)
    for k, piece in enumerate(chain):
        for row in dropped[k]:
            cells = " ".join(t for t in _row_texts(piece, row) if t)
            warnings.append(
                f"page {piece.page}: a sum carried over the page break is no row of table {number}: {cells}"
            )
        gone = {*(range(piece.grid.header_rows) if k else ()), *dropped[k]}
        row_of = {row: n for n, row in enumerate(r for r in range(piece.grid.n_rows) if r not in gone)}
        for cell, cell_words in zip(piece.grid.cells, piece.texts, strict=True):
            rows = [r for r in range(cell.row, cell.row + cell.row_span) if r not in gone]
            if cell.row in gone or not rows:
                continue
            text.append(cell_words)
            header = cell.row < piece.grid.header_rows
            places.append((row_of[cell.row] + offset, cell.col, len(rows), cell.col_span, header, piece.page))
            boxes.append(cell.box or (np.nan,) * 4)
        offset += len(row_of)
    columns = np.array(places, np.int32).reshape(len(places), 6)
    return Table(
        number,
        offset,
        chain[0].grid.n_cols,
        tuple(text),
        columns[:, 0],
        columns[:, 1],
        columns[:, 2],
        columns[:, 3],
        columns[:, 4].astype(np.bool_),
        columns[:, 5],
        np.array(boxes, np.float32).reshape(len(boxes), 4),
    )
