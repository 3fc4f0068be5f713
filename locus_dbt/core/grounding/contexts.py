"""What a document says around its cells: how it writes numbers and dates, in which scale, and how it was read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pyarrow as pa

from locus_dbt.core.grounding.number_forms import stated_scales
from locus_dbt.core.grounding.verdict import Context
from locus_dbt.model.element import Page, Table

#: Texts that are asked how the document writes numbers and dates; more show nothing new.
_SHOWN = 20_000

#: Header cells of a table that are asked for a scale, and how long a statement of one is at most.
_HEADERS = 200
_LONGEST = 200


class Contexts:
    """The contexts of a table of spans, by column and page."""

    def __init__(
        self, spans: pa.Table, pages: Sequence[Page], tables: Sequence[Table], types: Mapping[str, str]
    ) -> None:
        from locus_dbt.core import values  # noqa: PLC0415 - its tables load on first use

        texts = [t for t in spans["text"].slice(0, _SHOWN).to_pylist() if t]
        self._types = types
        self._ocr = frozenset(page.number for page in pages if page.read_by != "text")
        self._style = values.number_style(texts)
        self._order = values.date_order(texts)
        self._scales = _scales(pages, tables)
        self._known: dict[tuple[str, int | None], Context] = {}

    def of(self, column: str, page: int | None) -> Context:
        """The context of a column's cells on a page."""
        key = (self._types.get(column, ""), page)
        if key not in self._known:
            self._known[key] = Context(
                kind=key[0],
                captions=self._scales.get(page or 0, ()),
                ocr=page in self._ocr,
                date_order=self._order,
                number_style=self._style,
            )
        return self._known[key]


def _scales(pages: Sequence[Page], tables: Sequence[Table]) -> dict[int, tuple[str, ...]]:
    """By page (0: none) the headers and captions that state a scale, such as ``in thousands``."""
    out: dict[int, dict[str, None]] = {}
    for number, text in _headers(pages, tables):
        if len(text) <= _LONGEST and stated_scales((text,)):
            out.setdefault(number, {})[text] = None
    return {number: tuple(texts) for number, texts in out.items()}


def _headers(pages: Sequence[Page], tables: Sequence[Table]) -> Iterator[tuple[int, str]]:
    for page in pages:
        for block in page.blocks:
            if block.kind in ("caption", "heading"):
                yield page.number, block.text
    for table in tables:
        if not len(table):
            continue
        yield int(table.page[0]), table.title
        for i in np.flatnonzero(table.is_header)[:_HEADERS].tolist():
            yield int(table.page[i]), table.text[i]
