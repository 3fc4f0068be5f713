"""Which rows are one, what the one row holds, and that nothing depends on how the rows came."""

import random
from collections import defaultdict
from typing import Any

import pytest
from relational_plans import Bench, bench, row_id


def groups(made: Bench, **params: Any) -> set[frozenset[int]]:
    """Numbers of the source rows of each output row."""
    plan = made.plan("deduplicator", **params)
    found: dict[str, set[int]] = defaultdict(set)
    for kept, source in made.rows(plan.edges):
        found[str(kept)].add(int(str(source)[-12:]))
    rows = made.column(plan.sql, "_locus_row_id")
    assert sorted(map(str, rows)) == sorted(found), "every row out has its edges, and only they"
    assert sum(map(len, found.values())) == len({n for g in found.values() for n in g})
    return {frozenset(g) for g in found.values()}


@pytest.mark.criterion("E6.1", "E6.3")
def test_keys_agree_without_case_accents_blanks_and_signs() -> None:
    texts = [
        "Müller & Söhne",
        "MULLER+SÖHNE ",
        "muller sohne",
        "Straße",
        "STRASSE",
        "C+",
        None,
        None,
        "",
        " ",
        "…",
        "!!",
    ]
    with bench({"a": "VARCHAR"}, [[t] for t in texts]) as made:
        assert {g for g in groups(made, keys=["a"]) if len(g) > 1} == {
            frozenset({0, 1, 2}),
            frozenset({3, 4}),
        }
        assert len(groups(made, keys=["a"], normalize=False)) == len(texts)


@pytest.mark.criterion("E6.1")
def test_chains_of_any_length_are_one_group() -> None:
    length = 150
    base = "abcdefghijklmnopqrstuvwxyz" * 8
    texts = [base[:i] + "Z" * (200 - i) for i in range(length)]
    rows = [[t, "k"] for t in texts] + [["1234567890", "k"]]
    random.Random(7).shuffle(rows)
    with bench({"name": "VARCHAR", "k": "VARCHAR"}, rows) as made:
        found = groups(made, keys=["name", "k"], fuzzy={"name": 0.995})
        assert sorted(map(len, found)) == [1, length]


def test_only_neighbours_of_a_chain_are_similar() -> None:
    base = "abcdefghijklmnopqrstuvwxyz" * 8
    texts = [base[:i] + "Z" * (200 - i) for i in range(0, 150, 149)]
    with bench({"name": "VARCHAR", "k": "VARCHAR"}, [[t, "k"] for t in texts]) as made:
        assert len(groups(made, keys=["name", "k"], fuzzy={"name": 0.995})) == 2


def test_blocks_bound_what_is_compared() -> None:
    rows = [["Nordlicht", "Kiel"], ["Nordlichd", "Kiel"], ["Nordlichd", "Ulm"], ["Tordlicht", "Kiel"]]
    with bench({"n": "VARCHAR", "city": "VARCHAR"}, rows) as made:
        one = {"keys": ["n"], "fuzzy": {"n": 0.85}}
        assert {frozenset({0, 1, 2}), frozenset({3})} == groups(made, **one, block=["left(n, 2)"])
        assert {frozenset({0, 1, 3}), frozenset({2})} == groups(made, keys=["n", "city"], fuzzy={"n": 0.85})
        ways = [["left(n, 2)"], ["city"]]
        assert groups(made, **one, block=ways) == {frozenset({0, 1, 2, 3})}
        # Equal keys are one whatever their block; similarity is measured inside of it.
        assert groups(made, **one, block=["left(n, 1)", "city"]) == {frozenset({0, 1, 2}), frozenset({3})}


@pytest.mark.criterion("E6.2")
def test_strategies() -> None:
    columns = {"k": "INTEGER", "day": "DATE", "a": "VARCHAR", "b": "INTEGER", "c": "VARCHAR"}
    rows = [
        [1, "2024-01-02", "old", 5, None],
        [1, "2024-01-03", None, 7, None],
        [1, "2024-01-01", "first", 7, "x"],
    ]
    with bench(columns, rows) as made:

        def row(**params: Any) -> tuple[Any, ...]:
            (found,) = made.rows(made.plan("deduplicator", keys=["k"], order_by="day", **params).sql)
            return (*found[2:5], str(found[5])[-1])

        assert row() == ("first", 7, "x", "2")
        assert row(keep="first") == ("first", 7, "x", "2")
        assert row(keep="newest") == ("old", 7, "x", "1")
        assert row(keep="last") == ("old", 7, "x", "1")
        every = {"a": "newest", "b": "min", "c": "first"}
        assert row(survivorship=every) == ("old", 5, "x", "2")
        assert row(survivorship={"b": "max", "a": "most_complete"})[:2] == ("first", 7)
        assert row(keep="newest", survivorship={"b": "most_frequent", "a": "first"})[:2] == ("first", 7)


def test_same_result_whatever_the_order_of_the_rows() -> None:
    rng = random.Random(3)
    rows = [
        [rng.choice(["Acme", "ACME", "Acmee", "Bolt", None]), rng.randrange(3), rng.choice([None, "x", "y"])]
        for _ in range(120)
    ]
    params = {"keys": ["n", "k"], "fuzzy": {"n": 0.9}, "survivorship": {"v": "most_frequent"}}
    results = []
    for ids in (True, False):
        for turn in range(3):
            with bench({"n": "VARCHAR", "k": "INTEGER", "v": "VARCHAR"}, rows, ids=ids) as made:
                if turn:
                    made.con.execute(
                        f"CREATE OR REPLACE TABLE input AS SELECT * FROM input ORDER BY hash(rowid + {turn})"
                    )
                for output in ("rows", "pairs"):
                    plan = made.plan("deduplicator", output=output, **params)
                    results.append((ids, output, sorted(made.rows(plan.sql), key=str)))
    for kind in {(r[0], r[1]) for r in results}:
        first, *others = [r[2] for r in results if (r[0], r[1]) == kind]
        assert all(o == first for o in others)


def test_equal_rows_without_ids_become_one() -> None:
    with bench(
        {"a": "VARCHAR", "b": "INTEGER"}, [["x", 1], ["x", 1], ["x", None], [None, 1], [None, 1]], ids=False
    ) as made:
        plan = made.plan("deduplicator", keys=["a"])
        assert plan.edges is None
        assert sorted(made.rows(plan.sql), key=str) == [("x", 1), (None, 1), (None, 1)]


@pytest.mark.criterion("E6.3")
def test_pairs_say_how_similar_and_why() -> None:
    rows = [["Acme", "1"], ["ACME", "1"], ["Acmee", "1"], ["Acme", "2"]]
    with bench({"n": "VARCHAR", "k": "VARCHAR"}, rows) as made:
        plan = made.plan("deduplicator", keys=["n", "k"], fuzzy={"n": 0.9}, output="pairs")
        found = sorted(made.rows(plan.sql))
        assert [(r[0], r[1], r[3]) for r in found] == [
            (row_id(0), row_id(1), "k = and n ="),
            (row_id(0), row_id(2), "k = and n ~ 0.96"),
        ]
        assert found[0][2] == 1.0
        assert len(made.rows(plan.edges)) == 4
