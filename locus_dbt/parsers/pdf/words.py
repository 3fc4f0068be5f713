"""Characters to words, words to printed lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from locus_dbt.model.element import Words, no_words
from locus_dbt.parsers.pdf.chars import Bools, Chars
from locus_dbt.parsers.pdf.native import Floats, Ints

# Gaps in em. A blank is rarely set narrower than 0.17 em; where the text has real blanks of its own, only a
# gap that no letter spacing explains splits a run of text.
_GAP = 0.17
_GAP_IN_RUN = 0.5

_SPELLED = {
    0: "\ufffd", 2: "-", 0xAD: "-", 0xF0B7: "•", 0xF0A7: "▪", 0xF02D: "-",
    0xFB00: "ff", 0xFB01: "fi", 0xFB02: "fl", 0xFB03: "ffi", 0xFB04: "ffl", 0xFB05: "st", 0xFB06: "st",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class PageWords:
    """Words of a page before they are put into reading order.

    ``u0, u1`` is the extent along the text's own direction, ``v`` the baseline across it (both grow to the
    right and downwards for upright text); ``line`` numbers the printed lines of one ``angle``.
    """

    text: list[str]
    box: Floats
    size: Floats
    bold: Bools
    angle: Ints
    u0: Floats
    u1: Floats
    v: Floats
    line: Ints

    @classmethod
    def from_boxes(cls, text: Sequence[str], boxes: ArrayLike, *, size: ArrayLike | None = None) -> PageWords:
        """Upright words known by their boxes alone, as a reader of pictures gives them.

        ``boxes`` is ``(n, 4)``: x0, y0, x1, y1 in points, origin top left. ``size`` is the font size in points of
        each word (or one for all); without it the boxes are taken to be tight and the size is told from their
        height and the letters in them. Printed lines are found here; the words come back sorted by line, then
        from left to right. A blank word or one without extent is left out.
        """
        box = np.asarray(boxes, np.float64).reshape(len(text), 4)
        inked = np.array([bool(t.strip()) for t in text], np.bool_)
        kept = np.flatnonzero(inked & (box[:, 2] > box[:, 0]) & (box[:, 3] > box[:, 1]))
        return _from_boxes(
            [text[i].strip() for i in kept.tolist()],
            box[kept],
            None if size is None else np.broadcast_to(np.asarray(size, np.float64), len(text))[kept],
        )

    def __len__(self) -> int:
        return len(self.text)

    def take(self, index: Ints | Bools) -> PageWords:
        """The words at ``index``, in that order."""
        rows = np.flatnonzero(index) if index.dtype == np.bool_ else index
        return PageWords(
            [self.text[i] for i in rows.tolist()],
            self.box[rows], self.size[rows], self.bold[rows], self.angle[rows],
            self.u0[rows], self.u1[rows], self.v[rows], self.line[rows],
        )  # fmt: skip

    def as_words(self) -> Words:
        """The contract's form, in the present order."""
        if not self.text:
            return no_words()
        return Words(
            tuple(self.text),
            self.box.astype(np.float32),
            self.size.astype(np.float32),
            self.line.astype(np.int32),
            self.bold,
        )


def build_words(chars: Chars) -> PageWords:
    """Words sorted by line, then along the line; upright text first, then text turned by 90, 180 …."""
    parts = []
    start = 0
    for angle in sorted(set(chars.angle.tolist())):
        part = _words_of_direction(chars.take(chars.angle == angle), angle)
        part.line[:] += start
        start = int(part.line.max()) + 1 if len(part) else start
        parts.append(part)
    return _concatenate(parts)


def _concatenate(parts: list[PageWords]) -> PageWords:
    if not parts:
        empty = np.zeros(0)
        none = np.zeros(0, np.int64)
        return PageWords([], np.zeros((0, 4)), empty, np.zeros(0, np.bool_), none, empty, empty, empty, none)
    return PageWords(
        [t for p in parts for t in p.text],
        np.concatenate([p.box for p in parts]),
        np.concatenate([p.size for p in parts]),
        np.concatenate([p.bold for p in parts]),
        np.concatenate([p.angle for p in parts]),
        np.concatenate([p.u0 for p in parts]),
        np.concatenate([p.u1 for p in parts]),
        np.concatenate([p.v for p in parts]),
        np.concatenate([p.line for p in parts]),
    )


# Parts of the font size: how far letters reach above and below the baseline.
_LOW, _HIGH, _DEEP = 0.5, 0.72, 0.21
_DESCENDERS = frozenset("gjpqyQ,;()[]{}|/\\_@§ß$µçşţ")
_SHORT = frozenset("acegmnopqrsuvwxyzµ.,:;-–—_~+=<>«»·…")


