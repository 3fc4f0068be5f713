"""Claims from anywhere against documents, through SQL."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import locus_dbt
from tests.conftest import Attached, write_pdf

LINES = [
    (72.0, 72.0, "Statement of the Northern Orchard"),
    (72.0, 100.0, "Variety"), (200.0, 100.0, "Crates 2025"), (300.0, 100.0, "Crates 2024"),
    (72.0, 120.0, "Boskoop"), (200.0, 120.0, "1,240"), (300.0, 120.0, "980"),
    (72.0, 140.0, "Elstar"), (200.0, 140.0, "980"), (300.0, 140.0, "1,015"),
    (72.0, 160.0, "Topaz"), (200.0, 160.0, "415"), (300.0, 160.0, "390"),
    (72.0, 200.0, "The press was sold on 12 May 2025 for 7,500 EUR."),
]  # fmt: skip


@pytest.fixture
def orchard(tmp_path: Path, attach_to: Callable[..., Attached]) -> Attached:
    write_pdf(tmp_path / "reports" / "orchard.pdf", LINES)
    (tmp_path / "reports" / "broken.pdf").write_bytes(b"%PDF-1.7\nnothing more\n")
    (tmp_path / "reports" / "prices.html").write_text(
        "<table><tr><th>Variety</th><th>Price</th></tr><tr><td>Boskoop</td><td>1.80</td></tr></table>", "utf-8"
    )
    return attach_to(tmp_path)


def ask(made: Attached, rows: str, call: str, columns: str = "faithfulness, flagged") -> list[tuple[Any, ...]]:
    made.connection.execute(f"CREATE OR REPLACE TABLE claims AS {rows}")
    return made.rows(f"SELECT {columns} FROM locus_fact_grounder('claims', {call}) ORDER BY row_number, column_name")


PDF = "files := 'reports/orchard.pdf'"


def test_a_right_value_is_found_and_boxed(orchard: Attached) -> None:
    ((text, page, x0, y0, x1, y1, score, grounding, name),) = ask(
        orchard,
        "SELECT 'When was the press sold?' AS question, DATE '2025-05-12' AS answer",
        f"{PDF}, context := ['question']",
        "text, page, x0, y0, x1, y1, faithfulness, grounding, filename",
    )
    assert (text, page, grounding, name) == ("12 May 2025", 1, "normalized", "reports/orchard.pdf")
    assert score > 0.9
    assert 180 < x0 < 200, "the box is around the three words, not around the line"
    assert 240 < x1 < 280
    assert 180 < y0 < y1 < 205


def test_a_repeated_value_is_decided_by_context(orchard: Attached) -> None:
    found = ask(
        orchard,
        "SELECT * FROM (VALUES ('Boskoop crates in 2024?', '980'), ('Elstar crates in 2025?', '980')) t(question, n)",
        f"{PDF}, context := 'question'",
        "round(x0 / 100), round(y0 / 10), candidates, flagged",
    )
    assert [f[:2] for f in found] == [(3, 11), (2, 13)]
    assert all(f[2:] == (2, False) for f in found)


def test_wrong_values_score_low_and_say_why(orchard: Attached) -> None:
    rows = """
        SELECT * FROM (VALUES
            ('Boskoop', '1,240', '980'),    -- right
            ('Boskoop', '980', '1,240'),    -- columns swapped
            ('Topaz', '415', '1,015'),      -- another row's value
            ('Elstar', '908', '1,015'),     -- digits swapped
            ('Gala', NULL, '12')            -- invented
        ) t(variety, crates_2025, crates_2024)"""
    found = ask(orchard, rows, PDF, "row_number, column_name, flagged, reason, faithfulness")
    flags = {(n, c): f for n, c, f, _, _ in found}
    assert flags == {
        (1, "variety"): False, (1, "crates_2025"): False, (1, "crates_2024"): False,
        (2, "variety"): False, (2, "crates_2025"): True, (2, "crates_2024"): True,
        (3, "variety"): False, (3, "crates_2025"): False, (3, "crates_2024"): True,
        (4, "variety"): False, (4, "crates_2025"): True, (4, "crates_2024"): False,
        (5, "variety"): True, (5, "crates_2024"): True,
    }  # fmt: skip
    assert all(reason for _, _, flagged, reason, _ in found if flagged)
    nowhere = next(f for f in found if f[:2] == (4, "crates_2025"))
    assert nowhere[4] == 0.0
    assert "not found in reports/orchard.pdf" in nowhere[3]


def test_a_citation_that_comes_along_is_checked_twice(orchard: Attached) -> None:
    rows = """
        SELECT * FROM (VALUES
            ('7,500', 'The press was sold on 12 May 2025 for 7,500 EUR.', 1),
            ('7,500', 'The press was sold on 12 May 2025', 1),
            ('9,000', 'The orchard bought a lorry for 9,000 EUR.', 1),
            ('7,500', 'sold on 12 May 2025 for 7,500 EUR', 4),
            ('1,015', 'Elstar 980 1,015', NULL)
        ) t(amount, quote, page_no)"""
    call = f"{PDF}, text_column := 'quote', page_column := 'page_no'"
    found = ask(orchard, rows, call, "faithfulness >= 0.9, flagged, reason")
    assert [f[:2] for f in found] == [(True, False), (False, True), (False, True), (False, True), (True, False)]
    said = [f[2] for f in found]
    assert "does not say '7,500'" in said[1]
    assert "not found" in said[2]
    assert "stands on page 1, not on page 4" in said[3]


def test_a_page_alone_is_a_citation_too(orchard: Attached) -> None:
    found = ask(
        orchard,
        "SELECT * FROM (VALUES ('7,500', 1), ('7,500', 3)) t(amount, page)",
        f"{PDF}, page_column := 'page'",
        "flagged, reason",
    )
    assert found == [(False, None), (True, "stands on page 1, not on the cited page 3")]


def test_files_that_are_missing_or_damaged_leave_the_rest(orchard: Attached) -> None:
    rows = """
        SELECT * FROM (VALUES
            ('reports/orchard.pdf', 'Topaz'), ('reports/gone.pdf', 'Topaz'), ('reports/broken.pdf', 'Topaz'),
            ('prices.html', 'Boskoop'), (NULL, 'Topaz')
        ) t(source, variety)"""
    call = "files := ['reports/*.pdf', 'reports/*.html'], filename_column := 'source'"
    found = ask(orchard, rows, call, "filename, flagged, reason")
    assert [f[:2] for f in found] == [
        ("reports/orchard.pdf", False), (None, True), (None, True),
        ("reports/prices.html", False), ("reports/orchard.pdf", False),
    ]  # fmt: skip
    assert "gone.pdf" in found[1][2]
    assert found[2][2]
    assert "reports/broken.pdf" in [r[0] for r in orchard.rows("SELECT filename FROM locus_rejects()")]
    found = ask(orchard, rows, "filename_column := 'source'", "filename, flagged, reason")
    assert [f[0] for f in found] == ["reports/orchard.pdf", None, None, None, None]
    assert "reports/gone.pdf" in found[1][2]


@pytest.mark.parametrize("name", ["../secret.html", "/etc/passwd", "**/*", "https://127.0.0.1/x", "source:prices", ""])
def test_rows_are_data_and_open_no_other_file(orchard: Attached, tmp_path: Path, name: str) -> None:
    (tmp_path.parent / "secret.html").write_text("<p>Topaz</p>", "utf-8")
    rows = f"SELECT * FROM (VALUES ('{name}', 'Topaz'), ('reports/orchard.pdf', 'Topaz')) t(source, variety)"
    found = ask(orchard, rows, "filename_column := 'source'", "filename, reason")
    assert found[0][0] is None
    assert found[0][1]
    assert found[1] == ("reports/orchard.pdf", None)


def test_row_ids_names_and_nulls(orchard: Attached) -> None:
    hostile = 'SELECT \'Topaz\' AS "a\'b", 415 AS "select", NULL AS "x ""y", \'?\' AS "größe", uuid() AS _locus_row_id'
    found = ask(orchard, hostile, f"{PDF}, context := ['größe']", "column_name, flagged, _locus_row_id IS NOT NULL")
    assert sorted(found) == [("a'b", False, True), ("select", False, True)]
    assert ask(orchard, "SELECT 1 AS a WHERE false", PDF) == []


def test_describing_reads_no_document(orchard: Attached) -> None:
    orchard.connection.execute("CREATE TABLE claims AS SELECT 1 AS a")
    described = orchard.rows(f"DESCRIBE SELECT * FROM locus_fact_grounder('claims', {PDF})")
    assert described[0][0] == "row_number"
    assert orchard.events("locus.document") == []
    orchard.rows(f"FROM locus_fact_grounder('claims', {PDF})")
    orchard.rows(f"FROM locus_fact_grounder('claims', {PDF}, threshold := 0.5)")
    assert len(orchard.events("locus.document.started")) == 1, "read once, in a worker, and kept"


@pytest.mark.parametrize(
    ("call", "parts"),
    [
        ("context := ['question']", ["no column 'question'"]),
        (f"{PDF}, columns := ['ans']", ["no column 'ans'", "did you mean 'answer'"]),
        ("threshold := 0.5", ["nothing says which documents", "files :="]),
        (f"{PDF}, threshold := 3", ["out of range"]),
        ("files := 'nothing/*.pdf'", ["nothing/*.pdf"]),
    ],
)
def test_errors_say_what_to_do(orchard: Attached, call: str, parts: list[str]) -> None:
    orchard.connection.execute("CREATE TABLE claims AS SELECT 'x' AS answer")
    said = orchard.error(f"FROM locus_fact_grounder('claims', {call})")
    for part in parts:
        assert part in said


def test_contents_are_there_for_other_images(orchard: Attached) -> None:
    files = json.dumps(["reports/prices.html"])
    found = orchard.rows(f"SELECT u.text, u.grid, u.place FROM (SELECT unnest(_locus_contents('{files}')) AS u)")
    assert [f[0] for f in found] == ["Variety", "Price", "Boskoop", "1.80"]
    assert all(grid == 0 and place for _, grid, place in found)


@pytest.mark.parametrize(
    ("value", "text", "grounding", "low", "high"),
    [
        ("1250.00", "1.250,00", "normalized", 0.9, 1),
        ("2019", "sales in 2019 were flat", "exact", 1, 1),
        ("1500000", "about EUR 1.5 million", "normalized", 0.9, 1),
        ("-310", "(310)", "normalized", 0.9, 1),
        ("310", "a loss of (310)", "none", 0, 0.3),
        ("2019", "sales in 2018 were flat", "none", 0, 0.3),
        ("0.25", "25 %", "normalized", 0.9, 1),
        ("x", None, "none", 0, 0),
    ],
)
def test_faithfulness_as_a_scalar(
    orchard: Attached, value: str, text: str | None, grounding: str, low: float, high: float
) -> None:
    cursor = orchard.connection.execute("SELECT locus_faithfulness(?, ?)", [value, text])
    found = cursor.fetchall()[0][0]
    assert found["grounding"] == grounding
    assert low <= found["faithfulness"] <= high
    assert found["reason"] or found["faithfulness"] >= 0.9


def test_faithfulness_of_a_column(orchard: Attached) -> None:
    judged = "SELECT locus_faithfulness(i::VARCHAR, 'no. ' || i) AS f FROM range(5000) t(i)"
    assert orchard.one(f"SELECT count(*) FROM ({judged}) WHERE f.faithfulness = 1") == 5000
    assert (
        orchard.one("SELECT locus_faithfulness((DATE '2025-05-12')::VARCHAR, '12 May 2025').grounding") == "normalized"
    )
    assert orchard.one("SELECT locus_faithfulness(1250.00::VARCHAR, '1.250,00').grounding") == "normalized"
    assert orchard.one("SELECT locus_faithfulness(NULL, 'x') IS NULL")


def test_what_an_image_extracted_is_found_where_it_was_read(attach_to: Callable[..., Attached]) -> None:
    """Invoice lines as claims, without their places: the search leads back to the boxes the extractor cited."""
    made = attach_to(Path(locus_dbt.__file__).parent / "images" / "invoice_extractor" / "fixtures")
    call = "['german_letter_lines/input.pdf', 'french_invoice_lines/input.pdf'], grain := 'lines'"
    made.connection.execute(f"CREATE TABLE lines AS FROM locus_invoice_extractor({call})")
    made.connection.execute(f"CREATE TABLE spans AS FROM locus_invoice_extractor_spans({call})")
    found = made.rows("""
        SELECT g.column_name, g.flagged, g.page = s.page AND abs(g.x0 - s.x0) < 4 AND abs(g.y0 - s.y0) < 4
        FROM locus_fact_grounder('lines') g JOIN spans s USING (_locus_row_id, column_name)
    """)
    assert len(found) > 40
    assert [f for f in found if f[1] or not f[2]] == []
