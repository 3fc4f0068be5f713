"""Where a value stands: repeated values are decided by what is known around them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from locus_dbt.core.citations import Citation, Fact, cite, cite_all
from locus_dbt.core.grid_layout import Grid
from locus_dbt.core.passages import Content, Passages
from locus_dbt.core.spellings import Spelling, scale_power
from locus_dbt.core.text_words import stems_of

INCOME = Grid(
    [
        ["", "2025", "", "2024", ""],
        ["(in thousands)", "Amount", "Share", "Amount", "Share"],
        ["Product sales", "$ 4,120", "63%", "$ 3,980", "60%"],
        ["Services", "1,265", "19%", "1,140", "19%"],
        ["Costs:", "", "", "", ""],
        ["Product costs", "1,265", "12%", "(310)", "8%"],
        ["", "3,980", "", "4,120", ""],
    ],
    title="Income by kind",
)
PROSE = [
    "Services grew to $1.3 million in 2025, up from $1.1 million in 2024, after 1,265 new contracts.",
    "The plan of July 29, 2017 was renewed. The plan of May 1, 2019 ends in 2030. Tax rates were 19% and 21%.",
]
REPORT = Passages(Content((INCOME,), PROSE))


def at(value: str, question: str = "", *, name: str = "") -> tuple[int, ...] | None:
    """Row and column, or number, start and stop of a passage."""
    return _place(cite(REPORT, Fact(value, question=question, name=name)))


def _place(found: Citation | None) -> tuple[int, ...] | None:
    if found is None:
        return None
    unit = found.unit
    return (unit.row, unit.column) if unit.is_cell else (unit.row, found.start, found.stop)


@pytest.mark.parametrize(
    ("value", "question", "wanted"),
    [
        ("1265", "What were the services in 2025?", (3, 1)),
        ("1,265", "How much did products cost in 2025?", (5, 1)),
        ("1,265", "How many new contracts were there?", (0, 75, 80)),
        ("3,980", "Product sales of 2024", (2, 3)),
        ("3,980", "What was the total in 2025?", (6, 1)),
        ("4,120", "total of 2024", (6, 3)),
        ("19%", "share of services, fiscal year 2024", (3, 4)),
        ("19%", "Which share had services in FY25?", (3, 2)),
        ("19%", "What were the tax rates?", (1, 92, 95)),
        ("-310", "product costs 2024", (5, 3)),
        ("Services", "Which kind of sales has the amount 1,140?", (3, 0)),
    ],
)
def test_a_repeated_value_is_decided_by_its_context(value: str, question: str, wanted: tuple[int, ...]) -> None:
    assert at(value, question) == wanted


@pytest.mark.parametrize(
    ("value", "printed"),
    [
        ("2017", "2017"),
        ("2017-07-29", "July 29, 2017"),
        ("July 29", "July 29"),
        ("1.3 million", "1.3 million"),
        ("1300000", "$1.3 million"),
        ("$1.1 million", "$1.1 million"),
        ("0.63", "63%"),
        ("4120000", "$ 4,120"),
    ],
)
def test_parts_and_other_forms_are_found(value: str, printed: str) -> None:
    found = cite(REPORT, Fact(value))
    assert found is not None
    assert found.text == printed
    assert found.text == found.unit.text[found.start : found.stop]


@pytest.mark.parametrize("value", ["1,256", "7", "Software", "2018-07-29", "1.2 million", "63.5%", "", "  ", "()"])
def test_what_is_not_there_is_not_found(value: str) -> None:
    assert cite(REPORT, Fact(value)) is None


def test_values_of_one_claim_stand_together() -> None:
    found = cite_all(REPORT, [Fact("1,265"), Fact("1,140"), Fact("Services")])
    assert [_place(c) for c in found] == [(3, 1), (3, 3), (3, 0)]


def test_equal_values_take_places_of_their_own_in_reading_order() -> None:
    grid = Grid([["", "2025", "2024"], ["Rate", "2.5%", "2.5%"], ["Yield", "2.5%", "3.0%"]])
    asked = "What were the rates in 2024 and 2025?"
    found = cite_all(Passages(Content((grid,))), [Fact("2.5%", question=asked), Fact("2.5%", question=asked)])
    assert [_place(c) for c in found] == [(1, 1), (1, 2)]


def test_names_of_columns_decide() -> None:
    grid = Grid([["Article", "Net", "Gross"], ["Rope", "12.00", "12.00"]])
    found = cite_all(Passages(Content((grid,))), [Fact("12.00", name="gross_price"), Fact("12.00", name="net_price")])
    assert [_place(c) for c in found] == [(1, 2), (1, 1)]


@pytest.mark.parametrize(
    ("value", "printed", "found"),
    [
        ("DE21800500001234567890", "IBAN: DE21 8005 0000 1234 5678 90, BIC", "DE21 8005 0000 1234 5678 90"),
        ("DE21 8005 0000 1234 5678 90", "to DE21800500001234567890", "DE21800500001234567890"),
        ("+49 30 1234567", "Tel. +49 (30) 123 45 67", "49 (30) 123 45 67"),
        ("H87", "3 Stk", "Stk"),
        ("EUR", "119,00 €", "€"),
        ("true", "Yes", "Yes"),
        ("12345678", "1234567 8.5", None),
    ],
)
def test_ids_in_groups_and_codes(value: str, printed: str, found: str | None) -> None:
    place = cite(Passages(Content((Grid([["kind", "what"], ["thing", printed]]),))), Fact(value))
    assert (place and place.text) == found


def test_offsets_count_code_points_of_the_original() -> None:
    text = "🚢 Größe: café — 1 234,50 € (cafe\u0301)"
    for value in ("1234.50", "café", "Größe"):
        found = cite(Passages(Content((), [text])), Fact(value))
        assert found is not None, value
        assert text[found.start : found.stop] == found.text
    assert _place(cite(Passages(Content((), [text])), Fact("cafe\u0301"))) is not None


@given(
    st.lists(st.lists(st.text(max_size=8), min_size=1, max_size=4), max_size=4),
    st.text(max_size=12),
    st.text(max_size=20),
)
def test_no_text_is_too_strange(rows: list[list[str]], value: str, question: str) -> None:
    passages = Passages(Content((Grid(rows),), [question]))
    found = cite(passages, Fact(value, question=question))
    if found is not None:
        assert found.text == found.unit.text[found.start : found.stop]
        assert 0 <= found.quality <= 1.1


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=2, allow_nan=False), st.integers(0, 3))
def test_a_number_is_found_in_its_printed_form(number: Decimal, decoys: int) -> None:
    printed = f"({abs(number):,.2f})" if number < 0 else f"{number:,.2f}"
    rows = [["Name", "Amount"], *([f"row {i}", f"{number + i + 1:,.2f}"] for i in range(decoys)), ["last", printed]]
    found = cite(Passages(Content((Grid(rows),))), Fact(str(number)))
    assert found is not None
    assert (found.unit.row, found.unit.column) == (decoys + 1, 1)


@pytest.mark.parametrize(
    ("text", "power", "bare"),
    [("1.5 million", 6, True), ("1,5 Mio.", 6, True), ("$3bn", 9, True), ("12 k", 3, True), ("17-B", 0, False),
     ("5 miles", 0, False), ("12 %", 0, True), ("7 per cent", 0, True)],
)  # fmt: skip
def test_scale_words_of_values(text: str, power: int, bare: bool) -> None:  # noqa: FBT001 - a pytest parameter
    found = Spelling.of(text)
    assert (found.power, found.bare) == (power, bare)


@pytest.mark.parametrize(
    ("text", "power"),
    [
        ("(in thousands)", 3),
        ("US$'000", 3),
        ("€m", 6),
        ("In Tsd. EUR", 3),
        ("Mrd. EUR", 9),
        ("Number of b", 0),
        ("2025", 0),
    ],
)
def test_scale_that_a_header_states(text: str, power: int) -> None:
    assert scale_power(text) == power


def test_word_forms_agree() -> None:
    assert stems_of("granted shares") == stems_of("grants, share")
    assert "2019" in stems_of("sales in FY19")
