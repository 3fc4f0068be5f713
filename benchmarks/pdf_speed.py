"""Pages per second of our PDF parser against pdfplumber on the same pages, in one run.

    python benchmarks/pdf_speed.py [FOLDER]

Without a folder it makes its own set: reports with ruled and borderless tables and running text.
Both read text and tables of every page; the set is read twice by each, in turn, and the better round counts.
Prints JSON: pages, pages per second of both, the ratio, and how much faster two worker processes read the set
than one (time on the clock; both get the documents one by one from a queue, and the set is repeated to take a while).
"""

from __future__ import annotations

import hashlib
import io
import json
import multiprocessing
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pdfplumber
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from locus_dbt.errors import InputError
from locus_dbt.model.document import Document
from locus_dbt.parsers.pdf import parse

_LEAST_SECONDS = 2.0

_SENTENCE = "The quarterly figures were checked against the ledger and agree with it to the last cent. "


def make_document(seed: int) -> bytes:
    """A report of about four pages; ``seed`` varies its figures."""
    style = getSampleStyleSheet()["BodyText"]
    out = io.BytesIO()
    story: list[object] = []
    for part in range(4):
        rows = [["Item", "Quantity", "Price", "Net", "Tax"]] + [
            [f"Part {seed}-{part}-{k}", str(k * 3 + seed), f"{k * 1.25:.2f}", f"{k * 3.75:.2f}", "19 %"]
            for k in range(24)
        ]
        grid = [("GRID", (0, 0), (-1, -1), 0.5, colors.black)] if part % 2 else []
        story += [Paragraph(_SENTENCE * 12, style), Spacer(1, 8)]
        story += [Table(rows, style=TableStyle([("FONTSIZE", (0, 0), (-1, -1), 8), *grid])), Spacer(1, 8)]
        story += [Paragraph(_SENTENCE * 8, style)]
    SimpleDocTemplate(out, pagesize=A4, invariant=1).build(story)
    return out.getvalue()


def with_ours(data: bytes) -> int:
    """Number of pages read; 0 for a refused document."""
    document = Document("bench.pdf", "application/pdf", hashlib.sha256(data).hexdigest(), data, parse)
    try:
        parsed = document.parsed
    except InputError:
        return 0
    assert parsed.text is not None
    return len(parsed.pages)


def with_pdfplumber(data: bytes) -> int:
    """Number of pages read."""
    with pdfplumber.open(io.BytesIO(data)) as pdf:
        for page in pdf.pages:
            page.extract_text()
            page.extract_tables()
            page.close()
        return len(pdf.pages)


def seconds(read: Callable[[bytes], int], documents: list[bytes]) -> float:
    """Processor time for one reading of the whole set (both work in one thread)."""
    start = time.process_time()
    for data in documents:
        read(data)
    return time.process_time() - start


def timed(data: bytes) -> tuple[int, float]:
    """In a worker process: its id, and the processor time it took to read a document."""
    start = time.process_time()
    with_ours(data)
    return os.getpid(), time.process_time() - start


def two_processes(documents: list[bytes], once: float) -> tuple[float, float]:
    """How many times faster two processes read the set than one: on the clock, and by the processor time of the busier.

    The second leaves out what other programs take from the machine. ``once`` is about how long one reading takes.
    """
    work = documents * max(1, round(_LEAST_SECONDS / once))
    clock: dict[int, list[float]] = {1: [], 2: []}
    busy: dict[int, list[float]] = {1: [], 2: []}
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as one, context.Pool(2) as two:
        pools = {1: one, 2: two}
        for pool in pools.values():  # imports are no part of it
            pool.map(timed, documents[:4], chunksize=1)
        for _ in range(3):
            for n, pool in pools.items():
                start = time.perf_counter()
                by_process: dict[int, float] = {}
                for process, taken in pool.imap_unordered(timed, work, chunksize=1):
                    by_process[process] = by_process.get(process, 0.0) + taken
                clock[n].append(time.perf_counter() - start)
                busy[n].append(max(by_process.values()))
    return min(clock[1]) / min(clock[2]), min(busy[1]) / min(busy[2])


def main() -> None:
    """Measure and print."""
    if len(sys.argv) > 1:
        documents = [p.read_bytes() for p in sorted(Path(sys.argv[1]).glob("**/*.pdf"))]
    else:
        documents = [make_document(seed) for seed in range(8)]
    documents = [d for d in documents if with_ours(d)]
    pages = sum(with_ours(d) for d in documents)
    rounds = [(seconds(with_ours, documents), seconds(with_pdfplumber, documents)) for _ in range(2)]
    ours, theirs = min(r[0] for r in rounds), min(r[1] for r in rounds)
    clock, busy = two_processes(documents, ours)
    result = {
        "documents": len(documents),
        "pages": pages,
        "locus_pages_per_second": round(pages / ours, 1),
        "pdfplumber_pages_per_second": round(pages / theirs, 1),
        "ratio": round(theirs / ours, 2),
        "two_processes_ratio": round(clock, 2),
        "two_processes_cpu_ratio": round(busy, 2),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
