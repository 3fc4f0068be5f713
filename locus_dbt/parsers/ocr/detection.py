"""Where text stands in a picture: a network marks the pixels of text, their connected areas become slanted boxes."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import starmap
from typing import Any

import numpy as np
from numpy.typing import NDArray

from locus_dbt.parsers.ocr.sessions import Tensor, session

Picture = NDArray[np.uint8]
"""Rows, columns, three colours."""
Quads = NDArray[np.float64]
"""``(n, 4, 2)``: corners in pixels, from the upper left one clockwise as the text stands."""

_STEP = 32  # the network takes sides that are multiples of this


@dataclass(frozen=True, slots=True)
class DetectionSettings:
    """Thresholds of the network's mark and the sizes it sees the picture in.

    ``short_side``: smaller pictures are enlarged to it. ``long_side`` and ``most_pixels``: larger ones are reduced to
    them; the network's memory grows with its pixels, and these take some 450 MB. ``mark``: from what value a pixel
    counts as text. ``least_mean``: what an area's mean must reach. ``grow``: an area is widened by this part of its
    area over its circumference, since the network marks the core of a line only; lines cut with some white around them
    are read better than tight ones.
    """

    short_side: int = 736
    long_side: int = 2000
    most_pixels: int = 2_400_000
    mark: float = 0.3
    least_mean: float = 0.5
    grow: float = 2.1
    most_areas: int = 4000


AS_TRAINED = DetectionSettings()


def find_text(picture: Picture, settings: DetectionSettings = AS_TRAINED) -> Quads:
    """Boxes of lines (or parts of lines), unordered, in pixels of ``picture``."""
    import cv2  # noqa: PLC0415

    height, width = picture.shape[:2]
    wide, tall = _network_size(width, height, settings)
    resized = cv2.resize(picture, (wide, tall), interpolation=cv2.INTER_AREA if wide < width else cv2.INTER_LINEAR)
    batch = (resized.astype(np.float32) / 127.5 - 1.0).transpose(2, 0, 1)[None]
    marks = session("detect").run(np.ascontiguousarray(batch))[0, 0]
    quads = _areas(marks, settings)
    quads *= np.array([width / wide, height / tall])
    quads[..., 0] = quads[..., 0].clip(0, width)
    quads[..., 1] = quads[..., 1].clip(0, height)
    return quads


def _network_size(width: int, height: int, settings: DetectionSettings) -> tuple[int, int]:
    scale = max(1.0, settings.short_side / min(width, height))
    scale = min(scale, settings.long_side / max(width, height), (settings.most_pixels / (width * height)) ** 0.5)
    wide, tall = (max(_STEP, round(side * scale / _STEP) * _STEP) for side in (width, height))
    return wide, tall


def _areas(marks: Tensor, settings: DetectionSettings) -> Quads:
    import cv2  # noqa: PLC0415

    mask = cv2.dilate((marks > settings.mark).astype(np.uint8), np.ones((2, 2), np.uint8))
    contours, _ = cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    found = []
    for contour in contours[: settings.most_areas]:
        (x, y), (w, h), angle = cv2.minAreaRect(contour)
        if min(w, h) < 3:
            continue
        if _mean_inside(marks, cv2.boxPoints(((x, y), (w, h), angle))) < settings.least_mean:
            continue
        out = settings.grow * w * h / (2 * (w + h))
        found.append(_corners(cv2.boxPoints(((x, y), (w + 2 * out, h + 2 * out), angle))))
    return np.array(found, np.float64).reshape(len(found), 4, 2)


def _mean_inside(marks: Tensor, corners: NDArray[Any]) -> float:
    import cv2  # noqa: PLC0415

    low = np.floor(corners.min(axis=0)).astype(int).clip(0)
    high = np.ceil(corners.max(axis=0)).astype(int) + 1
    part = marks[low[1] : high[1], low[0] : high[0]]
    inside = np.zeros(part.shape, np.uint8)
    cv2.fillPoly(inside, [(corners - low).astype(np.int32)], 1)
    return float(cv2.mean(part, inside)[0])


def _corners(points: NDArray[Any]) -> list[tuple[float, float]]:
    """Upper left, upper right, lower right, lower left."""
    by_x = sorted(starmap(lambda x, y: (float(x), float(y)), points.tolist()))
    left, right = sorted(by_x[:2], key=lambda p: p[1]), sorted(by_x[2:], key=lambda p: p[1])
    return [left[0], right[0], right[1], left[1]]
