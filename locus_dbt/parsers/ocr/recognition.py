"""What a line of text says: a network reads the straightened line from left to right, a step for each eight pixels."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from locus_dbt.parsers.ocr.detection import Picture
from locus_dbt.parsers.ocr.sessions import Tensor, session

_HEIGHT = 48  # pixels: the height the network sees each line in
_LEAST_WIDTH = 96  # shorter lines are padded
_MOST_WIDTH = 3200  # longer lines are squeezed
_SURELY_FOREIGN = 0.9
_LATIN_SIGNS = frozenset("‘’“”–—…•·€£¥©®™№‰′″‹›«»") | frozenset(chr(c) for c in range(0xFF01, 0xFF5F))
_HALF = {c: c - 0xFEE0 for c in range(0xFF01, 0xFF5F)}
#: Characters whose values are kept beside the best one, since their shapes are alike.
LOOKALIKES = "0OoDQ1Il|i5Ss8B2Zz6G"


@dataclass(frozen=True, slots=True)
class Reading:
    """A line as read: its characters, where each stands and how sure the network is of it.

    ``at`` is the middle of each character as a part (0..1) of the line's width. ``score`` is per character.
    ``blank[k]`` is the network's highest value for a blank between characters ``k-1`` and ``k``, ``rivals[k]`` its
    values for each of :data:`LOOKALIKES` in the place of character ``k``.
    """

    text: str
    at: NDArray[np.float64]
    score: NDArray[np.float64]
    blank: NDArray[np.float64]
    rivals: NDArray[np.float64]

    @property
    def mean_score(self) -> float:
        """Mean over the characters, 0 for an empty line."""
        return float(self.score.mean()) if len(self.score) else 0.0


def cut_line(picture: Picture, quad: NDArray[np.float64]) -> Picture:
    """The line in ``quad`` drawn level."""
    import cv2  # noqa: PLC0415

    wide = max(np.linalg.norm(quad[0] - quad[1]), np.linalg.norm(quad[3] - quad[2]))
    tall = max(np.linalg.norm(quad[0] - quad[3]), np.linalg.norm(quad[1] - quad[2]))
    width, height = max(1, int(wide)), max(1, int(tall))
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    matrix = cv2.getPerspectiveTransform(quad.astype(np.float32), corners)
    cut = cv2.warpPerspective(picture, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE, flags=cv2.INTER_CUBIC)
    return np.asarray(cut, np.uint8)


def read_line(line: Picture, *, latin: bool = False) -> Reading:
    """The text of a level line; ``latin``: it holds no other letters."""
    import cv2  # noqa: PLC0415

    height, width = line.shape[:2]
    wide = min(max(1, int(np.ceil(_HEIGHT * width / height))), _MOST_WIDTH)
    resized = cv2.resize(line, (wide, _HEIGHT)).astype(np.float32) / 127.5 - 1.0
    padded = np.zeros((1, 3, _HEIGHT, max(_LEAST_WIDTH, -(-wide // 8) * 8)), np.float32)
    padded[0, :, :, :wide] = resized.transpose(2, 0, 1)
    network = session("recognise")
    steps = network.run(padded)[0]
    best = _best(steps, network.letters, latin=latin)
    return _decode(steps, best, network.letters, padded.shape[3] / len(steps) / wide)


def _decode(steps: Tensor, best: NDArray[np.int64], letters: tuple[str, ...], step_part: float) -> Reading:
    """Best class of each step; repeated ones are one character, class 0 parts them."""
    value = steps[np.arange(len(steps)), best]
    changes = np.flatnonzero(np.diff(best, prepend=-1))
    stops = np.append(changes[1:], len(best))
    rivals = steps[:, _indices(letters, LOOKALIKES)]
    text, at, score, blank, others = [], [], [], [], []
    last = 0
    for a, b in zip(changes.tolist(), stops.tolist(), strict=True):
        letter = letters[best[a]]
        if not letter.strip():
            continue
        text.append(letter)
        at.append(((a + b) / 2) * step_part)
        score.append(float(value[a:b].max()))
        blank.append(float(steps[last:a, -1].max()) if a > last else 0.0)
        others.append(rivals[a:b].max(axis=0))
        last = b
    shape = (len(text), len(LOOKALIKES))
    return Reading(
        _half_width("".join(text)), np.array(at), np.array(score), np.array(blank), np.array(others).reshape(shape)
    )


def _best(steps: Tensor, letters: tuple[str, ...], *, latin: bool) -> NDArray[np.int64]:
    """The best class of each step; in lines of Latin letters a doubtful foreign one gives way to the best Latin."""
    best: NDArray[np.int64] = steps.argmax(axis=1)
    known = _latin(letters)
    foreign = ~known[best]
    if not foreign.any() or (not latin and foreign.sum() * 2 > (best != 0).sum()):
        return best
    weak = foreign & (latin | (steps.max(axis=1) < _SURELY_FOREIGN))
    best[weak] = np.where(known, steps[weak], -1.0).argmax(axis=1)
    return best


@lru_cache(maxsize=1)
def _latin(letters: tuple[str, ...]) -> NDArray[np.bool_]:
    return np.array([not letter or ord(letter) < 0x250 or letter in _LATIN_SIGNS for letter in letters])


@lru_cache(maxsize=4)
def _indices(letters: tuple[str, ...], wanted: str) -> list[int]:
    return [letters.index(letter) for letter in wanted]


def _half_width(text: str) -> str:
    """Wide forms of Latin signs, as set among Chinese letters, as usual ones; as they are in Chinese text."""
    if any("\u2e80" <= c <= "\u9fff" and c != "\u3000" for c in text):
        return text
    return text.translate(_HALF)
