"""Cross-checks: what holds and fails, what does not apply, and how declarations are read."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from locus_dbt.core.builder import TableBuilder
from locus_dbt.core.check_digits import CHECKS
from locus_dbt.core.crosschecks import Checked, cross_check
from locus_dbt.core.manifest_file import read_manifest
from locus_dbt.errors import ManifestError
from locus_dbt.model.check import parse_check
from locus_dbt.model.locus import Box, Locus

AT = Locus(1, Box(0, 0, 10, 10))
INVOICE = {"net": "DECIMAL(18,2)", "tax": "DECIMAL(18,2)", "gross": "DECIMAL(18,2)", "day": "DATE", "due": "DATE"}


def table(columns: dict[str, str], *rows: dict[str, tuple[Any, str]]) -> TableBuilder:
    """Rows of ``column: (value, text as printed)``."""
    made = TableBuilder(columns)
    for row in rows:
        made.start_row()
        for name, (value, text) in row.items():
            made.put(name, value, text=text, at=AT)
    return made


def run(made: TableBuilder, *checks: str, whole: bool = True) -> Checked:
    return cross_check(made.rows_table(), made.spans_table(), checks=checks, verdicts=made.verdicts, whole=whole)


def said(checked: Checked, column: str, row: int = 0) -> list[str]:
    spans = checked.spans.to_pylist()
    return next(s["checks"] or [] for s in spans if s["column_name"] == column and s["ordinal"] == row)


def money(text: str) -> tuple[Decimal, str]:
    return Decimal(text), text


def test_a_sum_that_holds_is_said_of_all_its_cells() -> None:
    checked = run(
        table(INVOICE, {"net": money("100.00"), "tax": money("19.00"), "gross": money("119.00")}), "net + tax = gross"
    )
    for column in ("net", "tax", "gross"):
        assert said(checked, column) == ["net + tax = gross: holds"]
    assert checked.held.tolist() == [1, 1, 1]
    assert checked.spans["reason"].null_count == 3


def test_a_sum_that_fails_is_a_reason_with_its_numbers() -> None:
    checked = run(
        table(INVOICE, {"net": money("100.00"), "tax": money("19.00"), "gross": money("191.00")}), "net + tax = gross"
    )
    assert checked.failed.tolist() == [1, 1, 1]
    assert checked.spans["reason"].to_pylist() == ["net + tax = gross: fails (119 is not 191)"] * 3


def test_a_null_operand_means_that_the_check_does_not_apply() -> None:
    checked = run(table(INVOICE, {"net": money("100.00"), "gross": money("191.00")}), "net + tax = gross")
    assert checked.spans["checks"].null_count == 2
    assert not checked.failed.any()


def test_what_was_computed_from_the_others_proves_nothing() -> None:
    made = table(INVOICE, {"net": money("100.00"), "gross": money("119.00")})
    made.put(
        "tax", Decimal("19.00"), text=None, at=AT, grounding="inferred", reason="the rest", inputs=["net", "gross"]
    )
    assert not run(made, "net + tax = gross").held.any()


@pytest.mark.parametrize(
    ("quantity", "price", "amount", "holds"),
    [
        ("3", "9.99", "29.97", True),
        ("3", "9.99", "29.98", True),  # the price may be 9.993: three times what rounding took
        ("3", "9.99", "30.97", False),
        ("1000", "0.0123", "12.30", True),
        ("1000", "0.0123", "12.34", True),
        ("7", "10", "71", False),
        ("7", "10", "70", True),
        ("-2", "5.00", "-10.00", True),
        ("-2", "5.00", "10.00", False),
    ],
)
def test_products_hold_within_what_the_printed_decimals_leave_open(
    quantity: str, price: str, amount: str, *, holds: bool
) -> None:
    columns = {"quantity": "DECIMAL(18,4)", "price": "DECIMAL(18,4)", "amount": "DECIMAL(18,2)"}
    made = table(columns, {"quantity": money(quantity), "price": money(price), "amount": money(amount)})
    checked = run(made, "quantity * price = amount")
    assert (checked.held.all(), checked.failed.all()) == (holds, not holds)


def test_a_group_of_thousands_is_no_fraction() -> None:
    columns = {"a": "DECIMAL(18,2)", "b": "DECIMAL(18,2)", "c": "DECIMAL(18,2)"}
    made = table(
        columns, {"a": (Decimal(1000), "1.000"), "b": (Decimal("0.50"), "0,50"), "c": (Decimal(1001), "1.001")}
    )
    assert run(made, "a + b = c").held.all()  # 1,001 is printed without decimals: 1,000.5 may have been rounded


def test_lines_sum_to_a_total_of_each_group_and_rates_are_percent() -> None:
    columns = {
        "inv": "VARCHAR",
        "base": "DECIMAL(18,2)",
        "rate": "DECIMAL(5,2)",
        "tax": "DECIMAL(18,2)",
        "total": "DECIMAL(18,2)",
    }
    rows = [
        {
            "inv": ("a", "a"),
            "base": money("100.00"),
            "rate": money("19"),
            "tax": money("19.00"),
            "total": money("150.00"),
        },
        {"inv": ("a", "a"), "base": money("50.00"), "rate": money("7"), "tax": money("3.50"), "total": money("150.00")},
        {"inv": ("b", "b"), "base": money("10.00"), "rate": money("7"), "tax": money("7.00"), "total": money("11.00")},
    ]
    made = table(columns, *rows)
    checked = run(made, "sum(base) = total per inv", "base * rate / 100 = tax")
    assert said(checked, "base", 0) == ["sum(base) = total per inv: holds", "base * rate / 100 = tax: holds"]
    assert said(checked, "total", 2) == ["sum(base) = total per inv: fails (10 is not 11)"]
    assert said(checked, "tax", 2) == ["base * rate / 100 = tax: fails (0.7 is not 7)"]
    parts = run(made, "sum(base) = total per inv", whole=False)
    assert parts.spans["checks"].null_count == parts.spans.num_rows, "of a part of a document no sum is known"


@pytest.mark.parametrize("newest_first", [False, True])
def test_running_balances_are_followed_in_their_order(*, newest_first: bool) -> None:
    columns = {"amount": "DECIMAL(18,2)", "balance": "DECIMAL(18,2)"}
    rows: list[dict[str, Any]] = [
        {"amount": money("10.00"), "balance": money("110.00")},
        {"amount": money("-5.00")},
        {"amount": money("20.00"), "balance": money("125.00")},
        {"amount": money("1.00"), "balance": money("127.00")},
    ]
    checked = run(table(columns, *(rows[::-1] if newest_first else rows)), "balance runs by amount")
    right, wrong = (1, 0) if newest_first else (2, 3)
    assert said(checked, "balance", right) == ["balance runs by amount: holds"]
    assert said(checked, "balance", wrong) == ["balance runs by amount: fails (126 is not 127)"]


def test_dates_stand_in_order() -> None:
    made = table(INVOICE, {"day": (date(2024, 3, 1), "1.3."), "due": (date(2024, 2, 1), "1.2.")})
    assert run(made, "day <= due").failed.all()
    assert run(made, "due <= day").held.all()


@pytest.mark.parametrize(
    ("kind", "right", "wrong"),
    [
        ("iban", "DE89 3704 0044 0532 0130 00", "DE89 3704 0044 0532 0130 01"),
        ("iban", "GB82WEST12345698765432", "GB82WEST1234569876543"),
        ("isin", "US0378331005", "US0378331006"),
        ("ean", "4006381333931", "4006381333913"),
        ("luhn", "4532 0151 1283 0366", "4532 0151 1283 0363"),
        ("lei", "5493001KJTIIGC8Y1R12", "5493001KJTIIGC8Y1R21"),
        ("vat", "DE136695976", "DE136695967"),
        ("vat", "ATU13585627", "ATU13585628"),
        ("vat", "FR 40 303265045", "FR 04 303265045"),
        ("vat", "NL004495445B01", "NL004495454B01"),
        ("vat", "IT00743110157", "IT00743110175"),
        ("vat", "ESJ99216582", "ESJ99216528"),
        ("vat", "PL8567346215", "PL8567346251"),
        ("vat", "BE0428759497", "BE0428759479"),
        ("vat", "IE6433435OA", "IE6433453OA"),
    ],
)
def test_check_digits(kind: str, right: str, wrong: str) -> None:
    assert CHECKS[kind](right) is True
    assert CHECKS[kind](wrong) is False


@given(st.text(max_size=40))
def test_no_text_breaks_a_check_of_digits(text: str) -> None:
    for check in CHECKS.values():
        assert check(text) in (True, False, None)


def test_other_texts_are_no_identifiers() -> None:
    for kind in ("iban", "vat", "isin", "lei", "ean"):
        assert CHECKS[kind]("account 17") is None
    assert CHECKS["vat"]("US123456789") is None, "no published check"
    assert CHECKS["bic"]("DEUTDEFF") is None, "a form proves nothing"
    assert CHECKS["bic"]("DEUTDEF") is False


def test_a_declared_identifier_fails_and_a_recognised_one_only_holds() -> None:
    columns = {"iban": "VARCHAR", "note": "VARCHAR"}
    good, bad = "DE89370400440532013000", "DE89370400440532013009"
    made = table(columns, {"iban": (bad, bad), "note": (bad, bad)}, {"iban": (good, good), "note": (good, good)})
    checked = run(made, "iban is iban")
    assert said(checked, "iban", 0) == ["IBAN check digits: fails"]
    assert said(checked, "note", 0) == []
    assert said(checked, "iban", 1) == said(checked, "note", 1) == ["IBAN check digits: holds"]


def test_an_image_says_checks_of_its_own() -> None:
    made = table(INVOICE, {"net": money("10.00")}, {"net": money("20.00")})
    made.check("lines sum to net", holds=False, columns=("net",), row=0)
    made.check("lines sum to net", holds=True, columns=("net",))
    checked = run(made)
    assert [said(checked, "net", row) for row in (0, 1)] == [["lines sum to net: fails"], ["lines sum to net: holds"]]


def grid(*rows: tuple[str, ...]) -> TableBuilder:
    columns = {"table_no": "INTEGER", "row_no": "INTEGER", "col_no": "INTEGER", "text": "VARCHAR"}
    made = TableBuilder(columns)
    cells = [(r, c, text) for r, row in enumerate(rows) for c, text in enumerate(row)]
    texts = [t for _, _, t in cells]
    values = {
        "table_no": [0] * len(cells),
        "row_no": [r for r, _, _ in cells],
        "col_no": [c for _, c, _ in cells],
        "text": texts,
    }
    made.extend(values, located={"text": (None, None, None)})
    return made


def test_a_total_row_that_holds_is_said_and_one_that_does_not_is_not() -> None:
    rows = [("Item", "A", "B"), ("Tea", "1.200,50", "3"), ("Salt", "99,50", "4"), ("Gesamt", "1.300,00", "8")]
    checked = run(grid(*rows), "text totals by table_no, row_no, col_no")
    texts = {s["value"]: s["checks"] for s in checked.spans.to_pylist()}
    assert texts["1.300,00"] == texts["99,50"] == ["the numbers above add up to the total: holds"]
    assert texts["8"] is None
    assert not checked.failed.any()


def test_subtotals_add_up_to_the_grand_total() -> None:
    rows = [
        ("Tea", "1"),
        ("Salt", "2"),
        ("Subtotal", "3"),
        ("Oil", "5"),
        ("Rice", "6"),
        ("Subtotal", "11"),
        ("Grand total", "14"),
    ]
    checked = run(grid(*rows), "text totals by table_no, row_no, col_no")
    assert {s["value"] for s in checked.spans.to_pylist() if s["checks"]} == {"1", "2", "3", "5", "6", "11", "14"}


cents = st.integers(-(10**9), 10**9).map(lambda n: Decimal(n) / 100)


@given(cents, cents)
def test_a_right_sum_never_fails_and_a_wrong_digit_never_holds(net: Decimal, tax: Decimal) -> None:
    for off in (Decimal(0), Decimal("0.05"), Decimal(10), Decimal(-900)):
        made = table(
            INVOICE, {"net": money(f"{net:.2f}"), "tax": money(f"{tax:.2f}"), "gross": money(f"{net + tax + off:.2f}")}
        )
        assert run(made, "net + tax = gross").held.all() == (off == 0)


# ------------------------------------------------------------------ declarations
MANIFEST = """
name: notes
version: 0.1.0
summary: Notes of deliveries with sums.
kind: extract
accepts: [ir/v1]
emits:
  default: notes
  outputs:
    notes:
      grain: one row per document
      columns:
        - {{name: net_total, type: "DECIMAL(18,2)", description: Net.}}
        - {{name: gross_total, type: "DECIMAL(18,2)", description: Gross.}}
        - {{name: iban, type: VARCHAR, description: Account.}}
      checks: ["{check}"]
