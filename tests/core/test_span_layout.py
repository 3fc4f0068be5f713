"""Spans come back from their stored form as they were, boxes to a quarter of a point."""

from __future__ import annotations

from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from locus_dbt.core.builder import SPAN_SCHEMA
from locus_dbt.core.row_ids import row_id, row_prefix
from locus_dbt.core.span_layout import SEPARATOR, joined, pack, packed_bytes, packed_of
from locus_dbt.engine.lineage_views import VERDICT_COLUMNS
from locus_dbt.engine.tables import ddl

_TEXT = st.text(st.characters(exclude_categories=("Cs",), exclude_characters=SEPARATOR), max_size=8)
_PLACE = st.one_of(
    st.none(),
    st.builds(lambda n: f"Sheet1!B{n}", st.integers(0, 10**18)),
    st.builds(lambda a, b: f"/items/{a}/{b}", st.integers(0, 3), st.integers(0, 3)),
    st.sampled_from(["line 007", "", "12", "page"]),
)
_LISTS = st.one_of(st.none(), st.lists(_TEXT, min_size=1, max_size=2))


@st.composite
def _span(draw: st.DrawFn) -> dict[str, Any]:
    boxed = draw(st.booleans())
    at = [draw(st.integers(0, 4000)) / 4 for _ in range(4)]
    return {
        "ordinal": draw(st.integers(0, 12)),
        "column_name": draw(st.sampled_from(["a", "b", 'odd "name", c'])),
        "value": draw(_TEXT),
        "text": draw(st.one_of(st.none(), _TEXT)),
        "page": draw(st.integers(1, 9)) if boxed else draw(st.one_of(st.none(), st.integers(1, 9))),
        **({"x0": at[0], "y0": at[1], "x1": at[0] + at[2], "y1": at[1] + at[3] + 0.25} if boxed else {}),
        "place": draw(_PLACE),
        "start": draw(st.one_of(st.none(), st.integers(0, 9))),
        "stop": draw(st.one_of(st.none(), st.integers(0, 9))),
        "confidence": draw(st.sampled_from([0.5, 1.0])),
        "faithfulness": draw(st.sampled_from([0.25, 1.0])),
        "grounding": draw(st.sampled_from(["exact", "none"])),
        "rule": draw(st.one_of(st.none(), _TEXT)),
        "mode": "degraded",
        "inputs": draw(_LISTS),
        "checks": draw(_LISTS),
        "reason": draw(st.one_of(st.none(), _TEXT)),
    }


def _table(spans: list[dict[str, Any]]) -> pa.Table:
    return pa.Table.from_pylist([{n: span.get(n) for n in SPAN_SCHEMA.names} for span in spans], SPAN_SCHEMA)


def _restored(documents: list[pa.Table]) -> list[list[dict[str, Any]]]:
    """What the view over the stored tables gives for each document."""
    packed = pack(documents)
    with duckdb.connect() as connection:
        for statement in ddl():
            connection.execute(statement)
        connection.execute("INSERT INTO locus.models VALUES ('main.m', NULL, 'traced', NULL, 'leaf', 'run')")
        for i in range(len(documents)):
            prefix = row_prefix(str(i), "", "")
            connection.execute(
                "INSERT INTO locus.readings BY NAME SELECT ? AS reading, ? AS prefix, 'img' AS image, ? AS filename, "
                "false AS native",
                [i, prefix, f"{i}.pdf"],
            )
            connection.execute("INSERT INTO locus.run_documents VALUES ('run', ?, 'run')", [i])
        names = ", ".join(VERDICT_COLUMNS)
        for name, fields in (
            ("rows", "ordinal, shape, cells"),
            ("extras", 'ordinal, position, "value", place, "start", "stop"'),
            ("verdicts", f"ordinal, {names}"),
            ("addresses", "column_name, first_row, last_row, prefix, base, step, suffix"),
        ):
            section = getattr(packed, name)
            owners = pa.array(np.repeat(np.arange(len(documents)), section.counts).astype(np.int32))
            given_table = section.table.append_column("reading", owners)
            connection.register("given_table", given_table)
            connection.execute(f"INSERT INTO locus.reading_{name} SELECT reading, {fields} FROM given_table")
            connection.unregister("given_table")
        out: list[list[dict[str, Any]]] = []
        for i in range(len(documents)):
            found = connection.execute("SELECT * FROM locus.spans WHERE filename = ?", [f"{i}.pdf"])
            names = [str(d[0]) for d in found.description or ()]
            out.append([dict(zip(names, row, strict=True)) for row in found.fetchall()])
        return out


