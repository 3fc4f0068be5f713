"""Pages that are pictures of text: when OCR is asked, and what becomes of what it reads."""

from __future__ import annotations

import sys
import types
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from PIL import Image
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from locus_dbt.model.document import ReadOptions
from locus_dbt.model.element import Words
from locus_dbt.parsers.pdf.rulings import Rulings
from tests.parsers.pdf_pages import HEIGHT, WIDTH, blocks_of, document, draw, leftover_words, read


@dataclass
class OcrPage:
    words: Words
    rulings: Rulings
    seconds: float = 0.5
    engine: str = "made-up 1.0"
    angle: int = 0


def words(*placed: tuple[str, float, float], score: float = 0.9) -> Words:
    box = np.array([(x, y - 9, x + 5 * len(text), y + 1) for text, x, y in placed], np.float32).reshape(len(placed), 4)
    tops = sorted({y for _, _, y in placed})
    n = len(placed)
    return Words(
        tuple(text for text, _, _ in placed), box, np.full(n, 10, np.float32),
        np.array([tops.index(y) for _, _, y in placed], np.int32), np.zeros(n, np.bool_), np.full(n, score, np.float32),
    )  # fmt: skip


class Engine:
    """Stands in for the OCR module: gives the words it was made with and remembers the pages it saw."""

    def __init__(self, found: Words | None) -> None:
        self.found, self.seen = found, []  # type: ignore[var-annotated]

    def read_page(self, picture: Image.Image, *, width: float, height: float, options: ReadOptions) -> OcrPage | None:
        self.seen.append((picture.size, width, height, options))
        return None if self.found is None else OcrPage(self.found, Rulings())


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Engine:
    made = Engine(words(("Invoice", 50, 100), ("4711", 90, 100), ("Total", 50, 150), ("12.50", 90, 150)))
    module: Any = types.ModuleType("locus_dbt.parsers.ocr.pages")
    module.read_page = made.read_page
    monkeypatch.setitem(sys.modules, "locus_dbt.parsers.ocr", types.ModuleType("locus_dbt.parsers.ocr"))
    monkeypatch.setitem(sys.modules, "locus_dbt.parsers.ocr.pages", module)
    return made


def scan(canvas: Canvas, stamp: str = "") -> None:
    picture = ImageReader(Image.new("L", (100, 140), 200))
    canvas.drawImage(picture, 0, 0, WIDTH, HEIGHT)
    if stamp:
        canvas.drawString(450, 30, stamp)


def test_a_page_without_text_is_read_by_ocr(engine: Engine) -> None:
    parsed = read(scan)
    page = parsed.pages[0]
    assert parsed.text == "Invoice 4711\nTotal 12.50"
    assert page.read_by == "ocr"
    assert page.words.score is not None
    assert page.words.score.tolist() == pytest.approx([0.9] * 4)
    assert dict(parsed.cost) == {"ocr_pages": 1.0, "ocr_seconds": 0.5}
    assert parsed.metadata["ocr_engine"] == "made-up 1.0"
    assert not parsed.warnings
    assert leftover_words(parsed) == []
    ((size, width, height, _),) = engine.seen
    assert (width, height) == pytest.approx((WIDTH, HEIGHT), abs=0.1)
    assert 200 <= size[0] / width * 72 <= 300


def test_costs_of_several_pages_add_up(engine: Engine) -> None:
    parsed = read(lambda c: [(scan(c), c.showPage()) for _ in range(3)])
    assert dict(parsed.cost) == {"ocr_pages": 3.0, "ocr_seconds": 1.5}
    assert len(engine.seen) == 3


def test_a_scan_with_a_stamp_is_read_by_both(engine: Engine) -> None:
    parsed = read(lambda c: scan(c, "Received 4 May"))
    page = parsed.pages[0]
    assert page.read_by == "mixed"
    assert parsed.text == "Invoice 4711\nTotal 12.50\nReceived 4 May"
    assert page.words.score is not None
    assert page.words.score.tolist() == pytest.approx([0.9] * 4 + [1.0] * 3)
    assert len(engine.seen) == 1


def test_what_both_read_is_told_once(engine: Engine) -> None:
    engine.found = words(("Received", 450, HEIGHT - 31), ("Total", 50, 150))
    assert read(lambda c: scan(c, "Received 4 May")).text == "Total\nReceived 4 May"


@pytest.mark.parametrize("paint", [
    lambda c: c.drawString(50, 700, "a page of words"),
    lambda c: (c.drawImage(ImageReader(Image.new("L", (9, 9))), 50, 50, 300, 300), c.drawString(50, 700, "few words")),
    lambda c: c.showPage(),
])  # fmt: skip
def test_pages_with_text_and_empty_pages_cost_no_ocr(engine: Engine, paint: Any) -> None:
    parsed = read(paint)
    assert not engine.seen
    assert parsed.pages[0].read_by == "text"
    assert not parsed.cost


def test_never_and_always(engine: Engine) -> None:
    never = read(scan, ReadOptions(ocr="never"))
    assert never.warnings == ("page 1 has no text layer",)
    assert not engine.seen
    always = read(lambda c: c.drawString(50, 700, "a page of words"), ReadOptions(ocr="always"))
    assert always.pages[0].read_by == "mixed"
    assert len(engine.seen) == 1


def test_without_an_engine_the_page_is_empty_with_a_warning(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    engine.found = None
    assert read(scan).warnings == ("page 1 has no text layer",)
    monkeypatch.setitem(sys.modules, "locus_dbt.parsers.ocr.pages", None)
    parsed = document(draw(scan)).parsed
    assert parsed.warnings == ("page 1 has no text layer",)
    assert not blocks_of(parsed, "paragraph")


def test_an_engine_that_finds_nothing_leaves_an_empty_page(engine: Engine) -> None:
    engine.found = words()
    parsed = read(scan)
    assert parsed.pages[0].read_by == "ocr"
    assert len(parsed.pages[0].words) == 0
