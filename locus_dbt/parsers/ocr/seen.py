"""What an engine has read from one picture, in pixels, and the way back to the picture as it was given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Frame:
    """A picture turned upright and put level.

    ``width x height`` pixels as given; turned counter-clockwise by ``quarters`` times 90 degrees its text stands
    upright, askew by ``skew`` degrees clockwise. *Level* coordinates are those of the turned picture rotated back by
    ``skew`` about its upper left corner.
    """

    width: int
    height: int
    quarters: int = 0
    skew: float = 0.0

    def level(self, points: Floats) -> Floats:
        """Points ``(…, 2)`` of the turned picture in level coordinates."""
        return points @ self._rotation().T

    def given(self, points: Floats) -> Floats:
        """Level points ``(…, 2)`` in pixels of the picture as given."""
        x, y = np.moveaxis(points @ self._rotation(), -1, 0)
        if self.quarters == 1:
            x, y = self.width - y, x
        elif self.quarters == 2:
            x, y = self.width - x, self.height - y
        elif self.quarters == 3:
            x, y = y, self.height - x
        return np.stack([x, y], axis=-1)

    def given_boxes(self, boxes: Floats) -> Floats:
        """The smallest upright boxes, in the picture as given, around level boxes ``(n, 4)``."""
        corners = np.stack([boxes[:, [0, 1]], boxes[:, [2, 1]], boxes[:, [2, 3]], boxes[:, [0, 3]]], axis=1)
        points = self.given(corners)
        out = np.concatenate([points.min(axis=1), points.max(axis=1)], axis=1)
        edge = np.array([self.width, self.height, self.width, self.height], np.float64)
        clipped: Floats = np.minimum(out.clip(min=0.0), edge)
        return clipped

    def _rotation(self) -> Floats:
        a = np.radians(-self.skew)
        return np.array([[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]])


@dataclass(frozen=True, slots=True)
class Seen:
    """Words of one picture, unordered, in level coordinates.

    ``box`` is tight around the letters. ``base`` is where the line's baseline lies at the word (down the page, or
    across it for text that runs up or down), ``size`` the font size in pixels as far as the letters tell it; ``score``
    how sure the engine is of the word, 0..1. ``strip`` numbers the pieces of line in which the engine found the words.
    ``angle`` is 0 for level text, 90 for text that runs down, 270 for text that runs up.
    """

    text: Sequence[str]
    box: Floats
    base: Floats
    size: Floats
    score: Floats
    strip: Ints
    angle: Ints
    frame: Frame
    engine: str

    def __len__(self) -> int:
        return len(self.text)
