"""The faithfulness from which a cell is trusted, and what becomes of rows with a cell below it.

``retain`` keeps every row; ``reject`` leaves a row out when one of its cells is below, and gives a reject for each such
cell. Row numbers do not move: the rows that stay keep their ids.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from locus_dbt.core.settings import Grounding
from locus_dbt.model.errors import RequestError

Below = Literal["retain", "reject"]

#: The arguments of every extract function, with defaults as SQL and meaning.
THRESHOLD_ARGUMENTS: Mapping[str, tuple[str, str]] = {
    "min_faithfulness": (
        "NULL",
        "Faithfulness from which a cell is trusted, 0 to 1; NULL is the setting grounding.threshold.",
    ),
    "below": (
        "NULL",
        "Rows with a cell below it: 'retain' keeps them, 'reject' records why it leaves them out; see grounding.below.",
    ),
}

#: Code of the reject of a cell below the threshold.
CODE = "E303"

_MESSAGE_CHARS = 80
_RAW_CHARS = 200


@dataclass(frozen=True, slots=True)
class Threshold:
    """``minimum`` 0..1. ``columns``: only these count, because only these are in the answer; ``None`` means all."""

    minimum: float
    below: Below = "retain"
    columns: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.minimum <= 1:
            raise ValueError(f"not a threshold: {self.minimum}")

    @property
    def rejects(self) -> bool:
        """Whether any row can be left out."""
        return self.below == "reject" and self.minimum > 0

    @property
    def state(self) -> str:
        """What makes two answers differ; empty where nothing is left out."""
        return f"{self.minimum!r}{self.columns!r}" if self.rejects else ""


#: What leaves nothing out.
RETAIN_ALL = Threshold(0.0)


def read_threshold(given: Mapping[str, Any], settings: Grounding, *, columns: Sequence[str] | None = None) -> Threshold:
    """The threshold of a call: its arguments over the settings. E103 names the argument and its range."""
    minimum, below = given.get("min_faithfulness"), given.get("below")
    if minimum is None:
        minimum = settings.threshold
    if isinstance(minimum, bool) or not isinstance(minimum, int | float) or not 0 <= minimum <= 1:
        raise RequestError(f"min_faithfulness: expected a number from 0 to 1, got {minimum!r}")
    choices: tuple[Below, ...] = get_args(Below)
    for choice in choices:
        if below == choice or (below is None and settings.below == choice):
            return Threshold(float(minimum), choice, tuple(columns) if columns is not None else None)
    raise RequestError(f"below: expected one of {', '.join(choices)}, got {below!r}")


@dataclass(frozen=True)
class Divided:
    """What a threshold makes of a table: the rows that stay, their spans, and a reject for each cell below."""

    rows: pa.Table
    spans: pa.Table
    rejects: Sequence[Mapping[str, Any]] = ()
    left_out: int = 0


def divide(rows: pa.Table, spans: pa.Table, threshold: Threshold) -> Divided:
    """Leave out the rows with a cell below the threshold.

    ``rows`` has its row number in ``ordinal``, ``spans`` is of ``SPAN_SCHEMA``. Nothing is left out by ``retain``.
    """
    if not threshold.rejects:
        return Divided(rows, spans)
    flagged = spans.filter(pa.array(below_threshold(spans, threshold)))
    if not flagged.num_rows:
        return Divided(rows, spans)
    gone = flagged["ordinal"].unique()
    kept = rows.filter(pc.invert(pc.is_in(rows["ordinal"], value_set=gone)))
    kept_spans = spans.filter(pc.invert(pc.is_in(spans["ordinal"], value_set=gone)))
    rejects = [_reject(span, threshold.minimum) for span in flagged.to_pylist()]
    return Divided(kept, kept_spans, rejects, rows.num_rows - kept.num_rows)


def below_threshold(spans: pa.Table, threshold: Threshold) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """For each span whether it is below; one without a score is. Compared as the scores are kept, in 32 bits."""
    scores = spans["faithfulness"].to_numpy(zero_copy_only=False).astype(np.float32)
    low: np.ndarray[Any, np.dtype[np.bool_]] = ~(scores >= np.float32(threshold.minimum))
    if threshold.columns is not None:
        counted = pc.is_in(spans["column_name"], value_set=pa.array(threshold.columns, pa.string()))
        low = low & counted.to_numpy(zero_copy_only=False).astype(bool)
    return low


def _reject(span: Mapping[str, Any], minimum: float) -> dict[str, Any]:
    """A reject that names column, score, value, text and place; the score as it is kept, never rounded up."""
    score = span["faithfulness"]
    shown = "none" if score is None else f"{np.floor(score * 1000) / 1000:g}"
    why = span["reason"] or f"grounding is {span['grounding'] or 'unknown'}"
    text = "no text is cited" if span["text"] is None else f"cited text '{_cut(span['text'])}'"
    box = [span[name] for name in ("x0", "y0", "x1", "y1")]
    return {
        "code": CODE,
        "message": (
            f"{span['column_name']} = '{_cut(span['value'])}', {text}: faithfulness {shown}, below {minimum:g}: {why}"
        ),
        "hint": f"the row is left out; below := 'retain' keeps it, min_faithfulness := {shown} would let it pass"
        if score
        else "the row is left out; below := 'retain' keeps it",
        "column_name": span["column_name"],
        "row": span["ordinal"],
        "page": span["page"],
        "box": box if all(edge is not None for edge in box) else None,
        "place": span["place"],
        "raw": (span["text"] if span["text"] is not None else span["value"] or "")[:_RAW_CHARS],
    }


def _cut(text: str | None) -> str:
    flat = " ".join((text or "").split())
    return flat if len(flat) <= _MESSAGE_CHARS else flat[: _MESSAGE_CHARS - 1] + "…"
