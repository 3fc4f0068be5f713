"""A text's lines with a place to read from, as the readers of markup languages share it."""

from __future__ import annotations

import re
from collections.abc import Callable

from locus_dbt.model.document import Document
from locus_dbt.model.element import BlockKind
from locus_dbt.parsers.cells import Flow
from locus_dbt.parsers.decoding import decode


class Lines:
    """Lines of a document; ``at`` is the next one to read."""

    def __init__(self, document: Document) -> None:
        text, self.encoding = decode(document.data, filename=document.filename, options=document.options)
        self.all = [line.rstrip().expandtabs(8) for line in re.split(r"\r\n|\n|\r", text.replace("\0", ""))]
        self.at = 0
        self.flow = Flow()
        self.metadata: dict[str, str] = {"encoding": self.encoding}

    @property
    def more(self) -> bool:
        """Whether a line is left."""
        return self.at < len(self.all)

    @property
    def line(self) -> str:
        """The next line."""
        return self.all[self.at]

    def ahead(self, n: int) -> str:
        """The line ``n`` after the next one; blank beyond the end."""
        return self.all[self.at + n] if self.at + n < len(self.all) else ""

    def take_while(self, keep: Callable[[str], bool]) -> list[str]:
        """The lines from here on that ``keep`` accepts."""
        start = self.at
        while self.more and keep(self.line):
            self.at += 1
        return self.all[start : self.at]

    def skip_blank(self) -> None:
        """Move to the next line with anything on it."""
        self.take_while(lambda line: not line.strip())

    def put(self, kind: BlockKind, text: str, line: int, *, level: int = 0, label: str = "") -> None:
        """Append a block that begins on ``line`` (from 0)."""
        self.flow.block(kind, text, place=f"line {line + 1}", level=level, label=label)


def indent_of(line: str) -> int:
    """Blanks before the first sign."""
    return len(line) - len(line.lstrip(" "))


def dedented(lines: list[str]) -> list[str]:
    """Lines without the indent that all of them share."""
    depth = min((indent_of(line) for line in lines if line.strip()), default=0)
    return [line[depth:] for line in lines]
