"""Tables without a ``<table>``: elements that say so by ARIA role or by their own style's ``display``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from locus_dbt.parsers.cells import CellColumns
from locus_dbt.parsers.html_table import Addressed, Layout, addressed
from locus_dbt.parsers.html_text import hidden, matching

_DISPLAY = re.compile(r"display\s*:\s*(?:inline-)?table(-row|-cell|-caption)?\s*(?:;|!|$)", re.IGNORECASE)
_ROLES = {
    "table": "table", "grid": "table", "treegrid": "table", "row": "row", "cell": "cell", "gridcell": "cell",
    "columnheader": "header", "rowheader": "header",
}  # fmt: skip
_DISPLAYS = {None: "table", "-row": "row", "-cell": "cell", "-caption": "caption"}
_MAYBE = etree.XPath("//*[@role or contains(@style, 'table')]")
_MAX_SPAN = 1000


def role_tables(root: etree._Element) -> dict[etree._Element, list[list[etree._Element]]]:
    """The elements that are tables by role or display, each with the cells of its rows.

    Only those with two rows and two columns at least: one row of cells is how pages set things side by side.
    """
    found: dict[etree._Element, list[list[etree._Element]]] = {}
    for element in matching(root, _MAYBE):
        if element.tag != "table" and _part(element) == "table":
            rows = [list(_parts(row, ("cell", "header"))) for row in _parts(element, ("row",)) if not hidden(row)]
            if sum(len(row) > 1 for row in rows) > 1:
                found[element] = rows
    return found


def read_role_table(
    element: etree._Element, path: str, rows: list[list[etree._Element]], *, prefix: str
) -> CellColumns:
    """The cells of a table found by :func:`role_tables`."""
    wanted = {cell for row in rows for cell in row}
    places = dict(_places(element, path, wanted))
    layout = Layout([len(rows)] * len(rows))
    for number, cells in enumerate(rows):
        for cell in cells:
            if not hidden(cell):
                down, across = _span(cell, "aria-rowspan"), _span(cell, "aria-colspan")
                layout.put(number, down, across, (cell, places[cell], _part(cell) == "header"))
    return layout.cells(prefix)


def _part(element: etree._Element) -> str | None:
    role = element.get("role")
    if role:
        return _ROLES.get(role.strip().lower())
    style = element.get("style")
    match = _DISPLAY.search(style) if style and "table" in style else None
    return _DISPLAYS[match[1].lower() if match[1] else None] if match else None


def _parts(element: etree._Element, wanted: tuple[str, ...]) -> Iterator[etree._Element]:
    """Descendants that play one of the parts; neither they nor tables inside are entered."""
    todo = list(element)[::-1]
    while todo:
        one = todo.pop()
        part = _part(one)
        if part in wanted:
            yield one
        elif part != "table" and one.tag != "table":
            todo.extend(list(one)[::-1])


def _places(element: etree._Element, path: str, wanted: set[etree._Element]) -> Iterator[Addressed]:
    todo = [(element, path)]
    while todo:
        one, at = todo.pop()
        if one in wanted:
            yield one, at
        else:
            todo.extend(addressed(one, at))


def _span(cell: etree._Element, name: str) -> int:
    given = (cell.get(name) or "1").strip()
    return max(1, min(int(given), _MAX_SPAN)) if given.isascii() and given[:9].isdigit() and len(given) < 10 else 1
