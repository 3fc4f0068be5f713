"""Text from right to left: built into words by where it stands, then put into the order in which it is read."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

import numpy as np

from locus_dbt.parsers.pdf.chars import Bools, Chars
from locus_dbt.parsers.pdf.grid import Grid
from locus_dbt.parsers.pdf.native import Ints
from locus_dbt.parsers.pdf.words import PageWords

_BLANK = 0.15  # em: a wider gap between letters of a line with text from right to left is a blank
_MIRRORED = str.maketrans("()[]{}<>«»", ")(][}{><»«")


def _is_rtl_code(code: Ints) -> Bools:
    return (
        ((code >= 0x590) & (code < 0x900)) | ((code >= 0xFB1D) & (code < 0xFE00)) | ((code >= 0xFE70) & (code < 0xFEFF))
    )


def has_rtl(chars: Chars) -> bool:
    """Whether any letter is written from right to left."""
    return bool(_is_rtl_code(chars.code).any())


def in_visual_order(chars: Chars) -> Chars:
    """Upright characters of one printed line, as far as they follow each other in the stream, from left to right.

    Programs write such text in either order, and pdfium turns some of it: only the place of a letter is sure.
    """
    n = len(chars)
    if n < 2:
        return chars
    apart = np.abs(np.diff(chars.y)) > 0.3 * np.minimum(chars.size[1:], chars.size[:-1])
    line = np.concatenate([[0], np.cumsum(apart | (np.diff(chars.angle) != 0) | (chars.angle[1:] != 0))])
    order = np.lexsort((np.arange(n), chars.box[:, 0], line))
    out = chars.take(order)
    # Blanks are known by the letters around them in the stream, which now stand elsewhere: the gap tells them.
    gap = out.box[1:, 0] - out.box[:-1, 2]
    wide = gap > _BLANK * np.minimum(out.size[1:], out.size[:-1])
    mixed = np.isin(line[order], np.unique(line[_is_rtl_code(chars.code)]))
    out.spaced[1:] = np.where(mixed[1:], wide, out.spaced[1:])
    return out


def spelled_logically(words: PageWords) -> PageWords:
    """Words whose letters stand from left to right as read, numbers within them kept."""
    return replace(words, text=[_logical(t) if _direction(t) == "R" else t for t in words.text])


def _logical(text: str) -> str:
    runs = ["".join(run) for _, run in groupby(text, key=_runs_on)]
    out = "".join(run if _runs_on(run[0]) else run[::-1] for run in reversed(runs))
    opened, closed = out.find("("), out.find(")")
    return out.translate(_MIRRORED) if closed >= 0 and (opened < 0 or closed < opened) and opened >= 0 else out


def _runs_on(char: str) -> bool:
    """Whether a character within a word from right to left is itself read from left to right."""
    return unicodedata.bidirectional(char) in ("L", "EN", "AN", "ES", "CS", "ET")


def _direction(text: str) -> str:
    """``R`` or ``L`` by the first strong letter, ``N`` for figures, empty for signs."""
    figure = ""
    for char in text:
        kind = unicodedata.bidirectional(char)
        if kind in ("R", "AL"):
            return "R"
        if kind == "L":
            return "L"
        if kind in ("EN", "AN"):
            figure = "N"
    return figure


def reads_rtl(texts: Sequence[str], directions: Sequence[str] | None = None) -> bool:
    """Whether most letters of a page are written from right to left; ``directions`` are those of the words."""
    letters = {"R": 0, "L": 0, "N": 0, "": 0}
    for text, kind in zip(texts, directions or map(_direction, texts), strict=True):
        letters[kind] += len(text)
    return letters["R"] >= letters["L"]


def in_logical_order(words: PageWords, grids: list[Grid]) -> tuple[PageWords, list[Grid]]:
    """Words of each line in the order in which they are read; the cells of the tables keep their words."""
    directions = [_direction(t) for t in words.text]
    if "R" not in directions:
        return words, grids
    mostly_rtl = reads_rtl(words.text, directions)
    order: list[int] = []
    for _, members in groupby(range(len(words)), key=words.line.tolist().__getitem__):
        order += _read_order(list(members), directions, words, rtl=mostly_rtl)
    place = {old: new for new, old in enumerate(order)}
    for grid in grids:
        for cell in grid.cells:
            cell.words = sorted(place[i] for i in cell.words)
    return words.take(np.array(order, np.int64)), grids


def _read_order(line: list[int], directions: Sequence[str], words: PageWords, *, rtl: bool) -> list[int]:
    """One line's words as read; a line of both directions begins where the page's own direction (``rtl``) does."""
    kinds = [directions[i] for i in line]
    if "R" not in kinds or int(words.angle[line[0]]) != 0:
        return line
    if rtl or "L" not in kinds:
        turned = line[::-1]
        return _turn_runs(turned, [directions[i] for i in turned], "L")
    return _turn_runs(line, kinds, "R")


def _turn_runs(line: list[int], kinds: list[str], against: str) -> list[int]:
    """The line with every run of words against its direction (figures and signs between them too) turned."""
    out: list[int] = []
    k = 0
    while k < len(line):
        if kinds[k] != against:
            out.append(line[k])
            k += 1
            continue
        stop = k + 1
        for j in range(k + 1, len(line)):
            if kinds[j] == against:
                stop = j + 1
            elif kinds[j] in ("R", "L"):
                break
        out += reversed(line[k:stop])
        k = stop
    return out
