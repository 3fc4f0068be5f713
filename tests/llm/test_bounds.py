"""How far an answer may move a score."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from locus_dbt.core.grounding import compare
from locus_dbt.llm.answers import Answer, read_answers
from locus_dbt.llm.bounds import CEILING, Standing, contradiction, settle
from locus_dbt.llm.questions import Question, ids_of, messages
from tests.llm.conftest import items_of


@pytest.mark.criterion("E14.4")
@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("119.00", "199.00"),
        ("119.00", "Total 199,00 EUR"),
        ("-5", "5"),
        ("5", "-5"),
        ("5", "Total - 5 EUR"),
        ("5000000", "5 million"),
        ("2024-03-05", "6.3.2024"),
        ("2024-03-05", "March 2024"),
        ("true", "no"),
        ("false", "Ja"),
        ("EUR", "US$"),
        ("DE", "France"),
        ("INV-124", "INV-142"),
        ("Room 12", "Room 13"),
    ],
)
def test_what_can_be_told_without_a_model(value: str, text: str) -> None:
    assert contradiction(value, text)
    sure = Answer(supported="yes", score=1.0, reason="")
    after = settle(Standing("none", 0.1, "the cited text differs"), sure, value=value, text=text, model="m")
    assert (after.grounding, after.faithfulness) == ("none", 0.1)
    assert "the lower score is kept" in str(after.reason)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("12", "twelve"),
        ("119.00", "due: 119,00 EUR until May"),
        ("Germany", "Deutschland"),
        ("true", "enabled"),
        ("Smith", "Mr. Smith, room 12"),
        ("DE", "Deutschland"),
        ("2024-03-05", "the fifth of March"),
    ],
)
def test_what_a_model_may_decide(value: str, text: str) -> None:
    assert contradiction(value, text) is None


_WORDS = st.sampled_from(["5", "-5", "5,00", "12.50", "yes", "no", "EUR", "Smith", "2024-03-05", "5.3.2024", "A-17"])
_TEXT = st.one_of(_WORDS, st.text(max_size=10), st.lists(_WORDS, max_size=3).map(" ".join))


@settings(deadline=None)
@given(_TEXT, _TEXT, st.sampled_from(["yes", "no", "unsure"]), st.floats(0, 1))
def test_an_answer_stays_in_bounds(value: str, text: str, supported: str, score: float) -> None:
    kind, old, reason = compare(value, text)[:3][:3]
    if kind not in ("fuzzy", "none"):
        return
    if (supported == "yes" and score < 0.5) or (supported == "no" and score > 0.5):
        score = 1 - score
    answer = Answer(supported=supported, score=score, reason="because")  # type: ignore[arg-type]
    after = settle(Standing(kind, old, reason), answer, value=value, text=text, model="m")
    assert 0 <= after.faithfulness <= max(CEILING, old)
    assert after.grounding in (kind, "inferred")
    assert f"m says {supported}" in str(after.reason)
    if supported != "yes" or contradiction(value, text):
        assert after.faithfulness <= old
        assert after.grounding == kind


@settings(deadline=None)
@given(st.text(max_size=300), st.sets(st.text("abc", min_size=1, max_size=2), max_size=3))
def test_any_reply_is_read_without_an_error(reply: str, ids: set[str]) -> None:
    found = read_answers(reply, ids)
    assert set(found.answers) <= ids
    assert found.complaint or len(found.answers) == len(ids)


@settings(deadline=None)
@given(st.lists(st.tuples(st.text(max_size=40), st.text(max_size=40)), min_size=1, max_size=5))
def test_texts_travel_whole_and_in_one_line(pairs: list[tuple[str, str]]) -> None:
    questions = [Question("c", value, text) for value, text in pairs]
    asked = dict(zip(ids_of(questions), questions, strict=True))
    sent = messages(asked)
    assert len(sent[1]["content"].split("\n")) == 3
    assert sent[1]["content"].isascii()
    assert [(i["value"], i["text"]) for i in items_of({"messages": sent})] == pairs
