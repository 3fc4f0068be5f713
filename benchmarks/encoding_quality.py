"""Name the encoding of every file of a folder, for a scorer of labels.

python benchmarks/encoding_quality.py --data DIR --out FILE.csv

Columns: id (the file's name), label (Python's codec name).
"""

from __future__ import annotations

import argparse
import csv
import time
from pathlib import Path

from locus_dbt.parsers.declared_encoding import declared_in
from locus_dbt.parsers.encoding_guess import guess


def main() -> int:
    """Guess, write the CSV file, print a line of figures."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--data", "--docs", type=Path, required=True)
    arguments.add_argument("--out", type=Path, required=True)
    given = arguments.parse_args()
    paths = sorted(path for path in given.data.iterdir() if path.is_file())
    started, size = time.perf_counter(), 0
    with given.out.open("w", newline="", encoding="utf-8") as out:
        rows = csv.writer(out)
        rows.writerow(["id", "label"])
        for path in paths:
            data = path.read_bytes()
            size += len(data)
            rows.writerow([path.name, guess(data, declared=declared_in(data)).encoding])
    seconds = time.perf_counter() - started
    print(f"{len(paths)} files, {size / 1e6:.1f} MB, {seconds:.1f} s")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
