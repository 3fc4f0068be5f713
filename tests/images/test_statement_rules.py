"""What the bank-statement-extractor promises: nothing is guessed, signs and directions are right, balances checked."""

# ruff: noqa: E501 - a printed line is easier to read whole

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

import locus_dbt
from locus_dbt.errors import InputError
from locus_dbt.images.bank_statement_extractor.columns import Written, amount, date_order, day, decimal_sign
from locus_dbt.images.bank_statement_extractor.roles import balance_kind, role_of
from tests.make_fixtures.bank_statement import ENTRIES, english, french, german
from tests.make_fixtures.run_image import extract, read

IMAGE = Path(locus_dbt.__file__).parent / "images" / "bank_statement_extractor"


def rows(text: str | bytes, name: str = "x.csv", **params: Any) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    data = text if isinstance(text, bytes) else text.encode()
    found, _, rejects = extract(IMAGE, read(data, name), params)
    return found, rejects


@pytest.mark.parametrize(
    ("header", "role"),
    [
        ("Buchungstag", "booking_date"), ("Wertstellung", "value_date"), ("Betrag (EUR)", "amount"), ("Paid out", "debit"),
        ("Money In", "credit"), ("Solde", "balance_after"), ("Libellé", "purpose"), ("Fecha operación", "booking_date"),
        ("Auftraggeber / Empfänger", "counterparty_name"), ("Af Bij", "sign"), ("Tegenrekening", "counterparty_account"),
        ("Concepto", "purpose"), ("Weather", None),
    ],
)  # fmt: skip
def test_columns_are_known_by_their_header(header: str, role: str | None) -> None:
    assert role_of(header) == role


def test_decimal_sign_is_decided_by_all_numbers() -> None:
    assert decimal_sign(["1.234", "5,10"]) == ","
    assert decimal_sign(["1.234", "2.500"]) is None
    assert decimal_sign(["1.234.567", "10"]) == ","
    assert decimal_sign(["1,234.50", "7"]) == "."
    assert decimal_sign(["1,50", "1.50"]) is None
    assert decimal_sign(["12", "7"]) == "."


@given(st.decimals(Decimal(-9999999), Decimal(9999999), places=2), st.sampled_from([",", "."]))
def test_written_amounts_come_back(value: Decimal, decimal: str) -> None:
    printed = f"{abs(value):,.2f}"
    if decimal == ",":
        printed = printed.replace(",", "_").replace(".", ",").replace("_", ".")
    for form in (f"-{printed}", f"{printed}-", f"{printed} S", f"({printed})", f"EUR -{printed}", f"{printed} DR"):
        assert amount(form, decimal) == -abs(value)
    for form in (printed, f"+{printed}", f"{printed} H", f"{printed} €", f"{printed}CR"):
        assert amount(form, decimal) == abs(value)


def test_grouping_that_is_none_is_no_number() -> None:
    assert amount("1.23,4", ".") is None
    assert amount("12.34", ",") is None
    assert amount("1,2,3", ".") is None
    assert amount("12345678901234567.00", ".") is None  # more digits than the column takes


def test_order_of_day_and_month_is_decided_by_all_dates() -> None:
    assert date_order(["03/04/2026", "25/04/2026"]) == "dmy"
    assert date_order(["03/04/2026", "04/25/2026"]) == "mdy"
    assert date_order(["03/04/2026", "05/06/2026"]) is None
    assert date_order(["25/04/2026", "04/25/2026"]) is None
    assert date_order(["03.04.2026"]) == "dmy"
    assert date_order(["2026-04-03"]) == "ymd"


def test_day_without_year_lies_in_the_period() -> None:
    written = Written(",", "dmy", (date(2025, 12, 15), date(2026, 1, 14)))
    assert day("29.12.", written)[0] == date(2025, 12, 29)
    assert day("05.01.", written) == (date(2026, 1, 5), "the year is that of the statement")
    assert day("15.07.", written)[0] is None
    assert day("05.01.", Written(",", "dmy"))[0] is None


