"""Tables of a web page: as cells, as a list, as the table itself; its links; its keys and values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from locus_dbt.core.builder import TableBuilder
from locus_dbt.errors import InputError
from locus_dbt.images.web_to_table.pairs import append_pairs
from locus_dbt.images.web_to_table.web_page import Found, WebPage
from locus_dbt.images.web_to_table.wide import append_wide
from locus_dbt.model.document import Document
from locus_dbt.model.locus import Locus
from locus_dbt.parsers.html_links import absolute
from locus_dbt.parsers.tidy import Tidy, tidy


def extract(document: Document, params: Mapping[str, Any], table: TableBuilder) -> None:
    """Append what the param ``shape`` names."""
    page = WebPage(document)
    if params["shape"] == "key_values":
        append_pairs(page, table)
        return
    found = _chosen(page, params, table)
    tidied = [(one, _tidied(one, params)) for one in found]
    if params["shape"] == "wide":
        append_wide(document, [grid for _, grid in tidied], table)
    elif params["shape"] == "tables":
        for one, grid in tidied:
            _append_table(page, one, grid, table)
    elif params["shape"] == "links":
        _append_links(page, [grid for _, grid in tidied], table)
    else:
        _append_cells(page, [grid for _, grid in tidied], table)


def _chosen(page: WebPage, params: Mapping[str, Any], table: TableBuilder) -> list[Found]:
    """The tables that the params ask for; a page without any leaves a reject (E210)."""
    every = page.tables(records=params["records"], by=params["main_content_by"], judge=_judges(params))
    found = [one for one in every if one.is_main or not params["main_content"]]
    number = params.get("table")
    if number is not None:
        found = [one for one in found if one.table.number == number]
        if not found and every:
            raise InputError(
                f"no table {number} in {page.filename}, which has {len(every)}",
                code="E210",
                fix=f"table := 0 .. {len(every) - 1}, or main_content := false",
            )
    if not found:
        table.reject("E210", f"no table in {page.filename}")
    return found


def _judges(params: Mapping[str, Any]) -> bool:
    return bool(params["main_content"]) or params["shape"] == "tables"


def _tidied(one: Found, params: Mapping[str, Any]) -> Tidy:
    wanted: bool = params["tidy"]
    return tidy(one.table, sections=wanted, blank=wanted, repeat_spans=params["repeat_spans"])


def _append_cells(page: WebPage, grids: list[Tidy], table: TableBuilder) -> None:
    links = page.first_links([grid.table for grid in grids])
    for grid in grids:
        names = grid.header(between=" ")
        slots = [
            (r, c, cell) for r, row in enumerate(grid.rows) for c, cell in enumerate(row) if grid.text(cell).strip()
        ]
        place = grid.table.place
        hrefs = [links.get(place[cell]) for _, _, cell in slots]
        heads = [grid.head[c] for _, c, _ in slots]
        sections = [grid.section[r] for r, _, _ in slots]
        table.extend(
            {
                "table_no": [grid.table.number] * len(slots),
                "row_no": [r + 1 for r, _, _ in slots],
                "col_no": [c + 1 for _, c, _ in slots],
                "section": [grid.text(cell) or None for cell in sections],
                "column_name": [names[c] or None for _, c, _ in slots],
                "text": [grid.table.text[cell] for _, _, cell in slots],
                "href": [link.href if link else None for link in hrefs],
            },
            located={
                "section": (None, None, [place[cell] if cell >= 0 else "" for cell in sections]),
                "column_name": (None, None, [place[head[-1]] if head else "" for head in heads]),
                "text": (None, None, [place[cell] for _, _, cell in slots]),
                "href": (None, None, [link.place if link else "" for link in hrefs]),
            },
        )


def _append_table(page: WebPage, one: Found, grid: Tidy, table: TableBuilder) -> None:
    first = grid.table.place[0]
    table.extend(
        {
            "table_no": [grid.table.number],
            "found_as": ["records" if one.is_records else "table"],
            "n_rows": [len(grid.rows)],
            "n_cols": [len(grid.columns)],
            "is_main_content": [one.is_main],
        }
    )
    above = next((c for c in grid.across if not grid.rows or grid.table.row[c] < grid.first[0]), -1)
    title = grid.table.title or grid.text(above)
    table.put(
        "title", title or None, text=title, at=Locus(place=first if grid.table.title else grid.table.place[above])
    )
    header = grid.header(between=" ")
    if any(header):
        table.put("header", header, text=" ".join(header), at=Locus(place=first))
    for name in ("title", "url", "published", "language"):
        said = page.metadata.get(name)
        table.put(f"page_{name}", said, text=said, at=Locus(place="/html/head"))


def _append_links(page: WebPage, grids: list[Tidy], table: TableBuilder) -> None:
    slots: dict[str, tuple[int, int, int, str]] = {}
    for grid in grids:
        names = grid.header(between=" ")
        for c, named in enumerate(grid.head):
            for cell in named:
                slots.setdefault(grid.table.place[cell], (grid.table.number, 0, c + 1, names[c]))
        for r, row in enumerate(grid.rows, 1):
            for c, cell in enumerate(row):
                if cell >= 0:
                    slots.setdefault(grid.table.place[cell], (grid.table.number, r, c + 1, names[c]))
    for link in page.links(slots.keys()):
        number, row_no, col_no, name = slots[link.cell]
        table.extend({"table_no": [number], "row_no": [row_no], "col_no": [col_no]})
        table.put("column_name", name or None, text=name, at=Locus(place=link.cell))
        table.put("text", link.text or None, text=link.text, at=Locus(place=link.place.removesuffix("/@href")))
        at = Locus(place=link.place)
        table.put("href", link.href, text=link.href, at=at)
        url = absolute(page.base, link.href)
        if url == link.href:
            table.put("url", url, text=url, at=at)
        else:
            table.put("url", url, text=link.href, at=at, grounding="inferred", reason=f"relative to {page.base}")
