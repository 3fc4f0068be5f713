"""Cells that the product reads of a set with gold, each with what it says of itself and whether it is right.

    python benchmarks/calibration_cells.py --set zugferd=DIR --set wikitables=DIR … --out FILE.parquet [--limit N]

DIR holds ``docs`` (``docs_noxml`` for the invoices' pages, ``data`` for mail and statements) and ``gold``. A cell that
the gold does not speak of is left out. Columns: dataset, image (and output), document, column_name, own (the image's
own confidence), grounding, faithfulness, held, failed (cross-checks), addressed, right. No text and no value: the file
can be kept.
"""

from __future__ import annotations

import argparse
import csv
import json
import re
import sys
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from rapidfuzz import fuzz

from locus_dbt.core.executor import Job, Request
from locus_dbt.core.extraction import extract_document
from locus_dbt.core.params import check_params, select_output
from locus_dbt.core.registry import registry

Span = dict[str, Any]
Judged = Iterator[tuple[Span, bool]]

#: Columns of names, compared with some tolerance for how they are written.
_NAMES = frozenset({"seller_name", "buyer_name", "seller_city", "buyer_city", "description"})


_MARK = re.compile(r"\[[^\]]{1,12}\]")


@dataclass(frozen=True)
class Reading:
    """Rows and spans of one document."""

    rows: list[dict[str, Any]]
    spans: list[Span]


def read(image_name: str, path: Path, **params: Any) -> Reading:
    """One document through one image, with grounding and cross-checks and the image's own confidence."""
    image = registry().image(image_name)
    checked = check_params(image.manifest, params)
    _, output = select_output(image.manifest, checked)
    columns = {c.name: c.type for c in output.columns}
    # Without the image's name nothing is calibrated.
    job = Job(image.module, columns, checked, accepts=image.manifest.media_types, checks=output.checks)
    outcome = extract_document(job, Request(path.name, path.name, str(path), ""))
    if not outcome.rows:
        return Reading([], [])
    return Reading(*(pa.ipc.open_stream(s).read_all().to_pylist() for s in (outcome.rows, outcome.spans)))


# ------------------------------------------------------------------ comparing
def plain(text: Any) -> str:
    """Letters and digits in one form."""
    flat = unicodedata.normalize("NFKC", "" if text is None else str(text)).casefold()
    return "".join(c for c in flat if c.isalnum())


def same(column: str, value: Any, gold: Any) -> bool:
    """Whether a value is the gold one: numbers by value, names by their words, the rest letter for letter."""
    try:
        return abs(Decimal(str(value)) - Decimal(str(gold))) <= Decimal("0.005")
    except InvalidOperation:
        pass
    a, b = plain(value), plain(gold)
    if a == b:
        return True
    words = (re.sub(r"[^\w\s]", " ", str(x).casefold()) for x in (value, gold))
    return column in _NAMES and fuzz.token_sort_ratio(*words) >= 90


# ------------------------------------------------------------------ sets
def invoices(root: Path, *, grain: str, attachments: bool, limit: int) -> Iterator[tuple[str, str, Judged]]:
    """Fields or line items; a value that the gold has but the page does not show is not judged."""
    for path in sorted((root / ("docs" if attachments else "docs_noxml")).glob("*.pdf"))[:limit]:
        gold = json.loads((root / "gold" / f"{path.stem}.json").read_text("utf-8"))
        found = read("invoice-extractor", path, grain=grain, use_attachments=attachments)
        lines = gold.get("groups", {}).get("lines", [])
        judged = _fields(found, gold["fields"]) if grain == "invoices" else _lines(found, lines)
        yield f"invoice-extractor/{grain}", path.name, judged


def _fields(read_: Reading, gold: Mapping[str, Any]) -> Judged:
    for span in read_.spans:
        told = gold.get(span["column_name"], [])
        fits = [g for g in told if _as_gold(span, g["value"])]
        if any(g["visible"] for g in told) or fits:
            yield span, bool(fits)