def test_undecided_values_are_rejects_that_name_the_param() -> None:
    text = "Date,Description,Amount\n03/04/2026,a,1.234\n05/06/2026,b,2.500\n"
    found, rejects = rows(text)
    assert [(row["booking_date"], row["amount"]) for row in found] == [(None, None)] * 2
    assert sum("decimals :=" in one["message"] for one in rejects) == 2
    assert sum("dates :=" in one["message"] for one in rejects) == 2
    found, rejects = rows(text, dates="dmy", decimals="point")
    assert (found[0]["booking_date"], found[0]["amount"], found[1]["amount"]) == (
        date(2026, 4, 3),
        None,
        Decimal("2.50"),
    )
    assert [one["message"] for one in rejects] == ["more than two decimals"]
    found, rejects = rows(text, dates="mdy", decimals="comma")
    assert (found[0]["booking_date"], found[0]["amount"], rejects) == (date(2026, 3, 4), Decimal("1234.00"), [])


@pytest.mark.parametrize(
    "text",
    [
        "Datum;Tekst;Omschrijving;Bedrag (EUR);Af Bij\n20260105;x;huur;25,00;Af\n20260106;y;loon;100,00;Bij\n",
        "Date,Type,Description,Amount\n2026-01-05,DEBIT,rent,25.00\n2026-01-06,CREDIT,pay,100.00\n",
        'Fecha,Concepto,Debe,Haber\n05/01/2026,alquiler,"25,00",\n16/01/2026,nómina,,"100,00"\n',
        "Buchungstag;Verwendungszweck;Soll;Haben\n05.01.2026;Miete;-25,00;\n06.01.2026;Lohn;;100,00\n",
        "Konto 12;;\nvon 01.01.2026 bis 31.01.2026;;\nDatum;Text;Betrag\n05.01.2026;Miete;25,00 S\n06.01.2026;Lohn;100,00 H\n",
    ],
)  # fmt: skip
def test_signs_are_read_however_they_are_written(text: str) -> None:
    found, rejects = rows(text)
    assert [row["amount"] for row in found] == [Decimal("-25.00"), Decimal("100.00")]
    assert rejects == []


def test_file_of_two_accounts_has_two_statements() -> None:
    text = "Auftragskonto;Buchungstag;Verwendungszweck;Betrag\nA1;05.01.2026;x;1,00\nA2;05.01.2026;y;2,00\nA1;06.01.2026;z;3,00\n"
    found, _ = rows(text, grain="statements")
    assert [(row["account"], row["n_transactions"], row["sum_in"]) for row in found] == [
        ("A1", 2, Decimal("4.00")), ("A2", 1, Decimal("2.00")),
    ]  # fmt: skip


def test_account_with_its_currency_is_checked_without() -> None:
    text = ":20:X\n:25:NL91ABNA0417164300 EUR\n:60F:C260101EUR1,00\n:62F:C260101EUR1,00\n"
    (statement,), _ = rows(text, "x.sta", grain="statements")
    assert (statement["iban_valid"], statement["balanced"]) == (True, True)


def test_no_statement_is_an_error_that_says_what_is_missing() -> None:
    with pytest.raises(InputError, match="no table with a date and an amount"):
        rows("a,b\n1,2\n")


def test_balance_that_does_not_follow_is_told() -> None:
    text = (
        "Date,Description,Amount,Balance\n2026-01-05,a,1.00,11.00\n2026-01-06,b,2.00,13.00\n2026-01-07,c,2.00,16.00\n"
    )
    for lines in (text, "\n".join([text.split("\n", maxsplit=1)[0], *text.strip().split("\n")[:0:-1]])):
        found, _ = rows(lines)
        holds = {row["purpose"]: row["balance_holds"] for row in found}
        assert holds == {"a": None, "b": True, "c": False}


@pytest.mark.parametrize("per_page", [5, 9, 14, 18])
def test_pages_carry_over_and_lose_nothing(per_page: int) -> None:
    found, rejects = rows(german(per_page=per_page), "x.pdf")
    assert [row["amount"] for row in found] == [amount for _, _, amount, _ in ENTRIES]
    assert [row["purpose"] for row in found] == [" ".join(lines) for _, _, _, lines in ENTRIES]
    assert rejects == []
    (statement,), _ = rows(german(per_page=per_page), "x.pdf", grain="statements")
    assert (statement["opening_balance"], statement["closing_balance"]) == (Decimal("2000.00"), Decimal("3881.53"))
    assert statement["balanced"]


Placed = tuple[float, str]


