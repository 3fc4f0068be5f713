"""How many cells may pass unseen: conformal risk control over reviewed cells.

The loss of a cell at a threshold is 1 when its confidence is above the threshold (so that nobody looks at it) and it is
wrong. It never rises with the threshold. With ``n`` reviewed cells, exchangeable with the next one, the smallest
threshold at which ``(n * mean loss + 1) / (n + 1) <= max_error`` keeps the expected loss of the next cell at or below
``max_error`` (Angelopoulos, Bates, Fisch, Lei, Schuster: Conformal Risk Control, ICLR 2024, with losses up to 1).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

#: Products such as 0.29 * 100 are a little less than they should be.
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Threshold:
    """Cells with a confidence above ``above`` pass unseen; ``inf``: none may, ``missing`` more reviews are needed."""

    above: float
    reviewed: int
    missing: int


def needed(max_error: float) -> int:
    """Reviewed cells without which nothing can be promised: ``1 / (n + 1) <= max_error``."""
    return math.ceil(1 / max_error - 1 - _ROUNDING)


def threshold(reviewed: int, wrong: Sequence[float], max_error: float) -> Threshold:
    """The threshold from the number of reviewed cells and the confidences of those that were wrong.

    ``k`` of the wrong ones may lie above it, with ``k + 1 <= max_error * (n + 1)``: it is the confidence of the
    ``k + 1``-th surest wrong cell.
    """
    if not 0 < max_error < 1:
        raise ValueError(f"not a share between 0 and 1: {max_error}")
    rank = math.floor(max_error * (reviewed + 1) + _ROUNDING)
    if rank < 1:
        return Threshold(math.inf, reviewed, needed(max_error) - reviewed)
    surest = sorted(wrong, reverse=True)
    return Threshold(surest[rank - 1] if rank <= len(surest) else -1.0, reviewed, 0)
