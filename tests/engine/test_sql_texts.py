"""The SQL that stands for calls, as golden texts: ``LOCUS_ACCEPT=1`` rewrites them (and fails that run)."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import sqlglot

from locus_dbt.core.plan import Plan, Task, Unreadable
from locus_dbt.engine import scan_sql
from locus_dbt.engine.binder import BoundExtract
from locus_dbt.engine.catalog import values_sql
from locus_dbt.engine.lineage_sql import LineageWriter
from locus_dbt.engine.tables import ddl
from locus_dbt.lineage.columns import Derivation, Origin
from locus_dbt.model.relation import RelationalPlan

GOLDEN = Path(__file__).parent / "golden"

_PREFIX = "00000000-0000-8000-8000-00"
_TASKS = (
    Task("a.pdf", "/x/a.pdf", "aa", 10, _PREFIX, "key-a"),
    Task('it\'s "b".pdf', "/x/b.pdf", "bb", 20, _PREFIX[:-1] + "1", "key-b"),
)
_COLUMNS = {"label": "VARCHAR", 'odd "name"': "DECIMAL(18,2)"}


def _plan() -> Plan:
    manifest = SimpleNamespace(name="acme-totals", version="1.0.0")
    image: Any = SimpleNamespace(manifest=manifest, digest="d1")
    return Plan(image, "totals", None, {"word": "it's"}, _TASKS, (Unreadable("ftp://x", "E211", "no 'connector'"),))


def _extract_script(*, incremental: bool, native: bool = False) -> str:
    writer = LineageWriter("main.stg", run_id="run", node="model.p.stg", invocation="inv", built='"tmp"')
    writer.start(rows_by="leaf", incremental=incremental)
    origin = Origin("image:acme-totals", "label")
    writer.columns({"label": Derivation(frozenset([origin])), "n": Derivation(gap="a window", kind="untraced")})
    tasks = _TASKS[1:] if incremental else _TASKS
    scans = [(t, f"SELECT * FROM read_csv('{i}')") for i, t in enumerate(tasks)] if native else ()
    bound = BoundExtract(_plan(), "token", tasks, "", _COLUMNS, scans=scans, dynamic=native)
    if incremental:
        writer.forget_documents("acme-totals", {_PREFIX: "it's.pdf"}, target='"db"."main"."stg"')
    writer.extract(bound)
    return writer.script()


def _relational_script() -> str:
    writer = LineageWriter("main.merged", run_id="run")
    writer.start(rows_by="edges", incremental=False)
    image: Any = SimpleNamespace(manifest=SimpleNamespace(name="acme-merge", version="1.0.0"), digest="d2")
    plan = RelationalPlan("SELECT 1", {}, edges="SELECT edges", rejects="SELECT rejects")
    writer.relational(image, plan, source="main.stg")
    return writer.script()


CASES = {
    "rows": lambda: scan_sql.rows_sql("_locus_rows_x_y", "token", _TASKS, _COLUMNS, filename="filename"),
    "rows_without_filename": lambda: scan_sql.rows_sql("_locus_rows_x_y", "token", _TASKS, _COLUMNS, filename=None),
    "rows_of_no_document": lambda: scan_sql.rows_sql("_locus_rows_x_y", "token", (), _COLUMNS, filename="filename"),
    "dynamic_rows": lambda: scan_sql.dynamic_rows_sql("token", _TASKS, _COLUMNS, filename="filename"),
    "spans": lambda: scan_sql.spans_sql("token", _TASKS),
    "rejects": lambda: scan_sql.rejects_sql("token", _TASKS, _plan()),
    "empty": lambda: scan_sql.empty_sql(_COLUMNS, filename='file "x"'),
    "native": lambda: scan_sql.native_sql(
        [(t, f"SELECT * FROM read_csv('{i}')") for i, t in enumerate(_TASKS)],
        _COLUMNS,
        filename="filename",
        by_number=False,
    ),
    "native_by_number": lambda: scan_sql.native_sql(
        [(_TASKS[0], "SELECT * FROM read_csv('0')")], _COLUMNS, filename=None, by_number=True
    ),
    "native_rejects": lambda: scan_sql.native_rejects_sql([(_TASKS[0], "SELECT * FROM read_csv('0')")], _COLUMNS),
    "dynamic_rejects": lambda: scan_sql.dynamic_rejects_sql("token", _TASKS, _COLUMNS),
    "values": lambda: values_sql({"a": "VARCHAR", "b": "BOOLEAN"}, [{"a": "it's", "b": True}, {"b": None}]),
    "no_values": lambda: values_sql({"a": "VARCHAR", "b": "BOOLEAN"}, []),
    "lineage_extract": lambda: _extract_script(incremental=False),
    "lineage_incremental": lambda: _extract_script(incremental=True),
    "lineage_native": lambda: _extract_script(incremental=False, native=True),
    "lineage_relational": _relational_script,
    "lineage_untraced": lambda: LineageWriter("main.agg", run_id="run").untraced("GROUP BY's rule is missing"),
    "lineage_forgotten": lambda: LineageWriter("main.agg", run_id="run").forget(),
    "lineage_tables": lambda: ";\n".join(ddl()),
}


@pytest.mark.parametrize("name", CASES)
def test_the_text_is_the_golden_one(name: str) -> None:
    text = CASES[name]() + "\n"
    path = GOLDEN / f"{name}.sql"
    known = path.read_text("utf-8") if path.exists() else ""
    if os.environ.get("LOCUS_ACCEPT") and text != known:
        path.write_text(text, "utf-8")
        pytest.fail(f"{path.name} was rewritten: look at the difference")
    assert text == known


@pytest.mark.parametrize("name", CASES)
def test_the_text_is_sql(name: str) -> None:
    text = CASES[name]().split("CREATE OR REPLACE MACRO")[0]  # sqlglot does not read arguments with defaults
    assert all(sqlglot.parse(text.rstrip("; \n"), dialect="duckdb"))


def test_no_golden_text_is_left_over() -> None:
    assert {p.stem for p in GOLDEN.glob("*.sql")} == set(CASES)
