"""`dbt build` in someone else's repository."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY
from tests.dbt.conftest import STG, STG_YML, Repo, failed, said


@pytest.mark.criterion("R5.8", "S3", "R5.3", "R5.4", "R5.7", "E12.5", "E8.3")
def test_three_builds_with_a_file_added_changed_and_removed(repo: Repo) -> None:
    repo.dbt("deps")
    repo.dbt("build")
    assert repo.events() == [f"documents/{n}" for n in ("a.pdf", "b.pdf", "broken.pdf", "sub/c.pdf")]
    assert [float(r[0]) for r in repo.rows("SELECT total FROM mart ORDER BY 1")] == [20.5, 33.1, 119.0]
    first = repo.content()
    assert first["main.stg"]
    assert len(first["main.mart"]) == 3

    repo.dbt("build")
    assert len(repo.events()) == 4
    assert repo.content() == first

    repo.pdf("new.pdf", "Total 44.00")
    repo.pdf("b.pdf", "Total 21.00")
    (repo.root / "documents" / "a.pdf").unlink()
    repo.dbt("build")
    assert len(repo.events()) == 6
    incremental = repo.content()
    assert sorted(r[0] for r in incremental["main.stg"]) == [
        "documents/b.pdf",
        "documents/new.pdf",
        "documents/sub/c.pdf",
    ]
    assert not any(repo.orphans().values())
    assert repo.leftovers() == []

    repo.dbt("build", "--full-refresh")
    assert repo.content() == incremental
    assert len(repo.events()) == 6


@pytest.mark.criterion("E4.4", "S5")
def test_a_model_that_fails_leaves_no_lineage(repo: Repo) -> None:
    repo.write("models/stg.sql", STG.replace("select *", "select * replace (cast(error('stop') as varchar) as label)"))
    outcome = repo.dbt("build", fails=True)
    assert "stop" in failed(outcome)["stg"]
    assert repo.one("SELECT count(*) FROM locus.spans") == 0
    assert repo.one("SELECT count(*) FROM locus.models") == 0
    assert repo.one("SELECT count(*) FROM locus.runs") == 0
    assert repo.leftovers() == []
    repo.write("models/stg.sql", STG.replace("select *", "select * exclude (label)"))
    outcome = repo.dbt("build", fails=True)
    assert "missing in definition" in failed(outcome)["stg"]
    assert "label" in failed(outcome)["stg"]
    assert repo.one("SELECT count(*) FROM locus.models") == 0
    repo.write("models/stg.sql", STG)
    repo.dbt("build")
    before = repo.content()
    repo.write("models/stg.sql", STG.replace("select *", "select * replace (cast(error('stop') as varchar) as label)"))
    repo.pdf("new.pdf", "Total 44.00")
    repo.dbt("build", fails=True)
    assert repo.content() == before


@pytest.mark.criterion("E8.2", "E12.4")
def test_commands_that_build_nothing_extract_nothing(repo: Repo) -> None:
    for command in (["list"], ["compile"], ["docs", "generate"], ["build", "--empty"]):
        repo.dbt(*command)
        assert repo.events() == [], command
        assert not (repo.root / ".locus" / "results").exists(), command
    assert repo.one("SELECT count(*) FROM stg") == 0
    catalog = json.loads((repo.root / "target" / "catalog.json").read_text())
    assert catalog["nodes"] == {} or "model.shop.stg" not in catalog["nodes"]
    repo.dbt("build")
    assert repo.one("SELECT count(*) FROM stg") == 4
    repo.dbt("docs", "generate")
    catalog = json.loads((repo.root / "target" / "catalog.json").read_text())
    assert set(catalog["nodes"]["model.shop.stg"]["columns"]) == {"filename", "label", "amount", "_locus_row_id"}
    assert len(repo.events()) == 4


def test_empty_keeps_what_is_there(repo: Repo) -> None:
    repo.dbt("build")
    before = repo.content()["main.stg"]
    repo.dbt("build", "--empty")
    repo.dbt("build")
    assert repo.content()["main.stg"] == before
    assert not any(repo.orphans().values())


_MORE = {
    "models/v.sql": "{{ config(materialized='view') }} select * from {{ ref('stg') }}",
    "models/eph.sql": (
        "{{ config(materialized='ephemeral') }} select amount * 2 as twice, _locus_row_id from {{ ref('v') }}"
    ),
    "models/over.sql": "select twice, _locus_row_id from {{ ref('eph') }}",
    "models/agg.sql": "select label, sum(total) as s from {{ ref('mart') }} group by 1",
    "models/plain.sql": "select 1 as x",
    "models/up.sql": "select * from {{ locus_dbt.image('acme-upper', relation=ref('stg'), column='label') }}",
    "models/one.sql": "select * from {{ locus_dbt.image('acme-merge', relation=ref('up'), key='label') }}",
    "models/off.sql": "{{ config(meta={'locus': {'lineage': 'off'}}) }} select * from {{ ref('stg') }}",
    "models/elsewhere.sql": "{{ config(schema='other') }} select amount, _locus_row_id from {{ ref('stg') }}",
    "models/by_python.py": (
        "from locus_dbt.dbt.python_model import checked\n"
        "def model(dbt, session):\n"
        "    dbt.config(materialized='table')\n"
        "    found = dbt.ref('stg')\n"
        "    columns = {'filename': 'VARCHAR', 'label': 'VARCHAR', 'amount': 'DECIMAL(18,2)'}\n"
        "    columns['_locus_row_id'] = 'UUID'\n"
        "    return checked(dbt, found, columns=columns)\n"
    ),
    "snapshots/snap.yml": (
        "snapshots:\n  - name: snap\n    relation: ref('stg')\n"
        "    config: {unique_key: _locus_row_id, strategy: check, check_cols: all}\n"
    ),
    "models/tests.yml": """
