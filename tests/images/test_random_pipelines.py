"""Random pipelines of the real relational images and plain SQL over an extracted relation: no cell loses its place."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import locus_dbt
from locus_dbt.engine.build import build_model

_CSV = """Number;Supplier;Town;Amount;Paid on
A-1; Probe Works ;Berlin;1.234,50;05.03.2024
A-1;Probe  Works;Berlin;1.234,50;05.03.2024
A-2;Sample Ltd;n/a;10,00;
A-2;Sample Ltd;Paris;not yet;06.03.2024
B-7;Mill & Sons;;99,00;31.12.2024
"""
_READ = "select * from locus_doc_to_tables('bills.csv', shape := 'wide', filename := false)"

#: What can be done to a relation that has the columns of the file; ``{}`` is the relation before.
_STEPS = {
    "trim": "select * from locus_data_cleaner('{}')",
    "upper": "select * from locus_data_cleaner('{}', \"case\" := {{town: 'upper'}})",
    "typed": "select * from locus_data_cleaner('{}', \"columns\" := {{amount: 'DECIMAL(18,2)', paid_on: 'DATE'}})",
    "merge": "select * from locus_deduplicator('{}', keys := ['number'])",
    "frequent": "select * from locus_deduplicator('{}', keys := ['number'], survivorship := {{town: 'most_frequent'}})",
    "verdict": "select * exclude (_valid, _violations) from locus_data_validator('{}', output := 'rows', "
    "rules := [{{\"check\": 'not_null', \"column\": 'town'}}])",
    "copy": "select number, supplier, town, amount, paid_on, _locus_row_id from {}",
    "longer": "select * replace (town || '!' as town) from {}",
    "filter": "select * from {} where number <> 'B-7'",
}
_CHANGING = {"trim": {"supplier"}, "upper": {"town"}, "typed": {"amount"}, "longer": {"town"}}
_NAMES = itertools.count()


class Bills:
    """A database with the extracted relation; ``build`` makes a model from a step."""

    def __init__(self, folder: Path) -> None:
        (folder / "bills.csv").write_text(_CSV, "utf-8")
        self.con = duckdb.connect()
        self.session = locus_dbt.attach(self.con, folder, workers=1, memory_mb=900)
        self.model("bills", _READ)

    def model(self, name: str, sql: str) -> None:
        captured = build_model(self.con, self.session, name, sql)
        assert captured.state == "traced", captured.reason

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return self.con.execute(sql).fetchall()


@pytest.fixture(scope="module")
def bills(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bills]:
    made = Bills(tmp_path_factory.mktemp("bills"))
    yield made
    made.con.close()


@pytest.mark.criterion("R7.1", "R7.2", "R7.4", "R7.6")
@given(pipeline=st.lists(st.sampled_from(sorted(_STEPS)), min_size=1, max_size=4))
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_every_cell_of_the_last_model_reaches_its_places(bills: Bills, pipeline: list[str]) -> None:
    models = ["bills"]
    for step in pipeline:
        models.append(f"m{next(_NAMES)}")
        try:
            bills.model(models[-1], _STEPS[step].format(models[-2]))
        except duckdb.Error:  # after "typed" a number is no text to be cleaned again
            if "typed" not in pipeline:
                raise
            models.pop()
    last = models[-1]
    columns = [r[0] for r in bills.rows(f"DESCRIBE {last}") if r[0] != "_locus_row_id"]
    contributors = walk(bills, models)
    for column in columns:
        cells = bills.rows(
            f"SELECT t._locus_row_id, t.{column} IS NOT NULL, list(c.leaf_row_id), min(c.faithfulness), "
            f"bool_or(c.changed) FROM {last} AS t LEFT JOIN locus.cells AS c ON c.model = 'main.{last}' "
            f"AND c._locus_row_id = t._locus_row_id AND c.column_name = '{column}' GROUP BY ALL"
        )
        for row_id, filled, leaves, score, changed in cells:
            cited = {leaf for leaf in leaves if leaf is not None}
            written = {leaf for leaf in contributors[row_id] if filled_at_leaf(bills, leaf, column)}
            assert cited == written, "the spans of all contributors, and no other"
            assert not filled or cited, f"{column} of {last} reaches no span"
            assert score is None or 0 <= score <= 1
            if cited and any(column in _CHANGING.get(step, ()) for step in pipeline):
                assert changed, "a changed value asks for re-grounding"
            if cited and not _CHANGING.keys() & set(pipeline):
                assert not changed, "merging, copying, filtering and judging change nothing"


def walk(bills: Bills, models: list[str]) -> dict[Any, set[Any]]:
    """Row of the last model to the leaf rows it comes from, by the edges of each step."""
    found = {row_id: {row_id} for (row_id,) in bills.rows("SELECT _locus_row_id FROM bills")}
    for model in models[1:]:
        edges: dict[Any, list[Any]] = {}
        for row_id, source in bills.rows(
            f"SELECT _locus_row_id, source_row_id FROM locus.edges WHERE model = 'main.{model}'"
        ):
            edges.setdefault(row_id, []).append(source)
        ids = [r[0] for r in bills.rows(f"SELECT _locus_row_id FROM {model}")]
        found = {i: set().union(*(found[s] for s in edges.get(i, [i]))) for i in ids}
    return found


def filled_at_leaf(bills: Bills, leaf: Any, column: str) -> bool:
    return bool(bills.rows(f"SELECT 1 FROM bills WHERE _locus_row_id = '{leaf}' AND {column} IS NOT NULL"))


@pytest.mark.criterion("R7.4")
def test_a_null_made_from_a_value_has_a_reject_or_a_rule(bills: Bills) -> None:
    from locus_dbt.core.registry import registry
    from locus_dbt.engine.binder import bind_relational

    bills.model("typed", _STEPS["typed"].format("bills"))
    made = bills.rows(
        "SELECT b._locus_row_id, 'amount' FROM bills AS b JOIN typed AS t USING (_locus_row_id) "
        "WHERE b.amount IS NOT NULL AND t.amount IS NULL UNION ALL "
        "SELECT b._locus_row_id, 'town' FROM bills AS b JOIN typed AS t USING (_locus_row_id) "
        "WHERE b.town IS NOT NULL AND t.town IS NULL"
    )
    plan = bind_relational(
        bills.session, registry().image("data-cleaner"), "bills", {"columns": {"amount": "DECIMAL(18,2)"}}
    )
    told = set(bills.rows("SELECT _locus_row_id, column_name FROM locus.rejects WHERE model = 'main.typed'"))
    told |= set(bills.rows(f"SELECT _locus_row_id, column_name FROM ({plan.nulls})"))
    assert {column for _, column in made} == {"amount", "town"}
    assert set(made) <= told
    assert set(bills.rows(f"SELECT DISTINCT reason FROM ({plan.nulls})")) == {("blanks only, or a null word",)}
