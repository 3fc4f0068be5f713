"""Grounding and faithfulness of all spans of a document: equal texts in bulk, each other pair once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from locus_dbt.core.builder import TableBuilder
from locus_dbt.core.grounding.boxes import missing_texts
from locus_dbt.core.grounding.bulk import settle
from locus_dbt.core.grounding.comparing import by_rule
from locus_dbt.core.grounding.contexts import Contexts
from locus_dbt.core.grounding.layout import misplaced
from locus_dbt.core.grounding.positions import positions
from locus_dbt.core.grounding.verdict import Context, Verdict
from locus_dbt.core.grounding.words import compare_words
from locus_dbt.model.document import Document
from locus_dbt.model.element import Page, Table

#: Faithfulness of a value that stands for the printed text by a rule the image names.
_BY_RULE = 0.95

#: Faithfulness of a value without printed text, and what a computed one keeps of its least faithful input.
_INFERRED = 0.5
_COMPUTED = 0.9

#: So many cells are worth a look in bulk before one by one.
_MANY = 64

#: The most that a cell can have which stands apart from the others of its row or column.
_MISPLACED = 0.25


def ground(table: TableBuilder, document: Document) -> pa.Table:
    """The table's spans with grounding and faithfulness filled in."""
    if "parsed" not in document.__dict__:
        return ground_spans(table.spans_table(), (), types=table.columns)
    parsed = document.parsed
    return ground_spans(table.spans_table(), parsed.pages, tables=parsed.tables, types=table.columns)


def ground_spans(
    spans: pa.Table,
    pages: Sequence[Page],
    *,
    tables: Sequence[Table] = (),
    types: Mapping[str, str] | None = None,
) -> pa.Table:
    """Spans with grounding, faithfulness, rule, mode and reason filled in.

    ``pages`` hold the words that boxes are compared with, ``tables`` the cells that places and boxes may be those of;
    ``types`` are the SQL types of the columns, by name.
    """
    if spans.num_rows == 0:
        return spans
    found = _Found(spans)
    found.compare(pages, tables, types or {})
    found.look_into_boxes(pages)
    found.look_around(tables)
    found.follow_inputs()
    return found.table()


