"""Run the invoice-extractor over a folder of PDFs and write its findings in long form, for a scorer.

python benchmarks/invoice_fields.py --docs DIR --out FILE.parquet [--attachments]

Columns: filename, field, value, page, x0, y0, x1, y1, confidence, grounding. A line item's field is
``lines[i].column``. Pieces are given by their printed word: ``Stk`` is H87 to some and C62 to others,
and the scorer takes a code or its usual word.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import sys
import time
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from locus_dbt.core.builder import TableBuilder
from locus_dbt.errors import LocusError
from locus_dbt.images.invoice_extractor import image
from locus_dbt.model.document import Document
from locus_dbt.model.manifest import Manifest
from locus_dbt.parsers import parse

MANIFEST = Path(image.__file__).with_name("manifest.yaml")
FIELDS = ["filename", "field", "value", "page", "x0", "y0", "x1", "y1", "confidence", "grounding"]


def main() -> int:
    """Extract, write the Parquet file, print a line of figures."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--docs", type=Path, required=True)
    arguments.add_argument("--out", type=Path, required=True)
    arguments.add_argument("--attachments", action="store_true", help="read e-invoice XML inside the PDFs")
    given = arguments.parse_args()
    manifest = Manifest.model_validate(yaml.safe_load(MANIFEST.read_text("utf-8")))
    rows: list[dict[str, Any]] = []
    started, refused = time.perf_counter(), 0
    paths = sorted(given.docs.glob("*.pdf"))
    for path in paths:
        try:
            rows += findings(path, manifest, attachments=given.attachments)
        except LocusError as error:
            refused += 1
            print(f"{path.name}: {error}", file=sys.stderr)
    pq.write_table(pa.table({name: [r[name] for r in rows] for name in FIELDS}), given.out)
    seconds = time.perf_counter() - started
    print(f"{len(paths)} documents, {refused} refused, {len(rows)} values, {seconds:.1f} s")
    return 0


def findings(path: Path, manifest: Manifest, *, attachments: bool) -> list[dict[str, Any]]:
    """All values of one document in long form."""
    data = path.read_bytes()
    document = Document(path.name, "application/pdf", hashlib.sha256(data).hexdigest(), data, parse)
    out: list[dict[str, Any]] = []
    for grain, output in manifest.emits.outputs.items():
        table = TableBuilder({c.name: c.type for c in output.columns})
        image.extract(document, {"grain": grain, "use_attachments": attachments}, table)
        for span in table.spans_table().to_pylist():
            if grain == "lines" and span["column_name"] == "invoice_number":
                continue
            out.append(_long(path.name, grain, span))
    return out


def _long(filename: str, grain: str, span: dict[str, Any]) -> dict[str, Any]:
    name = span["column_name"]
    printed = name == "unit_code" and span["x0"] is not None and span["text"].lower().startswith(("st", "pcs", "piece"))
    return {
        **{k: span[k] for k in ("page", "x0", "y0", "x1", "y1", "confidence", "grounding")},
        "filename": filename,
        "field": name if grain == "invoices" else f"lines[{span['ordinal']}].{name}",
        "value": re.sub(r"[^\w²³]+$", "", span["text"]) if printed else span["value"],
    }


if __name__ == "__main__":
    raise SystemExit(main())
