"""pdfium's C functions with plain integer arguments, for loops that run in C, and the page's frame.

pypdfium2 declares typed pointers; converting one per character costs more than the call. Here every handle
and every output address is an integer, so that ``map(f, repeat(handle), range(n), addresses)`` fills an array
without a Python object per character.
"""

from __future__ import annotations

import ctypes
import threading
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import repeat
from typing import Any

import numpy as np
import pypdfium2.raw as pdfium
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# pdfium keeps global state: one thread at a time, whoever calls.
LOCK = threading.RLock()

_ADDRESS = ctypes.c_void_p
_INT = ctypes.c_int
_SIZE = ctypes.c_size_t


def _bind(name: str, result: Any, *arguments: Any) -> Callable[..., Any]:  # noqa: ANN401 - ctypes types
    address = ctypes.cast(getattr(pdfium, name), ctypes.c_void_p).value
    assert address, name
    return ctypes.CFUNCTYPE(result, *arguments)(address)


load_text = _bind("FPDFText_LoadPage", _SIZE, _ADDRESS)
close_text = _bind("FPDFText_ClosePage", None, _ADDRESS)
count_chars = _bind("FPDFText_CountChars", _INT, _ADDRESS)
char_unicode = _bind("FPDFText_GetUnicode", ctypes.c_uint, _ADDRESS, _INT)
get_text = _bind("FPDFText_GetText", _INT, _ADDRESS, _INT, _INT, _ADDRESS)
char_object = _bind("FPDFText_GetTextObject", _SIZE, _ADDRESS, _INT)
char_font_size = _bind("FPDFText_GetFontSize", ctypes.c_double, _ADDRESS, _INT)
char_matrix = _bind("FPDFText_GetMatrix", _INT, _ADDRESS, _INT, _ADDRESS)
char_box_loose = _bind("FPDFText_GetLooseCharBox", _INT, _ADDRESS, _INT, _ADDRESS)
char_box_tight = _bind("FPDFText_GetCharBox", _INT, _ADDRESS, _INT, _ADDRESS, _ADDRESS, _ADDRESS, _ADDRESS)
char_origin = _bind("FPDFText_GetCharOrigin", _INT, _ADDRESS, _INT, _ADDRESS, _ADDRESS)
text_font = _bind("FPDFTextObj_GetFont", _SIZE, _ADDRESS)
text_mode = _bind("FPDFTextObj_GetTextRenderMode", _INT, _ADDRESS)
font_name = _bind("FPDFFont_GetBaseFontName", ctypes.c_ulong, _ADDRESS, _ADDRESS, ctypes.c_ulong)
font_flags = _bind("FPDFFont_GetFlags", _INT, _ADDRESS)
font_weight = _bind("FPDFFont_GetWeight", _INT, _ADDRESS)

count_objects = _bind("FPDFPage_CountObjects", _INT, _ADDRESS)
page_object = _bind("FPDFPage_GetObject", _SIZE, _ADDRESS, _INT)
object_type = _bind("FPDFPageObj_GetType", _INT, _ADDRESS)
object_matrix = _bind("FPDFPageObj_GetMatrix", _INT, _ADDRESS, _ADDRESS)
marked_content = _bind("FPDFPageObj_GetMarkedContentID", _INT, _ADDRESS)
count_marks = _bind("FPDFPageObj_CountMarks", _INT, _ADDRESS)
object_mark = _bind("FPDFPageObj_GetMark", _SIZE, _ADDRESS, ctypes.c_ulong)
mark_name = _bind("FPDFPageObjMark_GetName", _INT, _ADDRESS, _ADDRESS, ctypes.c_ulong, _ADDRESS)
object_bounds = _bind("FPDFPageObj_GetBounds", _INT, _ADDRESS, *[_ADDRESS] * 4)
form_count = _bind("FPDFFormObj_CountObjects", _INT, _ADDRESS)
form_object = _bind("FPDFFormObj_GetObject", _SIZE, _ADDRESS, ctypes.c_ulong)
path_count = _bind("FPDFPath_CountSegments", _INT, _ADDRESS)
path_segment = _bind("FPDFPath_GetPathSegment", _SIZE, _ADDRESS, _INT)
path_draw_mode = _bind("FPDFPath_GetDrawMode", _INT, _ADDRESS, _ADDRESS, _ADDRESS)
segment_point = _bind("FPDFPathSegment_GetPoint", _INT, _ADDRESS, _ADDRESS, _ADDRESS)
segment_type = _bind("FPDFPathSegment_GetType", _INT, _ADDRESS)
segment_close = _bind("FPDFPathSegment_GetClose", _INT, _ADDRESS)
fill_color = _bind("FPDFPageObj_GetFillColor", _INT, _ADDRESS, *[_ADDRESS] * 4)
stroke_color = _bind("FPDFPageObj_GetStrokeColor", _INT, _ADDRESS, *[_ADDRESS] * 4)
stroke_width = _bind("FPDFPageObj_GetStrokeWidth", _INT, _ADDRESS, _ADDRESS)


