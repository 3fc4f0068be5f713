"""Number formats: what a cell displays, from the grammar of format codes."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from locus_dbt.parsers.number_format import BUILT_IN, number_format
from locus_dbt.parsers.number_format_dates import serial
from locus_dbt.parsers.number_format_digits import general, number_text

FIRST, LAST = dt.datetime.fromisoformat("1904-01-02"), dt.datetime.fromisoformat("2200-01-01")
NOON = 45_000.5  # 15 March 2023, 12:00


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.1 + 0.2, "0.3"),
        (12.0, "12"),
        (-2.5, "-2.5"),
        (1 / 3, "0.333333333"),
        (100 / 3, "33.33333333"),
        (1234567.891, "1234567.891"),
        (123456789.123456, "123456789.1"),
        (12345678901.0, "12345678901"),
        (123456789012.0, "1.23457E+11"),
        (1e11, "1E+11"),
        (0.00001, "0.00001"),
        (0.000012345678, "1.23457E-05"),
        (1e-10, "1E-10"),
        (-1e20, "-1E+20"),
        (0.0001234567891, "0.000123457"),
        (0.0, "0"),
    ],
)
def test_general_shows_eleven_signs(value: float, text: str) -> None:
    assert general(value) == text


@pytest.mark.parametrize(
    ("code", "value", "text"),
    [
        ("0", 2.5, "3"),
        ("0.00", 1.005, "1.01"),
        ("0.00", -1.005, "-1.01"),
        ("#", 0, ""),
        ("#.##", 0.5, ".5"),
        ("0.##", 1, "1."),
        ("000", 7, "007"),
        ("#,##0", 1234567, "1,234,567"),
        ("#,##0.00", -1234.5, "-1,234.50"),
        ("0,000", 12, "0,012"),
        ("0.0,", 12345, "12.3"),
        ('0.0,,"M"', 12345678, "12.3M"),
        ("?0.0?", 1, " 1.0 "),
        ("0%", 0.125, "13%"),
        ("0.00%", 0.12345, "12.35%"),
        ("%0", 0.5, "%50"),
        ("000-00-0000", 123456789, "123-45-6789"),
        ("(###) ###-####", 5551234567, "(555) 123-4567"),
        ('"a"0.0"b"', 12.34, "a12.3b"),
        (r"0\x", 5, "5x"),
        ("0_)", 5, "5 "),
        ("*-0", 5, "5"),
        ('0" kg"', 5, "5 kg"),
        ("@", 5.5, "5.5"),
        ('General" m"', -3.5, "-3.5 m"),
        ("0.00", 0, "0.00"),
        ("#,##0", 999.5, "1,000"),
        ("0.0", 1e15, "1000000000000000.0"),
    ],
)
def test_digits(code: str, value: float, text: str) -> None:
    assert number_format(code).show(value) == text


@pytest.mark.parametrize(
    ("code", "value", "text"),
    [
        ("0;(0)", -5, "(5)"),
        ("0;(0);zero", 0, "zero"),
        ("0;-0;;@", 0, ""),
        (";;;", 5, ""),
        ("[Red]0", 5, "5"),
        ("0.0;;", -5, ""),
        ('[<10]0"s";0"b"', 5, "5s"),
        ('[<10]0"s";0"b"', 15, "15b"),
        ("[>10]0.0", 3, "3"),
        ('[=1]"one";[=2]"two";0', 2, "two"),
        ('[=1]"one";[=2]"two";0', 7, "7"),
        ("[<0]0.0;0.00", 1, "1.00"),
        ('[>=1000]0.0,"k";0', 2500, "2.5k"),
        ('[ <= 10 ]0"s"', 10, "10s"),
        ("[Color 12]0;[Blue]-0", -3, "-3"),
        ("[$€-407] #,##0.00", 12.5, "€ 12.50"),
        ("#,##0 [$USD]", 7, "7 USD"),
        ("[$-409]0", 7, "7"),
        (BUILT_IN[44], 0, " $-   "),
        (BUILT_IN[44], -1234.5, " $(1,234.50)"),
        (BUILT_IN[37], -5, "(5)"),
        ('"a;b"0;"c;d"0', -5, "c;d5"),
    ],
)
def test_sections_conditions_and_currencies(code: str, value: float, text: str) -> None:
    assert number_format(code).show(value) == text


@pytest.mark.parametrize(
    ("code", "value", "text"),
    [
        ("0.00E+00", 12345, "1.23E+04"),
        ("0.00E+00", 0.00012, "1.20E-04"),
        ("##0.0E+0", 12345, "12.3E+3"),
        ("0E-0", 1500, "2E3"),
        ("0.0E+0", 9.99, "1.0E+1"),
        ("0.00E+00", 0, "0.00E+00"),
        ("0.0e+0", 100, "1.0e+2"),
        ("# ?/?", 0.5, " 1/2"),
        ("# ?/?", 5.25, "5 1/4"),
        ("# ??/??", 3.14159, "3 14/99"),
        ("# ??/??", 3.5, "3  1/2 "),
        ("?/?", 1.5, "3/2"),
        ("# ?/8", 1.5, "1 4/8"),
        ("# ??/100", 0.07, "  7/100"),
        ("# ?/?", 3, "3    "),
        ("# ?/?", 2.9999, "3    "),
        ("# ?/?", -1.5, "-1 1/2"),
    ],
)
def test_exponents_and_fractions(code: str, value: float, text: str) -> None:
    assert number_format(code).show(value) == text


@pytest.mark.parametrize(
    ("code", "value", "text"),
    [
        ("yyyy-mm-dd", NOON, "2023-03-15"),
        ("d/m/yy", NOON, "15/3/23"),
        ("dddd, d. mmmm yyyy", NOON, "Wednesday, 15. March 2023"),
        ("ddd mmm", NOON, "Wed Mar"),
        ("mmmmm", NOON, "M"),
        ("[$-407]dddd, d. mmmm", NOON, "Mittwoch, 15. März"),
        ("[$-40C]mmmm", NOON, "mars"),
        ("h:mm AM/PM", NOON, "12:00 PM"),
        ("h:mm a/p", 0.25, "6:00 a"),
        ("hh:mm:ss", 0.1, "02:24:00"),
        ("mm:ss.0", 0.0123456, "17:46.7"),
        ("s.000", 1.5 / 86400, "1.500"),
        ("[h]:mm:ss", 1.5, "36:00:00"),
        ("[mm]:ss", 1 / 24, "60:00"),
        ("[s]", 1 / 24, "3600"),
        ("[hh]:mm", 0.04, "00:57"),
        ("h:mm:ss", 0.999999, "0:00:00"),
        ("yyyy/mm/dd h:mm", 44926.9999999, "2023/01/01 0:00"),
        ("m/d/yyyy", 60, "2/29/1900"),
        ("m/d/yyyy", 59, "2/28/1900"),
        ("m/d/yyyy", 61, "3/1/1900"),
        ("m/d/yyyy", 1, "1/1/1900"),
        ("m/d/yyyy", 0, "1/0/1900"),
        ("m/d/yyyy", -1, "-1"),
        ("m/d/yyyy", 3e6, "3000000"),
        ('d "of" mmmm', NOON, "15 of March"),
        (r"yyyy\年m\月", NOON, "2023年3月"),
        ("[$-F800]dddd, mmmm dd, yyyy", NOON, "Wednesday, March 15, 2023"),
        ("[$-F400]h:mm:ss", 0.5, "12:00:00 PM"),
        ("[<1]h:mm;[h]:mm", 1.25, "30:00"),
        ("hh", 0.75, "18"),
        ("m", NOON, "3"),
        ("h m", 0.5, "12 0"),
        ("m:ss", 0.001, "1:26"),
    ],
)
def test_dates_and_times(code: str, value: float, text: str) -> None:
    assert number_format(code).show(value) == text


def test_days_may_count_from_1904() -> None:
    assert number_format("yyyy-mm-dd").show(0, from_1904=True) == "1904-01-01"
    assert number_format("yyyy-mm-dd").typed(43_538, from_1904=True) == "2023-03-15"


@pytest.mark.parametrize(
    ("code", "value", "typed"),
    [
        ("0.00", 1.005, "1.005"),
        ("General", 123456789012345, "123456789012345"),
        ("yyyy-mm-dd", 45000, "2023-03-15"),
        ("yyyy-mm-dd", NOON, "2023-03-15T12:00:00"),
        ("m/d/yy h:mm", 45000, "2023-03-15T00:00:00"),
        ("h:mm", 0.25, "06:00:00"),
        ("mm:ss.0", 0.0123456, "00:17:46.660"),
        ("[h]:mm", 1.25, "1.25"),
        ("h:mm", 45000.25, "2023-03-15T06:00:00"),
        ("yyyy-mm-dd", -5, "-5"),
        ("0;d/m/yy", 7, "7"),
        (";;;", 7, "7"),
        ("m/d/yy", 60, "60"),
    ],
)
def test_typed_values_are_exact_whatever_is_displayed(code: str, value: float, typed: str) -> None:
    assert number_format(code).typed(value) == typed


@pytest.mark.parametrize(
    ("code", "text", "shown"),
    [
        ("General", "x", "x"),
        ("0.00", "x", "x"),
        ("@", "x", "x"),
        ('0;0;0;"<"@">"', "x", "<x>"),
        (";;;", "x", ""),
        ('"to "@', "x", "to x"),
    ],
)
def test_sections_for_texts(code: str, text: str, shown: str) -> None:
    assert number_format(code).show_text(text) == shown


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_lose_nothing_that_fifteen_digits_hold(value: float) -> None:
    text = number_text(value)
    assert text in ("inf", "-inf") or float(text) == pytest.approx(value, rel=1e-14, abs=1e-300)


@given(st.dates(dt.date(1900, 3, 1), dt.date(9999, 12, 31)))
def test_every_date_comes_back_from_its_day_count(day: dt.date) -> None:
    days = serial(day.isoformat(), from_1904=False)
    assert days is not None
    shape = number_format("yyyy-mm-dd")
    assert shape.show(days) == shape.typed(days) == day.isoformat()


@given(st.datetimes(FIRST, LAST))
def test_every_second_comes_back(moment: dt.datetime) -> None:
    moment = moment.replace(microsecond=0)
    days = serial(moment.isoformat(), from_1904=True)
    assert days is not None
    assert number_format("yyyy-mm-ddThh:mm:ss").show(days, from_1904=True).replace("T", " ") == str(moment)


@given(
    st.text(st.sampled_from(list('0#?.,%E+-/@;[]"\\_*ymdhsAPG <>=1$€gene ral')), max_size=24),
    st.floats(allow_nan=False),
)
def test_no_code_raises_or_hides_the_typed_value(code: str, value: float) -> None:
    shape = number_format(code)
    text, typed = shape.both(value)
    assert isinstance(text, str)
    assert typed
    assert isinstance(shape.show_text("x"), str)


@given(st.floats(-1e9, 1e9), st.integers(0, 6))
def test_the_quick_way_rounds_like_exact_decimals(value: float, places: int) -> None:
    code = "#,##0" + ("." + "0" * places if places else "")
    # the second code is the same, but not one that the quick way takes
    assert number_format(code).show(value) == number_format("#" + code).show(value)
