"""What lies on top of a PDF's pages and beside them: form fields, comments, links, bookmarks, pictures."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import pikepdf
import pytest
from PIL import Image
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from locus_dbt.model.document import ReadOptions
from locus_dbt.model.element import Parsed
from tests.parsers.pdf_pages import HEIGHT, blocks_of, document, draw, leftover_words, read


def changed(data: bytes, change: Callable[[pikepdf.Pdf], Any]) -> bytes:
    with pikepdf.open(io.BytesIO(data)) as pdf:
        change(pdf)
        out = io.BytesIO()
        pdf.save(out)
    return out.getvalue()


def form(canvas: Canvas) -> None:
    canvas.drawString(50, 720, "Name")
    fields = canvas.acroForm
    fields.textfield(name="person.name", tooltip="Full name", value="Ada Byron", x=120, y=710, width=200, height=20)
    fields.textfield(name="note", value="", x=120, y=670, width=200, height=20)
    fields.checkbox(name="agree", tooltip="I agree", checked=True, x=120, y=640)
    fields.checkbox(name="newsletter", checked=False, x=120, y=610)
    for k, value in enumerate(("post", "mail", "phone")):
        fields.radio(name="contact", tooltip="Contact by", value=value, selected=value == "mail", x=120 + 40 * k, y=580)
    fields.choice(
        name="country", options=["Malta", "Latvia", "Spain"], value="Latvia", x=120, y=540, width=100, height=20
    )
    fields.listbox(name="days", options=["Mon", "Tue", "Wed"], value="Tue", x=120, y=470, width=100, height=50)


def test_fields_of_a_form_are_key_values_with_page_and_box() -> None:
    parsed = read(form)
    found = {b.label: b for b in blocks_of(parsed, "key_value")}
    assert {label: b.text for label, b in found.items()} == {
        "Full name": "Full name: Ada Byron",
        "note": "note:",
        "I agree": "I agree: true",
        "newsletter": "newsletter: false",
        "Contact by": "Contact by: mail",
        "country": "country: Latvia",
        "days": "days: Tue",
    }
    x0, y0, x1, y1 = found["Full name"].box or (0, 0, 0, 0)
    assert (round(x0), round(y0), round(x1), round(y1)) == (120, round(HEIGHT - 730), 320, round(HEIGHT - 710))
    assert (found["Contact by"].box or (0,))[0] == pytest.approx(160, abs=1)
    assert all(b.page == 1 for b in found.values())
    assert leftover_words(parsed) == []
    assert not parsed.warnings


def test_fields_stand_at_their_page_also_when_only_some_pages_are_read() -> None:
    def paint(canvas: Canvas) -> None:
        for k in (1, 2, 3):
            canvas.acroForm.textfield(name=f"field{k}", value=f"value {k}", x=50, y=700)
            canvas.drawString(50, 600, "words")
            canvas.showPage()

    parsed = document(draw(paint), ReadOptions(pages=((2, 2),))).parsed
    assert [(b.text, b.page) for b in blocks_of(parsed, "key_value")] == [("field2: value 2", 2)]


def test_an_xfa_form_is_noted(capfd: pytest.CaptureFixture[str]) -> None:
    def add(pdf: pikepdf.Pdf) -> None:
        pdf.Root.AcroForm.XFA = pdf.make_stream(b"<xdp:xdp xmlns:xdp='http://ns.adobe.com/xdp/'/>")

    parsed = document(changed(draw(form), add)).parsed
    assert any("XFA" in w for w in parsed.warnings)
    assert len(blocks_of(parsed, "key_value")) == 7
    assert capfd.readouterr() == ("", "")


def annotated(*notes: dict[str, Any]) -> Parsed:
    def add(pdf: pikepdf.Pdf) -> None:
        made = [pdf.make_indirect(pikepdf.Dictionary({"/Type": pikepdf.Name.Annot, **note})) for note in notes]
        pdf.pages[0].Annots = pikepdf.Array(made)

    return document(changed(draw(lambda c: c.drawString(50, 700, "The printed words")), add)).parsed


def test_comments_keep_their_author_and_place() -> None:
    rect = pikepdf.Array([50, 690, 150, 720])
    parsed = annotated(
        {"/Subtype": pikepdf.Name.Text, "/Rect": rect, "/Contents": "Please check", "/T": "Grace"},
        {"/Subtype": pikepdf.Name.Highlight, "/Rect": rect, "/Contents": "wrong sum", "/T": "Ada"},
        {"/Subtype": pikepdf.Name.FreeText, "/Rect": rect, "/Contents": "Überprüft\r\nam Montag", "/DA": "/Helv 9 Tf"},
        {"/Subtype": pikepdf.Name.Highlight, "/Rect": rect},
        {"/Subtype": pikepdf.Name.Popup, "/Rect": rect, "/Contents": "the same again"},
    )
    found = [(b.label, b.text) for b in blocks_of(parsed, "comment")]
    assert found == [("Grace", "Please check"), ("Ada", "wrong sum"), ("", "Überprüft\nam Montag")]
    assert blocks_of(parsed, "comment")[0].box == pytest.approx((50, HEIGHT - 720, 150, HEIGHT - 690), abs=0.1)
    assert parsed.text == "The printed words"


def test_links_are_kept_with_page_and_box() -> None:
    def paint(canvas: Canvas) -> None:
        for k in (1, 2):
            canvas.drawString(50, 700, "our site")
            canvas.linkURL(f"https://example.org/?a={k}", (50, 695, 110, 712))
            canvas.linkRect("", "inner", (200, 695, 300, 712))
            canvas.bookmarkPage("inner") if k == 1 else None
            canvas.showPage()

    links = [json.loads(line) for line in read(paint).metadata["links"].split("\n")]
    assert [(link["page"], link["uri"]) for link in links] == [
        (1, "https://example.org/?a=1"),
        (2, "https://example.org/?a=2"),
    ]
    assert links[0]["box"] == pytest.approx([50, HEIGHT - 712, 110, HEIGHT - 695], abs=0.1)


def outlined(canvas: Canvas) -> None:
    canvas.setFont("Helvetica", 10)
    for k, title in enumerate(("Introduction", "Method", "Data")):
        canvas.bookmarkPage(f"p{k}")
        canvas.addOutlineEntry(f" {title} ", f"p{k}", level=0 if k < 2 else 1)
        canvas.drawString(50, 760, title)
        for line in range(4):
            canvas.drawString(
                50, 730 - 12 * line, "plain words in the size of the titles, which nothing else sets apart"
            )
        canvas.showPage()


def test_bookmarks_are_kept_and_tell_headings_and_their_level() -> None:
    parsed = read(outlined)
    assert json.loads(parsed.metadata["outline"]) == [
        {"level": 1, "title": "Introduction", "page": 1},
        {"level": 1, "title": "Method", "page": 2},
        {"level": 2, "title": "Data", "page": 3},
    ]
    assert [(b.text, b.level) for b in blocks_of(parsed, "heading")] == [
        ("Introduction", 1),
        ("Method", 1),
        ("Data", 2),
    ]


def test_a_circle_of_bookmarks_ends() -> None:
    def close(pdf: pikepdf.Pdf) -> None:
        first = pdf.Root.Outlines.First
        first.Next = first

    assert "outline" in document(changed(draw(outlined), close)).parsed.metadata


def picture(width: int = 40, height: int = 30) -> ImageReader:
    return ImageReader(Image.new("RGB", (width, height), (200, 30, 30)))


def test_pictures_have_a_block_with_their_box_and_ornaments_none() -> None:
    def paint(canvas: Canvas) -> None:
        canvas.drawString(50, 800, "above the picture")
        canvas.drawImage(picture(), 100, 500, 200, 150)
        canvas.drawString(50, 400, "below the picture")
        canvas.drawImage(picture(), 20, 20, 8, 8)
        canvas.saveState()
        canvas.translate(400, 300)
        canvas.rotate(90)
        canvas.drawImage(picture(), 0, 0, 60, 40)
        canvas.restoreState()

    blocks = read(paint).pages[0].blocks
    assert [b.kind for b in blocks] == ["paragraph", "picture", "paragraph", "picture"]
    assert blocks[1].box == pytest.approx((100, HEIGHT - 650, 300, HEIGHT - 500), abs=0.5)
    assert blocks[3].box == pytest.approx((360, HEIGHT - 360, 400, HEIGHT - 300), abs=0.5)


def test_strips_of_one_picture_are_one_picture() -> None:
    def paint(canvas: Canvas) -> None:
        canvas.drawString(50, 800, "words")
        for k in range(10):
            canvas.drawImage(picture(40 + k), 100, 500 - 20 * k, 200, 20)

    assert [b.box for b in blocks_of(read(paint), "picture")] == [
        pytest.approx((100, HEIGHT - 520, 300, HEIGHT - 320), abs=0.5)
    ]
