"""PDFs that are broken or made to break a reader: an error of ours or a document, never anything else."""

from __future__ import annotations

import io
import sys
import types
from typing import Any

import pikepdf
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pikepdf import Array, Dictionary, Name, String
from reportlab.lib import colors
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Table, TableStyle

from locus_dbt.errors import InputError
from locus_dbt.model.document import ReadOptions
from locus_dbt.parsers.pdf import parse
from tests.parsers.pdf_pages import document, draw
from tests.parsers.test_pdf_notes import changed, form, outlined, picture
from tests.parsers.test_pdf_scans import Engine


def everything(canvas: Canvas) -> None:
    form(canvas)
    canvas.linkURL("https://example.org", (50, 695, 110, 712))
    canvas.drawImage(picture(), 300, 100, 100, 100)
    table = Table([["a", "b"], ["1", "2"], ["3", "4"]], style=TableStyle([("GRID", (0, 0), (-1, -1), 1, colors.black)]))
    table.wrapOn(canvas, 300, 300)
    table.drawOn(canvas, 50, 300)
    canvas.showPage()
    outlined(canvas)


WHOLE = changed(draw(everything), lambda _: None)


@given(
    edits=st.lists(st.tuples(st.integers(0, len(WHOLE) - 1), st.binary(min_size=1, max_size=6)), min_size=1, max_size=8)
)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_damaged_bytes_give_a_document_or_an_error_of_ours(edits: list[tuple[int, bytes]]) -> None:
    data = bytearray(WHOLE)
    for at, new in edits:
        data[at : at + len(new)] = new
    try:
        assert parse(document(bytes(data))).pages
    except InputError as error:
        refused = error.code
    else:
        return
    assert refused in {"E202", "E203", "E206"}


def with_tree(make: Any) -> bytes:
    def add(pdf: pikepdf.Pdf) -> None:
        root = pdf.make_indirect(Dictionary(Type=Name.StructTreeRoot))
        make(pdf, root)
        pdf.Root.StructTreeRoot, pdf.Root.MarkInfo = root, Dictionary(Marked=True)
        pdf.pages[0].StructParents = 0

    return changed(draw(lambda c: c.drawString(50, 700, "some words")), add)


def test_a_structure_tree_that_bites_its_tail() -> None:
    def make(pdf: pikepdf.Pdf, root: Any) -> None:
        page = pdf.pages[0].obj
        one = pdf.make_indirect(Dictionary(Type=Name.StructElem, S=Name.Sect, P=root, Pg=page))
        two = pdf.make_indirect(Dictionary(Type=Name.StructElem, S=Name.P, P=one, Pg=page, K=Array([0, one])))
        one.K = Array([two, one])
        root.K = one
        root.ParentTree = pdf.make_indirect(Dictionary(Nums=Array([0, Array([two])])))

    assert document(with_tree(make)).parsed.text == "some words"


def test_a_structure_tree_of_great_depth() -> None:
    def make(pdf: pikepdf.Pdf, root: Any) -> None:
        page, element = pdf.pages[0].obj, root
        chain = []
        for _ in range(3000):
            child = pdf.make_indirect(Dictionary(Type=Name.StructElem, S=Name.Div, P=element, Pg=page))
            element.K = child
            element = child
            chain.append(child)
        element.K = 0
        root.ParentTree = pdf.make_indirect(Dictionary(Nums=Array([0, Array([element])])))

    assert document(with_tree(make)).parsed.text == "some words"


def test_thousands_of_comments_and_a_very_long_one() -> None:
    def add(pdf: pikepdf.Pdf) -> None:
        rect = Array([50, 690, 150, 720])
        texts = ["x" * 3_000_000, *(f"note {k}" for k in range(3000))]
        pdf.pages[0].Annots = Array(
            [
                pdf.make_indirect(Dictionary(Type=Name.Annot, Subtype=Name.Text, Rect=rect, Contents=String(t)))
                for t in texts
            ]
        )

    parsed = document(changed(draw(lambda c: c.drawString(50, 700, "some words")), add)).parsed
    comments = [b for b in parsed.pages[0].blocks if b.kind == "comment"]
    assert len(comments) == 3000
    assert parsed.warnings == ("page 1: a field or comment of more than 1048576 characters is left out",)


def test_a_page_whose_parent_is_itself() -> None:
    def loop(pdf: pikepdf.Pdf) -> None:
        pdf.Root.Pages.Kids = Array([pdf.Root.Pages])

    with pytest.raises(InputError) as error:
        parse(document(changed(draw(lambda c: c.drawString(50, 700, "w")), loop)))
    assert error.value.code == "E203"


def test_a_huge_page_with_a_picture_costs_no_huge_bitmap(monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(14_000, 14_000))
    canvas.drawImage(picture(), 0, 0, 14_000, 14_000)
    canvas.save()
    engine = Engine(None)
    module: Any = types.ModuleType("locus_dbt.parsers.ocr.pages")
    module.read_page = engine.read_page
    monkeypatch.setitem(sys.modules, "locus_dbt.parsers.ocr", types.ModuleType("locus_dbt.parsers.ocr"))
    monkeypatch.setitem(sys.modules, "locus_dbt.parsers.ocr.pages", module)
    parse(document(out.getvalue(), ReadOptions(ocr="auto")))
    width, height = engine.seen[0][0]
    assert width * height < 40_000_000
