"""A picture read by the networks of RapidOCR: text found, turned upright, read line by line, parted into words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from locus_dbt.parsers.ocr import sessions
from locus_dbt.parsers.ocr.detection import AS_TRAINED, Picture, Quads, find_text
from locus_dbt.parsers.ocr.letters import LOW, line_metrics
from locus_dbt.parsers.ocr.lookalikes import put_right
from locus_dbt.parsers.ocr.scores import word_score
from locus_dbt.parsers.ocr.seen import Floats, Frame, Seen
from locus_dbt.parsers.ocr.spacing import ink_of, part_words
from locus_dbt.parsers.ocr.straighten import lies_sideways, skew, stands_upside_down, turned
from locus_dbt.parsers.ocr.strips import Strip, read_strip, usual_height

_WITH_CHINESE = frozenset(("zh", "ja", "ko"))
_LEAST_SCORE = 0.55  # lines the network is less sure of are noise more often than text


def see(picture: Picture, languages: Sequence[str] = ()) -> Seen:
    """The words of ``picture`` (rows, columns, blue-green-red); Latin letters only where ``languages`` say so."""
    latin = bool(languages) and not _WITH_CHINESE.intersection(code.lower() for code in languages)
    upright, quads, frame = _upright(picture)
    usual = usual_height(quads)
    text: list[str] = []
    rows: list[tuple[float, ...]] = []
    for number, quad in enumerate(quads):
        strip = read_strip(upright, quad, usual=usual, latin=latin)
        if not strip.reading.text or strip.reading.mean_score < _LEAST_SCORE:
            continue
        words, places = _words(strip, frame)
        text.extend(words)
        rows.extend((*place, number, strip.angle) for place in places)
    table = np.array(rows, np.float64).reshape(len(rows), 9)
    return Seen(
        tuple(text),
        table[:, :4],
        table[:, 4],
        table[:, 5],
        table[:, 6],
        table[:, 7].astype(np.int64),
        table[:, 8].astype(np.int64),
        frame,
        sessions.version(),
    )


def _upright(picture: Picture) -> tuple[Picture, Quads, Frame]:
    """The picture with its text upright, where its text stands, and how it was turned."""
    height, width = picture.shape[:2]
    quarters = 0
    quads = find_text(picture, AS_TRAINED)
    if lies_sideways(quads):
        quarters = 1
        picture = turned(picture, 1)
        quads = find_text(picture, AS_TRAINED)
    if stands_upside_down(picture, quads):
        quarters += 2
        picture = turned(picture, 2)
        quads = find_text(picture, AS_TRAINED)
    return picture, quads, Frame(width, height, quarters, skew(quads))


def _words(strip: Strip, frame: Frame) -> tuple[list[str], list[tuple[float, ...]]]:
    """Words of one piece of line with level box, baseline, size and score."""
    height, width = strip.line.shape[:2]
    ink = ink_of(strip.line)
    parts = part_words(strip.reading, ink, height)
    reading = put_right(strip.reading, parts)
    texts = [reading.text[p.start : p.stop] for p in parts]
    rows = [ink.rows(p.left, p.right) for p in parts]
    size, base = line_metrics(texts, rows)
    corner, right, below = frame.level(strip.quad[[0, 1, 3]])
    across, down = (right - corner) / width, (below - corner) / height
    places: list[tuple[float, ...]] = []
    for part, (top, bottom) in zip(parts, rows, strict=True):
        middle = corner + across * (part.left + part.right) / 2 + down * (top + bottom) / 2
        # dashes and dots get the room of a small letter, so that lines and tables find them beside their words
        edges = [min(top, base - LOW * size), max(bottom, base), base]
        ys = [middle + down * (y - (top + bottom) / 2) for y in edges]
        xs = [middle + across * (x - (part.left + part.right) / 2) for x in (part.left, part.right)]
        box = _box(xs, ys[:2], strip.angle)
        score = word_score(reading.score[part.start : part.stop])
        places.append((*box, float(ys[2][0 if strip.angle else 1]), float(size * np.linalg.norm(down)), score))
    return texts, places


def _box(ends: list[Floats], sides: list[Floats], angle: int) -> tuple[float, ...]:
    """The upright box between the middles of a word's ends and those of its long sides."""
    across, down = (
        ([p[0] for p in ends], [p[1] for p in sides]) if not angle else ([p[0] for p in sides], [p[1] for p in ends])
    )
    return (float(min(across)), float(min(down)), float(max(across)), float(max(down)))
