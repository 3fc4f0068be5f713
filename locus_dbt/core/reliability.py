"""How well stated probabilities agree with what is right: curves fitted, and their errors measured."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

#: No cell is stated to be less sure or surer than this.
LIMITS = (0.001, 0.9995)

#: A step of a curve stands on so many documents at least.
_DOCUMENTS = 5

#: Probabilities that differ by less need no step of their own.
_STEP = 0.005


@dataclass(frozen=True, slots=True)
class Bin:
    """Cells stated alike: how many, what was stated on average, the share that is right."""

    n: int
    stated: float
    right: float


@dataclass(frozen=True, slots=True)
class Reliability:
    """Figures over judged cells. ECE is the mean of |stated - right| over bins, weighted by their cells.

    ``ece`` takes ten bins of as many cells each (cells stated alike are shared out evenly), ``ece_width`` ten bins of
    width 0.1. ``brier`` is the mean squared error.
    """

    n: int
    right: float
    stated: float
    ece: float
    ece_width: float
    brier: float
    bins: tuple[Bin, ...]


def reliability(stated: Any, right: Any, *, bins: int = 10) -> Reliability:  # noqa: ANN401 - arrays
    """Measure stated probabilities against what is right; both as long as the cells, at least one."""
    stated, right = np.asarray(stated, float), np.asarray(right, float)
    if not len(stated):
        raise ValueError("no cell was judged")
    by_mass = _by_mass(stated, right, bins)
    number = np.minimum((stated * bins).astype(int), bins - 1)
    by_width = [_bin(stated[number == b], right[number == b]) for b in np.unique(number)]
    return Reliability(
        n=len(stated),
        right=float(right.mean()),
        stated=float(stated.mean()),
        ece=_error(by_mass, len(stated)),
        ece_width=_error(by_width, len(stated)),
        brier=float(((stated - right) ** 2).mean()),
        bins=tuple(by_mass),
    )


def _by_mass(stated: Any, right: Any, bins: int) -> list[Bin]:  # noqa: ANN401
    """Bins of as many cells each; cells stated alike count with their common share, wherever a boundary falls."""
    order = np.argsort(stated, kind="stable")
    _, group = np.unique(stated, return_inverse=True)
    share = (np.bincount(group, weights=right) / np.bincount(group))[group]
    return [_bin(stated[part], share[part]) for part in np.array_split(order, min(bins, len(order)))]


def _bin(stated: Any, right: Any) -> Bin:  # noqa: ANN401
    return Bin(len(stated), float(stated.mean()), float(right.mean()))


def _error(bins: list[Bin], n: int) -> float:
    return float(sum(b.n * abs(b.stated - b.right) for b in bins) / n)


def fit_curve(
    known: Any,  # noqa: ANN401 - an array
    right: Any,  # noqa: ANN401 - an array
    documents: Any,  # noqa: ANN401 - an array
    *,
    prior: float,
    strength: float = 2.0,
) -> tuple[list[float], list[float]]:
    """A rising curve from evidence to probability: centred isotonic regression, drawn to ``prior``.

    Errors of one document come together, so a step counts as many observations as ``documents`` stand behind it, and
    ``strength`` observations of the prior are added.
    """
    order = np.argsort(known, kind="stable")
    known, right, documents = np.asarray(known)[order], np.asarray(right, float)[order], np.asarray(documents)[order]
    start = np.unique(known, return_index=True)[1]
    ends = [*start[1:], len(known)]
    blocks: list[list[float]] = []  # first, last, cells, right
    for a, b in zip(start, ends, strict=True):
        blocks.append([a, b, b - a, float(right[a:b].sum())])
        while len(blocks) > 1 and blocks[-2][3] / blocks[-2][2] >= blocks[-1][3] / blocks[-1][2]:
            last = blocks.pop()
            blocks[-1] = [blocks[-1][0], last[1], blocks[-1][2] + last[2], blocks[-1][3] + last[3]]
    at, stated = [], []
    for first, last_, cells, good in _wide_enough(blocks, documents):
        a, b = int(first), int(last_)
        behind = _behind([a, b], documents)
        p = (good / cells * behind + strength * prior) / (behind + strength)
        p = min(max(p, LIMITS[0]), LIMITS[1])
        at.append(float(known[a:b].mean()))
        stated.append(p)
    # Centred steps: between two centres the curve rises, so that cells keep their order.
    at, stated = [float(known[0]), *at, float(known[-1])], [stated[0], *stated, stated[-1]]
    return _thinned(at, np.maximum.accumulate(stated).tolist())


def _wide_enough(blocks: list[list[float]], documents: Any) -> list[list[float]]:  # noqa: ANN401 - an array
    """Steps with few documents behind them are their documents' and not the image's: they join the step before."""
    out: list[list[float]] = []
    for block in blocks:
        if out and (_behind(out[-1], documents) < _DOCUMENTS or _behind(block, documents) < _DOCUMENTS):
            out[-1] = [out[-1][0], block[1], out[-1][2] + block[2], out[-1][3] + block[3]]
        else:
            out.append(block)
    return out


def _behind(block: list[float], documents: Any) -> int:  # noqa: ANN401 - an array
    return len(np.unique(documents[int(block[0]) : int(block[1])]))


def _thinned(at: list[float], stated: list[float]) -> tuple[list[float], list[float]]:
    """Points that say nothing go, and those that are one point when rounded are one: a curve of a few numbers."""
    out: dict[float, float] = {round(at[0], 4): round(stated[0], 4)}
    last = stated[0]
    for i in range(1, len(at)):
        ends = i == len(at) - 1
        if ends or stated[i] - last >= _STEP or stated[i + 1] - stated[i] >= _STEP:
            out[round(at[i], 4)] = round(stated[i], 4)
            last = stated[i]
    return list(out), list(out.values())
