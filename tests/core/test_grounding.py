"""Faithfulness: a reformatted value scores high, another value low."""

from __future__ import annotations

import unicodedata
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from locus_dbt.core.builder import TableBuilder
from locus_dbt.core.grounding import Context, Verdict, compare, ground, ground_spans
from locus_dbt.model.document import Document
from locus_dbt.model.element import Page, Parsed, Table, Words
from locus_dbt.model.locus import Box, Locus


@pytest.mark.criterion("E7.1", "E7.2")
@pytest.mark.parametrize(
    ("value", "text", "rule"),
    [
        ("1234.50", "1,234.50", "number, decimal point"),
        ("1234.50", "1.234,50", "number, decimal comma"),
        ("1234.50", "1 234,50 €", "number, decimal comma, currency"),
        ("1234.50", "EUR 1.234,50", "number, decimal comma, currency"),
        ("1234.50", "CHF 1'234.50", "number, decimal point, currency"),
        ("-5.00", "5,00-", "number, decimal comma, trailing minus"),
        ("-5.00", "(5.00)", "number, decimal point, in parentheses"),
        ("-5", "−5", "number"),
        ("1250.00", "1.250,00 +", "number, decimal comma"),
        ("$5", "USD 5", "number, currency"),
        ("5 USD", "$5", "number, currency"),
        ("0.12", "12 %", "number, percent as a fraction"),
        ("12", "12 %", "number, percent"),
        ("1200000", "1.2 million", "number, decimal point, in millions"),
        ("5", "5 kg", "number, unit"),
        ("2018-03-05", "05.03.2018", "date, day first"),
        ("2018-03-05", "5. März 2018", "date, name of the month"),
        ("2018-03-05", "5 mars 2018", "date, name of the month"),
        ("2018-03-05", "March 5, 2018", "date, name of the month"),
        ("2018-03-25", "25/03/2018", "date, day first"),
        ("2018-03-05 12:30:00", "05/Mar/2018:12:30:00", "date, name of the month, time"),
        ("2018-03-05 10:30:00", "2018-03-05T12:30:00+02:00", "date, year first, time in UTC"),
        ("2005-06-03 22:42:50", "1117838570", "time, seconds since 1970"),
        ("DE123456789", "DE 123 456 789", "identifier, without its marks"),
        ("EUR", "€", "currency code"),
        ("EUR", "119,00 €", "currency beside the amount"),
        ("H87", "Stk.", "unit code"),
        ("20180017", "2018-0017", "identifier, without its marks"),
        ("123450", "123 450", "number, grouped digits"),
        ("true", "Ja", "a word for yes"),
        ("Müller GmbH", "MÜLLER GMBH", "letter case"),
        ("Hans Muster", "Muster, Hans", "name, other word order"),
        ("Nord Limited", "Nord Ltd.", "abbreviation or legal form written otherwise"),
        ("Strasse & Weg", "Straße und Weg", "abbreviation or legal form written otherwise"),
        ("red, green, blue", "blue; red; green", "list, other order"),
        ("Donaudampfschiff", "Donau-\ndampfschiff", "hyphen at a line end"),
        ("E-Mail", "E-\nMail", "hyphen at a line end"),
        ("Total", "Total (1)", "footnote mark left out"),
        ("Muller", "Müller", None),
        ("final", "ﬁnal", "other forms of the same letters"),
        ("123", "١٢٣", "number"),
        ("summe", "s u m m e", "spaced letters"),
    ],
)
def test_another_spelling_of_the_value_is_normalized(value: str, text: str, rule: str | None) -> None:
    found = compare(value, text)
    assert found.grounding == "normalized", found
    assert found.faithfulness >= 0.9, found
    assert rule is None or found.rule == rule


@pytest.mark.parametrize("text", ["Total", "119.00", "", "Straße 5, 12345 Ort", "Нота"])
def test_the_same_text_is_exact(text: str) -> None:
    assert compare(text, text) == Verdict("exact", 1.0, None, None)


