"""Every cell of a relation is told of: with the places that its lineage has, or with the reason why it has none."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from relational_plans import RELATIONAL, bench, row_id
from stated_twice import READ, write_documents

import locus_dbt
from locus_dbt.core.params import check_params
from locus_dbt.engine import binder
from locus_dbt.engine.build import build_model
from locus_dbt.model.errors import RequestError
from locus_dbt.model.relation import ROW_ID, Relation, quote
from tests.conftest import Attached

_NAME = "provenance-tracker"

#: Models over the documents, in order: every way that rows and columns can go.
_MODELS = {
    "stg": READ,
    "plain": "select invoice_number as nr, gross_total * 2 as twice, 'x' as made, _locus_row_id from stg",
    "windowed": "select *, sum(gross_total) over () as whole from stg",
    "merged": "select * from locus_deduplicator('stg', keys := ['invoice_number'])",
    "above": "select gross_total as total, issue_date, _locus_row_id from merged",
    "long": "select * from locus_image('provenance-tracker', 'above', columns := ['total'])",
    "checked": "select * from locus_data_validator('stg', rules := [{'check': 'not_null', 'column': 'issue_date'}])",
    "one": "select * from locus_cross_doc_reconciler('stg', key := 'invoice_number', shape := 'wide')",
    "grouped": "select invoice_number, count(*) as n from stg group by 1",
}
#: Models that have a row id more than once.
_REPEATED = ("checked", "long")
_PLACE = "_locus_row_id, column_name, filename, page, x0, y0, x1, y1, place, text, value, faithfulness, reason"


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Attached]:
    """A database with all the models, to be read."""
    folder = tmp_path_factory.mktemp("tracked")
    with duckdb.connect() as connection:
        root = write_documents(folder / "documents")
        session = locus_dbt.attach(connection, root, store=str(folder / "store"), workers=1)
        for model, sql in _MODELS.items():
            build_model(connection, session, model, sql)
        yield Attached(connection, session, folder / "store")


@pytest.fixture
def own(tmp_path: Path, attach_to: Callable[..., Attached]) -> Attached:
    """A database of the test's own with a few models."""
    made = attach_to(write_documents(tmp_path / "documents"), workers=1)
    for model in ("stg", "plain", "merged", "above"):
        build_model(made.connection, made.session, model, _MODELS[model])
    return made


def _cells(db: Attached, model: str) -> set[tuple[int, str, Any]]:
    """Row id, column and text of every cell of a relation that is not null; the id's place where it has none."""
    names = [r[0] for r in db.rows(f"DESCRIBE {model}")]
    number = f"CAST({ROW_ID} AS VARCHAR)" if ROW_ID in names else "NULL"
    out = set()
    for name in names:
        if name != ROW_ID:
            text = f"CAST({quote(name)} AS VARCHAR)"
            out |= {(i, name, v) for i, v in db.rows(f"SELECT {number}, {text} FROM {model} WHERE {text} IS NOT NULL")}
    return out


@pytest.mark.criterion("R7.1", "R7.6")
@pytest.mark.parametrize("model", _MODELS)
def test_no_cell_is_missing_and_none_without_a_reason(db: Attached, model: str) -> None:
    told = db.rows(
        f"SELECT CAST({ROW_ID} AS VARCHAR), column_name, cell, status, reason, place_number, filename "
        f"FROM locus_provenance_tracker('{model}')"
    )
    assert {(r[0], r[1], r[2]) for r in told if r[2] is not None} == _cells(db, model)
    for _, _, cell, status, reason, number, filename in told:
        assert status in ("traced", "untraced") if cell is not None else status == "null"
        assert (number is None) == (filename is None)
        assert status != "traced" or filename
        assert status != "untraced" or (reason and filename is None)
    names = [r[0] for r in db.rows(f"DESCRIBE {model}") if r[0] != ROW_ID]
    count = db.one(f"SELECT count(*) FROM {model}")
    keys = db.one(f"SELECT count(DISTINCT (column_name, {ROW_ID})) FROM locus_provenance_tracker('{model}')")
    if ROW_ID in [r[0] for r in db.rows(f"DESCRIBE {model}")] and model not in _REPEATED:
        assert keys == count * len(names), "null cells are told of too"


