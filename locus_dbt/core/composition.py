"""How provenance composes from step to step: the one place that decides it, in Python and as the same rules in SQL.

    map     carries spans and score; where the value changed it asks for re-grounding and a review no longer holds
    merge   union of all contributors' spans, the smallest score; reviewed only if every contributor was
    split   each child has the spans and score of its origin; a child that is another value than its origin has changed
    mask    keeps the score; what is masked is never compared with the print again and its text is not shown
    review  a person's correction: score 1, the spans are those that were read, with reviewer and time
    null    a null made from a value keeps its spans and says why

Nothing here drops a span, so every cell that was read leads to its place after any sequence of steps.
The SQL functions give an expression for each column of ``CELL`` over a relation that has these columns.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

#: Kinds of column edges (``locus.columns.kind``) through which a value goes as it is.
UNCHANGED = ("identity",)

#: The state of a cell as columns of a relation, with their types.
CELL: Mapping[str, str] = {
    "spans": "VARCHAR[]",
    "score": "DOUBLE",
    "regrounding": "BOOLEAN",
    "masked": "BOOLEAN",
    "reviewers": "VARCHAR[]",
    "reviewed_at": "TIMESTAMP",
    "reason": "VARCHAR",
}


@dataclass(frozen=True, slots=True)
class CellProvenance:
    """What is known of one cell.

    ``spans`` are keys of the places it was read from, ``score`` its faithfulness (``None``: not compared yet).
    ``regrounding``: the value changed since it was compared with the print. ``reviewed_at`` is UTC.
    ``reason`` says why the cell is null, where it was not null at its origin.
    """

    spans: frozenset[str]
    score: float | None = None
    regrounding: bool = False
    masked: bool = False
    reviewers: frozenset[str] = frozenset()
    reviewed_at: dt.datetime | None = None
    reason: str | None = None

    def __post_init__(self) -> None:
        if self.score is not None and not 0 <= self.score <= 1:
            raise ValueError(f"not a score: {self.score}")
        if bool(self.reviewers) != (self.reviewed_at is not None):
            raise ValueError("a review has a reviewer and a time")


def mapped(cell: CellProvenance, *, changed: bool) -> CellProvenance:
    """The cell after a step that copies (``changed`` false) or computes its value."""
    if not changed:
        return cell
    return replace(cell, regrounding=cell.regrounding or not cell.masked, reviewers=frozenset(), reviewed_at=None)


def merged(cells: Sequence[CellProvenance]) -> CellProvenance:
    """One cell of several; at least one."""
    times = [c.reviewed_at for c in cells]
    whole = [t for t in times if t is not None]
    reviewed = len(whole) == len(times)
    return CellProvenance(
        spans=frozenset().union(*(c.spans for c in cells)),
        score=min((c.score for c in cells if c.score is not None), default=None),
        regrounding=any(c.regrounding for c in cells),
        masked=any(c.masked for c in cells),
        reviewers=frozenset().union(*(c.reviewers for c in cells)) if reviewed else frozenset(),
        reviewed_at=max(whole) if reviewed else None,
        reason=min((c.reason for c in cells if c.reason is not None), default=None),
    )


def split(cell: CellProvenance, *, changed: Sequence[bool]) -> tuple[CellProvenance, ...]:
    """One cell for each child; ``changed`` says which children are another value than their origin."""
    return tuple(mapped(cell, changed=one) for one in changed)


def masked(cell: CellProvenance) -> CellProvenance:
    """The cell after its value was masked."""
    return replace(cell, masked=True)


def reviewed(cell: CellProvenance, *, reviewer: str, at: dt.datetime) -> CellProvenance:
    """The cell after a person read the print and set or confirmed the value."""
    return replace(cell, score=1.0, regrounding=False, reviewers=frozenset((reviewer,)), reviewed_at=at, reason=None)


def emptied(cell: CellProvenance, *, reason: str) -> CellProvenance:
    """The cell after its value became null."""
    return replace(mapped(cell, changed=True), reason=reason)


def changed_sql(kind: str, *, before: str | None = None) -> str:
    """Whether a value changed on a column edge of this ``kind``, or ``before`` it (both SQL expressions)."""
    here = f"{kind} <> 'identity'"
    return f"{before} OR {here}" if before else here


def shown_sql(text: str, *, masked: str = "masked") -> str:
    """A printed text, or NULL where the cell was masked on the way."""
    return f"CASE WHEN {masked} THEN NULL ELSE {text} END"


def mapped_sql(changed: str) -> dict[str, str]:
    """:func:`mapped`, ``changed`` being a SQL condition over the row."""
    return {
        **_same(),
        "regrounding": f"(regrounding OR (({changed}) AND NOT masked))",
        "reviewers": f"CASE WHEN {changed} THEN CAST([] AS VARCHAR[]) ELSE reviewers END",
        "reviewed_at": f"CASE WHEN {changed} THEN NULL ELSE reviewed_at END",
    }


def merged_sql() -> dict[str, str]:
    """:func:`merged` as aggregates over a group."""
    union = "list_sort(list_distinct(flatten(list({}))))"
    whole = "count(*) = count(reviewed_at)"
    return {
        "spans": union.format("spans"),
        "score": "min(score)",
        "regrounding": "bool_or(regrounding)",
        "masked": "bool_or(masked)",
        "reviewers": f"CASE WHEN {whole} THEN {union.format('reviewers')} ELSE CAST([] AS VARCHAR[]) END",
        "reviewed_at": f"CASE WHEN {whole} THEN max(reviewed_at) END",
        "reason": "min(reason)",
    }


def masked_sql() -> dict[str, str]:
    """:func:`masked`."""
    return {**_same(), "masked": "true"}


def reviewed_sql(*, reviewer: str, at: str) -> dict[str, str]:
    """:func:`reviewed`, both arguments being SQL expressions."""
    return {
        **_same(),
        "score": "CAST(1 AS DOUBLE)",
        "regrounding": "false",
        "reviewers": f"[{reviewer}]",
        "reviewed_at": f"CAST({at} AS TIMESTAMP)",
        "reason": "CAST(NULL AS VARCHAR)",
    }


def emptied_sql(*, reason: str) -> dict[str, str]:
    """:func:`emptied`, the reason being a SQL expression."""
    return {**mapped_sql("true"), "reason": f"CAST({reason} AS VARCHAR)"}


def _same() -> dict[str, str]:
    return {name: name for name in CELL}
