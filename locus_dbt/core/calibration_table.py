"""Made by ``benchmarks/fit_calibration.py``; do not edit by hand."""

from __future__ import annotations

from collections.abc import Mapping

WEIGHTS: Mapping[str, float] = {"own": 0.5, "unfaithful": -8.0, "inferred": -0.5, "held": 0.5, "failed": -1.0}

POOLED: tuple[tuple[float, ...], tuple[float, ...]] = ((0.0, 2.0), (0.9, 0.98))

CURVES: Mapping[str, tuple[tuple[float, ...], tuple[float, ...]]] = {}
