"""A document's blocks and tables in the order in which a person reads them, page by page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from locus_dbt.model.element import Block, Page, Parsed, Table
from locus_dbt.model.locus import Box
from locus_dbt.parsers.grid import union_box

Item = Block | Table


def by_page(parsed: Parsed) -> Iterator[tuple[Page, list[Item]]]:
    """Each page with what stands on it; a table over several pages is cut, each page gets its rows."""
    lines = _only_words(parsed)
    for page in parsed.pages:
        tables = [part for table in parsed.tables if (part := on_page(table, page.number)) is not None]
        yield page, _merged(page, tables, lines=lines)


def whole(parsed: Parsed) -> list[Item]:
    """The whole document; a table over several pages stands uncut where it begins."""
    items: list[Item] = []
    begun: set[int] = set()
    uncut = {table.number: table for table in parsed.tables}
    for _, here in by_page(parsed):
        for item in here:
            if isinstance(item, Block):
                items.append(item)
            elif item.number not in begun:
                begun.add(item.number)
                items.append(uncut[item.number])
    return items


def _only_words(parsed: Parsed) -> bool:
    """Whether the parser gave words but no blocks at all, so that printed lines must serve as paragraphs."""
    return not any(page.blocks for page in parsed.pages)


def on_page(table: Table, number: int) -> Table | None:
    """The part of ``table`` on page ``number``, its rows counted anew; ``None`` when it has none."""
    here = table.page == number
    if not here.any():
        return None
    if here.all():
        return table
    keep = np.flatnonzero(here).tolist()
    first = int(table.row[here].min())
    row = table.row[here] - first
    return replace(
        table,
        n_rows=int((row + table.row_span[here]).max()),
        text=tuple(table.text[i] for i in keep),
        row=row,
        col=table.col[here],
        row_span=table.row_span[here],
        col_span=table.col_span[here],
        is_header=table.is_header[here],
        page=table.page[here],
        box=table.box[here],
        place=tuple(table.place[i] for i in keep) if table.place else (),
    )


def _merged(page: Page, tables: Sequence[Table], *, lines: bool) -> list[Item]:
    """Blocks outside the tables, and each table before the first block that follows it."""
    boxes = [(table, union_box(table.box)) for table in tables]
    inside = [box for _, box in boxes if box is not None]
    blocks = tuple(_lines(page, inside)) if lines else page.blocks
    kept: list[Item] = [block for block in blocks if not any(_covers(box, block.box) for box in inside)]
    for table, box in boxes:
        at = next((i for i, item in enumerate(kept) if _follows(item, table, box)), len(kept))
        kept.insert(at, table)
    return kept


def _follows(item: Item, table: Table, box: Box | None) -> bool:
    if table.order >= 0 and item.order >= 0:
        return item.order > table.order
    if box is None or isinstance(item, Table) or item.box is None:
        return False
    # beside each other in columns: what begins lower in the same column follows
    return item.box[1] >= box.y1 - 2 and item.box[0] < box.x1 and item.box[2] > box.x0


def _covers(box: Box, inner: tuple[float, float, float, float] | None) -> bool:
    if inner is None:
        return False
    x, y = (inner[0] + inner[2]) / 2, (inner[1] + inner[3]) / 2
    return box.x0 <= x <= box.x1 and box.y0 <= y <= box.y1


def _lines(page: Page, tables: Sequence[Box]) -> Iterator[Block]:
    """Printed lines as paragraphs, for pages whose parser gave words but no blocks."""
    words = page.words
    start = 0
    for i in range(1, len(words) + 1):
        if i < len(words) and words.line[i] == words.line[start]:
            continue
        box = union_box(words.box[start:i])
        edges = (box.x0, box.y0, box.x1, box.y1) if box else None
        if not any(_covers(table, edges) for table in tables):
            yield Block("paragraph", " ".join(words.text[start:i]), start, page=page.number, box=edges)
        start = i
