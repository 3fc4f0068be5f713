"""The same fact from several documents: what agrees, who decides, and that every statement is kept with its place."""

import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from relational_plans import RELATIONAL, Bench, bench, row_id
from stated_twice import READ, write_documents

import locus_dbt
from locus_dbt.core.params import check_params
from locus_dbt.engine.build import build_model
from locus_dbt.model.errors import RequestError
from locus_dbt.model.relation import ROW_ID, Relation
from tests.conftest import Attached

_NAME = "cross-doc-reconciler"
_CALL = "locus_cross_doc_reconciler('stg', key := ['invoice_number']"


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Attached]:
    """Three documents read into ``stg``, reconciled in both forms."""
    folder = tmp_path_factory.mktemp("reconciled")
    with duckdb.connect() as connection:
        session = locus_dbt.attach(connection, write_documents(folder / "docs"), store=str(folder / "store"), workers=1)
        for model, sql in {
            "stg": READ,
            "long": f"select * from {_CALL}, columns := ['gross_total', 'issue_date'])",
            "wide": f"select * from {_CALL}, shape := 'wide', rule := 'most_frequent')",
            "above": "select gross_total as total, _locus_row_id from wide",
        }.items():
            assert build_model(connection, session, model, sql).state == "traced"
        yield Attached(connection, session, folder / "store")


def facts(made: Bench, **params: Any) -> list[dict[str, Any]]:
    """The rows of the long form."""
    plan = made.plan(_NAME, **params)
    names = made.names(plan.sql)
    return [dict(zip(names, row, strict=True)) for row in made.rows(plan.sql)]


def stated(kind: str, *values: Any, **params: Any) -> dict[str, Any]:
    """The one fact that these sources state."""
    with bench({"k": "INTEGER", "v": kind}, [[1, v] for v in values]) as made:
        (found,) = facts(made, key=["k"], columns=["v"], **params)
        return found


@pytest.mark.criterion("E6.3")
def test_a_conflict_names_both_values_with_both_places(db: Attached) -> None:
    rows = db.rows(
        "SELECT agreed, value, resolution, conflict, stated, distinct_values FROM long "
        "WHERE column_name = 'gross_total' ORDER BY invoice_number"
    )
    assert [r[0] for r in rows] == [False, False, None]
    assert [r[1] for r in rows] == [None, None, None]
    assert rows[0][5] == ["119.00", "119.90"]
    printed = r"invoice\.pdf, page 1, box \d+ \d+ \d+ \d+"
    written = r"mail\.html, /html/body/table\[1\]/tr\[2\]/td\[3\]"
    ledger = r"against 119\.90 \(ledger\.csv, line 2\); left open"
    assert re.fullmatch(rf"gross_total: 119\.00 \(({printed}|{written})\) {ledger}", rows[0][3])
    assert re.search(rf"20\.00 \({printed}\)", rows[1][3])
    assert "20.01 (ledger.csv, line 3)" in rows[1][3]
    assert [
        r[0]
        for r in db.rows(
            f"SELECT agreed FROM {_CALL}, columns := 'gross_total', tolerance := 0.01) ORDER BY invoice_number"
        )
    ] == [False, True, None]


def test_sources_are_those_of_the_lineage(db: Attached) -> None:
    told = db.rows(
        "SELECT s.value, s.filename, s.page, s.x0, s.y0, s.x1, s.y1, s.place, s.text, s.faithfulness, s._locus_row_id "
        "FROM (SELECT unnest(sources) AS s FROM long WHERE column_name = 'gross_total')"
    )
    wanted = db.rows(
        "SELECT value, filename, page, x0, y0, x1, y1, place, text, faithfulness, _locus_row_id FROM locus.cells "
        "WHERE model = 'main.stg' AND column_name = 'gross_total' AND text <> 'twelve'"  # refused, so null in stg
    )
    assert sorted(told, key=str) == sorted(wanted, key=str)
    assert len(told) == 5


