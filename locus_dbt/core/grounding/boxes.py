"""Whether the cited boxes hold the cited texts, where the page has words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from locus_dbt.core.grounding.folding import fold
from locus_dbt.model.element import BoolArray, FloatArray, IntArray, Page

#: Boxes of neighbouring words may touch: a cited box is shrunk by half a point before asking what it touches.
_EDGE = np.array([0.5, 0.5, -0.5, -0.5], np.float32)


def missing_texts(
    pages: Sequence[Page], numbers: IntArray, boxes: FloatArray, texts: Sequence[str | None]
) -> BoolArray:
    """Of each span whether its box does not hold its text; false where the document has no word boxes there.

    ``numbers`` are the pages of the spans (0: none), ``boxes`` have the shape (n, 4), NaN where there is none.
    """
    missing = np.zeros(len(numbers), bool)
    boxed = ~np.isnan(boxes[:, 0])
    for page in pages:
        if not len(page.words):
            continue
        words: dict[int, str] = {}
        for i in np.flatnonzero((numbers == page.number) & boxed).tolist():
            text = texts[i]
            missing[i] = text is not None and not _holds(page, boxes[i], text, words)
    return missing


def _holds(page: Page, box: FloatArray, text: str, known: dict[int, str]) -> bool:
    """Whether the words that the box touches say the text: in one piece, or word for word in any order."""
    words = page.words.box
    inside = box + _EDGE
    touched = np.flatnonzero(
        (words[:, 0] < inside[2]) & (words[:, 2] > inside[0]) & (words[:, 1] < inside[3]) & (words[:, 3] > inside[1])
    )
    printed = [known.get(i) or known.setdefault(i, fold(page.words.text[i])) for i in touched.tolist()]
    if fold(text) in "".join(printed):
        return True
    return {fold(word) for word in text.split()} - {""} <= set(printed)
