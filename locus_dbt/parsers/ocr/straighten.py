"""How a picture lies: by how many quarter turns its text stands upright, and by what small angle it is askew."""

from __future__ import annotations

import numpy as np

from locus_dbt.parsers.ocr.detection import Picture, Quads
from locus_dbt.parsers.ocr.recognition import cut_line, read_line

_SAMPLE = 6  # lines read to tell upside down from upright
_LEAST_SKEW, _MOST_SKEW = 0.3, 30.0  # degrees: boxes of whole pixels tell no smaller angles
_SURE = 0.85  # lines of Latin text read the right way up score above this


def turned(picture: Picture, quarters: int) -> Picture:
    """The picture turned counter-clockwise by ``quarters`` times 90 degrees."""
    return np.ascontiguousarray(np.rot90(picture, quarters))


def lies_sideways(quads: Quads) -> bool:
    """Whether most of the text (by its length) runs up or down."""
    if not len(quads):
        return False
    across, down = _sides(quads)
    longer = np.maximum(across, down)
    oblong = longer > 1.5 * np.minimum(across, down)
    return bool((longer * oblong * (down > across)).sum() > (longer * oblong * (down <= across)).sum())


def stands_upside_down(picture: Picture, quads: Quads) -> bool:
    """Whether the longest lines read better turned by 180 degrees."""
    across, down = _sides(quads)
    order = np.argsort(-across * (across > 2 * down), kind="stable")[:_SAMPLE]
    upright: list[float] = []
    over: list[float] = []
    for i in order.tolist():
        line = cut_line(picture, quads[i])
        upright.append(read_line(line).mean_score)
        if len(upright) == 3 and np.mean(upright) > _SURE:
            return False
        over.append(read_line(np.ascontiguousarray(line[::-1, ::-1])).mean_score)
    return bool(upright) and float(np.mean(over)) > float(np.mean(upright)) + 0.05


def skew(quads: Quads) -> float:
    """The angle of the lines in degrees, clockwise; the median by length, 0 where there is no clear one."""
    across, down = _sides(quads)
    use = across > 4 * down
    if use.sum() < 2:
        return 0.0
    steps = (quads[:, 1] - quads[:, 0] + quads[:, 2] - quads[:, 3])[use]
    angles = np.degrees(np.arctan2(steps[:, 1], steps[:, 0]))
    order = np.argsort(angles, kind="stable")
    weight = np.cumsum(across[use][order])
    middle = float(angles[order][np.searchsorted(weight, weight[-1] / 2)])
    return middle if _LEAST_SKEW < abs(middle) < _MOST_SKEW else 0.0


def _sides(quads: Quads) -> tuple[np.ndarray, np.ndarray]:
    across = np.linalg.norm(quads[:, 1] - quads[:, 0], axis=1)
    down = np.linalg.norm(quads[:, 3] - quads[:, 0], axis=1)
    return across, down
