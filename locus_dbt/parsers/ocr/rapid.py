"""A picture read by the networks of RapidOCR: text found, turned upright, read line by line, parted into words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from locus_dbt.parsers.ocr import sessions
from locus_dbt.parsers.ocr.detection import AS_TRAINED, Picture, Quads, find_text
from locus_dbt.parsers.ocr.letters import LOW, line_metrics
from locus_dbt.parsers.ocr.lookalikes import put_right
from locus_dbt.parsers.ocr.recognition import Reading, cut_line, read_line
from locus_dbt.parsers.ocr.scores import word_score
from locus_dbt.parsers.ocr.seen import Floats, Frame, Seen
from locus_dbt.parsers.ocr.spacing import ink_of, part_words
from locus_dbt.parsers.ocr.straighten import lies_sideways, skew, stands_upside_down, turned

_WITH_CHINESE = frozenset(("zh", "ja", "ko"))
_LEAST_SCORE = 0.5  # lines the network is less sure of are noise more often than text


def see(picture: Picture, languages: Sequence[str] = ()) -> Seen:
    """The words of ``picture`` (rows, columns, blue-green-red); Latin letters only where ``languages`` say so."""
    latin = bool(languages) and not _WITH_CHINESE.intersection(code.lower() for code in languages)
    upright, quads, frame = _upright(picture)
    text: list[str] = []
    rows: list[tuple[float, ...]] = []
    for number, quad in enumerate(quads):
        line = cut_line(upright, quad)
        if line.shape[0] > 1.5 * line.shape[1]:
            continue
        reading = read_line(line, latin=latin)
        if not reading.text or reading.mean_score < _LEAST_SCORE:
            continue
        words, places = _words(reading, line, quad, frame)
        text.extend(words)
        rows.extend((*place, number) for place in places)
    table = np.array(rows, np.float64).reshape(len(rows), 8)
    return Seen(
        tuple(text),
        table[:, :4],
        table[:, 4],
        table[:, 5],
        table[:, 6],
        table[:, 7].astype(np.int64),
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


def _words(reading: Reading, line: Picture, quad: Floats, frame: Frame) -> tuple[list[str], list[tuple[float, ...]]]:
    """Words of one line with level box, baseline, size and score."""
    height, width = line.shape[:2]
    ink = ink_of(line)
    parts = part_words(reading, ink, height)
    reading = put_right(reading, parts)
    texts = [reading.text[p.start : p.stop] for p in parts]
    rows = [ink.rows(p.left, p.right) for p in parts]
    size, base = line_metrics(texts, rows)
    to_level = frame.level(quad[[0, 1, 3]])
    across, down = to_level[1] - to_level[0], to_level[2] - to_level[0]
    places: list[tuple[float, ...]] = []
    for part, (top, bottom) in zip(parts, rows, strict=True):
        x = np.array([part.left, part.right, (part.left + part.right) / 2])
        # dashes and dots get the room of a small letter, so that lines and tables find them beside their words
        y = np.array([min(top, base - LOW * size), max(bottom, base), base])
        xs = to_level[0, 0] + across[0] * x / width + down[0] * (top + bottom) / 2 / height
        ys = to_level[0, 1] + across[1] * x[2] / width + down[1] * y / height
        score = word_score(reading.score[part.start : part.stop])
        em = float(size * np.linalg.norm(down) / height)
        places.append((float(xs[0]), float(ys[0]), float(xs[1]), float(ys[1]), float(ys[2]), em, score))
    return texts, places