def test_null_is_not_stated(db: Attached) -> None:
    rows = db.rows(
        "SELECT row_count, stated, agreed, value, conflict, len(sources) FROM long "
        "WHERE column_name = 'issue_date' ORDER BY invoice_number"
    )
    assert rows == [
        (3, 3, True, "2024-03-01", None, 3),
        (2, 1, True, "2024-03-05", None, 1),
        (1, 1, True, "2024-03-09", None, 1),
    ]
    none = "SELECT agreed, value, resolution, conflict, sources, distinct_values FROM long WHERE stated = 0"
    assert db.rows(none) == [(None, None, None, None, [], [])]


def test_the_wide_form_keeps_types_and_order(db: Attached) -> None:
    assert [(r[0], r[1]) for r in db.rows("DESCRIBE wide")] == [
        ("invoice_number", "VARCHAR"),
        ("issue_date", "DATE"),
        ("gross_total", "DECIMAL(18,2)"),
        ("conflicts", "INTEGER"),
        ("conflict_list", "VARCHAR[]"),
        (ROW_ID, "UUID"),
    ]
    assert db.rows(
        "SELECT invoice_number, issue_date, gross_total, conflicts, len(conflict_list) FROM wide ORDER BY 1"
    ) == [
        ("R-17", date(2024, 3, 1), Decimal("119.00"), 1, 1),
        ("R-18", date(2024, 3, 5), None, 1, 1),
        ("R-19", date(2024, 3, 9), None, 0, 0),
    ]


@pytest.mark.criterion("R7.2", "E6.3")
@pytest.mark.parametrize(("model", "column"), [("wide", "gross_total"), ("above", "total")])
def test_a_resolved_value_leads_to_all_who_state_it(db: Attached, model: str, column: str) -> None:
    found = db.rows(
        f"SELECT c.filename, c.text FROM {model} AS t JOIN wide USING ({ROW_ID}) JOIN locus.cells AS c "
        f"ON c.model = 'main.{model}' AND c.column_name = '{column}' AND c.{ROW_ID} = t.{ROW_ID} "
        "WHERE wide.invoice_number = 'R-17' ORDER BY 1"
    )
    assert found == [("invoice.pdf", "119.00"), ("ledger.csv", "119.90"), ("mail.html", "119.00")]
    edges = "SELECT count(*), count(DISTINCT source_row_id) FROM locus.edges WHERE model = 'main.wide'"
    assert db.rows(edges) == [(6, 6)]


def test_what_is_left_open_is_a_reject_with_the_conflict(db: Attached) -> None:
    for model, column in (("long", "value"), ("wide", "gross_total")):
        rows = db.rows(
            f"SELECT j.code, j.column_name, j.message, t.invoice_number FROM locus.rejects AS j "
            f"JOIN {model} AS t USING ({ROW_ID}) WHERE j.model = 'main.{model}'"
        )
        assert {r[:2] for r in rows} == {("E302", column)}
        assert {r[3] for r in rows} == ({"R-17", "R-18"} if model == "long" else {"R-18"})
        assert all(" against " in r[2] for r in rows)
    given = db.rows("SELECT count(*) FROM locus_cross_doc_reconciler_rejects('stg', key := 'invoice_number')")
    assert given == [(2,)]


@pytest.mark.parametrize(
    ("params", "value"),
    [
        ({"rule": "flag"}, None),
        ({"rule": "most_frequent"}, "3"),
        ({"rule": "newest", "order_by": "day"}, "9"),
        ({"rule": "first", "order_by": "day"}, "1"),
        ({"rule": "first"}, "1"),
        ({"rule": "source_priority", "priority": ["b/*", "*.csv"]}, "9"),
        ({"rule": "source_priority", "priority": ["*.csv"]}, "1"),
        ({"rule": "source_priority", "priority": ["x?.pdf", "b/**/*.pdf"]}, "9"),
        ({"rule": "source_priority", "priority": ["*.pdf"]}, None),
        ({"rule": "source_priority", "priority": ["none*"]}, None),
        ({"rule": "highest_faithfulness"}, None),
    ],
)
def test_rules(params: dict[str, Any], value: str | None) -> None:
    rows = [
        [1, 1, date(2024, 1, 1), "a/l.csv"],
        [1, 3, date(2024, 1, 2), "a/x.pdf"],
        [1, 3, date(2024, 1, 2), "c/x.pdf"],
        [1, 9, date(2024, 1, 3), "b/x.pdf"],
    ]
    with bench({"k": "INTEGER", "v": "INTEGER", "day": "DATE", "filename": "VARCHAR"}, rows) as made:
        (found,) = facts(made, key="k", columns=["v"], **params)
        assert found["value"] == value
        assert found["agreed"] is False
        assert found["resolution"] == (params["rule"] if value else "open")
        decided = (
            f"{value} by {params['rule']}" if value else "left open" if params["rule"] == "flag" else "does not decide"
        )
        assert found["conflict"].endswith(decided)
        assert found["conflict"].startswith("v: 3 (a/x.pdf) against 1 (a/l.csv) against 9 (b/x.pdf); ")
        assert [s["agrees"] for s in found["sources"]] == [
            s["value"] == value if value else None for s in found["sources"]
        ]