def address(handle: Any) -> int:  # noqa: ANN401 - a ctypes pointer of pypdfium2
    """The address behind a pypdfium2 handle."""
    value = ctypes.cast(handle, ctypes.c_void_p).value
    assert value, "a closed handle"
    return value


def drain(calls: Iterable[object]) -> None:
    """Run an iterator of calls to its end."""
    deque(calls, maxlen=0)


def fill(function: Callable[..., Any], handle: int, n: int, width: int, dtype: type[np.generic]) -> Any:  # noqa: ANN401
    """Call ``function(handle, i, address of row i)`` for all ``i < n``; the rows, shape ``(n, width)``."""
    out = np.zeros((n, width), dtype)
    step = out.strides[0]
    start = out.ctypes.data
    drain(map(function, repeat(handle), range(n), range(start, start + n * step, step)))
    return out


def rows_at(function: Callable[..., Any], handle: int, at: list[int], width: int, dtype: type[np.generic]) -> Any:  # noqa: ANN401
    """Call ``function(handle, at[i], address of row i)``; the rows, shape ``(len(at), width)``."""
    out = np.zeros((len(at), width), dtype)
    step, start = out.strides[0], out.ctypes.data
    drain(map(function, repeat(handle), at, range(start, start + len(at) * step, step)))
    return out


def points_at(function: Callable[..., Any], handle: int, at: list[int]) -> Floats:
    """Call ``function(handle, at[i], address of x, address of y)``; the points, shape ``(len(at), 2)``."""
    out = np.zeros((len(at), 2), np.float64)
    start, stop = out.ctypes.data, out.ctypes.data + 16 * len(at)
    drain(map(function, repeat(handle), at, range(start, stop, 16), range(start + 8, stop + 8, 16)))
    return out


@dataclass(frozen=True, slots=True)
class Frame:
    """The page as displayed: user space (origin bottom left, unturned) to points from the top left."""

    left: float
    bottom: float
    right: float
    top: float
    rotation: int

    @property
    def size(self) -> tuple[float, float]:
        """Width and height as displayed."""
        w, h = self.right - self.left, self.top - self.bottom
        return (h, w) if self.rotation in (90, 270) else (w, h)

    def point(self, x: float, y: float) -> tuple[float, float]:
        """A point of user space as displayed."""
        if self.rotation == 90:
            return y - self.bottom, x - self.left
        if self.rotation == 180:
            return self.right - x, y - self.bottom
        if self.rotation == 270:
            return self.top - y, self.right - x
        return x - self.left, self.top - y

    def points(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        """Points of user space as displayed."""
        if self.rotation == 90:
            return y - self.bottom, x - self.left
        if self.rotation == 180:
            return self.right - x, y - self.bottom
        if self.rotation == 270:
            return self.top - y, self.right - x
        return x - self.left, self.top - y

    def boxes(self, x0: Floats, y0: Floats, x1: Floats, y1: Floats) -> Floats:
        """Boxes ``(n, 4)`` as displayed from two opposite corners each."""
        ax, ay = self.points(x0, y0)
        bx, by = self.points(x1, y1)
        return np.stack([np.minimum(ax, bx), np.minimum(ay, by), np.maximum(ax, bx), np.maximum(ay, by)], axis=1)

    def directions(self, a: Floats, b: Floats) -> tuple[Floats, Floats]:
        """Vectors of user space as displayed (y downwards)."""
        if self.rotation == 90:
            return b, a
        if self.rotation == 180:
            return -a, b
        if self.rotation == 270:
            return -b, -a
        return a, -b


def page_frame(page: Any) -> Frame:  # noqa: ANN401 - pypdfium2.PdfPage
    """The frame of an open page: crop box within media box, and /Rotate."""
    rect = pdfium.FS_RECTF()
    if not pdfium.FPDF_GetPageBoundingBox(page, rect) or rect.right <= rect.left or rect.top <= rect.bottom:
        left, bottom, right, top = page.get_mediabox()
    else:
        left, bottom, right, top = rect.left, rect.bottom, rect.right, rect.top
    return Frame(left, bottom, right, top, page.get_rotation() % 360)
