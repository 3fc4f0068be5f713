"""From a cell through models of every kind to the paper: merges, expressions, unions, gaps, things that are gone."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from locus_dbt.cli.review.reading import read_rows
from tests.conftest import write_pdf

from .conftest import Locus, row_of

MODELS = {
    "stg": "select * from locus_acme_totals('*.pdf')",
    "far": "select * from locus_acme_totals('sub/*.pdf')",
    "sums": "select label, amount, amount + length(label) as odd, filename, _locus_row_id from stg",
    "parts": (
        "select label, amount as total, filename, _locus_row_id from sums "
        "union all select label, amount, filename, _locus_row_id from far"
    ),
    "joined": (
        "select b.total, o.amount as other, row_number() over (order by b.total) as place, b.filename, "
        "'about ' || b.filename as said, b._locus_row_id from parts as b left join sums as o on o.amount = b.total + 1"
    ),
    "merged": "select * from locus_deduplicator('sums', keys := ['label'])",
}


@pytest.fixture(scope="module")
def made(third_party_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with ``documents`` and the models above in ``chains.duckdb``, built once."""
    import duckdb

    import locus_dbt
    from locus_dbt.core.registry import rediscover
    from locus_dbt.engine.build import build_model

    folder = tmp_path_factory.mktemp("chains")
    write_pdf(folder / "documents" / "a.pdf", ["Invoice 1", "Total 119.00"])
    write_pdf(folder / "documents" / "b.pdf", ["Invoice 2", "Total 20.50", "Total 7.00"])
    write_pdf(folder / "documents" / "sub" / "c.pdf", ["Total 33.10"])
    sys.path.insert(0, str(third_party_dir))
    rediscover()
    connection = duckdb.connect(str(folder / "chains.duckdb"))
    try:
        session = locus_dbt.attach(connection, folder / "documents", workers=1, store=str(folder / "store"))
        for name, sql in MODELS.items():
            build_model(connection, session, name, sql)
    finally:
        connection.close()
        sys.path.remove(str(third_party_dir))
        rediscover()
    return folder


@pytest.fixture
def chains(made: Path, tmp_path: Path) -> Path:
    """The test's own copy, which it may spoil."""
    shutil.copytree(made / "documents", tmp_path / "documents")
    return Path(shutil.copy(made / "chains.duckdb", tmp_path))


@pytest.fixture
def documents(chains: Path) -> Path:
    return chains.parent / "documents"


def read(database: Path, model: str, row: str, *columns: str) -> Any:
    import duckdb

    connection = duckdb.connect(str(database), read_only=True)
    try:
        (found,) = read_rows(connection, f"main.{model}", [row], columns)
    finally:
        connection.close()
    return {c.column: c for c in found.cells}


def steps(way: Any) -> list[tuple[str, str, str]]:
    return [(f"{s.model.removeprefix('main.')}.{s.column}", s.kind, s.value) for s in way.steps]


def test_a_union_leads_only_to_the_branch_that_the_row_came_through(chains: Path) -> None:
    for document, models in (("a.pdf", ["parts", "sums", "stg"]), ("sub/c.pdf", ["parts", "far"])):
        cell = read(chains, "parts", row_of(chains, document, "parts"), "total")["total"]
        (way,) = cell.ways
        assert [name.split(".")[0] for name, _, _ in steps(way)] == models
        assert {kind for _, kind, _ in steps(way)} == {"identity"}
        assert {value for _, _, value in steps(way)} == {cell.value}
        assert way.source.document == document


def test_an_expression_lists_every_input_with_its_own_place(chains: Path) -> None:
    cell = read(chains, "sums", row_of(chains, "a.pdf", "sums"), "odd")["odd"]
    assert sorted(way.source.text for way in cell.ways) == ["119.00", "Total"]
    assert {way.steps[0].kind for way in cell.ways} == {"expression"}
    assert cell.verdict == "printed"


def test_a_gap_is_said_where_it_is_and_the_cell_counts_as_ungrounded(chains: Path, locus: Locus) -> None:
    row = row_of(chains, "a.pdf", "joined")
    found = read(chains, "joined", row, "total", "place")
    assert found["total"].verdict == "printed"
    assert found["place"].verdict == "ungrounded"
    (way,) = found["place"].ways
    assert way.source is None
    assert steps(way) == [("joined.place", "untraced", found["place"].value)]
    text = locus("explain", "joined", row, "-d", chains, "--root", "documents").out
    assert f"✗ place: ungrounded, {way.gap}" in text
    assert way.gap


