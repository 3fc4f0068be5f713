"""Where words part in a line: the recogniser reads letters well but leaves out most blanks.

For each pair of neighbouring characters the witnesses are weighed: the network's own value for a blank between them,
the white columns between them in the picture, the distance of their middles, and the kinds of the two characters.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from locus_dbt.parsers.ocr.recognition import Reading

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

# Weights of a logistic regression over transcribed lines, printed and drawn: what the picture and the network say, and
# how the signs around a blank are usually set.
_WEIGHTS = {
    "always": -0.81,
    "network": 1.12,  # log of the network's value for a blank
    "hole": 2.86,  # white columns, over the line's height
    "wider": 3.99,  # the same less the line's median
    "pace": 1.76,  # distance of the middles over the line's median
    "distance": 2.59,  # distance of the middles over the height
    "decimal": -2.41,  # a mark between figures
    "after_comma": 1.64,  # also after a colon and a semicolon
    "after_stop": 1.10,
    "bracket": -0.96,  # behind an opening or before a closing one
    "figures": -0.79,  # two figures
    "kinds": 1.23,  # a letter beside a figure
    "small": -1.62,  # two small letters
}
_CJK = re.compile(r"[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff]")
_CJK_HOLE = 0.6  # scripts without blanks are parted by gaps of more than half a letter only


@dataclass(frozen=True, slots=True)
class Ink:
    """How dark a level line is: by pixel (0 ground, 1 darkest), and which of its columns are white."""

    dark: Floats
    white: Bools

    def rows(self, left: float, right: float) -> tuple[float, float]:
        """The first row with ink between two columns, and the one behind the last; neighbour lines stay out."""
        return _rows(self.dark[:, int(left) : max(int(np.ceil(right)), int(left) + 1)].mean(axis=1))


@dataclass(frozen=True, slots=True)
class Part:
    """A word: characters ``start:stop`` of its line, between ``left`` and ``right`` in pixels of the line."""

    start: int
    stop: int
    left: float
    right: float


def ink_of(line: NDArray[np.uint8]) -> Ink:
    """The ink of a level line; light text on dark ground is turned round."""
    grey = line.mean(axis=2) if line.ndim == 3 else line.astype(np.float64)
    height = len(grey)
    dark, middle, light = np.percentile(grey, (5, 50, 80))
    if middle - dark < light - middle and np.percentile(grey, 95) - middle > middle - dark:
        grey = 255.0 - grey
        dark, light = np.percentile(grey, (5, 80))
    ink = ((light - grey) / max(light - dark, 1.0)).clip(0.0, 1.0)
    columns = ink[int(0.12 * height) : int(np.ceil(0.88 * height))].mean(axis=0)
    white = columns <= 0.12 * np.percentile(columns, 85) + 0.01
    return Ink(ink, white)


def _rows(profile: Floats) -> tuple[float, float]:
    height = len(profile)
    core = profile[int(0.3 * height) : int(np.ceil(0.7 * height))]
    inked = profile > 0.05 * float(core.max(initial=0.0))
    if not core.size or not inked.any():
        return 0.0, float(height)
    bridge = max(1, int(0.06 * height))  # dots stand apart from their letters
    middle = int(0.3 * height) + int(core.argmax())
    return float(_reach(inked, middle, -1, bridge)), float(_reach(inked, middle, 1, bridge) + 1)


def _reach(inked: Bools, start: int, step: int, bridge: int) -> int:
    """The last inked row from ``start`` on, over gaps of at most ``bridge`` rows."""
    last = at = start
    while 0 <= at < len(inked) and abs(at - last) <= bridge:
        if inked[at]:
            last = at
        at += step
    return last


def part_words(reading: Reading, ink: Ink, height: int) -> list[Part]:
    """The words of a line, left to right."""
    n = len(reading.text)
    if not n:
        return []
    width = len(ink.white)
    at = reading.at * width
    holes = [_hole(ink.white, a, b) for a, b in zip(at[:-1].tolist(), at[1:].tolist(), strict=True)]
    cuts = [0, *(np.flatnonzero(_parted(reading, at, holes, height)) + 1).tolist(), n]
    lefts = [_edge(ink.white, at[0], -1), *(holes[k - 1][1] for k in cuts[1:-1])]
    rights = [*(holes[k - 1][0] for k in cuts[1:-1]), _edge(ink.white, at[-1], 1)]
    return [
        Part(a, b, min(left, right), max(left, right))
        for a, b, left, right in zip(cuts[:-1], cuts[1:], lefts, rights, strict=True)
    ]


def _hole(white: Bools, start: float, stop: float) -> tuple[float, float]:
    """The longest run of white columns between two middles; an empty one halfway where there is none."""
    a, b = max(0, int(start)), min(len(white), int(np.ceil(stop)))
    runs = np.flatnonzero(np.diff(np.concatenate(([False], white[a:b], [False]))))
    if not len(runs):
        return (start + stop) / 2, (start + stop) / 2
    begins, ends = runs[::2], runs[1::2]
    k = int((ends - begins).argmax())
    return float(a + begins[k]), float(a + ends[k])


def _edge(white: Bools, middle: float, step: int) -> float:
    """Where the line's ink ends, from the middle of its outermost character outwards."""
    inked = np.flatnonzero(~white)
    if not len(inked):
        return 0.0 if step < 0 else float(len(white))
    if step < 0:
        return float(min(inked[0], middle))
    return float(max(inked[-1] + 1, middle))


def _parted(reading: Reading, at: Floats, holes: list[tuple[float, float]], height: int) -> Bools:
    """Whether a blank stands before character ``k + 1``."""
    if not holes:
        return np.zeros(0, np.bool_)
    hole = np.array([b - a for a, b in holes]) / height
    distance = np.diff(at) / height
    seen = np.column_stack(
        [
            np.ones(len(hole)),
            np.log(reading.blank[1:] + 1e-4),
            hole.clip(max=1.0),
            (hole - np.median(hole)).clip(-0.3, 1.0),
            (distance / max(float(np.median(distance)), 1e-6)).clip(max=4.0),
            distance,
        ]
    )
    signs = np.array([_signs(reading.text, k) for k in range(1, len(reading.text))], np.float64)
    weights = np.array(list(_WEIGHTS.values()))
    parted = np.hstack([seen, signs]) @ weights > 0.0
    for k in range(len(parted)):
        if _CJK.match(reading.text[k]) and _CJK.match(reading.text[k + 1]):
            parted[k] = hole[k] > _CJK_HOLE
    return np.asarray(parted)


def _signs(text: str, k: int) -> tuple[bool, ...]:
    """What stands on both sides of a blank before character ``k``, in the order of ``_WEIGHTS``."""
    a, b = text[k - 1], text[k]
    decimal = (a in ".," and b.isdigit() and text[k - 2 : k - 1].isdigit()) or (b in ".," and a.isdigit())
    return (
        decimal,
        a in ":;,",
        a == "." and not decimal,
        a == "(" or b == ")",
        a.isdigit() and b.isdigit(),
        (a.isalpha() and b.isdigit()) or (a.isdigit() and b.isalpha()),
        a.islower() and b.islower(),
    )
