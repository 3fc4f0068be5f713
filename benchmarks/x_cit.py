"""Right values with wrong citations: are they seen, and are right citations left alone?

python benchmarks/grounding_citations.py --docs DIR [--grain lines|tables] [--limit N] [--moves N] [--seed N] [--list N]

Extracts each document (``tables``: doc-to-tables, shape wide; ``lines``: the items of invoice-extractor), then moves one
citation at a time: to the neighbouring row or column, to another page, to the last row of another table. Each move is
judged twice: with the text that stands at the wrong place (``printed there``; where by chance it is the value's own text,
``same text``), and as if the value stood at the wrong place as well (``layout alone``), which only rows and columns tell.
Prints JSON: cells, false alarms on the untouched cells, and for each kind of move how many and the share caught
(faithfulness below 0.5). Documents without two rows have nothing to move and are left out.
"""

from __future__ import annotations

import argparse
import json
import random
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from grounding_quality import documents, extract

from locus_dbt.core.builder import SPAN_SCHEMA
from locus_dbt.core.grounding import ground_spans
from locus_dbt.errors import LocusError
from locus_dbt.model.document import Document

GRAINS = {"tables": ("doc-to-tables", {"shape": "wide"}), "lines": ("invoice-extractor", {"grain": "lines"})}
PLACE = ("page", "x0", "y0", "x1", "y1", "place")
CAUGHT = 0.5
Span = dict[str, Any]


def main() -> int:
    """Extract, move, count, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--docs", type=Path, required=True)
    parser.add_argument("--grain", choices=sorted(GRAINS), default="tables")
    parser.add_argument("--limit", type=int, default=10_000)
    parser.add_argument("--moves", type=int, default=10, help="moves of each kind in each document, at most")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--list", type=int, default=0, help="print so many misses and false alarms")
    given = parser.parse_args()
    tally = Tally(given.list)
    image, params = GRAINS[given.grain]
    for path, document in documents(given.docs, given.limit):
        try:
            table = extract(image, document, dict(params))
        except LocusError:
            continue
        spans = table.spans_table().to_pylist()
        if len({s["ordinal"] for s in spans}) > 1:
            tally.untouched(path.name, spans, document)
            rng = random.Random(f"{given.seed}:{path.name}")
            for kind, i, moved in moves(spans, document, rng, given.moves):
                tally.moved(path.name, kind, spans, i, moved, document)
    print(json.dumps(tally.report(), indent=1))
    return 0


def moves(spans: list[Span], document: Document, rng: random.Random, most: int) -> Iterator[tuple[str, int, Span]]:
    """Kind, number of the span, and the span with the citation of another cell."""
    columns = list(dict.fromkeys(s["column_name"] for s in spans))
    rank = {c: i for i, c in enumerate(columns)}
    at = {(s["ordinal"], rank[s["column_name"]]): i for i, s in enumerate(spans) if s["grounding"] != "inferred"}
    kinds: dict[str, list[tuple[int, Span]]] = defaultdict(list)
    for (row, column), i in at.items():
        for kind, other in (
            ("row", (row + rng.choice((-1, 1)), column)),
            ("column", (row, column + rng.choice((-1, 1)))),
        ):
            if other in at and _elsewhere(spans[i], spans[at[other]]):
                kinds[kind].append((i, spans[at[other]]))
        pages = [s for s in spans if s["page"] != spans[i]["page"] and s["column_name"] == spans[i]["column_name"]]
        if pages:
            kinds["page"].append((i, rng.choice(pages)))
        elif spans[i]["page"] and len(document.parsed.pages) > 1:
            kinds["page"].append(
                (i, {**spans[i], "page": spans[i]["page"] % len(document.parsed.pages) + 1, "text": None})
            )
    used = {tuple(s[k] for k in PLACE) for s in spans}
    totals = [one for one in _last_rows(document) if tuple(one[k] for k in PLACE) not in used]
    if totals:
        kinds["other table"] = [(i, rng.choice(totals)) for i in at.values()]
    for kind, found in kinds.items():
        for i, other in rng.sample(found, min(most, len(found))):
            yield kind, i, {**spans[i], **{k: other[k] for k in PLACE}, "text": other["text"]}


def _elsewhere(one: Span, other: Span) -> bool:
    return tuple(one[k] for k in PLACE) != tuple(other[k] for k in PLACE)


def _last_rows(document: Document) -> Iterator[Span]:
    for table in document.parsed.tables:
        last = table.row.max(initial=0)
        for i in np.flatnonzero(table.row == last).tolist():
            if table.text[i].strip() and last > 0:
                box = [None if np.isnan(v) else float(v) for v in table.box[i]]
                place = table.place[i] if table.place else None
                yield {
                    **dict(zip(PLACE, (int(table.page[i]) or None, *box, place), strict=True)),
                    "text": table.text[i],
                }


class Tally:
    """Counts by kind of move, and some of what went wrong."""

    def __init__(self, shown: int) -> None:
        self._cells = self._alarms = self._documents = 0
        self._kinds: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
        self._shown = shown

    def untouched(self, name: str, spans: list[Span], document: Document) -> None:
        """Count cells that are blamed for their place although nothing was moved."""
        found = _ground(spans, document).to_pylist()
        alarms = [s for s in found if (s["reason"] or "").startswith("the other cells")]
        self._documents += 1
        self._cells += len(found)
        self._alarms += len(alarms)
        for s in alarms[:3]:
            self._show("alarm", name, s)

    def moved(self, name: str, kind: str, spans: list[Span], i: int, moved: Span, document: Document) -> None:
        """Ground the table with one span moved, in both ways."""
        for way in ("printed there", "layout alone"):
            if way == "printed there" and moved["text"] is None:
                continue
            one = moved if way == "printed there" else {**moved, "text": spans[i]["text"]}
            (found,) = _ground([*spans[:i], one, *spans[i + 1 :]], document).slice(i, 1).to_pylist()
            caught = found["faithfulness"] < CAUGHT
            same = way == "printed there" and moved["text"] == spans[i]["text"]
            for label in {way, "same text"} if same else {way}:
                self._kinds[kind, label][0] += 1
                self._kinds[kind, label][1] += caught
            if not caught and way == "printed there":
                self._show(f"missed {kind}", name, found)

    def _show(self, what: str, name: str, span: Span) -> None:
        if self._shown > 0:
            self._shown -= 1
            print(what, name, {k: span[k] for k in ("ordinal", "column_name", "value", "text", *PLACE, "reason")})

    def report(self) -> dict[str, Any]:
        """Counts and shares."""
        ways = ("printed there", "same text", "layout alone")
        by_kind = {
            way: {
                k: {"moved": n, "caught": round(hit / n, 4)}
                for (k, w), (n, hit) in sorted(self._kinds.items())
                if w == way
            }
            for way in ways
        }
        for way in ways:
            n, hit = (sum(v[j] for (_, w), v in self._kinds.items() if w == way) for j in (0, 1))
            by_kind[way]["all"] = {"moved": n, "caught": round(hit / max(n, 1), 4)}
        rate = round(self._alarms / max(self._cells, 1), 5)
        return {"documents": self._documents, "cells": self._cells, "false_alarms": rate, **by_kind}


def _ground(spans: list[Span], document: Document) -> pa.Table:
    """Without the words of the pages, which would tell that a box does not hold its text."""
    table = pa.Table.from_pylist(spans, SPAN_SCHEMA)
    return ground_spans(table, (), tables=document.parsed.tables)


if __name__ == "__main__":
    raise SystemExit(main())
