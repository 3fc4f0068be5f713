"""Keys with their values: definition lists, and tables of two columns whose first one is the header of each row."""

from __future__ import annotations

from locus_dbt.core.builder import TableBuilder
from locus_dbt.images.web_to_table.web_page import WebPage
from locus_dbt.model.element import Table
from locus_dbt.model.locus import Locus


def append_pairs(page: WebPage, table: TableBuilder) -> None:
    """A row for each pair; a page without any leaves a reject (E210)."""
    for one in page.document.parsed.tables:
        for key, value in _pairs(one):
            table.extend({"list_no": [one.number]})
            table.put("name", _line(one, key), text=one.text[key], at=Locus(place=one.place[key]))
            table.put("value", one.text[value], text=one.text[value], at=Locus(place=one.place[value]))
    for block in page.document.parsed.pages[0].blocks:
        if block.kind == "key_value" and block.label:
            said = block.text.removeprefix(f"{block.label}: ")
            table.extend({"list_no": [-1]})
            table.put(
                "name", block.label, text=block.label, at=Locus(place=page.term_places.get(block.place, block.place))
            )
            table.put("value", said, text=said, at=Locus(place=block.place))
    if not len(table):
        table.reject("E210", f"no keys with values in {page.filename}")


def _line(one: Table, cell: int) -> str:
    return " ".join(one.text[cell].split())


def _pairs(one: Table) -> list[tuple[int, int]]:
    """Header cell and value cell of each row of exactly these two; none unless most rows of the table are such."""
    rows: dict[int, list[int]] = {}
    for cell, row in enumerate(one.row.tolist()):
        if one.text[cell].strip():
            rows.setdefault(row, []).append(cell)
    found = [
        (cells[0], cells[1])
        for cells in rows.values()
        if len(cells) == 2 and one.is_header[cells[0]] and not one.is_header[cells[1]]
    ]
    several = sum(1 for cells in rows.values() if len(cells) > 1)
    return found if 2 * len(found) > several else []
