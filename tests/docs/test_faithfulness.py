"""The tables in docs/faithfulness.md say what the code scores."""

from __future__ import annotations

import re

import pytest

from locus_dbt.core.builder import GROUNDINGS, TableBuilder
from locus_dbt.core.grounding import compare, ground_spans
from locus_dbt.model.locus import Box, Locus
from tests.docs.fences import ROOT

PAGE = (ROOT / "docs" / "faithfulness.md").read_text("utf-8")
_CASE = re.compile(r"^\| `(?P<value>.*?)` \| `(?P<text>.*?)` \| (?P<score>[\d.]+) \| (?P<why>.*?) ?\|$", re.MULTILINE)
CASES = [match.groups() for match in _CASE.finditer(PAGE)]
_BAND = re.compile(r"^\| `(?P<grounding>\w+)` \| (?P<score>[^|]+) \| (?P<when>[^|]+) \|$", re.MULTILINE)
BANDS = {(m["grounding"], m["score"]) for m in _BAND.finditer(PAGE)}


def test_the_page_has_cases_and_bands() -> None:
    assert len(CASES) > 30
    assert {grounding for grounding, _ in BANDS} == set(GROUNDINGS)


@pytest.mark.parametrize(("value", "text", "score", "why"), CASES)
def test_scores_are_as_told(value: str, text: str, score: str, why: str) -> None:
    found = compare(value, text)
    assert found.faithfulness == float(score)
    assert why in (found.reason or "", found.rule or "")
    assert _band(found.grounding, found.faithfulness) in BANDS


def _band(grounding: str, score: float) -> tuple[str, str]:
    if grounding == "normalized":
        return grounding, "0.95 to 1.0" if score >= 0.95 else "0.7 to 0.94"
    return grounding, {"exact": "1.0", "fuzzy": "up to 0.85", "none": "up to 0.4"}[grounding]


def _scores(*cells: tuple[str, str | None, Locus], inputs: list[str] | None = None) -> list[float]:
    """Scores of cells of a row each, in one column; the last one is computed when it has ``inputs``."""
    table = TableBuilder({"a": "VARCHAR", "b": "VARCHAR"})
    for value, text, at in cells:
        table.start_row()
        table.put("a", value, text=text, at=at)
        if text is not None:
            table.put("b", "x", text="x", at=Locus(1, Box(300, 20 * len(table), 310, 20 * len(table) + 10)))
    if inputs is not None:
        table.put("b", "x", text=None, at=Locus(), grounding="inferred", inputs=inputs)
    return [round(s["faithfulness"], 2) for s in ground_spans(table.spans_table(), ()).to_pylist()]


def test_computed_and_misplaced_cells_are_as_told() -> None:
    assert ("inferred", "0.9 × the least of its inputs") in BANDS
    assert _scores(("5", "5", Locus()), inputs=["a"])[-1] == 0.9
    assert _scores(("5", None, Locus()), inputs=[])[-1] == 0.5
    assert ("none", "up to 0.25") in BANDS
    rows = [Locus(1, Box(10, 20 * i, 40, 20 * i + 10)) for i in (1, 2, 4, 4, 5)]
    assert _scores(*(("5", "5", at) for at in rows)) == [1, 1, 1, 1, 0.25, 1, 1, 1, 1, 1]