def _as_gold(span: Span, gold: Any) -> bool:
    column = span["column_name"]
    return same(column, span["value"], gold) or (
        column == "type_code" and {span["value"], gold} <= {"380", "384", "389"}
    )


def _lines(read_: Reading, gold: Sequence[Mapping[str, Any]]) -> Judged:
    """Rows are paired so that most cells agree; a row without a partner is wrong.

    Lines of which the page shows less than half (the XML of another invoice, a summary) judge nothing.
    """
    told_of = [x["visible"] for line in gold for x in line.values()]
    if 2 * sum(told_of) < len(told_of):
        return
    by_row: dict[int, list[Span]] = {}
    for span in read_.spans:
        if span["column_name"] != "invoice_number":
            by_row.setdefault(span["ordinal"], []).append(span)

    def hits(line: Mapping[str, Any], row: int) -> int:
        return sum(s["column_name"] in line and _unit(s, line[s["column_name"]]["value"]) for s in by_row[row])

    ways = sorted(((hits(g, r), -abs(i - r), i, r) for i, g in enumerate(gold) for r in by_row), reverse=True)
    partner: dict[int, int] = {}
    for n, _, i, r in ways:
        if n and r not in partner and i not in partner.values():
            partner[r] = i
    for row, spans in by_row.items():
        line = gold[partner[row]] if row in partner else None
        for span in spans if gold else ():
            told = line.get(span["column_name"]) if line is not None else None
            if line is None or (told and told["visible"]):
                yield span, told is not None and _unit(span, told["value"])


def _unit(span: Span, gold: Any) -> bool:
    pieces = {"C62", "H87", "EA", "XPP", "PCE", "NAR"}
    if span["column_name"] == "unit_code" and span["value"] in pieces:
        return gold in pieces
    return same(span["column_name"], span["value"], gold)


def grids(root: Path, *, limit: int) -> Iterator[tuple[str, str, Judged]]:
    """Tables of web pages against grids made by hand, at the shift with which most cells agree."""
    for path in sorted((root / "docs").glob("*.htm*"))[:limit]:
        with (root / "gold" / f"{path.stem}.csv").open(newline="", encoding="utf-8") as file:
            gold = list(csv.reader(file))
        yield "web-to-table/cells", path.name, _grid(read("web-to-table", path, shape="cells"), gold)


def _grid(read_: Reading, gold: Sequence[Sequence[str]]) -> Judged:
    at = {row["ordinal"]: row for row in read_.rows}
    tables = {row["table_no"] for row in read_.rows}

    def held(row: int, col: int) -> str | None:
        return plain(gold[row][col]) if 0 <= row < len(gold) and 0 <= col < len(gold[row]) else None

    def right(span: Span, down: int, across: int) -> bool:
        row = at[span["ordinal"]]
        wanted = held(row["row_no"] + down, row["col_no"] + across)
        # A footnote mark is printed; that the grid leaves it out is a convention.
        return wanted is not None and wanted in (plain(span["value"]), plain(_MARK.sub("", span["value"])))

    ways = [
        (sum(right(s, d, a) for s in mine), t, d, a)
        for t in tables
        for mine in [[s for s in read_.spans if s["column_name"] == "text" and at[s["ordinal"]]["table_no"] == t]]
        for d in range(-3, 4)
        for a in (-1, 0)
    ]
    if not ways:
        return
    _, table, down, across = max(ways)
    for span in read_.spans:
        if span["column_name"] == "text" and at[span["ordinal"]]["table_no"] == table and plain(span["value"]):
            yield span, right(span, down, across)


def page_tables(root: Path, *, limit: int) -> Iterator[tuple[str, str, Judged]]:
    """Cells of PDF tables: right when the gold's cell at that place has the same text; outside gold tables, wrong."""
    for path in sorted((root / "docs").glob("*.pdf"))[:limit]:
        gold = json.loads((root / "gold" / f"{path.stem}.json").read_text("utf-8"))
        cells = [(t["page"], c["bbox"], plain(c["text"])) for t in gold["tables"] for c in t["cells"]]
        yield "doc-to-tables/cells", path.name, _placed(read("doc-to-tables", path), cells)


