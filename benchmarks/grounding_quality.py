"""Does the faithfulness score tell right cells from wrong ones? Three steps, each on its own.

python benchmarks/grounding_quality.py cells --docs DIR --out DIR [--limit N]
python benchmarks/grounding_quality.py cells --grids FILE.jsonl --out DIR [--limit N]
    Writes ``cells.jsonl`` and ``documents.jsonl``: what the product reads of a folder of PDFs, web pages and the like
    (tables by doc-to-tables, invoices by invoice-extractor as well), or of grids that are given as JSON lines
    ``{id, table: [[text]]}``. A maker of corruptions turns them into ``*.variants.jsonl``.
python benchmarks/grounding_quality.py score --data DIR --out FILE.jsonl
    Scores each ``{id, document, value, cited}`` of every ``*variants.jsonl`` in DIR; ``*documents.jsonl`` beside it
    tell how a document writes numbers and dates. A line of the output is ``{id, score}``.
python benchmarks/grounding_quality.py speed [--rows N]
    Nanoseconds a cell on equal cells and on the time stamps of a log; run it on two versions, in turn.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib
import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

import locus_dbt.images
from locus_dbt.core import values
from locus_dbt.core.builder import TableBuilder
from locus_dbt.core.grounding import Context, compare
from locus_dbt.core.manifest_file import read_manifest
from locus_dbt.core.params import check_params, select_output
from locus_dbt.errors import LocusError
from locus_dbt.model.document import Document
from locus_dbt.parsers import parse
from locus_dbt.parsers.detect import media_type

IMAGES = Path(locus_dbt.images.__file__).parent
INVOICES = [("invoice-extractor", {"grain": "invoices"}), ("invoice-extractor", {"grain": "lines"})]


def main() -> int:
    """Run one step."""
    given = _arguments()
    steps: dict[str, Callable[[argparse.Namespace], None]] = {"cells": write_cells, "score": write_scores}
    if given.step == "speed":
        print(json.dumps({"ns_per_cell": speed(given.rows)}, indent=1))
    else:
        steps[given.step](given)
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("step", choices=["cells", "score", "speed"])
    parser.add_argument("--docs", type=Path)
    parser.add_argument("--grids", type=Path)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--limit", type=int, default=10_000)
    parser.add_argument("--rows", type=int, default=1_000_000)
    return parser.parse_args()


# ---------------------------------------------------------------- documents to tables of spans
def read(path: Path) -> Document:
    """A file as the engine would make a document of it."""
    data = path.read_bytes()
    return Document(path.name, media_type(data, path.name), hashlib.sha256(data).hexdigest(), data, parse)


def extract(image: str, document: Document, params: dict[str, Any]) -> TableBuilder:
    """The table that an image makes of the document."""
    folder = IMAGES / image.replace("-", "_")
    manifest = read_manifest(folder / "manifest.yaml")
    checked = check_params(manifest, params)
    _, output = select_output(manifest, checked)
    table = TableBuilder({column.name: column.type for column in output.columns})
    importlib.import_module(f"locus_dbt.images.{folder.name}.image").extract(document, checked, table)
    return table


def documents(folder: Path, limit: int) -> Iterator[tuple[Path, Document]]:
    """The readable documents of a folder, in the order of their names."""
    for path in sorted(p for p in folder.iterdir() if p.is_file())[:limit]:
        document = read(path)
        try:
            _ = document.parsed
        except LocusError as error:
            print(f"{path.name}: {error}", file=sys.stderr)
            continue
        yield path, document


# ---------------------------------------------------------------- cells and scores
def write_cells(given: argparse.Namespace) -> None:
    """``cells.jsonl`` and ``documents.jsonl`` for a maker of corruptions."""
    given.out.mkdir(parents=True, exist_ok=True)
    source = _of_grids(given.grids, given.limit) if given.grids else _of_documents(given.docs, given.limit)
    cells, texts = [], []
    for name, text, found in source:
        texts.append({"id": name, "text": text})
        cells += [{"id": f"{name}-{row}-{column}", "document": name, "row": row, "column": column, "value": value,
                   "cited": cited} for row, column, value, cited in found]  # fmt: skip
    _write(given.out / "cells.jsonl", cells)
    _write(given.out / "documents.jsonl", texts)
    print(f"{len(texts)} documents, {len(cells)} cells")


Found = list[tuple[int, int, str, str]]


def _of_grids(path: Path, limit: int) -> Iterator[tuple[str, str, Found]]:
    for line in path.read_text("utf-8").splitlines()[:limit]:
        one = json.loads(line)
        text = "\n".join(" | ".join(row) for row in one["table"])
        found = [(r, c, t, t) for r, row in enumerate(one["table"]) for c, t in enumerate(row) if t.strip()]
        yield one["id"], text, found


def _of_documents(folder: Path, limit: int) -> Iterator[tuple[str, str, Found]]:
    for path, document in documents(folder, limit):
        text = "\n".join([document.parsed.text, *(t for table in document.parsed.tables for t in table.text)])
        if path.suffix == ".pdf":
            for image, params in INVOICES:
                try:
                    table = extract(image, document, params)
                except LocusError:
                    continue
                yield f"{path.stem}:{params['grain']}", text, _typed_cells(table)
        yield path.stem, text, _table_cells(extract("doc-to-tables", document, {"shape": "cells"}))


def _typed_cells(table: TableBuilder) -> Found:
    """What is compared with its print; not what the image states by a rule of its own (380 for 'Rechnung')."""
    at = {name: i for i, name in enumerate(table.columns)}
    spans = [s for s in table.spans_table().to_pylist() if s["text"] and s["value"] and s["grounding"] is None]
    return [(s["ordinal"], at[s["column_name"]], s["value"], s["text"]) for s in spans if _plain_digits(s["text"])]


def _table_cells(table: TableBuilder) -> Found:
    rows = [r for r in table.rows_table().to_pylist() if r["text"] and _plain_digits(r["text"])]
    return [(100_000 * r["table_no"] + r["row_no"], r["col_no"], r["text"], r["text"]) for r in rows]


def _plain_digits(text: str) -> bool:
    """No raised digits or the like, which makers of corruptions take for numbers and fail on."""
    return not any(c.isdigit() and not c.isdecimal() for c in text)


def write_scores(given: argparse.Namespace) -> None:
    """The score of every variant, in the light of how its document writes numbers and dates."""
    out = []
    for path in sorted(given.data.glob("*variants.jsonl")):
        beside = path.with_name(path.name.replace("variants", "documents"))
        contexts = {d["id"]: _context(d["text"]) for d in _lines(beside)} if beside.exists() else {}
        for one in _lines(path):
            verdict = compare(one["value"], one["cited"], context=contexts.get(one["document"]))
            out.append({"id": one["id"], "score": round(verdict.faithfulness, 4)})
    _write(given.out, out)
    print(f"{len(out)} scores")


def _context(text: str) -> Context:
    pieces = [piece for line in text.split("\n") for piece in line.split(" | ")]
    return Context(date_order=values.date_order(pieces), number_style=values.number_style(pieces))


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        yield from (json.loads(line) for line in file if line.strip())


def _write(path: Path, rows: list[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")


# ---------------------------------------------------------------- speed
def speed(rows: int) -> dict[str, float]:
    """Nanoseconds a cell: equal cells, numbers in another notation, and time stamps of a log with the image's rule."""
    from locus_dbt.core.grounding import ground_spans

    n = rows // 10
    table = TableBuilder(dict.fromkeys("abcdefgh", "VARCHAR"))
    lines = [f"line {i}" for i in range(rows // 8)]
    table.extend(
        {c: [f"{c}{i % 997}" for i in range(rows // 8)] for c in "abcdefgh"},
        located=dict.fromkeys("abcdefgh", (None, None, lines)),
    )
    numbers = [f"{i % 5003}.{i % 100:02d}" for i in range(n)]
    moments = [time.gmtime(1_700_000_000 + i) for i in range(n)]
    cases = {
        "equal": table.spans_table(),
        "numbers": _spans("amount", numbers, [v.replace(".", ",") for v in numbers], None),
        "time_stamps": _spans(
            "logged_at",
            [time.strftime("%Y-%m-%d %H:%M:%S", m) for m in moments],
            [time.strftime("%b %d %H:%M:%S", m) for m in moments],
            "read as a time",
        ),
    }
    out = {}
    for name, spans in cases.items():
        started = time.process_time()
        ground_spans(spans, ())
        out[name] = round((time.process_time() - started) / spans.num_rows * 1e9)
    return out


def _spans(column: str, value: list[str], text: list[str], rule: str | None) -> pa.Table:
    table = TableBuilder({column: "VARCHAR"})
    places = [f"line {i}" for i in range(len(value))]
    rules = {column: rule} if rule else None
    table.extend({column: value}, located={column: (None, None, places)}, texts={column: text}, rules=rules)
    return table.spans_table()


if __name__ == "__main__":
    raise SystemExit(main())
