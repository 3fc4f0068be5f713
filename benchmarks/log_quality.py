"""Templates of log files, in the form that scorers of log parsing read.

    python benchmarks/log_quality.py --docs DIR --out FILE [--raw]

DIR holds ``<System>.content.csv`` (line_id, content: messages without headers) and, for ``--raw``, ``<System>.log``
(the lines as logged). Messages go through the image ``log-parser`` with header ``none``; with ``--raw`` whole lines do,
and the headers are learned. FILE is CSV: system, line_id, event_id, event_template. Prints lines per second.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from locus_dbt.core.builder import TableBuilder
from locus_dbt.core.grounding import ground
from locus_dbt.core.params import check_params
from locus_dbt.images.log_parser.image import extract
from locus_dbt.model.document import Document
from locus_dbt.model.element import Parsed
from locus_dbt.testing import load_image

_IMAGE = load_image(Path(sys.modules[extract.__module__].__file__ or "").parent)


def _unparsed(document: Document) -> Parsed:
    raise AssertionError(f"the image reads the bytes of {document.filename} itself")


def events(name: str, data: bytes, header: str) -> tuple[list[tuple[int, str, str]], float]:
    """``(line, event id, template)`` of each record, and the seconds it took, spans and grounding included."""
    params = check_params(_IMAGE.manifest, {"header": header})
    document = Document(name, "text/plain", hashlib.sha256(data).hexdigest(), data, _unparsed)
    table = TableBuilder({c.name: c.type for c in _IMAGE.manifest.emits.outputs["events"].columns})
    start = time.process_time()
    extract(document, params, table)
    ground(table, document)
    seconds = time.process_time() - start
    rows = table.rows_table()
    columns = (rows[column].to_pylist() for column in ("line_no", "event_id", "template"))
    return list(zip(*columns, strict=True)), seconds


def predictions(system: Path, *, raw: bool) -> Iterator[tuple[str, str, str, str]]:
    """The rows of one system; a line that joined the record above has that record's template."""
    name = system.name.removesuffix(".content.csv")
    with system.open(encoding="utf-8", newline="") as file:
        ids, contents = zip(*((row["line_id"], row["content"]) for row in csv.DictReader(file)), strict=True)
    if raw:
        data, header = system.with_name(f"{name}.log").read_bytes(), "auto"
    else:
        data, header = "\n".join(contents).encode(), "none"
    found, seconds = events(f"{name}.log", data, header)
    print(f"{name}: {len(found)} records, {len(ids) / seconds:.0f} lines/s", file=sys.stderr)
    by_line = _filled(found, len(ids))
    for line_id, (event_id, template) in zip(ids, by_line, strict=True):
        yield name, line_id, event_id, template


def _filled(found: Sequence[tuple[int, str, str]], n: int) -> list[tuple[str, str]]:
    out = [("", "")] * n
    for position, (line, event_id, template) in enumerate(found):
        stop = found[position + 1][0] - 1 if position + 1 < len(found) else n
        out[line - 1 : stop] = [(event_id, template)] * (stop - line + 1)
    return out


def main(argv: Sequence[str] | None = None) -> None:
    """Write the predictions of all systems of a folder."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--docs", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--raw", action="store_true")
    args = parser.parse_args(argv)
    with args.out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["system", "line_id", "event_id", "event_template"])
        for system in sorted(args.docs.glob("*.content.csv")):
            writer.writerows(predictions(system, raw=args.raw))


if __name__ == "__main__":
    main()
