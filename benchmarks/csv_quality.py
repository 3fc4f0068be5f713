"""Read every file of a folder as delimited text and write its cells in long form, for a scorer of grids.

python benchmarks/csv_quality.py --docs DIR --out FILE.parquet

Columns: filename, table_no, row_no, col_no, text. Stacked header rows are joined; a table without a header row gets
``col_0, col_1, ...`` as its first row, as the scorer's gold has it.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
import time
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from locus_dbt.errors import LocusError
from locus_dbt.model.document import Document
from locus_dbt.model.element import Table
from locus_dbt.parsers import delimited
from locus_dbt.parsers.grid import to_grid

FIELDS = ["filename", "table_no", "row_no", "col_no", "text"]


def main() -> int:
    """Parse, write the Parquet file, print a line of figures."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--docs", type=Path, required=True)
    arguments.add_argument("--out", type=Path, required=True)
    given = arguments.parse_args()
    columns: dict[str, list[Any]] = {name: [] for name in FIELDS}
    started, refused = time.perf_counter(), 0
    paths = sorted(path for path in given.docs.iterdir() if path.is_file())
    for path in paths:
        try:
            append(path, columns)
        except LocusError as error:
            refused += 1
            print(f"{path.name}: {error}", file=sys.stderr)
    pq.write_table(pa.table(columns), given.out)
    seconds = time.perf_counter() - started
    print(f"{len(paths)} documents, {refused} refused, {len(columns['text'])} cells, {seconds:.1f} s")
    return 0


def append(path: Path, columns: dict[str, list[Any]]) -> None:
    """All cells of one file; a file without any gets one blank cell, which says that it was read."""
    data = path.read_bytes()
    document = Document(path.name, "text/csv", hashlib.sha256(data).hexdigest(), data, delimited.parse)
    tables = document.parsed.tables
    for table in tables:
        for row, texts in enumerate(_rows(table)):
            for col, text in enumerate(texts):
                for name, value in zip(FIELDS, (path.name, table.number, row, col, text), strict=True):
                    columns[name].append(value)
    if not tables:
        for name, value in zip(FIELDS, (path.name, 0, 0, 0, ""), strict=True):
            columns[name].append(value)


def _rows(table: Table) -> list[list[str]]:
    """The header, its rows joined as the product names columns, then the body."""
    grid = to_grid(table)
    header = grid.header if len(grid.head) else [f"col_{col}" for col in range(table.n_cols)]
    return [header, *([grid.text(row, col) for col in range(table.n_cols)] for row in grid.body)]


if __name__ == "__main__":
    raise SystemExit(main())
