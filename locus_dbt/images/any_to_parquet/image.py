"""Tables as Parquet files."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from locus_dbt.core.builder import TableBuilder
from locus_dbt.images.any_to_parquet.columns import stored, typed
from locus_dbt.model.document import Document
from locus_dbt.model.element import Table
from locus_dbt.model.locus import Locus
from locus_dbt.parsers.choose import chosen_tables
from locus_dbt.parsers.grid import Grid, converted_locus, table_page, to_grid

_SQL = {
    "int64": "BIGINT", "double": "DOUBLE", "date32[day]": "DATE", "timestamp[us]": "TIMESTAMP", "bool": "BOOLEAN",
    "string": "VARCHAR",
}  # fmt: skip


def extract(document: Document, params: Mapping[str, Any], table: TableBuilder) -> None:
    """Append a row with the Parquet file of each table; cited is the table's box."""
    for one in chosen_tables(document, params["table"], table):
        data = arrow_table(one, infer=params["types"] == "infer")
        described = [f"{field.name} {_SQL[str(field.type)]}" for field in data.schema]
        at = converted_locus(one)
        table.extend(
            {
                "table_no": [one.number],
                "page": [table_page(one)],
                "n_rows": [data.num_rows],
            }
        )
        table.put(
            "columns", described, text=None, at=at, grounding="inferred", reason="names and types in the Parquet file"
        )
        table.put("title", one.title or None, text=one.title, at=Locus(page=at.page, place=at.place))
        table.put(
            "parquet", parquet_bytes(data), text=None, at=at, grounding="inferred",
            reason=f"converted from {len(one)} cells",
        )  # fmt: skip


def arrow_table(one: Table, *, infer: bool) -> pa.Table:
    """The body rows under the header's names in snake case.

    Where the format stores types, a column's type is that of its stored values and not of what is displayed.
    """
    grid = to_grid(one, repeat_across=False)
    rows = [row for row in grid.body if not grid.blank(row)]
    names = grid.names()
    columns = [[grid.text(row, col) for row in rows] for col in range(len(names))]
    if not infer:
        return pa.table([pa.array(texts, pa.string()) for texts in columns], names=names)
    arrays = []
    for col, texts in enumerate(columns):
        arrays.append(stored(_stored(grid, rows, col), texts) if one.typed else typed(texts))
    return pa.table(arrays, names=names)


def _stored(grid: Grid, rows: Sequence[int], col: int) -> list[str | None]:
    """The stored values of a column's cells; empty for a text, ``None`` for a blank cell."""
    cells = [grid.slots[row][col] for row in rows]
    return [grid.table.typed[cell] if cell >= 0 else None for cell in cells]


def parquet_bytes(data: pa.Table) -> bytes:
    """A Parquet file in memory."""
    import pyarrow.parquet as pq  # noqa: PLC0415 - only where a file is written

    out = io.BytesIO()
    pq.write_table(data, out, compression="zstd")
    return out.getvalue()
