"""What every relational image must stand: names, emptiness, nulls, width; with and without row ids."""

from typing import Any

import pytest
from relational_plans import HOSTILE, Bench, bench

from locus_dbt.model.errors import RequestError
from locus_dbt.model.relation import ROW_ID

WIDE = 300


def calls(column: str, other: str) -> list[tuple[str, dict[str, Any]]]:
    """Every output of every relational image, asked for with two columns."""
    fuzzy = {"keys": [column, other], "fuzzy": {other: 0.9}}
    rules = [
        {"check": "not_null", "column": column},
        {"check": "unique", "columns": [column, other]},
        {"check": "length", "column": other, "max": 3},
        {"check": "range", "column": other, "min": 1},
        {"check": "regex", "column": column, "pattern": "[a-z]+"},
    ]
    return [
        ("data-cleaner", {"columns": {column: "DOUBLE", other: "DATE"}}),
        ("data-cleaner", {"case": {column: "title"}}),
        ("deduplicator", {"keys": [column]}),
        ("deduplicator", {"keys": [column], "survivorship": {other: "most_frequent"}}),
        ("deduplicator", fuzzy),
        ("deduplicator", {**fuzzy, "output": "pairs"}),
        ("data-validator", {"rules": rules}),
        ("data-validator", {"rules": rules, "output": "rows"}),
        ("provenance-tracker", {}),
        ("provenance-tracker", {"columns": [other], "minimum": 0.5, "status": ["untraced", "null"]}),
        ("cross-doc-reconciler", {"key": [column]}),
        ("cross-doc-reconciler", {"key": [column], "columns": [other], "rule": "newest", "order_by": other}),
        ("cross-doc-reconciler", {"key": [column, other], "shape": "wide", "tolerance": 0.01}),
    ]


CALLS = [pytest.param(i, id=f"{name}-{i}") for i, (name, _) in enumerate(calls("a", "b"))]


def everything(made: Bench, number: int, column: str, other: str) -> list[tuple[Any, ...]]:
    image, params = calls(column, other)[number]
    plan = made.plan(image, **params)
    for part in (plan.edges, plan.rejects):
        if part:
            made.rows(part)
    assert set(made.names(plan.sql)) == set(plan.columns)
    read = {c for sources in plan.columns.values() for c in sources}
    assert read <= set(made.relation.columns)
    return made.rows(plan.sql)


@pytest.mark.criterion("V1", "E5.2")
@pytest.mark.parametrize("ids", [True, False])
@pytest.mark.parametrize("number", CALLS)
def test_hostile_names(number: int, ids: bool) -> None:  # noqa: FBT001 - a pytest parameter
    rows = [[f"{r} {c}" for c in range(len(HOSTILE))] for r in (1, 1, 2)]
    with bench(dict.fromkeys(HOSTILE, "VARCHAR"), rows, ids=ids) as made:
        for i, name in enumerate(HOSTILE):
            everything(made, number, name, HOSTILE[i - 1])


@pytest.mark.criterion("E8.2")
@pytest.mark.parametrize("number", CALLS)
def test_empty_relation_gives_columns_and_no_rows(number: int) -> None:
    with bench({"a": "VARCHAR", "b": "VARCHAR"}, []) as made:
        assert everything(made, number, "a", "b") == []


@pytest.mark.parametrize("number", CALLS)
def test_null_column(number: int) -> None:
    with bench({"a": "VARCHAR", "b": "VARCHAR", "c": "INTEGER[]"}, [[None, None, None]] * 3) as made:
        found = everything(made, number, "a", "b")
        image, params = calls("a", "b")[number]
        if params.get("output") == "pairs":
            assert found == []
        elif image == "provenance-tracker":
            assert len(found) == (0 if params else 9), "a row for each cell, and none of a null below a least score"
        elif image == "cross-doc-reconciler" and "shape" not in params:
            assert len(found) == 3 * len(params.get("columns", "bc")), "rows without a key stay alone"
        else:
            assert len(found) == 3, f"{image}: nulls match nothing, break only not_null and lose no row"


@pytest.mark.parametrize("number", CALLS)
def test_three_hundred_columns(number: int) -> None:
    names = [f"c{i}" for i in range(WIDE)]
    with bench(dict.fromkeys(names, "VARCHAR"), [["1"] * WIDE, ["1"] * WIDE, ["2"] * WIDE]) as made:
        everything(made, number, "c7", "c299")


