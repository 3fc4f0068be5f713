"""The guarantee of max_error, by simulation: on average over many splits no more is accepted unseen and wrong."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from locus_dbt.core.conformal import needed, threshold


def population(kind: str, rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Confidences and whether each cell is wrong."""
    stated = rng.beta(8, 1, n)
    if kind == "calibrated":
        return stated, rng.random(n) > stated
    if kind == "overconfident":
        return stated, rng.random(n) > stated**3
    if kind == "useless":
        return stated, rng.random(n) < 0.05
    return np.round(stated, 1), rng.random(n) > stated  # many ties


@pytest.mark.parametrize("kind", ["calibrated", "overconfident", "useless", "ties"])
@pytest.mark.parametrize(("reviewed", "max_error"), [(40, 0.05), (150, 0.01), (300, 0.02), (99, 0.01)])
def test_the_mean_over_many_splits_is_within_max_error(kind: str, reviewed: int, max_error: float) -> None:
    rng = np.random.default_rng(20261124)
    losses = []
    for _ in range(1500):
        stated, wrong = population(kind, rng, reviewed + 200)
        found = threshold(reviewed, stated[:reviewed][wrong[:reviewed]].tolist(), max_error)
        losses.append(float(np.mean((stated[reviewed:] > found.above) & wrong[reviewed:])))
    error = np.std(losses) / math.sqrt(len(losses))
    assert np.mean(losses) <= max_error + 2 * error


def test_it_accepts_what_it_can() -> None:
    """A threshold that sends everything to review would keep any promise."""
    rng = np.random.default_rng(1)
    stated, wrong = population("calibrated", rng, 20_000)
    found = threshold(5_000, stated[:5_000][wrong[:5_000]].tolist(), 0.02)
    seen = stated[5_000:] <= found.above
    assert np.mean(seen) < 0.8
    assert 0.014 < np.mean(~seen & wrong[5_000:]) < 0.025


@given(st.integers(0, 500), st.sampled_from([0.001, 0.01, 0.05, 0.1, 0.29, 0.5]))
def test_too_few_reviews_promise_nothing_and_say_how_many_are_missing(reviewed: int, max_error: float) -> None:
    found = threshold(reviewed, [], max_error)
    enough = 1 / (reviewed + 1) <= max_error + 1e-12
    assert (found.above == math.inf) == (not enough)
    assert found.missing == (0 if enough else needed(max_error) - reviewed)
    assert threshold(needed(max_error), [], max_error).above < 0


@given(st.lists(st.floats(0, 1), max_size=60), st.integers(0, 200), st.sampled_from([0.02, 0.1, 0.3]))
def test_the_bound_holds_at_the_threshold_and_not_below(wrong: list[float], right: int, max_error: float) -> None:
    n = len(wrong) + right
    found = threshold(n, wrong, max_error)

    def bound(above: float) -> float:
        return (sum(w > above for w in wrong) + 1) / (n + 1)

    if found.above != math.inf:
        assert bound(found.above) <= max_error + 1e-9
        lower = [w for w in wrong if w < found.above]
        if found.above >= 0:
            assert bound(max(lower, default=-1.0)) > max_error, "a smaller threshold would not do"


@pytest.mark.parametrize("max_error", [0.0, 1.0, -0.1])
def test_a_share_is_between_none_and_all(max_error: float) -> None:
    with pytest.raises(ValueError, match="not a share"):
        threshold(10, [], max_error)
