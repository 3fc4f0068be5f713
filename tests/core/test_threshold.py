"""Rows with a cell below the threshold: kept, or left out and recorded."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from locus_dbt.core.builder import SPAN_SCHEMA, TableBuilder
from locus_dbt.core.grounding import ground_spans
from locus_dbt.core.settings import Grounding
from locus_dbt.core.threshold import Threshold, below_threshold, divide, read_threshold
from locus_dbt.errors import RequestError
from locus_dbt.model.locus import Box, Locus


def _tables(scores: list[list[float | None]]) -> tuple[pa.Table, pa.Table]:
    """Rows ``a``, ``b`` … and a span for each score of a row."""
    rows = pa.table({"ordinal": pa.array(range(len(scores)), pa.int64()), "v": [str(i) for i in range(len(scores))]})
    spans: list[dict[str, Any]] = [
        {
            "ordinal": i,
            "column_name": f"c{k}",
            "value": f"v{i}",
            "text": f"t{i}",
            "place": f"line {i}",
            "faithfulness": s,
        }
        for i, row in enumerate(scores)
        for k, s in enumerate(row)
    ]
    return rows, pa.Table.from_pylist(spans, schema=SPAN_SCHEMA)


_SCORES = st.lists(st.lists(st.none() | st.floats(0, 1, width=32), max_size=4), max_size=12)


@pytest.mark.criterion("E7.7")
@settings(deadline=None)
@given(_SCORES, st.floats(0, 1))
def test_rows_and_rejects_are_all_there_is(scores: list[list[float | None]], minimum: float) -> None:
    rows, spans = _tables(scores)
    divided = divide(rows, spans, Threshold(minimum, "reject"))
    rejected = {r["row"] for r in divided.rejects}
    kept = divided.rows["ordinal"].to_pylist()
    assert sorted([*kept, *rejected]) == list(range(len(scores)))  # each row once, with the number it had
    assert divided.left_out == len(rejected)
    assert set(divided.spans["ordinal"].to_pylist()) <= set(kept)
    low = [(i, f"c{k}") for i, row in enumerate(scores) for k, s in enumerate(row) if _low(s, minimum)]
    assert [(r["row"], r["column_name"]) for r in divided.rejects] == low  # one for every cell


def _low(score: float | None, minimum: float) -> bool:
    return minimum > 0 and (score is None or np.float32(score) < np.float32(minimum))


@pytest.mark.criterion("E7.8")
@settings(deadline=None)
@given(_SCORES, st.floats(0, 1))
def test_retain_keeps_everything(scores: list[list[float | None]], minimum: float) -> None:
    rows, spans = _tables(scores)
    divided = divide(rows, spans, Threshold(minimum))
    assert divided.rows.equals(rows)
    assert divided.spans.equals(spans)
    assert divided.rejects == ()


def test_a_score_at_the_threshold_is_not_below_it() -> None:
    _, spans = _tables([[0.7], [0.9], [0.95]])
    for minimum, low in ((0.7, [False, False, False]), (0.9, [True, False, False]), (0.95, [True, True, False])):
        assert below_threshold(spans, Threshold(minimum)).tolist() == low


def test_columns_that_are_not_asked_for_do_not_count() -> None:
    rows, spans = _tables([[0.9, 0.1], [0.1, 0.9]])
    assert divide(rows, spans, Threshold(0.5, "reject", ("c0",))).rows["ordinal"].to_pylist() == [0]


def test_a_reject_names_column_score_value_text_and_place() -> None:
    table = TableBuilder({"name": "VARCHAR"})
    table.start_row()
    table.put("name", "Meyer", text="Maier & Sons", at=Locus(2, Box(1, 2, 3, 4), "line 7"))
    divided = divide(table.rows_table(), ground_spans(table.spans_table(), ()), Threshold(0.8, "reject"))
    (reject,) = divided.rejects
    assert reject["code"] == "E303"
    for part in ("name = 'Meyer'", "cited text 'Maier & Sons'", "faithfulness 0.", "below 0.8"):
        assert part in reject["message"]
    assert (reject["column_name"], reject["page"], reject["place"], reject["raw"]) == (
        "name",
        2,
        "line 7",
        "Maier & Sons",
    )
    assert reject["box"] == [1, 2, 3, 4]


_TEXT = st.text(max_size=12)


@settings(deadline=None)
@given(_TEXT, st.none() | _TEXT, st.sampled_from([None, "inferred", "normalized"]), st.none() | _TEXT)
def test_every_cell_that_is_not_certain_has_a_reason(
    value: str, text: str | None, grounding: str | None, reason: str | None
) -> None:
    table = TableBuilder({"name": "VARCHAR"})
    table.start_row()
    table.put("name", value, text=text, at=Locus(), grounding=grounding, reason=reason)
    spans = ground_spans(table.spans_table(), ())
    for span in spans.to_pylist():
        assert 0 <= span["faithfulness"] <= 1
        assert span["mode"] == "degraded"
        if span["faithfulness"] < 0.9:
            assert span["reason"], span


@pytest.mark.criterion("E7.9")
@pytest.mark.parametrize(
    ("given", "parts"),
    [
        ({"min_faithfulness": 1.2}, ["min_faithfulness", "0 to 1", "1.2"]),
        ({"min_faithfulness": -0.1}, ["min_faithfulness", "0 to 1"]),
        ({"min_faithfulness": float("nan")}, ["min_faithfulness", "0 to 1"]),
        ({"min_faithfulness": True}, ["min_faithfulness", "a number"]),
        ({"min_faithfulness": "high"}, ["min_faithfulness", "'high'"]),
        ({"below": "drop"}, ["below", "retain, reject", "'drop'"]),
        ({"below": ["reject"]}, ["below"]),
    ],
)
def test_what_is_no_threshold_is_named_with_its_range(given: dict[str, Any], parts: list[str]) -> None:
    with pytest.raises(RequestError) as caught:
        read_threshold(given, Grounding())
    for part in parts:
        assert part in str(caught.value)


def test_the_arguments_win_over_the_settings() -> None:
    settings = Grounding(threshold=0.4, below="reject")
    assert read_threshold({}, settings) == Threshold(0.4, "reject")
    assert read_threshold({"min_faithfulness": 0.9}, settings) == Threshold(0.9, "reject")
    assert read_threshold({"below": "retain"}, settings) == Threshold(0.4, "retain")
