"""Cross-checks of the built-in images, from the document to what the spans say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from locus_dbt.core.executor import Job, Request
from locus_dbt.core.extraction import extract_document
from locus_dbt.core.params import select_output
from locus_dbt.testing.cases import Case, load_image

IMAGES = Path(__file__).parents[2] / "locus_dbt" / "images"


def spans(image: str, case: str, *, named: bool = True) -> dict[tuple[int, str], dict[str, Any]]:
    """The spans of a fixture by row and column; without the image's name they keep the image's own confidence."""
    found = load_image(IMAGES / image)
    one = Case(found, found.folder / "fixtures" / case)
    name, output = select_output(found.manifest, one.params)
    columns = {c.name: c.type for c in output.columns}
    job = Job(
        found.module,
        columns,
        one.params,
        accepts=found.manifest.media_types,
        image=found.manifest.name if named else "",
        options=one.options,
        checks=output.checks,
        output=name,
    )
    outcome = extract_document(job, Request("case", one.input.name, str(one.input), "", one.input.read_bytes()))
    table = pa.ipc.open_stream(outcome.spans).read_all()
    return {(s["ordinal"], s["column_name"]): s for s in table.to_pylist()}


def test_totals_of_an_invoice_hold_and_a_made_up_account_fails() -> None:
    found = spans("invoice_extractor", "german_letter")
    assert "net_total + tax_total = gross_total: holds" in found[0, "gross_total"]["checks"]
    assert "lines sum to net_total: holds" in found[0, "net_total"]["checks"]
    assert found[0, "iban"]["checks"] == ["IBAN check digits: fails"]
    assert found[0, "iban"]["reason"] == "IBAN check digits: fails"
    assert found[0, "iban"]["confidence"] < found[0, "gross_total"]["confidence"]


def test_lines_of_an_invoice() -> None:
    found = spans("invoice_extractor", "french_invoice_lines")
    assert found[0, "net_amount"]["checks"] == [
        "quantity * unit_price = net_amount: holds",
        "lines sum to net_total: holds",
    ]


def test_an_e_invoice_and_its_page_are_two_witnesses() -> None:
    found = spans("invoice_extractor", "hybrid")
    assert "the e-invoice and the page say the same: holds" in found[0, "invoice_number"]["checks"]
    assert found[0, "invoice_number"]["confidence"] > 0.98


@pytest.mark.parametrize("case", ["english_pdf", "german_csv"])
def test_running_balances_of_a_statement(case: str) -> None:
    found = spans("bank_statement_extractor", case)
    texts = [c for s in found.values() for c in s["checks"] or [] if c.startswith("balance_after runs by amount")]
    assert texts
    assert all(text.endswith(": holds") for text in texts)


def test_balances_of_a_statement() -> None:
    found = spans("bank_statement_extractor", "french_pdf_statement")
    assert found[0, "closing_balance"]["checks"] == ["opening_balance + sum_in + sum_out = closing_balance: holds"]
    assert "IBAN check digits: holds" in found[0, "account"]["checks"]


def test_stated_confidence_is_not_the_image_s_own() -> None:
    own = spans("invoice_extractor", "german_letter", named=False)
    stated = spans("invoice_extractor", "german_letter")
    assert own.keys() == stated.keys()
    assert own[0, "iban"]["confidence"] != pytest.approx(stated[0, "iban"]["confidence"])
    assert all(0 < s["confidence"] < 1 for s in stated.values())
