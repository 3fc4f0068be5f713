"""The columnar builder of extract images."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import numpy as np
import pytest

from locus_dbt.core.builder import SPAN_SCHEMA, TableBuilder
from locus_dbt.model.locus import Box, Locus


def test_rows_and_spans_come_out_in_order() -> None:
    table = TableBuilder({"a": "VARCHAR", "b": "DECIMAL(18,2)", "c": "DATE"})
    for i in range(2):
        assert table.start_row() == i
        table.put("b", Decimal("1.50"), text="1,50", at=Locus(1, Box(0, 0, 1, 1)))
        table.put("a", f"x{i}", text="x", at=Locus(place="line 1"))
        table.put("c", None, text="", at=Locus())
    assert table.rows_table().to_pylist() == [
        {"ordinal": i, "a": f"x{i}", "b": Decimal("1.50"), "c": None} for i in range(2)
    ]
    spans = table.spans_table()
    assert spans.schema == SPAN_SCHEMA
    assert [(s["ordinal"], s["column_name"], s["value"]) for s in spans.to_pylist()] == [
        (0, "a", "x0"),
        (0, "b", "1.50"),
        (1, "a", "x1"),
        (1, "b", "1.50"),
    ]


@pytest.mark.criterion("E4.7", "E3.3")
def test_every_value_has_its_place() -> None:
    table = TableBuilder({"a": "DATE", "b": "BOOLEAN"})
    table.start_row()
    table.put("a", date(2026, 1, 2), text="2.1.26", at=Locus(3, Box(1, 2, 3, 4), "Sheet1!B7"), confidence=0.5)
    table.put("b", False, text="no", at=Locus(3))
    first, second = table.spans_table().to_pylist()
    assert (first["value"], first["text"], first["page"], first["place"]) == ("2026-01-02", "2.1.26", 3, "Sheet1!B7")
    assert [first[k] for k in ("x0", "y0", "x1", "y1")] == [1, 2, 3, 4]
    assert first["confidence"] == 0.5
    assert (second["value"], second["x0"]) == ("false", None)


def test_many_rows_at_once_equal_many_single_rows() -> None:
    bulk, single = TableBuilder({"a": "VARCHAR", "n": "INTEGER"}), TableBuilder({"a": "VARCHAR", "n": "INTEGER"})
    boxes = np.array([[0, 0, 1, 1], [np.nan] * 4, [5, 5, 6, 6]], np.float32)
    bulk.extend({"a": ["x", None, "z"], "n": [1, 2, 3]}, located={"a": (np.array([1, 0, 2], np.int32), boxes, None)})
    for value, n, page, box in (("x", 1, 1, Box(0, 0, 1, 1)), (None, 2, None, None), ("z", 3, 2, Box(5, 5, 6, 6))):
        single.start_row()
        single._values["n"][-1] = n
        single.put("a", value, text=value, at=Locus(page, box))
    assert bulk.rows_table().equals(single.rows_table())
    assert bulk.spans_table().to_pylist() == single.spans_table().to_pylist()


def test_misuse_is_refused() -> None:
    table = TableBuilder({"a": "VARCHAR"})
    with pytest.raises(ValueError, match="start_row"):
        table.put("a", "x", text="x", at=Locus())
    with pytest.raises(ValueError, match="2 values, not 1"):
        TableBuilder({"a": "VARCHAR", "b": "VARCHAR"}).extend({"a": ["x"], "b": ["y", "z"]})
    table.start_row()
    with pytest.raises(ValueError, match="before the first row"):
        table.declare({"b": "VARCHAR"})
    with pytest.raises(KeyError):
        table.put("b", "x", text="x", at=Locus())


@pytest.mark.criterion("E5.3")
def test_a_refused_cell_is_recorded_with_its_place() -> None:
    table = TableBuilder({"a": "VARCHAR"})
    table.start_row()
    table.reject("E301", "no number", column="a", at=Locus(2, Box(1, 2, 3, 4)), raw="abc")
    assert table.rejects == [
        {
            "code": "E301",
            "message": "no number",
            "column_name": "a",
            "row": 0,
            "page": 2,
            "box": [1, 2, 3, 4],
            "place": None,
            "raw": "abc",
        }
    ]
