"""What ``locus explain`` says of cells of the example project, as golden texts: ``LOCUS_ACCEPT=1`` rewrites them (and
fails that run). Row ids and versions of images are left out of them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import REPOSITORY, Locus

pytest.importorskip("reportlab")

GOLDENS = Path(__file__).parent / "explained"
MODELS = REPOSITORY / "example_project" / "models"
BUILT = {
    "stg_invoices": "select * from locus_invoice_extractor('documents/invoices/2025-0[14]/*.pdf')",
    "stg_suppliers": "select * from locus_doc_to_tables('documents/suppliers/suppliers.csv', shape := 'wide')",
    "int_invoices_cleaned": "select * from locus_data_cleaner('stg_invoices')",
    "int_invoices_deduplicated": (
        "select * from locus_deduplicator('int_invoices_cleaned', keys := ['seller_vat_id', 'invoice_number'])"
    ),
    "fct_invoices": "",  # the example's own
    "beside": (
        "select f.invoice_number, s.terms_days, f._locus_row_id from fct_invoices as f "
        "left join stg_suppliers as s on s.vat_id = f.seller_vat_id"
    ),
}
INVOICE = ("--where", "invoice_number = 'RE-2025-0147'")
CASES = {
    "a_printed_amount": ("fct_invoices", *INVOICE, "-c", "gross_total"),
    "an_inferred_amount": ("fct_invoices", *INVOICE, "-c", "amount_due"),
    "an_empty_cell": ("fct_invoices", *INVOICE, "-c", "prepaid_amount"),
    "a_merged_cell": ("fct_invoices", "--where", "invoice_number = 'F00280/25'", "-c", "gross_total"),
    "a_whole_row": ("fct_invoices", *INVOICE),
    "a_cell_of_a_csv_file": ("stg_suppliers", "--where", "supplier_no = '70010'", "-c", "name"),
    "an_untraced_column": ("beside", *INVOICE, "-c", "terms_days"),
}


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    import duckdb

    import locus_dbt
    from locus_dbt.engine.build import build_model

    folder = tmp_path_factory.mktemp("example")
    script = REPOSITORY / "example_project" / "scripts" / "make_documents.py"
    subprocess.run([sys.executable, str(script), "--out", str(folder / "documents")], check=True, capture_output=True)
    with duckdb.connect(str(folder / "dev.duckdb")) as connection:
        session = locus_dbt.attach(connection, folder, workers=1)
        for name, sql in BUILT.items():
            build_model(connection, session, name, sql or own_sql(name))
    return folder


def own_sql(model: str) -> str:
    text = next(MODELS.rglob(f"{model}.sql")).read_text("utf-8")
    return re.sub(r"\{\{ ref\('(\w+)'\) \}\}", r"\1", text)


def steady(text: str) -> str:
    text = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "ROW", text)
    return re.sub(r"\b([a-z]+-[a-z]+|deduplicator) \d+\.\d+\.\d+\b", r"\1 V", text)


@pytest.mark.parametrize("case", CASES)
def test_a_cell_is_explained(case: str, example: Path, locus: Locus) -> None:
    answer = locus("explain", *CASES[case], "-d", example / "dev.duckdb", "--root", example)
    assert answer.code == 0, answer.err
    assert answer.err == ""
    text, path = steady(answer.out), GOLDENS / f"{case}.txt"
    known = path.read_text("utf-8") if path.is_file() else ""
    if os.environ.get("LOCUS_ACCEPT") and text != known:
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")
    assert text == known


def test_the_page_of_a_row_shows_every_cell_and_its_page_once(example: Path, locus: Locus, tmp_path: Path) -> None:
    from lxml import html

    answer = locus(
        "explain", "fct_invoices", *INVOICE, "--html", "r.html", "-d", example / "dev.duckdb", "--root", example
    )
    assert "page        r.html: 1 row, 17 cells, " in answer.out
    assert "1 page embedded" in answer.out
    text = (tmp_path / "r.html").read_text("utf-8")
    assert len(text) < 400_000
    tree = html.document_fromstring(text)
    columns = [c.text_content().split(". ", 1)[1] for c in tree.xpath("//*[@class='column']")]
    assert len(columns) == len(set(columns)) == 17
    assert {"gross_total", "iban", "prepaid_amount"} <= set(columns)
    assert len(tree.xpath("//image")) == 1
    assert all(
        v.startswith(("#", "data:image/")) for e in tree.iter() for k, v in e.attrib.items() if k in ("src", "href")
    )


def test_a_csv_row_is_shown_with_the_lines_around_it(example: Path, locus: Locus, tmp_path: Path) -> None:
    from lxml import html

    where = ("--where", "supplier_no = '70011'")
    locus("explain", "stg_suppliers", *where, "--html", "r.html", "-d", example / "dev.duckdb", "--root", example)
    tree = html.document_fromstring((tmp_path / "r.html").read_text("utf-8"))
    (table,) = tree.xpath("//figure//table")
    assert [row.text_content()[:1] for row in table.xpath(".//tr")] == ["1", "2", "3", "4", "5"]
    assert {c.getparent().getparent()[0].text_content() for c in table.xpath(".//a")} == {"3"}


def test_a_picture_of_a_merged_cell_says_what_is_not_in_it(example: Path, locus: Locus) -> None:
    arguments = ("-c", "gross_total", "--png", "m.png", "-d", example / "dev.duckdb", "--root", example)
    answer = locus("explain", "fct_invoices", "--where", "invoice_number = 'F00280/25'", *arguments)
    assert answer.code == 0, answer.err
    assert "with 1 of 2 boxes; the others are on 1 other page" in answer.out
