"""Word documents: headings, lists, tables, notes, comments, tracked changes, each with its place."""

from __future__ import annotations

import io
import zipfile

import docx as python_docx
import pytest
from hypothesis import given, settings

from locus_dbt.errors import InputError
from locus_dbt.model.element import Block, Parsed
from locus_dbt.parsers import detect
from tests.make_fixtures.formats import zipped
from tests.make_fixtures.run_image import read
from tests.parsers.grids import Spanned, cells_of, spanned_grids
from tests.parsers.office_files import docx, p

W_NAMES = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
WIDE = '<w:tc><w:tcPr><w:gridSpan w:val="99999"/></w:tcPr><w:p/></w:tc>'
NUMBERING = """
<w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="decimal"/>
<w:lvlText w:val="%1."/></w:lvl><w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="lowerLetter"/>
<w:lvlText w:val="%1.%2)"/></w:lvl></w:abstractNum>
<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>
<w:num w:numId="2"><w:abstractNumId w:val="0"/><w:lvlOverride w:ilvl="0">
<w:startOverride w:val="7"/></w:lvlOverride></w:num>
"""
STYLES = """
<w:style w:type="paragraph" w:styleId="berschrift2"><w:name w:val="heading 2"/>
<w:pPr><w:outlineLvl w:val="1"/></w:pPr></w:style>
<w:style w:type="paragraph" w:styleId="Kapitel"><w:name w:val="Kapitel"/><w:basedOn w:val="berschrift2"/></w:style>
<w:style w:type="table" w:styleId="Fancy"><w:name w:val="Fancy"/>
<w:tblStylePr w:type="firstRow"><w:rPr><w:b/></w:rPr></w:tblStylePr></w:style>
"""


def parsed(body: str, **parts: str) -> Parsed:
    return read(docx(body, parts=parts), "x.docx").parsed


def blocks(found: Parsed) -> list[Block]:
    return list(found.pages[0].blocks)


