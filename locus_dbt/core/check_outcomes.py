"""What checks found, by span: counted for the confidence, and said in the spans."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

if TYPE_CHECKING:
    from locus_dbt.core.check_operands import Operands


@dataclass(frozen=True, slots=True)
class Outcome:
    """A check on some rows: ``rows`` are positions in the table, ``holds`` whether it holds for each.

    ``details`` says of a row that fails what was found.
    """

    columns: Sequence[str]
    rows: Any
    holds: Any
    text: str
    details: Mapping[int, str] = field(default_factory=dict)


class Findings:
    """Collects outcomes; ``held`` and ``failed`` count them for each span."""

    def __init__(self, spans: pa.Table) -> None:
        self._spans = spans
        self.held = np.zeros(spans.num_rows, np.int32)
        self.failed = np.zeros(spans.num_rows, np.int32)
        self._texts: list[str] = []
        self._said: list[tuple[Any, Any]] = []
        self._inputs = self._inferred_from()

    def add(self, outcome: Outcome, operands: Operands) -> None:
        """Take an outcome to the spans of its columns."""
        if not len(outcome.rows):
            return
        keep = self._independent(outcome, operands)
        rows, holds = outcome.rows[keep], outcome.holds[keep]
        codes = np.empty(len(rows), np.int64)
        codes[holds] = self._code(f"{outcome.text}: holds")
        for i in np.flatnonzero(~holds):
            detail = outcome.details.get(int(rows[i]))
            codes[i] = self._code(f"{outcome.text}: fails" + (f" ({detail})" if detail else ""))
        for name in dict.fromkeys(outcome.columns):
            at = operands.places(name)[rows]
            has = at >= 0
            self._take(at[has], holds[has], codes[has])

    def add_span(self, at: int, text: str, *, holds: bool) -> None:
        """Take what was found of one cell alone."""
        self._take(np.array([at]), np.array([holds]), np.array([self._code(text)]))

    def says(self, at: int, text: str) -> bool:
        """Whether this was found of a cell already, or that it fails."""
        told = (text, text.replace(": holds", ": fails"))
        return any(
            at in rows and self._texts[code] in told for rows, codes in self._said for code in set(codes.tolist())
        )

    def said(self) -> pa.Table:
        """The spans with ``checks``, and failing ones in ``reason``."""
        if not self._said:
            return self._spans
        at = np.concatenate([a for a, _ in self._said])
        codes = np.concatenate([c for _, c in self._said])
        order = np.argsort(at, kind="stable")
        at, codes = at[order], codes[order]
        counts = np.bincount(at, minlength=self._spans.num_rows)
        offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
        texts = pa.array(self._texts, pa.string()).take(pa.array(codes))
        lists = pa.ListArray.from_arrays(pa.array(offsets), texts, mask=pa.array(counts == 0))
        spans = _replace(self._spans, "checks", lists)
        return _replace(spans, "reason", self._reasons(at, codes))

    def _take(self, at: Any, holds: Any, codes: Any) -> None:  # noqa: ANN401 - arrays
        np.add.at(self.held, at[holds], 1)
        np.add.at(self.failed, at[~holds], 1)
        self._said.append((at, codes))

    def _code(self, text: str) -> int:
        if not self._texts or self._texts[-1] != text:
            self._texts.append(text)
        return len(self._texts) - 1

    def _reasons(self, at: Any, codes: Any) -> pa.Array:  # noqa: ANN401 - arrays
        reasons = self._spans["reason"].to_pylist()
        for i, code in zip(at, codes, strict=True):
            if ": fails" in self._texts[code]:
                reasons[i] = f"{reasons[i]}; {self._texts[code]}" if reasons[i] else self._texts[code]
        return pa.array(reasons, pa.string())

    def _inferred_from(self) -> dict[int, set[str]]:
        """The columns that each computed cell was computed from."""
        inputs = self._spans["inputs"]
        if inputs.null_count == len(inputs):
            return {}
        return {i: set(names) for i, names in enumerate(inputs.to_pylist()) if names}

    def _independent(self, outcome: Outcome, operands: Operands) -> Any:  # noqa: ANN401 - a boolean array
        """Rows in which no cell was computed from the others: what was made to fit proves nothing by fitting."""
        keep = np.ones(len(outcome.rows), bool)
        if self._inputs:
            names = set(outcome.columns)
            for name in names:
                at = operands.places(name)[outcome.rows]
                keep &= [not (self._inputs.get(int(i), set()) & (names - {name})) for i in at]
        return keep


def _replace(table: pa.Table, name: str, array: pa.Array) -> pa.Table:
    return table.set_column(table.schema.get_field_index(name), name, array)
