"""Which rows break which rule."""

import datetime as dt
from typing import Any

import pytest
from relational_plans import bench


def broken(columns: dict[str, str], rows: list[list[Any]], rule: dict[str, Any]) -> list[int]:
    """Numbers of the rows that break the rule."""
    with bench(columns, rows) as made:
        found = made.column(made.plan("data-validator", rules=[rule]).sql, "_locus_row_id")
        verdicts = made.column(made.plan("data-validator", rules=[rule], output="rows").sql, "_valid")
        numbers = sorted(int(str(f)[-12:]) for f in found)
        assert verdicts.count(False) == len(numbers)
        return numbers


@pytest.mark.criterion("E5.3")
@pytest.mark.parametrize(
    ("kind", "values", "rule", "wrong"),
    [
        ("VARCHAR", ["a", None, ""], {"check": "not_null"}, [1]),
        ("VARCHAR", ["a", "b", "a", None, None], {"check": "unique"}, [0, 2]),
        ("VARCHAR", ["1", "x", None, "1.5"], {"check": "type", "type": "double"}, [1]),
        ("VARCHAR", ["2024-02-29", "2023-02-29"], {"check": "type", "type": "DATE"}, [1]),
        ("VARCHAR", ["5", "11", "x", None, "0.5"], {"check": "range", "min": 1, "max": 10}, [1, 2, 4]),
        ("BIGINT", [9007199254740993, 9007199254740992], {"check": "range", "max": 9007199254740992}, [0]),
        ("DATE", ["2024-01-01", "2023-12-31", None], {"check": "range", "min": "2024-01-01"}, [1]),
        ("DATE", ["2024-01-01", "2023-12-31"], {"check": "range", "min": dt.date(2024, 1, 1)}, [1]),
        ("VARCHAR", ["AB1", "xAB1", None], {"check": "regex", "pattern": "[A-Z]+1"}, [1]),
        ("VARCHAR", ["über", "1"], {"check": "regex", "pattern": r"\p{L}+"}, [1]),
        ("VARCHAR", ["EUR", "eur", None], {"check": "in", "values": ["EUR", "CHF"]}, [1]),
        ("DOUBLE", [19.0, 7.0, 8.0], {"check": "in", "values": [19, 7]}, [2]),
        ("VARCHAR", ["ab", "a", "日本語"], {"check": "length", "min": 2, "max": 2}, [1, 2]),
        ("INTEGER", [1, 3, None], {"check": "compare", "op": "<", "to": 2}, [1]),
        ("VARCHAR", ["1", "3", None, "x"], {"check": "compare", "op": "<=", "to": 2}, [1]),
    ],
)
def test_check_of_one_column(kind: str, values: list[Any], rule: dict[str, Any], wrong: list[int]) -> None:
    assert broken({"x": kind}, [[v] for v in values], {"column": "x", **rule}) == wrong


def test_checks_of_several_columns() -> None:
    columns = {"net": "DECIMAL(9,2)", "tax": "DOUBLE", "gross": "VARCHAR", "due": "DATE", "issued": "VARCHAR"}
    rows = [
        ["10.00", 1.9, "11.90", "2024-02-01", "2024-01-01"],
        ["10.00", 1.9, "11.91", "2024-01-01", "2024-02-01"],
        [None, 1.9, "x", None, None],
    ]
    assert broken(
        columns, rows, {"check": "sum", "columns": ["net", "tax"], "equals": "gross", "tolerance": 0.001}
    ) == [1]
    assert (
        broken(columns, rows, {"check": "sum", "columns": ["net", "tax"], "equals": "gross", "tolerance": 0.02}) == []
    )
    assert broken(columns, rows, {"check": "compare", "column": "due", "op": ">=", "to": "issued"}) == [1]
    assert broken(columns, rows, {"check": "compare", "column": "gross", "op": ">", "to": "net"}) == []
    assert broken(columns, rows, {"check": "unique", "columns": ["net", "tax"]}) == [0, 1]
    assert broken(columns, rows, {"check": "expression", "sql": "net > 10 OR gross = '11.90'"}) == [1]


def test_warning_leaves_the_row_valid_and_is_named() -> None:
    with bench({"x": "VARCHAR"}, [[None]]) as made:
        rules = [{"check": "not_null", "column": "X", "severity": "warning", "name": "x_there", "message": "no x"}]
        assert made.rows(made.plan("data-validator", rules=rules, output="rows").sql)[0][2:] == (
            True,
            ["x_there"],
        )
        found = made.rows(made.plan("data-validator", rules=rules).sql)[0]
        assert found[:5] == ("x_there", "x", None, "no x", "warning")


def test_null_keys_are_keys_not_given() -> None:
    rules = [{"check": "range", "column": "x", "min": 1, "max": None, "pattern": None}]
    with bench({"x": "INTEGER"}, [[0]]) as made:
        assert len(made.rows(made.plan("data-validator", rules=rules).sql)) == 1