def test_faithfulness_decides(db: Attached) -> None:
    """The source whose value agrees best with the text it cites is chosen, against the most frequent value too."""
    rows = db.rows(
        f"SELECT value, resolution FROM {_CALL}, columns := 'gross_total', rule := 'highest_faithfulness') "
        "WHERE invoice_number = 'R-17'"
    )
    assert rows == [(None, "open")], "all of them are printed as they were read"
    with bench({"k": "INTEGER", "v": "INTEGER"}, [[1, 5], [1, 6], [1, 5]]) as made:
        tracker = RELATIONAL["provenance-tracker"].folder / "fixtures" / "traced_and_not" / "before.sql"
        made.con.execute(tracker.read_text("utf-8"))
        made.con.execute(
            "DELETE FROM locus.run_columns; DELETE FROM locus.run_spans; "
            "INSERT INTO locus.run_columns VALUES ('run-3', 'v', 'image:notes', 'v', 'identity', NULL); "
            "UPDATE locus.run_documents SET run_id = 'run-3'"
        )
        made.con.execute("UPDATE locus.readings SET prefix = ? WHERE reading = 1", [row_id(0)[:26]])
        for i, score in enumerate((0.9, 0.95, 0.4)):
            made.con.execute(
                f"INSERT INTO locus.run_spans (run_id, reading, image, filename, page, {ROW_ID}, column_name,"
                " faithfulness) VALUES ('run-3', 1, 'notes', 'a.pdf', ?, ?, 'v', ?)",
                [i + 1, row_id(i), score],
            )
        image = RELATIONAL[_NAME]
        relation = Relation('"input"', dict(made.relation.columns), "main.input")
        plan = image.function("plan")(
            relation, check_params(image.manifest, {"key": ["k"], "rule": "highest_faithfulness"})
        )
        ((value, conflict),) = made.con.execute(f"SELECT value, conflict FROM ({plan.sql})").fetchall()
        assert value == "6"
        assert conflict == "v: 5 (a.pdf, page 1) against 6 (a.pdf, page 2); 6 by highest_faithfulness"


