"""Lines drawn on a page: strokes, edges of stroked rectangles, filled rectangles thin enough to be lines."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from dataclasses import KW_ONLY, dataclass, field
from itertools import pairwise

import pypdfium2.raw as pdfium

from locus_dbt.parsers.pdf import native
from locus_dbt.parsers.pdf.matrices import IDENTITY, Matrix, matrix_of, product
from locus_dbt.parsers.pdf.native import Frame

_THIN = 3.0  # points: a filled rectangle up to this thick is a line
_MAX_OBJECTS = 30_000  # objects of a page that are looked at: maps have millions
_MAX_SEGMENTS = 64  # a path with more is a drawing
_MAX_DEPTH = 8

Line = tuple[float, float, float]
"""Position across, start and end along."""


@dataclass(slots=True)
class Rulings:
    """Horizontal lines ``(y, x0, x1)``, vertical lines ``(x, y0, y1)``, filled areas, and marks of drawings.

    ``drawings`` are the boxes of curved or slanted paths and of pictures: tables rarely lie in them.
    """

    horizontal: list[Line] = field(default_factory=list)
    vertical: list[Line] = field(default_factory=list)
    fills: list[tuple[float, float, float, float]] = field(default_factory=list)
    drawings: list[tuple[float, float, float, float]] = field(default_factory=list)


def read_rulings(page: int, frame: Frame) -> Rulings:
    """The rulings of an open page as displayed, straight pieces on one line joined."""
    out = Rulings()
    for handle, matrix in _paths(page):
        _read_path(handle, matrix, frame, out)
    width, height = frame.size
    out.horizontal = join_lines([_clip(line, height, width) for line in out.horizontal])
    out.vertical = join_lines([_clip(line, width, height) for line in out.vertical])
    return out


def _clip(line: Line, across: float, along: float) -> Line:
    position, start, end = line
    if not -2 <= position <= across + 2:
        return (position, 0.0, 0.0)
    return (position, min(max(start, 0.0), along), min(max(end, 0.0), along))


def _paths(page: int) -> Iterator[tuple[int, Matrix]]:
    """Paths of the page and of the forms on it, with the matrix of the form around them."""
    stack = [(native.page_object(page, i), IDENTITY, 0) for i in range(min(native.count_objects(page), _MAX_OBJECTS))]
    stack.reverse()
    seen = 0
    while stack and seen < _MAX_OBJECTS:
        handle, matrix, depth = stack.pop()
        seen += 1
        kind = native.object_type(handle)
        if kind == pdfium.FPDF_PAGEOBJ_PATH:
            yield handle, matrix
        elif kind == pdfium.FPDF_PAGEOBJ_FORM and depth < _MAX_DEPTH:
            inner = product(matrix_of(handle), matrix)
            n = min(native.form_count(handle), _MAX_OBJECTS - seen)
            stack.extend((native.form_object(handle, i), inner, depth + 1) for i in range(n - 1, -1, -1))


_ints = (ctypes.c_uint * 4)()
_floats = (ctypes.c_float * 6)()
_INTS = ctypes.addressof(_ints)
_FLOATS = ctypes.addressof(_floats)


def _read_path(handle: int, outer: Matrix, frame: Frame, out: Rulings) -> None:
    if not native.path_draw_mode(handle, _INTS, _INTS + 4):
        return
    filled, stroked = bool(_ints[0]), bool(_ints[1])
    n = native.path_count(handle)
    if not (filled or stroked) or n < 2:
        return
    if n > _MAX_SEGMENTS:
        _note_drawing(handle, outer, frame, out)
        return
    points, starts, curved = _points(handle, n)
    own = matrix_of(handle)
    a, b, c, d, e, f = own if outer is IDENTITY else product(own, outer)
    shown = [frame.point(x * a + y * c + e, x * b + y * d + f) for x, y in points]
    px, py = [p[0] for p in shown], [p[1] for p in shown]
    if curved:
        out.drawings.append((min(px), min(py), max(px), max(py)))
        return
    white = filled and _is_white(handle)
    for i, k in pairwise([*starts, n]):
        part = _Part(px[i:k], py[i:k], filled=filled, stroked=stroked, white=white)
        part.read_into(out)


def _points(handle: int, n: int) -> tuple[list[tuple[float, float]], list[int], bool]:
    """Points of the path, where its parts begin, and whether it has curves."""
    points: list[tuple[float, float]] = []
    starts: list[int] = []
    curved = False
    for i in range(n):
        segment = native.path_segment(handle, i)
        native.segment_point(segment, _FLOATS, _FLOATS + 4)
        points.append((_floats[0], _floats[1]))
        kind = native.segment_type(segment)
        if kind == pdfium.FPDF_SEGMENT_MOVETO or not starts:
            starts.append(i)
        curved = curved or kind == pdfium.FPDF_SEGMENT_BEZIERTO
    return points, starts, curved


def _note_drawing(handle: int, outer: Matrix, frame: Frame, out: Rulings) -> None:
    if native.object_bounds(handle, _FLOATS, _FLOATS + 4, _FLOATS + 8, _FLOATS + 12):
        x0, y0, x1, y1 = _floats[:4]
        a, b, c, d, e, f = outer
        shown = [frame.point(x * a + y * c + e, x * b + y * d + f) for x, y in ((x0, y0), (x1, y1))]
        px, py = [p[0] for p in shown], [p[1] for p in shown]
        out.drawings.append((min(px), min(py), max(px), max(py)))


@dataclass(frozen=True, slots=True)
class _Part:
    """A straight-lined part of a path, as displayed."""

    x: list[float]
    y: list[float]
    _: KW_ONLY
    filled: bool
    stroked: bool
    white: bool

    def read_into(self, out: Rulings) -> None:
        """Add what the part draws."""
        x0, x1, y0, y1 = min(self.x), max(self.x), min(self.y), max(self.y)
        w, h = x1 - x0, y1 - y0
        if self.filled and not self.white and min(w, h) > _THIN:
            out.fills.append((x0, y0, x1, y1))
        if self.stroked:
            if self._edges(out):
                out.drawings.append((x0, y0, x1, y1))
        elif h <= _THIN and w > 2 * h:
            out.horizontal.append(((y0 + y1) / 2, x0, x1))
        elif w <= _THIN and h > 2 * w:
            out.vertical.append(((x0 + x1) / 2, y0, y1))

    def _edges(self, out: Rulings) -> bool:
        """Add the upright and level edges; whether others are left."""
        x, y = self.x, self.y
        ends = [*range(1, len(x)), *([0] if len(x) > 2 else [])]
        slanted = False
        for i, k in enumerate(ends):
            wide, tall = abs(x[i] - x[k]), abs(y[i] - y[k])
            if tall <= 0.8 and wide > 1.0:
                out.horizontal.append(((y[i] + y[k]) / 2, min(x[i], x[k]), max(x[i], x[k])))
            elif wide <= 0.8 and tall > 1.0:
                out.vertical.append(((x[i] + x[k]) / 2, min(y[i], y[k]), max(y[i], y[k])))
            elif wide > 1.0:
                slanted = True
        return slanted


def _is_white(handle: int) -> bool:
    if not native.fill_color(handle, _INTS, _INTS + 4, _INTS + 8, _INTS + 12):
        return False
    return _ints[3] < 8 or min(_ints[:3]) > 250


def join_lines(lines: list[Line], *, apart: float = 2.5, gap: float = 3.0) -> list[Line]:
    """Pieces that lie on one line (within ``apart`` points) and touch (within ``gap``) become one line."""
    rest = sorted(line for line in lines if line[2] - line[1] > 0.5)
    out: list[Line] = []
    start = 0
    while start < len(rest):
        stop = start + 1
        while stop < len(rest) and rest[stop][0] - rest[start][0] <= apart:
            stop += 1
        group = sorted((a, b, p) for p, a, b in rest[start:stop])
        a, b, p = group[0]
        total, length = p * (b - a), b - a
        for a2, b2, p2 in group[1:]:
            if a2 <= b + gap:
                total += p2 * (b2 - a2)
                length += b2 - a2
                b = max(b, b2)
            else:
                out.append((total / length, a, b))
                a, b, total, length = a2, b2, p2 * (b2 - a2), b2 - a2
        out.append((total / length, a, b))
        start = stop
    return [line for line in sorted(out) if line[2] - line[1] >= 4.0]
