"""Facts whose value stands in several places: planted beside real questions, and as tables have them by nature.

    python benchmarks/repeated_facts.py --data grounding/data/tatqa --gold grounding/gold/tatqa/places.jsonl

``cell/row``, ``cell/col``, ``cell/else``, ``cell/text``: the value of a real question is written a second time into
another cell of its row, its column, elsewhere in the table, or into running text; ``text/cell``, ``text/text`` the same
for values of running text; ``year/text`` for years in headers. Only places that no fact of the question has are
overwritten. Some of these cannot be told apart even by a reader (no year in the question). ``natural``: cells whose
value stands in several cells of the same table under other names, asked for with the words of row label and header in
another order and form.
"""

from __future__ import annotations

import argparse
import copy
import random
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fact_places import Record, passages_of, place, read

from locus_dbt.core.citations import Fact, cite_all

_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
_YEAR = re.compile(r"(?:19|20)\d\d")
_IN_TEXT = re.compile(r"(?<![\w.,])\d[\d,]*\d(?:\.\d+)?(?![\w,.]*\d)|(?<![\w.,])\d(?![\w.,])")

#: Kind of repeat, the number of the fact that is asked about, all facts of its question, the gold place, the context.
Case = tuple[str, int, list[Record], Record, Record]


def is_data(text: str) -> bool:
    """Whether a cell holds a number that is no year."""
    return bool(_NUMBER.search(text)) and not _YEAR.fullmatch(text.strip()) and len(re.findall(r"[A-Za-z]", text)) < 4


def planted(
    claims: list[list[Record]], golds: dict[str, Record], contexts: dict[str, Record], seed: int
) -> Iterator[Case]:
    """A case for each way in which a fact's value can be repeated."""
    rng = random.Random(seed)
    for claim in claims:
        places = [golds[f["id"]] for f in claim]
        for number, (fact, gold) in enumerate(zip(claim, places, strict=True)):
            value = _NUMBER.search(fact["fact"])
            if value is None or len(re.findall(r"[A-Za-z]{2,}", fact["fact"])) > 1:
                continue
            year = _YEAR.fullmatch(fact["fact"]) is not None
            kinds = ("year/text",) if year else ("cell/row", "cell/col", "cell/else", "cell/text")
            kinds = kinds if gold["kind"] == "table" else () if year else ("text/cell", "text/text")
            for kind in kinds:
                made = _written(contexts[fact["context"]], kind, gold, places, value[0], rng)
                if made is not None:
                    yield kind, number, claim, gold, made


def _written(
    context: Record, kind: str, gold: Record, taken: list[Record], value: str, rng: random.Random
) -> Record | None:
    where = (
        _texts(context, taken, year=kind == "year/text")
        if kind.endswith("/text")
        else _cells(context, kind, gold, taken)
    )
    if not where:
        return None
    made = copy.deepcopy(context)
    target, key, start, stop = rng.choice(where)
    holder: Any = made["table"][target] if isinstance(key, int) else made["paragraphs"][target]
    holder[key] = holder[key][:start] + value + holder[key][stop:]
    return made


def _cells(context: Record, kind: str, gold: Record, taken: list[Record]) -> list[tuple[int, Any, int, int]]:
    used = {(p.get("row"), p.get("column")) for p in taken}
    out = []
    for r, row in enumerate(context["table"]):
        for c, text in enumerate(row):
            found = _NUMBER.search(text) if c and (r, c) not in used and is_data(text) else None
            same = (r == gold.get("row"), c == gold.get("column"))
            fits = {"cell/row": same[0], "cell/col": same[1], "cell/else": not any(same)}.get(kind, True)
            if found and fits:
                out.append((r, c, *found.span()))
    return out


def _texts(context: Record, taken: list[Record], *, year: bool) -> list[tuple[int, Any, int, int]]:
    used = {p.get("paragraph") for p in taken}
    return [
        (i, "text", *found.span())
        for i, paragraph in enumerate(context["paragraphs"])
        if paragraph["order"] not in used
        for found in _IN_TEXT.finditer(paragraph["text"])
        if (_YEAR.fullmatch(found[0]) is not None) == year
    ]


def natural(contexts: dict[str, Record], seed: int) -> Iterator[Case]:
    """Cells that share their value with another one, asked for by label and header."""
    rng = random.Random(seed)
    for context in contexts.values():
        table = context["table"]
        top = next((r for r, row in enumerate(table) if any(is_data(t) for t in row[1:])), 0)
        cells: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for r in range(top, len(table)):
            for c, text in enumerate(table[r]):
                if c and is_data(text) and table[r][0].strip():
                    cells[_NUMBER.search(text)[0]].append((r, c))  # type: ignore[index]
        for value, places in cells.items():
            names = [(table[r][0].strip().lower(), " ".join(table[h][c] for h in range(top))) for r, c in places]
            for (r, c), (label, header) in zip(places, names, strict=True) if len(places) > 1 else ():
                if header.strip() and names.count((label, header)) == 1:
                    fact = {"id": "x", "fact": value, "question": _asked(table[r][0], header, rng)}
                    yield "natural", 0, [fact], {"kind": "table", "row": r, "column": c}, context


def _asked(label: str, header: str, rng: random.Random) -> str:
    words = re.findall(r"\w+", label)
    forms = [w[:-1] if w.endswith("s") and rng.random() < 0.5 else w.lower() for w in words]
    rng.shuffle(forms)
    return f"In {header}, what was reported for {' '.join(forms)}?"


def main() -> None:
    """Print the share of right places for each kind of repeat."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--gold", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    contexts = {c["id"]: c for c in read(given.data / "contexts.jsonl")}
    golds = {g["id"]: g for g in read(given.gold)}
    by_question: dict[tuple[str, str], list[Record]] = defaultdict(list)
    for fact in read(given.data / "facts.jsonl"):
        by_question[fact["context"], fact["question"]].append(fact)
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    claims = list(by_question.values())
    for kind, number, claim, gold, context in [
        *planted(claims, golds, contexts, given.seed),
        *natural(contexts, given.seed),
    ]:
        found = cite_all(passages_of(context), [Fact(f["fact"], question=f["question"]) for f in claim])[number]
        right = _right(place("x", found, [p["order"] for p in context["paragraphs"]]), gold)
        for name in (kind, "all"):
            counts[name][0] += right
            counts[name][1] += 1
    for kind, (right, of) in sorted(counts.items()):
        print(f"{kind:10} {right / of:.4f} of {of}")


def _right(found: Record, gold: Record) -> bool:
    """As the set's own scorer says: the same cell, or ranges that share half of their union."""
    if found["kind"] != gold["kind"]:
        return False
    if gold["kind"] == "table":
        return (found["row"], found["column"]) == (gold["row"], gold["column"])
    shared = min(found["end"], gold["end"]) - max(found["start"], gold["start"])
    union = max(found["end"], gold["end"]) - min(found["start"], gold["start"])
    return found["paragraph"] == gold["paragraph"] and shared >= 0.5 * union > 0


if __name__ == "__main__":
    main()
