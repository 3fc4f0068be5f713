"""A PDF of thousands of pages read in parts: memory, time to the first part, time in all, time for three pages.

    python benchmarks/large_pdf.py [PAGES]

Makes a PDF of 5,000 pages (or PAGES) with running heads, text and tables, some over two pages, in a temporary folder
and reads it in processes of their own. Prints JSON: pages, size of the file, peak memory of the whole reading process
(MB) beside that of a process that only imports the parser, seconds to the first part, seconds in all, and seconds for
``pages 10-12`` alone. Processes measure themselves with ``getrusage``; seconds are wall-clock unless named otherwise.
"""

from __future__ import annotations

import hashlib
import importlib
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

_SENTENCE = "The quarterly figures were checked against the ledger and agree with it to the last cent. "


def make(path: Path, pages: int) -> None:
    """Write the PDF: each page with a head, a page number, a paragraph and a part of a table."""
    from reportlab.lib.pagesizes import A4
    from reportlab.pdfgen.canvas import Canvas

    canvas = Canvas(str(path), pagesize=A4, invariant=1, pageCompression=1)
    height = A4[1]
    for page in range(1, pages + 1):
        canvas.setFont("Helvetica", 8)
        canvas.drawString(60, height - 30, "Ledger of the office, all quarters")
        canvas.drawCentredString(A4[0] / 2, 25, str(page))
        top = height - 70
        if page % 2:  # a table that begins on an odd page goes on with the next one
            canvas.setFont("Helvetica-Bold", 14)
            canvas.drawString(60, top, f"Section {page // 2 + 1}")
            canvas.setFont("Helvetica", 10)
            for line in range(18):
                canvas.drawString(60, top - 25 - 13 * line, _SENTENCE)
            top -= 280
        _table(canvas, top, page, rows=28)
        canvas.showPage()
    canvas.save()


def _table(canvas: object, top: float, page: int, *, rows: int) -> None:
    widths = (140, 70, 80, 80, 60)
    edges = [60 + sum(widths[:k]) for k in range(len(widths) + 1)]
    bottom = top - 14 * (rows + 1)
    canvas.setFont("Helvetica", 8)  # type: ignore[attr-defined]
    for row in range(rows + 1):
        y = top - 14 * row
        canvas.line(edges[0], y, edges[-1], y)  # type: ignore[attr-defined]
        values = (f"Part {page}-{row}", str(row * 3), f"{row * 1.25:.2f}", f"{row * 3.75:.2f}", "19 %")
        cells = ("Item", "Quantity", "Price", "Net", "Tax") if row == 0 else values
        for x, text in zip(edges, cells, strict=False):
            canvas.drawString(x + 3, y - 10, text)  # type: ignore[attr-defined]
    canvas.line(edges[0], bottom, edges[-1], bottom)  # type: ignore[attr-defined]
    for x in edges:
        canvas.line(x, top, x, bottom)  # type: ignore[attr-defined]


def read(path: Path, *, pages: str = "") -> None:
    """Read the file in parts, keep none of them, print what it took."""
    from locus_dbt.model.document import Document, ReadOptions
    from locus_dbt.parsers import parse, parts

    importlib.import_module("locus_dbt.parsers.pdf")  # not part of the time

    if pages == "none":
        print(json.dumps({"peak_mb": _peak()}))
        return
    first, _, last = pages.partition("-")
    options = ReadOptions(pages=((int(first), int(last)),)) if pages else ReadOptions()
    data = path.read_bytes()
    start = time.perf_counter()
    document = Document(path.name, "application/pdf", hashlib.sha256(data).hexdigest(), data, parse, options)
    first_part = 0.0
    n_pages = n_tables = 0
    for part in parts(document):
        first_part = first_part or time.perf_counter() - start
        n_pages += len(part.pages)
        n_tables += len(part.tables)
    took = {"pages": n_pages, "tables": n_tables, "first_part_s": first_part, "all_s": time.perf_counter() - start}
    took["cpu_s"] = time.process_time()
    print(json.dumps({**took, "peak_mb": _peak()}))


def _peak() -> float:
    """Peak resident memory of this process in MB (Linux counts in KB, macOS in bytes)."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024 * 1024 if sys.platform == "darwin" else 1024)


def _apart(path: Path, pages: str) -> dict[str, float]:
    done = subprocess.run([sys.executable, __file__, "--read", str(path), pages], check=True, capture_output=True)
    taken: dict[str, float] = json.loads(done.stdout)
    return taken


def main() -> None:
    """Make the file, measure, print."""
    if sys.argv[1:2] == ["--make"]:
        make(Path(sys.argv[2]), int(sys.argv[3]))
        return
    if sys.argv[1:2] == ["--read"]:
        read(Path(sys.argv[2]), pages=sys.argv[3])
        return
    pages = int(sys.argv[1]) if len(sys.argv) > 1 else 5000
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "large.pdf"
        # apart: a process begins with the peak of the one that started it
        subprocess.run([sys.executable, __file__, "--make", str(path), str(pages)], check=True)
        whole, three, nothing = _apart(path, ""), _apart(path, "10-12"), _apart(path, "none")
        result = {
            "pages": whole["pages"],
            "tables": whole["tables"],
            "file_mb": round(path.stat().st_size / 1e6, 1),
            "peak_mb": round(whole["peak_mb"]),
            "peak_mb_import_only": round(nothing["peak_mb"]),
            "seconds_to_first_part": round(whole["first_part_s"], 2),
            "seconds_in_all": round(whole["all_s"], 1),
            "processor_seconds_in_all": round(whole["cpu_s"], 1),
            "pages_per_second": round(whole["pages"] / whole["all_s"], 1),
            "seconds_for_pages_10_to_12": round(three["all_s"], 3),
        }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
