"""Claim: 10,000,000 cells cost at most 6 bytes each for place and score, are written in 5 s, and one is read in 2 ms.

The spans are those that `doc-to-tables` reads in a folder of PDFs. They are repeated until there are enough cells, with
other digits and on later pages each time, as documents of some 50,000 cells. They are written by the statements that a
build runs, from results in the store to the end of the checkpoint.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

import locus_dbt
from locus_dbt.core.plan import Plan, Task, make_plan
from locus_dbt.core.registry import registry
from locus_dbt.core.row_ids import row_id, row_prefix
from locus_dbt.core.settings import load_settings
from locus_dbt.core.span_layout import pack, packed_bytes
from locus_dbt.engine.binder import BoundExtract
from locus_dbt.engine.lineage_sql import LineageWriter
from locus_dbt.engine.tables import create_lineage_tables
from locus_dbt.lineage.derivation import Derivation, Origin

IMAGE = "doc-to-tables"
CELLS_OF_A_DOCUMENT = 50_000
LOOKUPS = 300


def real_spans(folder: Path, session: Any) -> tuple[Plan, pa.Table]:
    """The plan over the PDFs below a folder, and their spans one after the other, as of one long document."""
    settings = load_settings({}, root=folder)
    plan = make_plan(registry().image(IMAGE), ["**/*.pdf"], {"shape": "wide"}, settings=settings)
    tables = [t for r in session.run(plan) if (t := r.table("spans")) is not None and t.num_rows]
    if not tables:
        raise SystemExit(f"no table in the PDFs of {folder}")
    return plan, joined(tables)


def joined(tables: list[pa.Table]) -> pa.Table:
    """Spans of documents as those of one: rows and pages go on."""
    out, row, page = [], 0, 0
    for table in tables:
        moved = table.set_column(0, "ordinal", pa.array(table["ordinal"].to_numpy() + row))
        at = moved.schema.get_field_index("page")
        out.append(moved.set_column(at, "page", pc.add(moved["page"], page).cast(pa.int32())))
        row, page = int(pc.max(moved["ordinal"]).as_py()) + 1, page + int(pc.max(table["page"]).as_py() or 0)
    return pa.concat_tables(out).combine_chunks()


def other_digits(table: pa.Table, turn: int) -> pa.Table:
    """The same spans with other digits, so that no dictionary of texts profits from the repetition."""
    rng = np.random.default_rng(turn)
    for name in ("text", "value"):
        values = np.frombuffer(b"".join(t.encode() + b"\0" for t in table[name].to_pylist()), np.uint8).copy()
        digits = (values >= ord("0")) & (values <= ord("9"))
        if name == "text":
            drawn = rng.integers(ord("1"), ord("9") + 1, digits.sum(), np.uint8)
        values[digits] = drawn[: digits.sum()]
        texts = values.tobytes().decode().split("\0")[:-1]
        table = table.set_column(table.schema.get_field_index(name), name, pa.array(texts, pa.string()))
    return table


def documents(spans: pa.Table, cells: int) -> Iterator[pa.Table]:
    """Long documents made of the spans until there are enough cells."""
    turn = 0
    for _ in range(-(-cells // CELLS_OF_A_DOCUMENT)):
        parts = []
        while sum(p.num_rows for p in parts) < CELLS_OF_A_DOCUMENT:
            parts.append(other_digits(spans, turn))
            turn += 1
        yield joined(parts)


def stored_tasks(session: Any, plan: Plan, spans: pa.Table, cells: int, *, texts: bool) -> tuple[Plan, int]:
    """The plan of the long documents, their results being in the store."""
    tasks, count = [], 0
    for number, table in enumerate(documents(spans, cells)):
        if not texts:
            nothing = pa.nulls(table.num_rows, pa.string())
            for name in ("text", "value"):
                table = table.set_column(table.schema.get_field_index(name), name, nothing)  # noqa: PLW2901
        count += table.num_rows
        sink = io.BytesIO()
        with pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table)
        digest = hashlib.sha256(f"{number} {texts}".encode()).hexdigest()
        store = session.runner.store
        held = store.put(sink.getvalue())
        record = {"key": digest, "sha256": digest, "rejects": [], "facts": {"rows": 1}, "rows": held, "spans": held}
        record["packed"] = store.put(packed_bytes(pack([table])))
        store.put_record("results", digest, record)
        prefix = row_prefix(digest, plan.image.digest, "{}")
        tasks.append(Task(f"{number}.pdf", f"{number}.pdf", digest, 1, prefix, digest))
    return Plan(plan.image, plan.output_name, plan.output, plan.params, tuple(tasks)), count


def write(connection: duckdb.DuckDBPyConnection, session: Any, plan: Plan, columns: list[str]) -> float:
    """Seconds for the statements that store the lineage of a build, commit and checkpoint included."""
    writer = LineageWriter("main.m", run_id="run")
    writer.start(rows_by="leaf", incremental=False)
    writer.columns({name: Derivation(frozenset([Origin(f"image:{IMAGE}", name)])) for name in columns})
    writer.extract(BoundExtract(plan, session.keep(plan), plan.tasks, "", {}))
    started = time.perf_counter()
    connection.execute("BEGIN")
    connection.execute(writer.script())
    connection.execute("COMMIT")
    connection.execute("CHECKPOINT")
    return time.perf_counter() - started


def measured(folder: Path, cells: int, *, texts: bool) -> dict[str, float]:
    """Bytes a cell, seconds to write, and milliseconds to find one."""
    with tempfile.TemporaryDirectory() as place:
        file = Path(place) / "store.duckdb"
        with duckdb.connect(str(file)) as connection:
            session = locus_dbt.attach(connection, root=folder, store=str(Path(place) / ".locus"))
            plan, spans = real_spans(folder, session)
            plan, count = stored_tasks(session, plan, spans, cells, texts=texts)
            connection.execute("CHECKPOINT")
            before = file.stat().st_size
            create_lineage_tables(connection)
            seconds = write(connection, session, plan, sorted(set(spans["column_name"].to_pylist())))
            found = lookups(connection)
        return {"cells": count, "bytes": (file.stat().st_size - before) / count, "seconds": seconds, **found}


#: A cell's stored form by its key; its place, text and score by row id and column; the same through every view.
_QUESTIONS = {
    "stored_cell_ms": 'SELECT shape, cells FROM locus.reading_rows WHERE reading = $1 AND "row" = $2',
    "place_ms": (
        "SELECT c.cell.page, c.cell.x, c.cell.y, c.cell.text, v.faithfulness FROM (SELECT p.reading, "
        "unnest(string_split(p.shape, chr(31))) AS name, unnest(p.cells) AS cell FROM locus.reading_rows AS p "
        "WHERE p.reading = (SELECT max(reading) FROM locus.readings WHERE prefix = left($1, 26)) "
        "AND p.\"row\" = CAST('0x' || right($1, 10) AS BIGINT)) AS c JOIN locus.reading_verdicts AS v "
        "ON v.reading = c.reading AND v.verdict = c.cell.verdict WHERE c.name = $2"
    ),
    "trace_ms": "SELECT document, page, x0, y0, x1, y1, faithfulness FROM locus_trace('m', $1, $2)",
}


def lookups(connection: duckdb.DuckDBPyConnection) -> dict[str, float]:
    """Milliseconds (median) for one cell, of rows all over the store."""
    rng = np.random.default_rng(7)
    sample = connection.execute(
        'SELECT k.prefix, p.reading, p."row", p.shape FROM locus.reading_rows AS p JOIN locus.readings AS k '
        f"ON k.reading = p.reading USING SAMPLE {LOOKUPS} ROWS (reservoir, 7)"
    ).fetchall()
    times: dict[str, list[float]] = {name: [] for name in _QUESTIONS}
    for prefix, reading, row, shape in sample:
        names = shape.split("\x1f")
        by_id = [row_id(prefix, row), names[int(rng.integers(len(names)))]]
        for name, question in _QUESTIONS.items():
            key = [reading, row] if name == "stored_cell_ms" else by_id
            started = time.perf_counter()
            rows = connection.execute(question, key).fetchall()
            times[name].append((time.perf_counter() - started) * 1000)
            assert len(rows) == 1, (name, key, rows)
    return {name: statistics.median(taken) for name, taken in times.items()}


def main() -> None:
    """Measure and print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="a folder of PDFs with tables")
    parser.add_argument("--cells", type=int, default=10_000_000)
    args = parser.parse_args()
    places = measured(args.folder, args.cells, texts=False)
    whole = measured(args.folder, args.cells, texts=True)
    print(json.dumps({
        "claim": "stored provenance of a cell", "cells": whole["cells"],
        "bytes_place_and_score": round(places["bytes"], 2), "at_most": 6,
        "bytes_with_printed_text": round(whole["bytes"], 2),
        "write_seconds_place_and_score": round(places["seconds"], 2), "write_seconds": round(whole["seconds"], 2),
        **{name: round(whole[name], 2) for name in _QUESTIONS},
    }))  # fmt: skip


if __name__ == "__main__":
    main()
