"""Claim: XLSX to ir/v1 (displayed texts, typed values, addresses, tables) takes no longer than openpyxl for values.

    python benchmarks/office_speed.py [--docs DIR] [--rows 50000] [--times 3]

Files: a self-made workbook of 50,000 x 10 cells, and the .xlsx files of DIR. Both readers run in turn in one process;
the figure is the ratio of their best CPU times (openpyxl: read_only, values only, of stored results).
"""

from __future__ import annotations

import argparse
import datetime as dt
import hashlib
import io
import json
import time
from collections.abc import Callable
from pathlib import Path

import openpyxl
from openpyxl.cell import WriteOnlyCell

from locus_dbt.model.document import Document
from locus_dbt.parsers import parse
from locus_dbt.parsers.detect import media_type

AT_MOST = 1.0


def made(rows: int) -> bytes:
    """Texts, whole and broken numbers, formatted money and dates, truth values."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Data")
    sheet.append([f"column {i}" for i in range(10)])
    for i in range(rows):
        day, money = (
            WriteOnlyCell(sheet, dt.date(2020, 1, 1) + dt.timedelta(days=i % 1500)),
            WriteOnlyCell(sheet, i * 1.37),
        )
        day.number_format, money.number_format = "yyyy-mm-dd", "#,##0.00"
        noise = int(hashlib.sha256(str(i).encode()).hexdigest()[:10], 16) / 7e9
        sheet.append([i, f"name {i}", f"city {i % 50}", noise, i * 2, day, money, i % 7, f"x{i % 1000}", i % 2 == 0])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def ours(data: bytes, name: str) -> int:
    """Cells in ``ir/v1``."""
    document = Document(name, media_type(data, name), hashlib.sha256(data).hexdigest(), data, parse)
    return sum(map(len, document.parsed.tables))


def theirs(data: bytes, _name: str) -> int:
    """Filled cells by openpyxl."""
    book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    return sum(v is not None for sheet in book.worksheets for row in sheet.iter_rows(values_only=True) for v in row)


def seconds(read: Callable[[bytes, str], int], files: dict[str, bytes]) -> tuple[float, int]:
    """CPU time for all files, and the cells read."""
    start, cells = time.process_time(), 0
    for name, data in files.items():
        cells += read(data, name)
    return time.process_time() - start, cells


def compared(files: dict[str, bytes], times: int) -> dict[str, float | int]:
    """Best of ``times`` of both, in turn."""
    best = {ours: (float("inf"), 0), theirs: (float("inf"), 0)}
    for _ in range(times):
        for read, known in tuple(best.items()):
            best[read] = min(known, seconds(read, files))
    (mine, cells), (other, other_cells) = best[ours], best[theirs]
    return {
        "files": len(files), "cells": cells, "openpyxl_cells": other_cells, "seconds": round(mine, 3),
        "openpyxl_seconds": round(other, 3), "ratio": round(mine / other, 3),
    }  # fmt: skip


def main() -> None:
    """Measure and print one JSON object for each set of files."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--docs", type=Path)
    parser.add_argument("--rows", type=int, default=50_000)
    parser.add_argument("--times", type=int, default=3)
    args = parser.parse_args()
    sets = {f"made, {args.rows} x 10": {"made.xlsx": made(args.rows)}}
    if args.docs:
        sets["folder"] = {p.name: p.read_bytes() for p in sorted(args.docs.rglob("*.xlsx"))}
    for name, files in sets.items():
        if files:
            print(
                json.dumps({"claim": "XLSX / openpyxl", "set": name, **compared(files, args.times), "at_most": AT_MOST})
            )


if __name__ == "__main__":
    main()
