"""Building models outside dbt: rows and lineage arrive together or not at all."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from locus_dbt.engine.build import build_model
from locus_dbt.engine.capture import Capture
from locus_dbt.engine.tables import RELATIONS
from locus_dbt.errors import RunError
from tests.conftest import Attached, write_pdf

_FILES = "'**/*.pdf'"


class Built(Attached):
    """Builds models on an attached connection."""

    def build(self, model: str, sql: str) -> Capture:
        return build_model(self.connection, self.session, model, sql)

    def counts(self, model: str) -> dict[str, int]:
        return {
            t: self.one(f"SELECT count(*) FROM locus.{t} WHERE model = '{model}'") for t in RELATIONS if t != "runs"
        }


@pytest.fixture
def db(attached: Attached) -> Built:
    return Built(attached.connection, attached.session, attached.store)


@pytest.fixture
def stg(db: Built) -> Built:
    db.build("stg", f"select * from locus_acme_totals({_FILES})")
    return db


def _cells(db: Built, model: str, column: str) -> list[Any]:
    query = (
        f"SELECT c.value, c.filename, c.page, c.grounding FROM {model} AS t JOIN locus.cells AS c "
        f"ON c._locus_row_id = t._locus_row_id AND c.model = 'main.{model}' AND c.column_name = '{column}' ORDER BY ALL"
    )
    return db.rows(query)


_AMOUNTS = [
    ("119.00", "a.pdf", 1, "exact"),
    ("20.50", "b.pdf", 1, "exact"),
    ("33.10", "sub/c.pdf", 1, "exact"),
    ("7.00", "b.pdf", 1, "exact"),
]


@pytest.mark.criterion("R7.5", "R7.6", "E8.3", "E8.5")
def test_every_cell_joins_to_its_place(stg: Built) -> None:
    assert _cells(stg, "stg", "amount") == sorted(_AMOUNTS)
    assert stg.one("SELECT state FROM locus.models WHERE model = 'main.stg'") == "traced"
    assert stg.counts("main.stg") == {
        "models": 1,
        "documents": 4,
        "spans": 8,
        "edges": 0,
        "columns": 3 - 1,
        "rejects": 1,
        "completeness": 4,
    }


@pytest.mark.criterion("S11", "E11.4", "E8.6")
def test_a_run_says_what_was_asked_read_and_refused(stg: Built) -> None:
    row = stg.rows("SELECT image, image_version, engine, documents, documents_read, documents_rejected FROM locus.runs")
    assert row == [("acme-totals", "1.0.0", "deterministic", 4, 4, 1)]
    assert stg.rows("SELECT filename, code FROM locus.rejects") == [("broken.pdf", "E203")]
    assert sorted(stg.rows("SELECT filename, status, rows, pages FROM locus.documents")) == [
        ("a.pdf", "read", 1, 1),
        ("b.pdf", "read", 2, 1),
        ("broken.pdf", "rejected", 0, None),
        ("sub/c.pdf", "read", 1, 1),
    ]


@pytest.mark.criterion("R7.1", "R7.6")
def test_provenance_reaches_through_plain_models(stg: Built) -> None:
    stg.build("mid", "select amount * 2 as twice, amount as total, upper(label) as l, _locus_row_id from stg")
    stg.build("mart", "select total, twice, _locus_row_id from mid where total > 10 order by total")
    assert _cells(stg, "mart", "total") == [c for c in sorted(_AMOUNTS) if float(c[0]) > 10]
    assert _cells(stg, "mart", "twice") == [c for c in sorted(_AMOUNTS) if float(c[0]) > 10]
    changed = "SELECT DISTINCT column_name, changed FROM locus.cells WHERE model = 'main.mart' ORDER BY 1"
    assert stg.rows(changed) == [("total", False), ("twice", True)]


@pytest.mark.criterion("R7.4")
def test_a_mapping_image_passes_rows_on_and_marks_what_it_changed(stg: Built) -> None:
    captured = stg.build("up", "select * from locus_acme_upper('stg', \"column\" := 'label')")
    assert captured.state == "traced"
    assert _cells(stg, "up", "amount") == sorted(_AMOUNTS)
    assert len(_cells(stg, "up", "label")) == 4


@pytest.mark.criterion("R7.2", "E6.3")
def test_a_merging_image_keeps_all_contributors(stg: Built) -> None:
    stg.build("one", "select * from locus_acme_merge('stg', \"key\" := 'label')")
    assert stg.rows("SELECT label, amount FROM one") == [("Total", Decimal("7.00"))]
    assert _cells(stg, "one", "amount") == sorted(_AMOUNTS)
    assert stg.one("SELECT count(*) FROM locus.edges WHERE model = 'main.one' AND source = 'main.stg'") == 4
    stg.build("after", "select amount as a, _locus_row_id from one")
    assert _cells(stg, "after", "a") == sorted(_AMOUNTS)


@pytest.mark.criterion("R7.3")
def test_a_splitting_image_points_every_child_to_its_origin(stg: Built) -> None:
    stg.build("letters", "select * from locus_acme_split('stg', \"column\" := 'label')")
    assert stg.one("SELECT count(*) FROM letters") == 4 * len("Total")
    found = stg.rows(
        "SELECT t.letter, count(*), count(DISTINCT c._locus_row_id), min(c.text) "
        "FROM letters AS t JOIN locus.cells AS c "
        "ON c.model = 'main.letters' AND c._locus_row_id = t._locus_row_id AND c.column_name = 'letter' "
        "GROUP BY ALL ORDER BY ALL"
    )
    assert found == [
        ("T", 4, 4, "Total"),
        ("a", 4, 4, "Total"),
        ("l", 4, 4, "Total"),
        ("o", 4, 4, "Total"),
        ("t", 4, 4, "Total"),
    ]


@pytest.mark.criterion("R7.6")
def test_a_cell_is_traced_by_model_row_and_column(stg: Built) -> None:
    stg.build("one", "select * from locus_acme_merge('stg', \"key\" := 'label')")
    row = stg.one("SELECT _locus_row_id FROM one")
    found = stg.rows(f"SELECT document, page, text FROM locus_trace('one', '{row}', column_wanted := 'amount')")
    assert sorted(f[0] for f in found) == ["a.pdf", "b.pdf", "b.pdf", "sub/c.pdf"]
    assert stg.rows(f"SELECT DISTINCT column_name FROM locus_trace('main.one', '{row}') ORDER BY 1") == [
        ("amount",),
        ("label",),
    ]


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        ("select label, sum(amount) s from stg group by label", "GROUP BY has no rule yet"),
        ("select amount from stg", "does not carry _locus_row_id"),
        ("select distinct label from stg", "does not carry _locus_row_id"),
    ],
)
def test_what_has_no_rule_is_untraced_with_the_reason(stg: Built, sql: str, reason: str) -> None:
    captured = stg.build("agg", sql)
    assert captured.state == "untraced"
    assert reason in (captured.reason or "")
    assert stg.rows("SELECT state, reason FROM locus.models WHERE model = 'main.agg'") == [
        ("untraced", captured.reason)
    ]
    stg.build("above", "select * from agg")
    ((state, why),) = stg.rows("SELECT state, reason FROM locus.models WHERE model = 'main.above'")
    assert (state, why) == ("untraced", "main.agg is itself untraced")


def test_models_without_documents_are_left_alone(stg: Built) -> None:
    sql = "select 1 as locus_x, 'locus_acme_totals(' as t"
    assert stg.build("plain", sql) == Capture(sql)
    stg.rows("CREATE TABLE people AS FROM (VALUES ('ann')) AS t(name)")
    captured = stg.build("upper", "select * from locus_acme_upper('people', \"column\" := 'name')")
    assert captured.state == "unrelated"
    assert stg.rows("SELECT DISTINCT model FROM locus.models") == [("main.stg",)]


def test_a_model_that_loses_its_ancestry_loses_its_lineage(stg: Built) -> None:
    stg.build("stg", "select 1 as x")
    assert set(stg.counts("main.stg").values()) == {0}


@pytest.mark.criterion("S5")
@pytest.mark.parametrize(
    "sql",
    [
        f"select *, error('stop') as x from locus_acme_totals({_FILES})",
        f"select *, cast(label as integer) as x from locus_acme_totals({_FILES})",
        f"select * from locus_acme_totals({_FILES}), no_such_table",
    ],
)
def test_a_model_that_fails_leaves_nothing(db: Built, sql: str) -> None:
    import duckdb

    with pytest.raises(duckdb.Error):
        db.build("stg", sql)
    assert set(db.counts("main.stg").values()) == {0}
    assert db.one("SELECT count(*) FROM locus.runs") == 0
    assert db.rows("SELECT table_name FROM duckdb_tables() WHERE schema_name = 'main'") == []


@pytest.mark.criterion("S5")
def test_a_rebuild_that_fails_leaves_what_was_there(stg: Built) -> None:
    import duckdb

    before = stg.counts("main.stg")
    with pytest.raises(duckdb.Error):
        stg.build("stg", f"select *, error('stop') as x from locus_acme_totals({_FILES})")
    assert stg.counts("main.stg") == before
    assert _cells(stg, "stg", "amount") == sorted(_AMOUNTS)


def test_building_again_replaces(stg: Built, documents: Path) -> None:
    before = stg.counts("main.stg")
    stg.build("stg", f"select * from locus_acme_totals({_FILES})")
    assert stg.counts("main.stg") == before
    (documents / "b.pdf").unlink()
    stg.build("stg", f"select * from locus_acme_totals({_FILES})")
    assert stg.counts("main.stg")["spans"] == 4
    assert stg.rows("SELECT count(*) FROM locus.spans ANTI JOIN stg USING (_locus_row_id)") == [(0,)]


@pytest.mark.criterion("S2")
def test_rows_and_lineage_speak_of_one_snapshot(db: Built, documents: Path) -> None:
    """A file that arrives between binding and running belongs to neither."""
    from locus_dbt.engine.capture import Target, capture
    from locus_dbt.engine.tables import create_lineage_tables

    create_lineage_tables(db.connection)
    captured = capture(db.session, f"select * from locus_acme_totals({_FILES})", Target("stg"))
    write_pdf(documents / "late.pdf", ["Total 1.00"])
    db.rows(f"CREATE TABLE stg AS {captured.sql}")
    db.rows(captured.after)
    assert db.one("SELECT count(*) FROM stg") == 4
    assert db.one("SELECT count(*) FROM locus.documents") == 4


@pytest.mark.parametrize("model", ['"od d"."it\'s ""x""; --"', 'main."SELECT"', "MIXED"])
def test_hostile_model_names(db: Built, model: str) -> None:
    db.rows('CREATE SCHEMA IF NOT EXISTS "od d"')
    db.build(model, f"select * from locus_acme_totals({_FILES})")
    assert db.one(f"SELECT count(*) FROM {model}") == 4
    assert db.one("SELECT count(*) FROM locus.cells") == 8
    db.build("next", f"select amount, _locus_row_id from {model}")
    assert len(_cells(db, "next", "amount")) == 4


def test_hostile_file_names_in_lineage(db: Built, documents: Path) -> None:
    for name in ("it's.pdf", 'a"b;--.pdf', "東京.pdf", "new\nline.pdf"):
        write_pdf(documents / name, ["Total 1.00"])
    db.build("stg", f"select * from locus_acme_totals({_FILES})")
    assert db.rows("SELECT count(*) FROM stg ANTI JOIN locus.cells USING (_locus_row_id, filename)") == [(0,)]


def test_two_calls_of_one_image_in_one_model(db: Built) -> None:
    db.build(
        "twice",
        "select label, amount, _locus_row_id from locus_acme_totals('a.pdf') "
        "union all select label, amount, _locus_row_id from locus_acme_totals('sub/*.pdf')",
    )
    assert [c[1] for c in _cells(db, "twice", "amount")] == ["a.pdf", "sub/c.pdf"]
    assert db.one("SELECT count(*) FROM locus.documents") == 2


@pytest.mark.criterion("E6.4")
def test_copies_have_lineage_of_their_own(db: Built, documents: Path) -> None:
    shutil.copy(documents / "a.pdf", documents / "copy.pdf")
    db.build("stg", f"select * from locus_acme_totals({_FILES})")
    assert [c[1] for c in _cells(db, "stg", "amount") if c[0] == "119.00"] == ["a.pdf", "copy.pdf"]


@pytest.mark.criterion("E8.2")
def test_a_model_of_nothing_is_built(db: Built) -> None:
    captured = db.build("stg", "select * from locus_acme_totals('broken.pdf')")
    assert captured.state == "traced"
    assert db.one("SELECT count(*) FROM stg") == 0
    assert db.counts("main.stg")["rejects"] == 1
    empty = db.build("nothing", "select * from locus_acme_totals('no/*.pdf', empty := true)")
    assert empty.state == "traced"
    assert db.one("SELECT count(*) FROM nothing") == 0


def test_arguments_that_are_not_constant_are_untraced(db: Built) -> None:
    db.rows("SET VARIABLE files = 'a.pdf'")
    captured = db.build("stg", "select * from locus_acme_totals(getvariable('files'))")
    assert captured.state == "untraced"
    assert "read a variable" in (captured.reason or "")
    assert db.one("SELECT count(*) FROM stg") == 1
    assert db.rows("SELECT model, state FROM locus.models") == [("main.stg", "untraced")]


def test_a_plain_view_is_no_business_of_ours(stg: Built) -> None:
    from locus_dbt.engine.capture import Capture, Target, capture

    stg.rows("CREATE TABLE people AS FROM (VALUES ('ann', 1)) AS t(name, n)")
    sql = "select name, sum(n) as s from people group by name"
    assert capture(stg.session, sql, Target("v", view=True)) == Capture(sql)
    over = capture(stg.session, "select * from stg", Target("v", view=True))
    assert over.state == "traced"
    reading = capture(stg.session, "select * from locus_acme_totals('*.pdf')", Target("v", view=True))
    assert reading.state == "untraced"
    assert "materialize it" in (reading.reason or "")


def test_a_comment_or_text_that_looks_like_a_call_is_none(stg: Built) -> None:
    captured = stg.build("x", "select 'locus_acme_totals(1)' as t /* locus_acme_totals( */ -- locus_image('")
    assert captured.state == "unrelated"


def test_file_databases_keep_lineage(
    third_party: Path, documents: Path, attach_to: Callable[..., Attached], tmp_path: Path
) -> None:
    path = str(tmp_path / "x.duckdb")
    one = attach_to(documents, path)
    build_model(one.connection, one.session, "stg", f"select * from locus_acme_totals({_FILES})")
    one.connection.close()
    import duckdb

    with duckdb.connect(path, read_only=True) as plain:
        assert plain.execute("SELECT count(*) FROM locus.cells").fetchall() == [(8,)]
        row = plain.execute("SELECT _locus_row_id FROM stg LIMIT 1").fetchall()[0][0]
        assert plain.execute("SELECT count(*) FROM locus_trace('stg', ?)", [str(row)]).fetchall()[0][0] == 2


def test_every_lineage_table_is_as_it_is_described(stg: Built) -> None:
    for table, columns in RELATIONS.items():
        found = {r[0]: r[1] for r in stg.rows(f"DESCRIBE locus.{table}")}
        assert found == {name: kind for name, (kind, _) in columns.items()}
        assert all(len(about) > 3 for _, about in columns.values())


@pytest.mark.criterion("V1")
def test_a_build_that_cannot_be_logged_does_not_happen(db: Built) -> None:
    """The event comes first: without it neither table nor lineage."""
    db.build("other", "select 1 as one")
    db.rows(f"select * from locus_acme_totals({_FILES})")  # read before, so that only the build itself has an event
    events = db.store / "events"
    events.rename(db.store / "kept")
    events.write_text("a file where the folder should be")
    with pytest.raises(RunError) as caught:
        db.build("stg", f"select * from locus_acme_totals({_FILES})")
    assert caught.value.code == "E401"
    assert db.one("select count(*) from information_schema.tables where table_name = 'stg'") == 0
    assert db.one("select count(*) from locus.runs") == 0
    events.unlink()
    assert db.build("stg", f"select * from locus_acme_totals({_FILES})").state == "traced"
    assert [e.name for e in db.events("locus.build")] == ["locus.build.started", "locus.build.finished"]
