"""``locus explain``, ``locus report`` and the picture: from a cell to the box on its page."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from locus_dbt.cli.picture import TINT, Frame, draw_boxes
from locus_dbt.cli.review.verdicts import LOOKS

from .conftest import Locus, row_of

SCALE = 150 / 72


def test_a_cell_leads_to_models_document_page_box_text_and_score(locus: Locus, built: Path) -> None:
    row = row_of(built, "a.pdf")
    answer = locus("explain", "mart", row, "-c", "total", "-d", built, "--root", "documents")
    assert answer.code == 0, answer.err
    lines = dict(line.split(None, 1) for line in answer.out.splitlines()[1:])
    assert answer.out.startswith(f"main.mart.total, row {row}")
    assert lines["value"] == "119.00"
    assert lines["steps"].split() == ["main.mart.total", "identity", "119.00"]
    assert "            main.stg.amount   identity   119.00\nread by     image acme-totals 1." in answer.out
    assert lines["document"] == "a.pdf"
    assert lines["place"].startswith("page 1, box 102.0, ")
    assert lines["printed"] == "119.00"
    assert lines["score"] == "1.00 (exact)"
    assert "changed here" not in answer.out
    computed = locus("explain", "main.mart", row, "-c", "label", "-d", built, "--root", "documents").out
    assert "steps       main.mart.label   expression   TOTAL   <- changed here" in computed


def test_a_row_shows_every_cell(locus: Locus, built: Path) -> None:
    answer = locus("explain", "mart", row_of(built, "a.pdf"), "-d", built)
    assert "read from a.pdf" in answer.out
    assert [line.split()[:5] for line in answer.out.splitlines()[4:]] == [
        ["total", "119.00", "page", "1", "119.00"],
        ["label", "TOTAL", "page", "1", "Total"],
    ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("agg", "{row}"), "[E502] model 'main.agg' is untraced: "),
        (("mrt", "{row}"), "[E502] model 'mrt' has no lineage; did you mean 'mart'?"),
        (("mart", "nonsense"), "[E107] not a row id: 'nonsense'"),
        (("mart", "00000000-0000-8000-8000-000000000000"), "[E107] no row 00000000-0000-8000-8000-000000000000 in"),
        (("mart", "{row}", "-c", "totl"), "[E107] 'main.mart' has no column 'totl'; did you mean 'total'?"),
    ],
)
def test_what_cannot_be_explained_is_said(locus: Locus, built: Path, arguments: tuple[str, ...], message: str) -> None:
    answer = locus("explain", *(a.format(row=row_of(built, "a.pdf")) for a in arguments), "-d", built)
    assert answer.code == 1
    assert answer.err.startswith(message)
    assert answer.err.count("\n") == 1


def test_a_row_can_be_named_by_a_condition(locus: Locus, built: Path) -> None:
    row = row_of(built, "a.pdf")
    named = locus("explain", "mart", row, "-d", built)
    assert named.code == 0
    assert locus("explain", "mart", "--where", "total = 119 -- the one", "-d", built).out == named.out
    assert "holds for no row" in locus("explain", "mart", "-w", "total = 1", "-d", built).err
    assert "more than one row" in locus("explain", "mart", "-w", "total > 1", "-d", built).err
    assert locus("explain", "mart", "-w", "totl > 1", "-d", built).err.startswith("Binder Error")
    for arguments in (("mart",), ("mart", row, "-w", "true")):
        assert locus("explain", *arguments, "-d", built).err.startswith("[E103] name the row by")


def test_a_database_without_lineage_or_none_at_all(locus: Locus, tmp_path: Path) -> None:
    assert locus("report").err.startswith("[E107] no dbt project")
    assert locus("report", "-d", "none.duckdb").err.startswith("[E107] no database file")
    locus("sql", "create table t as select 1", "-d", "plain.duckdb")
    assert locus("report", "-d", "plain.duckdb").err.startswith("[E502] this database has no lineage")


def test_the_picture_frames_the_cell_and_only_it(locus: Locus, built: Path, tmp_path: Path) -> None:
    import numpy as np
    from PIL import Image

    answer = locus(
        "explain",
        "mart",
        row_of(built, "a.pdf"),
        "-c",
        "total",
        "-d",
        built,
        "--root",
        "documents",
        "--png",
        "cell.png",
    )
    assert answer.code == 0, answer.err
    assert "picture     cell.png" in answer.out
    with Image.open(tmp_path / "cell.png") as picture:
        pixels = np.asarray(picture.convert("RGB"))
    assert pixels.shape[:2] == pytest.approx((841.89 * SCALE, 595.28 * SCALE), abs=1)
    ys, xs = np.nonzero((pixels == LOOKS["printed"].color).all(axis=2))
    x0, x1, y0, y1 = (float(v) / SCALE for v in (xs.min(), xs.max(), ys.min(), ys.max()))
    tinted = pixels[round((y0 + y1) / 2 * SCALE), xs.min() : xs.max()]
    # "Total 119.00" stands at 72 points from the left on the second line; only the number is framed.
    assert (x0, x1) == pytest.approx((100, 141), abs=4)
    assert y0 < 92 - 8 < 92 < y1 < 100
    assert (tinted == TINT).all(axis=1).any()
    assert tinted.sum(axis=1).min() < 200  # the print stays dark


def test_a_box_on_a_turned_page_lies_where_the_words_are(tmp_path: Path, make_pdf: Callable[..., Path]) -> None:
    import pikepdf
    from PIL import Image

    from locus_dbt.model.document import Document
    from locus_dbt.parsers import parse

    plain = make_pdf(tmp_path / "plain.pdf", ["Total 119.00"])
    with pikepdf.open(plain) as pdf:
        pdf.pages[0].Rotate = 90
        pdf.pages[0].CropBox = [20, 30, 560, 800]
        pdf.save(tmp_path / "turned.pdf")
    data = (tmp_path / "turned.pdf").read_bytes()
    document = Document("turned.pdf", "application/pdf", "", data, parse)
    page = document.parsed.pages[0]
    at = list(page.words.text).index("119.00")
    box = tuple(float(v) for v in page.words.box[at])
    out = draw_boxes(document, 1, [Frame(box, "printed")], tmp_path / "turned.png")  # type: ignore[arg-type]
    with Image.open(out) as picture:
        inside = picture.crop([round(v * SCALE) for v in box])  # type: ignore[arg-type]
        assert inside.convert("L").getextrema()[0] < 60


def test_a_missing_or_changed_document_is_said(
    locus: Locus, built: Path, documents: Path, make_pdf: Callable[..., Path]
) -> None:
    row = row_of(built, "a.pdf")
    make_pdf(documents / "a.pdf", ["Invoice 1", "Total 120.00"])
    assert (
        "a.pdf: it changed since it was read" in locus("explain", "mart", row, "-d", built, "--root", "documents").err
    )
    (documents / "a.pdf").unlink()
    answer = locus("explain", "mart", row, "-c", "total", "-d", built, "--root", "documents", "--png", "x.png")
    assert answer.code == 1
    assert "[E201] no file 'documents/a.pdf'" in answer.err


def test_report_gives_counts_rows_and_one_cell(locus: Locus, built: Path, tmp_path: Path) -> None:
    answer = locus("report", "-d", built, "--root", "documents", "--png", "cell.png")
    assert answer.code == 0, answer.err
    assert "documents   3 read, 1 rejected" in answer.out
    assert "E203 the document is damaged or truncated: broken.pdf" in answer.out
    assert "rows        3 in main.mart" in answer.out
    assert "cells       6 with their place in a document, mean faithfulness 1.000" in answer.out
    assert "Where main.mart.total = 119.00 was read" in answer.out
    assert "page 1, box" in answer.out
    assert (tmp_path / "cell.png").read_bytes().startswith(b"\x89PNG")
    assert all(len(line) <= 100 for line in answer.out.splitlines())
    assert "rows        4 in main.stg" in locus("report", "-d", built, "-m", "stg").out


@pytest.mark.criterion("S4", "S11")
def test_runs_are_listed_from_the_store(locus: Locus, documents: Path, tmp_path: Path) -> None:
    import json
    import os

    assert locus("runs").out == "no runs in the store\n"
    locus("run", "acme-totals", "documents/**/*.pdf")
    (record,) = [json.loads(line) for line in locus("runs", "--json").out.splitlines()]
    assert record["state"] == "succeeded"
    assert record["counts"]["documents"] == 4
    assert record["failed"][0]["filename"] == "documents/broken.pdf"
    assert "documents/broken.pdf: [E203]" in locus("runs").out
    before = locus("sql", "from locus_acme_totals('documents/**/*.pdf') order by all").out
    part = tmp_path / ".locus" / "objects" / ".part-left"
    part.write_bytes(b"x")
    os.utime(part, (0, 0))
    for path in (tmp_path / ".locus" / "runs").rglob("*.json"):
        os.utime(path, (0, 0))
    assert "would remove 1 run records" in locus("gc", "--dry-run").out
    assert part.exists()
    assert "removed 1 run records older than 30 days and 1 leftover parts" in locus("gc").out
    assert not part.exists()
    assert locus("runs").out == "no runs in the store\n"
    assert locus("sql", "from locus_acme_totals('documents/**/*.pdf') order by all").out == before


def test_a_row_that_duckdb_read_itself_leads_to_its_record(
    locus: Locus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import duckdb

    import locus_dbt
    from locus_dbt.engine import binder
    from locus_dbt.engine.build import build_model

    monkeypatch.setattr(binder, "NATIVE_BYTES", 0)
    (tmp_path / "in.csv").write_text("id,amount\n1,10.5\n2,20.5\n3,30.5\n")
    connection = duckdb.connect("native.duckdb")
    session = locus_dbt.attach(connection, tmp_path, workers=1)
    build_model(connection, session, "stg", "select * from locus_doc_to_tables('in.csv', shape := 'wide')")
    build_model(connection, session, "m", "select amount, filename, _locus_row_id from stg where id = '2'")
    native = connection.execute("SELECT bool_and(native) FROM locus.documents").fetchall()
    connection.close()
    assert native == [(True,)]
    answer = locus(
        "explain", "m", row_of(tmp_path / "native.duckdb", "in.csv", "m"), "-c", "amount", "-d", "native.duckdb"
    )
    assert answer.code == 0, answer.err
    assert "place       record 2\n" in answer.out
    report = locus("report", "-d", "native.duckdb", "-m", "m")
    assert "1 rows with their record number" in report.out
    assert "Where main.m.amount = 20.5 was read" in report.out