@pytest.mark.criterion("E4.7")
@pytest.mark.parametrize("ids", [True, False])
def test_columns_stay_in_their_order(ids: bool) -> None:  # noqa: FBT001
    columns = {"z": "VARCHAR", "a": "DATE", "m": "DOUBLE"}
    with bench(columns, [["x", None, 1.5]], ids=ids) as made:
        own = [*columns, *([ROW_ID] if ids else [])]
        for image, params, added in (
            ("data-cleaner", {}, []),
            ("deduplicator", {"keys": ["z"]}, []),
            (
                "data-validator",
                {"rules": [{"check": "not_null", "column": "z"}], "output": "rows"},
                ["_valid", "_violations"],
            ),
        ):
            assert made.names(made.plan(image, **params).sql) == [*own, *added]


@pytest.mark.criterion("E12.4")
@pytest.mark.parametrize(
    ("image", "params"),
    [
        ("data-cleaner", {"columns": {"amuont": "DOUBLE"}}),
        ("data-cleaner", {"rules": {"amuont": {"trim": True}}}),
        ("deduplicator", {"keys": ["amuont"]}),
        ("deduplicator", {"keys": ["amount"], "order_by": "amuont"}),
        ("deduplicator", {"keys": ["amount"], "fuzzy": {"amount": 0.9}, "block": ["left(amuont, 2)"]}),
        ("data-validator", {"rules": [{"check": "not_null", "column": "amuont"}]}),
        ("data-validator", {"rules": [{"check": "sum", "columns": ["amount"], "equals": "amuont"}]}),
    ],
)
def test_unknown_column_is_named_with_the_nearest(image: str, params: dict[str, Any]) -> None:
    with (
        bench({"amount": "VARCHAR"}, []) as made,
        pytest.raises(RequestError, match="did you mean 'amount'") as caught,
    ):
        made.plan(image, **params)
    assert caught.value.code == "E107"


@pytest.mark.criterion("E12.3")
@pytest.mark.parametrize(
    ("image", "params", "said"),
    [
        ("data-cleaner", {"columns": {"a": "MONEY"}}, "no type to clean into"),
        ("data-cleaner", {"columns": {"a": "DECIMAL(50,2)"}}, "no type to clean into"),
        ("data-cleaner", {"case": {"a": "camel"}}, "'case.a' is one of upper, lower, title"),
        ("data-cleaner", {"rules": {"a": {"trimm": True}}}, "did you mean 'trim'"),
        ("data-cleaner", {"rules": {"a": {"null_words": "x"}}}, "rules.a.null_words"),
        ("deduplicator", {"keys": []}, "names no column"),
        ("deduplicator", {"keys": ["a"], "fuzzy": {"a": 90}}, "fuzzy.a"),
        ("deduplicator", {"keys": ["a"], "fuzzy": {"a": 0.9}}, "'block'"),
        ("deduplicator", {"keys": ["a"], "keep": "newest"}, "'order_by'"),
        (
            "deduplicator",
            {"keys": ["a"], "survivorship": {"a": "most_frequnt"}},
            "did you mean 'most_frequent'",
        ),
        ("deduplicator", {"keys": [ROW_ID]}, "another for every row"),
        ("data-validator", {"rules": []}, "at least one rule"),
        (
            "data-validator",
            {"rules": [{"check": "not_nul", "column": "a"}]},
            "rule 1: 'check'.*did you mean 'not_null'",
        ),
        (
            "data-validator",
            {"rules": [{"check": "range", "column": "a", "mn": 1}]},
            "unknown key 'mn'; did you mean 'min'",
        ),
        ("data-validator", {"rules": [{"check": "range", "column": "a"}]}, "'min' or 'max' is missing"),
        (
            "data-validator",
            {"rules": [{"check": "regex", "column": "a", "pattern": "(a"}]},
            "'pattern' cannot be used",
        ),
        ("data-validator", {"rules": [{"check": "regex", "column": "a", "pattern": "(?=a)"}]}, "look-around"),
        ("data-validator", {"rules": [{"check": "expression", "sql": "true) OR (1"}]}, "not one expression"),
        (
            "data-validator",
            {"rules": [{"check": "expression", "sql": "true; DROP TABLE input"}]},
            "not one expression",
        ),
        ("data-validator", {"rules": [{"check": "not_null", "column": "a"}] * 2}, "two rules are named"),
    ],
)
def test_wrong_param_names_setting_and_fix(image: str, params: dict[str, Any], said: str) -> None:
    with bench({"a": "VARCHAR"}, []) as made, pytest.raises(RequestError, match=said) as caught:
        made.plan(image, **params)
    assert caught.value.code == "E103"
