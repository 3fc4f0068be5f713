"""The table of groundings in docs/provenance.md says what the code scores."""

from __future__ import annotations

import pytest

from locus_dbt.core.grounding import compare
from tests.docs.fences import ROOT

ROWS = [
    ("RE-7", "RE-7", "exact", "1.0"),
    ("Nord GmbH", "NORD  GmbH.", "normalized", "1.0"),
    ("1234", "1 234", "normalized", "1.0"),
    ("264.54", "264,54", "normalized", "0.98"),
    ("2025-01-11", "11.01.2025", "normalized", "0.98"),
    ("EUR", "€", "normalized", "0.98"),
    ("Nordlicht Werkzeug", "Nordlicht Werkzeugbau", "fuzzy", "up to 0.9"),
    ("-264.54", "264,54", "none", "up to 0.3"),
    ("2645.4", "264,54", "none", "up to 0.3"),
    ("119.00", None, "none", "up to 0.3"),
]


@pytest.mark.parametrize(("value", "text", "grounding", "score"), ROWS)
def test_scores_are_as_told(value: str, text: str | None, grounding: str, score: str) -> None:
    page = (ROOT / "docs" / "provenance.md").read_text("utf-8")
    assert f"| `{grounding}` | {score} |" in page
    found, faithfulness, _ = compare(value, text)
    assert found == grounding
    if score.startswith("up to"):
        assert faithfulness <= float(score.removeprefix("up to "))
    else:
        assert faithfulness == float(score)
