"""Every word of a page is told exactly once: in a table's cell or in a block."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reportlab.lib import colors
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph, Table, TableStyle

from tests.parsers.pdf_pages import HEIGHT, build, document, leftover_words, read

WORD = st.text(alphabet="abcdefghijkmnopqrstuvwxyzABCDEFGH0123456789", min_size=1, max_size=9)
LINE = st.lists(WORD, min_size=1, max_size=8).map(" ".join)
STYLES = {
    "ruled": [("GRID", (0, 0), (-1, -1), 0.5, colors.black)],
    "bare": [],
    "rules": [(name, *at, 1, colors.black) for name, *at in
              (("LINEABOVE", (0, 0), (-1, 0)), ("LINEBELOW", (0, 0), (-1, 0)), ("LINEBELOW", (0, -1), (-1, -1)))],
}  # fmt: skip


@given(
    lines=st.lists(
        st.tuples(LINE, st.integers(40, 300), st.integers(60, 800), st.sampled_from([7, 9, 10, 14])),
        min_size=1,
        max_size=30,
    ),
    turned=st.lists(
        st.tuples(WORD, st.integers(100, 500), st.integers(100, 700), st.sampled_from([90, 180, 270])), max_size=3
    ),
)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_lines_strewn_over_a_page(
    lines: list[tuple[str, int, int, int]], turned: list[tuple[str, int, int, int]]
) -> None:
    def paint(canvas: Canvas) -> None:
        for text, x, y, size in lines:
            canvas.setFont("Helvetica", size)
            canvas.drawString(x, HEIGHT - y, text)
        for text, x, y, angle in turned:
            canvas.saveState()
            canvas.translate(x, HEIGHT - y)
            canvas.rotate(angle)
            canvas.drawString(0, 0, text)
            canvas.restoreState()

    assert leftover_words(read(paint)) == []


@given(
    tables=st.lists(
        st.tuples(
            st.lists(st.tuples(LINE, WORD, WORD, WORD), min_size=2, max_size=60), st.sampled_from(sorted(STYLES)), LINE
        ),
        min_size=1,
        max_size=4,
    )
)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_tables_of_all_kinds_between_text(tables: list[tuple[list[tuple[str, ...]], str, str]]) -> None:
    style = getSampleStyleSheet()["BodyText"]
    story: list[Any] = []
    for rows, kind, text in tables:
        story += [Paragraph(text * 3, style)]
        story += [Table([list(r) for r in rows], repeatRows=1, style=TableStyle(STYLES[kind]))]
    assert leftover_words(document(build(story)).parsed) == []


@pytest.mark.parametrize("kind", sorted(STYLES))
def test_a_header_that_every_page_repeats(kind: str) -> None:
    rows = [["Item", "Quantity", "Price"]] + [[f"Part {k}", str(k), f"{k * 1.5:.2f}"] for k in range(150)]
    parsed = document(
        build([Table(rows, colWidths=[120, 90, 90], repeatRows=1, style=TableStyle(STYLES[kind]))])
    ).parsed
    assert len(parsed.tables) == 1
    assert leftover_words(parsed) == []
    repeated = [b for b in parsed.pages[1].blocks if b.kind == "header"]
    assert [(b.text, b.label) for b in repeated] == [("Item Quantity Price", "table 0")]


def test_text_beside_a_table_on_the_same_lines() -> None:
    def paint(canvas: Canvas) -> None:
        canvas.setFont("Helvetica", 10)
        for k in range(5):
            canvas.drawString(30, 700 - 20 * k, f"note {k} of the margin")
            for c in range(3):
                canvas.rect(200 + 90 * c, 695 - 20 * k, 90, 20)
                canvas.drawString(205 + 90 * c, 700 - 20 * k, f"r{k}c{c}")

    parsed = read(paint)
    assert [(t.n_rows, t.n_cols) for t in parsed.tables] == [(5, 3)]
    assert leftover_words(parsed) == []
