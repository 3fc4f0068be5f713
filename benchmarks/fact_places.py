"""Where facts stand: cites each fact of a TAT-QA shaped set and writes the places for the scorer.

    python benchmarks/fact_places.py --data grounding/data/tatqa --out places.jsonl

``--data`` holds ``contexts.jsonl`` (id, table, paragraphs) and ``facts.jsonl`` (id, context, question, scale, fact).
"""

from __future__ import annotations

import argparse
import json
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from locus_dbt.core.citations import Citation, Fact, cite_all
from locus_dbt.core.grid_layout import Grid
from locus_dbt.core.passages import Content, Passages

Record = dict[str, Any]


def passages_of(context: Mapping[str, Any]) -> Passages:
    """One context as the search sees a document."""
    texts = [p["text"] for p in context["paragraphs"]]
    return Passages(Content((Grid(context["table"]),), texts))


def place(fact: str, found: Citation | None, orders: list[int]) -> Record:
    """A citation as the scorer reads it."""
    if found is None:
        return {"id": fact, "kind": "none"}
    if found.unit.is_cell:
        return {"id": fact, "kind": "table", "row": found.unit.row, "column": found.unit.column}
    where = {"paragraph": orders[found.unit.row], "start": found.start, "end": found.stop}
    return {"id": fact, "kind": "paragraph", **where}


def places(contexts: Iterable[Record], facts: Iterable[Record]) -> list[Record]:
    """The place of every fact; the facts of one question are one claim."""
    claims: dict[str, dict[str, list[Record]]] = defaultdict(lambda: defaultdict(list))
    for fact in facts:
        claims[fact["context"]][fact["question"]].append(fact)
    out = []
    for context in contexts:
        document = passages_of(context)
        orders = [p["order"] for p in context["paragraphs"]]
        for claim in claims.get(context["id"], {}).values():
            asked = [Fact(f["fact"], question=f["question"]) for f in claim]
            found = cite_all(document, asked)
            out += [place(f["id"], c, orders) for f, c in zip(claim, found, strict=True)]
    return out


def read(path: Path) -> list[Record]:
    """JSON lines."""
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]


def main() -> None:
    """Write the places and say how long it took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    started = time.process_time()
    found = places(read(given.data / "contexts.jsonl"), read(given.data / "facts.jsonl"))
    given.out.write_text("".join(json.dumps(p) + "\n" for p in found), "utf-8")
    seconds = time.process_time() - started
    print(f"{len(found)} facts in {seconds:.1f} s, {1000 * seconds / max(1, len(found)):.2f} ms each")


if __name__ == "__main__":
    main()