@pytest.mark.criterion("R7.1", "R7.6")
@pytest.mark.parametrize("model", [m for m in _MODELS if m not in (*_REPEATED, "grouped")])
def test_places_are_those_of_the_lineage(db: Attached, model: str) -> None:
    told = db.rows(f"SELECT {_PLACE} FROM locus_provenance_tracker('{model}') WHERE filename IS NOT NULL")
    wanted = db.rows(f"SELECT DISTINCT {_PLACE} FROM locus.cells WHERE model = 'main.{model}'")
    null = {
        (r[0], r[1])
        for r in db.rows(f"FROM locus_provenance_tracker('{model}', status := 'null') SELECT {ROW_ID}, column_name")
    }
    assert {r[:-1] for r in told} == {r[:-1] for r in wanted}
    assert {r for r in told if r[:2] not in null} == {r for r in wanted if r[:2] not in null}
    assert len(told) == len(wanted), "a place is told once"


def test_what_is_told_of_a_place(db: Attached) -> None:
    row = db.rows(
        "SELECT t.* EXCLUDE (x0, y0, x1, y1, run_id, built_at, leaf_row_id, confidence), d.sha256 = t.sha256, "
        "r.image_version = t.image_version, epoch_us(r.built_at) = epoch_us(t.built_at), x0 < x1 AND y0 < y1 "
        "FROM locus_provenance_tracker('above', columns := ['TOTAL']) AS t "
        "JOIN locus.documents AS d ON d.filename = t.filename JOIN locus.runs AS r ON r.run_id = t.run_id "
        "WHERE t.filename = 'invoice.pdf' AND cell = '20.00'"
    )
    names = [d[0] for d in db.connection.description or []]
    found = dict(zip(names, row[0], strict=True))
    assert len(row) == 1
    assert {
        n: found[n] for n in ("column_name", "status", "page", "text", "value", "grounding", "changed", "steps")
    } == {
        "column_name": "total",
        "status": "traced",
        "page": 1,
        "text": "20.00",
        "value": "20.00",
        "grounding": "exact",
        "changed": False,
        "steps": 3,
    }
    assert (found["leaf_model"], found["leaf_column"], found["image"]) == ("main.stg", "gross_total", "doc-to-tables")
    assert row[0][-4:] == (True, True, True, True)
    twice = db.rows(
        "SELECT DISTINCT changed, steps FROM locus_provenance_tracker('plain', columns := 'twice') "
        "WHERE place_number = 1"
    )
    assert twice == [(True, 2)]


@pytest.mark.criterion("R7.1")
@pytest.mark.parametrize(
    ("model", "column", "reason"),
    [
        ("plain", "made", "comes from no cell of a document"),
        ("windowed", "whole", "a window function looks at other rows"),
        ("grouped", "n", "does not carry _locus_row_id"),
        ("stg", "filename", "comes from no cell of a document"),
    ],
)
def test_why_a_cell_has_no_place(db: Attached, model: str, column: str, reason: str) -> None:
    told = db.rows(f"SELECT DISTINCT status, reason FROM locus_provenance_tracker('{model}', columns := ['{column}'])")
    assert [s for s, _ in told] == ["untraced"]
    assert reason in told[0][1]


def test_a_constant_is_named_where_it_was_made(own: Attached) -> None:
    build_model(own.connection, own.session, "next", "select made, _locus_row_id from plain")
    told = own.rows("SELECT DISTINCT reason FROM locus_provenance_tracker('next')")
    assert len(told) == 1
    assert told[0][0].startswith("main.plain.made comes from no cell")