def item(text: str, *, num: int, level: int) -> str:
    return p(text, f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{num}"/></w:numPr>')


@settings(max_examples=40, deadline=None)
@given(spanned_grids())
def test_any_table_with_merged_cells_comes_back(grid: list[Spanned]) -> None:
    document = python_docx.Document()
    table = document.add_table(max(c.row + c.row_span for c in grid), max(c.col + c.col_span for c in grid))
    for c in grid:
        cell = table.cell(c.row, c.col)
        if c.row_span * c.col_span > 1:
            cell = cell.merge(table.cell(c.row + c.row_span - 1, c.col + c.col_span - 1))
        cell.text = c.text
    out = io.BytesIO()
    document.save(out)
    (found,) = read(out.getvalue(), "x.docx").parsed.tables
    assert cells_of(found) == grid
    assert all(place.startswith("/body/tbl[1]/tr[") for place in found.place)


def test_headings_lists_and_places() -> None:
    body = (
        p("Scope", '<w:pStyle w:val="Kapitel"/>') + p("Direct", '<w:outlineLvl w:val="0"/>')
        + item("first", num=1, level=0) + item("inner", num=1, level=1) + item("inner two", num=1, level=1)
        + item("second", num=1, level=0) + item("anew", num=2, level=0) + p("end")
    )  # fmt: skip
    found = blocks(parsed(body, styles=STYLES, numbering=NUMBERING))
    assert [(b.kind, b.level, b.label, b.text) for b in found] == [
        ("heading", 2, "", "Scope"), ("heading", 1, "", "Direct"), ("list", 1, "1.", "first"),
        ("list", 2, "1.a)", "inner"), ("list", 2, "1.b)", "inner two"), ("list", 1, "2.", "second"),
        ("list", 1, "7.", "anew"), ("paragraph", 0, "", "end"),
    ]  # fmt: skip
    assert found[-1].place == "/body/p[8]"


def test_tracked_changes_keep_insertions_and_say_so() -> None:
    body = (
        '<w:p><w:r><w:t xml:space="preserve">Pay </w:t></w:r>'
        '<w:del w:id="1"><w:r><w:delText>100</w:delText></w:r></w:del>'
        '<w:ins w:id="2"><w:r><w:t>200</w:t></w:r></w:ins></w:p>'
        '<w:p><w:pPr><w:rPr><w:del w:id="3"/></w:rPr></w:pPr><w:r><w:t>joined </w:t></w:r></w:p>' + p("here")
        + '<w:tbl><w:tr><w:trPr><w:del w:id="4"/></w:trPr><w:tc><w:p/></w:tc></w:tr><w:tr><w:tc>'
        + p("kept") + "</w:tc></w:tr></w:tbl>"
    )  # fmt: skip
    found = parsed(body)
    assert [b.text for b in blocks(found)] == ["Pay 200", "joined here"]
    assert found.tables[0].text == ("kept",)
    assert [(r.rule, r.place, r.before, r.after) for r in found.repairs] == [
        ("tracked deletion", "/body/p[1]", "100", ""), ("tracked insertion", "/body/p[1]", "", "200"),
    ]  # fmt: skip
    assert any("insertions" in w for w in found.warnings)
    assert any("deletions" in w for w in found.warnings)
    assert any("rows deleted" in w for w in found.warnings)


def test_fields_show_results_not_instructions() -> None:
    def mark(kind: str) -> str:
        return f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>'

    body = (
        f"<w:p>{mark('begin')}<w:r><w:instrText>PAGEREF x</w:instrText></w:r>{mark('begin')}"
        "<w:r><w:t>hidden</w:t></w:r>"
        f"{mark('separate')}<w:r><w:t>inner</w:t></w:r>{mark('end')}{mark('separate')}<w:r><w:t>12</w:t></w:r></w:p>"
        f"<w:p><w:r><w:t>still the result</w:t></w:r>{mark('end')}<w:r><w:t>, text</w:t></w:r></w:p>"
    )
    assert [b.text for b in blocks(parsed(body))] == ["12", "still the result, text"]


def test_a_text_box_is_read_once_though_it_stands_in_two_branches() -> None:
    box = f"<w:txbxContent>{p('boxed')}</w:txbxContent>"
    body = (
        "<w:p><w:r><w:t>beside</w:t></w:r><w:r><mc:AlternateContent><mc:Choice Requires='wps'><w:drawing><wp:anchor>"
        f'<wp:docPr id="1" name="a" descr="a drawn box"/>{box}</wp:anchor></w:drawing></mc:Choice><mc:Fallback><w:pict>'
        f"<v:shape>{box}</v:shape></w:pict></mc:Fallback></mc:AlternateContent></w:r></w:p>"
    )
    assert [(b.kind, b.text) for b in blocks(parsed(body))] == [
        ("paragraph", "beside"), ("picture", "a drawn box"), ("paragraph", "boxed"),
    ]  # fmt: skip


def test_notes_comments_and_margins() -> None:
    body = (
        '<w:p><w:r><w:t>See</w:t><w:footnoteReference w:id="5"/><w:footnoteReference w:id="3"/></w:r></w:p>'
        "<w:sectPr><w:headerReference/></w:sectPr>"
    )
    found = parsed(
        body,
        footnotes=f'<w:footnote w:id="0" w:type="separator"><w:p/></w:footnote>'
        f'<w:footnote w:id="3">{p("third")}</w:footnote>'
        f'<w:footnote w:id="5">{p("fifth")}</w:footnote>',
        comments=f'<w:comment w:id="9" w:author="Ada">{p("why?")}</w:comment>',
        header1=p("Report"), header2=p("Report"), footer1=p("page"),
    )  # fmt: skip
    assert [(b.kind, b.label, b.text, b.place) for b in blocks(found)] == [
        ("header", "", "Report", "header1/p[1]"), ("paragraph", "", "See", "/body/p[1]"),
        ("footnote", "1", "fifth", "footnote 1"), ("footnote", "2", "third", "footnote 2"),
        ("comment", "Ada", "why?", "comment 1"), ("footer", "", "page", "footer1/p[1]"),
    ]  # fmt: skip


def test_nested_tables_header_rows_and_controls() -> None:
    inner = f"<w:tbl><w:tr><w:tc>{p('deep')}</w:tc></w:tr></w:tbl>"
    look = '<w:tblPr><w:tblStyle w:val="Fancy"/><w:tblLook w:firstRow="1"/></w:tblPr>'
    body = (
        f"<w:tbl>{look}<w:tr><w:tc>{p('Head')}</w:tc></w:tr><w:tr><w:tc>{p('outer')}{inner}</w:tc></w:tr></w:tbl>"
        f'<w:sdt><w:sdtPr><w:alias w:val="Customer"/></w:sdtPr><w:sdtContent>{p("Nordwerk")}</w:sdtContent></w:sdt>'
        f'<w:sdt><w:sdtPr><w:alias w:val="Due"/><w:showingPlcHdr/></w:sdtPr><w:sdtContent>'
        f"{p('Click here')}</w:sdtContent></w:sdt>"
    )
    found = parsed(body, styles=STYLES)
    assert [t.text for t in found.tables] == [("Head", "outer"), ("deep",)]
    assert found.tables[0].is_header.tolist() == [True, False]
    assert found.tables[1].place == ("/body/tbl[1]/tr[2]/tc[1]/tbl[1]/tr[1]/tc[1]",)
    assert [(b.kind, b.label, b.text) for b in blocks(found)] == [("key_value", "Customer", "Nordwerk")]
    assert any("placeholder" in w for w in found.warnings)


@pytest.mark.parametrize("kind", ["document.main", "template.main"])
@pytest.mark.parametrize("strict", [False, True])
def test_templates_strict_documents_and_other_part_names(kind: str, *, strict: bool) -> None:
    data = docx(p("here"), main="word/document2.xml", kind=kind, strict=strict)
    found = read(data, "x.bin")
    assert found.media_type == detect.DOCX
    assert [b.text for b in blocks(found.parsed)] == ["here"]


def test_equations_symbols_and_breaks() -> None:
    body = (
        "<w:p><w:r><w:t>a</w:t><w:tab/><w:t>b</w:t><w:br/><w:noBreakHyphen/>"
        '<w:sym w:font="Wingdings" w:char="F0FC"/></w:r>'
        "<m:oMath><m:r><m:t>x=</m:t></m:r><m:f><m:num><m:r><m:t>1</m:t></m:r></m:num></m:f></m:oMath></w:p>"
    )
    assert blocks(parsed(body))[0].text == "a\tb\n\u2011✓x=1"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("<w:tbl><w:tr><w:tc>" * 60 + "</w:tc></w:tr></w:tbl>" * 60, "E206"),
        (
            "<w:tbl><w:tr>" + '<w:tc><w:tcPr><w:gridSpan w:val="99999"/></w:tcPr><w:p/></w:tc>' * 2 + "</w:tr></w:tbl>",
            "E206",
        ),
        ("<w:p>", "E203"),
    ],
)
def test_refused(body: str, code: str) -> None:
    with pytest.raises(InputError) as refused:
        parsed(body)
    assert refused.value.code == code


