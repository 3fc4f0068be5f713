"""Fences of the docs: found, with the mark that says how to run them.

A mark is a comment on the line before a fence:

``<!-- run -->`` runs it, ``<!-- run: rows -->`` wants at least one row, ``<!-- run: none -->`` wants none,
``<!-- run: E104 -->`` wants that error; ``<!-- file: models/x.sql -->`` is a file of the quickstart's project.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

_FENCE = re.compile(
    r"(?:^(?P<indent> *)<!-- (?P<how>run|file)(?:: (?P<what>[^>]+?))? -->\n)?"
    r"^(?P<pad> *)```(?P<language>\w+)?[^\n]*\n(?P<text>.*?)^(?P=pad)```",
    re.DOTALL | re.MULTILINE,
)


@dataclass(frozen=True)
class Fence:
    """One fence: ``how`` is run, file or empty; ``what`` its expectation or path."""

    page: str
    line: int
    language: str
    text: str
    how: str
    what: str

    @property
    def id(self) -> str:
        return f"{self.page}:{self.line}"


def documents() -> list[Path]:
    """README, changelog, every page below docs and the reference page of each image."""
    pages = [*sorted((ROOT / "docs").rglob("*.md")), *sorted((ROOT / "locus_dbt" / "images").glob("*/REFERENCE.md"))]
    return [ROOT / "README.md", ROOT / "CHANGELOG.md", *pages]


def fences(path: Path) -> Iterator[Fence]:
    text = path.read_text("utf-8")
    for match in _FENCE.finditer(text):
        pad = match["pad"]
        body = "".join(line.removeprefix(pad) for line in match["text"].splitlines(keepends=True))
        line = text.count("\n", 0, match.start("language") if match["language"] else match.start("text")) + 1
        page = path.relative_to(ROOT).as_posix()
        yield Fence(page, line, match["language"] or "", body, match["how"] or "", match["what"] or "")


def marked(how: str, language: str) -> list[Fence]:
    return [f for p in documents() for f in fences(p) if f.how == how and f.language == language]
