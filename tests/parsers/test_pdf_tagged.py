"""Tagged PDF: a structure tree tells headings, lists, headers of tables and pictures, where it can be trusted."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

import pikepdf
from pikepdf import Array, Dictionary, Name, String

from locus_dbt.model.element import Parsed
from tests.parsers.pdf_pages import document, leftover_words


@dataclass(frozen=True)
class Piece:
    """A line of text at a place with a role; lines without a role are artifacts or stand outside of the tree."""

    role: str
    text: str
    x: float
    y: float
    size: float = 10
    artifact: bool = False


def tagged(pieces: Sequence[Piece], *, alternative: str = "") -> Parsed:
    """A page whose content is marked piece by piece, each under an element of its own."""
    pdf = pikepdf.new()
    pdf.add_blank_page(page_size=(595, 842))
    page = pdf.pages[0]
    font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica, Encoding=Name.WinAnsiEncoding)
    page.Resources = Dictionary(Font=Dictionary(F1=font))
    root = pdf.make_indirect(Dictionary(Type=Name.StructTreeRoot))
    top = pdf.make_indirect(Dictionary(Type=Name.StructElem, S=Name.Document, P=root))
    content, kids = [], []
    for mark, piece in enumerate(pieces):
        begin = f"/{piece.role} <</MCID {mark}>> BDC" if piece.role else "/Artifact BMC" if piece.artifact else ""
        shown = f"BT /F1 {piece.size} Tf {piece.x} {piece.y} Td ({piece.text}) Tj ET"
        content.append(f"{begin} {shown} {'EMC' if begin else ''}")
        if piece.role:
            element = Dictionary(Type=Name.StructElem, S=Name("/" + piece.role), P=top, Pg=page.obj, K=mark)
            kids.append(pdf.make_indirect(element))
    if alternative:
        image = pdf.make_stream(bytes(3 * 4), Type=Name.XObject, Subtype=Name.Image, Width=2, Height=2)
        image.ColorSpace, image.BitsPerComponent = Name.DeviceRGB, 8
        page.Resources.XObject = Dictionary(Im=image)
        content.append(f"/Figure <</MCID {len(pieces)}>> BDC q 100 0 0 80 50 100 cm /Im Do Q EMC")
        figure = Dictionary(
            Type=Name.StructElem, S=Name.Figure, P=top, Pg=page.obj, K=len(pieces), Alt=String(alternative)
        )
        kids.append(pdf.make_indirect(figure))
    top.K = Array(kids)
    root.K = Array([top])
    root.ParentTree = pdf.make_indirect(Dictionary(Nums=Array([0, pdf.make_indirect(Array(kids))])))
    page.StructParents = 0
    page.Contents = pdf.make_stream("\n".join(content).encode("cp1252"))
    pdf.Root.StructTreeRoot, pdf.Root.MarkInfo = root, Dictionary(Marked=True)
    out = io.BytesIO()
    pdf.save(out)
    return document(out.getvalue()).parsed


BODY = [Piece("P", f"line {k} of the text that nothing sets apart", 50, 600 - 12 * k) for k in range(5)]


def test_headings_and_their_levels_come_from_the_tree() -> None:
    parsed = tagged(
        [Piece("H1", "Overview", 50, 760), Piece("H2", "Aims", 50, 730), *BODY, Piece("H3", "Costs", 50, 500)]
    )
    found = [(b.kind, b.level, b.text) for b in parsed.pages[0].blocks]
    assert [f for f in found if f[0] == "heading"] == [
        ("heading", 1, "Overview"),
        ("heading", 2, "Aims"),
        ("heading", 3, "Costs"),
    ]
    assert leftover_words(parsed) == []


def test_a_tree_that_reaches_little_of_the_text_is_not_trusted() -> None:
    rest = [Piece("", f"line {k} of the text that is not tagged", 50, 600 - 12 * k) for k in range(12)]
    parsed = tagged([Piece("H1", "Overview", 50, 760), *rest])
    assert "heading" not in {b.kind for b in parsed.pages[0].blocks}


def test_a_paragraph_tagged_as_heading_stays_a_paragraph() -> None:
    text = (
        "This is a sentence of many words that somebody tagged as a heading, although it runs on and on and never ends"
    )
    parsed = tagged([Piece("H1", text, 50, 760), *BODY])
    assert [b.kind for b in parsed.pages[0].blocks] == ["paragraph", "paragraph"]


def test_artifacts_at_the_edge_are_heads_and_feet() -> None:
    parsed = tagged(
        [
            Piece("", "Ministry of the interior", 50, 815, artifact=True),
            *BODY,
            Piece("", "Internal use", 50, 25, artifact=True),
        ]
    )
    assert [b.kind for b in parsed.pages[0].blocks] == ["header", "paragraph", "footer"]


def test_captions_and_notes_come_from_the_tree() -> None:
    parsed = tagged([Piece("Caption", "Sales of the year", 50, 700), *BODY, Piece("Note", "1 As of May", 50, 400)])
    assert [(b.kind, b.label) for b in parsed.pages[0].blocks] == [
        ("caption", ""),
        ("paragraph", ""),
        ("footnote", "1"),
    ]


def test_header_cells_of_a_table_come_from_the_tree() -> None:
    rows = [["Red", "Green", "Blue"], ["Light", "Dark", "Pale"], ["Oak", "Ash", "Elm"], ["Sun", "Moon", "Star"]]
    cells = [
        Piece("TH" if r < 2 else "TD", text, 50 + 120 * c, 700 - 16 * r)
        for r, row in enumerate(rows)
        for c, text in enumerate(row)
    ]
    parsed = tagged([*BODY, *[Piece(p.role, p.text, p.x, p.y - 250) for p in cells]])
    for table in parsed.tables:
        heads = {t for t, h in zip(table.text, table.is_header.tolist(), strict=True) if h}
        assert heads == {"Red", "Green", "Blue", "Light", "Dark", "Pale"}
    assert parsed.tables


def test_pictures_have_their_alternative_text() -> None:
    parsed = tagged(BODY, alternative="The building in spring")
    assert [b.text for b in parsed.pages[0].blocks if b.kind == "picture"] == ["The building in spring"]
