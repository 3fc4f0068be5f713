"""``locus calibrate`` and ``locus review``: gold measured, maps kept, cells queued and judged, promises kept."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest

from locus_dbt.core.conformal import threshold

from .conftest import Locus, row_of


def rows(database: Path, sql: str, *values: Any) -> list[tuple[Any, ...]]:
    import duckdb

    with duckdb.connect(str(database)) as connection:
        return connection.execute(sql, list(values)).fetchall()


def gold(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "gold.csv"
    path.write_text(text, "utf-8")
    return path


@pytest.fixture
def right_gold(built: Path, tmp_path: Path) -> Path:
    """Gold for every row of the model ``mart``: the first row's total is another one."""
    path = tmp_path / "gold.parquet"
    first = row_of(built, "a.pdf")
    rows(
        built,
        f"COPY (SELECT _locus_row_id, label, CASE WHEN _locus_row_id = '{first}' THEN 1 ELSE total END AS total "
        f"FROM mart) TO '{path}'",
    )
    return path


def test_gold_is_compared_by_key_and_measured(locus: Locus, built: Path, right_gold: Path) -> None:
    answer = locus("calibrate", "mart", "--gold", right_gold, "--key", "_locus_row_id", "-d", built, "--json")
    assert answer.code == 0, answer.err
    facts = json.loads(answer.out)
    (cells,) = rows(built, "SELECT count(total) + count(label) FROM mart")[0]
    assert facts["n"] == cells
    assert facts["right"] == pytest.approx((cells - 1) / cells)
    assert facts["columns"] == ["total", "label"]
    assert 0 < facts["ece"] < 1
    text = locus("calibrate", "mart", "--gold", right_gold, "--key", "_locus_row_id", "-d", built).out
    assert f"main.mart: {cells} cells of " in text
    assert "ECE" in text
    assert "difference" in text


def test_gold_may_be_a_relation_and_values_are_compared_by_type(locus: Locus, built: Path, tmp_path: Path) -> None:
    rows(
        built,
        "CREATE TABLE truth AS SELECT _locus_row_id, total::VARCHAR || '0' AS total, '  ' || label AS label FROM mart",
    )
    answer = locus("calibrate", "mart", "--gold", "truth", "-k", "_locus_row_id", "-d", built, "--json")
    assert json.loads(answer.out)["right"] == 1.0, answer.err


@pytest.mark.parametrize(
    ("gold_text", "arguments", "message"),
    [
        ("filename,total\na.pdf,1\na.pdf,2\n", (), "[E107] the gold has several rows for filename = a.pdf"),
        ("name,total\na.pdf,1\n", (), "[E107] the gold has no key column 'filename'"),
        ("filename,sum\na.pdf,1\n", (), "[E107] model and gold share no column beside filename"),
        ("filename,total\nz.pdf,1\n", (), "[E502] no cell with gold"),
        ("filename,total\na.pdf,119\n", ("--fit",), "[E502] a map needs gold of two documents or more"),
    ],
)
def test_gold_that_cannot_be_compared_is_said(
    locus: Locus, built: Path, tmp_path: Path, gold_text: str, arguments: tuple[str, ...], message: str
) -> None:
    answer = locus("calibrate", "mart", "--gold", gold(tmp_path, gold_text), *arguments, "-d", built)
    assert answer.code == 1
    assert message in answer.err
    assert answer.err.count("\n") == 1
    assert "no relation 'nowhere'" in locus("calibrate", "mart", "--gold", "nowhere", "-d", built).err
    assert "[E104] no gold file" in locus("calibrate", "mart", "--gold", "none.csv", "-d", built).err


def test_the_queue_lists_cells_worst_first_with_their_place(locus: Locus, built: Path) -> None:
    answer = locus("review", "mart", "--threshold", "1", "-d", built, "--json")
    assert answer.code == 0, answer.err
    found = json.loads(answer.out)
    assert found["waiting"] == found["cells"] == len(found["queue"])
    stated = [c["stated"] for c in found["queue"]]
    assert stated == sorted(stated)
    assert all(c["filename"] and c["page"] == 1 and c["x0"] is not None and c["text"] for c in found["queue"])
    text = locus("review", "mart", "--threshold", "1", "--limit", "1", "-d", built).out
    assert "cells wait for review" in text
    assert "--limit 0 lists all" in text
    assert json.loads(locus("review", "mart", "--threshold", "0", "-d", built, "--json").out)["queue"] == []


def test_a_verdict_takes_a_cell_off_the_queue_and_the_last_one_counts(locus: Locus, built: Path) -> None:
    row = row_of(built, "a.pdf")
    of_cell = ("--row", row, "--column", "total", "--reviewer", "Ada", "-d", built)
    answer = locus("review", "mart", *of_cell, "--right")
    assert answer.out == f"main.mart.total, row {row}: 119.00 is right (Ada)\n", answer.err
    before = json.loads(locus("review", "mart", "--threshold", "1", "-d", built, "--json").out)
    assert (row, "total") not in {(c["_locus_row_id"], c["column_name"]) for c in before["queue"]}
    assert before["waiting"] == before["cells"] - 1
    assert "right is 118" in locus("review", "mart", *of_cell, "--value", "118").out
    held = rows(built, "SELECT verdict, corrected, reviewer, value FROM locus.reviews ORDER BY reviewed_at")
    assert held == [("right", None, "Ada", "119.00"), ("wrong", "118", "Ada", "119.00")], "nothing is overwritten"


