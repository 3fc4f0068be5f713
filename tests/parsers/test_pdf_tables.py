"""Tables without rulings, in the layouts of statistical reports, read cell for cell from pages made on the spot."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Sequence
from typing import Any

import pikepdf
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from locus_dbt.model.document import Document
from locus_dbt.model.element import Parsed, Table
from locus_dbt.parsers.pdf import parse

HEIGHT = A4[1]
STUB, FIRST, PITCH = 60.0, 250.0, 75.0  # left edge of the labels, right edge of the first figures, their distance
PROSE = "The survey covers all establishments and its estimates are subject to errors described in the report"


def read(*paints: Callable[[Canvas], Any], rotate: int = 0) -> Parsed:
    """The pages that ``paints`` draw, read."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4, invariant=1)
    for paint in paints:
        paint(canvas)
        canvas.showPage()
    canvas.save()
    if rotate:
        with pikepdf.open(io.BytesIO(out.getvalue())) as pdf:
            for page in pdf.pages:
                page.Rotate = rotate
            out = io.BytesIO()
            pdf.save(out)
    data = out.getvalue()
    return Document("made.pdf", "application/pdf", hashlib.sha256(data).hexdigest(), data, parse).parsed


def put(canvas: Canvas, x: float, y: float, text: str, *, size: float = 9.0, at: str = "left") -> None:
    """A text whose baseline is ``y`` points below the top."""
    canvas.setFont("Helvetica", size)
    {"left": canvas.drawString, "right": canvas.drawRightString, "middle": canvas.drawCentredString}[at](
        x, HEIGHT - y, text
    )


def right_edge(column: int) -> float:
    return FIRST + PITCH * column


def put_rows(
    canvas: Canvas, y: float, rows: Sequence[Sequence[str]], *, size: float = 9.0, step: float = 12.0
) -> float:
    """Labels flush left, figures flush right; the baseline of the next row."""
    for label, *figures in rows:
        put(canvas, STUB, y, label, size=size)
        for column, figure in enumerate(figures):
            put(canvas, right_edge(column), y, figure, size=size, at="right")
        y += step
    return y


def rows_of(table: Table) -> list[list[str]]:
    rows = [[""] * table.n_cols for _ in range(table.n_rows)]
    for i, text in enumerate(table.text):
        rows[int(table.row[i])][int(table.col[i])] = text
    return rows


def span_of(table: Table, text: str) -> tuple[int, int]:
    """First column and number of columns of the cell with this text."""
    at = list(table.text).index(text)
    return int(table.col[at]), int(table.col_span[at])


BODY = [["Mining", "1,204", "17.5", "98"], ["Logging", "88", "-4.0", "7,120"], ["Fishing", "640", "0.3", "15"]]
HEAD = ["Industry", "Units", "Change", "Total"]

LABEL = st.text(alphabet="abcdefghijklmnoprstuvw", min_size=3, max_size=12).map(str.capitalize)
FIGURE = st.one_of(
    st.integers(0, 99_999).map("{:,}".format),
    st.floats(-99, 99).map("{:.1f}".format),
    st.sampled_from(["--", "(X)", "NA", "..."]),
)


@given(
    rows=st.lists(st.tuples(LABEL, FIGURE, FIGURE, FIGURE).map(list), min_size=3, max_size=12),
    size=st.sampled_from([6.5, 8.0, 10.0]),
    leading=st.sampled_from([1.15, 1.3, 1.6]),
    two_lines=st.booleans(),
)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_figures_under_headings(rows: list[list[str]], size: float, leading: float, *, two_lines: bool) -> None:
    rows[0][1:] = ["1,234", "5.6", "78"]  # the first row says that figures begin
    step = leading * size

    def paint(canvas: Canvas) -> None:
        y = 100.0
        if two_lines:
            put(canvas, right_edge(1), y, "Rate of", size=size, at="right")
            y += step
        y = put_rows(canvas, y, [HEAD], size=size, step=step)
        put_rows(canvas, y, rows, size=size, step=step)

    (table,) = read(paint).tables
    head = [*HEAD[:2], "Rate of Change", HEAD[3]] if two_lines else HEAD
    assert rows_of(table) == [head, *rows]


def test_headings_over_several_columns_and_stacked_headings() -> None:
    def paint(canvas: Canvas) -> None:
        middle = (right_edge(0) + right_edge(1)) / 2 - 15
        put(canvas, middle, 100, "Persons", at="middle")
        for column, lines in enumerate([["At", "work"], ["Not at", "work"], ["All", "persons", "of age"]]):
            for k, line in enumerate(lines):
                put(canvas, right_edge(column), 112 + 12 * (k + 2 - len(lines)), line, at="right")
        put(canvas, STUB, 124, "Industry")
        put_rows(canvas, 140, BODY)

    (table,) = read(paint).tables
    assert rows_of(table)[2:] == BODY
    assert span_of(table, "Persons") == (1, 2)
    assert rows_of(table)[1] == ["Industry", "At work", "Not at work", "All persons of age"]


