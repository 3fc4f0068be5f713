"""The characters of a page as arrays: code point, boxes, baseline, size, direction, weight."""

from __future__ import annotations

import ctypes
import re
from dataclasses import dataclass, field, replace
from itertools import repeat

import numpy as np
from numpy.typing import NDArray

from locus_dbt.parsers.pdf import native
from locus_dbt.parsers.pdf.native import Floats, Frame, Ints

Bools = NDArray[np.bool_]

_BOLD_NAME = re.compile(r"bold|black|heavy|demi|fett|gras\b|-bd\b", re.IGNORECASE)
_FORCE_BOLD = 1 << 18
_FILL_AND_STROKE = 2
_INVISIBLE_MODES = (3, 7)
_WHITE = 250


@dataclass(frozen=True, slots=True)
class Unseen:
    """What a reader of the page does not see: printed characters beside the page, boxes of white and invisible ones."""

    outside: int = 0
    white: Floats = field(default_factory=lambda: np.zeros((0, 4)))
    invisible: Floats = field(default_factory=lambda: np.zeros((0, 4)))


_ALL_SEEN = Unseen()


@dataclass(frozen=True, slots=True)
class Chars:
    """Printed characters in the order of the content stream; boxes ``(n, 4)`` as displayed.

    ``box`` spans the advance width and the font's ascent and descent; ``x, y`` is the origin on the
    baseline; ``angle`` is the direction of the text as displayed in degrees, clockwise, 0 for upright.
    ``spaced[i]`` says that a real blank was set between the printed characters ``i - 1`` and ``i``.
    ``run`` numbers the text object.
    """

    code: Ints
    box: Floats
    x: Floats
    y: Floats
    size: Floats
    angle: Ints
    bold: Bools
    run: Ints
    spaced: Bools
    blanks: int
    unseen: Unseen = _ALL_SEEN

    def __len__(self) -> int:
        return len(self.code)

    def take(self, index: NDArray[np.intp] | Bools) -> Chars:
        """The characters at ``index``."""
        return Chars(
            self.code[index],
            self.box[index],
            self.x[index],
            self.y[index],
            self.size[index],
            self.angle[index],
            self.bold[index],
            self.run[index],
            self.spaced[index],
            self.blanks,
        )


def read_chars(text: int, n: int, frame: Frame) -> Chars:
    """All ``n`` characters of an open text page that leave ink on the page.

    Characters outside the displayed page, without extent, controls and blanks are left out; a character
    printed twice at (almost) the same place is kept once and counts as bold when it was shifted.
    """
    if n <= 0:
        return _none()
    code = _join_surrogates(_codes(text, n))
    owner = _owners(text, code)
    loose = native.fill(native.char_box_loose, text, n, 4, np.float32).astype(np.float64)
    blank = _is_blank(code) & (owner != 0)
    keep = (owner != 0) & _is_printed(code)

    owners, first, run = np.unique(owner, return_index=True, return_inverse=True)
    run = run.astype(np.int64)
    style = _styles(text, owners.tolist(), first.tolist(), frame)
    size, angle, bold = style[run, 0], style[run, 1].astype(np.int64), style[run, 2] > 0
    x, y = frame.points(*_origins(text, loose, run, first, straight=style[:, 3] > 0))
    box = frame.boxes(loose[:, 0], loose[:, 3], loose[:, 2], loose[:, 1])
    box = _plausible(box, x, y, size, angle)

    width, height = frame.size
    cx, cy = (box[:, 0] + box[:, 2]) / 2, (box[:, 1] + box[:, 3]) / 2
    extent = np.maximum(box[:, 2] - box[:, 0], box[:, 3] - box[:, 1])
    printed = int(keep.sum())
    keep &= (cx >= 0) & (cx <= width) & (cy >= 0) & (cy <= height) & (extent > 0.2) & np.isfinite(extent)
    seen = np.cumsum(blank)
    kept = np.flatnonzero(keep)
    between = np.diff(seen[kept], prepend=0) > 0
    everything = Chars(
        code[kept], box[kept], x[kept], y[kept], size[kept], angle[kept], bold[kept], run[kept],
        between, int(blank.sum()),
    )  # fmt: skip
    veil = style[run[kept], 4]
    if len(kept) == printed and not veil.any():
        return _once(everything)
    beside = ~((cx >= 0) & (cx <= width) & (cy >= 0) & (cy <= height)) & (owner != 0) & _is_printed(code)
    unseen = Unseen(int(beside.sum()), everything.box[veil == 1], everything.box[veil == 2])
    return replace(_once(everything), unseen=unseen)