def test_entities_are_not_expanded() -> None:
    entities = '<!DOCTYPE d [<!ENTITY a "lol"><!ENTITY b "&a;&a;">]>'
    data = zipped({"word/document.xml": f'{entities}<w:document xmlns:w="{W_NAMES}"><w:body>&b;</w:body></w:document>'})
    with pytest.raises(InputError) as refused:
        _ = read(data, "x.docx").parsed
    assert refused.value.code == "E203"


def test_a_document_saved_as_one_xml_file() -> None:
    packed = zipfile.ZipFile(io.BytesIO(docx(p("flat") + f"<w:tbl><w:tr><w:tc>{p('cell')}</w:tc></w:tr></w:tbl>")))
    parts = "".join(
        f'<pkg:part pkg:name="/{name}"><pkg:xmlData>{packed.read(name).decode()}</pkg:xmlData></pkg:part>'
        for name in packed.namelist()
    )
    names = 'xmlns:pkg="http://schemas.microsoft.com/office/2006/xmlPackage"'
    flat = f'<?xml version="1.0"?><?mso-application progid="Word.Document"?><pkg:package {names}>{parts}</pkg:package>'
    found = read(flat.encode(), "x.xml")
    assert found.media_type == detect.DOCX
    assert [b.text for b in blocks(found.parsed)] == ["flat"]
    assert found.parsed.tables[0].text == ("cell",)
