"""Real builds as OpenLineage events, each validated against the schemas that it names."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from locus_dbt.engine.build import build_model
from locus_dbt.engine.openlineage_facts import Node, Wanted, read_builds
from locus_dbt.lineage.openlineage import run_events, to_line
from locus_dbt.lineage.openlineage_builds import (
    Build,
    ColumnEdge,
    Document,
    ImageUse,
    Naming,
    Quality,
    Software,
    Source,
    Table,
)
from locus_dbt.lineage.openlineage_facets import OWN, PUBLISHED, own_schema, schema_url
from tests.conftest import Attached
from tests.openlineage_schemas import client_registry, errors_of, facets_of, spec_folder

_NAMING = Naming("shop", "duckdb://shop.duckdb", "shop")
_SOFTWARE = Software(duckdb.__version__, "0.1.0")

Events = list[dict[str, Any]]


def _events(connection: duckdb.DuckDBPyConnection, *, most_documents: int = 100, **wanted: Any) -> Events:
    builds = read_builds(connection, Wanted(**wanted))
    return [e for b in builds for e in run_events(b, _NAMING, _SOFTWARE, most_documents=most_documents)]


def _complete(events: Events, model: str) -> dict[str, Any]:
    """The last COMPLETE event of a model."""
    return [e for e in events if e["eventType"] == "COMPLETE" and e["job"]["name"] == f"main.{model}"][-1]


@pytest.fixture
def shop(attached: Attached) -> Attached:
    """Documents, a model over them, one that computes and filters, one that merges rows, and a view."""
    build = lambda model, sql: build_model(attached.connection, attached.session, model, sql)  # noqa: E731
    build("stg", "select * from locus_acme_totals('**/*.pdf')")
    build("mid", "select amount * 2 as twice, amount as total, label, _locus_row_id from stg where amount > 10")
    build("merged", "select * from locus_deduplicator('mid', keys := ['label'])")
    return attached


# --- against the schemas ---------------------------------------------------------------------------------------------


def test_every_event_of_a_build_fits_the_schemas_it_names(shop: Attached) -> None:
    events = _events(shop.connection)
    assert [e["eventType"] for e in events] == ["START", "COMPLETE"] * 3
    for event in events:
        assert errors_of(event) == []
        assert errors_of(json.loads(to_line(event))) == []
    named = {f["_schemaURL"] for e in events for _, f in facets_of(e)}
    assert len(named) > 10
    assert {schema_url(name) for name in OWN if name != "LocusDocumentsDatasetFacet"} <= named


@pytest.mark.skipif(spec_folder() is None, reason="OPENLINEAGE_SPEC names no folder with the published files")
def test_every_event_fits_the_published_files(shop: Attached) -> None:
    for event in [*_events(shop.connection), *_events(shop.connection, most_documents=1)]:
        assert errors_of(event, published=True) == []


def test_the_versions_named_are_those_of_the_client() -> None:
    assert [n for n in PUBLISHED if schema_url(n).partition("#")[0] not in client_registry()] == []


def _damages() -> list[tuple[str, Callable[[dict[str, Any]], object]]]:
    def output(event: dict[str, Any]) -> dict[str, Any]:
        return event["outputs"][0]["facets"]

    return [
        ("no run", lambda e: e.pop("run")),
        ("run id", lambda e: e["run"].update(runId="7")),
        ("time", lambda e: e.update(eventTime="yesterday")),
        ("time without zone", lambda e: e.update(eventTime="2026-01-01T00:00:00")),
        ("type", lambda e: e.update(eventType="DONE")),
        ("no job name", lambda e: e["job"].pop("name")),
        ("dataset without namespace", lambda e: e["inputs"][0].pop("namespace")),
        ("facet without producer", lambda e: output(e)["schema"].pop("_producer")),
        ("facet of no schema", lambda e: output(e)["schema"].update(_schemaURL="https://openlineage.io/x.json")),
        ("column without name", lambda e: output(e)["schema"]["fields"][0].pop("name")),
        ("column lineage without fields", lambda e: output(e)["columnLineage"].pop("fields")),
        ("input field", lambda e: output(e)["columnLineage"]["fields"]["amount"]["inputFields"][0].pop("field")),
        ("row count", lambda e: e["outputs"][0]["outputFacets"]["outputStatistics"].update(rowCount="4")),
        ("misspelled", lambda e: e["outputs"][0]["outputFacets"]["outputStatistics"].update(rowcount=4)),
        ("null", lambda e: e["run"]["facets"]["processing_engine"].update(name=None)),
        ("faithfulness", lambda e: output(e)["locus_quality"]["columns"]["amount"].update(averageFaithfulness=1.2)),
        ("hash", lambda e: e["inputs"][0]["facets"]["locus_document"].update(sha256="abc")),
        ("unknown field of ours", lambda e: e["run"]["facets"]["locus_build"].update(colour="red")),
    ]


def test_a_damaged_event_is_rejected(shop: Attached) -> None:
    sound = _complete(_events(shop.connection, model="main.stg"), "stg")
    for name, damage in _damages():
        event = copy.deepcopy(sound)
        assert errors_of(event) == [], name
        damage(event)
        assert errors_of(event), name


def test_our_schemas_describe_every_field() -> None:
    for name in OWN:
        schema = own_schema(name)
        assert schema["$id"] == schema_url(name).partition("#")[0]
        text = json.dumps(schema)
        for definition in schema["$defs"].values():
            parts = definition.get("allOf", [{}, definition])[-1]["properties"]
            assert all("description" in p for p in parts.values()), text


_texts = st.text(max_size=12)
_counts = st.integers(0, 10**12)
_hashes = st.from_regex(r"[0-9a-f]{64}", fullmatch=True)
_documents = st.builds(
    Document,
    st.sampled_from(["one", "two"]),
    st.text(min_size=1, max_size=12) | st.sampled_from(["s3://b/k.pdf", "https://h/", "a/b.pdf", "/x", "z.zip!/a.csv"]),
    st.none() | _hashes,
    st.none() | _counts,
    st.none() | st.just("application/pdf"),
    st.none() | _counts,
    st.none() | st.integers(0, 3),
    st.sampled_from(["read", "rejected"]),
    st.sampled_from(["r1", "r2"]),
)
_scores = st.none() | st.floats(0, 1)
_builds = st.builds(
    Build,
    st.just("r1") | st.uuids().map(lambda u: u.hex),
    st.just("main.m"),
    st.just("2026-01-01T00:00:00.000Z"),
    invocation=st.none() | st.uuids().map(str) | st.just("by hand"),
    node=st.none() | st.just("model.shop.m"),
    images=st.lists(
        st.builds(
            ImageUse,
            st.sampled_from(["one", "two"]),
            st.none() | _texts,
            st.none() | _hashes,
            st.dictionaries(_texts, st.none() | _texts, max_size=2),
            st.none() | st.just("deterministic"),
            st.none() | _hashes,
            _counts,
            _counts,
            _counts,
        ),
        max_size=2,
    ),
    error=st.none() | _texts,
    current=st.booleans(),
    state=st.sampled_from([None, "traced", "untraced"]),
    reason=st.none() | _texts,
    rows_by=st.sampled_from([None, "leaf", "identity", "edges"]),
    documents=st.lists(_documents, max_size=6),
    columns=st.lists(
        st.builds(
            ColumnEdge,
            _texts,
            st.sampled_from([None, "image:one", "main.up", "main.m"]),
            st.none() | _texts,
            st.sampled_from(["identity", "expression", "untraced", "lineage_broken"]),
            st.none() | _texts,
        ),
        max_size=4,
    ),
    sources=st.lists(
        st.builds(Source, st.sampled_from(["main.up", "main.m"]), st.none() | st.just("r0"), st.booleans()), max_size=2
    ),
    table=st.none()
    | st.builds(
        Table,
        st.lists(st.tuples(_texts, _texts), max_size=3),
        st.sampled_from(["TABLE", "VIEW"]),
        st.none() | _counts,
        st.dictionaries(_texts, st.integers(0, 0), max_size=2),
    ),
    quality=st.dictionaries(
        _texts, st.builds(Quality, _counts, _scores, _scores, st.just({"exact": 1}), st.just({})), max_size=2
    ),
    rejects=st.dictionaries(_texts, _counts, max_size=2),
    sql=st.none() | _texts,
    description=st.none() | _texts,
    reads=st.lists(st.sampled_from(["main.up", "main.m", "main.other"]), max_size=2),
)


@given(_builds, st.integers(0, 4))
@settings(deadline=None)  # the first example reads the schemas
def test_whatever_is_known_of_a_build_makes_valid_and_equal_events(build: Build, most: int) -> None:
    events = list(run_events(build, _NAMING, _SOFTWARE, most_documents=most))
    assert [errors_of(e) for e in events] == [[], []]
    assert [to_line(e) for e in events] == [
        to_line(e) for e in run_events(build, _NAMING, _SOFTWARE, most_documents=most)
    ]
    assert len({e["run"]["runId"] for e in events}) == 1
    datasets = [(d["namespace"], d["name"]) for d in events[0]["inputs"]]
    assert len(datasets) == len(set(datasets))


# --- what they say ---------------------------------------------------------------------------------------------------


def test_the_run_says_what_was_asked_read_and_refused(shop: Attached) -> None:
    event = _complete(_events(shop.connection), "stg")
    build = event["run"]["facets"]["locus_build"]
    assert event["run"]["runId"].replace("-", "") == build["runId"]
    (image,) = build["images"]
    assert (image["name"], image["version"], image["engine"]) == ("acme-totals", "1.0.0", "deterministic")
    assert (image["documents"], image["documentsRead"], image["documentsRejected"]) == (4, 4, 1)
    assert build["rowsBy"] == "leaf"
    assert event["outputs"][0]["facets"]["locus_quality"]["rejects"] == {"E203": 1}


def test_documents_and_models_are_inputs(shop: Attached) -> None:
    events = _events(shop.connection)
    documents = _complete(events, "stg")["inputs"]
    assert [(d["namespace"], d["name"]) for d in documents] == [
        ("file", name) for name in ("a.pdf", "b.pdf", "broken.pdf", "sub/c.pdf")
    ]
    facets = documents[0]["facets"]
    assert facets["version"]["datasetVersion"] == f"sha256:{facets['locus_document']['sha256']}"
    assert facets["storage"]["fileFormat"] == "pdf"
    assert facets["locus_document"]["reads"] == [
        {"image": "acme-totals", "status": "read", "rows": 1, "inThisRun": True}
    ]
    (source,) = _complete(events, "mid")["inputs"]
    assert source["name"] == "shop.main.stg"
    version = source["facets"]["version"]["datasetVersion"]
    assert version == _complete(events, "stg")["outputs"][0]["facets"]["version"]["datasetVersion"]


def test_columns_lead_to_documents_and_to_columns(shop: Attached) -> None:
    events = _events(shop.connection)
    amount = _complete(events, "stg")["outputs"][0]["facets"]["columnLineage"]["fields"]["amount"]["inputFields"]
    # the damaged document gave no row, so no value comes from it
    assert [(f["namespace"], f["name"], f["field"]) for f in amount] == [
        ("file", name, "amount") for name in ("a.pdf", "b.pdf", "sub/c.pdf")
    ]
    assert amount[0]["transformations"][0]["description"] == "read by acme-totals 1.0.0"
    fields = _complete(events, "mid")["outputs"][0]["facets"]["columnLineage"]["fields"]
    kinds = {c: [t["subtype"] for f in v["inputFields"] for t in f["transformations"]] for c, v in fields.items()}
    assert kinds == {"total": ["IDENTITY"], "twice": ["TRANSFORMATION"], "label": ["IDENTITY"]}
    assert fields["twice"]["inputFields"][0]["field"] == "amount"
    merged = _complete(events, "merged")["outputs"][0]["facets"]["columnLineage"]
    assert [(d["name"], d["field"], d["transformations"][0]["type"]) for d in merged["dataset"]] == [
        ("shop.main.mid", "_locus_row_id", "INDIRECT")
    ]


def test_what_was_counted_is_what_the_table_has(shop: Attached) -> None:
    output = _complete(_events(shop.connection), "mid")["outputs"][0]
    assert output["outputFacets"]["outputStatistics"]["rowCount"] == shop.one("select count(*) from mid") == 3
    assert [(f["name"], f["type"]) for f in output["facets"]["schema"]["fields"]] == shop.rows(
        "select column_name, column_type from (describe mid)"
    )
    metrics = output["facets"]["dataQualityMetrics"]
    assert metrics["columnMetrics"]["total"] == {"nullCount": 0, "count": 3}
    quality = output["facets"]["locus_quality"]["columns"]
    # three rows passed the filter: the cells of the one that did not are not counted
    assert quality["total"]["cells"] == 3
    assert quality["total"]["averageFaithfulness"] == pytest.approx(
        shop.one("select avg(faithfulness) from locus.spans where column_name = 'amount' and value <> '7.00'")
    )


def test_nulls_are_counted(attached: Attached) -> None:
    build_model(
        attached.connection,
        attached.session,
        "gaps",
        "select nullif(amount, 7.00) as amount, _locus_row_id from locus_acme_totals('*.pdf')",
    )
    facets = _complete(_events(attached.connection), "gaps")["outputs"][0]["facets"]
    assert facets["dataQualityMetrics"]["columnMetrics"]["amount"] == {"nullCount": 1, "count": 2}


def test_without_quality_no_table_is_read(shop: Attached) -> None:
    for event in _events(shop.connection, quality=False):
        assert errors_of(event) == []
        assert "outputStatistics" not in event["outputs"][0].get("outputFacets", {})
        assert "dataQualityMetrics" not in event["outputs"][0].get("facets", {})


def test_many_documents_are_given_by_folder(shop: Attached) -> None:
    event = _complete(_events(shop.connection, most_documents=3), "stg")
    assert errors_of(event) == []
    assert [(d["name"], d["facets"]["locus_documents"]["documents"]) for d in event["inputs"]] == [
        ("./", 3),
        ("sub/", 1),
    ]
    assert event["inputs"][0]["facets"]["locus_documents"]["rejected"] == 1
    fields = event["outputs"][0]["facets"]["columnLineage"]["fields"]["amount"]["inputFields"]
    assert [f["name"] for f in fields] == ["./", "sub/"]


def test_the_same_builds_give_the_same_events_and_a_rebuild_another_run(shop: Attached) -> None:
    first = [to_line(e) for e in _events(shop.connection)]
    assert first == [to_line(e) for e in _events(shop.connection)]
    build_model(shop.connection, shop.session, "mid", "select amount as total, _locus_row_id from stg")
    events = _events(shop.connection, model="main.mid")
    assert [e["run"]["facets"]["locus_build"]["current"] for e in events] == [False, False, True, True]
    old, new = events[1], events[3]
    assert old["run"]["runId"] != new["run"]["runId"]
    # the replaced build keeps what it was made of; what the table has is told of the one that stands
    columns = [sorted(e["outputs"][0]["facets"]["columnLineage"]["fields"]) for e in (old, new)]
    assert columns == [["label", "total", "twice"], ["total"]]
    assert ["schema" in e["outputs"][0]["facets"] for e in (old, new)] == [False, True]
    assert [errors_of(e) for e in events] == [[]] * 4


def test_untraced_models_and_views_have_events(shop: Attached) -> None:
    build_model(shop.connection, shop.session, "total", "select sum(amount) as s from stg")
    event = _complete(_events(shop.connection), "total")
    assert errors_of(event) == []
    assert event["run"]["facets"]["locus_build"]["state"] == "untraced"
    assert event["run"]["facets"]["locus_build"]["reason"]


def test_dbt_is_the_parent_and_gives_the_sql(shop: Attached) -> None:
    """As the dbt package writes it: node and invocation beside the run."""
    invocation = "0f8b2c57-6b0e-4a3c-9f8e-5d6d0a3f7c11"
    shop.connection.execute(f"UPDATE locus.runs SET invocation_id = '{invocation}' WHERE model = 'main.mid'")
    shop.connection.execute("UPDATE locus.models SET node = 'model.shop.mid' WHERE model = 'main.mid'")
    nodes = {"model.shop.mid": Node("select 1 -- password: hunter22", "What it is.", ("main.rates", "main.stg"))}
    event = _complete(_events(shop.connection, invocation=invocation, nodes=nodes), "mid")
    assert errors_of(event) == []
    parent = event["run"]["facets"]["parent"]
    assert (parent["run"]["runId"], parent["job"]["name"]) == (invocation, "dbt-run-shop")
    facets = event["job"]["facets"]
    assert facets["jobType"]["integration"] == "DBT"
    assert facets["documentation"]["description"] == "What it is."
    assert facets["sql"]["query"].startswith("select 1")
    assert [d["name"] for d in event["inputs"]] == ["shop.main.rates", "shop.main.stg"]
    assert "hunter22" not in to_line(event)
    other = _complete(_events(shop.connection, invocation="another", nodes=nodes), "mid")
    assert "sql" not in other["job"]["facets"]


def test_the_schemas_travel_in_the_package() -> None:
    from importlib import resources

    folder = resources.files("locus_dbt.lineage") / "facet_schemas"
    assert sorted(Path(str(f)).stem for f in folder.iterdir()) == sorted(OWN)


def test_files_that_duckdb_reads_itself_are_documents_too(
    attach_to: Callable[..., Attached], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from locus_dbt.engine import binder

    monkeypatch.setattr(binder, "NATIVE_BYTES", 0)
    (tmp_path / "a.csv").write_text("id,name\n1,x\n2,y\n", "utf-8")
    db = attach_to(tmp_path)
    sql = "select * from locus_doc_to_tables('a.csv', shape := 'wide', columns := {id: 'BIGINT', name: 'VARCHAR'})"
    build_model(db.connection, db.session, "stg", sql)
    assert db.one("select native from locus.documents") is True
    event = _complete(_events(db.connection), "stg")
    assert errors_of(event) == []
    assert [d["name"] for d in event["inputs"]] == ["a.csv"]
    assert event["inputs"][0]["facets"]["storage"]["fileFormat"] == "csv"
    fields = event["outputs"][0]["facets"]["columnLineage"]["fields"]
    assert {c: [f["name"] for f in v["inputFields"]] for c, v in fields.items()} == {"id": ["a.csv"], "name": ["a.csv"]}
