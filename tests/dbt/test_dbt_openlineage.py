"""A real dbt build, its events, and its export: parent invocation, SQL, descriptions, what failed."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest

from tests.dbt.conftest import Repo
from tests.openlineage_schemas import errors_of


def _builds(repo: Repo) -> list[tuple[str, str]]:
    from locus_dbt.core.events import read_events
    from locus_dbt.core.store import Store

    return [
        (e.name.removeprefix("locus.build."), e.data["node"])
        for e in read_events(Store(repo.root / ".locus"))
        if e.name.startswith("locus.build.")
    ]


def _exported(repo: Repo, capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    from locus_dbt.cli.app import main

    capsys.readouterr()
    with contextlib.chdir(repo.root), pytest.raises(SystemExit) as ended:
        main(["openlineage"])
    assert not ended.value.code
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [errors_of(e) for e in events] == [[]] * len(events)
    return events


@pytest.mark.criterion("V1", "E11.1")
def test_a_dbt_build_and_one_that_fails(
    repo: Repo, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DBT_PROFILES_DIR", raising=False)
    repo.write(
        "models/sums.sql", "select sum(amount) as s from {{ ref('stg') }}"
    )  # untraced: it has inputs all the same
    repo.dbt("build", "--threads", "1")
    assert sorted(_builds(repo)) == [
        ("finished", "model.shop.mart"),
        ("finished", "model.shop.stg"),
        ("finished", "model.shop.sums"),
        ("started", "model.shop.mart"),
        ("started", "model.shop.stg"),
        ("started", "model.shop.sums"),
    ]
    events = _exported(repo, capsys)
    assert [(e["job"]["name"], e["eventType"]) for e in events] == [
        (f"main.{name}", kind) for name in ("stg", "mart", "sums") for kind in ("START", "COMPLETE")
    ]
    stg, mart, sums = events[1], events[3], events[5]
    assert [d["name"] for d in sums["inputs"]] == ["shop.main.stg"]
    assert sums["run"]["facets"]["locus_build"]["state"] == "untraced"
    invocation = repo.one("SELECT DISTINCT invocation_id FROM locus.runs")
    for event in (stg, mart):
        parent = event["run"]["facets"]["parent"]
        assert (parent["run"]["runId"], parent["job"]["name"]) == (invocation, "dbt-run-shop")
        assert event["job"]["facets"]["jobType"]["integration"] == "DBT"
    assert "locus_image(" in stg["job"]["facets"]["sql"]["query"]
    assert stg["job"]["facets"]["documentation"]["description"].startswith("Totals of documents")
    assert [d["name"] for d in mart["inputs"]] == ["shop.main.stg"]
    assert stg["outputs"][0]["facets"]["datasetType"]["datasetType"] == "TABLE"

    repo.write("models/mart.sql", "select error('no good') as total, _locus_row_id from {{ ref('stg') }}")
    repo.dbt("run", "--select", "mart", fails=True)
    assert _builds(repo)[6:] == [("started", "model.shop.mart"), ("failed", "model.shop.mart")]
    again = _exported(repo, capsys)
    # SQL and descriptions are those of the last invocation, which built nothing that stands
    assert [e["run"]["runId"] for e in again[:6]] == [e["run"]["runId"] for e in events]
    start, fail = again[6:]
    assert (start["eventType"], fail["eventType"], fail["job"]["name"]) == ("START", "FAIL", "main.mart")
    assert "no good" in fail["run"]["facets"]["errorMessage"]["message"]
    assert fail["run"]["facets"]["parent"]["job"]["name"] == "dbt-run-shop"


def test_an_incremental_run_says_what_it_read_and_what_was_held(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    repo.dbt("run", "--select", "stg")
    repo.pdf("d.pdf", "Total 5.00")
    repo.dbt("run", "--select", "stg")
    events = _exported(repo, capsys)
    assert [e["run"]["facets"]["locus_build"]["current"] for e in events] == [False, False, True, True]
    reads = {d["name"]: d["facets"]["locus_document"]["reads"][0]["inThisRun"] for d in events[3]["inputs"]}
    assert [name for name, here in reads.items() if here] == ["documents/broken.pdf", "documents/d.pdf"]
    assert sorted(reads) == [f"documents/{n}" for n in ("a.pdf", "b.pdf", "broken.pdf", "d.pdf", "sub/c.pdf")]
