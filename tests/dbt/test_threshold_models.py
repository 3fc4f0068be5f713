"""The threshold in dbt: table and incremental models, tests, flagged rows."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.dbt.conftest import Repo, failed, said

CLAIMS = """party = Meyer | Meyer
amount = 119.00 | 119,00 EUR

party = Smith Ltd | Miller Inc
amount = 7.00 | 7.00

party = Jones | Jones
amount = 20.50 | 25.20"""

MODEL = """
{{{{ config(materialized='{how}', unique_key='_locus_row_id') }}}}
select * from {{{{ locus_dbt.image('acme-claims', files='documents/*.txt', min_faithfulness=0.6, below='{below}') }}}}
"""

TESTS = """
models:
  - name: stg
    data_tests: [{locus_dbt.min_faithfulness: {arguments: {minimum: 0.6}}}, locus_dbt.grounded]
"""


@pytest.fixture
def shop(make_repo: Callable[..., Repo]) -> Repo:
    repo = make_repo()
    repo.write("documents/a.txt", CLAIMS)
    return repo


def _parties(repo: Repo) -> list[str]:
    return [r[0] for r in repo.rows("SELECT party FROM stg ORDER BY 1")]


@pytest.mark.criterion("E7.7", "E7.8")
@pytest.mark.parametrize("how", ["table", "incremental"])
def test_rejected_rows_are_recorded_with_their_model(shop: Repo, how: str) -> None:
    shop.write("models/stg.sql", MODEL.format(how=how, below="reject"))
    shop.write("models/stg.yml", TESTS)
    shop.dbt("build")  # the tests pass: what would fail them is left out
    assert _parties(shop) == ["Meyer"]
    query = "SELECT code, column_name, raw FROM locus.rejects WHERE model = 'main.stg' ORDER BY ALL"
    first = [("E303", "amount", "25.20"), ("E303", "party", "Miller Inc")]
    assert shop.rows(query) == first
    shop.write("documents/b.txt", "party = Brown | Brown\n\nparty = Black | White Ltd")
    shop.dbt("build")
    assert _parties(shop) == ["Brown", "Meyer"]
    assert shop.rows(query) == [*first, ("E303", "party", "White Ltd")]
    (shop.root / "documents" / "a.txt").unlink()
    shop.dbt("build")
    assert _parties(shop) == ["Brown"]
    assert shop.rows(query) == [("E303", "party", "White Ltd")]
    assert not any(shop.orphans().values())


@pytest.mark.criterion("E7.6", "E9.1")
def test_retained_rows_are_flagged_down_to_the_mart(shop: Repo) -> None:
    shop.write("models/stg.sql", MODEL.format(how="table", below="retain"))
    shop.write("models/stg.yml", TESTS)
    shop.write("models/mart.sql", "select upper(party) as who, _locus_row_id from {{ ref('stg') }}")
    shop.write(
        "models/review.sql",
        "select m.who, f.flagged_columns, f.lowest, f.reasons from {{ ref('mart') }} as m "
        "join {{ locus_dbt.flagged(ref('mart')) }} as f using (_locus_row_id)",
    )
    shop.dbt("run")
    assert _parties(shop) == ["Jones", "Meyer", "Smith Ltd"]
    assert shop.rows("SELECT value FROM locus.flagged ORDER BY 1") == [("20.50",), ("Smith Ltd",)]
    ((who, columns, lowest, reasons),) = shop.rows("SELECT * FROM review")
    assert (who, columns) == ("SMITH LTD", ["who"])
    assert lowest < 0.6
    assert "Miller Inc" in reasons[0]
    assert shop.one("SELECT count(*) FROM locus.rejects") == 0
    assert set(failed(shop.dbt("test", fails=True))) == {
        "locus_dbt_min_faithfulness_stg_0_6",
        "locus_dbt_grounded_stg_",
    }


@pytest.mark.criterion("E13.6")
def test_without_consent_no_model_runs(shop: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.write("models/stg.sql", MODEL.format(how="table", below="retain"))
    shop.write("locus.yml", "grounding: {mode: full}\nllm: {model: openai/judge}\n")
    monkeypatch.delenv("LOCUS_CONSENT", raising=False)
    monkeypatch.setenv("OPENAI_API_KEY", "key-of-the-environment")
    assert "[E110]" in said(shop.dbt("run", fails=True))
    assert shop.events() == []
    monkeypatch.delenv("OPENAI_API_KEY")
    shop.dbt("run")
    assert shop.rows("SELECT DISTINCT mode FROM locus.spans") == [("degraded",)]
