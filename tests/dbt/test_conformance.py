"""An image that drops lineage, in a real project: refused before anything runs, or marked all the way down."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from locus_dbt import batches
from locus_dbt.model.errors import LineageError
from tests.dbt.conftest import PROFILES, Repo, failed, said

_TESTS = """
models:
  - {name: stg, data_tests: [locus_dbt.lineage_intact]}
  - {name: mart, data_tests: [locus_dbt.lineage_intact]}
  - {name: honest, data_tests: [locus_dbt.lineage_intact]}
"""


def _permissive(repo: Repo) -> None:
    profile = PROFILES.format(path=repo.database)
    repo.write("profiles.yml", profile.replace("log_level: error", "log_level: error, conformance: permissive"))


@pytest.fixture
def shop(make_repo: Callable[..., Repo]) -> Repo:
    """A staging model over an image that keeps no place of its amounts, a mart over it, and an honest model."""
    repo = make_repo()
    repo.pdf("a.pdf", "Invoice 1", "Total 119.00")
    repo.write("models/stg.sql", "select * from {{ locus_dbt.image('acme-lossy', files='documents/*.pdf') }}")
    repo.write("models/mart.sql", "select amount * 2 as twice, _locus_row_id from {{ ref('stg') }}")
    repo.write("models/honest.sql", "select * from {{ locus_dbt.image('acme-totals', files='documents/*.pdf') }}")
    repo.write("models/schema.yml", _TESTS)
    return repo


@pytest.mark.criterion("R7.7", "R9.5")
def test_strict_refuses_the_image_before_anything_runs_and_names_it(shop: Repo) -> None:
    outcome = shop.dbt("build", fails=True)
    text = said(outcome)
    assert "[E503] image 'acme-lossy' 1.0.0 is not conformant" in text
    assert "column 'amount' has" in text
    assert "values without a span" in text
    assert "locus certify acme-lossy" in text
    assert "acme-totals" not in text
    assert shop.events() == []
    assert shop.rows("SELECT table_name FROM information_schema.tables WHERE table_schema = 'main'") == []


@pytest.mark.criterion("R7.8", "R9.4")
def test_permissive_marks_every_cell_from_it_down_to_the_mart(shop: Repo) -> None:
    _permissive(shop)
    shop.dbt("run")
    assert [float(r[0]) for r in shop.rows("SELECT twice FROM mart")] == [238.0]
    named = "SELECT model || '.' || column_name, kind FROM locus.columns WHERE column_name <> 'filename'"
    kinds = dict(shop.rows(named))
    assert {kind for name, kind in kinds.items() if name.startswith("main.honest")} == {"identity"}
    assert {kind for name, kind in kinds.items() if not name.startswith("main.honest")} == {"lineage_broken"}
    assert {"main.stg.amount", "main.mart.twice", "main.honest.amount"} <= kinds.keys()
    for model, column in (("stg", "amount"), ("mart", "twice")):
        row_id = shop.one(f"SELECT _locus_row_id FROM {model}")
        reasons = shop.rows(f"SELECT DISTINCT reason FROM locus_trace('{model}', '{row_id}', '{column}')")
        assert len(reasons) == 1
        assert "image 'acme-lossy' 1.0.0 is not conformant" in reasons[0][0]
    outcome = shop.dbt("test", fails=True)
    assert {name.rsplit("_", 2)[-2] for name in failed(outcome)} == {"stg", "mart"}


@pytest.mark.criterion("R7.7")
def test_a_relational_image_that_lies_about_origins_is_refused_and_marked(shop: Repo) -> None:
    shop.write("models/stg.sql", "select * from {{ locus_dbt.image('acme-totals', files='documents/*.pdf') }}")
    call = "locus_dbt.image('acme-liar', relation=ref('stg'), column='label')"
    shop.write("models/mid.sql", f"select * from {{{{ {call} }}}}")
    shop.write("models/mart.sql", "select label, _locus_row_id from {{ ref('mid') }}")
    text = said(shop.dbt("build", fails=True))
    assert "[E503] image 'acme-liar' 1.0.0 is not conformant: a column changes with its named origins only" in text
    _permissive(shop)
    shop.dbt("run")
    kinds = set(shop.rows("SELECT model, kind FROM locus.columns WHERE model IN ('main.stg', 'main.mid', 'main.mart')"))
    assert kinds == {("main.stg", "identity"), ("main.mid", "lineage_broken"), ("main.mart", "lineage_broken")}
    assert set(failed(shop.dbt("test", fails=True))) == {"locus_dbt_lineage_intact_mart_"}


@pytest.mark.criterion("R7.7")
def test_plain_sql_is_refused_too(third_party: object, documents: Path, attach_to: Callable[..., Any]) -> None:
    strict = attach_to(documents)
    assert "image 'acme-lossy' 1.0.0 is not conformant" in strict.error("SELECT * FROM locus_acme_lossy('a.pdf')")
    assert "[E503]" in strict.error("SELECT locus_acme_lossy_value('a.pdf')")
    assert strict.one("SELECT count(*) FROM locus_acme_totals('a.pdf')") == 1
    permissive = attach_to(documents, conformance="permissive")
    assert permissive.one("SELECT count(*) FROM locus_acme_lossy('a.pdf')") == 1


@pytest.mark.criterion("R7.7")
def test_arrow_batches_are_refused_too(third_party: object, documents: Path, tmp_path: Path) -> None:
    settings = {"store": str(tmp_path / "store"), "workers": 2, "memory_mb": 900}
    with pytest.raises(LineageError, match="acme-lossy") as caught:
        batches("acme-lossy", "a.pdf", root=documents, settings=settings)
    assert caught.value.code == "E503"
    permissive = {**settings, "conformance": "permissive"}
    assert batches("acme-lossy", "a.pdf", root=documents, settings=permissive).read_all().num_rows == 1
