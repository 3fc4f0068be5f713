"""Words that OCR reads in the pictures of a folder, with box and score: what a scorer of transcriptions needs.

    python benchmarks/ocr_quality.py --docs DIR --out words.csv [--engine rapidocr|tesseract]

Columns: filename, x0, y0, x1, y1 (pixels, origin top left), text, confidence; a row is a word. What reading took is
printed: seconds of processor time a page.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import time
from pathlib import Path

from PIL import Image, ImageOps

from locus_dbt.model.document import Document
from locus_dbt.model.element import Parsed
from locus_dbt.parsers import detect, ocr
from locus_dbt.parsers.ocr import tesseract

COLUMNS = ("filename", "x0", "y0", "x1", "y1", "text", "confidence")
ENGINES = {"rapidocr": ocr.parse, "tesseract": tesseract.parse}


def read(path: Path, engine: str) -> Parsed:
    """The picture as the product parses it."""
    data = path.read_bytes()
    kind = detect.media_type(data, path.name)
    return Document(path.name, kind, hashlib.sha256(data).hexdigest(), data, ENGINES[engine]).parsed


def rows(path: Path, parsed: Parsed) -> list[tuple[str | float, ...]]:
    """A row for each word of the first page, in pixels of the picture as it is to be seen."""
    with Image.open(path) as image:
        width, height = ImageOps.exif_transpose(image).size
    page = parsed.pages[0]
    across, down = width / page.width, height / page.height
    scores = page.words.score if page.words.score is not None else [1.0] * len(page.words)
    out: list[tuple[str | float, ...]] = []
    for text, (x0, y0, x1, y1), score in zip(page.words.text, page.words.box.tolist(), scores, strict=True):
        edges = (x0 * across, y0 * down, x1 * across, y1 * down)
        out.append((path.name, *(round(edge, 1) for edge in edges), text, round(float(score), 4)))
    return out


def main() -> None:
    """Read the folder, write the words, print what it took."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    arguments.add_argument("--docs", type=Path, required=True)
    arguments.add_argument("--out", type=Path, required=True)
    arguments.add_argument("--engine", choices=sorted(ENGINES), default="rapidocr")
    given = arguments.parse_args()
    paths = sorted(p for p in given.docs.iterdir() if p.is_file() and not p.name.startswith("."))
    took, found = [], []
    for path in paths:
        start, own = time.perf_counter(), time.process_time()
        found.extend(rows(path, read(path, given.engine)))
        took.append((time.process_time() - own, time.perf_counter() - start))
    with given.out.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(COLUMNS)
        writer.writerows(found)
    n = max(len(took), 1)
    print(f"{len(took)} pictures, {len(found)} words")
    print(
        f"a page: {sum(t[0] for t in took) / n:.2f} s of this process, {sum(t[1] for t in took) / n:.2f} s by the clock"
    )


if __name__ == "__main__":
    main()
