"""One found piece of text read: level, a single narrow letter, or a line that runs up or down beside level text."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from locus_dbt.parsers.ocr.detection import Picture, Quads
from locus_dbt.parsers.ocr.recognition import Reading, cut_line, read_line
from locus_dbt.parsers.ocr.seen import Floats

_TALL = 1.5  # a box so much taller than wide holds one narrow letter, or a line that runs up or down
_ONE_LETTER = 1.6  # one letter is at most so much taller than the page's lines
#: Corners of a box from the upper left one of its text on, by the angle of the text (90: it runs down).
_CORNERS = {90: [1, 2, 3, 0], 270: [3, 0, 1, 2]}


@dataclass(frozen=True, slots=True)
class Strip:
    """A piece as read: its corners as the text stands, its picture put level, its angle (0, 90, 270)."""

    quad: Floats
    line: Picture
    reading: Reading
    angle: int


def usual_height(quads: Quads) -> float:
    """The height of most lines in pixels."""
    across = np.linalg.norm(quads[:, 1] - quads[:, 0], axis=1)
    down = np.linalg.norm(quads[:, 3] - quads[:, 0], axis=1)
    level = down[across >= down]
    return float(np.median(level if len(level) else down)) if len(quads) else 0.0


def read_strip(picture: Picture, quad: Floats, *, usual: float, latin: bool) -> Strip:
    """The piece in ``quad`` of an upright picture whose lines are ``usual`` pixels high."""
    line = cut_line(picture, quad)
    height, width = line.shape[:2]
    if height <= _TALL * width or height <= _ONE_LETTER * usual:
        return Strip(quad, line, read_line(line, latin=latin), 0)
    both = []
    for angle, corners in _CORNERS.items():
        line = cut_line(picture, quad[corners])
        both.append(Strip(quad[corners], line, read_line(line, latin=latin), angle))
    return max(both, key=lambda strip: strip.reading.mean_score)