def _codes(text: int, n: int) -> Ints:
    """The code of every character: all at once where each has exactly one UTF-16 unit, else one by one."""
    buffer = np.zeros(2 * n + 2, np.uint16)
    written = native.get_text(text, 0, n, buffer.ctypes.data)
    code = buffer[:n].astype(np.int64)
    if written != n + 1 or ((code >= 0xD800) & (code < 0xE000)).any():
        return np.fromiter(map(native.char_unicode, repeat(text), range(n)), np.int64, n)
    for i in np.flatnonzero(code == 0xFFFE).tolist():  # stands for the hyphen at a line's end, too
        code[i] = native.char_unicode(text, i)
    return code


def _owners(text: int, code: Ints) -> NDArray[np.uint64]:
    """The text object of every character.

    Characters follow each other object by object: of a word whose ends have the same one, no more are asked.
    """
    n = len(code)
    blank = _is_blank(code)
    ends = blank.copy()
    ends[0] = ends[-1] = True
    ends[1:] |= blank[:-1]
    ends[:-1] |= blank[1:]
    out = np.zeros(n, np.uint64)
    known = np.flatnonzero(ends)
    out[known] = np.fromiter(map(native.char_object, repeat(text), known.tolist()), np.uint64, len(known))
    inside = np.flatnonzero(~ends)
    if len(inside):
        before = np.maximum.accumulate(np.where(ends, np.arange(n), 0))
        after = np.minimum.accumulate(np.where(ends, np.arange(n), n - 1)[::-1])[::-1]
        out[inside] = out[before[inside]]
        open_ = inside[out[before[inside]] != out[after[inside]]]
        out[open_] = np.fromiter(map(native.char_object, repeat(text), open_.tolist()), np.uint64, len(open_))
    return out


def _origins(text: int, loose: Floats, run: Ints, first: Ints, *, straight: Bools) -> tuple[Floats, Floats]:
    """Where every character begins on its baseline, in user space.

    The characters of an upright text object share a baseline and begin at the left of their boxes; the others
    are asked for one by one.
    """
    x = loose[:, 0].copy()
    level = np.flatnonzero(straight)
    base = np.zeros(len(first))
    base[level] = native.points_at(native.char_origin, text, first[level].tolist())[:, 1]
    y = base[run]
    rest = np.flatnonzero(~straight[run])
    if len(rest):
        x[rest], y[rest] = native.points_at(native.char_origin, text, rest.tolist()).T
    return x, y


def _none() -> Chars:
    numbers, empty, no = np.zeros(0, np.int64), np.zeros(0), np.zeros(0, np.bool_)
    return Chars(numbers, np.zeros((0, 4)), empty, empty, empty, numbers, no, numbers, no, 0)


_BLANKS = [0x20, 0x09, 0x0A, 0x0D, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000]
_INVISIBLE = [0x200B, 0x200C, 0x200D, 0x200E, 0x200F, 0x2028, 0x2029, 0x2060, 0xFEFF, 0xFFFE, 0xFFFF]

# Looked up by code; the last entry stands for all codes beyond the basic plane.
_IS_BLANK = np.zeros(0x10001, np.bool_)
_IS_BLANK[_BLANKS] = True
_IS_PRINTED = ~_IS_BLANK
_IS_PRINTED[_INVISIBLE] = False
_IS_PRINTED[0x7F:0xA0] = _IS_PRINTED[1] = False
_IS_PRINTED[3:0x20] = False


def _is_blank(code: Ints) -> Bools:
    blank: Bools = _IS_BLANK[np.minimum(code, 0x10000)]
    return blank


def _is_printed(code: Ints) -> Bools:
    """All but blanks and controls; 2 is pdfium's mark for a hyphen that ends a line, 0 an unknown glyph."""
    printed: Bools = _IS_PRINTED[np.minimum(code, 0x10000)] & (code != -1)
    return printed


def _join_surrogates(code: Ints) -> Ints:
    """UTF-16 halves as one code point at the first; the second becomes -1."""
    high = (code[:-1] >= 0xD800) & (code[:-1] < 0xDC00) & (code[1:] >= 0xDC00) & (code[1:] < 0xE000)
    at = np.flatnonzero(high)
    if len(at):
        code = code.copy()
        code[at] = 0x10000 + ((code[at] - 0xD800) << 10) + (code[at + 1] - 0xDC00)
        code[at + 1] = -1
    return np.where((code >= 0xD800) & (code < 0xE000), 0xFFFD, code)


