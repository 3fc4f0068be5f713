"""A parsed document's cells and passages as rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from locus_dbt.core.builder import TableBuilder
from locus_dbt.core.contents import COLUMNS
from locus_dbt.model.document import Document
from locus_dbt.model.element import BoolArray, FloatArray, Page, Table


def extract(document: Document, params: Mapping[str, Any], table: TableBuilder) -> None:  # noqa: ARG001 - no params
    """Tables first, then running text; words that stand in a table's cells are no running text."""
    parsed = document.parsed
    rows: dict[str, list[Any]] = {name: [] for name in COLUMNS}
    pages = {page.number: page for page in parsed.pages if len(page.words)}
    for number, one in enumerate(parsed.tables):
        _cells(rows, number, one, pages)
    passage = 0
    for page in parsed.pages:
        boxes = _table_boxes(parsed.tables, page.number)
        for made in _passages(page, boxes):
            _append(rows, {"grid": -1, "row_no": passage, "col_no": 0, "row_span": 1, "col_span": 1, **made})
            passage += 1
    table.extend(rows)


def _append(rows: dict[str, list[Any]], values: Mapping[str, Any]) -> None:
    for name, column in rows.items():
        column.append(values.get(name))


def _cells(rows: dict[str, list[Any]], number: int, table: Table, pages: Mapping[int, Page]) -> None:
    n = len(table)
    rows["grid"] += [number] * n
    for name, numbers in (
        ("row_no", table.row), ("col_no", table.col), ("row_span", table.row_span), ("col_span", table.col_span),
        ("is_header", table.is_header),
    ):  # fmt: skip
        rows[name] += numbers.tolist()
    rows["page"] += [page or None for page in table.page.tolist()]
    for name, edge in zip(("x0", "y0", "x1", "y1"), table.box.T, strict=True):
        rows[name] += [None if e != e else e for e in edge.tolist()]  # noqa: PLR0124 - NaN differs from itself
    rows["place"] += [p or None for p in table.place] or [None] * n
    rows["title"] += [table.title or None] * n
    rows["text"] += list(table.text)
    for i, page in enumerate(table.page.tolist()):
        starts, boxes = _words_of(table.text[i], table.box[i], pages.get(page))
        rows["word_start"].append(starts)
        rows["word_box"].append(boxes)


def _words_of(text: str, box: FloatArray, page: Page | None) -> tuple[list[int] | None, list[float] | None]:
    """Where each word of a cell of several words starts and stands, if the page's words read as the cell does."""
    if page is None or not any(c.isspace() for c in text.strip()):
        return None, None
    starts, at = [], 0
    held = np.flatnonzero(_inside(page.words.box, box[None, :]))
    for i in held:
        found = text.find(page.words.text[int(i)], at)
        if found < 0:
            return None, None
        starts.append(found)
        at = found + len(page.words.text[int(i)])
    return (starts, page.words.box[held].reshape(-1).tolist()) if starts else (None, None)


def _table_boxes(tables: Sequence[Table], page: int) -> FloatArray:
    """The boxes of all cells on a page."""
    found = [t.box[(t.page == page) & ~np.isnan(t.box[:, 0])] for t in tables]
    return np.concatenate(found) if found else np.empty((0, 4), np.float32)


def _passages(page: Page, cells: FloatArray) -> Iterator[dict[str, Any]]:
    if not len(page.words):
        for block in page.blocks:
            if block.text.strip():
                yield _placed(block.text, page.number or None, block.box, block.place)
        return
    free = ~_inside(page.words.box, cells)
    for block in page.blocks:
        if block.box is None:
            continue
        held = np.flatnonzero(free & _inside(page.words.box, np.array([block.box], np.float32)))
        if len(held):
            free[held] = False
            yield _of_words(page, held)
    rest = np.flatnonzero(free)
    if len(rest):
        for line in np.split(rest, np.flatnonzero(np.diff(page.words.line[rest])) + 1):
            yield _of_words(page, line)


def _inside(words: FloatArray, boxes: FloatArray) -> BoolArray:
    """Which words have their centre in one of the boxes."""
    x, y = (words[:, 0] + words[:, 2]) / 2, (words[:, 1] + words[:, 3]) / 2
    out = np.zeros(len(words), np.bool_)
    for x0, y0, x1, y1 in boxes.tolist():
        out |= (x >= x0) & (x <= x1) & (y >= y0) & (y <= y1)
    return out


def _of_words(page: Page, held: NDArray[np.signedinteger[Any]]) -> dict[str, Any]:
    """Words joined by blanks, with the place of each."""
    texts = [page.words.text[int(i)] for i in held]
    boxes = page.words.box[held]
    starts = np.cumsum([0, *(len(t) + 1 for t in texts[:-1])])
    box = (*boxes[:, :2].min(axis=0).tolist(), *boxes[:, 2:].max(axis=0).tolist())
    made = _placed(" ".join(texts), page.number, box, "")
    return made | {"word_start": starts.tolist(), "word_box": boxes.reshape(-1).tolist()}


def _placed(text: str, page: int | None, box: Sequence[float] | None, place: str) -> dict[str, Any]:
    edges = dict(zip(("x0", "y0", "x1", "y1"), box, strict=True)) if box is not None else {}
    return {"text": text, "page": page, "place": place or None, "is_header": False, **edges}
