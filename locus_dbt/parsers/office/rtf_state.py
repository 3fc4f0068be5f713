"""What holds inside one RTF group, and the stories (body, header, note, text box) that groups write to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from locus_dbt.model.element import BlockKind
from locus_dbt.parsers.office.rtf_table import OpenTable, RowShape

#: ``text``: shown; ``skip``: not read; the others are read into the place that their name says.
Destination = Literal[
    "text", "skip", "fonts", "styles", "info", "property", "marker", "author", "name", "value", "object", "picture"
]


@dataclass(slots=True)
class State:
    """Properties of a group; an inner group begins with a copy of its outer one's."""

    destination: Destination = "text"
    font: int = 0
    skip_after_unicode: int = 1
    hidden: bool = False
    deleted: bool = False
    in_table: bool = False
    nesting: int = 0
    style: int = 0
    outline: int | None = None
    list_level: int = 0
    #: What the group's end brings about: a story ends, a property is complete.
    closes: str = ""


@dataclass(slots=True)
class Paragraph:
    """A paragraph's text so far, with the marker of its list."""

    pieces: list[str] = field(default_factory=list)
    marker: str = ""

    @property
    def text(self) -> str:
        """The text; halves of characters beyond the first plane, which come one by one, are joined."""
        whole = "".join(self.pieces)
        if any("\ud800" <= c <= "\udfff" for c in whole):
            whole = whole.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        return whole


@dataclass(slots=True)
class Story:
    """One flow of paragraphs; ``kind`` is what they are."""

    kind: BlockKind
    place: str
    label: str = ""
    paragraph: Paragraph = field(default_factory=Paragraph)
    lines: list[str] = field(default_factory=list)
    tables: list[OpenTable] = field(default_factory=list)
    shapes: dict[int, RowShape] = field(default_factory=dict)
    is_endnote: bool = False
