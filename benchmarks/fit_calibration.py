"""Fit the shipped map from what is known of a cell to the probability that it is right, and measure it.

    python benchmarks/fit_calibration.py --cells FILE.parquet … [--write] [--folds 10]

FILES come from ``calibration_cells.py``. Each set is scored by maps fitted without the document that is scored (folds
by document). Printed for each set: documents, cells, share right, and for the images' own confidence and the calibrated
one ECE in ten bins of equal mass (and of equal width) and the Brier score. ``--write`` writes
``locus_dbt/core/calibration_table.py`` from all cells.
"""

from __future__ import annotations

import argparse
import hashlib
import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

import locus_dbt.core.calibration_table as table_module
from locus_dbt.core.calibration import FEATURES, features, probability
from locus_dbt.core.reliability import fit_curve, reliability

#: What the weights are drawn to, where the sets say little. Hardly a cell of a good reader disagrees with its own text,
#: so how much a low faithfulness counts is set, not fitted.
PRIOR = {"own": 0.5, "unfaithful": -8.0, "inferred": -0.7, "held": 0.5, "failed": -1.0, "addressed": 0.5}
FIXED = ("unfaithful",)
#: How strongly: as so many documents.
STRENGTH = 20.0
#: Good news never lowers the evidence, bad news never raises it.
SIGN = {"own": 1, "unfaithful": -1, "inferred": -1, "held": 1, "failed": -1, "addressed": 1}


def main() -> None:
    """Measure, print, write."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--cells", type=Path, nargs="+", required=True)
    arguments.add_argument("--folds", type=int, default=10)
    arguments.add_argument("--write", action="store_true")
    given = arguments.parse_args()
    cells = Cells(pa.concat_tables([pq.read_table(path) for path in given.cells]))
    stated = np.zeros(len(cells.right))
    for fold in range(given.folds):
        held_out = cells.fold(given.folds) == fold
        stated[held_out] = predict(fit(cells, ~held_out), cells, held_out)
    print(
        f"{'set':<18}{'docs':>6}{'cells':>8}{'right':>8}   own: ECE (width) Brier        calibrated: ECE (width) Brier"
    )
    for name in np.unique(cells.dataset):
        mine = cells.dataset == name
        own, new = (reliability(p[mine], cells.right[mine]) for p in (cells.own, stated))
        documents = len(np.unique(cells.document[mine]))
        print(f"{name:<18}{documents:>6}{own.n:>8}{own.right:>8.4f}   {_figures(own)}          {_figures(new)}")
    if given.write:
        path = Path(table_module.__file__)
        path.write_text(_source(fit(cells, np.ones(len(cells.right), bool)), cells), "utf-8")
        print(f"wrote {path.name}")


def _figures(r: Any) -> str:
    return f"{r.ece:.4f} ({r.ece_width:.4f}) {r.brier:.4f}"


class Cells:
    """The cells as arrays."""

    def __init__(self, table: pa.Table) -> None:
        self.dataset, self.image, self.document, self.grounding = (
            np.array(table[n].to_pylist()) for n in ("dataset", "image", "document", "grounding")
        )
        self.own = table["own"].to_numpy().astype(float)
        self.right = table["right"].to_numpy(zero_copy_only=False).astype(float)
        self.x = features(
            self.own,
            faithfulness=table["faithfulness"].to_numpy(),
            inferred=self.grounding == "inferred",
            held=table["held"].to_numpy(),
            failed=table["failed"].to_numpy(),
            addressed=table["addressed"].to_numpy(zero_copy_only=False),
        )

    def fold(self, folds: int) -> Any:
        """A fold for each document, by its name."""
        return np.array([int(hashlib.sha256(d.encode()).hexdigest(), 16) % folds for d in self.document])

    def documents(self, some: Any) -> Any:
        """Documents of images, numbered: the same file read by two images counts twice."""
        names = np.char.add(np.char.add(self.image[some], "|"), self.document[some])
        return np.unique(names, return_inverse=True)[1]


Map = tuple[Mapping[str, float], tuple[list[float], list[float]], dict[str, tuple[list[float], list[float]]]]


def fit(cells: Cells, some: Any) -> Map:
    """Weights over all sets, a curve over all, and one for each image."""
    weights = fit_weights(cells, some)
    known = cells.x @ np.array([weights[n] for n in FEATURES])
    numbers = np.zeros(len(known), np.int64)
    numbers[some] = cells.documents(some)
    images = [i for i in np.unique(cells.image) if (some & (cells.image == i)).any()]
    # Each image counts alike in the common curve: a set's size says nothing about the images without a set.
    share = float(np.mean([cells.right[some & (cells.image == i)].mean() for i in images]))
    pick = np.concatenate([_sample(np.flatnonzero(some & (cells.image == i)), 2000) for i in images])
    pooled = fit_curve(known[pick], cells.right[pick], numbers[pick], prior=share)
    curves = {}
    for image in _curve_names(images):
        mine = some & ((cells.image == image) | np.char.startswith(cells.image, f"{image}/"))
        documents = len(np.unique(numbers[mine]))
        prior = (cells.right[mine].mean() * documents + share * 2) / (documents + 2)
        curves[str(image)] = fit_curve(known[mine], cells.right[mine], numbers[mine], prior=float(prior))
    return weights, pooled, curves


def _curve_names(outputs: Sequence[str]) -> list[str]:
    """A curve for each image, and for each output of an image of which several were measured."""
    images = [o.split("/")[0] for o in outputs]
    return sorted({*images, *(o for o in outputs if images.count(o.split("/")[0]) > 1)})


def _sample(at: Any, most: int) -> Any:
    return at if len(at) <= most else np.random.default_rng(0).choice(at, most, replace=False)


def fit_weights(cells: Cells, some: Any) -> Mapping[str, float]:
    """Logistic regression with an intercept for each image, a document's cells sharing one vote, by gradient steps."""
    images, index = np.unique(cells.image[some], return_inverse=True)
    numbers = cells.documents(some)
    vote = (1 / np.bincount(numbers))[numbers]
    x, y = cells.x[some], cells.right[some]
    prior = np.array([PRIOR[n] for n in FEATURES])
    free = np.array([n not in FIXED for n in FEATURES])
    sign = np.array([SIGN[n] for n in FEATURES])
    w, base = prior.copy(), np.full(len(images), 2.0)
    for _ in range(3000):
        wrong = vote * (1 / (1 + np.exp(-(x @ w + base[index]))) - y)
        w = w - 0.01 * free * (x.T @ wrong + STRENGTH * (w - prior))
        w = np.where(w * sign < 0, 0.0, w)
        base = base - 0.05 * (np.bincount(index, weights=wrong) + 0.1 * (base - 2.0))
    return {name: round(float(v), 3) for name, v in zip(FEATURES, w, strict=True)}


