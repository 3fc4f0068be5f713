"""Every workbook of a folder through spreadsheet-normalizer, as one grid a sheet, for a scorer of grids.

    python benchmarks/sheet_quality.py --docs DIR --out FILE.csv

FILE gets filename, table_no (number of the sheet from 0), row_no, col_no and text: what each cell displays.
A workbook that cannot be read is named on standard error and has no rows.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import sys
from collections.abc import Iterator
from pathlib import Path

from locus_dbt.core.builder import TableBuilder
from locus_dbt.core.manifest_file import read_manifest
from locus_dbt.errors import InputError
from locus_dbt.images import spreadsheet_normalizer
from locus_dbt.images.spreadsheet_normalizer import image
from locus_dbt.model.document import Document
from locus_dbt.parsers import parse
from locus_dbt.parsers.detect import media_type

COLUMNS = ("filename", "table_no", "row_no", "col_no", "text")


def cells(path: Path, columns: dict[str, str]) -> Iterator[tuple[str, int, int, int, str]]:
    """The displayed cells of one workbook."""
    data = path.read_bytes()
    document = Document(path.name, media_type(data, path.name), hashlib.sha256(data).hexdigest(), data, parse)
    table = TableBuilder(columns)
    image.extract(document, {"shape": "sheets", "sheet": None, "hidden": True}, table)
    for row in table.rows_table().to_pylist():
        if row["text"] is not None:
            yield path.name, row["sheet_no"], row["row_no"], row["col_no"], row["text"]


def main() -> None:
    """Read and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--docs", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    manifest = read_manifest(Path(str(spreadsheet_normalizer.__file__)).with_name("manifest.yaml"))
    columns = {column.name: column.type for column in manifest.emits.outputs["sheets"].columns}
    with args.out.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow(COLUMNS)
        for path in sorted(p for p in args.docs.iterdir() if p.is_file()):
            try:
                writer.writerows(cells(path, columns))
            except InputError as error:
                print(f"{path.name}: {error}", file=sys.stderr)


if __name__ == "__main__":
    main()