def page(lines: list[list[Placed]]) -> bytes:
    """A page with texts at their left edges; a negative one is a right edge."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4, invariant=1)
    canvas.setFont("Helvetica", 9)
    for i, line in enumerate(lines):
        for x, text in line:
            if x < 0:
                canvas.drawRightString(-x, 780 - 12 * i, text)
            else:
                canvas.drawString(x, 780 - 12 * i, text)
    canvas.save()
    return out.getvalue()


def test_day_printed_once_and_number_on_the_last_line() -> None:
    found, rejects = rows(
        page(
            [
                [(50, "Statement 1 March to 31 March 2026")],
                [],
                [
                    (50, "Date"),
                    (110, "Payment type and details"),
                    (-400, "Paid out"),
                    (-470, "Paid in"),
                    (-540, "Balance"),
                ],
                [(110, "BALANCE BROUGHT FORWARD"), (-540, "100.00")],
                [(50, "02 Mar 26"), (110, "VIS Corner Shop")],
                [(110, "LONDON"), (-400, "10.00")],
                [(110, "CR Wages"), (-470, "1,000.00"), (-540, "1,090.00")],
                [(50, "04 Mar 26"), (110, "DD Water"), (-400, "40.00"), (-540, "1,050.00")],
                [(110, "BALANCE CARRIED FORWARD"), (-540, "1,050.00")],
            ]
        ),
        "x.pdf",
    )
    assert [(row["booking_date"].day, row["amount"], row["purpose"], row["balance_holds"]) for row in found] == [
        (2, Decimal("-10.00"), "VIS Corner Shop LONDON", None),
        (2, Decimal("1000.00"), "CR Wages", True),
        (4, Decimal("-40.00"), "DD Water", True),
    ]
    assert rejects == []


def test_value_date_below_the_booking_date() -> None:
    lines: list[list[Placed]] = [
        [(50, "Kontoauszug März 2026"), (300, "IBAN DE89 3704 0044 0532 0130 00")],
        [(50, "Buchung"), (130, "Verwendungszweck"), (-540, "Betrag (EUR)")],
        [(50, "02.03.2026"), (130, "Lastschrift Stadtwerke"), (-540, "-49,90")],
        [(50, "03.03.2026"), (130, "Strom 03/2026")],
        [(130, "Mandat: 12")],
        [(50, "05.03.2026"), (130, "Gutschrift Weber"), (-540, "1.310,00")],
        [(50, "05.03.2026"), (130, "Miete")],
        [(130, "Summe"), (-540, "1.260,10")],
        [],
        [],
        [(130, "Guthaben bis 100.000,00 EUR sind"), (-540, "100.000,00")],
    ]
    found, rejects = rows(page(lines), "x.pdf")
    assert [(row["booking_date"], row["value_date"], row["amount"], row["purpose"]) for row in found] == [
        (date(2026, 3, 2), date(2026, 3, 3), Decimal("-49.90"), "Lastschrift Stadtwerke Strom 03/2026 Mandat: 12"),
        (date(2026, 3, 5), date(2026, 3, 5), Decimal("1310.00"), "Gutschrift Weber Miete"),
    ]
    assert [one["message"] for one in rejects] == ["line: a number without a day, and no balance"]


def test_layouts_of_other_countries() -> None:
    (statement,), rejects = rows(english(), "x.pdf", grain="statements")
    assert (statement["opening_balance"], statement["closing_balance"]) == (Decimal("812.40"), Decimal("2575.05"))
    assert statement["balanced"]
    assert rejects == []
    (statement,), rejects = rows(french(), "x.pdf", grain="statements")
    assert statement["account"] == "FR1420041010050500013M02606"
    assert (statement["sum_in"], statement["sum_out"]) == (Decimal("2140.00"), Decimal("-64.00"))
    assert statement["balanced"]


@pytest.mark.parametrize(
    ("text", "kind"),
    [("Übertrag auf Seite 2", "carried"), ("Balance brought forward", "carried"), ("Solde précédent", "opening"),
     ("Neuer Kontostand am 31.03.", "closing"), ("Kontostand am 31.03.", "balance"), ("Transfer to savings", None),
     ("Reportage Verlag", None)],
)  # fmt: skip
def test_lines_of_balances(text: str, kind: str | None) -> None:
    assert balance_kind(text) == kind