@pytest.mark.parametrize(
    ("value", "text", "why"),
    [
        ("1234.50", "1,243.50", "the digits stand in another order"),
        ("1234.50", "-1,234.50", "the sign differs"),
        ("-1234.50", "1,234.50", "the sign differs"),
        ("1234500", "1,234.50", "off by 10^3"),
        ("1.2", "1.2 million", "a scale word is left out"),
        ("123450", "1,234.50", "off by 10^2"),
        ("EUR 5", "$5", "another currency"),
        ("5 kg", "5 m", "another unit"),
        ("7", "007", "zeros before a number"),
        ("2018-03-05", "05.03.2019", "another day"),
        ("2018-05-03", "05.03.2018", "day and month are swapped"),
        ("2018-03-05", "2018-03-06", "another day"),
        ("2018-03-05 12:30:00", "2018-03-05 12:31:00", "another time"),
        ("Bolt", "Screw", ""),
        ("5", "-5", "the sign differs"),
        ("5", "5-", "the sign differs"),
        ("5.00", "(5.00)", "the sign differs"),
        ("DE123456789", "DE123456798", ""),
        ("EUR", "USD", ""),
        ("true", "nein", "the opposite"),
        ("Nordlicht Werkzeug", "Nordlicht Werkzeugbau", "cut short"),
        ("Nord", "Nord GmbH", "the legal form is left out"),
        ("Nord GmbH", "Nord", "the print says less"),
        ("red, green", "red, green, blue", "the list lacks 'blue'"),
        ("Nоrd", "Nord", "cyrillic small letter o"),
        ("2О23-11-16", "2023-11-16", "cyrillic capital letter o"),
        ("ΑΒΕ", "ABE", "greek capital letter alpha"),
        ("lO5", "105", "look alike"),
        ("C", "C++", ""),
        ("34", "12 34", "a part of another number"),
        ("v1.2", "v12", ""),
        ("5-6", "56", ""),
        ("5", "", "the cited cell is empty"),
        ("Total", None, "no text is cited"),
    ],
)
def test_another_value_scores_low(value: str, text: str | None, why: str) -> None:
    grounding, score, reason, _ = compare(value, text)
    assert grounding == "none", (score, reason)
    assert score <= 0.4
    assert reason
    assert why in reason


@pytest.mark.criterion("E7.3")
@pytest.mark.parametrize(
    ("value", "text", "context", "least", "most"),
    [
        ("2024-03-04", "03/04/2024", Context(), 0.6, 0.8),
        ("2024-04-03", "03/04/2024", Context(), 0.6, 0.8),
        ("2024-04-03", "03/04/2024", Context(date_order="dmy"), 0.95, 1),
        ("2024-03-04", "03/04/2024", Context(date_order="dmy"), 0, 0.1),
        ("2024-03-04", "03/04/2024", Context(date_order="mdy"), 0.95, 1),
        ("1234", "1.234", Context(), 0.6, 0.8),
        ("1234", "1.234", Context(number_style="comma"), 0.95, 1),
        ("1.234", "1.234 €", Context(kind="DECIMAL(9,3)", number_style="comma"), 0, 0.5),
        ("7", "007", Context(kind="INTEGER"), 0.95, 1),
        ("7", "007", Context(kind="VARCHAR"), 0, 0.3),
        ("1500000", "1,500", Context(headers=("2023", "in thousands"), number_style="point"), 0.9, 0.95),
        ("1500000", "1.500", Context(captions=("Angaben in Tsd. €",), number_style="comma"), 0.9, 0.95),
        ("1500000", "1,500", Context(number_style="point"), 0, 0.2),
        ("0.12", "12", Context(headers=("Share in %",)), 0.9, 0.95),
        ("0.12", "12", Context(), 0, 0.2),
        ("USD 5", "5", Context(headers=("Price (USD)",)), 0.9, 0.98),
        ("USD 5", "5", Context(), 0.5, 0.7),
        ("5 kg", "5", Context(headers=("Weight in kg",)), 0.9, 0.98),
        ("105", "1O5", Context(ocr=True), 0.8, 0.9),
        ("105", "1O5", Context(), 0, 0.2),
        ("modern", "modem", Context(ocr=True), 0.8, 0.9),
        ("-5", "5", Context(ocr=True), 0, 0.1),
        ("186", "136", Context(ocr=True), 0, 0.2),
        ("0.30000000000000004", "0.3", Context(kind="DOUBLE"), 0.95, 1),
        ("true", "x", Context(kind="BOOLEAN"), 0.95, 1),
        ("['a', 'b']", "b, a", Context(kind="VARCHAR[]"), 0.9, 1),
    ],
)
def test_what_stands_around_decides(value: str, text: str, context: Context, least: float, most: float) -> None:
    found = compare(value, text, context=context)
    assert least <= found.faithfulness <= most, found
    assert found.faithfulness >= 0.9 or found.reason, "a doubt is told"


def test_the_other_reading_of_an_ambiguous_print_is_named() -> None:
    assert compare("2024-03-04", "03/04/2024").reason == "day and month can be read both ways: it could be 2024-04-03"
    assert compare("1234", "1.234").reason == "'1.234' can also be read as 1.234"


