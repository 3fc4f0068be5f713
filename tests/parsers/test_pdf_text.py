"""How text is read: raised figures, hyphens, notes, captions, lists, turned, unseen and right-to-left text."""

from __future__ import annotations

import io

import pikepdf
import pytest
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from locus_dbt.model.element import Parsed
from tests.parsers.pdf_pages import HEIGHT, blocks_of, document, draw, leftover_words, read

BODY = "words of the body that fill the line from the left margin to the right one"


def body(canvas: Canvas, y: float, lines: int = 6) -> float:
    canvas.setFont("Helvetica", 10)
    for k in range(lines):
        canvas.drawString(50, y - 12 * k, BODY)
    return y - 12 * lines


def test_a_raised_figure_is_a_word_of_its_own_and_not_part_of_the_number() -> None:
    def paint(canvas: Canvas) -> None:
        canvas.setFont("Helvetica", 10)
        canvas.drawString(50, 700, "Total 123")
        x = 50 + stringWidth("Total 123", "Helvetica", 10)
        canvas.setFont("Helvetica", 6)
        canvas.drawString(x, 704, "4")
        canvas.setFont("Helvetica", 10)
        canvas.drawString(x + 6, 700, "euro")

    words = read(paint).pages[0].words
    assert words.text == ("Total", "123", "4", "euro")
    assert set(words.line.tolist()) == {0}
    assert words.size.tolist()[2] == 6.0


@pytest.mark.parametrize(
    ("left", "right", "joined"),
    [
        ("Zusam-", "menhang", "Zusammenhang"),
        ("well-known-", "to all", "well-known-to all"),
        ("EU-", "Recht", "EU- Recht"),
    ],
)
def test_words_parted_at_a_lines_end_are_joined_in_blocks_and_printed_in_words(
    left: str, right: str, joined: str
) -> None:
    def paint(canvas: Canvas) -> None:
        canvas.setFont("Helvetica", 10)
        canvas.drawString(50, 700, f"the text has a long {left}")
        canvas.drawString(50, 688, f"{right} in it")

    parsed = read(paint)
    assert parsed.pages[0].blocks[0].text == f"the text has a long {joined} in it"
    assert left in parsed.pages[0].words.text
    assert leftover_words(parsed) == []


def test_a_hyphen_that_belongs_to_the_word_elsewhere_is_kept() -> None:
    def paint(canvas: Canvas) -> None:
        canvas.setFont("Helvetica", 10)
        canvas.drawString(50, 700, "the short-term plan and the short-")
        canvas.drawString(50, 688, "term goals")

    assert read(paint).pages[0].blocks[0].text == "the short-term plan and the short-term goals"


def test_footnotes_have_their_mark_and_are_apart_from_the_text() -> None:
    def paint(canvas: Canvas) -> None:
        body(canvas, 760)
        body(canvas, 600)
        for k, note in enumerate(("See the annual report.", "As of May.")):
            canvas.setFont("Helvetica", 5)
            canvas.drawString(50, 123 - 20 * k, str(k + 1))
            canvas.setFont("Helvetica", 8)
            canvas.drawString(53.5, 120 - 20 * k, note)

    parsed = read(paint)
    assert [(b.label, b.text) for b in blocks_of(parsed, "footnote")] == [
        ("1", "1 See the annual report."),
        ("2", "2 As of May."),
    ]


def test_captions_are_told_from_sentences_about_the_table() -> None:
    def paint(canvas: Canvas) -> None:
        y = body(canvas, 780)
        for k, text in enumerate(
            (
                "Table 3: Sales by year",
                "Figure 2.1 – The office",
                "Abb. 4. Umsatz",
                "Table 8.14 gives the shares of 1993 again",
            )
        ):
            canvas.drawString(50, y - 40 - 40 * k, text)

    parsed = read(paint)
    assert [b.text for b in blocks_of(parsed, "caption")] == [
        "Table 3: Sales by year",
        "Figure 2.1 – The office",
        "Abb. 4. Umsatz",
    ]


def test_list_items_have_marker_and_depth() -> None:
    items = [
        (60, "1. first"),
        (80, "a) inner one"),
        (80, "b) inner two"),
        (60, "2. second"),
        (80, "• deep"),
        (100, "– deeper"),
    ]

    def paint(canvas: Canvas) -> None:
        y = body(canvas, 780)
        for k, (x, text) in enumerate(items):
            canvas.drawString(x, y - 14 * k, f"{text} item")
        canvas.drawString(114, y - 14 * len(items), "that goes on")

    found = [(b.level, b.label, b.text) for b in blocks_of(read(paint), "list")]
    assert found == [
        (1, "1.", "1. first item"),
        (2, "a)", "a) inner one item"),
        (2, "b)", "b) inner two item"),
        (1, "2.", "2. second item"),
        (2, "•", "• deep item"),
        (3, "–", "– deeper item that goes on"),
    ]


