"""The example's documents: made the same on every run, and saying what the truth file says they say."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import subprocess
import sys
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest

pdfium = pytest.importorskip("pypdfium2")
pytest.importorskip("reportlab")

SCRIPT = Path(__file__).parents[2] / "example_project" / "scripts" / "make_documents.py"
CARRIED = ("Übertrag", "Carried forward", "À reporter", "Report")


def make(folder: Path, *, hash_seed: str) -> Path:
    """Run the script in a process of its own."""
    command = [
        sys.executable,
        str(SCRIPT),
        "--out",
        str(folder / "documents"),
        "--truth",
        str(folder / "truth.json"),
    ]
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONDONTWRITEBYTECODE": "1"}
    subprocess.run(command, check=True, capture_output=True, env=environment)
    return folder


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("post"), hash_seed="1")


@pytest.fixture(scope="module")
def truth(made: Path) -> list[dict[str, Any]]:
    return list(json.loads((made / "truth.json").read_text(encoding="utf-8")))


@pytest.fixture(scope="module")
def readable(truth: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [t for t in truth if "fields" in t]


def files(folder: Path) -> dict[str, str]:
    documents = folder / "documents"
    found = sorted(p for p in documents.rglob("*") if p.is_file())
    return {p.relative_to(documents).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in found}


def flawed(truth: list[dict[str, Any]], flaw: str) -> dict[str, Any]:
    (one,) = [t for t in truth if t["flaw"] == flaw]
    return one


def words(path: Path) -> str:
    """The text layer without blanks, in lower case."""
    with pdfium.PdfDocument(path) as document:
        pages = [page.get_textpage().get_text_range() for page in document]
    return squeezed(" ".join(pages))


def squeezed(text: str) -> str:
    return "".join(text.split()).casefold()


def test_two_processes_make_the_same_bytes(made: Path, tmp_path: Path) -> None:
    again = make(tmp_path, hash_seed="2")
    assert files(again) == files(made)
    assert (again / "truth.json").read_bytes() == (made / "truth.json").read_bytes()


def test_there_are_sixty_documents_in_eight_layouts_three_languages_and_several_currencies(
    made: Path, readable: list[dict[str, Any]]
) -> None:
    assert len(files(made)) >= 60
    assert len({t["layout"] for t in readable}) >= 8
    titles = {t["printed"]["type_code"].casefold() for t in readable}
    assert {"invoice", "rechnung", "facture", "credit note", "avoir", "gutschrift"} <= titles
    assert {t["fields"]["currency"] for t in readable} >= {"EUR", "GBP", "USD", "CHF", "SEK"}


def test_every_invoice_but_the_encrypted_and_the_truncated_opens(made: Path, truth: list[dict[str, Any]]) -> None:
    reasons = {}
    for told in truth:
        try:
            pdfium.PdfDocument(made / "documents" / told["file"]).close()
        except pdfium.PdfiumError as error:
            reasons[told["flaw"]] = str(error)
    assert set(reasons) == {"encrypted", "truncated"}
    assert "password" in reasons["encrypted"].lower()


def test_the_encrypted_one_is_whole_and_opens_with_its_password(made: Path, truth: list[dict[str, Any]]) -> None:
    path = made / "documents" / flawed(truth, "encrypted")["file"]
    with pdfium.PdfDocument(path, password="payable") as document:
        assert len(document) == 1


def test_what_the_truth_says_is_printed_stands_in_the_text_layer(made: Path, readable: list[dict[str, Any]]) -> None:
    for told in readable:
        text = words(made / "documents" / told["file"])
        missing = [
            f"{name}: {printed}"
            for name, printed in told["printed"].items()
            if name != "currency" and squeezed(printed) not in text
        ]
        cells = {w for line in told["printed_lines"] for cell in line.values() for w in cell.split()}
        missing += [w for w in sorted(cells) if squeezed(w) not in text]
        assert not missing, told["file"]


def test_the_truth_leaves_out_what_is_not_printed(readable: list[dict[str, Any]]) -> None:
    for told in readable:
        assert {name for name, value in told["fields"].items() if value is not None} == set(told["printed"])
    plain = next(t for t in readable if t["layout"] == "minimal")
    assert "item_id" not in plain["lines"][0]


def test_amounts_add_up_in_all_but_the_wrong_one(readable: list[dict[str, Any]]) -> None:
    cent = Decimal("0.01")
    wrong = []
    for told in readable:
        f = told["fields"]
        lines = [
            {k: Decimal(v) for k, v in line.items() if k in ("quantity", "unit_price", "net_amount")}
            for line in told["lines"]
        ]
        for line in lines:
            product = (line["quantity"] * line["unit_price"]).quantize(cent, rounding=ROUND_HALF_UP)
            assert product == line["net_amount"], told["file"]
        assert sum(line["net_amount"] for line in lines) == Decimal(f["net_total"]), told["file"]
        if Decimal(f["net_total"]) + Decimal(f["tax_total"]) != Decimal(f["gross_total"]):
            wrong.append(told["flaw"])
        if f["prepaid_amount"] is not None:
            assert Decimal(f["gross_total"]) - Decimal(f["prepaid_amount"]) == Decimal(f["amount_due"])
    assert wrong == ["wrong total"]


def test_one_invoice_came_twice_in_other_bytes_and_one_in_the_same(made: Path, truth: list[dict[str, Any]]) -> None:
    hashes = files(made)
    for flaw, same_bytes in (("reprint", False), ("copy", True)):
        second = flawed(truth, flaw)
        (first,) = [t for t in truth if t.get("fields") == second["fields"] and t["file"] != second["file"]]
        assert (hashes[first["file"]] == hashes[second["file"]]) is same_bytes
        assert first["lines"] == second["lines"]
    assert len(set(hashes.values())) == len(hashes) - 1


def test_a_supplier_is_spelt_differently_once_under_the_same_vat_number(
    readable: list[dict[str, Any]],
) -> None:
    fields = next(t for t in readable if t["flaw"] == "misspelt supplier")["fields"]
    names = {t["fields"]["seller_name"] for t in readable if t["fields"]["seller_vat_id"] == fields["seller_vat_id"]}
    assert len(names) == 2


def test_long_tables_carry_their_sums_over_the_page(made: Path, readable: list[dict[str, Any]]) -> None:
    long = [t for t in readable if t["pages"] > 1]
    assert len(long) >= 5
    assert max(t["pages"] for t in long) >= 3
    for told in long:
        text = words(made / "documents" / told["file"])
        assert any(squeezed(word) in text for word in CARRIED), told["file"]


def test_the_lists_beside_the_invoices_can_be_read(made: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    documents = made / "documents"
    suppliers = list(
        csv.DictReader(io.StringIO((documents / "suppliers/suppliers.csv").read_text(encoding="utf-8")), delimiter=";")
    )
    vat_ids = [s["vat_id"] for s in suppliers if s["vat_id"]]
    assert len(vat_ids) == len(set(vat_ids)) + 1, "one supplier is entered twice"
    sheet = openpyxl.load_workbook(documents / "purchase_orders/purchase_orders_2025.xlsx").active
    orders = list(sheet.iter_rows(min_row=2, values_only=True))
    assert len(orders) > 30
    assert {o[1] for o in orders} <= {s["supplier_no"] for s in suppliers}
    page = (documents / "price_lists/agreed_prices_2025.html").read_text(encoding="utf-8")
    assert page.count("<tr>") > 60
