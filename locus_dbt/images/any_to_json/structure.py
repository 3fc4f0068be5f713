"""``ir/v1`` as plain JSON values; keys in a fixed order, absent facts as null."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from locus_dbt.model.element import Block, Page, Parsed, Table
from locus_dbt.parsers.grid import Grid, table_locus, table_page, to_grid


def document_json(parsed: Parsed) -> dict[str, Any]:
    """Media type, pages with their blocks, tables with their cells, attachments by name and size."""
    return {
        "media_type": parsed.media_type,
        "metadata": {key: parsed.metadata[key] for key in sorted(parsed.metadata)},
        "pages": [_page(page) for page in parsed.pages],
        "tables": [_table(table) for table in parsed.tables],
        "attachments": [{"name": a.name, "media_type": a.media_type, "bytes": len(a.data)} for a in parsed.attachments],
        "warnings": list(parsed.warnings),
    }


def tables_json(parsed: Parsed) -> list[dict[str, Any]]:
    """Each table as header and rows of texts; a spanning cell's text stands in every slot it covers."""
    out = []
    for table in parsed.tables:
        grid = to_grid(table)
        at = table_locus(table)
        box = [round(v, 2) for v in (at.box.x0, at.box.y0, at.box.x1, at.box.y1)] if at.box else None
        rows = [[grid.value(row, col) for col in range(table.n_cols)] for row in grid.body]
        out.append(
            {
                "table_no": table.number,
                "title": table.title or None,
                "page": table_page(table),
                "box": box,
                "place": at.place,
                "header": grid.header if grid.head else None,
                "rows": rows,
            }
        )
    return out


def rows_json(parsed: Parsed) -> list[dict[str, Any]]:
    """Each body row as an object under its header's texts; ``_table`` and ``_page`` say where it stands."""
    out: list[dict[str, Any]] = []
    for table in parsed.tables:
        grid = to_grid(table, repeat_across=False)
        names = _keys(grid)
        for row in grid.body:
            if not grid.blank(row):
                page = next((int(table.page[c]) for c in grid.slots[row] if c >= 0), 0)
                cells = {name: grid.value(row, col) for col, name in enumerate(names)}
                out.append({"_table": table.number, "_page": page or None} | cells)
    return out


def _keys(grid: Grid) -> list[str]:
    """The header texts as they are, each once; blank ones by their number."""
    keys: list[str] = []
    for col, text in enumerate(grid.header, 1):
        key, n = text or f"column_{col}", 2
        while key in keys or key in ("_table", "_page"):
            key, n = f"{text or 'column'}_{n}", n + 1
        keys.append(key)
    return keys


def _page(page: Page) -> dict[str, Any]:
    if page.number == 0:
        return {"number": None, "width": None, "height": None, "blocks": [_block(b) for b in page.blocks]}
    return {
        "number": page.number,
        "width": round(page.width, 2),
        "height": round(page.height, 2),
        "blocks": [_block(block) for block in page.blocks],
    }


def _block(block: Block) -> dict[str, Any]:
    return {
        "kind": block.kind, "level": block.level or None, "order": block.order, "text": block.text,
        "box": _box(block.box) if block.box else None, "place": block.place or None,
    }  # fmt: skip


def _table(table: Table) -> dict[str, Any]:
    cells = []
    places = table.place or [""] * len(table)
    columns = (table.row, table.col, table.row_span, table.col_span, table.is_header, table.page, table.box)
    for text, place, row, col, down, across, is_header, page, box in zip(
        table.text, places, *(c.tolist() for c in columns), strict=True
    ):
        cell = {
            "row": row,
            "col": col,
            "row_span": down,
            "col_span": across,
            "is_header": is_header,
            "text": text,
        }
        cells.append(cell | {"page": page or None, "box": _box(box), "place": place or None})
    return {
        "number": table.number, "title": table.title or None,
        "order": table.order if table.order >= 0 else None,
        "n_rows": table.n_rows, "n_cols": table.n_cols, "cells": cells,
    }  # fmt: skip


def _box(edges: Sequence[float]) -> list[float] | None:
    return None if any(edge != edge for edge in edges) else [round(edge, 2) for edge in edges]  # noqa: PLR0124 - NaN