def test_a_merged_row_shows_all_contributors(chains: Path, locus: Locus) -> None:
    import duckdb

    connection = duckdb.connect(str(chains), read_only=True)
    row, count = connection.execute(
        "SELECT _locus_row_id::VARCHAR, count(*) FROM locus.edges WHERE model = 'main.merged' GROUP BY ALL "
        "ORDER BY 2 DESC LIMIT 1"
    ).fetchall()[0]
    connection.close()
    assert count > 1
    cell = read(chains, "merged", row, "label")["label"]
    assert cell.way_count == count
    assert {(w.steps[0].kind, w.steps[0].merged) for w in cell.ways} == {("merge", count)}
    assert cell.ways[0].steps[0].image.startswith("deduplicator ")
    text = locus("explain", "merged", row, "-c", "label", "-d", chains, "--root", "documents").out
    assert f"── place 1 of {count}, the worst first" in text
    assert f"merge of {count} rows, deduplicator " in text
    assert "1 of " in locus("explain", "merged", row, "-d", chains, "--root", "documents").out


def test_a_column_of_the_documents_name_is_no_ungrounded_value(chains: Path) -> None:
    found = read(chains, "joined", row_of(chains, "a.pdf", "joined"), "filename", "said")
    assert "filename" not in found
    assert found["said"].verdict == "uncompared"


def test_a_relation_that_is_gone_is_said_at_its_step(chains: Path, locus: Locus) -> None:
    import duckdb

    row = row_of(chains, "a.pdf", "parts")
    connection = duckdb.connect(str(chains))
    connection.execute("DROP TABLE sums")
    connection.close()
    text = locus("explain", "parts", row, "-c", "total", "-d", chains, "--root", "documents").out
    assert "the relation is no longer in the database" in text
    assert "printed     119.00" in text


@pytest.mark.parametrize("kind", ["lineage_broken"])
def test_a_broken_step_is_said_and_makes_the_cell_ungrounded(chains: Path, locus: Locus, kind: str) -> None:
    import duckdb

    with duckdb.connect(str(chains)) as connection:
        connection.execute(
            "UPDATE locus.run_columns SET kind = ?, reason = 'image x drops provenance' "
            "WHERE run_id = (SELECT run_id FROM locus.models WHERE model = 'main.sums')",
            [kind],
        )
    answer = locus("explain", "parts", row_of(chains, "a.pdf", "parts"), "-c", "total", "-d", chains)
    assert "verdict     ungrounded" in answer.out
    assert "broken      main.sums: lineage broken: image x drops provenance" in answer.out
    assert "printed     119.00" in answer.out


def test_json_tells_the_same_as_the_text(chains: Path, locus: Locus) -> None:
    row = row_of(chains, "a.pdf", "parts")
    answer = locus("explain", "parts", row, "--json", "-d", chains, "--root", "documents")
    told = json.loads(answer.out)
    assert (told["model"], told["row_id"]) == ("main.parts", row)
    (total,) = [c for c in told["cells"] if c["column"] == "total"]
    (way,) = total["ways"]
    assert total["verdict"] == way["verdict"] == "printed"
    assert way["source"]["document"] == "a.pdf"
    assert way["source"]["text"] == "119.00"
    assert len(way["source"]["box"]) == 4
    many = json.loads(locus("explain", "parts", "--json", "--limit", "2", "-d", chains, "--root", "documents").out)
    assert many["rows_in_model"] == 4
    assert len(many["rows"]) == 2


def test_a_whole_model_is_written_with_the_worst_rows_first(chains: Path, locus: Locus, tmp_path: Path) -> None:
    answer = locus("explain", "joined", "--html", "review.html", "--limit", "3", "-d", chains, "--root", "documents")
    assert answer.code == 0, answer.err
    assert "page        review.html: 3 of 4 rows, " in answer.out
    text = (tmp_path / "review.html").read_text("utf-8")
    assert "1 of 4 rows are not on this page" in text
    assert text.index("Ungrounded values (") < text.index("<h2>row ")
    assert text.count('href="data:image/') == len(
        {d for d in ("a.pdf", "b.pdf", "sub/c.pdf") if f"<bdi>{d}</bdi>, page" in text}
    )


def test_a_page_of_documents_that_are_gone_or_changed_says_so(
    chains: Path, locus: Locus, documents: Path, tmp_path: Path
) -> None:
    write_pdf(documents / "a.pdf", ["Invoice 1", "Total 120.00"])
    (documents / "b.pdf").unlink()
    answer = locus("explain", "parts", "--html", "review.html", "-d", chains, "--root", "documents")
    assert answer.code == 0, answer.err
    text = (tmp_path / "review.html").read_text("utf-8")
    assert "<bdi>a.pdf</bdi> is not shown: it changed since it was read" in text
    assert "<bdi>b.pdf</bdi> is not shown: no file" in text
    assert text.count('href="data:image/') == 1
    assert "note: a.pdf: it changed" in answer.err


def test_what_needs_one_row_says_so(chains: Path, locus: Locus) -> None:
    for arguments in (("--png", "x.png"), ("-c", "total")):
        answer = locus("explain", "parts", "--html", "x.html", *arguments, "-d", chains)
        assert answer.code == 1
        assert "[E103] --png and --column are for one row" in answer.err