@pytest.mark.parametrize(
    ("kind", "values", "params", "agreed"),
    [
        ("DECIMAL(18,2)", ["119.00", "119.01"], {}, False),
        ("DECIMAL(18,2)", ["119.00", "119.01"], {"tolerance": 0.01}, True),
        ("DECIMAL(18,2)", ["119.00", "119.02"], {"tolerance": 0.01}, False),
        ("DECIMAL(18,2)", ["1.00", "1.01", "1.02"], {"tolerance": 0.01}, False),
        ("DECIMAL(18,2)", ["9007199254740993.01", "9007199254740993.02"], {"tolerance": 0.005}, False),
        ("DECIMAL(18,2)", ["9007199254740993.01", "9007199254740993.02"], {"tolerance": 0.01}, True),
        ("DECIMAL(38,0)", ["9" * 38, "9" * 37 + "8"], {"tolerance": 0.5}, False),
        ("DECIMAL(38,30)", ["1.5", "2.5"], {"tolerance": 1e15}, True),
        ("DOUBLE", [119.0, 119.01], {"tolerance": 0.01}, True),
        ("FLOAT", [119.0, 119.01], {"tolerance": 0.01}, True),
        ("DOUBLE", [0.0, -0.0], {}, True),
        ("DOUBLE", [float("nan"), float("nan")], {"tolerance": 1}, True),
        ("DOUBLE", [float("inf"), 1.0], {"relative": 0.5}, False),
        ("DOUBLE", [float("inf"), float("-inf")], {"tolerance": 1}, False),
        ("BIGINT", [100, 101], {"relative": 0.01}, True),
        ("BIGINT", [100, 102], {"relative": 0.01}, False),
        ("BIGINT", [-100, 100], {"relative": 0.5}, False),
        ("BIGINT", [2**63 - 1, 2**63 - 2], {"tolerance": 0.001}, False),
        ("DATE", [date(2024, 1, 2), date(2024, 2, 1)], {"tolerance": 40}, False),
        ("BOOLEAN", [True, False], {"tolerance": 2}, False),
        ("INTEGER[]", [[1, 2], [1, 2]], {}, True),
        ("VARCHAR", ["Nordlicht GmbH & Co.", "NORDLICHT  GMBH & CO"], {}, True),
        ("VARCHAR", ["Nordlicht", "nordlicht"], {"exact": True}, False),
        ("VARCHAR", ["R-2024/17", "r 2024/17"], {}, True),
        ("VARCHAR", ["1.00", "100"], {}, False),
        ("VARCHAR", ["1.2.3", "12.3"], {}, False),
        ("VARCHAR", ["-5", "5"], {}, False),
        ("VARCHAR", ["-5", "−5"], {}, True),
        ("VARCHAR", ["5 €", "5 $"], {}, False),
        ("VARCHAR", ["5 %", "5"], {}, False),
        ("VARCHAR", ["Straße", "STRASSE"], {}, True),
        ("VARCHAR", ["Müller", "Muller"], {}, False),
        ("VARCHAR", ["Ä", "A\u0308"], {}, True),
        ("VARCHAR", ["हिन्दी", "हन्द"], {}, False),
        ("VARCHAR", ["x", None, "", " \u00a0", "\t"], {}, True),
        ("VARCHAR", ["…", "!"], {}, False),
    ],
)
def test_what_agrees(kind: str, values: Sequence[Any], params: dict[str, Any], agreed: bool) -> None:  # noqa: FBT001
    found = stated(kind, *values, **params)
    assert found["agreed"] is agreed
    assert (found["conflict"] is None) is agreed
    assert (len(found["distinct_values"]) == 1) is agreed