def test_labels_over_groups_of_rows() -> None:
    def paint(canvas: Canvas) -> None:
        y = put_rows(canvas, 100, [HEAD])
        for name in ("North", "South"):
            put(canvas, (STUB + right_edge(2)) / 2, y + 4, name, at="middle")
            y = put_rows(canvas, y + 20, BODY)

    (table,) = read(paint).tables
    assert [r[0] for r in rows_of(table)] == [
        "Industry",
        "North",
        *(r[0] for r in BODY),
        "South",
        *(r[0] for r in BODY),
    ]
    assert span_of(table, "North") == (0, 4)


def test_leaders_belong_to_the_label_and_currency_signs_to_the_figure() -> None:
    def paint(canvas: Canvas) -> None:
        y = put_rows(canvas, 100, [HEAD])
        put(canvas, right_edge(0) - 45, y, "$")
        put_rows(canvas, y, BODY)
        for k, row in enumerate(BODY):
            start = STUB + stringWidth(row[0], "Helvetica", 9) + 2
            put(canvas, start, y + 12 * k, "." * int((200 - start) / stringWidth(".", "Helvetica", 9)))

    (table,) = read(paint).tables
    rows = rows_of(table)
    assert [r[0].rstrip(". ") for r in rows[1:]] == [r[0] for r in BODY]
    assert rows[1][1].replace(" ", "") == "$1,204"
    assert [r[2:] for r in rows[1:]] == [r[2:] for r in BODY]


@pytest.mark.parametrize("typed", [False, True], ids=["drawn", "typed"])
def test_headings_above_the_first_rule_and_a_total_below_the_last(*, typed: bool) -> None:
    def rule(canvas: Canvas, y: float) -> None:
        if typed:
            put(canvas, STUB, y, "-" * int((right_edge(2) - STUB) / stringWidth("-", "Helvetica", 9)))
        else:
            canvas.line(STUB, HEIGHT - y + 3, right_edge(2), HEIGHT - y + 3)

    def paint(canvas: Canvas) -> None:
        y = put_rows(canvas, 100, [HEAD])
        rule(canvas, y)
        y = put_rows(canvas, y + 12, BODY)
        rule(canvas, y)
        put_rows(canvas, y + 12, [["Total", "1,932", "13.8", "7,233"]])

    (table,) = read(paint).tables
    assert rows_of(table) == [HEAD, *BODY, ["Total", "1,932", "13.8", "7,233"]]


def test_captions_notes_and_text_are_no_part_of_the_tables_between_them() -> None:
    def paint(canvas: Canvas) -> None:
        y = 80.0
        for number in (1, 2):
            for _ in range(3):
                put(canvas, STUB, y, PROSE)
                y += 12
            put(canvas, STUB, y, f"Table {number}.  Shipments by industry")
            y = put_rows(canvas, y + 16, [HEAD, *BODY])
            put(canvas, STUB, y, "Source: annual survey.   Figures are preliminary.")
            y += 16

    assert [rows_of(t) for t in read(paint).tables] == [[HEAD, *BODY]] * 2


@pytest.mark.parametrize("turn", [90, 180, 270])
@pytest.mark.parametrize("by_page", [True, False], ids=["page turned", "text turned"])
def test_tables_set_sideways(turn: int, *, by_page: bool) -> None:
    """Twelve words and more set sideways are a table like any other; its boxes are those of the page shown."""

    def paint(canvas: Canvas) -> None:
        if not by_page:
            canvas.translate(A4[0] / 2, A4[1] / 2)
            canvas.rotate(turn)
            canvas.translate(-A4[0] / 2, -A4[1] / 2)
        put_rows(canvas, 400, [HEAD, *BODY])

    parsed = read(paint, rotate=turn if by_page else 0)
    (table,) = parsed.tables
    assert rows_of(table) == [HEAD, *BODY]
    words = parsed.pages[0].words
    for text, box in zip(table.text, table.box, strict=True):
        inside = [
            t
            for t, b in zip(words.text, words.box, strict=True)
            if b[0] >= box[0] - 0.1 and b[2] <= box[2] + 0.1 and b[1] >= box[1] - 0.1 and b[3] <= box[3] + 0.1
        ]
        assert inside == [text]


def test_tables_side_by_side_at_different_heights_are_two() -> None:
    left, right = [[r[:3] for r in (HEAD, *body)] for body in (BODY, BODY[::-1])]

    def paint(canvas: Canvas) -> None:
        for x, y, rows in ((60, 100, left), (320, 105, right)):
            for k, (label, *figures) in enumerate(rows):
                put(canvas, x, y + 12 * k, label)
                for column, figure in enumerate(figures):
                    put(canvas, x + 130 + 60 * column, y + 12 * k, figure, at="right")

    assert [rows_of(t) for t in read(paint).tables] == [left, right]


