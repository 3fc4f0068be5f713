"""Pages of other formats that are a picture only: the words and lines in the picture, in points of the page."""

from __future__ import annotations

import time
from dataclasses import dataclass

from PIL import Image

from locus_dbt.model.document import ReadOptions
from locus_dbt.model.element import Words
from locus_dbt.parsers.ocr import engines
from locus_dbt.parsers.ocr.layout import lay_out, model_words, page_rulings
from locus_dbt.parsers.ocr.pixels import pixels_of, readable_size
from locus_dbt.parsers.pdf.rulings import Rulings


@dataclass(frozen=True, slots=True)
class OcrPage:
    """What a page's picture shows: words and straight lines in points, what reading took, by which engine.

    ``angle`` is that of the text on the page: 0, or 90 where it runs down, 180, or 270 where it runs up.
    """

    words: Words
    rulings: Rulings
    seconds: float
    engine: str
    angle: int = 0


def read_page(picture: Image.Image, *, width: float, height: float, options: ReadOptions) -> OcrPage | None:
    """Read the picture of a page of ``width x height`` points as displayed; ``None`` when no engine is installed."""
    engine = engines.choose(options)
    if engine is None:
        return None
    start = time.perf_counter()
    picture = readable_size(picture)
    pixels = pixels_of(picture)
    seen = engine(pixels, options.languages)
    across, down = width / picture.width, height / picture.height
    words = model_words(seen, lay_out(seen), across=across, down=down)
    rulings = page_rulings(pixels, seen, across=across, down=down)
    return OcrPage(words, rulings, time.perf_counter() - start, seen.engine, 90 * seen.frame.quarters)