@settings(deadline=None)
@given(st.decimals(min_value=-(10**6), max_value=10**6, places=2), st.decimals(-(10**6), 10**6, places=2))
def test_numbers_are_faithful_to_themselves_only(value: Decimal, other: Decimal) -> None:
    printed = f"{other:,.2f}"
    grounding, score, *_ = compare(f"{value:f}", printed)
    if value == other:
        assert score >= 0.95
    else:
        assert grounding not in ("exact", "normalized"), (value, printed)
        assert score < 0.9


def _swiss(n: str) -> str:
    return f"CHF {n.replace(',', chr(39))}"


@settings(deadline=None)
@given(
    st.decimals(min_value=1000, max_value=10**9, places=2),
    st.booleans(),
    st.sampled_from([str, _swiss, lambda n: n.translate({44: 46, 46: 44}), lambda n: f"{n.replace(',', ' ')} €"]),
    st.sampled_from(["-{}", "({})", "{}-", "− {}"]),
)
def test_each_way_to_print_a_number_is_read(number: Decimal, negative: bool, write: object, sign: str) -> None:  # noqa: FBT001
    printed = write(f"{number:,.2f}")  # type: ignore[operator]
    printed = sign.format(printed) if negative else printed
    value = f"{-number if negative else number:f}"
    assert compare(value, printed).faithfulness >= 0.95, (value, printed)
    assert compare(f"{number if negative else -number:f}", printed).faithfulness <= 0.1, printed
    assert compare(f"{(-number if negative else number) * 1000:f}", printed).faithfulness <= 0.4, printed


@settings(deadline=None)
@given(
    st.dates(date(1970, 1, 1), date(2068, 12, 31)),
    st.sampled_from(["%d.%m.%Y", "%d %B %Y", "%b %d, %Y", "%Y%m%d", "%Y/%m/%d"]),
)
def test_dates_are_faithful_to_themselves_only(day: date, form: str) -> None:
    printed = day.strftime(form)
    assert compare(day.isoformat(), printed).faithfulness >= 0.95, printed
    if day.day <= 12 and day.day != day.month:
        swapped = date(day.year, day.day, day.month)
        assert compare(swapped.isoformat(), printed).faithfulness <= 0.1, printed


@settings(deadline=None)
@given(
    st.text(max_size=40), st.text(max_size=40), st.sampled_from([Context(), Context(ocr=True), Context(kind="BIGINT")])
)
def test_any_two_texts_have_a_verdict(value: str, text: str, context: Context) -> None:
    found = compare(value, text, context=context)
    assert 0 <= found.faithfulness <= 1
    assert (found.grounding == "exact") == (value == text)
    assert (found.grounding == "none") <= (found.faithfulness <= 0.4)
    assert found.faithfulness >= 0.9 or found.reason


@settings(deadline=None)
@given(st.text(st.characters(categories=["Ll", "Lu"], max_codepoint=0x24F), min_size=4, max_size=30))
def test_composed_letters_case_and_blanks_are_layout(text: str) -> None:
    assume(text.casefold() == text.upper().casefold() == text.lower().casefold())
    for other in (unicodedata.normalize("NFD", text), text.upper(), text.lower(), f"  {text}\n", f"\u200f{text}"):
        assert compare(text, other).faithfulness >= 0.95, (text, other)


@settings(deadline=None)
@given(st.text("abcdefghijklmnopqrstuvwxyz", min_size=6, max_size=20), st.data())
def test_a_name_cut_short_or_with_a_foreign_letter_scores_low(name: str, data: st.DataObject) -> None:
    cut = data.draw(st.integers(3, len(name) - 1))
    assert compare(name[:cut], name).faithfulness <= 0.4
    twins = {"a": "а", "c": "с", "e": "е", "o": "о", "p": "р", "x": "х", "y": "у"}
    spots = [i for i, c in enumerate(name) if c in twins]
    assume(spots)
    spot = data.draw(st.sampled_from(spots))
    assert compare(name[:spot] + twins[name[spot]] + name[spot + 1 :], name).faithfulness <= 0.1


