"""Where a value was read: box, span of characters, and the place in a document."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Box:
    """Rectangle on a page in PDF points (1/72 inch), origin top left, ``x0 <= x1`` and ``y0 <= y1``."""

    x0: float
    y0: float
    x1: float
    y1: float

    def __post_init__(self) -> None:
        if not (self.x0 <= self.x1 and self.y0 <= self.y1):
            raise ValueError(f"not a box: {self.x0}, {self.y0}, {self.x1}, {self.y1}")

    def union(self, other: Box) -> Box:
        """The smallest box around both."""
        return Box(min(self.x0, other.x0), min(self.y0, other.y0), max(self.x1, other.x1), max(self.y1, other.y1))


@dataclass(frozen=True, slots=True)
class Span:
    """Half-open range of code points: ``text[start:stop]``."""

    start: int
    stop: int

    def __post_init__(self) -> None:
        if not 0 <= self.start <= self.stop:
            raise ValueError(f"not a span: start={self.start}, stop={self.stop}")


@dataclass(frozen=True, slots=True)
class Locus:
    """A place in one document.

    ``page`` counts from 1 and is ``None`` for documents without pages. ``box`` lies on that page.
    ``place`` is the address in the document's own terms where it has one: ``Sheet1!B7``,
    ``/items/3/price`` (JSON pointer), ``line 12``, ``attachment factur-x.xml /Invoice/ID``.
    """

    page: int | None = None
    box: Box | None = None
    place: str | None = None
    span: Span | None = None

    def __post_init__(self) -> None:
        if self.page is not None and self.page < 1:
            raise ValueError(f"pages count from 1, not {self.page}")
        if self.box is not None and self.page is None:
            raise ValueError("a box needs its page")
