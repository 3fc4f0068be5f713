"""Pages per second of our PDF parser against pdfplumber on the same pages, in one run.

    python benchmarks/pdf_speed.py [FOLDER]

Without a folder it makes its own set: reports with ruled and borderless tables and running text.
Both read text and tables of every page; the set is read twice by each and the better round counts.
Prints JSON: pages, pages per second of both, and the ratio.
"""

from __future__ import annotations

import hashlib
import io
import json
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


def main() -> None:
    """Measure and print."""
    if len(sys.argv) > 1:
        documents = [p.read_bytes() for p in sorted(Path(sys.argv[1]).glob("**/*.pdf"))]
    else:
        documents = [make_document(seed) for seed in range(8)]
    documents = [d for d in documents if with_ours(d)]
    pages = sum(with_ours(d) for d in documents)
    ours = min(seconds(with_ours, documents) for _ in range(2))
    theirs = min(seconds(with_pdfplumber, documents) for _ in range(2))
    result = {
        "documents": len(documents),
        "pages": pages,
        "locus_pages_per_second": round(pages / ours, 1),
        "pdfplumber_pages_per_second": round(pages / theirs, 1),
        "ratio": round(theirs / ours, 2),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
