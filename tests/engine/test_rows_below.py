"""The threshold where users meet it: in SQL, in batches, in tables with lineage."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import locus_dbt
from locus_dbt.core.store import Store
from locus_dbt.engine.build import build_model
from locus_dbt.errors import InputError
from tests.conftest import Attached

CLAIMS = """party = Meyer | Meyer
amount = 119.00 | 119,00 EUR

party = Smith Ltd | Miller Inc
amount = 7.00 | 7.00

party = Jones | Jones
amount = 20.50 | 25.20
note = due soon | within ten days | counted from the date

party = Brown | Brown"""


@pytest.fixture
def claims(third_party: Path, tmp_path: Path, attach_to: Callable[..., Attached]) -> Attached:
    folder = tmp_path / "claims"
    folder.mkdir()
    (folder / "a.txt").write_text(CLAIMS)
    return attach_to(folder)


def _rows(db: Attached, arguments: str) -> list[Any]:
    return db.rows(f"SELECT party, _locus_row_id FROM locus_acme_claims('a.txt'{arguments}) ORDER BY _locus_row_id")


@pytest.mark.criterion("E7.7", "E7.8")
def test_rows_below_are_left_out_and_the_others_keep_their_ids(claims: Attached) -> None:
    everything = _rows(claims, "")
    assert [r[0] for r in everything] == ["Meyer", "Smith Ltd", "Jones", "Brown"]
    assert _rows(claims, ", min_faithfulness := 0.6, below := 'retain'") == everything
    assert _rows(claims, ", min_faithfulness := 0.6, below := 'reject'") == [everything[0], everything[3]]
    assert _rows(claims, ", min_faithfulness := 0.0, below := 'reject'") == everything
    assert len(claims.events("locus.document.started")) == 1  # read once for all of them


@pytest.mark.criterion("E7.7")
def test_what_is_left_out_is_listed_cell_by_cell(claims: Attached) -> None:
    call = "locus_acme_claims_rejects('a.txt', min_faithfulness := 0.6, below := 'reject')"
    found = claims.rows(f"SELECT code, column_name, place, raw, message FROM {call} ORDER BY place")
    assert [f[:4] for f in found] == [
        ("E303", "party", "line 4", "Miller Inc"),
        ("E303", "amount", "line 8", "25.20"),
        ("E303", "note", "line 9", "within ten days"),
    ]
    assert "counted from the date" in found[2][4]
    _rows(claims, ", min_faithfulness := 0.6, below := 'reject'")
    assert claims.one("SELECT count(*) FROM locus_rejects() WHERE code = 'E303'") == 3
    left = claims.rows("SELECT DISTINCT value FROM locus_acme_claims_spans('a.txt', below := 'reject') ORDER BY 1")
    assert left == [("119.00",), ("Brown",), ("Meyer",)]
    facts = "SELECT rows, rejects FROM locus_acme_claims_documents('a.txt', below := 'reject')"
    assert claims.rows(facts) == [(2, 3)]


def test_only_the_columns_that_are_asked_for_count(claims: Attached) -> None:
    call = "locus_acme_claims('a.txt', columns := ['party'], below := 'reject')"
    assert claims.rows(f"SELECT party FROM {call} ORDER BY _locus_row_id") == [("Meyer",), ("Jones",), ("Brown",)]


def test_dynamic_columns(claims: Attached) -> None:
    call = "locus_acme_claims('a.txt', shape := 'wide', below := 'reject')"
    assert claims.rows(f"SELECT party, amount FROM {call} ORDER BY _locus_row_id") == [
        ("Meyer", "119.00"),
        ("Brown", None),
    ]
    typed = "locus_acme_claims_rejects('a.txt', shape := 'wide', columns := {'amount': 'INTEGER'}, below := 'reject')"
    assert claims.rows(f"SELECT code, column_name FROM {typed} ORDER BY ALL") == [("E303", "amount")]


def test_a_reject_ends_the_query_where_errors_are_not_ignored(claims: Attached) -> None:
    error = claims.error("FROM locus_acme_claims('a.txt', below := 'reject', ignore_errors := false)")
    assert "[E303]" in error
    assert "party = 'Smith Ltd'" in error


@pytest.mark.criterion("E7.9")
def test_wrong_arguments(claims: Attached) -> None:
    assert "min_faithfulness: expected a number from 0 to 1, got 2" in claims.error(
        "FROM locus_acme_claims('a.txt', min_faithfulness := 2)"
    )
    assert "below: expected one of retain, reject" in claims.error(
        "FROM locus_acme_claims('a.txt', below := 'drop', empty := true)"
    )


@pytest.mark.criterion("E7.9")
def test_settings(claims: Attached, attach_to: Callable[..., Attached]) -> None:
    folder = claims.session.settings.root
    (folder / "locus.yml").write_text("grounding: {threshold: 0.6, below: reject}\n")
    other = attach_to(folder)
    assert [r[0] for r in _rows(other, "")] == ["Meyer", "Brown"]
    assert [r[0] for r in _rows(other, ", below := 'retain'")] == ["Meyer", "Smith Ltd", "Jones", "Brown"]
    twin = "SELECT len(locus_acme_claims_value('a.txt')), len(locus_acme_claims_value(encode(content))) "
    assert other.rows(twin + "FROM read_text('" + str(folder / "a.txt") + "')") == [(2, 2)]


def test_batches(claims: Attached) -> None:
    root, store = claims.session.settings.root, str(claims.store)
    rejects: list[Any] = []
    for _ in range(2):  # read, then known
        rejects.clear()
        reader = locus_dbt.batches(
            "acme-claims",
            "a.txt",
            root=root,
            settings={"store": store},
            below="reject",
            min_faithfulness=0.6,
            on_reject=rejects.append,
        )
        table = reader.read_all()
        assert table["party"].to_pylist() == ["Meyer", "Brown"]
        assert [(r["filename"], r["code"], r["column_name"]) for r in rejects] == [
            ("a.txt", "E303", "party"),
            ("a.txt", "E303", "amount"),
            ("a.txt", "E303", "note"),
        ]
        assert [str(i) for i in table["_locus_row_id"].to_pylist()] == [
            str(r[1]) for r in _rows(claims, ", below := 'reject', min_faithfulness := 0.6")
        ]


def test_the_result_that_all_share_is_whole(claims: Attached) -> None:
    _rows(claims, ", below := 'reject'")
    (record,) = [r for _, r in Store(claims.store).records("results")]
    assert record["facts"]["rows"] == 4
    assert record["rejects"] == []


@pytest.mark.criterion("E7.6", "E9.1")
def test_flagged_rows_are_found_from_a_mart(claims: Attached) -> None:
    build_model(
        claims.connection, claims.session, "stg", "SELECT * FROM locus_acme_claims('a.txt', min_faithfulness := 0.6)"
    )
    build_model(
        claims.connection,
        claims.session,
        "mart",
        "SELECT party AS who, amount, _locus_row_id FROM stg WHERE party <> 'Brown'",
    )
    cells = claims.rows("SELECT column_name, value, min_faithfulness, reason FROM locus.flagged ORDER BY place")
    assert [c[:3] for c in cells] == [("party", "Smith Ltd", 0.6), ("amount", "20.50", 0.6), ("note", "due soon", 0.6)]
    assert all(c[3] for c in cells)
    rows = claims.rows(
        "SELECT m.who, f.flagged_cells, f.flagged_columns FROM mart AS m "
        "JOIN locus_flagged('mart') AS f USING (_locus_row_id) ORDER BY m.who"
    )
    assert rows == [("Jones", 1, ["amount"]), ("Smith Ltd", 1, ["who"])]


@pytest.mark.criterion("E7.7")
def test_lineage_has_what_is_left_out_with_its_row(claims: Attached) -> None:
    everything = dict(_rows(claims, ""))
    call = "locus_acme_claims('a.txt', min_faithfulness := 0.6, below := 'reject')"
    build_model(claims.connection, claims.session, "stg", f"SELECT * FROM {call}")
    found = claims.rows("SELECT _locus_row_id, column_name FROM locus.rejects WHERE code = 'E303' ORDER BY ALL")
    assert {r[0] for r in found} == {everything["Smith Ltd"], everything["Jones"]}
    assert claims.one("SELECT count(*) FROM locus.spans") == 3
    assert claims.one("SELECT count(*) FROM locus.flagged") == 0
    assert claims.rows("SELECT min_faithfulness, below FROM locus.runs") == [(0.6, "reject")]
    assert claims.one("SELECT rows FROM locus.documents") == 2


def test_raised_as_input_error_in_python(claims: Attached) -> None:
    from locus_dbt.core.plan import make_plan
    from locus_dbt.core.registry import registry
    from locus_dbt.core.threshold import Threshold

    settings = claims.session.settings
    plan = make_plan(
        registry().image("acme-claims"), ["a.txt"], {}, settings=settings, ignore_errors=False,
        threshold=Threshold(0.6, "reject"),
    )  # fmt: skip
    with pytest.raises(InputError, match="faithfulness"):
        claims.session.run(plan)


def test_each_build_has_the_lineage_of_its_own_threshold(claims: Attached) -> None:
    def build(arguments: str) -> tuple[int, int, int]:
        build_model(claims.connection, claims.session, "stg", f"SELECT * FROM locus_acme_claims('a.txt'{arguments})")
        count = "SELECT count(*) FROM {}"
        orphans = "SELECT count(*) FROM locus.spans WHERE _locus_row_id NOT IN (SELECT _locus_row_id FROM stg)"
        assert claims.one(orphans) == 0
        return tuple(claims.one(count.format(t)) for t in ("stg", "locus.spans", "locus.rejects"))  # type: ignore[return-value]

    everything, strict = build(""), build(", below := 'reject'")
    middle = build(", min_faithfulness := 0.4, below := 'reject'")
    assert everything == (4, 8, 0)
    assert strict == (2, 3, 3)
    assert middle == (2, 3, 2)  # the inferred note passes
    assert build("") == everything
    assert len(claims.events("locus.document.started")) == 1
