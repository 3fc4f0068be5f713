"""What was read of a document and what was left over: the counts that show that nothing was lost silently."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from locus_dbt.model.element import BoolArray, FloatArray, Page, Parsed, Table

#: Warnings kept of one document; further ones are counted.
_MOST_WARNINGS = 50
#: A word belongs to a cell or paragraph when its middle lies in it, give or take this much (points).
_SLACK = 1.5


class Tally:
    """Counts over the parts of one document."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._warnings: list[str] = []
        self._cost: Counter[str] = Counter()

    def add(self, parsed: Parsed) -> None:
        """Count a part."""
        counts = self._counts
        numbered = [page for page in parsed.pages if page.number > 0]
        counts["pages"] += len(numbered)
        counts["pages_by_ocr"] += sum(1 for page in numbered if page.read_by != "text")
        counts["tables"] += len(parsed.tables)
        counts["blocks"] += sum(len(page.blocks) for page in parsed.pages)
        counts["attachments"] += len(parsed.attachments)
        counts["repairs"] += len(parsed.repairs)
        for page in parsed.pages:
            words, in_tables, in_text, left = _placed(page, parsed.tables)
            counts["words"] += words
            counts["words_in_tables"] += in_tables
            counts["words_in_text"] += in_text
            counts["words_left_over"] += left
        if not any(len(page.words) for page in parsed.pages):
            cells = sum(len(text.split()) for table in parsed.tables for text in table.text)
            counts["words"] += cells
            counts["words_in_tables"] += cells
        self._warnings += parsed.warnings
        self._cost.update(parsed.cost)

    def facts(self) -> dict[str, Any]:
        """The counts by name, the warnings (the first of many) and what reading cost beyond the usual."""
        warnings = self._warnings[:_MOST_WARNINGS]
        if len(self._warnings) > _MOST_WARNINGS:
            warnings.append(f"and {len(self._warnings) - _MOST_WARNINGS} further warnings")
        return {name: self._counts[name] for name in COUNTS} | {"warnings": warnings, "cost": dict(self._cost)}


#: The counts, with their meaning.
COUNTS: dict[str, str] = {
    "pages": "Pages read; 0 for formats without pages.",
    "pages_by_ocr": "Pages whose picture was read.",
    "tables": "Tables found.",
    "blocks": "Headings, paragraphs, list items and other pieces of running text.",
    "attachments": "Files inside it.",
    "repairs": "Repairs that the parser made.",
    "words": "Words of the document.",
    "words_in_tables": "Words that stand in the cell of a table.",
    "words_in_text": "Words that stand in running text.",
    "words_left_over": "Words that stand in neither.",
}


def _placed(page: Page, tables: Sequence[Table]) -> tuple[int, int, int, int]:
    """Words of a page: all, in tables, in running text, in neither."""
    words = page.words
    if not len(words):
        running = sum(len(block.text.split()) for block in page.blocks)
        return running, 0, running, 0
    middle = (words.box[:, :2] + words.box[:, 2:]) / 2
    known = ~np.isnan(middle).any(axis=1)
    cells = [table.box[table.page == page.number] for table in tables]
    in_tables = _inside(middle, np.concatenate(cells) if cells else np.empty((0, 4), np.float32))
    blocks = np.array([block.box for block in page.blocks if block.box is not None], np.float32).reshape(-1, 4)
    in_text = _inside(middle, blocks) & ~in_tables
    left = known & ~in_tables & ~in_text
    return len(words), int(in_tables.sum()), int(in_text.sum()), int(left.sum())


def _inside(points: Any, boxes: FloatArray) -> BoolArray:  # noqa: ANN401 - an array of shape (n, 2)
    """Whether each point lies in one of the boxes; memory grows with the points only."""
    held = np.zeros(len(points), np.bool_)
    x, y = points[:, 0], points[:, 1]
    for x0, y0, x1, y1 in boxes[~np.isnan(boxes).any(axis=1)].tolist():
        held |= (x >= x0 - _SLACK) & (x <= x1 + _SLACK) & (y >= y0 - _SLACK) & (y <= y1 + _SLACK)
    return held