def test_a_refused_cell_says_why_it_is_null(db: Attached) -> None:
    for model, column in (("stg", "gross_total"), ("plain", "twice")):
        told = db.rows(
            f"SELECT t.reason FROM locus_provenance_tracker('{model}', columns := '{column}', status := 'null') AS t "
            f"JOIN stg USING ({ROW_ID}) WHERE invoice_number = 'R-19'"
        )
        assert len(told) == 1
        assert told[0][0].startswith("E301: ")
    none = "SELECT DISTINCT reason FROM locus_provenance_tracker('stg', columns := 'issue_date', status := 'null')"
    assert db.rows(none) == [("no value was read and none was refused",)]
    left_open = db.rows(
        "SELECT reason, filename FROM locus_provenance_tracker('one', columns := 'gross_total', status := 'null')"
    )
    assert {f for _, f in left_open if f} == {"invoice.pdf", "mail.html", "ledger.csv"}
    assert any("against" in r for r, _ in left_open)


def test_a_model_stands_on_the_runs_that_it_was_built_on(own: Attached) -> None:
    """What is built anew below a model changes nothing that is said of it until it is built anew itself."""
    told = "FROM locus_provenance_tracker('above')"
    before = own.rows(told)
    build_model(own.connection, own.session, "merged", "select invoice_number, count(*) as n from stg group by 1")
    build_model(own.connection, own.session, "stg", READ.replace("'*.html', ", ""))
    assert own.rows(told) == before
    build_model(own.connection, own.session, "above", "select n from merged")
    ((status, reason),) = own.rows("SELECT DISTINCT status, reason FROM locus_provenance_tracker('above')")
    assert (status, reason) == ("untraced", "the relation does not carry _locus_row_id")


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("DELETE FROM locus.runs", "the lineage of main.stg that this was built on is gone: build it again"),
        ("UPDATE locus.runs SET state = 'untraced', reason = 'no rule'", "main.stg is untraced: no rule"),
    ],
)
def test_lineage_that_is_gone_is_said(statement: str, reason: str) -> None:
    with bench({"a": "VARCHAR", "b": "VARCHAR"}, [["1", "2"]]) as made:
        _fake_lineage(made.con, {("a", 0): [1.0]})
        made.con.execute(f"{statement} WHERE run_id = 'run-2'; DELETE FROM locus.run_columns WHERE run_id = 'run-2'")
        relation = Relation('"input"', {**made.relation.columns}, "main.input")
        plan = RELATIONAL[_NAME].function("plan")(relation, check_params(RELATIONAL[_NAME].manifest, {}))
        found = made.con.execute(f"SELECT DISTINCT status, reason FROM ({plan.sql})").fetchall()
        assert found == [("untraced", reason)]


@pytest.mark.criterion("E8.2")
def test_relations_that_nobody_traces(own: Attached, attach_to: Callable[..., Attached], tmp_path: Path) -> None:
    own.rows(f"CREATE TABLE people AS SELECT 'ann' AS name, NULL AS age, uuid() AS {ROW_ID}")
    told = "SELECT column_name, cell, status, reason FROM locus_provenance_tracker('people') ORDER BY ALL"
    reason = "main.people has no lineage: build it with dbt or build_model"
    assert own.rows(told) == [("age", None, "null", reason), ("name", "ann", "untraced", reason)]
    own.rows("CREATE TABLE nobody AS FROM people WHERE false")
    assert own.rows("FROM locus_provenance_tracker('nobody')") == []
    bare = attach_to(tmp_path)
    bare.rows("CREATE TABLE people AS SELECT 'ann' AS name, NULL AS age")
    none = "the database holds no lineage"
    assert bare.rows(told) == [("age", None, "null", None), ("name", "ann", "untraced", none)]


def test_a_row_of_no_document_is_said(own: Attached) -> None:
    own.rows(f"INSERT INTO stg SELECT * REPLACE (uuid() AS {ROW_ID}) FROM stg LIMIT 1")
    own.rows(f"INSERT INTO stg SELECT * REPLACE (NULL AS {ROW_ID}) FROM stg LIMIT 1")
    told = own.rows(
        "SELECT DISTINCT reason FROM locus_provenance_tracker('stg', columns := 'invoice_number', status := 'untraced')"
    )
    assert sorted(told) == [
        ("the row has no _locus_row_id",),
        ("the row leads to no document that the lineage knows",),
    ]


