"""Pictures of a page: where they stand, and how much of the page they cover."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import repeat

import numpy as np
import pypdfium2.raw as pdfium

from locus_dbt.model.element import Block
from locus_dbt.parsers.pdf import native
from locus_dbt.parsers.pdf.grid import Rect
from locus_dbt.parsers.pdf.matrices import IDENTITY, Matrix, matrix_of, product
from locus_dbt.parsers.pdf.native import Frame

_MOST = 30_000  # objects of a page that are looked at
_DEEPEST = 6
_LEAST_SIDE = 16.0  # points: smaller pictures are bullets, rules and ornaments
_TOUCH = 1.0  # points: strips of one picture are set this near
_WHOLE = 0.9  # part of the page from which a picture is the page's ground, not something on it


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as displayed; ``mark`` is its marked-content id in a tagged PDF, -1 without."""

    box: Rect
    mark: int = -1


@dataclass(slots=True)
class Objects:
    """How many objects a page has, its pictures, and its size."""

    count: int
    width: float
    height: float
    pictures: list[Picture] = field(default_factory=list)

    def coverage(self) -> float:
        """The part of the page under pictures, 0..1."""
        if not self.pictures or self.width <= 0 or self.height <= 0:
            return 0.0
        grid = np.zeros((64, 64), np.bool_)
        for picture in self.pictures:
            x0, y0, x1, y1 = picture.box
            columns = slice(max(0, round(x0 / self.width * 64)), max(0, round(x1 / self.width * 64)))
            grid[max(0, round(y0 / self.height * 64)) : max(0, round(y1 / self.height * 64)), columns] = True
        return float(grid.mean())

    def picture_blocks(self, page: int, alternatives: Mapping[int, str]) -> list[Block]:
        """A block for each picture of some size; the alternative text (by mark) is its text.

        A picture over the whole page is its ground (a scan, a letterhead) and gets no block.
        """
        out = []
        for picture in _joined(self.pictures):
            x0, y0, x1, y1 = picture.box
            if min(x1 - x0, y1 - y0) < _LEAST_SIDE or (x1 - x0) * (y1 - y0) > _WHOLE * self.width * self.height:
                continue
            out.append(Block("picture", alternatives.get(picture.mark, ""), 0, page, picture.box))
        return out


def read_objects(page: int, frame: Frame) -> Objects:
    """The pictures of an open page and of the forms on it."""
    width, height = frame.size
    count = native.count_objects(page)
    out = Objects(count, width, height)
    handles = list(map(native.page_object, repeat(page), range(min(count, _MOST))))
    kinds = list(map(native.object_type, handles))
    if pdfium.FPDF_PAGEOBJ_IMAGE not in kinds and pdfium.FPDF_PAGEOBJ_FORM not in kinds:
        return out
    for handle, matrix in _images(handles, kinds):
        box = _shown(handle, matrix, frame)
        clipped = (max(0.0, box[0]), max(0.0, box[1]), min(width, box[2]), min(height, box[3]))
        if clipped[2] > clipped[0] and clipped[3] > clipped[1]:
            out.pictures.append(Picture(clipped, native.marked_content(handle)))
    return out


def _images(handles: list[int], kinds: list[int]) -> Iterator[tuple[int, Matrix]]:
    """Images with the matrix of the form around them."""
    stack = [(h, k, IDENTITY, 0) for h, k in zip(handles, kinds, strict=True)]
    stack.reverse()
    seen = 0
    while stack and seen < _MOST:
        handle, kind, matrix, depth = stack.pop()
        seen += 1
        if kind == pdfium.FPDF_PAGEOBJ_IMAGE:
            yield handle, matrix
        elif kind == pdfium.FPDF_PAGEOBJ_FORM and depth < _DEEPEST:
            inner = product(matrix_of(handle), matrix)
            for i in range(min(native.form_count(handle), _MOST - seen)):
                part = native.form_object(handle, i)
                stack.append((part, native.object_type(part), inner, depth + 1))


def _shown(handle: int, outer: Matrix, frame: Frame) -> Rect:
    """The box of an image, which fills the unit square of its own matrix."""
    a, b, c, d, e, f = product(matrix_of(handle), outer)
    corners = [frame.point(x * a + y * c + e, x * b + y * d + f) for x, y in ((0, 0), (1, 0), (0, 1), (1, 1))]
    px, py = [p[0] for p in corners], [p[1] for p in corners]
    return (min(px), min(py), max(px), max(py))


def _joined(pictures: list[Picture]) -> list[Picture]:
    """Strips of one picture, as some programs cut them, put together."""
    out: list[Picture] = []
    for picture in sorted(pictures, key=lambda p: (p.box[1], p.box[0])):
        for k, other in enumerate(out):
            if _abut(other.box, picture.box):
                a, b = other.box, picture.box
                box = (min(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), max(a[3], b[3]))
                out[k] = Picture(box, other.mark if other.mark >= 0 else picture.mark)
                break
        else:
            out.append(picture)
    return out


def _abut(a: Rect, b: Rect) -> bool:
    """Whether two boxes lie edge to edge with equal edges, or on top of each other."""
    same_x = abs(a[0] - b[0]) < _TOUCH and abs(a[2] - b[2]) < _TOUCH
    same_y = abs(a[1] - b[1]) < _TOUCH and abs(a[3] - b[3]) < _TOUCH
    return (same_x and abs(a[3] - b[1]) < _TOUCH) or (same_y and abs(a[2] - b[0]) < _TOUCH) or (same_x and same_y)