@pytest.mark.parametrize("text", ["1" * 5000, "9e999999999", "(" * 500, "-" * 300 + "5", "1.000." * 300, "a, " * 1500])
def test_hostile_texts_are_compared_quickly(text: str) -> None:
    for value in ("5", "2020-01-01", "1e999999999", text[: len(text) // 2]):
        assert compare(value, text).faithfulness <= 0.4


def _document(*words: tuple[str, float, float], read_by: str = "text") -> Document:
    """A page with words of 40 by 10 points at the given places."""
    boxes = np.array([[x, y, x + 40, y + 10] for _, x, y in words], np.float32)
    n = len(words)
    content = Words(
        [w for w, _, _ in words], boxes, np.full(n, 10, np.float32), np.arange(n, dtype=np.int32), np.zeros(n, bool)
    )
    parsed = Parsed("application/pdf", (Page(1, 600, 800, content, read_by=read_by),))  # type: ignore[arg-type]
    document = Document("x.pdf", "application/pdf", "", b"", lambda _: parsed)
    assert document.parsed is parsed
    return document


def _grounded(value: str, text: str, box: Box, **more: str) -> tuple[str, float, str | None]:
    table = TableBuilder({"a": "VARCHAR"})
    table.start_row()
    table.put("a", value, text=text, at=Locus(1, box), **more)
    (span,) = ground(table, _document(("Total", 0, 0), ("119.00", 50, 0), ("20.00", 50, 100))).to_pylist()
    return span["grounding"], span["faithfulness"], span["reason"]


@pytest.mark.criterion("E7.10", "E8.5")
def test_the_cited_box_must_hold_the_text() -> None:
    there, elsewhere, nowhere = Box(50, 0, 90, 10), Box(50, 100, 90, 110), Box(300, 300, 320, 310)
    assert _grounded("119.00", "119.00", there) == ("exact", 1.0, None)
    for box in (elsewhere, nowhere):
        grounding, score, reason = _grounded("119.00", "119.00", box)
        assert (grounding, reason) == ("none", "the cited box does not hold the text")
        assert score == pytest.approx(0.2, abs=0.01) or score < 0.2


def test_a_text_of_several_words_needs_all_of_them_in_the_box() -> None:
    assert _grounded("Total 119.00", "Total 119.00", Box(0, 0, 90, 10))[0] == "exact"
    assert _grounded("Total 119.00", "Total 119.00", Box(0, 0, 40, 10))[0] == "none"


def test_an_inferred_value_says_so() -> None:
    found = _grounded("EUR", "Total", Box(0, 0, 40, 10), grounding="inferred", reason="the only currency")
    assert found == ("inferred", 0.5, "the only currency")


def test_a_table_without_spans_is_no_problem() -> None:
    assert ground(TableBuilder({"a": "VARCHAR"}), _document(("x", 0, 0))).num_rows == 0


def test_a_page_read_from_its_picture_may_confuse_letters_with_digits() -> None:
    for read_by, least, most in (("ocr", 0.8, 0.9), ("mixed", 0.8, 0.9), ("text", 0, 0.2)):
        table = TableBuilder({"a": "DECIMAL(9,2)"})
        table.start_row()
        table.put("a", Decimal("105.00"), text="1O5.0O", at=Locus(1, Box(0, 0, 40, 10)))
        (span,) = ground(table, _document(("1O5.0O", 0, 0), read_by=read_by)).to_pylist()
        assert least <= span["faithfulness"] <= most, read_by


def test_the_rest_of_the_document_tells_how_it_writes_numbers_and_dates() -> None:
    table = TableBuilder({"n": "BIGINT", "d": "DATE", "x": "VARCHAR"})
    table.start_row()
    table.put("n", 1234, text="1.234", at=Locus(place="a"))
    table.put("d", date(2024, 4, 3), text="03/04/2024", at=Locus(place="b"))
    alone = table.spans_table()
    assert all(span["faithfulness"] == pytest.approx(0.7) for span in ground_spans(alone, ()).to_pylist())
    table.put("x", "note", text="due 25/12/2024; 17,50 EUR", at=Locus(place="c"))
    first, second, _ = ground_spans(table.spans_table(), (), types=table.columns).to_pylist()
    assert first["faithfulness"] == second["faithfulness"] == pytest.approx(0.98)


@pytest.mark.parametrize(("header", "least", "most"), [("in Tsd. €", 0.9, 0.95), ("in €", 0, 0.2)])
def test_a_header_of_the_page_states_the_scale(header: str, least: float, most: float) -> None:
    one, box = np.ones(2, np.int32), np.full((2, 4), np.nan, np.float32)
    grid = Table(0, 2, 1, [header, "1.500,5"], np.array([0, 1], np.int32), one * 0, one, one, one == [1, 0], one, box)
    table = TableBuilder({"a": "BIGINT"})
    table.start_row()
    table.put("a", 1500500, text="1.500,5", at=Locus(1, Box(0, 0, 9, 9)))
    (span,) = ground_spans(table.spans_table(), (), tables=(grid,), types=table.columns).to_pylist()
    assert least <= span["faithfulness"] <= most


def _computed(**scores: str) -> dict[str, object]:
    table = TableBuilder({"net": "DECIMAL(9,2)", "tax": "DECIMAL(9,2)", "gross": "DECIMAL(9,2)"})
    table.start_row()
    for name, text in scores.items():
        table.put(name, Decimal("10.00"), text=text, at=Locus(place=name))
    table.put("gross", Decimal("20.00"), text=None, at=Locus(), grounding="inferred", inputs=["net", "tax"])
    return ground_spans(table.spans_table(), ()).to_pylist()[-1]


@pytest.mark.criterion("E7.4")
def test_a_computed_cell_is_as_faithful_as_its_inputs_and_a_little_less() -> None:
    good = _computed(net="10.00", tax="10,00")
    assert good["grounding"] == "inferred"
    assert good["faithfulness"] == pytest.approx(0.9 * 0.98, abs=0.001)
    assert good["reason"] == "computed from net, tax, the least faithful is tax with 0.98"
    bad = _computed(net="10.00", tax="-10,00")
    assert isinstance(bad["faithfulness"], float)
    assert bad["faithfulness"] < 0.1
    missing = _computed(net="10.00")
    assert missing["faithfulness"] == pytest.approx(0.3)
    assert missing["reason"] == "computed from net, tax; tax has no source in this row"


def test_an_images_own_rule_counts_where_no_rule_of_ours_does_better() -> None:
    table = TableBuilder({"code": "VARCHAR", "day": "DATE"})
    table.extend(
        {"code": ["380"], "day": ["2024-04-03"]},
        located={"code": (None, None, ["a"]), "day": (None, None, ["b"])},
        texts={"code": ["Rechnung"], "day": ["3 April 2024"]},
        rules={"code": "a word for UNTDID 1001", "day": "read as a date"},
    )
    code, day = ground_spans(table.spans_table(), ()).to_pylist()
    assert (code["grounding"], code["rule"], code["reason"]) == (
        "normalized",
        "a word for UNTDID 1001",
        "a word for UNTDID 1001",
    )
    assert code["faithfulness"] == pytest.approx(0.95)
    assert (day["faithfulness"], day["rule"]) == (pytest.approx(0.98), "date, name of the month")


@settings(deadline=None)
@given(st.lists(st.tuples(st.decimals(-(10**7), 10**7, places=2), st.booleans()), min_size=70, max_size=90))
def test_numbers_in_bulk_score_as_one_by_one(numbers: list[tuple[Decimal, bool]]) -> None:
    values = [f"{n:f}" for n, _ in numbers]
    texts = [f"{n:,.2f}".translate({44: 46, 46: 44}) if german else f"{-n:,.2f}" for n, german in numbers]
    table = TableBuilder({"a": "VARCHAR"})
    table.extend(
        {"a": values}, located={"a": (None, None, [f"line {i}" for i in range(len(values))])}, texts={"a": texts}
    )
    for span in ground_spans(table.spans_table(), ()).to_pylist():
        one = compare(span["value"], span["text"])
        assert span["faithfulness"] == pytest.approx(one.faithfulness), span


_FORMS = [
    "%Y-%m-%dT%H:%M:%S",
    "%d/%b/%Y:%H:%M:%S",
    "%a %b %d %H:%M:%S %Y",
    "%b %d %H:%M:%S",
    "%m-%d %H:%M:%S",
]


@settings(deadline=None)
@given(
    st.lists(st.integers(10**8, 2 * 10**9), min_size=70, max_size=80),
    st.sampled_from(_FORMS),
    st.sampled_from([timedelta(0), timedelta(seconds=1), timedelta(days=31), timedelta(hours=12)]),
)
def test_times_in_bulk_score_as_one_by_one(seconds: list[int], form: str, off: timedelta) -> None:
    moments = [datetime.fromtimestamp(s, UTC).replace(tzinfo=None) for s in seconds]
    values = [str(m) for m in moments]
    texts = [(m + off).strftime(form) for m in moments]
    table = TableBuilder({"a": "VARCHAR"})
    places = [f"line {i}" for i in range(len(values))]
    table.extend({"a": values}, located={"a": (None, None, places)}, texts={"a": texts})
    for span in ground_spans(table.spans_table(), ()).to_pylist():
        one = compare(span["value"], span["text"])
        if form != "%m-%d %H:%M:%S":  # one by one this is too little to be a date
            assert span["faithfulness"] == pytest.approx(one.faithfulness), span
        assert (span["faithfulness"] > 0.85) == (off == timedelta(0))
