"""Pictures at the size that is read, and as arrays in the order of colours the networks were trained on."""

from __future__ import annotations

import numpy as np
from PIL import Image

from locus_dbt.parsers.ocr.detection import Picture

#: Pixels that are read; a larger picture is reduced by a whole number first.
_MOST_PIXELS = 20_000_000


def readable_size(picture: Image.Image) -> Image.Image:
    """The picture, reduced where it is larger than reading needs."""
    factor = int(np.ceil(np.sqrt(picture.width * picture.height / _MOST_PIXELS)))
    return picture.reduce(factor) if factor > 1 else picture


def pixels_of(picture: Image.Image) -> Picture:
    """Rows, columns, blue-green-red."""
    return np.ascontiguousarray(np.asarray(picture.convert("RGB"))[:, :, ::-1])
