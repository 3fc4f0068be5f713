"""Claim: a second `dbt build` with nothing new adds at most 1 s to dbt's own time on 500 documents.

Two projects alike but for their one incremental model of 27 columns: plain SQL in one, the invoice-extractor over 500
PDFs in the other. Both are built once, then the second builds are timed in turn: the median of the differences of
seven pairs.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from reportlab.pdfgen.canvas import Canvas

import locus_dbt

DOCUMENTS = 500
PROFILE = """bench:
  target: dev
  outputs:
    dev: {type: duckdb, path: bench.duckdb, threads: 4%s}
"""
# As many rows and columns as the other model gives, so that the difference is ours and not that of a wider table.
PLAIN = f"""{{{{ config(materialized='incremental', unique_key='id') }}}}
select i as id, {", ".join(f"'x' || i as column_{n}" for n in range(26))} from range({DOCUMENTS}) t(i)
{{% if is_incremental() %}} where i > (select max(id) from {{{{ this }}}}) {{% endif %}}
"""
IMAGE = """{{ config(materialized='incremental', unique_key='_locus_row_id') }}
select * from {{ locus_dbt.image('invoice-extractor', files='documents/*.pdf') }}
"""


def make_documents(folder: Path) -> None:
    """500 small invoices."""
    folder.mkdir()
    for i in range(DOCUMENTS):
        page = Canvas(str(folder / f"invoice-{i:04}.pdf"), invariant=1)
        lines = ["Example Ltd", f"Invoice number: INV-{i:05}", "Invoice date: 2025-03-04", "Net total 100.00 EUR",
                 "VAT 20% 20.00 EUR", "Total amount 120.00 EUR"]  # fmt: skip
        for n, line in enumerate(lines):
            page.drawString(72, 780 - 24 * n, line)
        page.save()


def make_project(folder: Path, model: str, *, plugin: bool) -> None:
    """A dbt project with one model."""
    (folder / "models").mkdir(parents=True)
    (folder / "models" / "rows.sql").write_text(model)
    package = Path(locus_dbt.__file__).parent.parent
    head = "name: bench\nversion: '1.0'\nprofile: bench\nflags: {send_anonymous_usage_stats: false}\n"
    if plugin:
        (folder / "packages.yml").write_text(f"packages: [{{local: '{package}'}}]\n")
        head += "dispatch: [{macro_namespace: dbt, search_order: [bench, locus_dbt, dbt]}]\n"
        make_documents(folder / "documents")
    (folder / "dbt_project.yml").write_text(head)
    (folder / "profiles.yml").write_text(PROFILE % (", plugins: [{module: locus_dbt.dbt.plugin}]" if plugin else ""))
    if plugin:
        dbt(folder, "deps")
    dbt(folder, "build")


def dbt(folder: Path, command: str) -> float:
    """Wall seconds of one dbt command."""
    start = time.perf_counter()
    code = "import sys; from dbt.cli.main import cli; cli()"
    subprocess.run([sys.executable, "-c", code, "--quiet", command], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def main() -> None:
    """Measure and print one JSON object."""
    with tempfile.TemporaryDirectory() as root:
        plain, image = Path(root) / "plain", Path(root) / "image"
        make_project(plain, PLAIN, plugin=False)
        start = time.perf_counter()
        make_project(image, IMAGE, plugin=True)
        first = time.perf_counter() - start
        times = [(dbt(plain, "build"), dbt(image, "build")) for _ in range(7)]
    own, with_locus = (statistics.median(column) for column in zip(*times, strict=True))
    added = statistics.median(b - a for a, b in times)
    print(json.dumps({
        "claim": "second build, nothing new, 500 documents: seconds added", "dbt_alone_seconds": round(own, 2),
        "with_locus_seconds": round(with_locus, 2), "added_seconds": round(added, 2), "at_most": 1.0,
        "first_build_with_setup_seconds": round(first, 1),
    }))  # fmt: skip


if __name__ == "__main__":
    main()
