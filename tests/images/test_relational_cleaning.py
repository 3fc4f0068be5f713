"""What a cleaned value is: every printed form of a number, a date, a truth, and what is not one."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from relational_plans import bench


def cleaned(values: list[Any], kind: str, *, source: str = "VARCHAR", **params: Any) -> tuple[list[Any], list[Any]]:
    """Cleaned values of one column, and the raw texts of the rejects."""
    with bench({"x": source}, [[v] for v in values]) as made:
        plan = made.plan("data-cleaner", columns={"x": kind}, **params)
        return made.column(plan.sql, "x"), sorted(made.column(plan.rejects, "raw"))


@pytest.mark.criterion("E5.1")
@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1.234,56", "1234.56"),
        ("1,234.56", "1234.56"),
        ("1 234,56", "1234.56"),
        ("1\u202f234\u00a0567,8", "1234567.80"),
        ("1'234.56", "1234.56"),
        ("1’234’567.–", "1234567.00"),
        ("12,34,567.50", "1234567.50"),
        ("1.234.567", "1234567.00"),
        ("€ 12,50", "12.50"),
        ("12.50 EUR", "12.50"),
        ("CHF -1'000.05", "-1000.05"),
        ("US$ 3.10", "3.10"),
        ("19,5 %", "19.50"),
        ("12,50-", "-12.50"),
        ("(12,50)", "-12.50"),
        ("−0,5", "-0.50"),
        ("+7", "7.00"),
        (",5", "0.50"),
        ("5,-", "5.00"),
        ("007", "7.00"),
        ("1,5E+03", "1500.00"),
    ],
)
def test_numbers_as_printed(text: str, number: str) -> None:
    assert cleaned([text], "DECIMAL(12,2)") == ([Decimal(number)], [])


@pytest.mark.criterion("E5.3")
@pytest.mark.parametrize(
    "text",
    [
        "1.23.4",
        "12 34",
        "1,2,3",
        "(5",
        "-5-",
        "12 kg",
        "infinity",
        "inf",
        "0x10",
        "1e",
        "--5",
        "1..2",
        "R-12",
        "12/3",
        "9" * 50,
    ],
)
def test_what_is_no_number_is_null_and_rejected(text: str) -> None:
    assert cleaned([text, "1,5"], "DECIMAL(12,2)") == ([None, Decimal("1.50")], [text])


@pytest.mark.criterion("E5.1", "E5.3")
def test_the_column_decides_the_decimal_sign_never_the_cell() -> None:
    assert cleaned(["1.234", "0,5"], "DOUBLE") == ([1234.0, 0.5], [])
    assert cleaned(["1.234", "0.5"], "DOUBLE") == ([1.234, 0.5], [])
    assert cleaned(["1.234", "2,500", "7"], "DOUBLE") == ([None, None, 7.0], ["1.234", "2,500"])
    # Two habits in one column: what can be read in one way is read, the rest is not guessed.
    assert cleaned(["1.234", "0.5", "0,5"], "DOUBLE") == ([None, 0.5, 0.5], ["1.234"])
    assert cleaned(["1.234", *["0,5"] * 40, "0.5"], "DOUBLE")[0][0] == 1234.0
    assert cleaned(["1.234"], "DOUBLE", decimal=",") == ([1234.0], [])
    assert cleaned(["1.234", "1,234.5"], "DOUBLE", decimal=".") == ([1.234, 1234.5], [])
    assert cleaned(["1,5"], "DOUBLE", decimal=".") == ([None], ["1,5"])


def test_integers_are_never_rounded_into_being() -> None:
    assert cleaned(["1.234", "12,50", "3,00", "9223372036854775807"], "BIGINT") == (
        [1234, None, 3, 9223372036854775807],
        ["12,50"],
    )
    assert cleaned([1.5, 2.0, None], "INTEGER", source="DOUBLE") == ([None, 2, None], ["1.5"])


@pytest.mark.criterion("E5.1")
@pytest.mark.parametrize(
    "text",
    ["2024-03-31", "20240331", "2024/3/31", "31.03.2024", "31. 3. 2024", "31.3.24", "3/31/2024", "31/03/2024",
     "31-3-2024", "31. März 2024", "March 31, 2024", "31 mars 2024", "Sonntag, 31. Mrz 2024", "31-Mar-24",
     "Mar 31st, 2024", "2024-03-31T10:00:00Z"],
)  # fmt: skip
def test_dates_as_printed(text: str) -> None:
    assert cleaned([text], "DATE") == ([dt.date(2024, 3, 31)], [])


@pytest.mark.parametrize(
    ("text", "month"),
    [
        ("1 août 2024", 8),
        ("1 juin 2024", 6),
        ("1er juillet 2024", 7),
        ("1. Dezember 2024", 12),
        ("1 févr. 2024", 2),
        ("May 1, 2024", 5),
    ],
)
def test_month_names(text: str, month: int) -> None:
    assert cleaned([text], "DATE") == ([dt.date(2024, month, 1)], [])


@pytest.mark.criterion("E5.3")
@pytest.mark.parametrize(
    "text", ["2024-02-30", "31.04.2024", "13/13/2024", "1.2/2024", "2024", "soon", "00.00.0000", "45000"]
)
def test_what_is_no_date_is_null_and_rejected(text: str) -> None:
    assert cleaned([text], "DATE") == ([None], [text])


@pytest.mark.criterion("E5.1", "E5.3")
def test_the_column_decides_the_order_of_dates() -> None:
    april, march = dt.date(2024, 4, 3), dt.date(2024, 3, 4)
    assert cleaned(["03/04/2024", "13/01/2024"], "DATE")[0][0] == april
    assert cleaned(["03/04/2024", "01/13/2024"], "DATE")[0][0] == march
    assert cleaned(["03/04/2024", "05/05/2024"], "DATE") == ([None, dt.date(2024, 5, 5)], ["03/04/2024"])
    assert cleaned(["03/04/2024"], "DATE", date_order="mdy") == ([march], [])
    assert cleaned(["24-04-03"], "DATE") == ([None], ["24-04-03"])
    assert cleaned(["24-04-03"], "DATE", date_order="ymd") == ([april], [])


def test_undecided_columns_say_so() -> None:
    with bench({"a": "VARCHAR", "b": "VARCHAR"}, [["1.234", "03/04/2024"]]) as made:
        plan = made.plan("data-cleaner", columns={"a": "DOUBLE", "b": "DATE"})
        rejects = {r[1]: r[2:] for r in made.rows(plan.rejects)}
        either = "can be read with either decimal sign and the column does not decide; set param decimal"
        orders = "can be read in more than one order and the column does not decide; set param date_order"
        assert rejects == {"a": ("E301", either, "1.234"), "b": ("E301", orders, "03/04/2024")}


def test_times_as_printed() -> None:
    texts = [
        "2024-03-31 14:05",
        "2024-03-31T14:05:00.000Z",
        "31.03.2024 14:05 Uhr",
        "3/31/2024 2:05 PM",
        "31 mars 2024 à 14:05",
    ]
    assert cleaned(texts, "TIMESTAMP") == ([dt.datetime(2024, 3, 31, 14, 5)] * 5, [])  # noqa: DTZ001 - as printed
    assert cleaned(["2024-03-31 25:00"], "TIMESTAMP") == ([None], ["2024-03-31 25:00"])


def test_booleans_as_printed() -> None:
    texts = ["Ja", "nein", "YES", "no", "oui", "NON", "1", "0", "wahr", "falsch", "maybe"]
    assert cleaned(texts, "BOOLEAN") == ([True, False] * 5 + [None], ["maybe"])


@pytest.mark.criterion("E5.2")
def test_rules_of_a_column_win() -> None:
    with bench({"a": "VARCHAR", "b": "VARCHAR"}, [["  x  y ", "  x  y "], ["none", "none"], [" ", " "]]) as made:
        rules = {"b": {"trim": False, "collapse_spaces": False, "null_words": ["NONE"], "case": "upper"}}
        plan = made.plan("data-cleaner", rules=rules)
        assert [r[:2] for r in made.rows(plan.sql)] == [("x y", "  X  Y "), ("none", None), (None, None)]


@pytest.mark.criterion("E5.4")
def test_every_row_and_place_is_kept() -> None:
    with bench({"a": "VARCHAR"}, [[str(i)] for i in range(3000)]) as made:
        plan = made.plan("data-cleaner", columns={"a": "BIGINT"})
        kept = made.con.execute(f"SELECT count(*), count(DISTINCT _locus_row_id) FROM ({plan.sql})").fetchone()
        assert kept == (3000, 3000)
        assert plan.columns == {"a": ("a",), "_locus_row_id": ("_locus_row_id",)}
        assert plan.edges is None