models:
  - name: mart
    columns:
      - name: total
        data_tests: [not_null]
    data_tests:
      - locus_dbt.lineage_complete
      - locus_dbt.grounded: {arguments: {columns: [total]}}
      - locus_dbt.min_faithfulness: {arguments: {minimum: 0.9}}
      - locus_dbt.sums_to: {arguments: {parts: [total], total: total}}
  - name: over
    data_tests: [locus_dbt.lineage_complete]
unit_tests:
  - name: only_large_amounts
    model: mart
    given:
      - input: ref('stg')
        rows: [{amount: 5, label: x}, {amount: 50, label: y}]
    expect:
      rows: [{total: 50, label: y}]
""",
}


@pytest.fixture
def large(repo: Repo) -> Repo:
    for name, text in _MORE.items():
        repo.write(name, text)
    return repo


@pytest.mark.criterion("R5.1", "R5.2", "R5.4", "R5.5", "R7.1", "R7.2", "R7.6", "E6.3", "E8.5")
def test_every_kind_of_model(large: Repo) -> None:
    large.dbt("build")
    state = dict(large.rows("SELECT model, state FROM locus.models"))
    assert state == {
        "main.stg": "traced",
        "main.mart": "traced",
        "main.v": "traced",
        "main.over": "traced",
        "main.up": "traced",
        "main.one": "traced",
        "main_other.elsewhere": "traced",
        "main.agg": "untraced",
        "main.by_python": "untraced",
        "main.snap": state.get("main.snap"),
    }
    reasons = dict(large.rows("SELECT model, reason FROM locus.models WHERE state = 'untraced'"))
    assert reasons["main.agg"] == "GROUP BY has no rule yet"
    assert "Python model" in reasons["main.by_python"]
    for model, column, cells in (
        ("main.stg", "amount", 4),
        ("main.mart", "total", 3),
        ("main.v", "amount", 4),
        ("main.over", "twice", 4),
        ("main.one", "amount", 4),
        ("main_other.elsewhere", "amount", 4),
    ):
        query = f"SELECT count(*) FROM {model} JOIN locus.cells AS c USING (_locus_row_id) WHERE c.model = '{model}'"
        assert large.one(f"{query} AND c.column_name = '{column}'") == cells, model
    assert large.one("SELECT count(*) FROM by_python") == 4
    assert large.one("SELECT count(*) FROM snap") == 4
    assert len(large.events()) == 4
    assert not any(large.orphans().values())
    before = large.content()
    large.dbt("build")
    after = large.content()
    for content in (before, after):  # dbt's own columns of a snapshot are computed otherwise the second time
        content["locus.columns"] = [c for c in content["locus.columns"] if not c[1].startswith("dbt_")]
    assert {k: sorted(set(after[k]) ^ set(before[k]), key=str) for k in before if after[k] != before[k]} == {}


@pytest.mark.criterion("R5.5")
def test_a_python_model_with_other_columns_is_an_error(repo: Repo) -> None:
    text = _MORE["models/by_python.py"].replace("'label': 'VARCHAR'", "'label': 'DATE'")
    repo.write("models/by_python.py", text)
    outcome = repo.dbt("build", fails=True)
    message = failed(outcome)["by_python"]
    assert "[E106]" in message
    assert "| label | VARCHAR | DATE | data type mismatch |" in message


def test_a_database_in_memory(make_repo: Callable[..., Repo]) -> None:
    shop = make_repo(database=":memory:")
    shop.pdf("a.pdf", "Total 1.00")
    shop.write("models/stg.sql", STG.replace(", contract={'enforced': true}", ""))
    shop.write("models/mart.sql", "select amount, _locus_row_id from {{ ref('stg') }}")
    shop.write("models/t.yml", "models: [{name: mart, data_tests: [locus_dbt.lineage_complete, locus_dbt.grounded]}]")
    shop.dbt("build")
    assert shop.events() == ["documents/a.pdf"]
    shop.dbt("build")
    assert shop.events() == ["documents/a.pdf"]


def test_two_projects_in_one_process(make_repo: Callable[..., Repo]) -> None:
    one, two = make_repo("one"), make_repo("two")
    for shop, amount in ((one, "1.00"), (two, "2.00")):
        shop.pdf("a.pdf", f"Total {amount}")
        shop.write("models/stg.sql", STG.replace(", contract={'enforced': true}", ""))
    one.dbt("build")
    two.dbt("build")
    assert [float(s.one("SELECT amount FROM stg")) for s in (one, two)] == [1.0, 2.0]
    assert (one.root / ".locus").is_dir()
    assert (two.root / ".locus").is_dir()


@pytest.mark.criterion("E8.1")
def test_docs_are_persisted(repo: Repo) -> None:
    repo.write("dbt_project.yml", (repo.root / "dbt_project.yml").read_text() + "      \n")
    text = (repo.root / "dbt_project.yml").read_text()
    repo.write(
        "dbt_project.yml",
        text.replace("+materialized: table", "+materialized: table, +persist_docs: {relation: true, columns: true}"),
    )
    repo.dbt("build")
    assert repo.one("SELECT comment FROM duckdb_tables() WHERE table_name = 'stg'") == (
        'Totals of documents: it\'s "quoted".'
    )
    comments = dict(repo.rows("SELECT column_name, comment FROM duckdb_columns() WHERE table_name = 'stg'"))
    assert comments["amount"] == "What stands behind the word."
    assert repo.one("SELECT count(*) FROM locus.cells WHERE model = 'main.stg'") == 8


_TESTS = """
    data_tests:
      - locus_dbt.no_rejects: {name: rejects_warn, config: {severity: warn}}
      - locus_dbt.no_rejects: {name: rejects_fail}
      - locus_dbt.no_rejects: {name: rejects_other, arguments: {codes: [E202]}}
      - locus_dbt.grounded: {name: grounded_none, arguments: {allow: [fuzzy]}, config: {store_failures: true}}
      - locus_dbt.grounded: {name: grounded_where, arguments: {allow: [fuzzy]}, config: {where: "amount > 100"}}
      - locus_dbt.sums_to: {name: sums_wrong, arguments: {parts: [amount, amount], total: amount}}
      - locus_dbt.min_faithfulness: {name: faithful, arguments: {minimum: 1.0, columns: [amount]}}
      - locus_dbt.lineage_complete: {name: complete}
