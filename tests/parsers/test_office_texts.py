"""OpenDocument, RTF, binary Word, EPUB: text, tables and notes with places."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given, settings

from locus_dbt.errors import InputError
from locus_dbt.model.element import Parsed, Repair
from locus_dbt.parsers import detect
from locus_dbt.parsers.detect import media_type
from locus_dbt.parsers.office.doc_lists import numbering
from tests.make_fixtures.formats import zipped
from tests.make_fixtures.run_image import read
from tests.parsers.grids import Spanned, cells_of, spanned_grids
from tests.parsers.office_files import ODF_NAMES, doc, doc_95, odf, odf_table, ole, rtf_table

LISTS = """<text:list-style style:name="L1"><text:list-level-style-number text:level="1" style:num-format="1"
 style:num-suffix="."/><text:list-level-style-bullet text:level="2" text:bullet-char="–"/>
<text:list-level-style-number text:level="3" style:num-format="a" text:display-levels="3"/></text:list-style>"""


def shown(found: Parsed) -> list[tuple[str, int, str, str]]:
    return [(b.kind, b.level, b.label, b.text) for page in found.pages for b in page.blocks]


def rtf(text: str) -> Parsed:
    return read(("{\\rtf1\\ansi\\ansicpg1252 " + text + "}").encode("latin-1"), "x.rtf").parsed


@settings(max_examples=40, deadline=None)
@given(spanned_grids())
def test_any_opendocument_table_comes_back(grid: list[Spanned]) -> None:
    (found,) = read(odf(odf_table(grid)), "x.odt").parsed.tables
    assert cells_of(found) == grid
    assert all(place.startswith("/text/table[1]/table-row[") for place in found.place)


@settings(max_examples=40, deadline=None)
@given(spanned_grids())
def test_any_rtf_table_comes_back(grid: list[Spanned]) -> None:
    (found,) = rtf(rtf_table(grid)).tables
    assert cells_of(found) == grid


def test_opendocument_text() -> None:
    content = (
        '<text:tracked-changes><text:changed-region><text:deletion><text:p>gone</text:p></text:deletion>'
        "</text:changed-region></text:tracked-changes>"
        '<text:h text:outline-level="2">Head</text:h><text:p>a<text:s text:c="3"/>b<text:tab/>c<text:line-break/>d'
        '<text:note text:note-class="footnote"><text:note-citation>1</text:note-citation><text:note-body><text:p>noted'
        "</text:p></text:note-body></text:note><office:annotation><dc:creator>Ada</dc:creator><text:p>why?</text:p>"
        "</office:annotation></text:p>"
        '<text:list text:style-name="L1"><text:list-item><text:p>one</text:p><text:list><text:list-item>'
        "<text:p>in</text:p>"
        "</text:list-item></text:list></text:list-item><text:list-item><text:p>two</text:p></text:list-item></text:list>"
        '<text:p><draw:frame><draw:text-box><text:p>boxed</text:p></draw:text-box></draw:frame></text:p>'
    )  # fmt: skip
    found = read(odf(content, automatic=LISTS), "x.odt").parsed
    assert shown(found) == [
        ("heading", 2, "", "Head"), ("paragraph", 0, "", "a   b\tc\nd"), ("list", 1, "1.", "one"),
        ("list", 2, "–", "in"), ("list", 1, "2.", "two"), ("paragraph", 0, "", "boxed"),
        ("footnote", 0, "1", "noted"), ("comment", 0, "Ada", "why?"),
    ]  # fmt: skip
    assert found.warnings == ("1 tracked deletions are left out",)
    assert found.repairs == (Repair("tracked deletion", "tracked change 1", "gone"),)


def test_repeated_cells_are_bounded() -> None:
    rest = (
        '<table:table-row table:number-rows-repeated="1048576">'
        '<table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
    )
    row = (
        '<table:table-row><table:table-cell table:number-columns-repeated="3"><text:p>x</text:p></table:table-cell>'
        "</table:table-row>"
    )
    (found,) = read(odf(f"<table:table>{row}{rest}</table:table>"), "x.odt").parsed.tables
    assert (found.n_rows, found.n_cols, found.text) == (1, 3, ("x", "x", "x"))
    full = row.replace("<table:table-row>", '<table:table-row table:number-rows-repeated="1048576">')
    with pytest.raises(InputError) as refused:
        _ = read(odf(f"<table:table>{full}</table:table>"), "x.odt").parsed
    assert refused.value.code == "E206"


def test_opendocument_without_a_package_and_with_a_password() -> None:
    flat = (
        f'<office:document {ODF_NAMES} office:mimetype="application/vnd.oasis.opendocument.text"><office:body>'
        "<office:text><text:p>flat</text:p></office:text></office:body></office:document>"
    )
    document = read(flat.encode(), "x.fodt")
    assert (document.media_type, shown(document.parsed)) == (detect.ODT, [("paragraph", 0, "", "flat")])
    locked = odf("<text:p/>", manifest="<manifest><file-entry><encryption-data/></file-entry></manifest>")
    with pytest.raises(InputError) as refused:
        _ = read(locked, "x.odt").parsed
    assert refused.value.code == "E202"


def test_rtf_text_fields_and_destinations() -> None:
    found = rtf(
        r"{\fonttbl{\f0\fcharset0 Arial;}{\f1\fcharset204 Arial;}}{\stylesheet{\s3\outlinelevel1 heading 2;}}"
        r"{\info{\title Offer}}{\*\generator none;}\pard\s3 Head\par\pard "
        r"caf\'e9 {\f1\'cf} \u8364?\u-10179?\u-8704? {\v secret}{\field{\*\fldinst PAGE}{\fldrslt 7}}"
        r"{\footnote noted}\par{\listtext 1.\tab}\ilvl0 item\par{\header top}"
    )
    assert shown(found) == [
        ("heading", 2, "", "Head"), ("paragraph", 0, "", "café П €😀 7"), ("list", 1, "1.", "item"),
        ("header", 0, "", "top"), ("footnote", 0, "1", "noted"),
    ]  # fmt: skip
    assert found.metadata["title"] == "Offer"
    assert any("hidden" in w for w in found.warnings)


def test_the_last_rtf_paragraph_needs_no_end() -> None:
    assert shown(rtf(r"\pard one\par\outlinelevel0 last")) == [("paragraph", 0, "", "one"), ("heading", 1, "", "last")]


def test_rtf_tables_inside_cells() -> None:
    found = rtf(
        r"\trowd\cellx1000\cellx2000\pard\intbl outer\cell\pard\intbl\itap2 inner\nestcell{\*\nesttableprops\trowd"
        r"\cellx500\nestrow}{\nonesttables\par}\pard\intbl\itap1 after\cell\row\pard end\par"
    )
    assert [t.text for t in found.tables] == [("outer", "after"), ("inner",)]
    assert found.tables[1].place == ("table 1 row 1 cell 2 table 1 row 1 cell 1",)
    assert shown(found) == [("paragraph", 0, "", "end")]


@pytest.mark.parametrize("compressed", [False, True])
def test_binary_word_text_tables_fields_and_notes(*, compressed: bool) -> None:
    text = "Straße\rsee \x13PAGEREF x\x1412\x15\ra\x07b\x07\x07c\x07d\x07\x07end\r"
    found = read(doc(text, notes="\x02 noted\r", compressed=compressed), "x.doc").parsed
    assert shown(found) == [
        ("paragraph", 0, "", "Straße"), ("paragraph", 0, "", "see 12"), ("paragraph", 0, "", "end"),
        ("footnote", 0, "1", "noted"),
    ]  # fmt: skip
    (table,) = found.tables
    assert cells_of(table) == [
        Spanned(0, 0, 1, 1, "a"), Spanned(0, 1, 1, 1, "b"), Spanned(1, 0, 1, 1, "c"), Spanned(1, 1, 1, 1, "d"),
    ]  # fmt: skip


def test_word_95_documents_by_their_language() -> None:
    found = read(doc_95("Привет\ra\x07b\x07\x07", language=0x419, encoding="cp1251"), "x.doc").parsed
    assert shown(found) == [("paragraph", 0, "", "Привет")]
    assert found.tables[0].text == ("a", "b")


def test_lists_of_binary_word_count_on() -> None:
    def level(start: int, form: int, text: str) -> bytes:
        head = struct.pack("<iB", start, form).ljust(28, b"\0")
        return head + struct.pack("<H", len(text)) + text.encode("utf-16-le")

    heads = struct.pack("<H", 1) + struct.pack("<i", 77).ljust(28, b"\0")
    levels = level(3, 0, "\0.") + level(1, 4, "\0.\1)") + level(1, 23, "\uf0b7") * 7
    uses = struct.pack("<I", 1) + struct.pack("<i", 77).ljust(16, b"\0")
    word = bytearray(0x600)
    struct.pack_into("<IIII", word, 0x2E2, 0, len(heads), len(heads) + len(levels), len(uses))
    found = numbering(bytes(word), heads + levels + uses)
    assert [found.marker("1", at) for at in (0, 1, 1, 0, 1, 2)] == ["3.", "3.a)", "3.b)", "4.", "4.a)", "•"]
    assert found.marker("2", 0) is None


def test_encrypted_binary_word_is_refused() -> None:
    with pytest.raises(InputError) as refused:
        _ = read(doc("x\r", flags=0x0300), "x.doc").parsed
    assert refused.value.code == "E202"


def book(*, encryption: str = "") -> bytes:
    spine = '<itemref idref="two"/><itemref idref="one"/><itemref idref="lost"/>'
    files = {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": '<container><rootfile full-path="OPS/book.opf"/></container>',
        "OPS/book.opf": '<package xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>Tales</dc:title><manifest>'
        '<item id="one" href="a%20b.xhtml" media-type="application/xhtml+xml"/>'
        '<item id="two" href="two.xhtml" media-type="application/xhtml+xml"/>'
        '<item id="lost" href="lost.xhtml" media-type="application/xhtml+xml"/>'
        f'<item id="ncx" href="toc.ncx" media-type="application/x-dtbncx+xml"/></manifest>'
        f"<spine>{spine}</spine></package>",
        "OPS/a b.xhtml": "<html><head><title/></head><body><p>last</p>"
        "<table><tr><td>1</td><td>2</td></tr></table></body></html>",
        "OPS/two.xhtml": "<html><body><h1>First</h1></body></html>",
        "OPS/toc.ncx": "<ncx><navMap><navPoint><navLabel><text>First</text></navLabel></navPoint></navMap></ncx>",
    }
    return zipped(files | ({"META-INF/encryption.xml": encryption} if encryption else {}))


def test_books_in_reading_order() -> None:
    found = read(book(), "x.epub").parsed
    assert shown(found) == [("heading", 1, "", "First"), ("paragraph", 0, "", "last")]
    assert found.tables[0].place[0] == "OPS/a b.xhtml /html/body/table[1]/tr[1]/td[1]"
    assert (found.metadata["title"], found.metadata["toc"]) == ("Tales", "First")
    assert found.warnings == ("the chapter OPS/lost.xhtml is missing or damaged and is not read",)


def test_books_under_rights_management_are_refused() -> None:
    method = "http://www.w3.org/2001/04/xmlenc#aes128-cbc"
    locked = f'<encryption><EncryptedData><EncryptionMethod Algorithm="{method}"/></EncryptedData></encryption>'
    with pytest.raises(InputError) as refused:
        _ = read(book(encryption=locked), "x.epub").parsed
    assert refused.value.code == "E202"
    font = locked.replace(method, "http://www.idpf.org/2008/embedding")
    assert read(book(encryption=font), "x.epub").parsed.pages[0].blocks


def test_embedded_files_become_attachments() -> None:
    packed = b"name,price\nbolt,1\n"
    native = (
        b"\2\0list.csv\0C:\\x\\list.csv\0" + bytes(4) + struct.pack("<I", 0) + struct.pack("<I", len(packed)) + packed
    )
    package = ole({"\x01Ole10Native": struct.pack("<I", len(native)) + native})
    header = struct.pack("<II", 0x501, 2) + struct.pack("<I", 8) + b"Package\0" + bytes(8)
    digits = (header + struct.pack("<I", len(package)) + package).hex()
    found = rtf(r"{\object\objemb{\*\objdata " + digits + r"}{\result shown}}\par")
    (attachment,) = found.attachments
    assert (attachment.name, attachment.media_type, attachment.data) == ("list.csv", "text/csv", packed)
    assert shown(found) == [("paragraph", 0, "", "shown")]


def typed(kind: str) -> bytes:
    part = f'<Override PartName="/x/y.xml" ContentType="application/{kind}+xml"/>'
    return zipped({"x/y.xml": "<a/>", "[Content_Types].xml": f"<Types>{part}</Types>"})


@pytest.mark.parametrize(
    ("data", "name", "wanted"),
    [
        (typed("vnd.ms-word.document.macroEnabled.main"), "x", detect.DOCX),
        (typed("vnd.ms-word.template.macroEnabledTemplate.main"), "x", detect.DOCX),
        (typed("vnd.openxmlformats-officedocument.presentationml.slideshow.main"), "x", detect.PPTX),
        (typed("vnd.ms-powerpoint.presentation.macroEnabled.main"), "x", detect.PPTX),
        (typed("vnd.openxmlformats-officedocument.spreadsheetml.template.main"), "x", detect.XLSX),
        (zipped({"mimetype": f"{detect.ODT}-template", "content.xml": "<a/>"}), "x", detect.ODT),
        (zipped({"mimetype": "application/vnd.oasis.opendocument.graphics"}), "x", detect.ODP),
        (zipped({"META-INF/manifest.xml": f'<a t="{detect.ODS}"/>', "content.xml": "<a/>"}), "x", detect.ODS),
        (zipped({"META-INF/container.xml": "<a/>"}), "x", detect.EPUB),
        (b"\r\n {\\rtf1 x}", "x", detect.RTF),
        (ole({"WordDocument": b"x", "Workbook": b"y"}), "x", detect.XLS),
        (ole({"WordDocument": "Workbook".encode("utf-16-le")}), "x", detect.DOC),
        (b"Title\n=====\n", "x.rst", detect.RST),
        (b"* Head\n", "x.org", detect.ORG),
        (b"= Title\n", "x.adoc", detect.ASCIIDOC),
    ],
)
def test_types(data: bytes, name: str, wanted: str) -> None:
    assert media_type(data, name) == wanted
