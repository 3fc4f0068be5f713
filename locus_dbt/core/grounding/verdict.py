"""What is known around a citation, and what comparing a value with it found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from locus_dbt.core.values import DateOrder, NumberStyle


class Verdict(NamedTuple):
    """How a value stands to its cited text.

    ``grounding`` is one of :data:`locus_dbt.core.builder.GROUNDINGS`, ``faithfulness`` 0..1. ``reason`` says in words
    what keeps the score down, or what doubt remains; ``rule`` how the value was read from the text, ``None`` when it
    is the text.
    """

    grounding: str
    faithfulness: float
    reason: str | None = None
    rule: str | None = None


@dataclass(frozen=True, slots=True)
class Context:
    """What stands around a cited text and helps to read it; all of it may be unknown.

    ``kind`` is the SQL type of the value's column (``VARCHAR``, ``DECIMAL(18,2)``), empty when unknown: of a number
    column a plain decimal is the number, and ``007`` is 7. ``headers`` name the cited cell's column, ``row_label`` its
    row. ``captions`` are texts that speak for the whole table (``in thousands``). ``neighbours`` are texts beside it,
    where a currency or unit may stand that the cell lacks. ``ocr``: the page was read from its picture, so 0 may be O.
    ``date_order`` and ``number_style`` are what the rest of the document writes, ``None`` when it does not show.
    """

    kind: str = ""
    headers: tuple[str, ...] = ()
    row_label: str = ""
    captions: tuple[str, ...] = ()
    neighbours: tuple[str, ...] = ()
    ocr: bool = False
    date_order: DateOrder | None = None
    number_style: NumberStyle | None = None

    @property
    def is_number(self) -> bool:
        """Whether the column holds numbers: its values are plain decimals."""
        return (
            self.kind.startswith(("DECIMAL", "DOUBLE", "FLOAT")) or self.kind.endswith("INT") or "INTEGER" in self.kind
        )

    @property
    def around(self) -> tuple[str, ...]:
        """All texts that may say what the cell itself leaves out: unit, currency, scale."""
        return (*self.headers, self.row_label, *self.captions, *self.neighbours)


#: Nothing is known around the text.
ALONE = Context()


def differs(text: str, why: str = "", score: float = 0.1) -> Verdict:
    """The text says something else; ``why`` in words, if more is known than that."""
    shown = text if len(text) <= 80 else text[:77] + "…"
    return Verdict("none", score, f"the cited text is '{shown}'" + (f": {why}" if why else ""))
