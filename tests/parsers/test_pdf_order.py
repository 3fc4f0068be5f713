"""Reading order: columns of any number and width, with headings over all of them in between."""

from __future__ import annotations

import random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from tests.parsers.pdf_pages import HEIGHT, leftover_words, read

_WORDS = [
    "the", "of", "to", "in", "that", "was", "for", "with", "report", "office", "river", "house", "market", "people",
]  # fmt: skip


def prose(rng: random.Random, width: float, size: float) -> str:
    """A line of words that fills ``width`` nearly, as running text does."""
    line = rng.choice(_WORDS)
    while True:
        longer = f"{line} {rng.choice(_WORDS)}"
        if stringWidth(longer, "Helvetica", size) > width:
            return line
        line = longer


@st.composite
def sections(draw: st.DrawFn) -> list[tuple[list[float], int, bool]]:
    """Sections of a page: shares of the columns' widths, lines, and whether a heading stands above."""
    shares = st.sampled_from([[1.0], [0.5, 0.5], [0.35, 0.65], [0.6, 0.4], [1 / 3, 1 / 3, 1 / 3], [0.4, 0.3, 0.3]])
    n = draw(st.integers(1, 3))
    return [(draw(shares), draw(st.integers(8, 14)), draw(st.booleans()) or k > 0) for k in range(n)]


@given(page=sections(), seed=st.integers(0, 10_000))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_columns_are_read_one_after_the_other(page: list[tuple[list[float], int, bool]], seed: int) -> None:
    rng = random.Random(seed)
    expected: list[str] = []
    drawn: list[tuple[float, float, float, str]] = []
    y = 60.0
    for shares, lines, headed in page:
        if headed:
            text = "A heading over all of the columns of this page that is wide enough to cross them"
            drawn.append((50, y, 12, text))
            expected.append(text)
            y += 24
        x = 50.0
        for share in shares:
            width = 495 * share
            for k in range(lines):
                text = prose(rng, width - 20, 8)
                drawn.append((x, y + 11 * k, 8, text))
                expected.append(text)
            x += width
        y += 11 * lines + 14

    def paint(canvas: Canvas) -> None:
        for x, y, size, text in sorted(drawn, key=lambda _: rng.random()):
            canvas.setFont("Helvetica-Bold" if size > 10 else "Helvetica", size)
            canvas.drawString(x, HEIGHT - y, text)

    parsed = read(paint)
    assert parsed.text.split("\n") == expected
    assert leftover_words(parsed) == []


def test_a_column_beside_a_column_that_is_shorter() -> None:
    rng = random.Random(1)
    left = [prose(rng, 220, 9) for _ in range(40)]
    right = [prose(rng, 220, 9) for _ in range(15)]

    def paint(canvas: Canvas) -> None:
        canvas.setFont("Helvetica", 9)
        for k, text in enumerate(left):
            canvas.drawString(50, 780 - 12 * k, text)
        for k, text in enumerate(right):
            canvas.drawString(310, 780 - 12 * k, text)

    assert read(paint).text.split("\n") == left + right


def test_lines_of_columns_that_do_not_stand_on_one_height() -> None:
    rng = random.Random(2)
    left = [prose(rng, 220, 9) for _ in range(30)]
    right = [prose(rng, 220, 8) for _ in range(34)]

    def paint(canvas: Canvas) -> None:
        canvas.setFont("Helvetica", 9)
        for k, text in enumerate(left):
            canvas.drawString(50, 780 - 12 * k, text)
        canvas.setFont("Helvetica", 8)
        for k, text in enumerate(right):
            canvas.drawString(310, 776 - 10.5 * k, text)

    assert read(paint).text.split("\n") == left + right
