"""The shapes of a slide: where they stand, what they hold, what placeholders inherit from layout and master."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from locus_dbt.parsers.limits import over
from locus_dbt.parsers.office.docx_text import MC
from locus_dbt.parsers.office.drawing_text import A
from locus_dbt.parsers.office.package import alternative
from locus_dbt.parsers.office.slides import Box

P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
_EMU = 12_700.0
_SHAPES = (P + "sp", P + "pic", P + "graphicFrame", P + "cxnSp")
_MAX_NESTED = 40
_SAME_KIND = {"ctrTitle": "title", "obj": "body", "subTitle": "body", "tbl": "body", "chart": "body", "dgm": "body",
              "media": "body", "pic": "body", "clipArt": "body"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Frame:
    """Maps coordinates of a group's children to those of the slide: ``x * scale + shift``."""

    scale_x: float = 1.0
    scale_y: float = 1.0
    shift_x: float = 0.0
    shift_y: float = 0.0

    def box(self, x: float, y: float, width: float, height: float) -> Box:
        """A child's rectangle in points on the slide."""
        x0, y0 = x * self.scale_x + self.shift_x, y * self.scale_y + self.shift_y
        return (x0 / _EMU, y0 / _EMU, (x0 + width * self.scale_x) / _EMU, (y0 + height * self.scale_y) / _EMU)

    def inside(self, group: etree._Element | None) -> Frame:
        """The mapping for the children of a group with this transform."""
        at, size = pair(group, "off", "x", "y"), pair(group, "ext", "cx", "cy")
        child_at, child_size = pair(group, "chOff", "x", "y"), pair(group, "chExt", "cx", "cy")
        if at is None or size is None or child_at is None or child_size is None:
            return self
        sx = size[0] / child_size[0] if child_size[0] else 1.0
        sy = size[1] / child_size[1] if child_size[1] else 1.0
        return Frame(
            self.scale_x * sx,
            self.scale_y * sy,
            self.shift_x + (at[0] - child_at[0] * sx) * self.scale_x,
            self.shift_y + (at[1] - child_at[1] * sy) * self.scale_y,
        )


def pair(transform: etree._Element | None, name: str, first: str, second: str) -> tuple[float, float] | None:
    """Two numbers of a transform's child element."""
    element = transform.find(f"{A}{name}") if transform is not None else None
    if element is None:
        return None
    try:
        return float(int(element.get(first) or "")), float(int(element.get(second) or ""))
    except (ValueError, OverflowError):
        return None


def shape_box(transform: etree._Element | None, frame: Frame) -> Box | None:
    """The box of a shape on the slide, the one around it where it is turned."""
    at, size = pair(transform, "off", "x", "y"), pair(transform, "ext", "cx", "cy")
    if at is None or size is None or transform is None:
        return None
    box = frame.box(*at, *size)
    turned = transform.get("rot") or "0"
    angle = math.radians(int(turned) / 60_000) if turned.lstrip("-").isdigit() and len(turned) < 12 else 0.0
    if not angle:
        return box
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    w, h = box[2] - box[0], box[3] - box[1]
    across = abs(w * math.cos(angle)) + abs(h * math.sin(angle))
    down = abs(w * math.sin(angle)) + abs(h * math.cos(angle))
    return (x - across / 2, y - down / 2, x + across / 2, y + down / 2)


@dataclass(frozen=True, slots=True)
class Shape:
    """A shape with its place, the mapping of the groups it is in, and its placeholder type (``""``: none)."""

    element: etree._Element
    place: str
    frame: Frame
    placeholder: str
    index: str

    @property
    def transform(self) -> etree._Element | None:
        """The shape's own transform."""
        own = self.element.find(f"{P}spPr/{A}xfrm")
        return own if own is not None else self.element.find(f"{P}xfrm")


def shapes(tree: etree._Element | None, path: str) -> Iterator[Shape]:
    """The shapes of a slide, groups entered; of two branches for old and new readers only one."""
    todo: list[tuple[etree._Element, str, Frame, int]] = []
    if tree is not None:
        todo.append((tree, path, Frame(), 0))
    while todo:
        group, at, frame, depth = todo.pop()
        if depth > _MAX_NESTED:
            raise over(f"groups nested deeper than {_MAX_NESTED}", where=path)
        counts: dict[str, int] = {}
        inner: list[tuple[etree._Element, str, Frame, int]] = []
        for child in _children(group):
            name = str(child.tag).rsplit("}", 1)[-1]
            counts[name] = counts.get(name, 0) + 1
            place = f"{at}/{name}[{counts[name]}]"
            if child.tag == P + "grpSp":
                inner.append((child, place, frame.inside(child.find(f"{P}grpSpPr/{A}xfrm")), depth + 1))
            elif child.tag in _SHAPES:
                mark = child.find(f"*/{P}nvPr/{P}ph")
                kind = (mark.get("type") or "obj") if mark is not None else ""
                yield Shape(child, place, frame, kind, (mark.get("idx") or "") if mark is not None else "")
        todo.extend(reversed(inner))


def _children(group: etree._Element) -> Iterator[etree._Element]:
    for child in group:
        if child.tag == MC + "AlternateContent":
            branch = alternative(child)
            yield from branch if branch is not None else ()
        else:
            yield child


class Inherited:
    """Placeholders of a layout and its master: positions and list styles for those of a slide."""

    def __init__(self, layout: etree._Element | None, master: etree._Element | None) -> None:
        self._layers = [
            list(shapes(root.find(f"{P}cSld/{P}spTree"), "")) if root is not None else [] for root in (layout, master)
        ]
        self._styles = master.find(f"{P}txStyles") if master is not None else None

    def transform(self, shape: Shape) -> etree._Element | None:
        """The nearest transform: the shape's own, its layout's, its master's."""
        if shape.transform is not None or not shape.placeholder:
            return shape.transform
        return next((s.transform for s in self._above(shape) if s.transform is not None), None)

    def list_styles(self, shape: Shape) -> list[etree._Element]:
        """The list styles that a placeholder's text follows, nearest first."""
        if not shape.placeholder:
            return []
        own = [s.element.find(f"{P}txBody/{A}lstStyle") for s in self._above(shape)]
        group = {"title": "titleStyle", "body": "bodyStyle"}.get(_kind(shape.placeholder), "otherStyle")
        general = self._styles.find(f"{P}{group}") if self._styles is not None else None
        return [style for style in (*own, general) if style is not None]

    def _above(self, shape: Shape) -> list[Shape]:
        found: list[Shape] = []
        for layer in self._layers:
            same = [s for s in layer if s.placeholder and shape.index and s.index == shape.index]
            same = same or [s for s in layer if s.placeholder == shape.placeholder]
            same = same or [s for s in layer if s.placeholder and _kind(s.placeholder) == _kind(shape.placeholder)]
            found += same[:1]
        return found


def _kind(placeholder: str) -> str:
    return _SAME_KIND.get(placeholder, placeholder)
