"""Finding calls of table functions in a statement, to replace their text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from locus_dbt.errors import UntracedSQL
from locus_dbt.lineage.calls import Call, arguments_sql, find_calls, splice


def _find(sql: str) -> list[Call]:
    return find_calls(sql, lambda name: name == "locus_x")


@pytest.mark.parametrize(
    ("sql", "call"),
    [
        ("select * from locus_x('a')", "locus_x('a')"),
        ("FROM LOCUS_X ( 'a' )", "LOCUS_X ( 'a' )"),
        ("select * from\nlocus_x(\n  'a', -- first\n  b := 1\n) where c", "locus_x(\n  'a', -- first\n  b := 1\n)"),
        ("with q as (from locus_x('a(')) from q", "locus_x('a(')"),
        ("from locus_x(['a', 'b'], m := {'k': (1 + 2)})", "locus_x(['a', 'b'], m := {'k': (1 + 2)})"),
        ("from locus_x('it''s )')", "locus_x('it''s )')"),
        ("from locus_x()", "locus_x()"),
        ("from locus_x($$a')$$)", "locus_x($$a')$$)"),
        ("from locus_x('ü😀') as t", "locus_x('ü😀')"),
    ],
)
def test_the_text_of_a_call(sql: str, call: str) -> None:
    (found,) = _find(sql)
    assert sql[found.start : found.stop] == call
    assert found.function == "locus_x"


@pytest.mark.parametrize(
    "sql",
    [
        "select 'locus_x(1)'",
        "select 1 -- locus_x(1)",
        "select 1 /* from locus_x(1) */",
        "select locus_x from t",
        "select 'a' as \"locus_x\"",
        "select locus_xy(1), my_locus_x(2)",
        "select $$locus_x(1)$$",
    ],
)
def test_what_only_looks_like_a_call(sql: str) -> None:
    assert _find(sql) == []


def test_arguments_keep_their_text() -> None:
    (call,) = _find("from locus_x(['a', 'b'], 'c, d', most := 1 + (2), word => 'x')")
    assert call.positional == ["['a', 'b']", "'c, d'"]
    assert call.named == [("most", "1 + (2)"), ("word", "'x'")]
    assert arguments_sql(call, ["source", "p"]) == (
        "SELECT to_json({'source': ['a', 'b'], 'p': 'c, d', 'most': 1 + (2), 'word': 'x'})::VARCHAR"
    )


def test_too_many_positional_arguments() -> None:
    (call,) = _find("from locus_x('a', 'b')")
    with pytest.raises(UntracedSQL, match="2 positional arguments"):
        arguments_sql(call, ["source"])


@pytest.mark.parametrize("sql", ["from locus_x('a'", "from locus_x('a", "select $$ from locus_x("])
def test_a_statement_that_does_not_end(sql: str) -> None:
    with pytest.raises(UntracedSQL, match="E501"):
        _find(sql)


def test_several_calls_are_replaced_where_they_stand() -> None:
    sql = "select * from locus_x('a') union all select * from locus_x('bb') where x = 'locus_x(1)'"
    calls = _find(sql)
    assert [c.positional for c in calls] == [["'a'"], ["'bb'"]]
    replaced = splice(sql, [(calls[0], "ONE"), (calls[1], "TWO")])
    assert replaced == "select * from ONE union all select * from TWO where x = 'locus_x(1)'"
    assert splice(sql, []) == sql


@given(st.text(st.characters(exclude_characters="\0"), max_size=30))
def test_any_text_argument_comes_back_whole(text: str) -> None:
    literal = "'" + text.replace("'", "''") + "'"
    sql = f"select a from locus_x({literal}, b := {literal}) t"
    (call,) = _find(sql)
    assert call.positional == [literal]
    assert call.named == [("b", literal)]
    assert splice(sql, [(call, "X")]) == "select a from X t"