@pytest.mark.criterion("E4.7")
@pytest.mark.parametrize("above", [False, True])
def test_files_that_duckdb_reads_itself(
    tmp_path: Path,
    attach_to: Callable[..., Attached],
    monkeypatch: pytest.MonkeyPatch,
    above: bool,  # noqa: FBT001 - a pytest parameter
) -> None:
    monkeypatch.setattr(binder, "NATIVE_BYTES", 0)
    (tmp_path / "big.csv").write_text("a,b\n1,x\n2,\n3,z\n", "utf-8")
    db = attach_to(tmp_path)
    build_model(db.connection, db.session, "stg", "select * from locus_doc_to_tables('big.csv', shape := 'wide')")
    assert db.rows('SELECT "native" FROM locus.documents') == [(True,)]
    model, first = ("up", "aa") if above else ("stg", "a")
    build_model(db.connection, db.session, "up", f"select upper(a) as aa, b, {ROW_ID} from stg")
    told = db.rows(
        "SELECT column_name, cell, status, filename, place, faithfulness, changed "
        f"FROM locus_provenance_tracker('{model}', columns := ['{first}', 'b'])"
    )
    assert told == [
        (column, cell, "null" if cell is None else "traced", "big.csv", f"record {i}", None, column == "aa")
        for i, row in enumerate((("1", "x"), ("2", None), ("3", "z")), 1)
        for column, cell in zip((first, "b"), row, strict=True)
    ]
    assert db.rows(f"FROM locus_provenance_tracker('{model}', columns := '{first}', minimum := 1)") == []


@pytest.mark.criterion("E8.5")
def test_filters_choose_whole_cells() -> None:
    rows = [[f"{i}", "x"] for i in range(3)]
    with bench({"a": "VARCHAR", "b": "VARCHAR"}, rows) as made:
        _fake_lineage(made.con, {("a", 0): [1.0, 0.4], ("a", 1): [0.9], ("a", 2): [0.95, 0.95], ("b", 0): [None]})

        def told(**params: Any) -> list[tuple[str, int, float | None]]:
            relation = Relation('"input"', {**made.relation.columns}, "main.input")
            image = RELATIONAL[_NAME]
            plan = image.function("plan")(relation, check_params(image.manifest, params))
            found = made.con.execute(f"SELECT column_name, {ROW_ID}, faithfulness FROM ({plan.sql})").fetchall()
            return sorted((c, int(str(r)[-12:]), None if f is None else round(f, 2)) for c, r, f in found)

        assert told(columns=["a"], minimum=0.5) == [("a", 0, 0.4), ("a", 0, 1.0)]
        assert told(columns=["a"], minimum=0.95) == [("a", 0, 0.4), ("a", 0, 1.0), ("a", 1, 0.9)]
        assert told(columns=["a"], minimum=0) == []
        assert told(columns=["b"], minimum=1) == [("b", 1, None), ("b", 2, None)], "and those without a place"
        assert told(status=["untraced"]) == [("b", 1, None), ("b", 2, None)]
        assert len(told()) == 8


@pytest.mark.criterion("R7.8")
@pytest.mark.parametrize("where", ["model", "relation", "column"])
def test_broken_lineage_is_seen_downstream(where: str) -> None:
    with bench({"a": "VARCHAR", "b": "VARCHAR"}, [["1", None]]) as made:
        _fake_lineage(made.con, {("a", 0): [1.0]})
        table, told, test = {
            "model": ("runs", "state", "run_id = 'run-2'"),
            "relation": ("models", "state", "model = 'main.input'"),
            "column": ("run_columns", "kind", "source = 'main.stg'"),
        }[where]
        why = "reason = 'image x drops rows'"
        made.con.execute(f"UPDATE locus.{table} SET {told} = 'lineage_broken', {why} WHERE {test}")
        image = RELATIONAL[_NAME]
        relation = Relation('"input"', {**made.relation.columns}, "main.input")
        plan = image.function("plan")(relation, check_params(image.manifest, {}))
        found = made.con.execute(f"SELECT column_name, status, reason FROM ({plan.sql}) ORDER BY 1").fetchall()
        assert [(c, s) for c, s, _ in found] == [("a", "lineage_broken"), ("b", "null")]
        assert "image x drops rows" in found[0][2]


