"""Paper and pen: text, rules and the item table, measured in points from the top left."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Any, Literal

from reportlab.lib.colors import HexColor
from reportlab.lib.utils import simpleSplit
from reportlab.pdfbase.pdfmetrics import stringWidth

from paper.face import Face, Total
from paper.invoice import Line

INK, GREY, HAIR = "#1a1a1a", "#666666", "#bbbbbb"
Align = Literal["left", "right", "center"]

BOLD = {
    "Helvetica": "Helvetica-Bold",
    "Times-Roman": "Times-Bold",
    "Courier": "Courier-Bold",
    "Vera": "VeraBd",
}


class Sheet:
    """A canvas whose y grows downwards; ``pages_total`` is known on the second drawing only."""

    def __init__(self, canvas: Any, size: tuple[float, float], font: str, pages_total: int) -> None:  # noqa: ANN401
        self.canvas = canvas
        self.width, self.height = size
        self.font = font
        self.page = 1
        self.pages_total = pages_total

    def text(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: float = 9,
        bold: bool = False,
        align: Align = "left",
        colour: str = INK,
    ) -> None:
        """One line of text with its baseline at ``y``; ``x`` is its left, right or middle."""
        self.canvas.setFont(BOLD[self.font] if bold else self.font, size)
        self.canvas.setFillColor(HexColor(colour))
        draw = {
            "left": self.canvas.drawString,
            "right": self.canvas.drawRightString,
            "center": self.canvas.drawCentredString,
        }[align]
        draw(x, self.height - y, text)

    def lines(
        self,
        x: float,
        y: float,
        texts: Sequence[str],
        *,
        size: float = 9,
        **style: Any,  # noqa: ANN401 - what text() takes
    ) -> float:
        """Lines below one another; returns the baseline after the last."""
        for text in texts:
            self.text(x, y, text, size=size, **style)
            y += size * 1.35
        return y

    def pairs(self, x: float, y: float, pairs: Sequence[tuple[str, str]], *, gap: float, size: float = 9) -> float:
        """Labels with their values to the right, ``gap`` points apart."""
        for label, value in pairs:
            self.text(x, y, label, size=size, colour=GREY)
            self.text(x + gap, y, value, size=size)
            y += size * 1.45
        return y

    def rule(self, x0: float, y: float, x1: float, *, width: float = 0.6, colour: str = INK) -> None:
        """A horizontal line."""
        self.canvas.setStrokeColor(HexColor(colour))
        self.canvas.setLineWidth(width)
        self.canvas.line(x0, self.height - y, x1, self.height - y)

    def box(
        self, x0: float, y0: float, x1: float, y1: float, *, fill: str | None = None, line: str | None = None
    ) -> None:
        """A rectangle, filled or outlined or both."""
        if fill:
            self.canvas.setFillColor(HexColor(fill))
        if line:
            self.canvas.setStrokeColor(HexColor(line))
            self.canvas.setLineWidth(0.6)
        self.canvas.rect(x0, self.height - y1, x1 - x0, y1 - y0, fill=int(bool(fill)), stroke=int(bool(line)))

    def disc(self, x: float, y: float, radius: float, colour: str) -> None:
        """A filled circle: half of all logos."""
        self.canvas.setFillColor(HexColor(colour))
        self.canvas.circle(x, self.height - y, radius, fill=1, stroke=0)

    def fit(self, text: str, width: float, size: float, *, bold: bool = False) -> list[str]:
        """``text`` broken into lines no wider than ``width``."""
        return list(simpleSplit(text, BOLD[self.font] if bold else self.font, size, width))

    def measure(self, text: str, size: float, *, bold: bool = False) -> float:
        """Width of ``text`` in points."""
        return float(stringWidth(text, BOLD[self.font] if bold else self.font, size))

    def turn(self) -> None:
        """Begin the next page."""
        self.canvas.showPage()
        self.page += 1


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the item table; further ``fields`` stand below the first, or behind a quantity."""

    fields: tuple[str, ...]
    width: float
    align: Align = "left"


def table_columns(*specs: str) -> tuple[Column, ...]:
    """Columns from ``"quantity+unit_code 70 right"``: fields, width in points, side if not the left one."""
    parts = [spec.split() for spec in specs]
    sides: dict[str, Align] = {"right": "right", "center": "center"}
    return tuple(Column(tuple(p[0].split("+")), float(p[1]), sides.get(p[-1], "left")) for p in parts)


@dataclass(frozen=True, slots=True)
class Style:
    """How the item table is ruled and filled."""

    size: float = 9
    rules: Literal["grid", "rows", "head", "none"] = "rows"
    head_fill: str | None = None
    head_ink: str = INK
    zebra: str | None = None
    pad: float = 4
    rule_colour: str = INK