def _styles(text: int, owners: list[int], first: list[int], frame: Frame) -> Floats:
    """Size, angle, bold, set upright in user space (0 or 1) and veil (1 white, 2 invisible) of each text object.

    Shape ``(n, 5)``.
    """
    out = np.zeros((len(owners), 5))
    known = [i for i, owner in enumerate(owners) if owner]
    owners, first = [owners[i] for i in known], [first[i] for i in known]
    matrix = native.rows_at(native.char_matrix, text, first, 6, np.float32).astype(np.float64)
    a, b, c, d = matrix[:, 0], matrix[:, 1], matrix[:, 2], matrix[:, 3]
    dx, dy = frame.directions(a, b)
    degrees = np.degrees(np.arctan2(dy, dx))
    right = np.round(degrees / 90) * 90
    degrees = np.where(np.abs(degrees - right) < 8, right, np.round(degrees))
    size = np.fromiter(map(native.char_font_size, repeat(text), first), np.float64, len(first))
    fonts = list(map(native.text_font, owners))
    heavy = {font: _is_bold(font) for font in set(fonts)}
    bold = np.array([heavy[f] for f in fonts], np.bool_)
    mode = np.fromiter(map(native.text_mode, owners), np.int64, len(owners))
    bold |= mode == _FILL_AND_STROKE
    white = np.fromiter(map(_is_white, owners), np.bool_, len(owners)) & (mode == 0)
    out[known, 0] = np.abs(size) * np.hypot(c, d)
    out[known, 1] = degrees % 360
    out[known, 2] = bold
    out[known, 4] = np.where(np.isin(mode, _INVISIBLE_MODES), 2, white)
    out[known, 3] = (a > 0) & (np.abs(b) <= 1e-3 * a) & (np.abs(c) <= 1e-3 * np.abs(d))
    return out


_rgba = (ctypes.c_uint * 4)()
_RGBA = ctypes.addressof(_rgba)


def _is_white(owner: int) -> bool:
    if not native.fill_color(owner, _RGBA, _RGBA + 4, _RGBA + 8, _RGBA + 12):
        return False
    return (_rgba[0] >= _WHITE and _rgba[1] >= _WHITE and _rgba[2] >= _WHITE) or _rgba[3] < 8


def _is_bold(font: int) -> bool:
    if not font:
        return False
    buffer = ctypes.create_string_buffer(256)
    length = native.font_name(font, ctypes.addressof(buffer), 256)
    name = buffer.raw[: max(0, min(length, 256) - 1)].decode("utf-8", "replace")
    return bool(_BOLD_NAME.search(name)) or bool(max(0, native.font_flags(font)) & _FORCE_BOLD)


def _plausible(box: Floats, x: Floats, y: Floats, size: Floats, angle: Ints) -> Floats:
    """Font boxes, replaced where the font's own ascent and descent are absurd."""
    sideways = (angle == 90) | (angle == 270)
    tall = np.where(sideways, box[:, 2] - box[:, 0], box[:, 3] - box[:, 1])
    bad = (tall < 0.5 * size) | (tall > 1.7 * size)
    if not bad.any():
        return box
    out = box.copy()
    for at, sign in ((angle == 0, 1.0), (angle == 180, -1.0)):
        rows = bad & at
        up, down = y - sign * 0.8 * size, y + sign * 0.22 * size
        out[rows, 1] = np.minimum(up, down)[rows]
        out[rows, 3] = np.maximum(up, down)[rows]
    for at, sign in ((angle == 90, 1.0), (angle == 270, -1.0)):
        rows = bad & at
        up, down = x + sign * 0.8 * size, x - sign * 0.22 * size
        out[rows, 0] = np.minimum(up, down)[rows]
        out[rows, 2] = np.maximum(up, down)[rows]
    return out


def _once(chars: Chars) -> Chars:
    """Drop characters printed again within 0.15 em by another text object (poor man's bold, shadows)."""
    n = len(chars)
    drop = np.zeros(n, np.bool_)
    bold = chars.bold.copy()
    for offset in (0.0, 0.5):
        # One key for code, band of 3 points and place along it to a hundredth of a point: sorted once.
        band = np.floor(chars.y / 3 + offset).astype(np.int64)
        key = ((chars.code << 42) | ((band & 0x3FFFF) << 24)) + np.clip(chars.x * 100, 0, 0xFFFFFF).astype(np.int64)
        order = np.argsort(key, kind="stable")
        a, b = order[:-1], order[1:]
        near = 0.15 * np.minimum(chars.size[a], chars.size[b])
        dx, dy = np.abs(chars.x[a] - chars.x[b]), np.abs(chars.y[a] - chars.y[b])
        same = (chars.code[a] == chars.code[b]) & (chars.run[a] != chars.run[b]) & (dx < near) & (dy < near)
        same &= chars.angle[a] == chars.angle[b]
        drop[np.maximum(a, b)[same]] = True
        bold[np.minimum(a, b)[same & (dx + dy > 0.05)]] = True
    if not drop.any():
        return chars
    kept = Chars(
        chars.code,
        chars.box,
        chars.x,
        chars.y,
        chars.size,
        chars.angle,
        bold,
        chars.run,
        chars.spaced,
        chars.blanks,
    )
    return kept.take(~drop)
