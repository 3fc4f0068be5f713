"""Read the tables of a folder of PDFs and write their cells in long form, for a scorer.

python benchmarks/pdf_tables.py --docs DIR --out FILE.csv|FILE.parquet

Columns: filename, page (from 1), table_no, row_no, col_no (from 0), row_span, col_span, text, x0, y0, x1, y1 (points,
origin top left). A table over several pages keeps its number and its rows on all of them. A document that is refused
is named on the error output and gives no rows. Prints a line of figures.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
import time
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from locus_dbt.errors import LocusError
from locus_dbt.model.document import Document
from locus_dbt.model.element import Table
from locus_dbt.parsers import parse

SCHEMA = pa.schema(
    [
        ("filename", pa.string()),
        *((name, pa.int64()) for name in ("page", "table_no", "row_no", "col_no", "row_span", "col_span")),
        ("text", pa.string()),
        *((name, pa.float64()) for name in ("x0", "y0", "x1", "y1")),
    ]
)


def main() -> int:
    """Read, write the file, print what was read."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--docs", type=Path, required=True)
    arguments.add_argument("--out", type=Path, required=True)
    given = arguments.parse_args()
    rows: list[dict[str, Any]] = []
    started, refused, tables = time.perf_counter(), 0, 0
    paths = sorted(given.docs.glob("**/*.pdf"))
    for path in paths:
        data = path.read_bytes()
        document = Document(path.name, "application/pdf", hashlib.sha256(data).hexdigest(), data, parse)
        try:
            found = document.parsed.tables
        except LocusError as error:
            refused += 1
            print(f"{path.name}: {error}", file=sys.stderr)
            continue
        tables += len(found)
        rows += [cell for table in found for cell in cells(path.name, table)]
    written = pa.Table.from_pylist(rows, schema=SCHEMA)
    if given.out.suffix == ".csv":
        pyarrow.csv.write_csv(written, given.out)
    else:
        pyarrow.parquet.write_table(written, given.out)
    seconds = time.perf_counter() - started
    print(f"{len(paths)} documents, {refused} refused, {tables} tables, {len(rows)} cells, {seconds:.1f} s")
    return 0


def cells(filename: str, table: Table) -> list[dict[str, Any]]:
    """The cells of one table in long form."""
    out = []
    for i, text in enumerate(table.text):
        x0, y0, x1, y1 = (float(v) for v in table.box[i])
        out.append(
            {
                "filename": filename,
                "page": int(table.page[i]),
                "table_no": table.number,
                "row_no": int(table.row[i]),
                "col_no": int(table.col[i]),
                "row_span": int(table.row_span[i]),
                "col_span": int(table.col_span[i]),
                "text": text,
                "x0": x0,
                "y0": y0,
                "x1": x1,
                "y1": y1,
            }
        )
    return out


if __name__ == "__main__":
    raise SystemExit(main())