class ItemTable:
    """The line items, page by page, with the sum carried over."""

    def __init__(
        self, sheet: Sheet, face: Face, columns: Sequence[Column], style: Style, *, x: float, bottom: float
    ) -> None:
        self.sheet, self.face, self.columns, self.style = sheet, face, columns, style
        self.x, self.bottom = x, bottom
        self.right = x + sum(c.width for c in columns)
        self._sums: list[tuple[float, float]] = []

    def draw(self, y: float, resume: Callable[[], float]) -> float:
        """Draw from ``y``; ``resume`` turns the page and says where to go on. Returns the table's end."""
        y, top = self._head(y), y
        running = Decimal(0)
        room = self._height([[""]]) if self.style.rules == "grid" else self.style.size * 2.2
        for i, line in enumerate(self.face.invoice.lines):
            cells = [self._cell(line, c) for c in self.columns]
            height = self._height(cells)
            if y + height + room > self.bottom:
                self._frame(top, self._sum("carried", running, y))
                y = resume()
                y, top = self._head(y), y
                y = self._sum("brought", running, y)
            if self.style.zebra and i % 2:
                self.sheet.box(self.x, y, self.right, y + height, fill=self.style.zebra)
            self._row(y, cells)
            y += height
            running += line.net_amount
            if self.style.rules in ("grid", "rows"):
                self.sheet.rule(self.x, y, self.right, width=0.4, colour=self.style.rule_colour)
        self._frame(top, y)
        return y

    def _cell(self, line: Line, column: Column) -> list[str]:
        texts = [self.face.cell(line, f) for f in column.fields]
        if column.fields[0] == "quantity":
            texts = [" ".join(texts)]
        width = column.width - 2 * self.style.pad
        return [part for text in texts for part in self.sheet.fit(text, width, self.style.size)]

    def _height(self, cells: Sequence[Sequence[str]]) -> float:
        return max(len(c) for c in cells) * self.style.size * 1.25 + 2 * self.style.pad - 1

    def _row(self, y: float, cells: Sequence[Sequence[str]], *, bold: bool = False, ink: str = INK) -> None:
        left, size, pad = self.x, self.style.size, self.style.pad
        for column, texts in zip(self.columns, cells, strict=True):
            at = {"left": left + pad, "right": left + column.width - pad, "center": left + column.width / 2}
            for i, text in enumerate(texts):
                self.sheet.text(
                    at[column.align], y + pad + size * (0.8 + 1.25 * i), text,
                    size=size, bold=bold, align=column.align, colour=ink,
                )  # fmt: skip
            left += column.width

    def _head(self, y: float) -> float:
        cells = [
            self.sheet.fit(self.face.word(c.fields[0]), c.width - 2 * self.style.pad, self.style.size, bold=True)
            for c in self.columns
        ]
        height = self._height(cells)
        if self.style.head_fill:
            self.sheet.box(self.x, y, self.right, y + height, fill=self.style.head_fill)
        self._row(y, cells, bold=True, ink=self.style.head_ink)
        if self.style.rules != "none":
            self.sheet.rule(self.x, y + height, self.right, width=0.9, colour=self.style.rule_colour)
        return y + height

    def _sum(self, key: str, running: Decimal, y: float) -> float:
        """The row with the carried sum, under the amounts."""
        size, pad = self.style.size, self.style.pad
        left, at = self.x, self.right
        for column in self.columns:
            left += column.width
            if column.fields[0] == "net_amount":
                at = left
        self.sheet.text(self.x + pad, y + pad + size * 0.8, self.face.word(key), size=size, bold=True)
        self.sheet.text(at - pad, y + pad + size * 0.8, self.face.amount(running), size=size, bold=True, align="right")
        end = y + size * 1.25 + 2 * pad - 1
        self._sums.append((y, end))
        self.sheet.rule(self.x, end, self.right, width=0.4, colour=self.style.rule_colour)
        return end

    def _frame(self, top: float, end: float) -> None:
        """Outline and column rules of a gridded table; a sum's label spans the columns before its amount."""
        sums, self._sums = self._sums, []
        if self.style.rules != "grid":
            return
        self.sheet.box(self.x, top, self.right, end, line=self.style.rule_colour)
        inner_top = sums[0][1] if sums and sums[0][0] < (top + end) / 2 else None
        inner_end = sums[-1][0] if sums and sums[-1][1] == end else end
        head_end = sums[0][0] if inner_top else top
        left = self.x
        for column, following in pairwise(self.columns):
            left += column.width
            if following.fields[0] == "net_amount" or inner_top is None:
                self._upright(left, top, end if following.fields[0] == "net_amount" else inner_end)
            else:
                self._upright(left, top, head_end)
                self._upright(left, inner_top, inner_end)

    def _upright(self, x: float, top: float, end: float) -> None:
        self.sheet.canvas.setLineWidth(0.4)
        self.sheet.canvas.line(x, self.sheet.height - top, x, self.sheet.height - end)


def draw_totals(
    sheet: Sheet,
    rows: Sequence[Total],
    *,
    x: float,
    right: float,
    y: float,
    size: float = 9,
    boxed: str | None = None,
) -> float:
    """Sums, label at ``x``, amount ending at ``right``; a rule above each strong one. Returns the end."""
    lead = size * 1.7
    if boxed:
        sheet.box(x - 8, y - size * 1.4, right + 8, y + lead * (len(rows) - 1) + size * 0.8, line=boxed)
    for row in rows:
        if row.strong and not boxed:
            sheet.rule(x, y - size * 1.15, right, width=0.8)
        sheet.text(x, y, row.label, size=size, bold=row.strong)
        sheet.text(right, y, row.text, size=size, bold=row.strong, align="right")
        y += lead
    return y