"""


@pytest.mark.criterion("R7.5", "S11")
def test_generic_tests_find_what_they_look_for(repo: Repo) -> None:
    repo.write("models/stg.yml", STG_YML.rstrip() + _TESTS)
    outcome = repo.dbt("build", fails=True)
    found = {r.node.name: (str(r.status), r.failures) for r in outcome.result.results if r.failures is not None}
    assert found["rejects_warn"] == ("warn", 1)
    assert found["rejects_fail"] == ("fail", 1)
    assert found["rejects_other"] == ("pass", 0)
    assert found["grounded_none"] == ("fail", 8)
    assert found["grounded_where"] == ("fail", 2)
    assert found["sums_wrong"] == ("fail", 4)
    assert found["faithful"] == ("pass", 0)
    assert found["complete"] == ("pass", 0)
    assert repo.one("SELECT count(*) FROM main_dbt_test__audit.grounded_none") == 8


@pytest.mark.criterion("R6.4", "R6.5", "E12.4")
@pytest.mark.parametrize(
    ("models", "parts"),
    [
        (
            {"x": "select * from {{ locus_dbt.image('acme-total', files='documents/*.pdf') }}"},
            ["[E101]", "model 'x'", "acme-total", "did you mean 'acme-totals'?"],
        ),
        (
            {
                "notes": "select * from {{ locus_dbt.image('acme-notes', files='documents/*.pdf') }}",
                "x": "select * from {{ locus_dbt.image('acme-upper', relation=ref('notes'), column='line') }}",
            },
            ["[E108]", "model 'notes' emits chunks/v1", "model 'x' (acme-upper) accepts table/v1"],
        ),
        (
            {
                "notes": "select * from locus_acme_notes('documents/*.pdf')",
                "x": "select * from locus_acme_upper('{{ ref('notes') }}', \"column\" := 'line')",
            },
            ["[E108]", "model 'notes' emits chunks/v1"],
        ),
    ],
)
def test_what_does_not_fit_stops_before_any_model_runs(repo: Repo, models: dict[str, str], parts: list[str]) -> None:
    for name, sql in models.items():
        repo.write(f"models/{name}.sql", sql)
    outcome = repo.dbt("build", fails=True)
    text = said(outcome)
    for part in parts:
        assert part in text
    assert repo.events() == []
    assert repo.rows("SELECT table_name FROM information_schema.tables WHERE table_schema = 'main'") == []


@pytest.mark.criterion("R5.6")
def test_a_cycle_is_named_and_nothing_runs(repo: Repo) -> None:
    repo.write("models/x.sql", "select * from {{ ref('y') }}")
    repo.write("models/y.sql", "select * from {{ ref('x') }}")
    outcome = repo.dbt("build", fails=True)
    assert "cycle" in str(outcome.exception)
    assert "model.shop.x" in str(outcome.exception)
    assert repo.events() == []


def test_another_version_of_the_package_stops(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    from locus_dbt.engine import capture

    monkeypatch.setattr(capture, "__version__", "9.9.9")
    outcome = repo.dbt("build", fails=True)
    text = said(outcome)
    assert "[E404]" in text
    assert "9.9.9" in text
    assert repo.events() == []


def test_lineage_of_a_relation_and_cleanup(large: Repo) -> None:
    large.write(
        "analyses/where.sql",
        "select filename, page from {{ locus_dbt.lineage(ref('mart')) }} where column_name = 'total' order by 1",
    )
    large.dbt("build")
    compiled = (large.root / "target" / "compiled" / "shop" / "analyses" / "where.sql").exists()
    if not compiled:
        large.dbt("compile")
    sql = (large.root / "target" / "compiled" / "shop" / "analyses" / "where.sql").read_text()
    assert large.rows(sql) == [("documents/a.pdf", 1), ("documents/b.pdf", 1), ("documents/sub/c.pdf", 1)]
    (large.root / "models" / "over.sql").unlink()
    (large.root / "models" / "eph.sql").unlink()
    large.write("models/tests.yml", "models: []\n")
    large.dbt("run-operation", "locus_dbt.cleanup")
    models = {r[0] for r in large.rows("SELECT model FROM locus.models")}
    assert "main.over" not in models
    assert {"main.stg", "main_other.elsewhere"} <= models
    assert large.one("SELECT count(*) FROM locus.columns WHERE model = 'main.over'") == 0


@pytest.mark.criterion("E11.3")
def test_the_log_stays_json(repo: Repo, third_party: Path) -> None:
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(REPOSITORY), str(third_party)])}
    repo.write("profiles.yml", (repo.root / "profiles.yml").read_text().replace("log_level: error", "log_level: debug"))
    command = [sys.executable, "-m", "dbt.cli.main", "--log-format", "json", "--no-send-anonymous-usage-stats", "build"]
    code = "import sys; from dbt.cli.main import cli; sys.argv = ['dbt', *sys.argv[1:]]; cli()"
    command = [sys.executable, "-c", code, *command[3:]]
    done = subprocess.run(command, cwd=repo.root, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    for line in done.stdout.splitlines():
        assert json.loads(line)["info"], line
    assert done.stderr.strip() == ""


@pytest.mark.criterion("E12.3")
def test_a_wrong_setting_in_the_profile_is_named(repo: Repo) -> None:
    text = (repo.root / "profiles.yml").read_text()
    repo.write("profiles.yml", text.replace("workers: 2", "workers: 999"))
    outcome = repo.dbt("build", fails=True)
    text = said(outcome)
    assert "[E103] setting 'workers' from arguments" in text
    repo.close()