def _placed(read_: Reading, cells: Sequence[tuple[int, Sequence[float], str]]) -> Judged:
    for span in read_.spans:
        if span["column_name"] != "text" or span["x0"] is None or not plain(span["value"]):
            continue
        here = [(_overlap(span, box), text) for page, box, text in cells if page == span["page"]]
        yield span, any(area > 0 and text == plain(span["value"]) for area, text in here)


def _overlap(span: Span, box: Sequence[float]) -> float:
    wide = min(span["x1"], box[2]) - max(span["x0"], box[0])
    high = min(span["y1"], box[3]) - max(span["y0"], box[1])
    return max(wide, 0.0) * max(high, 0.0)


#: Columns of statements and transactions, and the gold's names for them.
_STATEMENT = {
    "account": "account",
    "reference": "reference",
    "statement_no": "statement_number",
    "sequence_no": "sequence_number",
}
_BALANCES = {
    "opening_balance": ("final_opening_balance", "intermediate_opening_balance"),
    "closing_balance": ("final_closing_balance", "intermediate_closing_balance"),
    "available_balance": ("available_balance",),
}
_TRANSACTION = {
    "value_date": "date", "booking_date": "entry_date", "amount": "amount", "currency": "currency",
    "transaction_code": "type", "bank_reference": "bank_reference",
}  # fmt: skip


def statements(root: Path, *, limit: int) -> Iterator[tuple[str, str, Judged]]:
    """The facts of files with one statement, and the transactions of all in their order."""
    for path in sorted((root / "data").glob("*.sta"))[:limit]:
        gold = json.loads((root / "gold" / f"{path.stem}.json").read_text("utf-8"))
        head = read("bank-statement-extractor", path, grain="statements")
        told = {mine: gold.get(name) for mine, name in _STATEMENT.items()}
        for mine, kinds in _BALANCES.items():
            told[mine] = next((gold["balances"][k]["amount"] for k in kinds if k in gold["balances"]), None)
        if len(head.rows) == 1:
            yield "bank-statement-extractor/statements", path.name, _named(head, {0: told})
        made = read("bank-statement-extractor", path)
        facts = {i: {m: t.get(n) for m, n in _TRANSACTION.items()} for i, t in enumerate(gold["transactions"])}
        yield "bank-statement-extractor/transactions", path.name, _named(made, facts)


def _named(read_: Reading, gold: Mapping[int, Mapping[str, Any]]) -> Judged:
    for span in read_.spans:
        told = gold.get(span["ordinal"], {}).get(span["column_name"])
        if told not in (None, "", []):
            yield span, same(span["column_name"], span["value"].lstrip("0"), str(told).lstrip("0"))


def messages(root: Path, *, limit: int) -> Iterator[tuple[str, str, Judged]]:
    """Header fields and attachment names of mail."""
    for path in sorted((root / "data").rglob("*.eml"))[:limit]:
        gold = json.loads((root / "gold" / path.relative_to(root / "data").with_suffix(".json")).read_text("utf-8"))
        author = (gold["from"] or [{}])[0]
        told = {
            "message_id": gold["message_id"], "subject": gold["subject"], "from_name": author.get("name"),
            "from_address": author.get("address"), "n_attachments": gold["n_attachments"],
            "to_addresses": [one["address"] for one in gold["to"] if one["address"]],
            "attachment_names": gold["attachment_names"],
            "body_text": None if gold.get("text_from_html") else gold["text_body"],
        }  # fmt: skip
        found = read("email-extractor", path)
        yield (
            "email-extractor/messages",
            "/".join(path.parts[-2:]),
            _named(found, {0: told}) if found.rows else iter(()),
        )


