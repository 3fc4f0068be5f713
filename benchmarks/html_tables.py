"""Tables of saved web pages as grids, for a scorer that compares them with grids made by hand.

    python benchmarks/html_tables.py --docs DIR --out FILE

Reads every ``*.html`` of DIR through the product and writes a CSV with the columns filename, table_no, row_no, col_no,
text: the tidy form that the image ``web-to-table`` gives, with stacked header texts joined by a line break.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import sys
from collections.abc import Iterator
from pathlib import Path

from locus_dbt.errors import InputError
from locus_dbt.model.document import Document
from locus_dbt.parsers.html import parse
from locus_dbt.parsers.tidy import tidy

Row = tuple[str, int, int, int, str]


def grids(path: Path) -> Iterator[Row]:
    """The filled slots of every table of one page."""
    data = path.read_bytes()
    document = Document(path.name, "text/html", hashlib.sha256(data).hexdigest(), data, parse)
    for table in document.parsed.tables:
        grid = tidy(table)
        for number, texts in enumerate([grid.header(), *([grid.text(cell) for cell in row] for row in grid.rows)]):
            for col, text in enumerate(texts):
                yield path.name, table.number, number, col, text


def main() -> None:
    """Write the predictions."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--docs", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    with given.out.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(("filename", "table_no", "row_no", "col_no", "text"))
        for path in sorted(given.docs.glob("*.htm*")):
            try:
                writer.writerows(grids(path))
            except InputError as error:
                print(f"{path.name}: {error}", file=sys.stderr)


if __name__ == "__main__":
    main()