"""


@pytest.mark.parametrize(
    ("check", "message"),
    [
        ("net_totl + net_total = gross_total", "names no column of the output: 'net_totl'; did you mean 'net_total'?"),
        ("iban is ibam", "nothing is known of 'ibam'; did you mean 'iban'?"),
        ("net_total + = gross_total", "cannot be read from '+'"),
        ("iban + net_total = gross_total", "column 'iban' is VARCHAR, not DECIMAL or"),
        ("net_total is iban", "column 'net_total' is DECIMAL(18,2), not VARCHAR"),
        ("net_total adds up", "is none of: a + b = c"),
        ("net_total / 0 = gross_total", "divides by nothing"),
    ],
)
def test_a_wrong_declaration_is_refused_with_the_manifest(tmp_path: Path, check: str, message: str) -> None:
    path = tmp_path / "notes" / "manifest.yaml"
    path.parent.mkdir()
    path.write_text(MANIFEST.format(check=check), "utf-8")
    with pytest.raises(ManifestError) as refused:
        read_manifest(path)
    assert message in str(refused.value)
    assert "checks" not in message


def test_declarations_are_read_as_written() -> None:
    check = parse_check("a * b / 100 - 2 * c  =  d per g")
    assert (check.columns, check.by) == (("a", "b", "c", "d"), ("g",))
    assert [(t.number, t.times) for t in check.terms] == [(Decimal("0.01"), ("a", "b")), (Decimal(-2), ("c",))]
