"""How verdicts look and what they are called: never by colour alone, one list for picture and page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from locus_dbt.cli.review.facts import Verdict


@dataclass(frozen=True, slots=True)
class Look:
    """How one verdict is drawn and named.

    ``color`` is RGB, chosen to be told apart also in grey and by those who do not see all colours; ``dash`` is line
    and gap in points, empty for a full line; ``sign`` stands beside the word.
    """

    word: str
    sign: str
    color: tuple[int, int, int]
    dash: tuple[int, ...]
    meaning: str

    @property
    def hex(self) -> str:
        """The colour as CSS writes it."""
        return "#{:02x}{:02x}{:02x}".format(*self.color)


LOOKS: Mapping[Verdict, Look] = {
    "ungrounded": Look(
        "ungrounded", "✗", (187, 85, 102), (2, 2), "no place, a place that says something else, or a score below 0.5"
    ),
    "check": Look("to check", "~", (190, 130, 0), (6, 3), "score from 0.5: inferred, or printed nearly so"),
    "printed": Look("printed so", "✓", (0, 68, 136), (), "score from 0.9: the value is what is printed there"),
    "uncompared": Look(
        "not compared",
        "○",
        (110, 110, 110),
        (1, 3),
        "no text was kept to compare with, as for large CSV files that DuckDB reads itself",
    ),
    "empty": Look("empty", "∅", (150, 150, 150), (), "null: nothing was read"),
}