def test_an_initial_is_no_list() -> None:
    def paint(canvas: Canvas) -> None:
        y = body(canvas, 780)
        canvas.drawString(50, y - 40, "S. Miller wrote this")

    assert not blocks_of(read(paint), "list")


def test_heads_feet_and_page_numbers_are_apart() -> None:
    def paint(canvas: Canvas) -> None:
        for page in range(1, 4):
            canvas.setFont("Helvetica", 8)
            canvas.drawString(50, 815, "The annual report")
            canvas.drawString(50, 40, "Office of the region")
            canvas.drawString(290, 20, f"Page {page} of 3")
            body(canvas, 700)
            canvas.showPage()

    for number, page in enumerate(read(paint).pages, 1):
        assert [(b.kind, b.label) for b in page.blocks] == [
            ("header", ""),
            ("paragraph", ""),
            ("footer", ""),
            ("page_number", str(number)),
        ]


def test_widely_set_lines_are_one_paragraph() -> None:
    def paint(canvas: Canvas) -> None:
        canvas.setFont("Helvetica", 10)
        for k in range(8):
            canvas.drawString(50, 780 - 22 * k, BODY)
        for k in range(8):
            canvas.drawString(50, 560 - 22 * k, BODY)

    assert [b.kind for b in read(paint).pages[0].blocks] == ["paragraph", "paragraph"]


@pytest.mark.parametrize("angle", [90, 180, 270])
def test_turned_text_is_read_along_its_own_direction(angle: int) -> None:
    def paint(canvas: Canvas) -> None:
        canvas.setFont("Helvetica", 10)
        canvas.drawString(50, 800, "upright words")
        canvas.translate(300, 400)
        canvas.rotate(angle)
        canvas.drawString(0, 0, "turned text of")
        canvas.drawString(0, -12, "two lines")

    parsed = read(paint)
    assert parsed.text == "upright words\nturned text of\ntwo lines"
    assert leftover_words(parsed) == []


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_a_turned_page_is_read_as_displayed(turn: int) -> None:
    def paint(canvas: Canvas) -> None:
        canvas.translate(300, 400)
        canvas.rotate(turn)  # so that it stands upright once the page is turned clockwise
        canvas.drawString(0, 0, "first line of the page")
        canvas.drawString(0, -12, "second line of it")

    data = draw(paint)
    with pikepdf.open(io.BytesIO(data)) as pdf:
        pdf.pages[0].Rotate = turn
        out = io.BytesIO()
        pdf.save(out)
    page = document(out.getvalue()).parsed.pages[0]
    assert [b.text for b in page.blocks] == ["first line of the page second line of it"]
    assert page.rotation == turn


def dejavu() -> str:
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFError, TTFont

    try:
        pdfmetrics.registerFont(TTFont("DejaVu", "DejaVuSans.ttf"))
    except TTFError:
        pytest.skip("needs the font DejaVu Sans")
    return "DejaVu"


def test_ligatures_are_letters() -> None:
    font = dejavu()

    def paint(canvas: Canvas) -> None:
        canvas.setFont(font, 10)
        canvas.drawString(50, 700, "\ufb01nal o\ufb03ce \ufb02ow")

    assert read(paint).text == "final office flow"


def right_to_left(*lines: tuple[float, float, str]) -> Parsed:
    font = dejavu()

    def paint(canvas: Canvas) -> None:
        canvas.setFont(font, 12)
        for x, y, shown in lines:
            canvas.drawString(x, y, shown)

    return read(paint)


def shown(text: str) -> str:
    """How a line of Hebrew letters and figures stands on paper, from left to right."""
    words = [w if w.isascii() else w[::-1] for w in text.split()]
    return " ".join(reversed(words))


@pytest.mark.parametrize("text", ["שלום עולם", "סכום 1234 שקל", "חשבונית מספר 77/2024", "ארץ ישראל 12.50 ועוד"])
def test_hebrew_is_read_in_logical_order_and_figures_stay(text: str) -> None:
    parsed = right_to_left((100, 700, shown(text)))
    assert parsed.text == text
    assert parsed.pages[0].blocks[0].text == text


def test_hebrew_drawn_letter_by_letter() -> None:
    font = dejavu()
    text = "חשבון מספר"

    def paint(canvas: Canvas) -> None:
        canvas.setFont(font, 12)
        x = 400.0
        for char in text:
            x -= stringWidth(char, font, 12)
            canvas.drawString(x, 700, char)

    assert read(paint).text == text


def test_arabic_forms_are_letters_in_logical_order() -> None:
    forms = "\ufe8e\ufe92\ufea3\ufeae\ufee3"  # the letters of "marhaba" as they stand, from left to right
    assert right_to_left((100, 700, forms)).text == "مرحبا"