def predict(made: Map, cells: Cells, some: Any) -> Any:
    """Stated probabilities of some cells."""
    weights, pooled, curves = made
    known = cells.x[some] @ np.array([weights[n] for n in FEATURES])
    out = np.zeros(len(known))
    for image in np.unique(cells.image[some]):
        mine = cells.image[some] == image
        out[mine] = probability(known[mine], curves.get(str(image), curves.get(image.split("/")[0], pooled)))
    return out


def _source(made: Map, cells: Cells) -> str:
    weights, pooled, curves = made
    lines = [
        '"""How what is known of a cell becomes a probability: weights of the evidence, and a curve for each image.',
        "",
        "Made by ``benchmarks/fit_calibration.py`` from sets with gold; numbers only, nothing of their content.",
        '"""',
        "",
        "from __future__ import annotations",
        "",
        "from collections.abc import Mapping",
        "",
        "# fmt: off",
        "",
        "#: Log-odds for a unit of each fact.",
        "WEIGHTS: Mapping[str, float] = {",
        *(f'    "{name}": {value},' for name, value in weights.items()),
        "}",
        "",
        "#: Evidence and probability, all images together: for those without a set.",
        "POOLED: tuple[tuple[float, ...], tuple[float, ...]] = (",
        f"    {_tuple(pooled[0])},",
        f"    {_tuple(pooled[1])},",
        ")",
        "",
        "#: The same for each image that was measured, and for its outputs where several were.",
        "CURVES: Mapping[str, tuple[tuple[float, ...], tuple[float, ...]]] = {",
    ]
    for image, (at, stated) in curves.items():
        mine = (cells.image == image) | np.char.startswith(cells.image, f"{image}/")
        documents = len(np.unique(cells.document[mine]))
        lines += [f"    # {documents} documents, {int(mine.sum())} cells", f'    "{image}": (']
        lines += [f"        {_tuple(at)},", f"        {_tuple(stated)},", "    ),"]
    return "\n".join([*lines, "}", ""])


def _tuple(numbers: list[float]) -> str:
    """A tuple's items, wrapped; the file is not formatted, so that a curve stays in sight."""
    text = "(" + ", ".join(map(repr, numbers)) + ("," if len(numbers) == 1 else "") + ")"
    return textwrap.fill(text, 108, subsequent_indent=" " * 9)


if __name__ == "__main__":
    main()
