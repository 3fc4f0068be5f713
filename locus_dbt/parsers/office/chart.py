"""Charts and diagrams inside office documents: the values a chart keeps, the texts of a diagram."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from locus_dbt.parsers.cells import CellColumns, Flow
from locus_dbt.parsers.limits import MAX_COLUMNS, over

_C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_DGM = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}"
#: Points of a series beyond this are no chart any more.
_MAX_POINTS = 100_000


def append_chart(root: etree._Element | None, flow: Flow, *, place: str) -> None:
    """A table of the chart's cached values: a row per category, a column per series, the chart's title as title."""
    if root is None:
        return
    order = flow.next_order()
    cells, title = chart_cells(root, place=place)
    flow.table(cells, title=title, order=order)


def chart_cells(root: etree._Element, *, place: str) -> tuple[CellColumns, str]:
    """The cells of a chart's table and its title; places name series and point."""
    series = list(root.iter(f"{_C}ser"))
    if len(series) >= MAX_COLUMNS:
        raise over(f"a chart of {len(series)} series", where=place)
    cells = CellColumns()
    if series:
        cells.add("", 0, 0, place=f"{place}/cat", is_header=True)
    categories: dict[int, str] = {}
    for col, one in enumerate(series, 1):
        name = " ".join(v.text or "" for v in one.iterfind(f"{_C}tx//{_C}v")) or f"Series {col}"
        cells.add(name, 0, col, place=f"{place}/ser[{col}]/tx", is_header=True)
        for at, text in _points(one, ("cat", "xVal"), place):
            categories.setdefault(at, text)
    for at, text in sorted(categories.items()):
        cells.add(text, at + 1, 0, place=f"{place}/cat/pt[{at + 1}]")
    for col, one in enumerate(series, 1):
        for at, text in _points(one, ("val", "yVal"), place):
            cells.add(text, at + 1, col, place=f"{place}/ser[{col}]/pt[{at + 1}]")
    title = root.find(f"{_C}chart/{_C}title")
    texts = (t.text or "" for t in title.iter(f"{_A}t")) if title is not None else ()
    return cells, "".join(texts).strip()


def _points(series: etree._Element, names: tuple[str, ...], place: str) -> Iterator[tuple[int, str]]:
    for name in names:
        source = series.find(f"{_C}{name}")
        if source is None:
            continue
        # of several levels of categories the first is the innermost
        level = source.find(f".//{_C}lvl")
        for point in (level if level is not None else source).iter(f"{_C}pt"):
            index, value = point.get("idx") or "", point.find(f"{_C}v")
            if value is None or not value.text or not (index.isascii() and index.isdigit()):
                continue
            if len(index) > 6 or int(index) > _MAX_POINTS:
                raise over(f"a chart of more than {_MAX_POINTS} points", where=place)
            yield int(index), value.text
        return


def diagram_texts(root: etree._Element | None) -> Iterator[str]:
    """The texts of a diagram's points, in the order in which they are kept."""
    for point in root.iter(f"{_DGM}pt") if root is not None else ():
        lines = ("".join(t.text or "" for t in p.iter(f"{_A}t")) for p in point.iter(f"{_A}p"))
        text = "\n".join(line for line in lines if line.strip())
        if text:
            yield text
