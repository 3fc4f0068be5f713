"""The facts about cells that an auditor asks for: plain values, read by ``reading``, shown as text, JSON or HTML."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

Box = tuple[float, float, float, float]

#: How a value stands to the paper, from worst to best; what is not compared and what is empty come last.
Verdict = Literal["ungrounded", "check", "printed", "uncompared", "empty"]
VERDICTS: tuple[Verdict, ...] = ("ungrounded", "check", "printed", "uncompared", "empty")

#: From this faithfulness on a value counts as printed so; below the second one as not grounded.
PRINTED_FROM, CHECK_FROM = 0.9, 0.5


@dataclass(frozen=True, slots=True)
class Source:
    """Where one value was read, and how well value and print agree.

    ``box`` is in PDF points from the page's top left; ``place`` is the address in formats without pages. ``compared``
    is false where there was no text to compare with; ``reason`` then says why. ``inputs`` are the places of the
    columns that an inferred value was computed from; ``input_names`` those columns, also where no place of theirs is
    known.
    """

    column: str
    document: str | None
    sha256: str | None = None
    size: int | None = None
    media_type: str | None = None
    image: str | None = None
    image_version: str | None = None
    page: int | None = None
    box: Box | None = None
    place: str | None = None
    text: str | None = None
    value: str | None = None
    rule: str | None = None
    grounding: str | None = None
    faithfulness: float | None = None
    confidence: float | None = None
    mode: str | None = None
    checks: Sequence[str] = ()
    reason: str | None = None
    compared: bool = True
    input_names: Sequence[str] = ()
    inputs: Sequence[Source] = ()

    @property
    def verdict(self) -> Verdict:
        """How the value read here stands to the print."""
        if self.faithfulness is None:
            return "ungrounded" if self.compared else "uncompared"
        if self.grounding == "none" or self.faithfulness < CHECK_FROM:
            return "ungrounded"
        return "printed" if self.faithfulness >= PRINTED_FROM else "check"


@dataclass(frozen=True, slots=True)
class Step:
    """One model on the way from a cell to the paper: the row and the value there, and what this step does.

    ``kind`` is what ``locus.columns`` says (identity, expression, …), or ``merge`` where several rows went into one.
    ``value`` is text, ``None`` for null; ``unknown`` says why it could not be read. ``image`` is the relational image
    that made the model, with its version.
    """

    model: str
    column: str
    row_id: str
    kind: str
    value: str | None = None
    unknown: str | None = None
    image: str | None = None
    merged: int = 1


@dataclass(frozen=True, slots=True)
class Way:
    """One way from a cell back: its steps, then a source, or a ``gap`` that says why there is none."""

    steps: Sequence[Step]
    source: Source | None = None
    gap: str | None = None

    @property
    def verdict(self) -> Verdict:
        """That of its source; a way without one is ungrounded, and so is one that goes through a broken step."""
        return self.source.verdict if self.source and not self.gap else "ungrounded"

    @property
    def faithfulness(self) -> float | None:
        """Of the value that was read at the end of this way."""
        return self.source.faithfulness if self.source else None


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell and all ways back from it, the worst first; ``way_count`` counts also those left out.

    ``refused`` says, for an empty cell, what was refused there.
    """

    column: str
    value: str | None
    ways: Sequence[Way] = ()
    way_count: int = 0
    refused: str | None = None

    @property
    def verdict(self) -> Verdict:
        """The worst of its ways; empty for null, ungrounded for a value that leads nowhere."""
        if self.value is None:
            return "empty"
        return min((w.verdict for w in self.ways), key=VERDICTS.index, default="ungrounded")

    @property
    def faithfulness(self) -> float | None:
        """The least of its ways."""
        known = [w.faithfulness for w in self.ways if w.faithfulness is not None]
        return min(known, default=None)


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a model with its cells in the relation's order."""

    model: str
    row_id: str
    cells: Sequence[Cell]

    @property
    def documents(self) -> list[str]:
        """The documents that its cells were read from, each once."""
        found = (w.source.document for c in self.cells for w in c.ways if w.source and w.source.document)
        return list(dict.fromkeys(found))

    @property
    def worst_first(self) -> list[Cell]:
        """Its cells by verdict and score; those that stand alike stay in the relation's order."""
        return sorted(self.cells, key=lambda c: (VERDICTS.index(c.verdict), c.faithfulness or 0.0))


@dataclass(frozen=True, slots=True)
class Picture:
    """A page as a picture: ``width`` and ``height`` in points, ``data`` the bytes of a file of type ``media_type``."""

    width: float
    height: float
    media_type: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Excerpt:
    """What stands around a place in a format without pages.

    ``part`` names the table or text of the document that it is cut from, with the columns that were kept; excerpts of
    one part are parts of one table. ``lines`` maps the number of a line (from 1) to its cells; ``cited`` is the line
    and the position in it.
    """

    part: str
    lines: Mapping[int, Sequence[str]]
    cited: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Review:
    """Everything the page shows: rows, page pictures by (document, page), excerpts by source, and what to say beside.

    ``troubles`` maps a document to why it is not shown (gone, changed, …). ``left_out`` are sentences about what is
    not on the page. ``row_count`` is the number of rows in the model, of which ``rows`` are the worst.
    """

    model: str
    rows: Sequence[Row]
    row_count: int = 1
    pictures: Mapping[tuple[str, int], Picture] = field(default_factory=dict)
    excerpts: Mapping[tuple[str, str, str], Excerpt] = field(default_factory=dict)
    troubles: Mapping[str, str] = field(default_factory=dict)
    left_out: Sequence[str] = ()

    @property
    def ungrounded(self) -> list[tuple[Row, Cell]]:
        """What to look at first, over all rows."""
        return [(row, cell) for row in self.rows for cell in row.worst_first if cell.verdict == "ungrounded"]

    @property
    def in_order(self) -> list[tuple[Row, Cell]]:
        """Every cell once, in the order of the page: the ungrounded of all rows, then row by row, worst first."""
        rest = [(r, c) for r in self.rows for c in r.worst_first if c.verdict != "ungrounded"]
        return self.ungrounded + rest


def excerpt_key(source: Source) -> tuple[str, str, str]:
    """The key of a source's excerpt: document, place and text."""
    return source.document or "", source.place or "", source.text or ""
