"""fact-grounder in a dbt project: a relation and documents in one model, with provenance of its own rows."""

from __future__ import annotations

from tests.dbt.conftest import Repo

CLAIMS = """
select label || ' of ' || filename as question, amount as answer, _locus_row_id from {{ ref('stg') }}
"""

CHECKED = """
select * from {{ locus_dbt.image('fact-grounder', relation=ref('claims'), files='documents/**/*.pdf',
                                 context=['question'], columns=['answer']) }}
"""

DIRECT = """
select * from locus_fact_grounder('claims', files := 'documents/**/*.pdf', columns := ['answer'])
"""


def test_a_model_of_checked_claims(repo: Repo) -> None:
    repo.write("models/claims.sql", CLAIMS)
    repo.write("models/checked.sql", CHECKED)
    repo.write("models/direct.sql", f"-- depends_on: {{{{ ref('claims') }}}}\n{DIRECT}")
    repo.dbt("build")
    found = repo.rows("SELECT value, text, page, flagged, filename FROM checked ORDER BY 1")
    assert len(found) == len(repo.rows("FROM claims"))
    assert all(page == 1 and not flagged and filename.endswith(".pdf") for _, _, page, flagged, filename in found)
    assert repo.one("SELECT count(*) FROM direct") == len(found)
    for model in ("checked", "direct"):
        assert repo.one(f"SELECT state FROM locus.models WHERE model = 'main.{model}'") == "traced"
        traced = repo.rows(f"SELECT t.* FROM {model}, locus_trace('{model}', _locus_row_id, 'value') AS t")
        assert len(traced) >= len(found), "each finding leads to the document that its claim came from"
    assert not any(repo.orphans().values())
