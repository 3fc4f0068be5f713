"""Slides as pages: what stands on them, with boxes, put into reading order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from locus_dbt.model.element import Block, BlockKind, Page, Table
from locus_dbt.parsers.cells import CellColumns
from locus_dbt.parsers.limits import MAX_BLOCKS, MAX_TABLES, over

Box = tuple[float, float, float, float]

#: Shapes whose tops differ by less, in points, stand beside each other.
_SAME_BAND = 18.0


@dataclass(frozen=True, slots=True)
class SlideText:
    """One paragraph of a shape."""

    kind: BlockKind
    text: str
    place: str
    level: int = 0
    label: str = ""


@dataclass(slots=True)
class SlideItem:
    """A shape: its paragraphs, or its table's cells with a box each. ``rank`` orders title, content and the rest."""

    box: Box | None
    rank: int = 1
    texts: list[SlideText] = field(default_factory=list)
    cells: CellColumns | None = None
    cell_boxes: list[Box] = field(default_factory=list)
    title: str = ""


TITLE, CONTENT, MARGIN, NOTES = range(4)


class Deck:
    """Collects slides; numbers blocks and tables over the whole presentation."""

    def __init__(self) -> None:
        self.pages: list[Page] = []
        self.tables: list[Table] = []
        self._order = 0

    def slide(self, number: int, *, width: float, height: float, items: Sequence[SlideItem]) -> None:
        """Append a slide with its items in reading order: title, content from the top, margins, notes."""
        blocks: list[Block] = []
        for item in in_order(items):
            blocks.extend(self._block(text, item.box, number) for text in item.texts if text.text.strip())
            if item.cells is not None and len(item.cells):
                self._table(item, item.cells, number)
        self.pages.append(Page(number=number, width=width, height=height, blocks=tuple(blocks)))

    def _block(self, text: SlideText, box: Box | None, number: int) -> Block:
        shown = text.text.strip()
        return Block(text.kind, shown, self._next(), number, box, text.level, text.place, text.label)

    def _next(self) -> int:
        self._order += 1
        if self._order > MAX_BLOCKS:
            raise over(f"more than {MAX_BLOCKS} paragraphs", where="the slides")
        return self._order - 1

    def _table(self, item: SlideItem, cells: CellColumns, number: int) -> None:
        if len(self.tables) >= MAX_TABLES:
            raise over(f"more than {MAX_TABLES} tables", where=cells.place[0])
        table = cells.table(len(self.tables), title=item.title, order=self._next())
        boxes = item.cell_boxes or [item.box or (np.nan,) * 4] * len(cells)
        self.tables.append(
            replace(
                table,
                page=np.full(len(cells), number, dtype=np.int32),
                box=np.array(boxes, dtype=np.float32).reshape(len(cells), 4),
            )
        )


def in_order(items: Sequence[SlideItem]) -> list[SlideItem]:
    """By rank, then in bands from top to bottom, in a band from left to right; shapes without a box last."""
    placed = sorted(
        (item for item in items if item.box is not None), key=lambda item: (item.rank, item.box[1] if item.box else 0.0)
    )
    out: list[SlideItem] = []
    band: list[SlideItem] = []
    for item in placed:
        if band and (item.rank != band[0].rank or _top(item) - _top(band[0]) > _SAME_BAND):
            out += sorted(band, key=_left)
            band = []
        band.append(item)
    out += sorted(band, key=_left)
    floating = [item for item in items if item.box is None]
    return sorted(out + floating, key=lambda item: item.rank)


def _top(item: SlideItem) -> float:
    return item.box[1] if item.box else 0.0


def _left(item: SlideItem) -> float:
    return item.box[0] if item.box else 0.0
