"""Tables of a document: as cells, as a list of tables, or as the table itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from locus_dbt.core.builder import TableBuilder
from locus_dbt.images.doc_to_tables.native import scan
from locus_dbt.images.doc_to_tables.wide import append_wide
from locus_dbt.model.document import Document
from locus_dbt.model.element import FloatArray, Table
from locus_dbt.model.locus import Locus
from locus_dbt.parsers.choose import chosen_tables, tables_in_parts
from locus_dbt.parsers.grid import table_locus, table_page, to_grid

__all__ = ["extract", "scan"]

_EDGES = ("x0", "y0", "x1", "y1")


def extract(document: Document, params: Mapping[str, Any], table: TableBuilder) -> None:
    """Append the document's tables in the asked shape; a long document is read in parts where that can be."""
    if params["shape"] == "wide":
        append_wide(document, chosen_tables(document, params.get("table"), table), table)
        return
    append = _append_table if params["shape"] == "tables" else _append_cells
    for one in tables_in_parts(document, params.get("table"), table):
        append(one, table)


def _append_cells(one: Table, table: TableBuilder) -> None:
    n = len(one)
    texts = [text if text.strip() else None for text in one.text]
    boxes = _edges(one.box)
    table.extend(
        {
            "page": [page or None for page in one.page.tolist()],
            "table_no": [one.number] * n,
            "row_no": one.row.tolist(),
            "col_no": one.col.tolist(),
            "row_span": one.row_span.tolist(),
            "col_span": one.col_span.tolist(),
            "is_header": one.is_header.tolist(),
            "text": texts,
            "typed": [typed or None for typed in one.typed] if one.typed else [None] * n,
            **dict(zip(_EDGES, boxes, strict=True)),
        },
        located={"text": (one.page, one.box, one.place or None)},
    )


def _edges(box: FloatArray) -> list[list[float | None]]:
    """The four edges as columns, to a hundredth of a point; unknown ones as ``None``."""
    return [[None if edge != edge else round(edge, 2) for edge in column] for column in box.T.tolist()]  # noqa: PLR0124 - NaN


def _append_table(one: Table, table: TableBuilder) -> None:
    at = table_locus(one)
    derived: dict[str, Any] = {
        "page": table_page(one), "table_no": one.number, "n_rows": one.n_rows, "n_cols": one.n_cols,
    }  # fmt: skip
    if at.box is not None:
        derived |= {name: round(getattr(at.box, name), 2) for name in _EDGES}
    table.extend({name: [value] for name, value in derived.items()})
    # the title stands outside the table's box, so that only the page is cited for it
    table.put("title", one.title or None, text=one.title, at=Locus(page=at.page, place=at.place))
    grid = to_grid(one)
    if grid.head:
        header = grid.header
        table.put("header", header, text=" ".join(header), at=at)
