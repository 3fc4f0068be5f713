"""Lines drawn on a page: strokes, edges of stroked rectangles, and filled rectangles thin enough to be lines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pypdfium2.raw as pdfium

from locus_dbt.parsers.pdf import native
from locus_dbt.parsers.pdf.native import Floats, Frame

_THIN = 3.0  # points: a filled rectangle up to this thick is a line
_MAX_OBJECTS = 30_000  # objects of a page that are looked at: maps have millions
_MAX_SEGMENTS = 64  # a path with more is a drawing
_MAX_DEPTH = 8
_IDENTITY = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)

Matrix = tuple[float, float, float, float, float, float]
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
    stack = [(native.page_object(page, i), _IDENTITY, 0) for i in range(min(native.count_objects(page), _MAX_OBJECTS))]
    stack.reverse()
    seen = 0
    while stack and seen < _MAX_OBJECTS:
        handle, matrix, depth = stack.pop()
        seen += 1
        kind = native.object_type(handle)
        if kind == pdfium.FPDF_PAGEOBJ_PATH:
            yield handle, matrix
        elif kind == pdfium.FPDF_PAGEOBJ_FORM and depth < _MAX_DEPTH:
            inner = _product(_matrix_of(handle), matrix)
            n = min(native.form_count(handle), _MAX_OBJECTS - seen)
            stack.extend((native.form_object(handle, i), inner, depth + 1) for i in range(n - 1, -1, -1))


def _matrix_of(handle: int) -> Matrix:
    buffer = np.zeros(6, np.float32)
    if not native.object_matrix(handle, buffer.ctypes.data):
        return _IDENTITY
    a, b, c, d, e, f = buffer.tolist()
    return (a, b, c, d, e, f)


def _product(m: Matrix, n: Matrix) -> Matrix:
    """First ``m``, then ``n``."""
    return (
        m[0] * n[0] + m[1] * n[2],
        m[0] * n[1] + m[1] * n[3],
        m[2] * n[0] + m[3] * n[2],
        m[2] * n[1] + m[3] * n[3],
        m[4] * n[0] + m[5] * n[2] + n[4],
        m[4] * n[1] + m[5] * n[3] + n[5],
    )


_scratch_int = np.zeros(4, np.int32)
_scratch_float = np.zeros(4, np.float32)


def _read_path(handle: int, outer: Matrix, frame: Frame, out: Rulings) -> None:
    mode = _scratch_int
    if not native.path_draw_mode(handle, mode.ctypes.data, mode.ctypes.data + 4):
        return
    filled, stroked = bool(mode[0]), bool(mode[1])
    n = native.path_count(handle)
    if not (filled or stroked) or n < 2:
        return
    if n > _MAX_SEGMENTS:
        _note_drawing(handle, outer, frame, out)
        return
    points, starts, curved = _points(handle, n)
    m = _product(_matrix_of(handle), outer)
    x = points[:, 0] * m[0] + points[:, 1] * m[2] + m[4]
    y = points[:, 0] * m[1] + points[:, 1] * m[3] + m[5]
    px, py = frame.points(x, y)
    if curved:
        out.drawings.append((float(px.min()), float(py.min()), float(px.max()), float(py.max())))
        return
    bounds = [*starts, n]
    for a, b in zip(bounds, bounds[1:], strict=False):
        _read_subpath(px[a:b].tolist(), py[a:b].tolist(), filled=filled, stroked=stroked, handle=handle, out=out)


def _points(handle: int, n: int) -> tuple[Floats, list[int], bool]:
    """Points of the path, where its parts begin, and whether it has curves."""
    points = np.zeros((n, 2), np.float64)
    xy = _scratch_float.ctypes.data
    starts: list[int] = []
    curved = False
    for i in range(n):
        segment = native.path_segment(handle, i)
        native.segment_point(segment, xy, xy + 4)
        points[i] = _scratch_float[:2]
        kind = native.segment_type(segment)
        if kind == pdfium.FPDF_SEGMENT_MOVETO or not starts:
            starts.append(i)
        curved = curved or kind == pdfium.FPDF_SEGMENT_BEZIERTO
    return points, starts, curved


def _note_drawing(handle: int, outer: Matrix, frame: Frame, out: Rulings) -> None:
    buffer = _scratch_float
    at = buffer.ctypes.data
    if native.object_bounds(handle, at, at + 4, at + 8, at + 12):
        l, b, r, t = buffer.tolist()  # noqa: E741 - left
        x = np.array([l, r]) * outer[0] + np.array([b, t]) * outer[2] + outer[4]
        y = np.array([l, r]) * outer[1] + np.array([b, t]) * outer[3] + outer[5]
        px, py = frame.points(x, y)
        out.drawings.append((float(px.min()), float(py.min()), float(px.max()), float(py.max())))


def _read_subpath(
    x: list[float], y: list[float], *, filled: bool, stroked: bool, handle: int, out: Rulings
) -> None:
    x0, x1, y0, y1 = min(x), max(x), min(y), max(y)
    w, h = x1 - x0, y1 - y0
    if filled and not stroked:
        if h <= _THIN and w > 2 * h:
            out.horizontal.append(((y0 + y1) / 2, x0, x1))
        elif w <= _THIN and h > 2 * w:
            out.vertical.append(((x0 + x1) / 2, y0, y1))
        elif len(x) in (4, 5) and w > _THIN and h > _THIN:
            if not _is_white(handle):
                out.fills.append((x0, y0, x1, y1))
        return
    if filled and min(w, h) > _THIN and not _is_white(handle):
        out.fills.append((x0, y0, x1, y1))
    closed = len(x) > 2
    pairs = list(zip(range(len(x)), [*range(1, len(x)), *([0] if closed else [])], strict=False))
    slanted = 0
    for i, k in pairs:
        if abs(y[i] - y[k]) <= 0.8 and abs(x[i] - x[k]) > 1.0:
            out.horizontal.append(((y[i] + y[k]) / 2, min(x[i], x[k]), max(x[i], x[k])))
        elif abs(x[i] - x[k]) <= 0.8 and abs(y[i] - y[k]) > 1.0:
            out.vertical.append(((x[i] + x[k]) / 2, min(y[i], y[k]), max(y[i], y[k])))
        elif abs(x[i] - x[k]) > 1.0:
            slanted += 1
    if slanted:
        out.drawings.append((x0, y0, x1, y1))


def _is_white(handle: int) -> bool:
    rgba = np.zeros(4, np.uint32)
    at = rgba.ctypes.data
    if not native.fill_color(handle, at, at + 4, at + 8, at + 12):
        return False
    return bool(rgba[3] < 8 or (rgba[:3] > 250).all())


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
