"""Text that a reader of the page does not see: beside the page, white on white, invisible, or too small to read.

It may be there for a reason (the text layer of a scan) or to steer programs that read the file; a person has to judge.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from locus_dbt.parsers.pdf.chars import Chars
from locus_dbt.parsers.pdf.grid import Rect
from locus_dbt.parsers.pdf.native import Floats
from locus_dbt.parsers.pdf.objects import Objects
from locus_dbt.parsers.pdf.rulings import Rulings
from locus_dbt.parsers.pdf.words import PageWords

_TINY = 2.0  # points
_LEAST = 3  # characters: fewer are dots and marks
_SHOWN = 60


def warn_of_unseen(
    chars: Chars, words: PageWords, objects: Objects, rulings: Rulings, number: int, warnings: list[str]
) -> None:
    """Add a warning for each kind of unseen text on page ``number``."""
    unseen = chars.unseen
    if unseen.outside:
        warnings.append(f"page {number}: {unseen.outside} characters outside of the page are left out")
    if len(unseen.white) >= _LEAST:
        ground = [*rulings.fills, *rulings.drawings, *(p.box for p in objects.pictures)]
        _warn(words, unseen.white, ground, f"page {number} has white text on no ground, kept", warnings)
    if len(unseen.invisible) >= _LEAST:
        ground = [p.box for p in objects.pictures]
        _warn(
            words, unseen.invisible, ground, f"page {number} has invisible text that lies on no picture, kept", warnings
        )
    if len(words) and float(words.size.min()) < _TINY:
        tiny = [words.text[i] for i in np.flatnonzero((words.size < _TINY) & (words.size > 0)).tolist()]
        if sum(map(len, tiny)) >= _LEAST:
            warnings.append(f"page {number} has text too small to read, kept: '{_sample(tiny)}'")


def _warn(words: PageWords, boxes: Floats, ground: Sequence[Rect], what: str, warnings: list[str]) -> None:
    x, y = (boxes[:, 0] + boxes[:, 2]) / 2, (boxes[:, 1] + boxes[:, 3]) / 2
    bare = np.ones(len(boxes), np.bool_)
    for x0, y0, x1, y1 in ground:
        bare &= ~((x >= x0) & (x <= x1) & (y >= y0) & (y <= y1))
    if int(bare.sum()) < _LEAST:
        return
    x, y = x[bare], y[bare]
    shown = []
    for text, (x0, y0, x1, y1) in zip(words.text, words.box.tolist(), strict=True):
        if ((x >= x0) & (x <= x1) & (y >= y0) & (y <= y1)).any():
            shown.append(text)
    warnings.append(f"{what}: '{_sample(shown)}'")


def _sample(texts: Sequence[str]) -> str:
    text = " ".join(texts)
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
