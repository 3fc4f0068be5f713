"""One document through one image, without processes."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from locus_dbt.core.executor import Job, Outcome, Request
from locus_dbt.core.extraction import extract_document
from tests.conftest import write_pdf

_IMAGE = """
from locus_dbt.model.locus import Box, Locus
from locus_dbt.model.element import page_text

def extract(document, params, table):
    parsed = document.parsed
    for page in parsed.pages:
        for i, word in enumerate(page.words.text):
            table.start_row()
            box = Box(*(float(v) for v in page.words.box[i])) if page.number else None
            table.put("word", word, text=word, at=Locus(page.number or None, box))
    for t in parsed.tables:
        for i, text in enumerate(t.text):
            table.start_row()
            table.put("cell", f"{t.row[i]},{t.col[i]}={text}", text=text, at=Locus(int(t.page[i]) or None))
"""


@pytest.fixture
def words_image(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """An image that gives the words and table cells of a document."""
    name = f"words_image_{abs(hash(tmp_path))}"
    (tmp_path / name).mkdir()
    (tmp_path / name / "__init__.py").touch()
    (tmp_path / name / "image.py").write_text(_IMAGE)
    monkeypatch.syspath_prepend(str(tmp_path))
    return name


def _job(module: str, **more: Any) -> Job:
    return Job(module, {"word": "VARCHAR", "cell": "VARCHAR"}, {}, image="words", **more)


def _request(path: Path) -> Request:
    return Request("k", path.name, str(path), "")


def _table(data: bytes) -> list[Mapping[str, Any]]:
    return list(pa.ipc.open_stream(data).read_all().to_pylist())


def _code(outcome: Outcome) -> str:
    assert not outcome.rows
    (reject,) = outcome.rejects
    return str(reject["code"])


@pytest.mark.criterion("E3.1", "E3.3", "E3.4")
def test_text_is_read_with_page_and_box(words_image: str, tmp_path: Path) -> None:
    path = write_pdf(tmp_path / "a.pdf", [(100.0, 200.0, "Hello")], pages=2)
    outcome = extract_document(_job(words_image), _request(path))
    assert [r["word"] for r in _table(outcome.rows)] == ["Hello", "Hello"]
    spans = _table(outcome.spans)
    assert [s["page"] for s in spans] == [1, 2]
    for span in spans:
        assert span["x0"] == pytest.approx(100, abs=2)
        assert span["y0"] < 200 < span["y1"] + 1
        assert (span["grounding"], span["faithfulness"]) == ("exact", 1.0)


@pytest.mark.criterion("E3.2", "E2.2")
def test_tables_are_read_as_rows_and_columns(words_image: str, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("name,price\nbolt,1.50\nnut,0.20\n")
    cells = [r["cell"] for r in _table(extract_document(_job(words_image), _request(tmp_path / "t.csv")).rows)]
    assert {"0,0=name", "0,1=price", "1,0=bolt", "1,1=1.50", "2,0=nut", "2,1=0.20"} <= set(cells)


@pytest.mark.criterion("E2.1")
def test_the_content_decides_the_type_not_the_name(words_image: str, tmp_path: Path) -> None:
    path = write_pdf(tmp_path / "a.csv", ["Hello"])
    outcome = extract_document(_job(words_image), _request(path))
    assert outcome.facts["media_type"] == "application/pdf"


@pytest.mark.criterion("E2.5")
def test_a_document_of_unknown_type_is_recorded(words_image: str, tmp_path: Path) -> None:
    (tmp_path / "x.bin").write_bytes(bytes(range(256)) * 4)
    assert _code(extract_document(_job(words_image), _request(tmp_path / "x.bin"))) == "E204"


@pytest.mark.criterion("E2.6")
def test_a_document_of_a_type_that_the_image_does_not_take_is_recorded_with_it(
    words_image: str, tmp_path: Path
) -> None:
    (tmp_path / "x.html").write_text("<!doctype html><html><body><p>hello</p></body></html>")
    outcome = extract_document(_job(words_image, accepts=("application/pdf",)), _request(tmp_path / "x.html"))
    assert _code(outcome) == "E205"
    assert "takes no text/html" in outcome.rejects[0]["message"]


@pytest.mark.criterion("E3.5")
def test_a_document_that_cannot_be_parsed_is_recorded(words_image: str, tmp_path: Path) -> None:
    (tmp_path / "x.pdf").write_bytes(b"%PDF-1.7\nnothing more\n")
    assert _code(extract_document(_job(words_image), _request(tmp_path / "x.pdf"))) == "E203"


def test_an_empty_file_is_recorded(words_image: str, tmp_path: Path) -> None:
    (tmp_path / "x.pdf").write_bytes(b"")
    outcome = extract_document(_job(words_image), _request(tmp_path / "x.pdf"))
    assert _code(outcome) in ("E203", "E204")
    assert "x.pdf" in outcome.rejects[0]["message"]


@pytest.mark.criterion("E1.5")
def test_a_file_that_is_gone_is_recorded_but_not_for_ever(words_image: str, tmp_path: Path) -> None:
    outcome = extract_document(_job(words_image), _request(tmp_path / "gone.pdf"))
    assert _code(outcome) == "E201"
    assert not outcome.final


@pytest.mark.criterion("S2")
def test_a_file_that_changed_since_the_plan_is_recorded(words_image: str, tmp_path: Path) -> None:
    path = write_pdf(tmp_path / "a.pdf", ["Hello"])
    expected = hashlib.sha256(b"before").hexdigest()
    outcome = extract_document(_job(words_image), Request("k", "a.pdf", str(path), expected))
    assert _code(outcome) == "E208"
    assert not outcome.final


@pytest.mark.parametrize(
    ("limits", "part"), [({"max_pages": 2}, "has 3 pages, limit 2"), ({"max_file_mb": 0}, "larger than 0 MB")]
)
def test_a_document_over_a_limit_is_recorded(
    words_image: str, tmp_path: Path, limits: dict[str, int], part: str
) -> None:
    path = write_pdf(tmp_path / "a.pdf", ["Hello"], pages=3)
    outcome = extract_document(_job(words_image, limits=limits), _request(path))
    assert _code(outcome) == "E206"
    assert part in outcome.rejects[0]["message"]


@pytest.mark.criterion("E2.3", "E10.5")
def test_a_configured_parser_wins(words_image: str, tmp_path: Path) -> None:
    (tmp_path / "my_parser.py").write_text(
        "from locus_dbt.model.element import Block, Page, Parsed\n"
        "def parse(document):\n"
        "    import numpy as np\n"
        "    from locus_dbt.model.element import Words, no_boxes\n"
        "    words = Words(('mine',), no_boxes(1), np.zeros(1, np.float32), np.zeros(1, np.int32), np.zeros(1, bool))\n"
        "    return Parsed(document.media_type, (Page(0, 0, 0, words),))\n"
    )
    path = write_pdf(tmp_path / "a.pdf", ["Hello"])
    job = _job(words_image, parsers={"application/pdf": "my_parser"})
    outcome = extract_document(job, _request(path))
    assert outcome.rejects == ()
    assert [r["word"] for r in _table(outcome.rows)] == ["mine"]
    sys.modules.pop("my_parser", None)


@pytest.mark.criterion("E2.3")
def test_a_configured_media_type_wins_over_detection(words_image: str, tmp_path: Path) -> None:
    (tmp_path / "odd.dat").write_text("a,b\n1,2\n")
    job = _job(words_image, media_types={"*.dat": "text/csv"})
    outcome = extract_document(job, _request(tmp_path / "odd.dat"))
    assert outcome.facts["media_type"] == "text/csv"
    assert _table(outcome.rows)


@pytest.mark.criterion("S8")
def test_the_same_bytes_give_the_same_bytes(words_image: str, tmp_path: Path) -> None:
    path = write_pdf(tmp_path / "a.pdf", ["Total 1.00", "Sum 2.00"], pages=3)
    one, two = (extract_document(_job(words_image), _request(path)) for _ in range(2))
    assert (one.rows, one.spans) == (two.rows, two.spans)


def test_a_document_without_words_is_counted_once(tmp_path: Path) -> None:
    """What is read in parts and kept whole too is one reading, also when there is nothing to count."""
    (tmp_path / "a.html").write_text("<html><body><p hidden>out of sight</p></body></html>")
    columns = {"text": "VARCHAR"}
    job = Job("locus_dbt.images.doc_to_tables", columns, {"shape": "cells", "table": None}, image="doc-to-tables")
    outcome = extract_document(job, Request("k", "a.html", str(tmp_path / "a.html"), ""))
    assert outcome.facts["words"] == 0
    assert len(outcome.facts["warnings"]) == 1
