"""Rows of tables as claims, right ones and ones with a value of another row or column: what is flagged.

    python benchmarks/swapped_claims.py --data grounding/data/tatqa

Each data row of each table is a claim whose columns are named as the table's headers are; ``half named`` drops every
second word of those names. ``rows``: one value is replaced by another row's of the same column; ``columns``: two values
of the row change places. Right claims should not be flagged, swapped ones should. ``questions`` are the set's own
facts, all right; a sign that the annotators left out counts as wrong here.
"""

from __future__ import annotations

import argparse
import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa
from fact_places import Record, read
from repeated_facts import is_data

from locus_dbt.core.builder import arrow_type
from locus_dbt.core.contents import COLUMNS
from locus_dbt.core.evidence import Evidence
from locus_dbt.core.fact_check import Claim, check

#: Kind, claim, and the columns that count (all of them when empty).
Case = tuple[str, Claim, tuple[str, ...]]


def evidence(context: Record) -> Evidence:
    """One context as a document without boxes."""
    usual = {"grid": -1, "row_no": 0, "col_no": 0, "row_span": 1, "col_span": 1, "is_header": False}
    units = [
        usual | {"grid": 0, "row_no": r, "col_no": c, "text": text}
        for r, row in enumerate(context["table"])
        for c, text in enumerate(row)
    ]
    units += [usual | {"row_no": i, "text": p["text"]} for i, p in enumerate(context["paragraphs"])]
    arrays = {n: pa.array([unit.get(n) for unit in units], arrow_type(kind)) for n, (kind, _) in COLUMNS.items()}
    return Evidence(context["id"], pa.table(arrays))


def claims(table: list[list[str]], rng: random.Random, *, half: bool) -> Iterator[Case]:
    """Each data row as it is, with another row's value, and with two values exchanged."""
    top = next((r for r, row in enumerate(table) if any(is_data(t) for t in row[1:])), 0)
    heads = [
        " ".join(dict.fromkeys(table[r][c] for r in range(top) if table[r][c].strip())) for c in range(len(table[0]))
    ]
    names = ["label", *(" ".join(h.split()[::2]) if half else h for h in heads[1:])]
    data = [r for r in range(top, len(table)) if table[r][0].strip() and sum(map(is_data, table[r][1:])) > 1]
    suffix = ", half named" if half else ""
    for r in data:
        values = [t.strip() or None for t in table[r]]
        yield f"right{suffix}", Claim(names, values), ()
        columns = [
            c for c in range(1, len(values)) if is_data(values[c] or "") and names[c] and names.count(names[c]) == 1
        ]
        if not columns:
            continue
        c = rng.choice(columns)
        others = [o for o in data if is_data(table[o][c]) and table[o][c].strip() not in values]
        if others:
            yield f"rows{suffix}", Claim(names, _with(values, {c: table[rng.choice(others)][c].strip()})), (names[c],)
        a, b = rng.sample(columns, 2) if len(columns) > 1 else (c, c)
        if values[a] != values[b] and names[a] != names[b]:
            swapped = _with(values, {a: values[b], b: values[a]})
            yield f"columns{suffix}", Claim(names, swapped), (names[a], names[b])


def _with(values: Sequence[str | None], changed: dict[int, str | None]) -> list[str | None]:
    return [changed.get(i, value) for i, value in enumerate(values)]


def questions(facts: list[Record]) -> Iterator[tuple[str, Case]]:
    """The facts of each question as one claim."""
    asked: dict[tuple[str, str], list[str]] = defaultdict(list)
    for fact in facts:
        asked[fact["context"], fact["question"]].append(fact["fact"])
    for (context, question), values in asked.items():
        yield context, ("questions", Claim([""] * len(values), values, question), ())


def main() -> None:
    """Print the share of flagged values for each kind of claim."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threshold", type=float, default=0.7)
    given = parser.parse_args()
    contexts = {c["id"]: c for c in read(given.data / "contexts.jsonl")}
    rng = random.Random(given.seed)
    cases = [
        (i, case) for i, c in contexts.items() for half in (False, True) for case in claims(c["table"], rng, half=half)
    ]
    cases += questions(read(given.data / "facts.jsonl"))
    documents = {i: evidence(context) for i, context in contexts.items()}
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for context, (kind, claim, names) in cases:
        for found in check(claim, [documents[context]]):
            if not names or found.column in names:
                counts[kind][0] += found.faithfulness < given.threshold
                counts[kind][1] += 1
    for kind, (flagged, of) in sorted(counts.items()):
        print(f"{kind:20} flagged {flagged / of:.4f} of {of}")


if __name__ == "__main__":
    main()
