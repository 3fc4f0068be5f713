"""Stated confidence: good news never lowers it, bad news never raises it, and its errors are measured as they are."""

from __future__ import annotations

import math
from decimal import Decimal
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from locus_dbt.core.builder import TableBuilder
from locus_dbt.core.calibration import evidence, probability, state_confidence
from locus_dbt.core.calibration_table import CURVES, POOLED, WEIGHTS
from locus_dbt.core.crosschecks import cross_check
from locus_dbt.core.grounding import ground_spans
from locus_dbt.core.reliability import fit_curve, reliability
from locus_dbt.model.locus import Box, Locus

FACTS = {"own": 0.9, "faithfulness": 1.0, "inferred": False, "held": 0, "failed": 0, "addressed": False}
#: Each fact from bad to good.
RANGES = {
    "own": [0.0, 0.3, 0.5, 0.8, 0.97, 1.0],
    "faithfulness": [0.0, 0.2, 0.5, 0.9, 0.98, 1.0],
    "inferred": [True, False],
    "held": [0, 1, 2, 5],
    "failed": [5, 2, 1, 0],
    "addressed": [False, True],
}


def stated(image: str, **facts: float) -> float:
    known = {k: np.array([v]) for k, v in {**FACTS, **facts}.items()}
    return float(probability(evidence(known.pop("own"), **known), CURVES.get(image, POOLED))[0])


@pytest.mark.parametrize("image", [*CURVES, "an image without a set"])
@pytest.mark.parametrize("fact", list(RANGES))
def test_good_news_never_lowers_and_bad_news_never_raises(image: str, fact: str) -> None:
    found = [stated(image, **{fact: value}) for value in RANGES[fact]]
    assert all(a <= b + 1e-9 for a, b in pairwise(found)), found
    assert all(0 < p < 1 for p in found), "nothing is certain"


def test_a_failing_check_lowers_and_a_value_that_is_not_printed_is_hardly_right() -> None:
    assert WEIGHTS["failed"] < 0 < WEIGHTS["held"]
    for image in ("invoice-extractor/invoices", "invoice-extractor/lines"):
        assert stated(image, failed=1) < stated(image)
    assert stated("invoice-extractor/invoices", faithfulness=0.1) < 0.2


@pytest.mark.parametrize("curve", [POOLED, *CURVES.values()])
def test_shipped_curves_rise(curve: tuple[tuple[float, ...], tuple[float, ...]]) -> None:
    at, share = curve
    assert len(at) == len(share) > 0
    assert all(a < b for a, b in pairwise(at))
    assert all(a <= b for a, b in pairwise(share))
    assert len(at) <= 40, "small enough to be read"


def test_confidence_of_spans_is_the_stated_one() -> None:
    columns = dict.fromkeys(("net", "tax", "gross"), "DECIMAL(18,2)")
    table = TableBuilder(columns)
    for gross in ("119.00", "120.00"):
        table.start_row()
        for name, text in (("net", "100.00"), ("tax", "19.00"), ("gross", gross)):
            table.put(name, Decimal(text), text=text, at=Locus(1, Box(0, 0, 1, 1)), confidence=0.9)
    spans = ground_spans(table.spans_table(), ())
    checked = cross_check(table.rows_table(), spans, checks=["net + tax = gross"])
    found = state_confidence(checked, image="acme")["confidence"].to_pylist()
    right, wrong = found[:3], found[3:]
    assert len(set(right)) == len(set(wrong)) == 1
    assert wrong[0] < right[0]
    kept = state_confidence(checked, image="")["confidence"].to_pylist()
    assert kept == [pytest.approx(0.9)] * 6, "without an image's name it stays the image's own"


def test_no_span_no_confidence() -> None:
    empty = TableBuilder({"a": "VARCHAR"})
    checked = cross_check(empty.rows_table(), empty.spans_table())
    assert state_confidence(checked, image="acme").num_rows == 0
    assert isinstance(checked.spans, pa.Table)


# ------------------------------------------------------------------ measuring
def test_the_error_of_a_calibrated_forecast_is_small_and_of_another_is_not() -> None:
    rng = np.random.default_rng(7)
    p = rng.uniform(0.5, 1, 20_000)
    right = rng.random(len(p)) < p
    good, sure = reliability(p, right), reliability(np.ones(len(p)), right)
    assert good.ece < 0.02
    assert good.ece_width < 0.02
    assert sure.ece == pytest.approx(1 - right.mean())
    assert good.brier < sure.brier
    assert [b.n for b in good.bins] == [2000] * 10


@given(st.lists(st.tuples(st.sampled_from([0.1, 0.5, 0.9]), st.booleans()), min_size=1, max_size=80))
def test_cells_stated_alike_are_shared_out_evenly(cells: list[tuple[float, bool]]) -> None:
    """The order of cells that are stated alike changes nothing."""
    p, right = (np.array(side) for side in zip(*cells, strict=True))
    there, back = reliability(p, right), reliability(p[::-1], right[::-1])
    assert there.ece == pytest.approx(back.ece)
    assert sum(b.n for b in there.bins) == len(cells)
    assert 0 <= there.ece <= 1


@given(st.lists(st.tuples(st.floats(-5, 5), st.booleans(), st.integers(0, 9)), min_size=1, max_size=200))
def test_a_fitted_curve_rises_and_stays_within_the_limits(cells: list[tuple[float, bool, int]]) -> None:
    known, right, documents = (np.array(side) for side in zip(*cells, strict=True))
    at, share = fit_curve(known, right, documents, prior=0.9)
    assert len(at) == len(share)
    assert all(a <= b for a, b in pairwise(at))
    assert all(a <= b for a, b in pairwise(share))
    assert all(0 < p < 1 for p in share)
    found = probability(np.linspace(-20, 20, 200), (at, share))
    assert all(a <= b + 1e-12 for a, b in pairwise(found))


def test_a_curve_finds_the_shares_behind_the_evidence() -> None:
    rng = np.random.default_rng(3)
    known = rng.uniform(-3, 3, 50_000)
    truth = 1 / (1 + np.exp(-known))
    at, share = fit_curve(known, rng.random(len(known)) < truth, rng.integers(0, 500, len(known)), prior=0.5)
    for x in (-2.0, 0.0, 2.0):
        assert probability(np.array([x]), (at, share))[0] == pytest.approx(1 / (1 + math.exp(-x)), abs=0.04)
