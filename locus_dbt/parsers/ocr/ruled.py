"""Straight lines drawn in a picture: long thin runs of dark pixels, level or upright."""

from __future__ import annotations

import numpy as np

from locus_dbt.parsers.ocr.detection import Picture
from locus_dbt.parsers.ocr.seen import Floats, Frame, Seen
from locus_dbt.parsers.ocr.straighten import turned

Lines = Floats
"""``(n, 4)``: level boxes of lines, in pixels."""

_LEAST_EM = 2.0  # a line is at least this many font sizes long: strokes of letters are shorter
_MOST_THICK = 0.5  # and at most this many thick
_LEAST_COVER = 0.85  # and dark over this part of its length
_MOST_LINES = 3000
_ENOUGH_EM = 12  # pixels of font size at which lines still show; finer pictures are reduced


def find_lines(picture: Picture, seen: Seen) -> tuple[Lines, Lines]:
    """Level and upright lines of the picture ``seen`` was read from."""
    if not len(seen):
        return np.zeros((0, 4)), np.zeros((0, 4))
    em = float(np.median(seen.size))
    step = max(1, int(em / _ENOUGH_EM))
    dark = _dark(picture, seen.frame, em, step)
    boxes = seen.box / step
    level, upright = (_runs(dark, boxes, em / step, level=way) for way in (True, False))
    return level * step, upright * step


def _dark(picture: Picture, frame: Frame, em: float, step: int) -> Picture:
    """Dark pixels (1) of the level picture, told from the ground around them; ``step`` of its pixels are one."""
    import cv2  # noqa: PLC0415

    grey = cv2.cvtColor(turned(picture, frame.quarters), cv2.COLOR_BGR2GRAY)
    if abs(frame.skew) > 0.05:
        a = np.radians(-frame.skew)
        matrix = np.array([[np.cos(a), -np.sin(a), 0.0], [np.sin(a), np.cos(a), 0.0]])
        size = (grey.shape[1], grey.shape[0])
        grey = cv2.warpAffine(grey, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    if step > 1:
        size = (grey.shape[1] // step, grey.shape[0] // step)
        grey = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    window = max(15, int(2 * em / step) | 1)
    dark = cv2.adaptiveThreshold(grey, 1, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, window, 12)
    return np.asarray(dark, np.uint8)


def _runs(dark: Picture, words: Floats, em: float, *, level: bool) -> Lines:
    import cv2  # noqa: PLC0415

    length = max(12, int(_LEAST_EM * em))
    # a line that is slightly askew or worn breaks up: it is thickened across and closed along before it is measured
    across, along = ((1, 3), (max(3, int(0.3 * em)), 1)) if level else ((3, 1), (1, max(3, int(0.3 * em))))
    thick = cv2.dilate(dark, np.ones(across, np.uint8))
    closed = cv2.morphologyEx(thick, cv2.MORPH_CLOSE, np.ones(along[::-1], np.uint8))
    kernel = np.ones((1, length) if level else (length, 1), np.uint8)
    opened = cv2.morphologyEx(closed, cv2.MORPH_OPEN, kernel)
    count, _, stats, _ = cv2.connectedComponentsWithStats(opened, connectivity=8)
    boxes = stats[1 : min(count, _MOST_LINES), :4].astype(np.float64)
    boxes[:, 2:] += boxes[:, :2]
    thickness = (boxes[:, 3] - boxes[:, 1]) if level else (boxes[:, 2] - boxes[:, 0])
    thin = boxes[thickness <= max(4.0, _MOST_THICK * em)]
    solid = [_cover(dark, box, level=level) >= _LEAST_COVER for box in thin.astype(int).tolist()]
    return _drawn(thin[np.array(solid, np.bool_)], words, em)


def _cover(dark: Picture, box: list[int], *, level: bool) -> float:
    """The part of a line's length that is dark: letters in a row leave white between them."""
    x0, y0, x1, y1 = box
    return float(dark[y0:y1, x0:x1].any(axis=0 if level else 1).mean())


def _drawn(lines: Lines, words: Floats, em: float) -> Lines:
    """Lines that are not strokes of letters: those within one word are."""
    if not len(lines):
        return lines
    reach = 0.25 * em
    inside = (
        (lines[:, None, 0] >= words[None, :, 0] - reach)
        & (lines[:, None, 1] >= words[None, :, 1] - reach)
        & (lines[:, None, 2] <= words[None, :, 2] + reach)
        & (lines[:, None, 3] <= words[None, :, 3] + reach)
    )
    return lines[~inside.any(axis=1)]
