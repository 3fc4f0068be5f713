"""How likely a word is right, from how sure the network is of its characters.

A word is as good as its least sure character. The network is too sure of itself where it is sure, and too modest where
it is not: the map levels that out. Its two numbers were fitted to some five thousand words of photographed and scanned
receipts against their transcriptions (a logistic regression of right or wrong on the log odds of the least sure
character); pages that are printed better are read better than the map says.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_CONSTANT, _SLOPE = 0.64, 0.50
_CLOSEST = 1e-4  # to 0 and 1: the network's values are no finer


def word_score(characters: NDArray[np.float64]) -> float:
    """The score (0..1) of a word from the network's values for its characters; rises with the least of them."""
    least = float(np.clip(characters.min(), _CLOSEST, 1 - _CLOSEST))
    odds = _CONSTANT + _SLOPE * np.log(least / (1 - least))
    return float(1 / (1 + np.exp(-odds)))
