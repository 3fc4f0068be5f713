"""Images that read the lineage of a relation, as models and tests of a dbt project."""

from __future__ import annotations

import pytest

from tests.dbt.conftest import Repo, failed

_STATEMENTS = (
    "select filename, regexp_replace(filename, '.*/', '')[1] as nr, amount, _locus_row_id from {{ ref('stg') }}"
)
_CALL = "locus_dbt.image('cross-doc-reconciler', relation=ref('statements'), key=['nr'], columns=['amount']"


@pytest.mark.criterion("R7.2", "R7.6")
def test_conflicts_and_provenance_as_models(repo: Repo) -> None:
    repo.pdf("more/c.pdf", "Total 33.10")
    repo.pdf("more/a.pdf", "Total 119.50")
    repo.write("models/statements.sql", _STATEMENTS)
    repo.write(
        "models/agreed.sql",
        f"select * from {{{{ {_CALL}, shape='wide', rule='source_priority', priority=['documents/*']) }}}}",
    )
    repo.write(
        "models/tracked.sql",
        "select * from {{ locus_dbt.image('provenance-tracker', relation=ref('agreed'), columns=['amount']) }}",
    )
    repo.dbt("build")
    assert repo.rows("SELECT nr, amount::VARCHAR, conflicts FROM agreed ORDER BY nr") == [
        ("a", "119.00", 1),
        ("b", None, 1),
        ("c", "33.10", 0),
    ]
    tracked = "SELECT cell, status, filename, text FROM tracked ORDER BY ALL"
    assert repo.rows(tracked) == [
        ("119.00", "traced", "documents/a.pdf", "119.00"),
        ("119.00", "traced", "documents/more/a.pdf", "119.50"),
        ("33.10", "traced", "documents/more/c.pdf", "33.10"),
        ("33.10", "traced", "documents/sub/c.pdf", "33.10"),
        (None, "null", "documents/b.pdf", "20.50"),
        (None, "null", "documents/b.pdf", "7.00"),
    ]
    assert repo.rows(
        "SELECT model, state FROM locus.models WHERE model IN ('main.agreed', 'main.tracked') ORDER BY 1"
    ) == [
        ("main.agreed", "traced"),
        ("main.tracked", "traced"),
    ]
    repo.write("tests/sources_agree.sql", f"select nr, conflict from {{{{ {_CALL}) }}}} where not agreed")
    repo.write("models/agreed.yml", "models: [{name: agreed, data_tests: [locus_dbt.no_rejects]}]\n")
    outcome = repo.dbt("test", fails=True)
    assert set(failed(outcome)) == {"sources_agree", "locus_dbt_no_rejects_agreed_"}
    assert "Got 2 results" in failed(outcome)["sources_agree"]
    assert "Got 1 result" in failed(outcome)["locus_dbt_no_rejects_agreed_"]
