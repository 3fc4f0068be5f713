"""Printed values: what they can mean, and what they do not."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from locus_dbt.core import values as v


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1.234,50", "1234.50"),
        ("1,234.50", "1234.50"),
        ("1'234.50", "1234.50"),
        ("1’234’567.05", "1234567.05"),
        ("1 234,50 €", "1234.50"),
        ("1 234,50", "1234.50"),
        ("€ 12.00", "12.00"),
        ("EUR 99,00", "99.00"),
        ("99,00 EUR", "99.00"),
        ("CHF 1'000.-", "1000"),
        ("-5,00", "-5.00"),
        ("5,00-", "-5.00"),
        ("(5,00)", "-5.00"),
        ("−5.00", "-5.00"),
        ("-€5.00", "-5.00"),
        ("19 %", "19"),
        ("0,79", "0.79"),
        ("1.234.567", "1234567"),
        (",5", "0.5"),
        ("-0,00", "0.00"),
        ("abc", None),
        ("12 Stk", None),
        ("05.03.2018", None),
        ("", None),
        ("R18-31", None),
    ],
)
def test_a_printed_number_is_read(text: str, value: str | None) -> None:
    got = v.read_decimal(text)
    assert got == (None if value is None else Decimal(value))


def test_the_style_of_the_document_decides_a_doubtful_number() -> None:
    assert v.read_decimal("1.234", style="comma") == Decimal(1234)
    assert v.read_decimal("1.234", style="point") == Decimal("1.234")
    assert set(v.decimal_readings("1.234")) == {Decimal(1234), Decimal("1.234")}
    assert v.decimal_readings("1.234,5") == (Decimal("1234.5"),)


def test_the_style_is_seen_in_numbers_without_doubt() -> None:
    assert v.number_style(["1.234", "9,90", "x 10,00 y"]) == "comma"
    assert v.number_style(["1,234", "9.90"]) == "point"
    assert v.number_style(["1.234", "17"]) is None


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("05.03.2018", date(2018, 3, 5)),
        ("5.3.18", date(2018, 3, 5)),
        ("2018-03-05", date(2018, 3, 5)),
        ("vom 5. März 2018", date(2018, 3, 5)),
        ("5 mars 2018", date(2018, 3, 5)),
        ("1er août 2021", date(2021, 8, 1)),
        ("March 5, 2018", date(2018, 3, 5)),
        ("5th of March 2018", date(2018, 3, 5)),
        ("05-Mar-2018", date(2018, 3, 5)),
        ("16/11/2017", date(2017, 11, 16)),
        ("31.02.2018", None),
        ("1.234,50", None),
        ("Nr. 471102", None),
        ("192.168.10.20", None),
    ],
)
def test_a_printed_date_is_read(text: str, want: date | None) -> None:
    assert v.read_date(text) == want


def test_month_first_only_where_the_document_writes_it_so() -> None:
    assert v.read_date("11/03/2017") == date(2017, 3, 11)
    assert v.read_date("11/03/2017", order="mdy") == date(2017, 11, 3)
    assert v.read_date("05.03.2018", order="mdy") == date(2018, 3, 5)
    assert v.date_order(["11/17/2017", "11/03/2017"]) == "mdy"
    assert v.date_order(["17/11/2017"]) == "dmy"
    assert v.date_order(["11/03/2017"]) is None
    assert set(v.date_readings("11/03/2017")) == {date(2017, 3, 11), date(2017, 11, 3)}


def test_codes_of_words_and_signs() -> None:
    assert [v.currency_code(t) for t in ("€", "EUR", "Euro", "$", "CHF", "xyz")] == [
        "EUR",
        "EUR",
        "EUR",
        "USD",
        "CHF",
        None,
    ]
    assert [v.country_code(t) for t in ("Deutschland", "FRANCE", "Österreich", "GB", "Suisse", "Berlin")] == [
        "DE", "FR", "AT", "GB", "CH", None,
    ]  # fmt: skip
    assert [v.unit_code(t) for t in ("Std.", "Stk", "Unit(s)", "kg", "Liter(s)", "h", "HUR", "Blume")] == [
        "HUR", "H87", "C62", "KGM", "LTR", "HUR", "HUR", None,
    ]  # fmt: skip


def test_identifiers() -> None:
    assert v.read_vat_id("DE 123 456 789") == "DE123456789"
    assert v.read_vat_id("FR19787878784") == "FR19787878784"
    assert v.read_vat_id("CHE-123.456.789 MWST") == "CHE123456789MWST"
    assert v.read_vat_id("201/113/40209") is None
    assert v.vat_country("EL123456789") == "GR"
    assert v.read_iban("DE89 3704 0044 0532 0130 00") == "DE89370400440532013000"
    assert v.iban_checks("DE89370400440532013000")
    assert not v.iban_checks("DE89370400440532013001")
    assert v.read_iban("DE12345") is None
