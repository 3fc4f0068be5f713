"""Name the language of every sentence of a CSV file (id, text), for a scorer of labels.

python benchmarks/language_quality.py --data sentences.csv --out FILE.csv

Columns: id, label (ISO 639-1). ``--data`` may be the folder of ``sentences.csv``.
"""

from __future__ import annotations

import argparse
import csv
import time
from pathlib import Path

from locus_dbt.images.language_detector_translator.identify import identify


def main() -> int:
    """Identify, write the CSV file, print a line of figures."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--data", "--docs", type=Path, required=True)
    arguments.add_argument("--out", type=Path, required=True)
    given = arguments.parse_args()
    source = given.data / "sentences.csv" if given.data.is_dir() else given.data
    with source.open(newline="", encoding="utf-8") as lines:
        sentences = list(csv.DictReader(lines))
    started = time.perf_counter()
    with given.out.open("w", newline="", encoding="utf-8") as out:
        rows = csv.writer(out)
        rows.writerow(["id", "label"])
        for sentence in sentences:
            found = identify(sentence["text"])
            rows.writerow([sentence["id"], found.code if found else ""])
    print(f"{len(sentences)} sentences, {time.perf_counter() - started:.1f} s")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
