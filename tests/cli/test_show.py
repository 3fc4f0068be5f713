"""``locus show``: what is found in one document, and the picture of a page."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from tests.cli.conftest import Locus
from tests.conftest import write_pdf
from tests.make_fixtures.formats import PRICES_HTML


@pytest.fixture
def report(tmp_path: Path) -> Path:
    lines = ["Stock of the north hall", (72, 120, "Item"), (200, 120, "Pieces"), (72, 140, "Bolt"), (200, 140, "31")]
    lines += [(72, 160, "Nut"), (200, 160, "250"), (72, 180, "Washer"), (200, 180, "7")]
    return write_pdf(tmp_path / "report.pdf", lines, pages=2)


def test_pages_elements_and_tables_are_listed(locus: Locus, report: Path) -> None:
    answer = locus("show", report.name)
    assert answer.code == 0
    assert "report.pdf: application/pdf" in answer.out
    assert "26 words: 14 in tables, 12 in text, 0 left over" in answer.out
    assert "Stock of the north hall" in answer.out


def test_one_table_in_full(locus: Locus, tmp_path: Path) -> None:
    (tmp_path / "prices.html").write_text(PRICES_HTML)
    answer = locus("show", "prices.html", "--table", "0")
    assert answer.code == 0
    assert len(answer.out.splitlines()) > 3
    refused = locus("show", "prices.html", "--table", "99")
    assert refused.code == 1
    assert "has no table 99" in refused.err


def test_a_page_is_drawn_with_what_was_found(locus: Locus, report: Path, tmp_path: Path) -> None:
    from PIL import Image

    answer = locus("show", report.name, "--page", "2", "--png", "out.png")
    assert answer.code == 0
    assert "page 2 of report.pdf" in answer.out
    with Image.open(tmp_path / "out.png") as picture:
        colors = {color for _, color in picture.convert("RGB").getcolors(1_000_000)}
        assert picture.width / picture.height == pytest.approx(595 / 842, abs=0.01)
    assert (208, 2, 27) in colors, "the frame of the table"
    missing = locus("show", report.name, "--page", "9", "--png", "out.png")
    assert missing.code == 1
    assert "no page 9" in missing.err or "E210" in missing.err


def test_formats_without_pages_cannot_be_drawn(locus: Locus, tmp_path: Path) -> None:
    (tmp_path / "prices.html").write_text(PRICES_HTML)
    answer = locus("show", "prices.html", "--png", "out.png")
    assert answer.code == 1
    assert not (tmp_path / "out.png").exists()


def test_a_member_of_an_archive(locus: Locus, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("in/list.csv", "item,quantity\nbolt,3\n")
    answer = locus("show", "a.zip!/in/list.csv", "--table", "0")
    assert answer.code == 0
    assert "bolt" in answer.out


def test_what_cannot_be_read_is_said(locus: Locus, tmp_path: Path) -> None:
    (tmp_path / "cut.pdf").write_bytes(b"%PDF-1.7\nnothing\n")
    answer = locus("show", "cut.pdf")
    assert answer.code == 1
    assert "[E203]" in answer.err
    assert "[E104]" in locus("show", "nothing*.pdf").err