def test_a_wrong_request_for_a_verdict_is_said(locus: Locus, built: Path) -> None:
    row = row_of(built, "a.pdf")
    known = ("--reviewer", "Ada", "-d", built)
    for arguments, message in [
        (("--row", row, "--right"), "[E103] a verdict takes --row, --column"),
        (("--row", row, "-c", "total", "--right", "--wrong"), "[E103] a verdict takes --row, --column"),
        (("--row", row, "-c", "totl", "--right"), "no traced column 'totl'; did you mean 'total'?"),
        (("--row", "x", "-c", "total", "--right"), "[E107] not a row id: 'x'"),
        (("--row", row[:-1] + "f", "-c", "total", "--right"), "[E502] "),
        (("--row", row, "-c", "total", "--value", "119.00"), "[E103] '119.00' is the value that was read"),
    ]:
        answer = locus("review", "mart", *arguments, *known)
        assert answer.code == 1
        assert message in answer.err
        assert answer.err.count("\n") == 1
    assert "[E103] --max-error is a share" in locus("review", "mart", "--max-error", "1.5", "-d", built).err


def test_without_enough_reviews_nothing_is_promised_and_everything_waits(locus: Locus, built: Path) -> None:
    found = json.loads(locus("review", "mart", "--max-error", "0.01", "-d", built, "--json").out)
    assert (found["promised"], found["missing"], found["waiting"]) == (False, 99, found["cells"])
    text = locus("review", "mart", "--max-error", "0.01", "-d", built).out
    assert "nothing can be promised yet: 0 cells drawn at random, 0 wrong; 99 more are needed" in text


def many(database: Path, n: int, wrong: set[int]) -> None:
    """``n`` drawn and reviewed cells of the model's present images, cell ``i`` with confidence ``i / n``."""
    import duckdb

    from locus_dbt.engine.review_tables import create_review_tables
    from locus_dbt.engine.reviews import image_state

    with duckdb.connect(str(database)) as connection:
        create_review_tables(connection)
        state = image_state(connection, "main.mart")
        for i in range(n):
            cell = ["main.mart", f"00000000-0000-8000-8000-{i:012d}", "total", "1", i / n, state]
            connection.execute("INSERT INTO locus.review_sample VALUES (?, ?, ?, ?, ?, ?, now())", cell)
            verdict = "wrong" if i in wrong else "right"
            connection.execute(
                "INSERT INTO locus.reviews VALUES (?, ?, ?, ?, ?, ?, ?, NULL, 'Ada', now())", [*cell, verdict]
            )


@pytest.mark.parametrize(("n", "wrong"), [(99, set()), (120, {3}), (250, {10, 100, 240}), (250, {249}), (98, set())])
def test_sql_and_python_draw_the_same_line(locus: Locus, built: Path, n: int, wrong: set[int]) -> None:
    many(built, n, wrong)
    bound = threshold(n, [i / n for i in wrong], 0.01)
    found = json.loads(locus("review", "mart", "--max-error", "0.01", "-d", built, "--json").out)
    assert found["promised"] == (not math.isinf(bound.above))
    assert found["missing"] == bound.missing
    held = "_locus_row_id IN (SELECT _locus_row_id FROM mart)"
    passing = f"SELECT count(*) FROM locus.cells WHERE model = 'main.mart' AND {held} AND confidence > ?"
    above = bound.above if not math.isinf(bound.above) else 9.0
    assert found["cells"] - found["waiting"] == rows(built, passing, above)[0][0]
    listed = rows(
        built, "SELECT DISTINCT above, reviewed, missing FROM locus_review_queue('main.mart', max_error := 0.01)"
    )
    if listed:
        assert listed[0][0] == pytest.approx(bound.above, abs=1e-6)
        assert listed[0][1:] == (n, bound.missing)


def test_drawn_cells_that_nobody_saw_count_as_wrong(locus: Locus, built: Path) -> None:
    cells = json.loads(locus("review", "mart", "--max-error", "0.3", "--sample", "5", "-d", built, "--json").out)
    assert cells["drawn"] == cells["not_seen"] == min(5, cells["cells"])
    assert sum(c["drawn"] for c in cells["queue"]) == cells["drawn"]
    again = json.loads(locus("review", "mart", "--sample", "5", "-d", built, "--json").out)
    assert again["drawn"] == cells["drawn"], "the sample is not drawn anew"


def test_reviews_of_another_image_do_not_count(locus: Locus, built: Path) -> None:
    many(built, 99, set())
    assert json.loads(locus("review", "mart", "--max-error", "0.01", "-d", built, "--json").out)["promised"]
    rows(built, "UPDATE locus.runs SET image_digest = 'another' WHERE image IS NOT NULL")
    found = json.loads(locus("review", "mart", "--max-error", "0.01", "-d", built, "--json").out)
    assert (found["promised"], found["drawn"], found["missing"]) == (False, 0, 99)


def test_gold_counts_as_reviews_and_a_map_states_anew(locus: Locus, built: Path, right_gold: Path) -> None:
    of_gold = ("calibrate", "mart", "--gold", right_gold, "-k", "_locus_row_id", "-d", built)
    answer = locus(*of_gold, "--fit", "--as-review")
    assert answer.code == 0, answer.err
    assert "cells count as reviewed" in answer.out
    found = json.loads(locus("review", "mart", "--max-error", "0.2", "-d", built, "--json").out)
    assert found["wrong"] == 1
    assert found["drawn"] == rows(built, "SELECT count(*) FROM locus.reviews")[0][0]
    locus(*of_gold, "--as-review")
    assert json.loads(locus("review", "mart", "-d", built, "--json").out)["drawn"] == found["drawn"], "drawn once"
    ((stated, probability),) = rows(built, "SELECT stated, probability FROM locus.calibration")
    assert len(stated) == len(probability) > 0
    rows(built, "DELETE FROM locus.reviews")
    queue = json.loads(locus("review", "mart", "--threshold", "1", "-d", built, "--json").out)["queue"]
    assert {round(c["stated"], 3) for c in queue} <= {round(p, 3) for p in probability}