def _fake_lineage(con: Any, spans: dict[tuple[str, int], list[float | None]]) -> None:
    """The lineage of ``input`` over ``stg`` in the form that the case of the image has it, with spans of our own."""
    before = RELATIONAL[_NAME].folder / "fixtures" / "traced_and_not" / "before.sql"
    con.execute(before.read_text("utf-8"))
    con.execute("DELETE FROM locus.run_columns; DELETE FROM locus.run_spans; DELETE FROM locus.run_rejects")
    con.execute("UPDATE locus.readings SET prefix = ? WHERE reading = 1", [row_id(0)[:26]])
    for name in ("a", "b"):
        for run, source in (("run-3", "main.stg"), ("run-2", "image:notes")):
            con.execute(
                "INSERT INTO locus.run_columns VALUES (?, ?, ?, ?, 'identity', NULL)", [run, name, source, name]
            )
    for (column, row), scores in spans.items():
        for i, score in enumerate(scores):
            con.execute(
                f"INSERT INTO locus.run_spans (run_id, reading, image, filename, page, y0, {ROW_ID}, column_name,"
                " faithfulness) VALUES ('run-2', 1, 'notes', 'a.pdf', 1, ?, ?, ?, ?)",
                [i, row_id(row), column, score],
            )


@pytest.mark.criterion("E12.4")
@pytest.mark.parametrize(
    ("params", "code", "said"),
    [
        ({"columns": ["amuont"]}, "E107", "did you mean 'amount'"),
        ({"columns": [ROW_ID]}, "E103", "names rows"),
        ({"status": ["untracd"]}, "E103", "did you mean 'untraced'"),
        ({"minimum": 2}, "E103", "out of range"),
        ({"colums": ["amount"]}, "E102", "did you mean 'columns'"),
    ],
)
def test_wrong_params_are_named(params: dict[str, Any], code: str, said: str) -> None:
    with bench({"amount": "VARCHAR"}, []) as made, pytest.raises(RequestError, match=said) as caught:
        made.plan(_NAME, **params)
    assert caught.value.code == code


@pytest.mark.criterion("R7.3")
def test_the_long_form_has_provenance_of_its_own(db: Attached) -> None:
    assert db.one("SELECT state FROM locus.models WHERE model = 'main.long'") == "traced"
    assert db.one(f"SELECT count(*) FROM long ANTI JOIN locus.cells USING ({ROW_ID}) WHERE long.status = 'traced'") == 0
    assert db.one("SELECT count(*) FROM locus.cells WHERE model = 'main.long' AND column_name = 'text'") > 0
    assert db.one(f"SELECT count(DISTINCT {ROW_ID}) FROM long") == db.one("SELECT count(*) FROM above")
    edges = "SELECT count(*) FROM locus.edges WHERE model = 'main.long' AND source = 'main.above'"
    assert db.one(edges) == db.one("SELECT count(*) FROM above")


def test_equal_calls_give_equal_rows_in_equal_order(db: Attached) -> None:
    call = "FROM locus_provenance_tracker('above')"
    assert db.rows(call) == db.rows(call)


def test_the_readme_runs_in_python(tmp_path: Path, attach_to: Callable[..., Attached]) -> None:
    readme = (RELATIONAL[_NAME].folder / "README.md").read_text("utf-8")
    (code,) = re.findall(r"^```python\n(.*?)^```", readme, re.MULTILINE | re.DOTALL)
    (tmp_path / "a.csv").write_text("invoice_number,gross_total\nR-1,5.00\n", "utf-8")
    db = attach_to(tmp_path)
    names = {"connection": db.connection, "session": db.session}
    exec(code, names)
    assert db.rows("SELECT cell, place FROM locus_provenance_tracker('invoices', columns := 'gross_total')") == [
        ("5.00", "line 2")
    ]
