"""The PDF parser against documents made on the spot."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pikepdf
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph, SimpleDocTemplate, Table, TableStyle

from locus_dbt.errors import InputError
from locus_dbt.model.document import Document
from locus_dbt.model.element import Parsed
from locus_dbt.model.element import Table as ParsedTable
from locus_dbt.parsers.pdf import ParseLimits, parse

HEIGHT = A4[1]


def document(data: bytes) -> Document:
    return Document("made.pdf", "application/pdf", hashlib.sha256(data).hexdigest(), data, parse)


def draw(paint: Callable[[Canvas], Any]) -> bytes:
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4, invariant=1)
    paint(canvas)
    canvas.save()
    return out.getvalue()


def read(paint: Callable[[Canvas], Any]) -> Parsed:
    return document(draw(paint)).parsed


def build(story: list[Any]) -> bytes:
    out = io.BytesIO()
    SimpleDocTemplate(out, pagesize=A4, invariant=1).build(story)
    return out.getvalue()


def rows_of(table: ParsedTable) -> list[list[str]]:
    rows = [[""] * table.n_cols for _ in range(table.n_rows)]
    for i, text in enumerate(table.text):
        rows[int(table.row[i])][int(table.col[i])] = text
    return rows


WORD = st.text(alphabet="abcdefghijkmnopqrstuvwxyzABCDEFGH0123456789.,-/", min_size=1, max_size=9)


@given(placed=st.dictionaries(st.tuples(st.integers(0, 3), st.integers(0, 30)), WORD, min_size=1, max_size=40))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_words_in_are_words_out_at_their_place(placed: dict[tuple[int, int], str]) -> None:
    at = {(40 + 130 * col, 60 + 24 * row): word for (col, row), word in placed.items()}

    def paint(canvas: Canvas) -> None:
        canvas.setFont("Helvetica", 10)
        for (x, y), word in at.items():
            canvas.drawString(x, HEIGHT - y, word)

    words = read(paint).pages[0].words
    found = {(round(float(b[0])), round(float(b[3]))): (t, b) for t, b in zip(words.text, words.box, strict=True)}
    assert sorted(words.text) == sorted(at.values())
    for (x, y), word in at.items():
        text, box = next(v for (fx, fy), v in found.items() if abs(fx - x) <= 1 and abs(fy - y) <= 4)
        assert text == word
        assert abs(box[2] - (x + stringWidth(word, "Helvetica", 10))) <= 1
        assert box[1] < y < box[3]


def test_lines_run_from_top_to_bottom_and_carry_size_and_weight() -> None:
    def paint(canvas: Canvas) -> None:
        canvas.setFont("Helvetica", 10)
        canvas.drawString(50, 600, "second line")
        canvas.setFont("Helvetica-Bold", 14)
        canvas.drawString(50, 700, "First")

    parsed = read(paint)
    words = parsed.pages[0].words
    assert parsed.text == "First\nsecond line"
    assert words.line.tolist() == [0, 1, 1]
    assert words.size.tolist() == [14.0, 10.0, 10.0]
    assert words.bold.tolist() == [True, False, False]


def test_blanks_that_are_not_printed_are_found_by_the_gap() -> None:
    def paint(canvas: Canvas) -> None:
        canvas.setFont("Helvetica", 10)
        x = 50.0
        for part in ("Total", "amount", "due"):
            canvas.drawString(x, 700, part)
            x += stringWidth(part, "Helvetica", 10) + 2.8
        canvas.drawString(50, 650, "Dun")
        canvas.drawString(50 + stringWidth("Dun", "Helvetica", 10), 650, "ning")

    assert read(paint).text == "Total amount due\nDunning"


def test_text_printed_twice_for_weight_is_read_once() -> None:
    def paint(canvas: Canvas) -> None:
        canvas.setFont("Helvetica", 12)
        canvas.drawString(50, 700, "Invoice")
        canvas.drawString(50.3, 700, "Invoice")

    assert read(paint).pages[0].words.text == ("Invoice",)


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_boxes_are_those_of_the_page_as_displayed(turn: int) -> None:
    data = draw(lambda c: (c.setFont("Helvetica", 10), c.drawString(100, HEIGHT - 200, "Corner")))
    with pikepdf.open(io.BytesIO(data)) as pdf:
        pdf.pages[0].Rotate = turn
        pdf.pages[0].CropBox = [20, 30, A4[0], A4[1]]
        out = io.BytesIO()
        pdf.save(out)
    page = document(out.getvalue()).parsed.pages[0]
    width, height = A4[0] - 20, A4[1] - 30
    assert (round(page.width), round(page.height)) == tuple(
        round(v) for v in ((width, height) if turn in (0, 180) else (height, width))
    )
    x0, y0, x1, y1 = page.words.box[0].tolist()
    # The word begins at (80, 200) of the cropped page before it is turned.
    begins = {
        0: (x0, 80),
        90: (y0, 80),
        180: (x1, width - 80),
        270: (y1, width - 80),
    }[turn]
    baseline = {0: (y1, 200), 90: (x0, height - 200), 180: (y0, height - 200), 270: (x1, 200)}[turn]
    assert abs(begins[0] - begins[1]) <= 1
    assert abs(baseline[0] - baseline[1]) <= 3


def test_characters_outside_the_page_are_not_read() -> None:
    def paint(canvas: Canvas) -> None:
        canvas.drawString(50, 700, "inside")
        canvas.drawString(-300, 700, "left")
        canvas.drawString(50, 2000, "above")

    assert read(paint).text == "inside"


def test_columns_of_running_text_are_read_one_after_the_other() -> None:
    left = [f"left column line {k} tells the first story" for k in range(12)]
    right = [f"right column line {k} tells another story" for k in range(12)]

    def paint(canvas: Canvas) -> None:
        canvas.setFont("Helvetica", 9)
        for k in range(12):
            canvas.drawString(50, 700 - 12 * k, left[k])
            canvas.drawString(320, 700 - 12 * k, right[k])

    assert read(paint).text.split("\n") == left + right


DATA = [["Item", "Quantity", "Price"]] + [[f"Part {k}", str(k), f"{k * 1.5:.2f}"] for k in range(1, 8)]


@pytest.mark.parametrize("style", [[("GRID", (0, 0), (-1, -1), 0.5, colors.black)], []], ids=["ruled", "borderless"])
def test_tables_with_and_without_rulings(style: list[Any]) -> None:
    table = document(build([Table(DATA, colWidths=[120, 90, 90], style=TableStyle(style))])).parsed.tables
    assert len(table) == 1
    assert rows_of(table[0]) == DATA
    assert table[0].is_header.tolist() == [True] * 3 + [False] * 21
    assert set(table[0].page.tolist()) == {1}


def test_rules_above_and_below_only() -> None:
    rules = [("LINEABOVE", (0, 0), (-1, 0)), ("LINEBELOW", (0, 0), (-1, 0)), ("LINEBELOW", (0, -1), (-1, -1))]
    style = TableStyle([(*rule, 1, colors.black) for rule in rules])
    tables = document(build([Table(DATA, colWidths=[120, 90, 90], style=style)])).parsed.tables
    assert [rows_of(t) for t in tables] == [DATA]


def test_merged_cells_keep_their_spans() -> None:
    style = TableStyle(
        [("GRID", (0, 0), (-1, -1), 0.5, colors.black), ("SPAN", (1, 0), (2, 0)), ("SPAN", (0, 0), (0, 1))]
    )
    data = [["Region", "Sales", ""], ["", "2023", "2024"], ["North", "10", "12"], ["South", "7", "9"]]
    (table,) = document(build([Table(data, colWidths=[90, 80, 80], style=style)])).parsed.tables
    spans = {t: (int(r), int(c)) for t, r, c in zip(table.text, table.row_span, table.col_span, strict=True)}
    assert spans["Region"] == (2, 1)
    assert spans["Sales"] == (1, 2)
    assert spans["North"] == (1, 1)


def test_cell_boxes_hold_the_words_of_the_cell() -> None:
    parsed = document(build([Table(DATA, colWidths=[120, 90, 90])])).parsed
    (table,) = parsed.tables
    words = parsed.pages[0].words
    for text, box in zip(table.text, table.box, strict=True):
        inside = [
            w
            for w, b in zip(words.text, words.box, strict=True)
            if b[0] >= box[0] - 0.1 and b[2] <= box[2] + 0.1 and b[1] >= box[1] - 0.1 and b[3] <= box[3] + 0.1
        ]
        assert " ".join(inside) == text


@pytest.mark.parametrize("style", [[("GRID", (0, 0), (-1, -1), 0.5, colors.black)], []], ids=["ruled", "borderless"])
def test_a_table_over_pages_is_one_table_with_one_header(style: list[Any]) -> None:
    data = [["Item", "Quantity", "Price"]] + [[f"Part {k}", str(k), f"{k * 1.5:.2f}"] for k in range(1, 101)]
    parsed = document(build([Table(data, colWidths=[120, 90, 90], repeatRows=1, style=TableStyle(style))])).parsed
    assert len(parsed.pages) > 1
    (table,) = parsed.tables
    assert rows_of(table) == data
    assert sorted(set(table.page.tolist())) == [p.number for p in parsed.pages]
    assert int(table.is_header.sum()) == 3


def test_running_text_is_no_table() -> None:
    style = getSampleStyleSheet()["BodyText"]
    text = "The committee met in spring and agreed to look at the matter again in autumn. " * 30
    assert not document(build([Paragraph(text, style)])).parsed.tables


def test_blocks_tell_headings_paragraphs_lists_and_page_furniture_apart() -> None:
    def paint(canvas: Canvas) -> None:
        for page in (1, 2):
            canvas.setFont("Helvetica", 8)
            canvas.drawString(50, 810, "Annual report of the office")
            canvas.drawString(290, 30, str(page))
            canvas.setFont("Helvetica-Bold", 18)
            canvas.drawString(50, 720, f"Chapter {'one' if page == 1 else 'two'}")
            canvas.setFont("Helvetica-Bold", 12)
            canvas.drawString(50, 690, "Aims")
            canvas.setFont("Helvetica", 10)
            for k in range(4):
                canvas.drawString(50, 665 - 12 * k, "Running text of the body that goes on for some words")
            canvas.drawString(60, 600, "1. first point of the list")
            canvas.drawString(60, 588, "2. second point of the list")
            canvas.showPage()

    parsed = read(paint)
    kinds = [(b.kind, b.level) for b in parsed.pages[0].blocks]
    assert kinds == [
        ("header", 0),
        ("heading", 1),
        ("heading", 2),
        ("paragraph", 0),
        ("list", 1),
        ("list", 1),
        ("page_number", 0),
    ]
    assert [b.order for p in parsed.pages for b in p.blocks] == list(range(14))
    assert [(b.label, b.text) for b in parsed.pages[0].blocks[4:]] == [
        ("1.", "1. first point of the list"),
        ("2.", "2. second point of the list"),
        ("1", "1"),
    ]


def test_attachments_and_metadata() -> None:
    data = draw(lambda c: (c.setTitle("Invoice 7"), c.setAuthor("Accounts"), c.drawString(50, 700, "see file")))
    with pikepdf.open(io.BytesIO(data)) as pdf:
        pdf.attachments["invoice.xml"] = b"<?xml version='1.0'?><a/>"
        out = io.BytesIO()
        pdf.save(out)
    parsed = document(out.getvalue()).parsed
    assert [(a.name, a.media_type, a.data) for a in parsed.attachments] == [
        ("invoice.xml", "application/xml", b"<?xml version='1.0'?><a/>")
    ]
    assert parsed.metadata["title"] == "Invoice 7"
    assert parsed.metadata["author"] == "Accounts"


def test_an_attachment_over_the_limit_is_left_out_with_a_warning() -> None:
    data = draw(lambda c: c.drawString(50, 700, "see file"))
    with pikepdf.open(io.BytesIO(data)) as pdf:
        pdf.attachments["big.bin"] = bytes(5000)
        out = io.BytesIO()
        pdf.save(out)
    parsed = parse(document(out.getvalue()), limits=ParseLimits(max_attachment_bytes=1000))
    assert not parsed.attachments
    assert "big.bin" in parsed.warnings[0]


def encrypted() -> bytes:
    data = draw(lambda c: c.drawString(50, 700, "secret"))
    with pikepdf.open(io.BytesIO(data)) as pdf:
        out = io.BytesIO()
        pdf.save(out, encryption=pikepdf.Encryption(owner="o", user="u"))
    return out.getvalue()


def test_an_encrypted_document_is_refused_unless_the_password_is_given() -> None:
    data = encrypted()
    with pytest.raises(InputError) as error:
        parse(document(data))
    assert error.value.code == "E202"
    assert "password" in error.value.fix
    assert parse(document(data), password="u").text == "secret"


@pytest.mark.parametrize("keep", [0.05, 0.5, 0.9])
def test_a_truncated_document_is_refused(keep: float) -> None:
    data = build([Table(DATA)])
    with pytest.raises(InputError) as error:
        parse(document(data[: int(len(data) * keep)]))
    assert error.value.code == "E203"


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7\n", b"no pdf at all\n%%EOF\n", bytes(range(256)) * 40])
def test_bytes_that_are_no_pdf_are_refused(data: bytes) -> None:
    with pytest.raises(InputError) as error:
        parse(document(data))
    assert error.value.code == "E203"


def test_limits_on_pages_and_characters() -> None:
    def paint(canvas: Canvas) -> None:
        for _ in range(3):
            canvas.drawString(50, 700, "some words on a page")
            canvas.showPage()

    data = draw(paint)
    for limits in (ParseLimits(max_pages=2), ParseLimits(max_chars_per_page=5)):
        with pytest.raises(InputError) as error:
            parse(document(data), limits=limits)
        assert error.value.code == "E206"


def test_a_page_without_text_layer_is_a_warning_and_an_empty_page_is_not() -> None:
    def paint(canvas: Canvas) -> None:
        canvas.drawString(50, 700, "words")
        canvas.showPage()
        canvas.rect(50, 50, 200, 300, fill=1)
        canvas.showPage()

    parsed = read(paint)
    assert parsed.warnings == ("page 2 has no text layer",)
    assert len(parsed.pages[1].words) == 0
    assert parsed.text.startswith("words")


def test_the_same_bytes_give_the_same_result() -> None:
    data = build([Table(DATA, style=TableStyle([("GRID", (0, 0), (-1, -1), 0.5, colors.black)]))])
    first, second = parse(document(data)), parse(document(data))
    assert first.text == second.text
    assert [t.text for t in first.tables] == [t.text for t in second.tables]
    assert np.array_equal(first.pages[0].words.box, second.pages[0].words.box)
