"""Damaged and hostile documents: parsed, or refused with an error of ours; never another exception."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from locus_dbt.errors import InputError
from tests.conversions.test_conversions import run
from tests.core.test_members import taped, zipped
from tests.make_fixtures.formats import NOTES_MD, ORDERS_JSON, PRICES_HTML, STOCK_CSV, orders_workbook
from tests.make_fixtures.run_image import read
from tests.parsers.grids import Spanned
from tests.parsers.office_files import deck, doc, docx, odf, odf_table, p, ppt, rtf_table, text_shape
from tests.parsers.test_bank import SGML, STATEMENT
from tests.parsers.test_mail import NESTED
from tests.parsers.test_mail_containers import BOX, MESSAGE
from tests.parsers.test_markup import ADOC, ARTICLE, ORG, RST
from tests.parsers.test_office_texts import book
from tests.parsers.test_records import XML
from tests.parsers.test_spreadsheet import SPREADSHEETML
from tests.parsers.test_texts import FIXED, mail

GRID = [Spanned(0, 0, 2, 1, "a"), Spanned(0, 1, 1, 1, "b"), Spanned(1, 1, 1, 1, "c")]
SEEDS = {
    "x.html": PRICES_HTML.encode(),
    "x.csv": STOCK_CSV.encode(),
    "x.md": NOTES_MD.encode(),
    "x.json": ORDERS_JSON.encode(),
    "x.xml": XML.encode(),
    "old.xml": SPREADSHEETML.encode(),
    "x.txt": FIXED.encode(),
    "x.eml": mail().as_bytes(),
    "nested.eml": NESTED.encode(),
    "x.msg": MESSAGE,
    "x.mbox": BOX,
    "x.sta": STATEMENT.encode(),
    "x.ofx": SGML.encode("cp1252"),
    "x.xlsx": orders_workbook(),
    "x.docx": docx(p("Head", '<w:outlineLvl w:val="0"/>') + f"<w:tbl><w:tr><w:tc>{p('a')}</w:tc></w:tr></w:tbl>"),
    "x.odt": odf("<text:p>text</text:p>" + odf_table(GRID)),
    "x.rtf": ("{\\rtf1 text\\par " + rtf_table(GRID) + "}").encode(),
    "x.doc": doc("text\ra\x07b\x07\x07end\r"),
    "x.ppt": ppt([[text_shape("text", 4, (0, 0, 800, 800))]]),
    "x.epub": book(),
    "x.pptx": deck(),
    "x.rst": RST.encode(),
    "x.org": ORG.encode(),
    "x.adoc": ADOC.encode(),
    "x.nxml": ARTICLE.encode(),
    "x.yaml": b"items:\n  - {name: bolt, quantity: 3}\n  - name: nut\n    quantity: 5\nnote: |\n  two\n  lines\n",
    "x.zip": zipped({"a.csv": STOCK_CSV.encode(), "in/b.txt": b"words"}),
    "x.tar": taped({"a.csv": STOCK_CSV.encode()}),
}


@st.composite
def damaged(draw: st.DrawFn) -> tuple[str, bytes]:
    """A good document with bytes changed, put in, doubled or cut."""
    name = draw(st.sampled_from(sorted(SEEDS)))
    data = bytearray(SEEDS[name])
    for _ in range(draw(st.integers(1, 8))):
        at = draw(st.integers(0, max(len(data) - 1, 0)))
        kind = draw(st.sampled_from(("change", "insert", "double", "cut")))
        if kind == "change" and data:
            data[at] = draw(st.integers(0, 255))
        elif kind == "insert":
            data[at:at] = draw(
                st.sampled_from((b"\0", b'"', b"<", b">", b"&", b"|", b"\n", b"{", b"[", b"\xff", b"<table>", b"--"))
            )
        elif kind == "double":
            data[at:at] = data[at : at + draw(st.integers(1, 200))]
        else:
            del data[at : at + draw(st.integers(1, 60))]
    return name, bytes(data)


@pytest.mark.criterion("E3.5")
@settings(max_examples=300, deadline=None)
@given(damaged())
def test_damage_is_read_or_refused(case: tuple[str, bytes]) -> None:
    name, data = case
    try:
        parsed = read(data, name).parsed
    except InputError:
        return
    for table in parsed.tables:
        assert len(table.place) == len(table)
        assert all(table.place)
        assert (table.row + table.row_span <= table.n_rows).all()
        assert (table.col + table.col_span <= table.n_cols).all()


@settings(max_examples=60, deadline=None)
@given(damaged(), st.sampled_from(["doc_to_tables", "any_to_csv", "any_to_json", "any_to_markdown", "any_to_parquet"]))
def test_what_is_read_can_be_converted(case: tuple[str, bytes], image: str) -> None:
    name, data = case
    try:
        rows, spans, _ = run(image, data, name)
    except InputError:
        return
    assert all(span["ordinal"] < len(rows) for span in spans)


@pytest.mark.parametrize(
    "text",
    [
        "<table><tr><td>" * 3000 + "x" + "</td></tr></table>" * 3000,
        "<div>" * 50_000 + "x",
        "<table>" + "<tr><td rowspan=65534 colspan=1000>x" * 300 + "</table>",
    ],
    ids=["nested tables", "nested divisions", "wide spans"],
)
def test_html_without_end(text: str) -> None:
    rows: list[object] = []
    with contextlib.suppress(InputError):
        rows += run("doc_to_tables", f"<html>{text}", "x.html")[0]
    assert len(rows) < 10_000


@pytest.mark.parametrize(
    "text",
    [
        "a" * 50_000 + "!" + " " * 50_000 + "1" * 50_000 + "." * 5_000,
        "|" * 50_000 + "\n" + "|-" * 20_000,
        "*" * 30_000 + "a" * 30_000,
        "[" * 30_000,
        "# " + "#" * 50_000 + "x",
        "- " * 30_000,
        '"' * 30_001 + ",\n" * 2_000,
        ("1," * 100 + "\n") * 500,
        "a b " * 20_000,
        'a,"b",c\n' * 1000 + 'a,"b\n' * 20_000,
    ],
)
@pytest.mark.parametrize("name", ["x.txt", "x.md", "x.csv"])
def test_no_text_makes_a_pattern_explode(text: str, name: str) -> None:
    """Each of these takes minutes where a pattern backtracks; the suite's time is the assertion."""
    with contextlib.suppress(InputError):  # too many columns is an answer as well
        read(text.encode(), name).parsed  # noqa: B018 - reading is the test
