"""Straight lines drawn in a picture: long thin runs of dark pixels, level or upright.

Done with arrays alone, so that it works beside any engine.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from locus_dbt.parsers.ocr.detection import Picture
from locus_dbt.parsers.ocr.seen import Floats, Frame, Seen
from locus_dbt.parsers.ocr.straighten import turned

Lines = Floats
"""``(n, 4)``: level boxes of lines, in pixels."""
Mask = NDArray[np.bool_]

_LEAST_EM = 2.0  # a line is at least this many font sizes long: strokes of letters are shorter
_MOST_THICK = 0.5  # and at most this many thick
_LEAST_COVER = 0.85  # and dark over this part of its length
_BRIDGE = 0.3  # font sizes over which a worn line is taken to go on
_DARKER = 12  # shades a line is darker than the ground around it
_ENOUGH_EM = 12  # pixels of font size at which lines still show; finer pictures are reduced
_MOST_RUNS = 40_000  # a picture with more is a drawing or noise

Run = tuple[int, int, int]
"""Row, first column, column behind the last."""


def find_lines(picture: Picture, seen: Seen) -> tuple[Lines, Lines]:
    """Level and upright lines of the picture ``seen`` was read from."""
    if not len(seen):
        return np.zeros((0, 4)), np.zeros((0, 4))
    em = float(np.median(seen.size))
    step = max(1, int(em / _ENOUGH_EM))
    dark = _dark(picture, seen.frame, em / step, step)
    words = seen.box / step
    level = _level_lines(dark, words, em / step)
    upright = _level_lines(dark.T, words[:, [1, 0, 3, 2]], em / step)[:, [1, 0, 3, 2]]
    return level * step, upright * step


def _dark(picture: Picture, frame: Frame, em: float, step: int) -> Mask:
    """Dark pixels of the level picture, told from the ground around them; ``step`` of its pixels are one."""
    grey = Image.fromarray(turned(picture, frame.quarters)).convert("L")
    if frame.skew:
        a = np.radians(frame.skew)
        matrix = (np.cos(a), -np.sin(a), 0.0, np.sin(a), np.cos(a), 0.0)
        grey = grey.transform(
            grey.size, Image.Transform.AFFINE, matrix, Image.Resampling.BILINEAR, fillcolor=_ground(grey)
        )
    if step > 1:
        grey = grey.reduce(step)
    around = grey.filter(ImageFilter.BoxBlur(max(7, round(em))))
    return np.asarray(np.asarray(grey, np.int16) < np.asarray(around, np.int16) - _DARKER)


def _ground(grey: Image.Image) -> int:
    return int(np.median(np.asarray(grey.reduce(8) if min(grey.size) > 64 else grey)))


def _level_lines(dark: Mask, words: Floats, em: float) -> Lines:
    length = max(12, int(_LEAST_EM * em))
    # a line that is slightly askew or worn breaks up: it is thickened across and closed along before it is measured
    thick = dark.copy()
    thick[1:] |= dark[:-1]
    thick[:-1] |= dark[1:]
    bridge = max(3, int(_BRIDGE * em))
    boxes = []
    for y0, y1, x0, x1 in _joined(_runs(thick, bridge, length)):
        if y1 - y0 > max(4.0, _MOST_THICK * em):
            continue
        # letters in a row leave white between them
        if dark[y0:y1, x0:x1].any(axis=0).mean() >= _LEAST_COVER:
            boxes.append((x0, y0, x1, y1))
    return _drawn(np.array(boxes, np.float64).reshape(len(boxes), 4), words, em)


def _runs(mask: Mask, bridge: int, length: int) -> list[Run]:
    """Runs of at least ``length`` pixels along the rows, over gaps of at most ``bridge``."""
    edges = np.diff(np.pad(mask, ((0, 0), (1, 1))).view(np.int8), axis=1)
    rows, starts = np.nonzero(edges == 1)
    stops = np.nonzero(edges == -1)[1]
    if not len(rows):
        return []
    new = np.ones(len(rows), np.bool_)
    new[1:] = (rows[1:] != rows[:-1]) | (starts[1:] - stops[:-1] > bridge)
    first = np.flatnonzero(new)
    begin, end, row = starts[first], stops[np.append(first[1:], len(rows)) - 1], rows[first]
    long = end - begin >= length
    if long.sum() > _MOST_RUNS:
        return []
    return list(zip(row[long].tolist(), begin[long].tolist(), end[long].tolist(), strict=True))


def _joined(runs: list[Run]) -> list[tuple[int, int, int, int]]:
    """Runs that touch one below the other as boxes: y0, y1, x0, x1."""
    done: list[tuple[int, int, int, int]] = []
    growing: list[tuple[int, int, int, int]] = []
    at = 0
    while at < len(runs):
        row = runs[at][0]
        done.extend(box for box in growing if box[1] < row)
        growing = [box for box in growing if box[1] >= row]
        while at < len(runs) and runs[at][0] == row:
            _, x0, x1 = runs[at]
            box = (row, row + 1, x0, x1)
            touching = [old for old in growing if old[2] < x1 and x0 < old[3]]
            for old in touching:
                growing.remove(old)
                box = (min(box[0], old[0]), max(box[1], old[1]), min(box[2], old[2]), max(box[3], old[3]))
            growing.append(box)
            at += 1
    return done + growing


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
