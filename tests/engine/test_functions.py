"""The table functions as a user of DuckDB meets them."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Attached, write_pdf

ALL = "locus_acme_totals('**/*.pdf')"


@pytest.mark.criterion("E8.1", "E4.2", "E8.4")
def test_documents_are_rows(attached: Attached) -> None:
    rows = attached.rows(f"SELECT filename, label, amount FROM {ALL} ORDER BY filename, amount")
    assert rows == [
        ("a.pdf", "Total", Decimal("119.00")),
        ("b.pdf", "Total", Decimal("7.00")),
        ("b.pdf", "Total", Decimal("20.50")),
        ("sub/c.pdf", "Total", Decimal("33.10")),
    ]


@pytest.mark.criterion("E8.1")
def test_rows_come_as_arrow_too(attached: Attached) -> None:
    table = attached.connection.sql(f"FROM {ALL}").to_arrow_table()
    assert table.column_names == ["filename", "label", "amount", "_locus_row_id"]
    assert table.num_rows == 4


_NOT_RUN = [
    f"DESCRIBE FROM {ALL}",
    f"EXPLAIN SELECT * FROM {ALL}",
    f"PREPARE q AS SELECT * FROM {ALL}",
    f"CREATE TEMP VIEW v AS FROM {ALL}",
    "DESCRIBE FROM locus_acme_totals_spans('*.pdf')",
    "DESCRIBE FROM locus_acme_totals_rejects('*.pdf')",
    "FROM locus_acme_totals('*.pdf', empty := true)",
    "FROM locus_images()",
    "FROM locus_image_params('acme-totals')",
]


@pytest.mark.criterion("E12.4", "R6.4")
@pytest.mark.parametrize("statement", _NOT_RUN)
def test_nothing_is_extracted_to_answer_the_binder(attached: Attached, statement: str) -> None:
    attached.rows(statement)
    assert attached.events() == []
    assert not (attached.store / "results").exists()


def test_the_schema_is_known_before(attached: Attached) -> None:
    described = [(r[0], r[1]) for r in attached.rows(f"DESCRIBE FROM {ALL}")]
    assert described == [
        ("filename", "VARCHAR"),
        ("label", "VARCHAR"),
        ("amount", "DECIMAL(18,2)"),
        ("_locus_row_id", "UUID"),
    ]


def test_a_prepared_statement_runs(attached: Attached) -> None:
    attached.rows(f"PREPARE q AS SELECT count(*) FROM {ALL} WHERE amount > $1")
    assert attached.one("EXECUTE q(20)") == 3
    assert attached.one("EXECUTE q(100)") == 1


def test_a_view_reads_its_documents_at_every_query(attached: Attached, documents: Path) -> None:
    attached.rows(f"CREATE TEMP VIEW v AS FROM {ALL}")
    assert attached.one("SELECT count(*) FROM v") == 4
    write_pdf(documents / "new.pdf", ["Total 1.00"])
    assert attached.one("SELECT count(*) FROM v") == 5


def test_a_filter_on_the_file_name_reads_only_that_file(attached: Attached) -> None:
    assert attached.one(f"SELECT count(*) FROM {ALL} WHERE filename = 'b.pdf'") == 2
    started = [e.data["filename"] for e in attached.events("locus.document.started")]
    assert started == ["b.pdf"]


def test_columns_are_chosen_and_ordered(attached: Attached) -> None:
    described = attached.rows("DESCRIBE FROM locus_acme_totals('a.pdf', columns := ['amount', 'label'])")
    assert [r[0] for r in described] == ["filename", "amount", "label", "_locus_row_id"]


def test_columns_are_typed(attached: Attached) -> None:
    row = attached.connection.execute(
        "FROM locus_acme_totals('a.pdf', columns := {amount: 'DOUBLE', label: 'VARCHAR'})"
    )
    assert [str(d[1]) for d in row.description][1] in ("DOUBLE", "NUMBER")
    assert row.fetchall()[0][1] == 119.0


@pytest.mark.parametrize(
    ("argument", "columns"),
    [
        ("filename := 'document'", ["document", "label", "amount", "_locus_row_id"]),
        ("filename := false", ["label", "amount", "_locus_row_id"]),
        ("filename := true", ["filename", "label", "amount", "_locus_row_id"]),
        ("filename := 'a \"b'", ['a "b', "label", "amount", "_locus_row_id"]),
    ],
)
def test_the_file_name_column(attached: Attached, argument: str, columns: list[str]) -> None:
    found = attached.connection.execute(f"FROM locus_acme_totals('a.pdf', {argument})")
    assert [d[0] for d in found.description] == columns
    assert len(found.fetchall()) == 1


def test_max_files_and_lists_of_globs(attached: Attached) -> None:
    assert attached.one("SELECT count(DISTINCT filename) FROM locus_acme_totals(['sub/*', 'b.pdf', '*.pdf'])") == 3
    names = attached.rows("SELECT filename FROM locus_acme_totals(['sub/*', 'a.pdf', 'b.pdf'], max_files := 2)")
    assert sorted(names) == [("a.pdf",), ("sub/c.pdf",)]


def test_params_go_to_the_image(attached: Attached) -> None:
    assert attached.one("SELECT count(*) FROM locus_acme_totals('b.pdf', most := 1)") == 1
    assert attached.one("SELECT label FROM locus_acme_totals('b.pdf', word := 'Invoice')") == "Invoice"
    generic = "FROM locus_image('acme-totals', 'b.pdf', params := {'most': 1})"
    assert attached.one(f"SELECT count(*) {generic}") == 1


def test_arguments_may_be_variables(attached: Attached) -> None:
    attached.rows("SET VARIABLE files = 'sub/*.pdf'")
    assert attached.one("SELECT filename FROM locus_acme_totals(getvariable('files'))") == "sub/c.pdf"


def test_a_literal_default_is_the_default(attached: Attached) -> None:
    one = attached.rows("FROM locus_acme_totals('a.pdf', word := 'Total')")
    assert one == attached.rows("FROM locus_acme_totals('a.pdf')")


@pytest.mark.criterion("E8.2")
def test_nothing_valid_gives_the_columns_and_no_rows(attached: Attached) -> None:
    found = attached.connection.execute("FROM locus_acme_totals('broken.pdf')")
    assert [d[0] for d in found.description] == ["filename", "label", "amount", "_locus_row_id"]
    assert found.fetchall() == []
    empty = attached.connection.execute("FROM locus_acme_totals('no/such/*.pdf', empty := true)")
    assert [d[0] for d in empty.description] == ["filename", "label", "amount", "_locus_row_id"]


@pytest.mark.criterion("S10", "S11", "E3.5")
def test_rejects_are_rows(attached: Attached) -> None:
    ((filename, code, message, hint),) = attached.rows(
        "SELECT filename, code, message, hint FROM locus_acme_totals_rejects('**/*.pdf')"
    )
    assert (filename, code) == ("broken.pdf", "E203")
    assert "broken.pdf" in message
    assert hint


@pytest.mark.criterion("S10", "E8.6")
def test_rejects_of_the_session_are_a_relation(attached: Attached) -> None:
    assert attached.rows("FROM locus_rejects()") == []
    attached.rows(f"FROM {ALL}")
    assert attached.rows("SELECT image, filename, code FROM locus_rejects()") == [("acme-totals", "broken.pdf", "E203")]


def test_rejects_are_kept_only_when_asked_for(attached: Attached) -> None:
    attached.rows("FROM locus_acme_totals('broken.pdf', store_rejects := false)")
    assert attached.rows("FROM locus_rejects()") == []


def test_a_mended_file_is_no_reject_any_more(attached: Attached, documents: Path) -> None:
    attached.rows(f"FROM {ALL}")
    write_pdf(documents / "broken.pdf", ["Total 2.00"])
    attached.rows(f"FROM {ALL}")
    assert attached.rows("FROM locus_rejects()") == []


def test_errors_are_raised_when_asked_for(attached: Attached) -> None:
    message = attached.error("FROM locus_acme_totals('*.pdf', ignore_errors := false)")
    assert "[E203]" in message
    assert "broken.pdf" in message


@pytest.mark.criterion("E8.3", "E8.5", "E3.4", "E4.7")
def test_spans_say_where_every_cell_was_read(attached: Attached) -> None:
    cells = attached.one("SELECT sum((label IS NOT NULL)::INT + (amount IS NOT NULL)::INT) FROM " + ALL)
    spans = "locus_acme_totals_spans('**/*.pdf')"
    assert attached.one(f"SELECT count(*) FROM {spans}") == cells
    assert attached.one(f"SELECT count(*) FROM {spans} SEMI JOIN {ALL} USING (_locus_row_id, filename)") == cells
    row = attached.connection.execute(f"FROM {spans} WHERE column_name = 'amount' AND filename = 'a.pdf'").fetchone()
    assert row is not None
    found = dict(zip([d[0] for d in attached.connection.description], row, strict=True))
    assert (found["value"], found["text"], found["page"], found["grounding"]) == ("119.00", "119.00", 1, "exact")
    assert 0 <= found["x0"] < found["x1"] < 600
    assert found["faithfulness"] == 1.0
    columns = [r[0] for r in attached.rows(f"DESCRIBE FROM {spans}")]
    assert columns[:14] == [
        "_locus_row_id",
        "filename",
        "column_name",
        "value",
        "text",
        "page",
        "x0",
        "y0",
        "x1",
        "y1",
        "confidence",
        "faithfulness",
        "grounding",
        "reason",
    ]


def test_rows_and_spans_come_from_one_run(attached: Attached) -> None:
    attached.rows(f"FROM {ALL}")
    attached.rows("FROM locus_acme_totals_spans('**/*.pdf')")
    attached.rows("FROM locus_acme_totals_rejects('**/*.pdf')")
    assert len(attached.events("locus.document.started")) == 4


@pytest.mark.criterion("S8")
def test_row_ids_do_not_depend_on_the_run(
    third_party: Path, documents: Path, attach_to: Callable[..., Attached], tmp_path: Path
) -> None:
    query = f"SELECT filename, amount, _locus_row_id FROM {ALL} ORDER BY ALL"
    first = attach_to(documents).rows(query)
    assert attach_to(documents, store=str(tmp_path / "other")).rows(query) == first
    (documents / "a.pdf").unlink()
    again = attach_to(documents, store=str(tmp_path / "third")).rows(query)
    assert again == [r for r in first if r[0] != "a.pdf"]


def test_row_ids_are_unique_even_for_copies(attached: Attached, documents: Path) -> None:
    shutil.copy(documents / "b.pdf", documents / "copy.pdf")
    assert attached.one(f"SELECT count(*) = count(DISTINCT _locus_row_id) FROM {ALL}")


def test_images_are_listed(attached: Attached) -> None:
    found = attached.rows("SELECT name, kind, function, origin, privacy FROM locus_images() WHERE name LIKE 'acme%'")
    assert ("acme-totals", "extract", "locus_acme_totals", "acme-images", "local") in found
    assert ("acme-upper", "relational", "locus_acme_upper", "acme-images", "local") in found


def test_params_are_listed(attached: Attached) -> None:
    rows = {
        r[0]: r[1:]
        for r in attached.rows(
            "SELECT name, type, default_value, \"range\", common FROM locus_image_params('acme-totals')"
        )
    }
    assert rows["most"] == ("integer", "10", "1.0 to 1000.0", False)
    assert rows["max_files"][3] is True
    assert "columns" in rows


def test_columns_and_errors_are_listed(attached: Attached) -> None:
    columns = attached.rows("SELECT column_name, type FROM locus_image_columns('acme-totals')")
    assert columns == [("label", "VARCHAR"), ("amount", "DECIMAL(18,2)")]
    from locus_dbt.errors import CODES

    assert dict(attached.rows("FROM locus_errors()")) == CODES


@pytest.mark.criterion("R12.2")
def test_functions_carry_a_comment(attached: Attached) -> None:
    comments = dict(
        attached.rows(
            "SELECT function_name, comment FROM duckdb_functions() WHERE function_name LIKE 'locus_acme_totals%'"
        )
    )
    assert comments["locus_acme_totals"] == "The amounts that stand behind a word in a document, one row a document."
    assert comments["locus_acme_totals_spans"]


class TestScalarTwin:
    """``locus_x_value`` over a column of paths or bytes."""

    def test_over_paths(self, attached: Attached) -> None:
        rows = attached.rows(
            "SELECT f, locus_acme_totals_value(f) FROM (VALUES ('b.pdf'), ('a.pdf'), (NULL), ('nope.pdf')) AS t(f)"
        )
        found = dict(rows)
        assert [str(r["amount"]) for r in found["b.pdf"]] == ["20.50", "7.00"]
        assert found[None] is None
        assert found["nope.pdf"] == []

    def test_over_bytes(self, attached: Attached, documents: Path) -> None:
        files = str(documents / "**" / "*.pdf")
        attached.connection.execute("CREATE TABLE files AS SELECT filename, content FROM read_blob(?)", [files])
        rows = attached.rows("SELECT sum(list_sum([x.amount for x in locus_acme_totals_value(content)])) FROM files")
        assert float(rows[0][0]) == pytest.approx(179.6)

    def test_it_is_typed_without_reading(self, attached: Attached) -> None:
        attached.rows("DESCRIBE SELECT locus_acme_totals_value('a.pdf')")
        assert attached.events() == []

    def test_every_value_null(self, attached: Attached) -> None:
        assert attached.rows("SELECT locus_acme_totals_value(f) FROM (VALUES (NULL::VARCHAR)) AS t(f)") == [(None,)]

    def test_unnested_it_is_the_table_function(self, attached: Attached) -> None:
        lateral = (
            "SELECT f, unnest(locus_acme_totals_value(f), recursive := true) FROM (VALUES ('a.pdf'), ('b.pdf')) t(f)"
        )
        table = "SELECT filename, label, amount FROM locus_acme_totals(['a.pdf', 'b.pdf'])"
        assert sorted(attached.rows(lateral)) == sorted(attached.rows(table))


class TestRelations:
    """Relational images over named relations."""

    @pytest.fixture
    def data(self, attached: Attached) -> Attached:
        attached.rows("CREATE TABLE people AS FROM (VALUES ('ann', 1), ('bob', 2), ('ann', 3)) AS t(name, n)")
        attached.rows("CREATE VIEW people_view AS FROM people")
        attached.rows('CREATE SCHEMA "od d"')
        attached.rows("""CREATE TABLE "od d"."it's ""x""; --" AS FROM people""")
        return attached

    @pytest.mark.criterion("R5.4")
    @pytest.mark.parametrize(
        "name",
        [
            "people",
            "PEOPLE",
            "main.people",
            "memory.main.people",
            "people_view",
            '"people"',
            '"od d"."it\'\'s ""x""; --"',
        ],
    )
    def test_a_table_or_view_by_name(self, data: Attached, name: str) -> None:
        rows = data.rows(f"FROM locus_acme_upper('{name}', \"column\" := 'name') ORDER BY n")
        assert rows == [("ANN", 1), ("BOB", 2), ("ANN", 3)]

    def test_by_the_name_of_the_image(self, data: Attached) -> None:
        generic = "FROM locus_image('acme-upper', 'people', params := {'column': 'name'}) ORDER BY n"
        assert data.rows(generic) == [("ANN", 1), ("BOB", 2), ("ANN", 3)]
        assert data.rows("DESCRIBE " + generic)
        assert "no param 'max_files'" in data.error(
            "FROM locus_image('acme-upper', 'people', params := {'column': 'name'}, max_files := 3)"
        )

    @pytest.mark.parametrize("name", ["people; drop table people", "(select 1)", "a.b.c.d", "", "people p", "'x'"])
    def test_what_is_no_name_is_refused(self, data: Attached, name: str) -> None:
        quoted = name.replace("'", "''")
        message = data.error(f"FROM locus_acme_upper('{quoted}', \"column\" := 'name')")
        assert "[E107]" in message
        assert data.one("SELECT count(*) FROM people") == 3

    def test_a_missing_table_is_answered_with_the_nearest(self, data: Attached) -> None:
        message = data.error("FROM locus_acme_upper('peopel', \"column\" := 'name')")
        assert "[E107]" in message
        assert "did you mean 'people'?" in message

    def test_a_missing_column_and_a_missing_param(self, data: Attached) -> None:
        assert "[E107] the relation has no column 'nam'" in data.error(
            "FROM locus_acme_upper('people', \"column\" := 'nam')"
        )
        assert "needs the param 'column'" in data.error("FROM locus_acme_upper('people')")

    def test_it_runs_over_the_result_of_another_image(self, attached: Attached) -> None:
        attached.rows(f"CREATE TABLE stg AS FROM {ALL}")
        rows = attached.rows("SELECT DISTINCT label FROM locus_acme_upper('stg', \"column\" := 'label')")
        assert rows == [("TOTAL",)]

    def test_rejects_of_a_relational_image(self, attached: Attached) -> None:
        attached.rows("CREATE TABLE t AS FROM (VALUES ('a'), (NULL)) AS t(name)")
        rows = attached.rows("SELECT code, column_name FROM locus_acme_upper_rejects('t', \"column\" := 'name')")
        assert rows == [("E301", "name")]

    def test_the_kinds_are_not_mixed_up(self, data: Attached) -> None:
        assert "[E109]" in data.error("FROM locus_image_spans('acme-upper', 'people')")


_NAMES = [
    "it's.pdf",
    'a"b.pdf',
    "a;drop table x;--.pdf",
    "zürich 東京 😀.pdf",
    "new\nline.pdf",
    "[1]*.pdf",
    "$1 {x} %s.pdf",
    "-rf.pdf",
    "back\\slash.pdf",
    " space .pdf",
]


@pytest.mark.parametrize("name", _NAMES)
def test_hostile_file_names_are_just_names(attached: Attached, documents: Path, name: str) -> None:
    write_pdf(documents / name, ["Total 9.00"])
    quoted = name.replace("'", "''")
    assert attached.rows(f"SELECT filename, amount FROM locus_acme_totals('{quoted}')") == [(name, Decimal("9.00"))]
    assert attached.one(f"SELECT count(*) FROM {ALL} WHERE filename = '{quoted}'") == 1
    assert attached.one(f"SELECT count(*) FROM locus_acme_totals_spans('{quoted}')") == 2


@pytest.mark.criterion("R5.5")
def test_several_threads_with_cursors(attached: Attached) -> None:
    from locus_dbt.engine.functions import create_macros

    answers: list[Any] = []

    def ask(number: int) -> None:
        with attached.connection.cursor() as cursor:
            create_macros(cursor)
            query = f"SELECT sum(amount) FROM locus_acme_totals('**/*.pdf', word := 'Total', most := {number + 5})"
            answers.append(cursor.execute(query).fetchall()[0][0])

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert answers == [Decimal("179.60")] * 4


def test_file_databases_and_several_of_them(
    third_party: Path, documents: Path, attach_to: Callable[..., Attached], tmp_path: Path
) -> None:
    path = str(tmp_path / "x.duckdb")
    one = attach_to(documents, path)
    one.rows(f"CREATE TABLE t AS FROM {ALL}")
    two = attach_to(documents)
    assert two.one(f"SELECT count(*) FROM {ALL}") == one.one("SELECT count(*) FROM t") == 4
    one.connection.close()
    again = attach_to(documents, path)
    assert again.one("SELECT count(*) FROM t") == 4


def test_attaching_writes_nothing_into_the_database(attached: Attached) -> None:
    assert attached.rows("SELECT schema_name, table_name FROM duckdb_tables()") == []
    assert attached.rows("SELECT schema_name FROM duckdb_schemas() WHERE schema_name = 'locus'") == []


def test_attaching_again_renews(attached: Attached, documents: Path, tmp_path: Path) -> None:
    import locus_dbt

    locus_dbt.attach(attached.connection, documents / "sub", store=str(attached.store))
    assert attached.rows("SELECT filename FROM locus_acme_totals('*.pdf')") == [("c.pdf",)]


def test_a_read_only_database_can_be_asked(
    third_party: Path, documents: Path, attach_to: Callable[..., Attached], tmp_path: Path
) -> None:
    import duckdb

    import locus_dbt

    path = tmp_path / "x.duckdb"
    duckdb.connect(str(path)).close()
    with duckdb.connect(str(path), read_only=True) as connection:
        locus_dbt.attach(connection, documents, store=str(tmp_path / "store"))
        assert connection.execute(f"SELECT count(*) FROM {ALL}").fetchall() == [(4,)]


def test_the_user_decides_about_transactions(attached: Attached) -> None:
    attached.rows("BEGIN")
    attached.rows(f"CREATE TABLE t AS FROM {ALL}")
    attached.rows("ROLLBACK")
    assert attached.rows("SELECT table_name FROM duckdb_tables()") == []
    assert attached.one(f"SELECT count(*) FROM {ALL}") == 4


@pytest.mark.criterion("S11")
def test_how_completely_each_document_was_read(attached: Attached) -> None:
    found = attached.rows(
        "SELECT filename, status, pages, words, words_in_tables + words_in_text + words_left_over, rows "
        "FROM locus_acme_totals_documents('**/*.pdf') ORDER BY filename"
    )
    assert found == [
        ("a.pdf", "read", 1, 4, 4, 1),
        ("b.pdf", "read", 1, 6, 6, 2),
        ("broken.pdf", "rejected", None, None, None, 0),
        ("sub/c.pdf", "read", 1, 2, 2, 1),
    ]
