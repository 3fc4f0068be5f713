"""What speaks against a place: another cell that the row's other values, the column's name or the question point to.

A value that was swapped between rows or columns stands in the document, at the wrong place. It is told by what else is
known: the cell where the value belongs holds something else.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from locus_dbt.core.citations import Citation, Fact
from locus_dbt.core.passages import Passages, Unit, stems_of


def misplaced(
    passages: Passages, facts: Sequence[Fact], citations: Sequence[Citation | None], number: int
) -> str | None:
    """Why the place of one value of a claim is not the one that is meant; ``None`` when nothing speaks against it."""
    citation = citations[number]
    if citation is None or not citation.unit.is_cell or passages.is_header(citation.unit):
        return None
    others = [c for i, c in enumerate(citations) if i != number and c is not None and c.unit.is_cell]
    taken = {(c.unit.grid, c.unit.row, c.unit.column) for c in others}
    unit = citation.unit
    home = _row_of_others(unit, others)
    if home is not None and home != unit.row:
        held = passages.cell(unit.grid, home, unit.column)
        if held is not None and (held.grid, held.row, held.column) not in taken and _alike(held.text, citation.text):
            return f"the other values stand on another row, which says '{held.text}' here"
    return _other_header(passages, facts[number], citation, taken)


def _row_of_others(unit: Unit, others: Sequence[Citation]) -> int | None:
    """The row that most of the other values stand on, if they are words or at least two, and each in one place only."""
    sure = [c for c in others if c.unit.grid == unit.grid and not c.rivals and c.quality >= 0.9]
    if any(c.unit.row == unit.row for c in sure):
        return None
    counted = Counter(c.unit.row for c in sure)
    if not counted:
        return None
    row, most = counted.most_common(1)[0]
    worded = any(c.unit.row == row and not any(ch.isdigit() for ch in c.text) for c in sure)
    return row if worded or most > 1 else None


def _other_header(
    passages: Passages, fact: Fact, citation: Citation, taken: set[tuple[int, int, int]]
) -> str | None:
    """A cell of the same row under a header that says what is asked for, where the value's own header does not."""
    unit = citation.unit
    asked = stems_of(fact.name.replace("_", " ")) | stems_of(fact.question)
    if not asked or unit.column == 0:
        return None
    own = passages.header(unit) & asked
    for number in passages.row(unit):
        held = passages.units[number]
        place = (held.grid, held.row, held.column)
        if held.column in (0, unit.column) or place in taken or not _alike(held.text, citation.text):
            continue
        there = passages.header(held) & asked
        if own < there:
            told = ", ".join(sorted(there - own))
            return f"under '{told}' the same row says '{held.text}'"
    return None


def _alike(text: str, other: str) -> bool:
    """Whether both are numbers, or both are words: the same kind of thing in one column."""
    return any(c.isdigit() for c in text) == any(c.isdigit() for c in other)