def test_a_row_whose_source_was_built_anew_since_still_leads_to_its_place(
    third_party: Path, documents: Path, locus: Locus, tmp_path: Path
) -> None:
    import duckdb

    import locus_dbt
    from locus_dbt.engine.build import build_model

    connection = duckdb.connect(str(tmp_path / "anew.duckdb"))
    session = locus_dbt.attach(connection, documents, workers=1, store=str(tmp_path / "store"))
    build_model(connection, session, "stg", MODELS["stg"])
    build_model(connection, session, "mart", "select amount as total, filename, _locus_row_id from stg")
    write_pdf(documents / "a.pdf", ["Invoice 1", "Total 120.00"])
    build_model(connection, session, "stg", MODELS["stg"])
    connection.close()
    answer = locus(
        "explain", "mart", row_of(tmp_path / "anew.duckdb", "a.pdf"), "-c", "total", "-d", tmp_path / "anew.duckdb",
        "--root", documents,
    )  # fmt: skip
    assert answer.code == 0, answer.err
    assert "verdict     printed so" in answer.out
    assert "the row is no longer there" in answer.out
    assert "printed     119.00" in answer.out


def test_a_hostile_document_is_shown_as_text(locus: Locus, tmp_path: Path) -> None:
    """Its name, its header and its cells hold markup and control characters; the page and the terminal show them."""
    import duckdb
    from lxml import html

    import locus_dbt
    from locus_dbt.engine.build import build_model

    evil = '"><script>alert(1)</script><img src=x onerror=alert(2)>'
    name = "<script>x & \x1b[2J.csv"
    (tmp_path / name).write_text(f"id,{evil.replace(chr(34), '')}\n1,{evil.replace(chr(34), '')}\n", "utf-8")
    connection = duckdb.connect(str(tmp_path / "evil.duckdb"))
    session = locus_dbt.attach(connection, tmp_path, workers=1)
    build_model(connection, session, "m", "select * from locus_doc_to_tables('*.csv', shape := 'wide')")
    connection.close()
    answer = locus("explain", "m", "-w", "true", "--html", "evil.html", "-d", "evil.duckdb")
    assert answer.code == 0, answer.err
    assert "\x1b" not in answer.out
    text = (tmp_path / "evil.html").read_text("utf-8")
    tree = html.document_fromstring(text)
    assert len(tree.xpath("//script")) == 1
    assert not tree.xpath("//img | //*[@onerror]")
    assert "&lt;script&gt;alert(1)&lt;/script&gt;&lt;img src=x onerror=alert(2)&gt;" in text
    assert "&lt;script&gt;x &amp; ·[2J.csv" in text
    assert "\x1b" not in locus("explain", "m", "-w", "true", "--json", "-d", "evil.duckdb").out


@pytest.mark.parametrize("model", ["stg", "parts", "merged"])
def test_the_rows_with_the_worst_cells_come_first(chains: Path, locus: Locus, model: str) -> None:
    """Through models that keep row ids and through one that merges: b.pdf is read badly, so its rows lead."""
    import duckdb

    with duckdb.connect(str(chains)) as connection:
        connection.execute(
            "UPDATE locus.reading_verdicts SET faithfulness = 0.1, grounding = 'none', reason = 'made up' "
            "WHERE reading IN (SELECT reading FROM locus.documents WHERE filename = 'b.pdf')"
        )
        naive = connection.execute(
            "SELECT _locus_row_id::VARCHAR FROM locus.cells WHERE model = ? GROUP BY 1 "
            "ORDER BY count(*) FILTER (WHERE faithfulness < 0.5) DESC, min(faithfulness), avg(faithfulness), 1",
            [f"main.{model}"],
        ).fetchall()
        held = {row[0] for row in connection.execute(f"SELECT _locus_row_id::VARCHAR FROM {model}").fetchall()}
    told = json.loads(locus("explain", model, "--json", "--limit", "3", "-d", chains, "--root", "documents").out)
    assert [row["row_id"] for row in told["rows"]] == [row[0] for row in naive if row[0] in held][:3]
    first = told["rows"][0]["cells"][0]
    assert (first["verdict"], first["ways"][0]["source"]["reason"]) == ("ungrounded", "made up")


def test_what_has_no_room_on_the_page_is_said(chains: Path, documents: Path) -> None:
    import duckdb

    from locus_dbt.cli.review.gathering import gather
    from locus_dbt.cli.review.papers import Papers
    from locus_dbt.model.document import AS_USUAL

    with duckdb.connect(str(chains), read_only=True) as connection:
        ids = [r[0] for r in connection.execute("SELECT _locus_row_id::VARCHAR FROM parts").fetchall()]
        rows = read_rows(connection, "main.parts", ids, ["label", "total"])
    made = gather("main.parts", rows, 9, Papers(documents, AS_USUAL), most_pages=1)
    assert len(made.pictures) == 1
    assert any("5 of 9 rows are not on this page" in said for said in made.left_out)
    assert any("2 pages are not embedded: 1 pages or 12 MB at most" in said for said in made.left_out)
    (picture,) = made.pictures.values()
    assert (picture.width, picture.height) == pytest.approx((595.3, 841.9), abs=0.1)
    assert len(picture.data) < 150_000
