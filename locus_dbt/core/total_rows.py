"""Rows of a table that are labelled as a total and state the sum of the numbers above them.

Only a sum that holds says something: a row may be called a total and add up other things.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from locus_dbt.core.check_outcomes import Outcome
from locus_dbt.model.check import Check

#: Words that a total is labelled with: English, German, French, Spanish, Italian, Dutch, Portuguese.
_LABEL = (
    r"(?i)^\W*(?:grand |sub-?|net |gross |overall )?(?:totals?|sums?|summe|gesamt\w*|zwischensumme|insgesamt|somme|"
    r"sous-total|suma|subtotaal|totaal|totale|soma|somma)\b.{0,40}$"
)
_DIGIT = re.compile(r"\d")

#: Rows of one table that are looked at.
_MOST_ROWS = 5000

Grid = dict[int, dict[int, tuple[int, Decimal]]]


def total_rows(check: Check, rows: pa.Table) -> Iterator[Outcome]:
    """For each labelled row and column whose number is the sum of those above: the cells that make it."""
    labels = pc.match_substring_regex(rows[check.columns[0]], _LABEL).to_numpy(zero_copy_only=False)
    labelled = np.flatnonzero(labels == True)  # noqa: E712 - null is neither
    if not len(labelled):
        return
    table, row, col = (rows[name].to_numpy() for name in check.by)
    text = rows[check.columns[0]]
    order = np.argsort(table, kind="stable")
    ordered = table[order]
    for number in np.unique(table[labelled]):
        first, last = int(np.searchsorted(ordered, number, "left")), int(np.searchsorted(ordered, number, "right"))
        member = order[first:last]
        totals = sorted({int(row[i]) for i in np.intersect1d(member, labelled)})
        if len(np.unique(row[member])) > _MOST_ROWS:
            continue
        grid = _grid(member, text, row, col)
        for cells in _sums(grid, totals):
            at = np.array(sorted(cells))
            yield Outcome(check.columns, at, np.ones(len(at), bool), "the numbers above add up to the total")


def _grid(member: Any, text: Any, row: Any, col: Any) -> Grid:  # noqa: ANN401 - arrays
    """The numbers of a table: column to row to cell and value."""
    from locus_dbt.core import values  # noqa: PLC0415 - its tables load on first use

    texts = {int(i): text[int(i)].as_py() or "" for i in member}
    style = values.number_style(texts.values())
    grid: Grid = defaultdict(dict)
    for i, printed in texts.items():
        value = values.read_decimal(printed, style=style) if _DIGIT.search(printed) and len(printed) < 40 else None
        if value is not None:
            grid[int(col[i])][int(row[i])] = (i, value)
    return grid


def _sums(grid: Grid, totals: Sequence[int]) -> Iterator[list[int]]:
    marked = set(totals)
    for column in grid.values():
        for k, total in enumerate(totals):
            if total not in column or not column[total][1]:
                continue
            since = totals[k - 1] if k else -1
            above = [r for r in column if r < total]
            ways = (
                [r for r in above if r > since and r not in marked],
                [r for r in above if r not in marked],
                [r for r in above if r in marked],
            )
            for way in ways:
                addends = [column[r] for r in way]
                if sum(v != 0 for _, v in addends) > 1 and sum(v for _, v in addends) == column[total][1]:
                    yield [column[total][0], *(i for i, _ in addends)]
                    break