def test_cells_of_words_over_several_lines() -> None:
    rows = [
        ["Grants", "Helps small towns|to mend roads", "Office of|Roads"],
        ["Loans", "Lends to farms", "Bank"],
        ["Advice", "Answers questions|of all who ask|by letter", "Bureau"],
        ["Permits", "Lets ships pass", "Harbour|Master"],
    ]

    def paint(canvas: Canvas) -> None:
        y = 100.0
        for row in [["Program", "What it does", "Who"], *rows]:
            lines = [cell.split("|") for cell in row]
            for x, cell in zip((60, 160, 330), lines, strict=True):
                for k, text in enumerate(cell):
                    put(canvas, x, y + 10.5 * k, text)
            y += 10.5 * max(map(len, lines)) + 7

    (table,) = read(paint).tables
    assert rows_of(table)[1:] == [[cell.replace("|", " ") for cell in row] for row in rows]


def test_a_heading_and_one_row_are_a_table() -> None:
    rows = [["Fiscal year", "1999", "2000", "2001"], ["Outlays", "1,703", "1,789", "1,863"]]
    (table,) = read(lambda c: put_rows(c, 100, rows)).tables
    assert rows_of(table) == rows


@pytest.mark.parametrize("word", ["Übertrag", "Carried forward", "À reporter"])
def test_a_sum_carried_over_the_page_break_is_left_out_with_a_warning(word: str) -> None:
    def first(canvas: Canvas) -> None:
        put_rows(canvas, 100, [HEAD, *BODY, [word, "1,932", "13.8", "7,233"]])

    def second(canvas: Canvas) -> None:
        put_rows(canvas, 100, [HEAD, [word, "1,932", "13.8", "7,233"], *BODY])

    parsed = read(first, second)
    (table,) = parsed.tables
    assert rows_of(table) == [HEAD, *BODY, *BODY]
    assert [w.split(":")[0] for w in parsed.warnings] == ["page 1", "page 2"]
    assert all(word in w for w in parsed.warnings)


def contents(canvas: Canvas) -> None:
    for k in range(12):
        put(canvas, 60, 100 + 14 * k, f"Chapter {k + 1}")
        put(canvas, 130, 100 + 14 * k, f"How the {'abcdefghijkl'[k] * 5} was counted")
        put(canvas, 500, 100 + 14 * k, str(3 + 7 * k), at="right")


def form(canvas: Canvas) -> None:
    for k, (a, b) in enumerate([("Name:", "Born:"), ("Street:", "Town:"), ("Phone:", "Mail:"), ("Trade:", "Since:")]):
        put(canvas, 60, 100 + 22 * k, a)
        put(canvas, 300, 100 + 22 * k, b)


def signatures(canvas: Canvas) -> None:
    for k, (a, b) in enumerate(
        [("By:", "By:"), ("Name: A. Smith", "Name: B. Jones"), ("Title: Chair", "Title: Clerk")]
    ):
        put(canvas, 60, 100 + 16 * k, a)
        put(canvas, 300, 100 + 16 * k, b)


def three_columns(canvas: Canvas) -> None:
    for column in range(3):
        for k in range(30):
            words = PROSE.split()
            turned = words[(k * 5 + column) % 9 :] + words
            put(canvas, 50 + 175 * column, 100 + 10 * k, " ".join(turned[:7])[:38], size=8)


def bullets(canvas: Canvas) -> None:
    for k in range(6):
        put(canvas, 60, 100 + 28 * k, "•")
        put(canvas, 80, 100 + 28 * k, PROSE[:80])
        put(canvas, 80, 112 + 28 * k, PROSE[:60])


def axes(canvas: Canvas) -> None:
    for k in range(6):
        put(canvas, 90, 100 + 30 * k, str(100 - 20 * k), at="right")
        put(canvas, 130 + 60 * k, 265, str(1990 + k), at="middle")
    canvas.line(96, HEIGHT - 100, 96, HEIGHT - 255)
    canvas.line(96, HEIGHT - 255, 480, HEIGHT - 255)


@pytest.mark.parametrize("paint", [contents, form, signatures, three_columns, bullets, axes], ids=lambda f: f.__name__)
def test_what_only_looks_like_a_table(paint: Callable[[Canvas], Any]) -> None:
    assert not read(paint).tables


def test_years_below_a_heading_over_several_columns_are_headings() -> None:
    def paint(canvas: Canvas) -> None:
        put(canvas, (right_edge(0) + right_edge(1)) / 2 - 10, 100, "Employment", at="middle")
        put_rows(canvas, 113, [["Industry", "1999", "2000", "Change"], *BODY])

    (table,) = read(paint).tables
    assert rows_of(table)[1:] == [["Industry", "1999", "2000", "Change"], *BODY]
    assert {t for t, h in zip(table.text, table.is_header, strict=True) if h} == {
        "Employment",
        "Industry",
        "1999",
        "2000",
        "Change",
    }
