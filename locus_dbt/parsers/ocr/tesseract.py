"""The alternative engine: the program ``tesseract``, where it is installed; its table of words is read.

As a parser (:func:`parse`) it can be put in the place of the built-in one with the setting ``parsers``.
"""

from __future__ import annotations

import csv
import io
import os
import shutil
import subprocess
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw

from locus_dbt.errors import InputError
from locus_dbt.model.document import Document
from locus_dbt.model.element import Parsed
from locus_dbt.parsers.limits import over
from locus_dbt.parsers.ocr.detection import Picture
from locus_dbt.parsers.ocr.letters import line_metrics
from locus_dbt.parsers.ocr.ruled import find_lines
from locus_dbt.parsers.ocr.seen import Floats, Frame, Seen

PROGRAM = "tesseract"
_SECONDS = 120  # for one page
_QUARTERS = {0: 0, 90: 1, 180: 2, 270: 3}
#: ISO 639-1 to the three-letter names of Tesseract's language files.
_LANGUAGES = {
    "cs": "ces", "da": "dan", "de": "deu", "en": "eng", "es": "spa", "fi": "fin", "fr": "fra", "hu": "hun",
    "it": "ita", "ja": "jpn", "ko": "kor", "nl": "nld", "no": "nor", "pl": "pol", "pt": "por", "ro": "ron",
    "ru": "rus", "sk": "slk", "sv": "swe", "tr": "tur", "uk": "ukr", "zh": "chi_sim",
}  # fmt: skip


@lru_cache(maxsize=1)
def installed() -> bool:
    """Whether the program is on the path."""
    return shutil.which(PROGRAM) is not None


@lru_cache(maxsize=1)
def version() -> str:
    """Name and version of the program."""
    first = _run(["--version"], b"").decode("utf-8", "replace").splitlines()[:1]
    return " ".join(first[0].split()[:2]) if first else PROGRAM


@lru_cache(maxsize=1)
def known_languages() -> frozenset[str]:
    """Names of the installed language files."""
    listed = _run(["--list-langs"], b"").decode("utf-8", "replace").splitlines()
    return frozenset(line.strip() for line in listed[1:] if line.strip())


def language_files(languages: Sequence[str]) -> list[str]:
    """The installed files for ISO 639-1 codes, English where none is asked for or none is there."""
    wanted = [_LANGUAGES.get(code.lower(), code) for code in languages] or ["eng"]
    return [name for name in wanted if name in known_languages()] or ["eng"]


def see(picture: Picture, languages: Sequence[str]) -> Seen:
    """The words of ``picture`` (rows, columns, blue-green-red)."""
    image = Image.fromarray(np.ascontiguousarray(picture[:, :, ::-1]))
    quarters = _quarters(image)
    height, width = picture.shape[:2]
    upright = image.rotate(90 * quarters, expand=True) if quarters else image
    frame = Frame(width, height, quarters)
    seen = _seen(_table(upright, languages), frame)
    # the program passes over words in ruled tables: they are read again without the lines
    lines = find_lines(picture, seen)
    if min(len(lines[0]), len(lines[1])) < 2:
        return seen
    return _seen(_table(_without(upright, np.concatenate(lines)), languages), frame)


def _table(upright: Image.Image, languages: Sequence[str]) -> list[dict[str, str]]:
    """The program's table of what it found, a row for each word and each thing that holds words."""
    known = "+".join(language_files(languages))
    told = _run(["stdin", "stdout", "-l", known, "--psm", "3", "tsv"], _png(upright)).decode("utf-8", "replace")
    return list(csv.DictReader(io.StringIO(told), delimiter="\t", quoting=csv.QUOTE_NONE))


def _without(picture: Image.Image, lines: Floats) -> Image.Image:
    """The picture with ``lines`` painted over in the colour of its ground."""
    clean = picture.copy()
    pen = ImageDraw.Draw(clean)
    ground = tuple(int(v) for v in np.median(np.asarray(picture)[::4, ::4].reshape(-1, 3), axis=0))
    for x0, y0, x1, y1 in lines.tolist():
        pen.rectangle((x0, y0, x1, y1), fill=ground)
    return clean


def _seen(rows: Sequence[dict[str, str]], frame: Frame) -> Seen:
    words = [row for row in rows if row["level"] == "5" and row["text"].strip()]
    text = tuple(row["text"].strip() for row in words)
    box = np.array([[float(row[k]) for k in ("left", "top", "width", "height")] for row in words]).reshape(-1, 4)
    box[:, 2:] += box[:, :2]
    lines: dict[tuple[str, ...], list[int]] = {}
    for i, row in enumerate(words):
        lines.setdefault(tuple(row[k] for k in ("block_num", "par_num", "line_num")), []).append(i)
    base, size = np.zeros(len(words)), np.zeros(len(words))
    strip = np.zeros(len(words), np.int64)
    for number, members in enumerate(lines.values()):
        em, at = line_metrics([text[i] for i in members], [(box[i, 1], box[i, 3]) for i in members])
        base[members], size[members], strip[members] = at, em, number
    score = np.array([float(row["conf"]) / 100 for row in words]).clip(0.0, 1.0)
    level = np.zeros(len(words), np.int64)
    return Seen(text, box, base, size, score, strip, level, frame, version())


def _quarters(image: Image.Image) -> int:
    """Quarter turns to the left that make the text upright; 0 where the program cannot tell."""
    try:
        told = _run(["stdin", "stdout", "--psm", "0"], _png(image)).decode("utf-8", "replace")
    except InputError:
        return 0
    values = dict(line.split(":", 1) for line in told.splitlines() if ":" in line)
    try:
        sure = float(values.get("Orientation confidence", "0"))
        degrees = int(values.get("Orientation in degrees", "0"))
    except ValueError:
        return 0
    return _QUARTERS.get(degrees, 0) if sure > 1.0 else 0


def _png(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "PNG", compress_level=1)
    return out.getvalue()


def _run(arguments: Sequence[str], data: bytes) -> bytes:
    """The program's standard output; it gets the picture through a pipe and one thread."""
    try:
        done = subprocess.run(
            [PROGRAM, *arguments],
            input=data,
            capture_output=True,
            timeout=_SECONDS,
            check=True,
            env={**os.environ, "OMP_THREAD_LIMIT": "1"},
        )
    except subprocess.TimeoutExpired as error:
        raise over(f"tesseract took more than {_SECONDS} seconds", where="a page") from error
    except (OSError, subprocess.CalledProcessError) as error:
        raise InputError(f"tesseract could not read the picture: {error}", code="E203") from error
    return done.stdout


def parse(document: Document) -> Parsed:
    """As :func:`locus_dbt.parsers.ocr.parse`, read by Tesseract whatever else is installed."""
    from locus_dbt.parsers.ocr.reader import read  # noqa: PLC0415 - it imports the engines

    if not installed():
        raise InputError(
            "the program tesseract is not installed", code="E105", fix="install it, or take another parser"
        )
    return read(document, see)
