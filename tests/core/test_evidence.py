"""A document's contents as evidence: merged cells, far cells, boxes of words."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from locus_dbt.core.builder import arrow_type
from locus_dbt.core.citations import Fact, cite
from locus_dbt.core.contents import COLUMNS
from locus_dbt.core.evidence import Evidence


def evidence(*units: dict[str, Any]) -> Evidence:
    usual = {"grid": -1, "row_no": 0, "col_no": 0, "row_span": 1, "col_span": 1, "is_header": False}
    rows = [{**usual, **unit} for unit in units]
    arrays = {n: pa.array([row.get(n) for row in rows], arrow_type(kind)) for n, (kind, _) in COLUMNS.items()}
    return Evidence("a.pdf", pa.table(arrays))


def cell(row: int, column: int, text: str, **more: Any) -> dict[str, Any]:
    return {"grid": 0, "row_no": row, "col_no": column, "text": text, "place": f"R{row}C{column}", **more}


def test_a_merged_header_covers_its_columns_and_is_found_once() -> None:
    made = evidence(
        cell(0, 1, "2025", col_span=2, is_header=True), cell(0, 3, "2024", col_span=2, is_header=True),
        *(cell(1, 1 + i, name, is_header=True) for i, name in enumerate(["Plan", "Actual"] * 2)),
        cell(2, 0, "Rent"), *(cell(2, 1 + i, text) for i, text in enumerate(["70", "50", "50", "70"])),
    )  # fmt: skip
    found = cite(made.passages, Fact("50", question="What was the actual rent in 2025?"))
    assert found is not None
    assert made.printed(found).place == "R2C2"
    year = cite(made.passages, Fact("2025"))
    assert year is not None
    assert year.candidates == 1


def test_cells_that_lie_far_apart_need_no_memory() -> None:
    far = [cell(1000 * i, 1000 * i, f"value {i}", row_span=10**6, col_span=10**6) for i in range(2000)]
    made = evidence(*far)
    found = cite(made.passages, Fact("value 1234"))
    assert found is not None
    assert made.printed(found).place == "R1234000C1234000"


def test_the_box_of_a_value_is_that_of_its_words() -> None:
    boxes = [float(x) for i in range(4) for x in (10 * i, 5, 10 * i + 8, 9)]
    made = evidence(
        {"text": "paid 12 May 2025", "page": 3, "x0": 0.0, "y0": 5.0, "x1": 38.0, "y1": 9.0,
         "word_start": [0, 5, 8, 12], "word_box": boxes}
    )  # fmt: skip
    found = cite(made.passages, Fact("2025-05-12"))
    assert found is not None
    assert made.printed(found).box == (10.0, 5.0, 38.0, 9.0)
    assert made.printed(found).page == 3


def test_a_range_of_text_without_boxes_is_its_place() -> None:
    made = evidence({"text": "The lease ends in 2031.", "place": "/html/body/p[2]"})
    found = cite(made.passages, Fact("2031"))
    assert found is not None
    assert made.printed(found).place == "/html/body/p[2] [18:22]"
