"""From what is known of a cell to the probability that it is right: a stated 0.9 is right nine times in ten.

What is known becomes one number, the evidence: the log-odds of the image's own confidence, how far the value agrees
with the cited text, whether it was computed, whether cross-checks hold or fail, and whether the document itself has an
address for it (a path in XML, a cell of a sheet) or only a place on a page. It never falls by good news and never rises
by bad. A curve for each image and output, fitted on sets with gold, turns it into a probability
(:mod:`locus_dbt.core.calibration_table`, made by ``benchmarks/fit_calibration.py``); an image without a set with gold
gets the curve of all sets together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from locus_dbt.core.calibration_table import CURVES, POOLED, WEIGHTS
from locus_dbt.core.crosschecks import Checked
from locus_dbt.core.reliability import LIMITS

#: An image that is wholly sure is taken to be this sure; what that is worth says its curve.
_SUREST = 0.99
#: More checks than this add nothing.
_MOST_CHECKS = 2
Curve = tuple[Sequence[float], Sequence[float]]


def state_confidence(checked: Checked, *, image: str, output: str = "") -> pa.Table:
    """The spans with the calibrated ``confidence``; without the name of an image they keep the image's own."""
    spans = checked.spans
    if not image or not spans.num_rows:
        return spans
    known = evidence(
        _floats(spans["confidence"], 1.0),
        faithfulness=_floats(spans["faithfulness"], 1.0),
        inferred=pc.equal(spans["grounding"], "inferred").fill_null(False).to_numpy(zero_copy_only=False),
        held=checked.held,
        failed=checked.failed,
        addressed=spans["place"].is_valid().to_numpy(zero_copy_only=False),
    )
    stated = probability(known, CURVES.get(f"{image}/{output}", CURVES.get(image, POOLED)))
    at = spans.schema.get_field_index("confidence")
    return spans.set_column(at, "confidence", pa.array(stated.astype(np.float32)))


def evidence(
    own: Any,  # noqa: ANN401 - arrays of one length
    *,
    faithfulness: Any,  # noqa: ANN401
    inferred: Any,  # noqa: ANN401
    held: Any,  # noqa: ANN401
    failed: Any,  # noqa: ANN401
    addressed: Any,  # noqa: ANN401
    weights: Mapping[str, float] = WEIGHTS,
) -> Any:  # noqa: ANN401
    """The evidence for each cell, in log-odds up to the curve; a computed value's faithfulness says nothing."""
    known = features(own, faithfulness=faithfulness, inferred=inferred, held=held, failed=failed, addressed=addressed)
    return known @ np.array([weights[name] for name in FEATURES])


#: The columns of :func:`features`.
FEATURES = ("own", "unfaithful", "inferred", "held", "failed", "addressed")


def features(
    own: Any,  # noqa: ANN401 - arrays of one length
    *,
    faithfulness: Any,  # noqa: ANN401
    inferred: Any,  # noqa: ANN401
    held: Any,  # noqa: ANN401
    failed: Any,  # noqa: ANN401
    addressed: Any,  # noqa: ANN401
) -> Any:  # noqa: ANN401
    """What is known of each cell, a column a fact; see :data:`FEATURES`."""
    sure = np.clip(own, 1 - _SUREST, _SUREST)
    return np.column_stack(
        [
            np.log(sure / (1 - sure)),
            np.where(inferred, 0.0, 1.0 - np.asarray(faithfulness)),
            np.asarray(inferred, float),
            np.minimum(held, _MOST_CHECKS),
            np.minimum(failed, _MOST_CHECKS),
            np.asarray(addressed, float),
        ]
    )


def probability(known: Any, curve: Curve) -> Any:  # noqa: ANN401 - arrays
    """The curve at each evidence, straight between its points; below the first one the log-odds go on falling."""
    at, stated = (np.asarray(side, float) for side in curve)
    inside = np.interp(known, at, stated)
    lowest = np.log(stated[0] / (1 - stated[0]))
    below = 1 / (1 + np.exp(-(lowest + np.minimum(known - at[0], 0.0))))
    return np.clip(np.where(known < at[0], below, inside), *LIMITS)


def _floats(column: Any, missing: float) -> Any:  # noqa: ANN401
    values = column.to_numpy(zero_copy_only=False).astype(np.float64)
    return np.where(np.isnan(values), missing, values)
