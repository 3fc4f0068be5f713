"""Faithfulness: a reformatted value scores high, another value low."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from locus_dbt.core.builder import TableBuilder
from locus_dbt.core.grounding import compare, ground
from locus_dbt.model.document import Document
from locus_dbt.model.element import Page, Parsed, Words
from locus_dbt.model.locus import Box, Locus


@pytest.mark.criterion("E7.1", "E7.2")
@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("1234.50", "1,234.50"),
        ("1234.50", "1.234,50"),
        ("1234.50", "1 234,50 €"),
        ("1234.50", "EUR 1.234,50"),
        ("-5.00", "5,00-"),
        ("2018-03-05", "05.03.2018"),
        ("2018-03-05", "5. März 2018"),
        ("2018-03-05", "5 mars 2018"),
        ("2018-03-05", "March 5, 2018"),
        ("2018-03-25", "25/03/2018"),
        ("DE123456789", "DE 123 456 789"),
        ("EUR", "€"),
        ("20180017", "2018-0017"),
        ("123450", "123 450"),
        ("true", "Ja"),
        ("Müller GmbH", "MÜLLER GMBH"),
    ],
)
def test_another_spelling_of_the_value_is_normalized(value: str, text: str) -> None:
    grounding, score, *_ = compare(value, text)
    assert grounding == "normalized"
    assert score >= 0.95


@pytest.mark.parametrize("text", ["Total", "119.00", "", "Straße 5, 12345 Ort"])
def test_the_same_text_is_exact(text: str) -> None:
    assert compare(text, text) == ("exact", 1.0, None, None)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("1234.50", "1,243.50"),
        ("1234.50", "-1,234.50"),
        ("-1234.50", "1,234.50"),
        ("123450", "1,234.50"),
        ("1234.50", "12,345.00"),
        ("2018-03-05", "05.03.2019"),
        ("2018-03-05", "2018-03-06"),
        ("Bolt", "Screw"),
        ("5", "-5"),
        ("5", "5-"),
        ("5.00", "(5.00)"),
        ("DE123456789", "DE123456798"),
        ("EUR", "USD"),
        ("Total", None),
    ],
)
def test_another_value_scores_low(value: str, text: str | None) -> None:
    grounding, score, reason, _ = compare(value, text)
    assert grounding == "none"
    assert score <= 0.3
    assert reason


@given(st.decimals(min_value=-(10**6), max_value=10**6, places=2), st.decimals(-(10**6), 10**6, places=2))
def test_numbers_are_faithful_to_themselves_only(value: object, other: object) -> None:
    printed = f"{other:,.2f}"
    grounding, score, *_ = compare(f"{value:f}", printed)
    if value == other:
        assert score >= 0.95
    else:
        assume(abs(float(str(value)) - float(str(other))) > 0)
        assert grounding not in ("exact", "normalized"), (value, printed)
        assert score < 0.9


def _document(*words: tuple[str, float, float]) -> Document:
    """A page with words of 40 by 10 points at the given places."""
    boxes = np.array([[x, y, x + 40, y + 10] for _, x, y in words], np.float32)
    n = len(words)
    content = Words(
        [w for w, _, _ in words], boxes, np.full(n, 10, np.float32), np.arange(n, dtype=np.int32), np.zeros(n, bool)
    )
    parsed = Parsed("application/pdf", (Page(1, 600, 800, content),))
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