def _key(span: dict[str, Any]) -> str:
    return repr([(n, span.get(n)) for n in SPAN_SCHEMA.names if n != "ordinal"])


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(_span(), max_size=30), min_size=1, max_size=3))
def test_nothing_is_lost(documents: list[list[dict[str, Any]]]) -> None:
    tables = [_table(spans) for spans in documents]
    for number, (table, found) in enumerate(zip(tables, _restored(tables), strict=True)):
        prefix = row_prefix(str(number), "", "")
        wanted = {}
        for span in table.to_pylist():
            key = (row_id(prefix, span["ordinal"]), _key(span))
            wanted[key] = wanted.get(key, 0) + 1
        got: dict[tuple[str, str], int] = {}
        for span in found:
            key = (str(span["_locus_row_id"]), _key({**span, "_locus_row_id": None}))
            got[key] = got.get(key, 0) + 1
        assert got == wanted


def test_addresses_that_follow_from_the_row_are_kept_once() -> None:
    spans = [
        {"ordinal": i, "column_name": c, "value": "1", "text": "1", "place": f"Sheet1!{c}{i + 2 + (i > 50)}"}
        for i in range(100)
        for c in "AB"
    ]
    packed = pack([_table(spans)])
    assert packed.extras.table.num_rows == 0
    assert packed.addresses.table.num_rows == 4
    assert packed.verdicts.table.num_rows == 1


def test_addresses_without_a_rule_stay_as_they_are() -> None:
    spans = [
        {"ordinal": i, "column_name": "a", "value": "1", "text": "1", "place": f"line {i * i}"} for i in range(100)
    ]
    packed = pack([_table(spans)])
    assert packed.extras.table["place"].to_pylist() == [s["place"] for s in spans]


def test_rows_whose_shapes_collide_are_still_told_apart(monkeypatch: Any) -> None:
    spans = [
        {"ordinal": i, "column_name": c, "value": "1", "text": "1"}
        for i, shape in enumerate(["ab", "ba", "ab", "cd", "a"])
        for c in shape
    ]
    whole = pack([_table(spans)]).rows.table["shape"].to_pylist()
    monkeypatch.setattr("locus_dbt.core.span_layout.np.add", _Constant())
    assert pack([_table(spans)]).rows.table["shape"].to_pylist() == whole
    assert [set(shape.split(SEPARATOR)) for shape in whole] == [{"a", "b"}, {"a", "b"}, {"a", "b"}, {"c", "d"}, {"a"}]


class _Constant:
    """A hash that says the same of everything."""

    @staticmethod
    def reduceat(values: Any, starts: Any) -> Any:
        return np.zeros_like(values[starts])


def test_packed_documents_travel_as_bytes() -> None:
    one = pack([_table([{"ordinal": 0, "column_name": "a", "value": "1", "text": "one", "page": 1}])])
    two = pack([_table([{"ordinal": 3, "column_name": "b", "value": "2", "text": "2", "place": "x"}])])
    whole = joined([packed_of(packed_bytes(one)), two])
    assert whole.rows.counts.tolist() == [1, 1]
    assert whole.rows.table["ordinal"].to_pylist() == [0, 3]
    assert whole.extras.table["place"].to_pylist() == [None, "x"]
