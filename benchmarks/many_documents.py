"""What 10,000 small documents cost beyond parsing them, and what one more costs in the next run.

    python benchmarks/many_documents.py [COUNT]

The documents are small CSV files, each different. The baseline parses and extracts all of them in this process, in one
thread; the measured run reads them through SQL with one worker process, into a store of its own. Prints JSON: seconds
of both, the overhead a document in milliseconds, the seconds of a second run with one new file and of one with nothing
new.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path

import duckdb

import locus_dbt
from locus_dbt.core.executor import Request
from locus_dbt.core.extraction import extract_document
from locus_dbt.core.plan import make_plan
from locus_dbt.core.registry import registry
from locus_dbt.core.runner import job_of
from locus_dbt.core.settings import load_settings

COUNT = 10_000


def make_documents(folder: Path, count: int) -> None:
    """``count`` CSV files of four rows."""
    folder.mkdir(parents=True)
    for i in range(count):
        rows = "".join(f"part {i}-{k},{k * 3 + i},{k * 1.25:.2f}\n" for k in range(4))
        (folder / f"{i:05}.csv").write_text(f"item,quantity,price\n{rows}")


def in_process(folder: Path) -> float:
    """Seconds for parsing and extracting every document here."""
    settings = load_settings({}, root=folder.parent)
    plan = make_plan(registry().image("doc-to-tables"), [f"{folder.name}/*.csv"], {}, settings=settings, max_files=1)
    job = job_of(plan, settings)
    start = time.perf_counter()
    for path in sorted(folder.iterdir()):
        outcome = extract_document(job, Request(path.name, path.name, str(path), ""))
        assert outcome.rows
    return time.perf_counter() - start


def through_sql(root: Path, store: Path) -> float:
    """Seconds for all rows of all documents in a table, from a fresh session."""
    connection = duckdb.connect()
    start = time.perf_counter()
    locus_dbt.attach(connection, root, store=str(store), workers=1)
    connection.execute("CREATE TABLE cells AS FROM locus_doc_to_tables('documents/*.csv')")
    seconds = time.perf_counter() - start
    connection.close()
    return seconds


def main() -> None:
    """Measure and print."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else COUNT
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        make_documents(root / "documents", count)
        time.sleep(2.5)  # a file younger than the file system's clock tick is hashed again by design
        parsing = in_process(root / "documents")
        whole = through_sql(root, root / "store")
        (root / "documents" / "one-more.csv").write_text("item,quantity\nnut,1\n")
        one_more = through_sql(root, root / "store")
        nothing_new = through_sql(root, root / "store")
    result = {
        "documents": count,
        "parsing_seconds": round(parsing, 2),
        "run_seconds": round(whole, 2),
        "overhead_ms_a_document": round(1000 * (whole - parsing) / count, 3),
        "one_new_file_seconds": round(one_more, 2),
        "nothing_new_seconds": round(nothing_new, 2),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
