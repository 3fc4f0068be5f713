"""Tables, words or lines of scans, with the score of each reading."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from locus_dbt.core.builder import TableBuilder
from locus_dbt.model.document import Document
from locus_dbt.model.element import Page, Table
from locus_dbt.parsers.choose import chosen_tables

_EDGES = ("x0", "y0", "x1", "y1")

Score = float | None
BoxRow = tuple[float, float, float, float]


def extract(document: Document, params: Mapping[str, Any], table: TableBuilder) -> None:
    """Append the document's tables, words or lines."""
    shape, least = params["shape"], params["min_score"]
    if shape == "cells":
        pages = {page.number: page for page in document.parsed.pages}
        for one in chosen_tables(document, params.get("table"), table):
            _append_cells(one, pages, least, table)
        return
    rows = _Rows(least)
    for page in document.parsed.pages:
        (_take_words if shape == "words" else _take_lines)(page, rows)
    if not rows.text:
        table.reject("E210", f"no word in {document.filename}")
    rows.append_to(table)


@dataclass(slots=True)
class _Rows:
    """Rows of words or lines, by column."""

    least: float
    page: list[int] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    score: list[Score] = field(default_factory=list)
    box: list[BoxRow] = field(default_factory=list)
    numbers: dict[str, list[int]] = field(default_factory=dict)

    def add(self, page: int, text: str, score: Score, box: BoxRow, **numbers: int) -> None:
        self.page.append(page)
        self.text.append(text)
        self.score.append(score)
        self.box.append(box)
        for name, number in numbers.items():
            self.numbers.setdefault(name, []).append(number)

    def append_to(self, table: TableBuilder) -> None:
        boxes = np.array(self.box, np.float32).reshape(len(self.box), 4)
        table.extend(
            {
                "page": self.page,
                **self.numbers,
                "text": self.text,
                "score": _rounded(self.score),
                "is_sure": [score is None or score >= self.least for score in self.score],
                **_edges(boxes),
            },
            located={"text": (np.array(self.page, np.int32), boxes, None)},
            confidence={"text": [1.0 if score is None else score for score in self.score]},
        )


def _take_words(page: Page, rows: _Rows) -> None:
    scores = _scores(page)
    last, word_no = -1, 0
    for text, box, line, score in zip(
        page.words.text, page.words.box.tolist(), page.words.line.tolist(), scores, strict=True
    ):
        word_no = word_no + 1 if line == last else 0
        last = line
        rows.add(page.number, text, score, tuple(box), line_no=line, word_no=word_no)


def _take_lines(page: Page, rows: _Rows) -> None:
    scores = _scores(page)
    starts = np.flatnonzero(np.diff(page.words.line, prepend=-1)).tolist()
    if not starts:  # a page without a word
        return
    for a, b in zip(starts, [*starts[1:], len(page.words)], strict=True):
        box = page.words.box[a:b]
        around = (*box[:, :2].min(axis=0).tolist(), *box[:, 2:].max(axis=0).tolist())
        text = " ".join(page.words.text[a:b])
        rows.add(page.number, text, _least(scores[a:b]), around, line_no=int(page.words.line[a]))


def _append_cells(one: Table, pages: Mapping[int, Page], least: float, table: TableBuilder) -> None:
    texts = [text if text.strip() else None for text in one.text]
    scores = _cell_scores(one, pages)
    sure = [
        None if text is None else score is None or score >= least for text, score in zip(texts, scores, strict=True)
    ]
    table.extend(
        {
            "page": one.page.tolist(),
            "table_no": [one.number] * len(one),
            "row_no": one.row.tolist(),
            "col_no": one.col.tolist(),
            "row_span": one.row_span.tolist(),
            "col_span": one.col_span.tolist(),
            "is_header": one.is_header.tolist(),
            "text": texts,
            "score": _rounded(scores),
            "is_sure": sure,
            **_edges(one.box),
        },
        located={"text": (one.page, one.box, None)},
        confidence={"text": [1.0 if score is None else score for score in scores]},
    )


def _cell_scores(one: Table, pages: Mapping[int, Page]) -> list[Score]:
    """The score of each cell's least sure word: of the page's words whose middle lies in the cell, its own."""
    found: list[Score] = []
    for text, page, box in zip(one.text, one.page.tolist(), one.box, strict=True):
        words = pages[page].words
        if words.score is None or not text.strip():
            found.append(None)
            continue
        x, y = (words.box[:, 0] + words.box[:, 2]) / 2, (words.box[:, 1] + words.box[:, 3]) / 2
        inside = np.flatnonzero((box[0] <= x) & (x <= box[2]) & (box[1] <= y) & (y <= box[3])).tolist()
        # the box of a cell on a page that is askew may reach into its neighbours
        own = set(text.split())
        found.append(_least([float(words.score[i]) for i in inside if words.text[i] in own]))
    return found


def _scores(page: Page) -> Sequence[Score]:
    return [None] * len(page.words) if page.words.score is None else page.words.score.tolist()


def _least(scores: Iterable[Score]) -> Score:
    known = [score for score in scores if score is not None]
    return min(known) if known else None


def _rounded(scores: Iterable[Score]) -> list[Score]:
    return [None if score is None else round(score, 2) for score in scores]


def _edges(box: np.ndarray) -> dict[str, list[float | None]]:
    """The four edges as columns, to a hundredth of a point; unknown ones as ``None``."""
    columns = [[None if edge != edge else round(edge, 2) for edge in column] for column in box.T.tolist()]  # noqa: PLR0124 - NaN
    return dict(zip(_EDGES, columns, strict=True))