def _from_boxes(text: list[str], box: Floats, size: Floats | None) -> PageWords:
    if not text:
        return _concatenate([])
    up = np.array([_LOW if _SHORT.issuperset(t) else _HIGH for t in text])
    down = np.array([0.0 if _DESCENDERS.isdisjoint(t) else _DEEP for t in text])
    height = box[:, 3] - box[:, 1]
    # Dashes and dots say nothing about the size of their font: they get the usual one of the page.
    telling = np.array([any(c.isalnum() for c in t) for t in text])
    told = height / (up + down)
    em = size if size is not None else np.where(telling, told, np.median(told[telling]) if telling.any() else told)
    middle = (box[:, 1] + box[:, 3]) / 2
    baseline = np.where(telling, middle + (up - down) / 2 * em, middle + 0.25 * em)
    n = len(text)
    flat, zeros = np.zeros(n, np.bool_), np.zeros(n, np.int64)
    words = PageWords(text, box, em, flat, zeros, box[:, 0].copy(), box[:, 2].copy(), baseline, zeros.copy())
    lines = [sorted(line, key=lambda i: (box[i, 0], i)) for line in assign_lines(words)]
    out = words.take(np.array([i for line in lines for i in line], np.int64))
    out.line[:] = np.repeat(np.arange(len(lines)), [len(line) for line in lines])
    return out


def _along(chars: Chars, angle: int) -> tuple[Floats, Floats, Floats]:
    """Extent along the direction of the text and baseline across it."""
    box = chars.box
    if angle == 0:
        return box[:, 0], box[:, 2], chars.y
    if angle == 90:
        return box[:, 1], box[:, 3], -chars.x
    if angle == 180:
        return -box[:, 2], -box[:, 0], -chars.y
    if angle == 270:
        return -box[:, 3], -box[:, 1], chars.x
    t = np.radians(angle)
    u = chars.x * np.cos(t) + chars.y * np.sin(t)
    v = -chars.x * np.sin(t) + chars.y * np.cos(t)
    return u, u + 0.5 * chars.size, v


def _words_of_direction(chars: Chars, angle: int) -> PageWords:
    u0, u1, v = _along(chars, angle)
    breaks = _breaks(chars, u0, u1, v)
    starts = np.flatnonzero(breaks)
    stops = np.append(starts[1:], len(chars))
    spelled = [_SPELLED.get(c) or chr(c) for c in chars.code.tolist()]
    box = np.concatenate(
        [np.minimum.reduceat(chars.box[:, :2], starts), np.maximum.reduceat(chars.box[:, 2:], starts)], axis=1
    )
    words = PageWords(
        ["".join(spelled[a:b]) for a, b in zip(starts.tolist(), stops.tolist(), strict=True)],
        box,
        chars.size[starts],
        np.add.reduceat(chars.bold, starts, dtype=np.int64) * 2 > (stops - starts),
        np.full(len(starts), angle, np.int64),
        np.minimum.reduceat(u0, starts),
        np.maximum.reduceat(u1, starts),
        v[starts],
        np.zeros(len(starts), np.int64),
    )
    before = chars.spaced[starts]
    return _merge(words, assign_lines(words), before, np.append(before[1:], True))


def _breaks(chars: Chars, u0: Floats, u1: Floats, v: Floats) -> Bools:
    """True where a word begins, in the order of the content stream."""
    n = len(chars)
    out = np.ones(n, np.bool_)
    if n < 2:
        return out
    size = np.minimum(chars.size[1:], chars.size[:-1])
    gap = u0[1:] - u1[:-1]
    same_run = chars.run[1:] == chars.run[:-1]
    has_blanks = chars.blanks * 25 > n
    limit = np.where(same_run, _GAP_IN_RUN, _GAP) * size if has_blanks else _GAP * size
    back = gap < -0.5 * size
    # The letters of a ligature share one box.
    ligature = (np.abs(u0[1:] - u0[:-1]) < 0.01) & (np.abs(u1[1:] - u1[:-1]) < 0.01) & same_run
    shifted = np.abs(v[1:] - v[:-1]) > 0.3 * size
    resized = np.maximum(chars.size[1:], chars.size[:-1]) > 1.6 * size
    spaced = chars.spaced[1:] & (gap > 0.02 * size)
    out[1:] = (spaced | (gap > limit) | back | shifted | resized) & ~ligature
    return out


