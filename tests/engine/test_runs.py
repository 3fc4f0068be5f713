"""Runs: a rerun adds one, old ones stay until they are collected, and what documents gave is stored once."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from locus_dbt.engine.build import build_model
from locus_dbt.engine.collect import collect_runs
from locus_dbt.engine.tables import create_lineage_tables
from tests.conftest import Attached, write_pdf

_FILES = "'**/*.pdf'"


class Built(Attached):
    """Builds models on an attached connection."""

    def build(self, model: str, sql: str) -> None:
        build_model(self.connection, self.session, model, sql)

    def run_of(self, model: str) -> str:
        return str(self.one(f"SELECT run_id FROM locus.models WHERE model = 'main.{model}'"))

    def collect(self, **how: Any) -> dict[str, int]:
        later = datetime.now(UTC) + timedelta(hours=1)
        return dict(collect_runs(self.connection, before=later, **how))


@pytest.fixture
def db(attached: Attached) -> Built:
    built = Built(attached.connection, attached.session, attached.store)
    built.build("stg", f"select * from locus_acme_totals({_FILES})")
    return built


def _stored(db: Built) -> tuple[int, int]:
    return db.one("SELECT count(*) FROM locus.readings"), db.one("SELECT count(*) FROM locus.reading_rows")


def test_a_rerun_adds_a_run_and_stores_no_document_twice(db: Built) -> None:
    before, first = _stored(db), db.run_of("stg")
    db.build("stg", f"select * from locus_acme_totals({_FILES})")
    rejected = db.one("SELECT count(*) FROM locus.documents WHERE status = 'rejected'")
    assert _stored(db) == (before[0] + rejected, before[1])
    assert db.run_of("stg") > first
    assert db.one("SELECT count(DISTINCT run_id) FROM locus.runs") == 2


def test_an_old_run_answers_as_it_did(db: Built) -> None:
    first = db.run_of("stg")
    row, column = db.rows("SELECT _locus_row_id::VARCHAR, column_name FROM locus.spans WHERE filename = 'a.pdf'")[0]
    traced = f"SELECT document, page, x0, y0, text, faithfulness FROM locus_trace('stg', '{row}', '{column}'"
    before = db.rows(traced + ")")
    spans = db.rows("SELECT * FROM locus.spans ORDER BY ALL")
    (db.session.settings.root / "a.pdf").unlink()
    db.build("stg", f"select * from locus_acme_totals({_FILES})")
    assert db.rows(traced + ")") == []
    assert db.rows(f"{traced}, run_wanted := '{first}')") == before
    assert len(before) == 1
    names = "image, _locus_row_id, filename, column_name"
    assert db.rows(f"SELECT {names} FROM locus.run_spans WHERE run_id = '{first}' ORDER BY ALL") == sorted(
        s[1:5] for s in spans
    )


def test_a_model_answers_for_the_run_it_was_built_on(db: Built) -> None:
    db.build("mart", "select upper(label) as label, _locus_row_id from stg where filename = 'a.pdf'")
    row = db.one("SELECT _locus_row_id::VARCHAR FROM mart LIMIT 1")
    question = f"SELECT document, text FROM locus_trace('mart', '{row}', 'label')"
    cells = "SELECT _locus_row_id, text FROM locus.cells WHERE model = 'main.mart' ORDER BY ALL"
    before, listed = db.rows(question), db.rows(cells)
    assert len(before) == 1
    (db.session.settings.root / "a.pdf").unlink()
    db.build("stg", f"select * from locus_acme_totals({_FILES})")
    assert db.rows(question) == before
    assert db.rows(cells) == listed
    assert db.collect()["runs"] == 0  # the first run of stg is what mart stands on
    assert db.rows(question) == before


def test_collecting_forgets_what_no_model_stands_on(db: Built) -> None:
    (db.session.settings.root / "a.pdf").unlink()
    db.build("stg", f"select * from locus_acme_totals({_FILES})")
    spans = db.rows("SELECT * FROM locus.spans ORDER BY ALL")
    rejects = db.rows("SELECT * FROM locus.rejects ORDER BY ALL")
    assert db.collect(dry_run=True)["runs"] == 1
    assert db.one("SELECT count(DISTINCT run_id) FROM locus.runs") == 2
    assert db.collect()["runs"] == 1
    assert db.one("SELECT count(DISTINCT run_id) FROM locus.runs") == 1
    assert db.one("SELECT count(*) FROM locus.readings WHERE filename = 'a.pdf'") == 0
    assert db.one("SELECT count(*) FROM locus.reading_rows ANTI JOIN locus.readings USING (reading)") == 0
    assert db.rows("SELECT * FROM locus.spans ORDER BY ALL") == spans
    assert db.rows("SELECT * FROM locus.rejects ORDER BY ALL") == rejects


def test_a_source_that_is_gone_is_said_and_not_guessed(db: Built) -> None:
    db.build("mart", "select label, _locus_row_id from stg")
    row = db.one("SELECT _locus_row_id::VARCHAR FROM mart LIMIT 1")
    run = db.run_of("stg")
    for table in ("models", "runs", "run_columns"):
        db.connection.execute(f"DELETE FROM locus.{table} WHERE run_id = '{run}'")
    ((document, reason),) = db.rows(f"SELECT document, reason FROM locus_trace('mart', '{row}', 'label')")
    assert document is None
    assert "main.stg" in reason
    assert "build it again" in reason


def test_lineage_needs_neither_event_log_nor_cache(db: Built, tmp_path: Path) -> None:
    asked = ("spans", "cells", "documents", "rejects", "columns", "completeness")
    before = {name: db.rows(f"SELECT * FROM locus.{name} ORDER BY ALL") for name in asked}
    assert db.store.is_relative_to(tmp_path), "what is removed lies in the test's own folder"
    assert (db.store / "events").is_dir()
    shutil.rmtree(db.store)
    assert {name: db.rows(f"SELECT * FROM locus.{name} ORDER BY ALL") for name in asked} == before


def test_lineage_of_another_form_is_made_anew_and_what_people_wrote_stays(db: Built) -> None:
    db.connection.execute("INSERT INTO locus.reviews (verdict) VALUES ('right')")
    db.connection.execute("COMMENT ON TABLE locus.models IS 'form of another version'")
    create_lineage_tables(db.connection)
    assert db.one("SELECT count(*) FROM locus.models") == 0
    assert db.rows("SELECT verdict FROM locus.reviews") == [("right",)]
    db.build("stg", f"select * from locus_acme_totals({_FILES})")
    assert db.one("SELECT count(*) FROM locus.spans") > 0


def test_an_incremental_run_holds_what_the_one_before_held(db: Built) -> None:
    from locus_dbt.engine.capture import Target, capture

    write_pdf(db.session.settings.root / "new.pdf", ["Label new", "Total 5.00"])
    captured = capture(
        db.session,
        f"select * from locus_acme_totals({_FILES}, target := 'main.stg')",
        Target("main.stg", incremental=True),
    )
    db.connection.execute("BEGIN")
    db.connection.execute(f"INSERT INTO stg {captured.sql}")
    db.connection.execute(captured.after)
    db.connection.execute("COMMIT")
    names = {r[0] for r in db.rows("SELECT filename FROM locus.documents")}
    assert {"a.pdf", "new.pdf"} <= names
    assert len({r[0] for r in db.rows("SELECT run_id FROM locus.documents")}) == 2
