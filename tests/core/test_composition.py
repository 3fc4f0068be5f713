"""Random pipelines of map, merge, split, mask and review, in Python and as SQL: the same cells, none loses a place."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from locus_dbt.core import composition as c
from locus_dbt.core.composition import CELL, CellProvenance
from tests.conftest import REPOSITORY

_TIME = dt.datetime(2026, 3, 1, 12, 0, 0)  # noqa: DTZ001 - TIMESTAMP has no zone; UTC by contract


@dataclass(frozen=True)
class Row:
    """A row of one column; ``leaves`` are the rows read from documents that it comes from, followed apart."""

    id: int
    value: str | None
    cell: CellProvenance
    leaves: frozenset[int]


@dataclass(frozen=True)
class Step:
    """What is done to the rows whose id divides by ``every`` (of all, for merging and splitting)."""

    kind: str
    every: int
    number: int

    def hits(self, row: Row) -> bool:
        return row.id % self.every == 0


def in_python(rows: Sequence[Row], step: Step) -> list[Row]:
    return _PYTHON[step.kind](rows, step)


def _each(change: Callable[[Row, Step], tuple[str | None, CellProvenance]]) -> Callable[..., list[Row]]:
    def apply(rows: Sequence[Row], step: Step) -> list[Row]:
        return [Row(r.id, *change(r, step), r.leaves) if step.hits(r) else r for r in rows]

    return apply


def _merge(rows: Sequence[Row], step: Step) -> list[Row]:
    groups: dict[int, list[Row]] = {}
    for row in rows:
        groups.setdefault(row.id % step.every, []).append(row)
    return [
        Row(
            key,
            min((r.value for r in group if r.value is not None), default=None),
            c.merged([r.cell for r in group]),
            frozenset().union(*(r.leaves for r in group)),
        )
        for key, group in groups.items()
    ]


def _split(rows: Sequence[Row], step: Step) -> list[Row]:
    out = []
    for row in rows:
        children = [row.value, None if row.value is None else row.value[:1]]
        cells = c.split(row.cell, changed=[child != row.value for child in children])
        out += [
            Row(2 * row.id + i, v, cell, row.leaves) for i, (v, cell) in enumerate(zip(children, cells, strict=True))
        ]
    return out


def _map(row: Row, step: Step) -> tuple[str | None, CellProvenance]:
    value = None if row.value is None else row.value + "x"
    return value, c.mapped(row.cell, changed=value != row.value)


def _empty(row: Row, step: Step) -> tuple[str | None, CellProvenance]:
    if row.value is None:
        return None, row.cell
    return None, c.emptied(row.cell, reason=f"rule {step.number}")


def _mask(row: Row, step: Step) -> tuple[str | None, CellProvenance]:
    return None if row.value is None else "***", c.masked(row.cell)


_PYTHON: dict[str, Callable[..., list[Row]]] = {
    "map": _each(_map),
    "null": _each(_empty),
    "mask": _each(_mask),
    "review": _each(
        lambda row, step: (
            f"r{step.number}",
            c.reviewed(row.cell, reviewer=f"person {step.number % 2}", at=_TIME + dt.timedelta(hours=step.number)),
        )
    ),
    "merge": _merge,
    "split": _split,
}


def in_sql(con: duckdb.DuckDBPyConnection, step: Step) -> None:
    """The same step over table ``t``, by the expressions of the composition module."""
    hit = f"id % {step.every} = 0"
    if step.kind == "merge":
        cells = _named(c.merged_sql())
        query = f"SELECT id % {step.every} AS id, min(value) AS value, {cells} FROM t GROUP BY id % {step.every}"
    elif step.kind == "split":
        children = "SELECT 2 * id + n AS child, CASE WHEN n = 1 THEN left(value, 1) ELSE value END AS v, *"
        cells = _named(c.mapped_sql("v IS DISTINCT FROM value"))
        query = f"SELECT child AS id, v AS value, {cells} FROM ({children} FROM t, range(2) AS r(n))"
    else:
        value, expressions = {
            "map": ("value || 'x'", c.mapped_sql("value IS NOT NULL")),
            "null": ("NULL", c.emptied_sql(reason=f"'rule {step.number}'")),
            "mask": ("CASE WHEN value IS NOT NULL THEN '***' END", c.masked_sql()),
            "review": (
                f"'r{step.number}'",
                c.reviewed_sql(
                    reviewer=f"'person {step.number % 2}'", at=f"TIMESTAMP '{_TIME}' + INTERVAL {step.number} HOUR"
                ),
            ),
        }[step.kind]
        if step.kind == "null":
            hit += " AND value IS NOT NULL"
        cells = ", ".join(f"CASE WHEN {hit} THEN {e} ELSE {n} END AS {n}" for n, e in expressions.items())
        query = f"SELECT id, CASE WHEN {hit} THEN {value} ELSE value END AS value, {cells} FROM t"
    con.execute(f"CREATE OR REPLACE TABLE t AS {query}")


def _named(expressions: dict[str, str]) -> str:
    return ", ".join(f"{e} AS {n}" for n, e in expressions.items())


@pytest.fixture(scope="module")
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        yield connection


def fill(con: duckdb.DuckDBPyConnection, rows: Sequence[Row]) -> None:
    columns = ", ".join(f"{n} {t}" for n, t in CELL.items())
    con.execute(f"CREATE OR REPLACE TABLE t (id BIGINT, value VARCHAR, {columns})")
    for row in rows:
        con.execute(f"INSERT INTO t VALUES (?, ?, {', '.join('?' * len(CELL))})", [row.id, row.value, *plain(row.cell)])


def plain(cell: CellProvenance) -> list[Any]:
    return [
        sorted(cell.spans), cell.score, cell.regrounding, cell.masked, sorted(cell.reviewers), cell.reviewed_at,
        cell.reason,
    ]  # fmt: skip


leaves = st.lists(
    st.tuples(st.text("ab1", min_size=1, max_size=3), st.floats(0, 1), st.integers(1, 3)), min_size=1, max_size=6
)
steps = st.lists(
    st.builds(Step, st.sampled_from(sorted(_PYTHON)), st.integers(1, 3), st.integers(0, 9)), min_size=1, max_size=7
)


def read(found: Sequence[tuple[str, float, int]]) -> list[Row]:
    """Rows as an extract image gives them: each cell with its own spans."""
    return [
        Row(i, value, CellProvenance(frozenset(f"span {i}.{k}" for k in range(n)), score), frozenset((i,)))
        for i, (value, score, n) in enumerate(found)
    ]


@pytest.mark.criterion("R7.1", "R7.2", "R7.3", "R7.4")
@given(found=leaves, pipeline=steps)
@settings(max_examples=150, deadline=None)
def test_sql_and_python_agree_and_nothing_loses_its_place(
    con: duckdb.DuckDBPyConnection, found: list[tuple[str, float, int]], pipeline: list[Step]
) -> None:
    first = rows = read(found)
    fill(con, rows)
    for step in pipeline:
        before, rows = rows, in_python(rows, step)
        in_sql(con, step)
        check_step(step, before, rows)
    check_end(first, rows, pipeline)
    in_database = con.execute(f"SELECT id, value, {', '.join(CELL)} FROM t ORDER BY id").fetchall()
    assert [list(r) for r in in_database] == [[r.id, r.value, *plain(r.cell)] for r in sorted(rows, key=lambda r: r.id)]


def check_end(first: Sequence[Row], rows: Sequence[Row], pipeline: Sequence[Step]) -> None:
    spans = {r.id: r.cell.spans for r in first}
    scores = {r.cell.score for r in first} | {1.0}
    for row in rows:
        assert row.cell.spans == frozenset().union(*(spans[i] for i in row.leaves)), (
            "every contributor's spans, no other"
        )
        assert row.cell.spans, "every cell reaches a span"
        assert row.cell.score in scores
        assert row.cell.score is not None
        assert 0 <= row.cell.score <= 1
        if not any(step.kind == "review" for step in pipeline):
            assert row.cell.score == min(r.cell.score or 0.0 for r in first if r.id in row.leaves)
        assert row.value is not None or row.cell.reason, "no null without a reason"
    assert {i for row in rows for i in row.leaves} == {r.id for r in first}, "no row is lost"


def check_step(step: Step, before: Sequence[Row], after: Sequence[Row]) -> None:
    if step.kind in ("merge", "split"):
        return
    for old, new in zip(before, after, strict=True):
        if not step.hits(old):
            assert new == old
        elif step.kind == "map" and old.value is not None and not old.cell.masked:
            assert new.cell.regrounding
            assert not new.cell.reviewers
        elif step.kind == "mask":
            assert (new.cell.score, new.cell.regrounding) == (old.cell.score, old.cell.regrounding)
            assert new.cell.masked
        elif step.kind == "review":
            assert (new.cell.score, new.cell.regrounding, new.cell.spans) == (1.0, False, old.cell.spans)
            assert new.cell.reviewed_at == _TIME + dt.timedelta(hours=step.number)


@given(found=leaves, cut=st.integers(1, 5))
@settings(max_examples=50, deadline=None)
def test_merging_does_not_depend_on_the_order_or_the_grouping(found: list[tuple[str, float, int]], cut: int) -> None:
    cells = [r.cell for r in read(found)]
    parts = [part for part in (cells[:cut], cells[cut:]) if part]
    assert c.merged(cells) == c.merged(cells[::-1]) == c.merged([c.merged(part) for part in parts])


def test_a_masked_text_is_not_shown(con: duckdb.DuckDBPyConnection) -> None:
    query = f"SELECT {c.shown_sql('text')} FROM (VALUES ('a', true), ('b', false)) AS v(text, masked) ORDER BY text"
    assert con.execute(query).fetchall() == [(None,), ("b",)]


def test_nonsense_is_refused_at_birth() -> None:
    with pytest.raises(ValueError, match="not a score"):
        CellProvenance(frozenset(), 1.5)
    with pytest.raises(ValueError, match="reviewer and a time"):
        CellProvenance(frozenset(), reviewers=frozenset(("a",)))


def test_the_dbt_package_follows_columns_by_the_same_rule() -> None:
    macro = (REPOSITORY / "macros" / "lineage.sql").read_text("utf-8")
    assert c.changed_sql("c.kind") + " as changed" in macro
    assert c.changed_sql("c.kind", before="named.changed").replace("OR", "or") in macro
