"""Pictures as arrays in the order of colours the networks were trained on."""

from __future__ import annotations

import numpy as np
from PIL import Image

from locus_dbt.parsers.ocr.detection import Picture


def pixels_of(picture: Image.Image) -> Picture:
    """Rows, columns, blue-green-red."""
    return np.ascontiguousarray(np.asarray(picture.convert("RGB"))[:, :, ::-1])
