"""What speaks against a place: another cell that the row's other values, the column's name or the question point to.

A value that was swapped between rows or columns stands in the document, at the wrong place. It is told by what else is
known: the cell where the value belongs holds something else.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from locus_dbt.core.citations import Citation, Fact
from locus_dbt.core.passages import Passages, Unit
from locus_dbt.core.text_words import stems_of

#: Names of rows that a question may say without meaning the row.
GENERAL = frozenset({"total", "other", "net"})


def misplaced(
    passages: Passages, facts: Sequence[Fact], citations: Sequence[Citation | None], number: int
) -> str | None:
    """Why the place of one value of a claim is not the one that is meant; ``None`` when nothing speaks against it."""
    citation = citations[number]
    if citation is None:
        return None
    if lost := _lost_key(facts, citations, number, citation.unit):
        return lost
    if not citation.unit.is_cell or passages.is_header(citation.unit):
        return None
    others = [(f, c) for i, (f, c) in enumerate(zip(facts, citations, strict=True)) if i != number and c is not None]
    taken = {_place(c.unit): f for f, c in others if c.unit.is_cell}
    against = _other_row(passages, facts[number], citation, [c for _, c in others if c.unit.is_cell], taken)
    against = against or _other_header(passages, facts[number], citation, taken)
    return against or _other_label(passages, facts[number], citation, taken)


_Place = tuple[int, int, int]


def _place(unit: Unit) -> _Place:
    return unit.grid, unit.row, unit.column


def _lost_key(facts: Sequence[Fact], citations: Sequence[Citation | None], number: int, unit: Unit) -> str | None:
    """None of the claim's names is found anywhere, and nothing else of the claim stands beside this value."""
    others = [(f, c) for i, (f, c) in enumerate(zip(facts, citations, strict=True)) if i != number]
    names = [(f, c) for f, c in others if sum(ch.isalpha() for ch in f.value) > 1]
    if not names or any(c is not None for _, c in names):
        return None
    if any(c is not None and (c.unit.grid, c.unit.row) == (unit.grid, unit.row) for _, c in others):
        return None
    return f"'{names[0][0].value}' is not found, and nothing else of the row stands here"


def _other_row(
    passages: Passages, fact: Fact, citation: Citation, others: Sequence[Citation], taken: Mapping[_Place, Fact]
) -> str | None:
    """The row of the other values holds something else in this column."""
    unit = citation.unit
    home = _row_of_others(unit, others)
    if home is None or home == unit.row:
        return None
    held = passages.cell(unit.grid, home, unit.column)
    if held is None or not _alike(held.text, citation.text):
        return None
    holder = taken.get(_place(held))
    if holder is not None:  # another value may be there because it is the one in the wrong place
        header = passages.header(held)
        if not header & _named(holder) < header & _named(fact):
            return None
    return f"the other values stand on another row, which says '{held.text}' here"


def _row_of_others(unit: Unit, others: Sequence[Citation]) -> int | None:
    """The row that most of the other values stand on, if they are words or at least two, and each in one place only."""
    sure = [c for c in others if c.unit.grid == unit.grid and not c.rivals and c.quality >= 0.9]
    if any(c.unit.row == unit.row for c in sure):
        return None
    counted = Counter(c.unit.row for c in sure)
    if not counted:
        return None
    row, most = counted.most_common(1)[0]
    worded = any(c.unit.row == row and sum(ch.isalpha() for ch in c.text) > 1 for c in sure)
    return row if worded or most > 1 else None


def _other_header(passages: Passages, fact: Fact, citation: Citation, taken: Mapping[_Place, Fact]) -> str | None:
    """A cell of the same row under a header that says what is asked for, where the value's own header does not."""
    unit = citation.unit
    named, years = _named(fact), _years(stems_of(fact.question))
    if unit.column == 0 or not (named or years):
        return None
    own = passages.header(unit)
    for number in passages.row(unit):
        held = passages.units[number]
        if held.column in (0, unit.column) or not _alike(held.text, citation.text):
            continue
        there = passages.header(held)
        told = (there & named) - own if own & named < there & named else frozenset()
        if not told and _years(own) and not _years(own) & years:
            told = _years(there) & years
        if not told:
            continue
        holder = taken.get(_place(held))
        if holder is None or there & _named(holder) < own & _named(
            holder
        ):  # free, or held by a value that belongs here
            return f"under '{_header_text(passages, held)}' the same row says '{held.text}'"
    return None


def _header_text(passages: Passages, unit: Unit) -> str:
    return next((text for text in passages.heads(unit) if text.strip()), "")


def _other_label(passages: Passages, fact: Fact, citation: Citation, taken: Mapping[_Place, Fact]) -> str | None:
    """A row whose name the question says in full, where that of the value's row is not said at all."""
    unit = citation.unit
    asked = stems_of(fact.question)
    if not asked or unit.column == 0 or (passages.label(unit) | passages.section(unit)) & asked:
        return None
    for row in range(len(passages.content.grids[unit.grid].rows)):
        held = passages.cell(unit.grid, row, unit.column)
        if held is None or _place(held) in taken or passages.is_header(held) or not _alike(held.text, citation.text):
            continue
        label = passages.label(held)
        if label - GENERAL and label <= asked:
            return f"the row '{passages.content.grids[unit.grid].rows[row][0]}' says '{held.text}' here"
    return None


def _named(fact: Fact) -> frozenset[str]:
    return stems_of(fact.name.replace("_", " "))


def _years(words: frozenset[str]) -> frozenset[str]:
    return frozenset(w for w in words if len(w) == 4 and w.isdigit() and w[:2] in ("19", "20"))


def _alike(text: str, other: str) -> bool:
    """Whether both are numbers, or both are words: the same kind of thing in one column."""
    return any(c.isdigit() for c in text) == any(c.isdigit() for c in other)