@pytest.mark.parametrize("kind", ["DECIMAL(18,2)", "DOUBLE"])
@pytest.mark.parametrize(("count", "classes"), [(2_000, 1), (2_001, 1), (2_002, 2), (20_000, 10)])
def test_many_values_that_hang_together(kind: str, count: int, classes: int) -> None:
    """Values a cent apart, in a tolerance of 20.00: as few classes as hold them, or hardly more; not in square time."""
    with bench({"k": "INTEGER", "v": kind}, [], ids=False) as made:
        made.con.execute(f"INSERT INTO input SELECT 1, CAST(i AS DECIMAL(18,2)) / 100 FROM range({count}) AS r(i)")
        (found,) = facts(made, key="k", tolerance=20)
        assert found["agreed"] is (classes == 1)
        assert classes <= len(found["distinct_values"]) <= max(classes, count // 500 + 1)
        assert found["stated"] == count


def test_blank_values_are_nobodys_statement() -> None:
    found = stated("VARCHAR", None, "", "  ")
    assert (found["row_count"], found["stated"], found["agreed"], found["value"]) == (3, 0, None, None)


def test_keys_meet_in_any_spelling_and_rows_without_one_stay_alone() -> None:
    rows = [["R-1", 1, 5], ["r 1", 1, 5], ["R-1", 1, 5], ["R-1", None, 6], [None, 1, 7], [None, 1, 7], ["", 1, 8]]
    with bench({"k": "VARCHAR", "n": "INTEGER", "v": "INTEGER"}, rows) as made:
        found = facts(made, key=["k", "n"])
        assert sorted(((f["k"], f["row_count"], f["value"]) for f in found), key=str) == sorted(
            [("R-1", 3, "5"), ("R-1", 1, "6"), (None, 1, "7"), (None, 1, "7"), ("", 1, "8")], key=str
        )
        exact = facts(made, key=["k", "n"], exact=True)
        assert sorted(f["row_count"] for f in exact) == [1, 1, 1, 1, 1, 2]


@pytest.mark.criterion("E8.2")
def test_nothing_to_compare() -> None:
    with bench({"k": "VARCHAR", "filename": "VARCHAR"}, [["a", "x"], ["a", "y"], ["b", "z"]]) as made:
        assert facts(made, key="k") == []
        for tolerance in (0, 1):
            wide = made.plan(_NAME, key="k", shape="wide", tolerance=tolerance)
            assert [r[:3] for r in made.rows(wide.sql)] == [("a", 0, []), ("b", 0, [])]
            assert len(made.rows(wide.edges)) == 3
            assert made.rows(wide.rejects) == []


def test_a_conflict_of_many_or_long_values_stays_readable() -> None:
    found = stated("VARCHAR", *[f"{i}{'x' * 500}" for i in range(9)])
    assert found["conflict"].count("against") == 4
    assert found["conflict"].endswith(" and 4 more; left open")
    assert len(found["conflict"]) < 1000
    assert len(found["sources"]) == 9


def test_without_ids_a_column_filename_names_the_source() -> None:
    rows = [[1, 5, "a.pdf"], [1, 6, "b.pdf"]]
    with bench({"k": "INTEGER", "v": "INTEGER", "FileName": "VARCHAR"}, rows, ids=False) as made:
        plan = made.plan(_NAME, key="k")
        assert plan.edges is None
        (found,) = facts(made, key="k")
        assert found["conflict"] == "v: 5 (a.pdf) against 6 (b.pdf); left open"
    with bench({"k": "INTEGER", "v": "INTEGER"}, [[1, 5], [1, 6]], ids=False) as made:
        (found,) = facts(made, key="k")
        assert found["conflict"] == "v: 5 (place not known) against 6 (place not known); left open"


@pytest.mark.criterion("E12.4")
@pytest.mark.parametrize(
    ("params", "code", "said"),
    [
        ({"key": ["invioce"]}, "E107", "did you mean 'invoice'"),
        ({"key": ["invoice"], "columns": ["totl"]}, "E107", "did you mean 'total'"),
        ({"key": ["invoice"], "order_by": "totl"}, "E107", "did you mean 'total'"),
        ({"key": []}, "E103", "names no column"),
        ({"key": [ROW_ID]}, "E103", "another for every row"),
        ({"key": ["invoice"], "columns": ["invoice"]}, "E103", "of the key"),
        ({"key": ["invoice"], "rule": "newst"}, "E103", "did you mean 'newest'"),
        ({"key": ["invoice"], "rule": "newest"}, "E103", "'order_by'"),
        ({"key": ["invoice"], "rule": "source_priority"}, "E103", "go together"),
        ({"key": ["invoice"], "priority": ["*.pdf"]}, "E103", "go together"),
        ({"key": ["invoice"], "rule": "source_priority", "priority": [7]}, "E103", "names and globs"),
        ({"key": ["invoice"], "tolerance": -1}, "E103", "out of range"),
        ({"key": ["invoice"], "shape": "tall"}, "E103", "one of long, wide"),
        ({"key": ["VALUE"]}, "E107", "adds a column 'VALUE' itself"),
        ({"key": ["invoice"], "columns": ["conflicts"], "shape": "wide"}, "E107", "adds a column 'conflicts' itself"),
        ({"key": ["invoice"], "tolerence": 1}, "E102", "did you mean 'tolerance'"),
    ],
)
def test_wrong_params_are_named(params: dict[str, Any], code: str, said: str) -> None:
    columns = dict.fromkeys(("invoice", "total", "VALUE", "conflicts"), "VARCHAR")
    with bench(columns, []) as made, pytest.raises(RequestError, match=said) as caught:
        made.plan(_NAME, **params)
    assert caught.value.code == code


_ROWS = st.lists(
    st.tuples(
        st.sampled_from(["A-1", "a 1", "B", None, ""]),
        st.one_of(st.none(), st.decimals(0, 2, places=2), st.sampled_from([Decimal("1.00"), Decimal("1.01")])),
        st.sampled_from([None, "x", "X.", "y", ""]),
        st.one_of(st.none(), st.integers(1, 3)),
        st.sampled_from(["p.pdf", "q.csv"]),
    ),
    max_size=12,
)
_RULES = st.sampled_from(
    [
        {"rule": "flag"},
        {"rule": "most_frequent"},
        {"rule": "newest", "order_by": "day"},
        {"rule": "first"},
        {"rule": "source_priority", "priority": ["*.csv"]},
        {"rule": "highest_faithfulness"},
    ]
)
_TYPES = {"k": "VARCHAR", "amount": "DECIMAL(18,2)", "name": "VARCHAR", "day": "INTEGER", "filename": "VARCHAR"}


@settings(max_examples=30, deadline=None)
@given(rows=_ROWS, rule=_RULES, cents=st.sampled_from([0, 1, 5]), seed=st.integers(0, 9))
def test_invariants(rows: list[tuple[Any, ...]], rule: dict[str, Any], cents: int, seed: int) -> None:
    params = {"key": ["k"], "columns": ["amount", "name"], "tolerance": cents / 100, **rule}
    with bench(_TYPES, rows) as made:
        plan = made.plan(_NAME, **params)
        found = facts(made, **params)
        groups: dict[str, set[int]] = defaultdict(set)
        for made_id, source in made.rows(plan.edges):
            groups[str(made_id)].add(int(str(source)[-12:]))
        wide_plan = made.plan(_NAME, shape="wide", **params)
        wide, wide_edges = made.rows(wide_plan.sql), made.rows(wide_plan.edges)
        shuffled = [(i, *row) for i, row in enumerate(rows)]
        random.Random(seed).shuffle(shuffled)
        made.con.execute("CREATE OR REPLACE TABLE input AS SELECT * FROM input ORDER BY hash(rowid + ?)", [seed])
        assert facts(made, **params) == found, "nothing depends on the order of the rows"
        assert made.rows(wide_plan.sql) == wide
    for column in ("amount", "name"):
        of_column = [f for f in found if f["column_name"] == column]
        members = [n for f in of_column for n in groups[str(f[ROW_ID])]]
        assert sorted(members) == list(range(len(rows))), "every source is in one group"
        for fact in of_column:
            _check(
                fact, column, [rows[n] for n in sorted(groups[str(fact[ROW_ID])])], Decimal(cents) / 100, rule["rule"]
            )
    by_id = {str(w[5]): w for w in wide}
    assert Counter(int(str(s)[-12:]) for _, s in wide_edges) == Counter(range(len(rows)))
    assert {str(k) for k, _ in wide_edges} == set(by_id)
    values = sorted((str(f["k"]), f["column_name"], f["value"]) for f in found if f["value"] is not None)
    spread = [(str(w[0]), n, str(v)) for w in wide for n, v in (("amount", w[1]), ("name", w[2])) if v is not None]
    assert sorted(spread) == values, "both forms choose the same"
    assert sum(w[3] for w in wide) == sum(f["conflict"] is not None for f in found)


def _check(fact: dict[str, Any], column: str, rows: list[tuple[Any, ...]], tolerance: Decimal, rule: str) -> None:
    """One fact against its sources, by definition."""
    keys = {(k or "").replace("-", "").replace(" ", "").lower() for k, *_ in rows}
    assert len(keys) == 1
    assert len(rows) == 1 or keys != {""}, "a row without a key is alone"
    values = [row[1 if column == "amount" else 2] for row in rows]
    told = [v for v in values if v not in (None, "")]
    assert (fact["row_count"], fact["stated"]) == (len(rows), len(told))
    assert Counter(s["value"] for s in fact["sources"]) == Counter(map(str, told))
    if column == "amount":
        same = not told or max(told) - min(told) <= tolerance
        starts: list[Any] = []
        for value in sorted(told):
            starts += [value] if not starts or value - starts[-1] > tolerance else []
        assert len(fact["distinct_values"]) == len(starts)
    else:
        same = len({t.strip(".").lower() for t in told}) <= 1
    assert fact["agreed"] is (same if told else None)
    assert (fact["conflict"] is not None) is (not same)
    assert fact["value"] is None or fact["value"] in map(str, told)
    if told and same:
        assert fact["value"] is not None
        assert all(s["agrees"] for s in fact["sources"])
    if not same and rule in ("flag", "highest_faithfulness"):
        assert fact["value"] is None
    if fact["value"] is not None:
        assert any(s["agrees"] and s["value"] == fact["value"] for s in fact["sources"])
