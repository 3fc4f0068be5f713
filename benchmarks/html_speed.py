"""Time of our HTML parser against pandas.read_html on the same pages, in turn, in one run.

    python benchmarks/html_speed.py [FOLDER]

Without a folder it makes its own pages: tables with links, spans and footnotes between headings and paragraphs. Ours
reads blocks, tables, spans and addresses of every cell; pandas reads tables. Each reads the set three times, in turn,
and the best round counts. Prints JSON: pages, processor seconds of both, and how many times faster ours is.
"""

from __future__ import annotations

import hashlib
import io
import json
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from locus_dbt.errors import InputError
from locus_dbt.model.document import Document
from locus_dbt.parsers.html import parse


def make_page(seed: int) -> bytes:
    """A page of three tables; ``seed`` varies its size and figures."""
    parts = [f"<!doctype html><html><head><title>Report {seed}</title></head><body><nav><a href='/'>Home</a></nav>"]
    for number in range(3):
        parts.append(f"<h2>Part {number}</h2><p>Figures of <b>week {seed}</b>, as reported.</p><table>")
        parts.append("<tr><th rowspan=2>Item<th colspan=2>Price<th rowspan=2>Note<tr><th>Net<th>Tax")
        for row in range(20 + seed % 40):
            note = f"<a href='/n/{row}'>note {row}</a><sup class=reference><a href='#r1'>[1]</a></sup>"
            parts.append(f"<tr><td>Part {row}<td>{row * 1.25:.2f}<td>{row * 0.19:.2f}<td>{note if row % 3 else ''}")
        parts.append("</table>")
    return "".join([*parts, "</body></html>"]).encode()


def with_ours(data: bytes) -> int:
    """Number of tables."""
    document = Document("bench.html", "text/html", hashlib.sha256(data).hexdigest(), data, parse)
    try:
        return len(document.parsed.tables)
    except InputError:
        return 0


def with_pandas(data: bytes) -> int:
    """Number of tables."""
    try:
        return len(pd.read_html(io.BytesIO(data), flavor="lxml", encoding="utf-8"))
    except (ValueError, IndexError):  # pandas' words for no table, and for spans it cannot lay out
        return 0


def seconds(read: Callable[[bytes], int], pages: list[bytes]) -> float:
    """Processor time for one reading of the whole set."""
    start = time.process_time()
    for data in pages:
        read(data)
    return time.process_time() - start


def main() -> None:
    """Print the figures."""
    warnings.simplefilter("ignore")
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    pages = [p.read_bytes() for p in sorted(folder.glob("*.htm*"))] if folder else [make_page(n) for n in range(60)]
    rounds = [(seconds(with_ours, pages), seconds(with_pandas, pages)) for _ in range(3)]
    ours, theirs = min(a for a, _ in rounds), min(b for _, b in rounds)
    figures = {
        "pages": len(pages),
        "ours_s": round(ours, 3),
        "pandas_s": round(theirs, 3),
        "ratio": round(theirs / ours, 2),
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