def words(root: Path, *, limit: int) -> Iterator[tuple[str, str, Judged]]:
    """Words of scans: right when the line of text at that place has the word. Gold boxes are pixels of the picture."""
    for path in sorted((root / "docs").iterdir())[:limit]:
        gold = json.loads((root / "gold" / f"{path.stem}.json").read_text("utf-8"))
        found = read("scanned-ocr-to-table", path, shape="words")
        yield "scanned-ocr-to-table/words", path.name, _word(found, gold["boxes"])


def _word(read_: Reading, boxes: Sequence[Mapping[str, Any]]) -> Judged:
    spans = [s for s in read_.spans if s["column_name"] == "text" and plain(s["value"])]
    scale = _scale(spans, boxes)
    for span in spans:
        middle = [(span["x0"] + span["x1"]) / 2 * scale, (span["y0"] + span["y1"]) / 2 * scale]
        lines = [b["text"] for b in boxes if b["x0"] <= middle[0] <= b["x1"] and b["y0"] <= middle[1] <= b["y1"]]
        if lines:
            yield span, any(plain(span["value"]) in [plain(w) for w in line.split()] for line in lines)


def _scale(spans: Sequence[Span], boxes: Sequence[Mapping[str, Any]]) -> float:
    """Pixels in a point: the resolution among the usual ones with which most words lie in a gold line."""

    def inside(scale: float) -> int:
        return sum(
            any(
                b["x0"] <= (s["x0"] + s["x1"]) / 2 * scale <= b["x1"]
                and b["y0"] <= (s["y0"] + s["y1"]) / 2 * scale <= b["y1"]
                for b in boxes
            )
            for s in spans[:60]
        )

    return max((dpi / 72 for dpi in (72, 96, 100, 120, 150, 200, 240, 300, 400, 600)), key=inside)


SETS: Mapping[str, Callable[[Path, int], Iterator[tuple[str, str, Judged]]]] = {
    "zugferd": lambda root, limit: invoices(root, grain="invoices", attachments=False, limit=limit),
    "zugferd_lines": lambda root, limit: invoices(root, grain="lines", attachments=False, limit=limit),
    "zugferd_xml": lambda root, limit: invoices(root, grain="invoices", attachments=True, limit=limit),
    "zugferd_xml_lines": lambda root, limit: invoices(root, grain="lines", attachments=True, limit=limit),
    "wikitables": lambda root, limit: grids(root, limit=limit),
    "icdar2013": lambda root, limit: page_tables(root, limit=limit),
    "mt940": lambda root, limit: statements(root, limit=limit),
    "emails": lambda root, limit: messages(root, limit=limit),
    "sroie": lambda root, limit: words(root, limit=limit),
}


def main() -> None:
    """Write the cells and print how many there are and how many are right."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--set", action="append", required=True, metavar="NAME=DIR", help=", ".join(SETS))
    arguments.add_argument("--out", type=Path, required=True)
    arguments.add_argument("--limit", type=int, default=100_000, help="documents of each set")
    given = arguments.parse_args()
    records = []
    for one in given.set:
        name, _, folder = one.partition("=")
        before = len(records)
        for image, document, judged in SETS[name](Path(folder), given.limit):
            records += [_record(name, image, document, span, right=right) for span, right in judged]
        mine = records[before:]
        share = sum(r["right"] for r in mine) / max(len(mine), 1)
        print(f"{name}: {len(mine)} cells, {share:.4f} right", file=sys.stderr)
    pq.write_table(pa.Table.from_pylist(records), given.out)


def _record(dataset: str, image: str, document: str, span: Span, *, right: bool) -> dict[str, Any]:
    checks = span["checks"] or []
    return {
        "dataset": dataset,
        "image": image,
        "document": document,
        "column_name": span["column_name"],
        "own": span["confidence"],
        "grounding": span["grounding"],
        "faithfulness": span["faithfulness"],
        "held": sum(": holds" in c for c in checks),
        "failed": sum(": fails" in c for c in checks),
        "addressed": span["place"] is not None,
        "right": right,
    }


if __name__ == "__main__":
    main()
