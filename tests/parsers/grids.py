"""Random grids with spans, and the table that each must come back as."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import strategies as st

from locus_dbt.model.element import Table

#: Texts that survive every format: no control signs, no blanks at the ends, no blanks in a row.
WORDS = st.text(
    st.characters(min_codepoint=33, max_codepoint=0x2FF, exclude_categories=("Cc", "Cf", "Zs", "Zl", "Zp")),
    min_size=1,
    max_size=12,
)


@dataclass(frozen=True)
class Spanned:
    """One cell of a grid."""

    row: int
    col: int
    row_span: int
    col_span: int
    text: str


@st.composite
def spanned_grids(draw: st.DrawFn, texts: st.SearchStrategy[str] = WORDS) -> list[Spanned]:
    """A full grid of 1..5 x 1..5 slots tiled with cells; every text is different.

    Every column has a cell that begins in it with a span of one, so that no column is only spanned over.
    """
    n_rows, n_cols = draw(st.integers(1, 5)), draw(st.integers(1, 5))
    taken: set[tuple[int, int]] = set()
    cells: list[Spanned] = []
    for row in range(n_rows):
        for col in range(n_cols):
            if (row, col) in taken:
                continue
            free = next((c for c in range(col, n_cols) if (row, c) in taken), n_cols)
            across = draw(st.integers(1, free - col)) if row else 1
            down = draw(st.integers(1, n_rows - row))
            taken |= {(r, c) for r in range(row, row + down) for c in range(col, col + across)}
            cells.append(Spanned(row, col, down, across, f"{len(cells)} {draw(texts)}"))
    return cells


def cells_of(table: Table) -> list[Spanned]:
    """A parsed table in the same form, in order."""
    columns = (table.row, table.col, table.row_span, table.col_span)
    return [Spanned(*spot, text) for *spot, text in zip(*(c.tolist() for c in columns), table.text, strict=True)]