class _Found:
    """The verdicts on a table of spans, in columns; exact until something else is found."""

    def __init__(self, spans: pa.Table) -> None:
        self._spans = spans
        n = spans.num_rows
        self.grounding = np.full(n, "exact", object)
        self.faithfulness = np.ones(n, np.float32)
        self.reason = spans["reason"].to_numpy(zero_copy_only=False).copy()
        self.rule = np.full(n, None, object)
        self._ruled = _mask(pc.and_(pc.equal(spans["grounding"], "normalized"), pc.is_valid(spans["reason"])))
        self._inferred = _mask(pc.equal(spans["grounding"], "inferred"))

    def compare(self, pages: Sequence[Page], tables: Sequence[Table], types: Mapping[str, str]) -> None:
        """Compare value and text where they are not equal, each pair of a column once."""
        spans = self._spans
        equal = _mask(pc.equal(spans["value"], spans["text"]))
        rest = np.flatnonzero(~equal & ~self._inferred)
        if len(rest) >= _MANY:
            rest = rest[~self._in_bulk(rest)]
        if not len(rest):
            return
        contexts = Contexts(spans, pages, tables, types)
        chosen = spans.select(["column_name", "value", "text", "page", "grounding", "reason"]).take(pa.array(rest))
        known: dict[tuple[Any, ...], Verdict] = {}
        for i, one in zip(rest.tolist(), zip(*(c.to_pylist() for c in chosen.columns), strict=True), strict=True):
            verdict = known.get(one)
            if verdict is None:
                column, value, text, page, grounding, reason = one
                by = reason if grounding == "normalized" else None
                verdict = known[one] = _verdict(value, text, contexts.of(column, page), by)
            self.grounding[i], self.faithfulness[i] = verdict.grounding, verdict.faithfulness
            self.rule[i] = verdict.rule
            if verdict.reason is not None:
                self.reason[i] = verdict.reason

    def _in_bulk(self, rest: Any) -> Any:  # noqa: ANN401 - arrays
        """Settle the plain spellings of numbers and times; which of the spans they are."""
        chosen = self._spans.select(["value", "text"]).take(pa.array(rest)).combine_chunks()
        value, text = (pc.fill_null(chosen[name].combine_chunks(), "") for name in ("value", "text"))
        settled = np.zeros(len(rest), bool)
        for rule, score, doubt, same in settle(value, text):
            which = _mask(same) & ~settled
            settled |= which
            at = rest[which]
            self.grounding[at], self.faithfulness[at], self.rule[at] = "normalized", score, rule
            if doubt is not None:
                by_image = self._ruled[at]
                self.reason[at[~by_image]] = doubt
                self.rule[at[by_image]], self.faithfulness[at[by_image]] = self.reason[at[by_image]], _BY_RULE
        return settled

    def look_into_boxes(self, pages: Sequence[Page]) -> None:
        """Lower what is cited from a box that does not hold it."""
        if not any(len(page.words) for page in pages):
            return
        numbers = self._spans["page"].fill_null(0).to_numpy(zero_copy_only=False)
        boxes = np.column_stack([_floats(self._spans[name]) for name in ("x0", "y0", "x1", "y1")])
        missing = missing_texts(pages, numbers, boxes, self._spans["text"].to_pylist()) & ~self._inferred
        self.lower(missing, 0.2, "the cited box does not hold the text")

    def look_around(self, tables: Sequence[Table]) -> None:
        """Lower what stands apart from the other cells of its row or column."""
        rows = np.flatnonzero(~self._inferred)
        spans = self._spans.take(pa.array(rows)) if len(rows) < len(self.grounding) else self._spans
        if not spans.num_rows or (where := positions(spans, tables)) is None:
            return
        for i, reason in misplaced(spans, where).items():
            self.lower([int(rows[i])], _MISPLACED, reason)

    def lower(self, which: Any, most: float, reason: str) -> None:  # noqa: ANN401 - a mask
        """Give spans at most the faithfulness ``most``, as not grounded, for a reason."""
        self.grounding[which] = "none"
        self.faithfulness[which] = np.minimum(self.faithfulness[which], most)
        self.reason[which] = reason

    def follow_inputs(self) -> None:
        """What was not printed: as faithful as the cells of its row that it was computed from, and a little less."""
        rows = np.flatnonzero(self._inferred)
        self.grounding[rows], self.faithfulness[rows] = "inferred", _INFERRED
        inputs = self._spans["inputs"].take(pa.array(rows)).to_pylist() if len(rows) else []
        if not any(inputs):
            return
        ordinals = self._spans["ordinal"].to_numpy()
        names = self._spans["column_name"].to_pylist()
        score = dict(zip(zip(ordinals.tolist(), names, strict=True), self.faithfulness.tolist(), strict=True))
        for i, columns in zip(rows.tolist(), inputs, strict=True):
            if not columns:
                continue
            parts = {c: score.get((int(ordinals[i]), c)) for c in columns}
            least = min(parts, key=lambda c: -1.0 if parts[c] is None else float(parts[c] or 0.0))
            worst = parts[least]
            told = f"computed from {', '.join(columns)}"
            if worst is None:
                self.faithfulness[i] = 0.3
                told += f"; {least} has no source in this row"
            else:
                self.faithfulness[i] = round(_COMPUTED * worst, 4)
                told += f", the least faithful is {least} with {worst:.2f}" if worst < 1 else ""
            self.reason[i] = f"{self.reason[i]}; {told}" if self.reason[i] else told

    def table(self) -> pa.Table:
        """The spans with their verdicts."""
        spans, n = self._spans, len(self.grounding)
        spans = _replace(spans, "faithfulness", pa.array(self.faithfulness))
        spans = _replace(spans, "grounding", pa.array(self.grounding, pa.string()))
        spans = _replace(spans, "rule", pa.array(self.rule, pa.string()))
        spans = _replace(spans, "mode", pa.array(["degraded"]).take(np.zeros(n, np.int64)))
        return _replace(spans, "reason", pa.array(self.reason, pa.string()))


def _verdict(value: str, text: str | None, context: Context, by: str | None) -> Verdict:
    """The rules first; then the image's own rule for codes and the like; likeness last, it costs most."""
    if text is None:
        return Verdict("none", 0.0, "no text is cited")
    found = by_rule(value, text, context)
    if by and text and (found is None or found.faithfulness < _BY_RULE):
        # A code stands for a printed word by a rule that the image names ('Rechnung' is 380, UNTDID 1001).
        return Verdict("normalized", _BY_RULE, by, by)
    return found if found is not None else compare_words(value, text, context)


def _mask(flags: Any) -> Any:  # noqa: ANN401
    return flags.fill_null(False).to_numpy(zero_copy_only=False).astype(bool)


def _floats(column: Any) -> Any:  # noqa: ANN401
    return column.to_numpy(zero_copy_only=False).astype(np.float32)


def _replace(table: pa.Table, name: str, array: pa.Array) -> pa.Table:
    return table.set_column(table.schema.get_field_index(name), name, array)
