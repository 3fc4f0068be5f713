"""What was seen in a picture as lines, tables and blocks; laid out level at the size of usual print."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from locus_dbt.model.element import FloatArray, Words
from locus_dbt.parsers.ocr.detection import Picture
from locus_dbt.parsers.ocr.ruled import find_lines
from locus_dbt.parsers.ocr.seen import Floats, Ints, Seen
from locus_dbt.parsers.pdf.columns import in_reading_order
from locus_dbt.parsers.pdf.rulings import Rulings, join_lines
from locus_dbt.parsers.pdf.words import PageWords, assign_lines

_PRINT = 10.0  # points: the size that text of usual print is scaled to before lines and tables are sought


@dataclass(frozen=True, slots=True)
class Laid:
    """Words in reading order, level, scaled by ``scale``; ``order[i]`` is word ``i``'s number in what was seen."""

    words: PageWords
    order: Ints
    scale: float


def lay_out(seen: Seen) -> Laid:
    """Lines and reading order of what was seen; text that runs up or down comes last."""
    scale = _PRINT / float(np.median(seen.size)) if len(seen) else 1.0
    words = _page_words(seen, scale)
    lines: list[list[int]] = []
    for angle in sorted(set(seen.angle.tolist())):
        own = np.flatnonzero(seen.angle == angle)
        found = (own[line].tolist() for line in assign_lines(words.take(own)))
        lines.extend(sorted(line, key=lambda i: (words.u0[i], i)) for line in found)
    order = np.array([i for line in lines for i in line], np.int64)
    in_lines = words.take(order)
    in_lines.line[:] = np.repeat(np.arange(len(lines)), [len(line) for line in lines])
    return _read(in_lines, order, scale)


def _page_words(seen: Seen, scale: float) -> PageWords:
    """What was seen in the form the table finders take, not yet in lines."""
    n = len(seen)
    box, base = seen.box * scale, seen.base * scale
    down, up = seen.angle == 90, seen.angle == 270
    start = np.select([down, up], [box[:, 1], -box[:, 3]], box[:, 0])
    stop = np.select([down, up], [box[:, 3], -box[:, 1]], box[:, 2])
    return PageWords(
        list(seen.text), box, seen.size * scale, np.zeros(n, np.bool_), seen.angle, start, stop,
        np.where(down, -base, base), np.zeros(n, np.int64),
    )  # fmt: skip


def _read(words: PageWords, order: Ints, scale: float) -> Laid:
    """The words column by column; which is which shows in a copy whose texts are numbers."""
    if not len(words):
        return Laid(words, order, scale)
    read = in_reading_order(words)
    where: dict[tuple[float, ...], list[int]] = {}
    for k, key in enumerate(_keys(words)):
        where.setdefault(key, []).append(k)
    places = np.array([where[key].pop(0) for key in _keys(read)], np.int64)
    return Laid(read, order[places], scale)


def _keys(words: PageWords) -> list[tuple[float, ...]]:
    return [(*box, v) for box, v in zip(words.box.tolist(), words.v.tolist(), strict=True)]


def model_words(seen: Seen, laid: Laid, *, across: float, down: float) -> Words:
    """The words in the contract's form: boxes in the picture as given, ``across`` and ``down`` points a pixel."""
    boxes = to_points(seen, seen.box[laid.order], across=across, down=down)
    sideways = seen.frame.quarters % 2
    return Words(
        tuple(laid.words.text),
        boxes,
        (seen.size[laid.order] * (across if sideways else down)).astype(np.float32),
        laid.words.line.astype(np.int32),
        np.zeros(len(laid.order), np.bool_),
        seen.score[laid.order].astype(np.float32),
    )


def to_points(seen: Seen, boxes: Floats, *, across: float, down: float) -> FloatArray:
    """Level boxes in pixels as boxes in points of the picture as given."""
    given = seen.frame.given_boxes(boxes)
    points: FloatArray = (given * np.array([across, down, across, down])).astype(np.float32)
    return points


def layout_rulings(picture: Picture, seen: Seen, laid: Laid) -> Rulings:
    """The lines drawn in the picture, in the coordinates of the layout."""
    level, upright = find_lines(picture, seen)
    return Rulings(
        horizontal=join_lines([((y0 + y1) / 2, x0, x1) for x0, y0, x1, y1 in (level * laid.scale).tolist()]),
        vertical=join_lines([((x0 + x1) / 2, y0, y1) for x0, y0, x1, y1 in (upright * laid.scale).tolist()]),
    )


def page_rulings(picture: Picture, seen: Seen, *, across: float, down: float) -> Rulings:
    """The lines drawn in the picture, in points of the page as given."""
    level, upright = find_lines(picture, seen)
    if seen.frame.quarters % 2:
        level, upright = upright, level
    h, v = (to_points(seen, lines, across=across, down=down).tolist() for lines in (level, upright))
    return Rulings(
        horizontal=join_lines([((y0 + y1) / 2, x0, x1) for x0, y0, x1, y1 in h]),
        vertical=join_lines([((x0 + x1) / 2, y0, y1) for x0, y0, x1, y1 in v]),
    )