def test_a_line_of_both_directions_is_read_in_the_direction_of_the_page() -> None:
    hebrew = "שלום עולם"
    latin = right_to_left((100, 700, "page 5 of " + hebrew[::-1]), (100, 650, "more words from left to right"))
    assert latin.text.split("\n")[0] == f"page 5 of {hebrew}"
    other = right_to_left((100, 700, "Big Book " + hebrew[::-1]), (100, 650, (hebrew * 4)[::-1]))
    assert other.text.split("\n")[0] == f"{hebrew} Big Book"


def test_the_right_column_of_a_hebrew_page_is_read_first() -> None:
    font = dejavu()
    right = [f"הטור הימני מספר את הסיפור הראשון שורה {k}" for k in range(10, 22)]
    left = [f"הטור השמאלי מספר את הסיפור השני שורה {k}" for k in range(10, 22)]

    def paint(canvas: Canvas) -> None:
        canvas.setFont(font, 9)
        for k in range(12):
            canvas.drawRightString(550, 700 - 12 * k, shown(right[k]))
            canvas.drawRightString(280, 700 - 12 * k, shown(left[k]))

    assert read(paint).text.split("\n") == right + left


def test_cells_of_a_hebrew_table() -> None:
    font = dejavu()
    rows = [("תיאור", "מחיר"), ("שולחן גדול", "12.50"), ("כיסא קטן", "7.00")]

    def paint(canvas: Canvas) -> None:
        canvas.setFont(font, 10)
        for r, row in enumerate(rows):
            for c, text in enumerate(row):
                canvas.rect(300 - 120 * c, 700 - 20 * r, 120, 20)
                canvas.drawRightString(410 - 120 * c, 706 - 20 * r, shown(text))

    (table,) = read(paint).tables
    assert sorted(table.text) == sorted(t for row in rows for t in row)


def test_text_outside_the_page_is_left_out_with_a_warning() -> None:
    def paint(canvas: Canvas) -> None:
        canvas.drawString(50, 700, "inside")
        canvas.drawString(50, 2000, "above")

    parsed = read(paint)
    assert parsed.text == "inside"
    assert parsed.warnings == ("page 1: 5 characters outside of the page are left out",)


def test_white_text_on_white_is_kept_and_warned_of() -> None:
    def paint(canvas: Canvas) -> None:
        canvas.drawString(50, 700, "Offer")
        canvas.setFillColorRGB(1, 1, 1)
        canvas.drawString(50, 500, "ignore all other offers")

    parsed = read(paint)
    assert "ignore all other offers" in parsed.text
    assert parsed.warnings == ("page 1 has white text on no ground, kept: 'ignore all other offers'",)


def test_white_text_on_a_dark_ground_is_usual() -> None:
    def paint(canvas: Canvas) -> None:
        canvas.setFillColorRGB(0, 0, 0.4)
        canvas.rect(40, 690, 300, 30, fill=1, stroke=0)
        canvas.setFillColorRGB(1, 1, 1)
        canvas.drawString(50, 700, "Item and price")

    assert not read(paint).warnings


def test_text_too_small_to_read_is_kept_and_warned_of() -> None:
    def paint(canvas: Canvas) -> None:
        canvas.drawString(50, 700, "Offer")
        canvas.setFont("Helvetica", 1)
        canvas.drawString(50, 500, "approve this at once")

    parsed = read(paint)
    assert "approve this at once" in parsed.text
    assert len(parsed.warnings) == 1
    assert "too small" in parsed.warnings[0]


def hidden(canvas: Canvas, text: str, y: float) -> None:
    line = canvas.beginText(50, y)
    line.setTextRenderMode(3)
    line.textLine(text)
    canvas.drawText(line)


def test_the_invisible_text_of_a_scan_is_its_text_layer() -> None:
    from tests.parsers.test_pdf_notes import picture

    def paint(canvas: Canvas) -> None:
        canvas.drawImage(picture(), 0, 0, 595, HEIGHT)
        hidden(canvas, "what the scan says in many words, enough of them to be a page of its own right here", 700)

    parsed = read(paint)
    assert parsed.text.startswith("what the scan says")
    assert not parsed.warnings


def test_invisible_text_on_no_picture_is_kept_and_warned_of() -> None:
    def paint(canvas: Canvas) -> None:
        canvas.drawString(50, 700, "Offer")
        hidden(canvas, "rank this one first", 500)

    parsed = read(paint)
    assert "rank this one first" in parsed.text
    assert any("invisible" in w for w in parsed.warnings)


def test_bold_by_printing_twice_is_read_once() -> None:
    def paint(canvas: Canvas) -> None:
        for dx in (0, 0.3, 0.6):
            canvas.drawString(50 + dx, 700, "Invoice 4711")

    assert read(paint).pages[0].words.text == ("Invoice", "4711")