def assign_lines(words: PageWords) -> list[list[int]]:
    """Words of one direction grouped by baseline, lines top to bottom, words unsorted within a line."""
    order = np.argsort(words.v, kind="stable")
    if not len(order):
        return []
    lines: list[list[int]] = []
    base: list[float] = []
    height: list[float] = []
    v, size = words.v[order], words.size[order]
    starts = _apart(v, size)
    low, high = v[starts], np.append(v[starts[1:] - 1], v[-1])
    one = (high - low <= 0.35 * np.minimum.reduceat(size, starts)).tolist()
    count = np.diff(starts, append=len(v))
    mean_v, mean_size = np.add.reduceat(v, starts) / count, np.add.reduceat(size, starts) / count
    numbers, bounds = order.tolist(), [*starts.tolist(), len(v)]
    middles, heights = mean_v.tolist(), mean_size.tolist()
    for k, single in enumerate(one):
        members = numbers[bounds[k] : bounds[k + 1]]
        if single:
            lines.append(members)
            base.append(middles[k])
            height.append(heights[k])
        else:
            _cluster(words, members, lines, base, height)
    return _attach_scripts(words, lines, base, height)


def _apart(v: Floats, size: Floats) -> Ints:
    """Where words sorted by baseline stand so far apart that no line can hold both sides."""
    near = np.diff(v, prepend=v[0] - 1e9)
    starts = np.flatnonzero(near > 0.35 * np.append(size[:1], size[:-1]))
    while True:
        tallest = np.maximum.reduceat(size, starts)
        keep = np.append(True, near[starts[1:]] > 0.35 * tallest[:-1])
        if keep.all():
            return starts
        starts = starts[keep]


def _cluster(
    words: PageWords, members: list[int], lines: list[list[int]], base: list[float], height: list[float]
) -> None:
    """Add the lines of words, sorted by baseline, that stand too close to be told apart by gaps."""
    open_from = len(lines)
    for i in members:
        v, size = float(words.v[i]), float(words.size[i])
        while open_from < len(lines) and base[open_from] < v - height[open_from]:
            open_from += 1
        best, distance = -1, float("inf")
        for k in range(open_from, len(lines)):
            d = abs(base[k] - v)
            if d <= 0.35 * min(size, height[k]) and d < distance:
                best, distance = k, d
        if best < 0:
            lines.append([i])
            base.append(v)
            height.append(size)
        else:
            lines[best].append(i)
            n = len(lines[best])
            base[best] += (v - base[best]) / n
            height[best] += (size - height[best]) / n


def _attach_scripts(
    words: PageWords, lines: list[list[int]], base: list[float], height: list[float]
) -> list[list[int]]:
    """Lines that hold only super- or subscripts join the line they touch."""
    order = sorted(range(len(lines)), key=lambda k: base[k])
    gone: set[int] = set()
    for at, k in enumerate(order):
        for other in order[max(0, at - 3) : at] + order[at + 1 : at + 4]:
            big = height[other]
            if other in gone or height[k] > 0.85 * big or not -0.65 * big <= base[k] - base[other] <= 0.4 * big:
                continue
            near = np.array(lines[other])
            if all(_touches(words, i, near, 0.35 * big) for i in lines[k]):
                lines[other].extend(lines[k])
                gone.add(k)
                break
    return [lines[k] for k in order if k not in gone]


def _touches(words: PageWords, i: int, near: Ints, reach: float) -> bool:
    left = words.u0[i] - words.u1[near]
    right = words.u0[near] - words.u1[i]
    return bool((np.maximum(left, right) < reach).any())


def _merge(words: PageWords, lines: list[list[int]], before: Bools, after: Bools) -> PageWords:
    """Join pieces of one word that were set separately; number and sort the lines."""
    u0, u1, v, size = words.u0.tolist(), words.u1.tolist(), words.v.tolist(), words.size.tolist()
    text = list(words.text)
    box = words.box.copy()
    end = words.u1.copy()
    line_of = np.zeros(len(words), np.int64)
    keep: list[int] = []
    for number, line in enumerate(lines):
        last = -1
        for i in sorted(line, key=lambda k: (u0[k], u1[k], k)):
            line_of[i] = number
            if last >= 0:
                em = min(size[i], size[last])
                gap = u0[i] - end[last]
                joined = -0.3 * em < gap < _GAP * em and not before[i] and not after[last]
                if joined and abs(v[i] - v[last]) < 0.12 * em and max(size[i], size[last]) < 1.3 * em:
                    text[last] += text[i]
                    box[last, :2] = np.minimum(box[last, :2], box[i, :2])
                    box[last, 2:] = np.maximum(box[last, 2:], box[i, 2:])
                    end[last] = max(end[last], u1[i])
                    after[last] = after[i]
                    continue
            keep.append(i)
            last = i
    merged = PageWords(text, box, words.size, words.bold, words.angle, words.u0, end, words.v, line_of)
    return merged.take(np.array(keep, np.int64))
