"""Reviews in a dbt project: the queue as a relation, and a test that fails while cells wait."""

from __future__ import annotations

import pytest

from tests.dbt.conftest import STG, STG_YML, Repo

_TESTS = """
    data_tests:
      - locus_dbt.reviewed: {name: nothing_promised, arguments: {max_error: 0.01}, config: {severity: warn}}
      - locus_dbt.reviewed:
          name: only_amounts
          arguments: {max_error: 0.01, columns: [amount]}
          config: {severity: warn}
      - locus_dbt.reviewed: {name: all_sure_enough, arguments: {threshold: 0.0}}
"""


def test_a_test_fails_while_cells_wait_and_the_queue_is_a_relation(repo: Repo) -> None:
    repo.write("models/stg.sql", STG)
    repo.write("models/stg.yml", STG_YML.rstrip() + _TESTS)
    queue = "{{ locus_dbt.review_queue(ref('stg'), threshold=1.0) }}"
    repo.write("models/waiting.sql", f"select column_name, value, stated, filename, page from {queue} as q")
    outcome = repo.dbt("build", "--select", "stg", "waiting")
    found = {r.node.name: (str(r.status), r.failures) for r in outcome.result.results if r.failures is not None}
    cells = repo.one("SELECT count(*) FROM locus.cells WHERE model = 'main.stg'")
    amounts = repo.one("SELECT count(*) FROM stg WHERE amount IS NOT NULL")
    assert found["nothing_promised"] == ("warn", cells)
    assert found["only_amounts"] == ("warn", amounts)
    assert found["all_sure_enough"] == ("pass", 0)
    assert repo.one("SELECT count(*) FROM waiting") == cells


@pytest.mark.criterion("E9.3")
def test_reviews_outlive_a_rebuild_and_what_was_seen_is_not_asked_again(repo: Repo) -> None:
    repo.write("models/stg.sql", STG)
    repo.write("models/stg.yml", STG_YML)
    repo.dbt("build", "--select", "stg")
    waiting = "SELECT count(*) FROM locus_review_queue('main.stg', threshold := 1)"
    before = repo.one(waiting)
    import duckdb

    with duckdb.connect(repo.database) as connection:
        connection.execute(
            "INSERT INTO locus.reviews SELECT model, _locus_row_id, column_name, value, confidence, 's', 'right', "
            "NULL, 'Ada', now() FROM locus_review_queue('main.stg', threshold := 1) LIMIT 1"
        )
    assert repo.one(waiting) == before - 1
    repo.dbt("build", "--select", "stg", "--full-refresh")
    assert repo.one(waiting) == before - 1
