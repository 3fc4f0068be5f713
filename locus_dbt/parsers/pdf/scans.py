"""Pages that are pictures of text: rendered and read by OCR where an engine is installed."""

from __future__ import annotations

import importlib
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from locus_dbt.model.document import ReadOptions
from locus_dbt.model.element import ReadBy, Words, no_words
from locus_dbt.parsers.pdf.columns import in_reading_order
from locus_dbt.parsers.pdf.objects import Objects
from locus_dbt.parsers.pdf.rulings import Rulings
from locus_dbt.parsers.pdf.turned import turn
from locus_dbt.parsers.pdf.words import PageWords

_COVERED = 0.6  # part of the page under pictures from which few words are a stamp, not the page's text
_STAMP_WORDS = 12
_SOME = 0.02
_SHAPES = 30
_RESOLUTION = 250  # dots per inch
_MOST_PIXELS = 36_000_000


@dataclass(slots=True)
class Scan:
    """What OCR gave for a page, together with the text layer it has; words are in reading order."""

    words: PageWords
    rulings: Rulings | None
    read_by: ReadBy
    engine: str
    cost: dict[str, float]
    _scores: dict[tuple[str, float, float], float] = field(default_factory=dict)

    def as_words(self, words: PageWords) -> Words:
        """The contract's form of these words, with the score of each; words of the text layer have 1."""
        if not len(words):
            return no_words()
        plain = words.as_words()
        keys = zip(words.text, words.box[:, 0].tolist(), words.box[:, 1].tolist(), strict=True)
        score = np.array([self._scores.get(key, 1.0) for key in keys], np.float32)
        return Words(plain.text, plain.box, plain.size, plain.line, plain.bold, score)


def read_scan(
    page: Any,  # noqa: ANN401
    words: PageWords,
    objects: Objects,
    options: ReadOptions,
    size: tuple[float, float],
) -> Scan | None:
    """The page read by OCR when it needs to be and can be, else ``None``.

    ``page`` is an open ``pypdfium2.PdfPage``, ``words`` its text layer, ``size`` in points as displayed. A page needs
    OCR when it has content but no words, or when its only words are a stamp beside a picture that covers most of it.
    """
    if not _is_wanted(words, objects, options):
        return None
    try:
        read_page = importlib.import_module("locus_dbt.parsers.ocr.pages").read_page  # optional, and heavy
    except ImportError:
        return None
    width, height = size
    scale = min(_RESOLUTION / 72, (_MOST_PIXELS / max(1.0, width * height)) ** 0.5)
    found = read_page(page.render(scale=scale).to_pil(), width=width, height=height, options=options)
    if found is None:
        return None
    read = from_words(found.words, angle=found.angle)
    scores = found.words.score if found.words.score is not None else np.ones(len(read))
    known = {
        key: float(score)
        for key, score in zip(
            zip(read.text, read.box[:, 0].tolist(), read.box[:, 1].tolist(), strict=True), scores.tolist(), strict=True
        )
    }
    both = _together(words, read) if len(words) else read
    return Scan(
        in_reading_order(both),
        found.rulings or None,
        "mixed" if len(words) else "ocr",
        found.engine,
        {"ocr_pages": 1.0, "ocr_seconds": float(found.seconds)},
        known,
    )


def _is_wanted(words: PageWords, objects: Objects, options: ReadOptions) -> bool:
    if options.ocr == "never" or not objects.count:
        return False
    if options.ocr == "always":
        return True
    if not len(words):
        # some lines or a logo are no page of text; letters drawn as shapes are many objects
        return objects.coverage() > _SOME or objects.count > _SHAPES
    return len(words) <= _STAMP_WORDS and objects.coverage() > _COVERED


def from_words(words: Words, *, angle: int = 0) -> PageWords:
    """Words of a model page, set at ``angle``, as words of a page that is still to be put into reading order."""
    box = words.box.astype(np.float64).reshape(len(words), 4)
    size = words.size.astype(np.float64)
    line = words.line.astype(np.int64)
    along = turn(box, angle)
    base = along[:, 3] - 0.22 * size
    # one baseline a line: the boxes of OCR end where the ink does
    for k in np.unique(line).tolist():
        base[line == k] = np.median(base[line == k])
    return PageWords(
        list(words.text), box, size, words.bold.copy(), np.full(len(words), angle, np.int64), along[:, 0].copy(),
        along[:, 2].copy(), base, line.copy(),
    )  # fmt: skip


def _together(printed: PageWords, read: PageWords) -> PageWords:
    """Words of the text layer, and of what OCR read those that lie elsewhere."""
    x, y = (read.box[:, 0] + read.box[:, 2]) / 2, (read.box[:, 1] + read.box[:, 3]) / 2
    free = np.ones(len(read), np.bool_)
    for x0, y0, x1, y1 in printed.box.tolist():
        free &= ~((x >= x0 - 1) & (x <= x1 + 1) & (y >= y0 - 1) & (y <= y1 + 1))
    rest = read.take(free)
    line = np.concatenate([rest.line, printed.line + (int(rest.line.max()) + 1 if len(rest) else 0)])
    return PageWords(
        rest.text + printed.text,
        np.concatenate([rest.box, printed.box]),
        np.concatenate([rest.size, printed.size]),
        np.concatenate([rest.bold, printed.bold]),
        np.concatenate([rest.angle, printed.angle]),
        np.concatenate([rest.u0, printed.u0]),
        np.concatenate([rest.u1, printed.u1]),
        np.concatenate([rest.v, printed.v]),
        line,
    )
