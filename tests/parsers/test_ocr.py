"""Pictures are read: every word, where it was drawn, however the page lies; and refused when damaged or too large."""

from __future__ import annotations

import hashlib
import io
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from locus_dbt.errors import InputError
from locus_dbt.model.document import Document, ReadOptions
from locus_dbt.model.element import Parsed
from locus_dbt.parsers import detect, ocr
from locus_dbt.parsers.ocr import frames as frame_limits
from locus_dbt.parsers.ocr import sessions, tesseract
from locus_dbt.parsers.ocr.pages import read_page
from tests.make_fixtures.scans import Box, Sheet, askew, packing_list, receipt, saved, two_pages

needs_rapidocr = pytest.mark.skipif(not sessions.installed(), reason="rapidocr-onnxruntime is not installed")
needs_tesseract = pytest.mark.skipif(not tesseract.installed(), reason="the program tesseract is not installed")


def parse(data: bytes, parser: object = ocr, **options: object) -> Parsed:
    kind = detect.media_type(data, "page")
    options = ReadOptions(**options)
    return Document("page", kind, hashlib.sha256(data).hexdigest(), data, parser.parse, options).parsed


def read(sheet: Sheet, **options: object) -> Parsed:
    return parse(saved(sheet.image, dpi=None), **options)


def drawn_and_read(sheet: Sheet, page_words: object) -> list[tuple[str, Box, Box]]:
    """Each drawn word with its box and the one it was read at; fails when one is missing."""
    left = list(zip(page_words.text, page_words.box.tolist(), strict=True))
    out = []
    for text, box in sheet.words:
        near = [k for k, (t, b) in enumerate(left) if t == text and abs(b[0] - box[0]) < 40 and abs(b[1] - box[1]) < 40]
        assert near, f"'{text}' was not read; there is {[t for t, _ in left]}"
        out.append((text, box, tuple(left.pop(near[0])[1])))
    return out


@needs_rapidocr
@pytest.mark.parametrize("sheet", [receipt(), packing_list()], ids=["receipt", "ruled"])
def test_every_word_where_it_was_drawn(sheet: Sheet) -> None:
    page = read(sheet).pages[0]
    assert (page.width, page.height, page.read_by) == (*sheet.image.size, "ocr")
    for text, drawn, found in drawn_and_read(sheet, page.words):
        assert np.abs(np.subtract(drawn, found)).max() < 6, (text, drawn, found)
    assert len(page.words) == len(sheet.words)
    assert page.words.score is not None
    assert ((page.words.score > 0.5) & (page.words.score <= 1)).all()


@needs_rapidocr
def test_lines_in_reading_order() -> None:
    text = read(receipt()).text.splitlines()
    assert text[0] == "CORNER GROCERY"
    assert "Brown bread 3.10" in text
    assert text[-1] == "Thank you, come again"


@needs_rapidocr
@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_pages_on_their_side_or_head(degrees: int) -> None:
    sheet = packing_list()
    upright = read(sheet)
    parsed = parse(saved(sheet.image.rotate(degrees, expand=True), dpi=None))
    assert parsed.text == upright.text
    assert parsed.tables[0].text == upright.tables[0].text
    assert "turned by" in parsed.warnings[0]
    # boxes lie on the picture as it was given
    width, height = sheet.image.size
    for text, (x0, y0, x1, y1), found in zip(
        upright.pages[0].words.text,
        upright.pages[0].words.box.tolist(),
        parsed.pages[0].words.box.tolist(),
        strict=True,
    ):
        where = {90: (y0, width - x1, y1, width - x0), 180: (width - x1, height - y1, width - x0, height - y0)}
        wanted = where.get(degrees, (height - y1, x0, height - y0, x1))
        assert np.abs(np.subtract(wanted, found)).max() < 8, (text, wanted, found)


@needs_rapidocr
@pytest.mark.parametrize("degrees", [-3, 2])
def test_pages_askew(degrees: float) -> None:
    sheet = packing_list()
    parsed = parse(saved(askew(sheet, degrees), dpi=None))
    assert parsed.text == read(sheet).text
    assert (parsed.tables[0].n_rows, parsed.tables[0].n_cols) == (4, 4)


@needs_rapidocr
def test_columns_without_lines() -> None:
    table = read(receipt()).tables[0]
    cells = dict(zip(zip(table.row.tolist(), table.col.tolist(), strict=True), table.text, strict=True))
    assert (table.n_rows, table.n_cols) == (6, 2)
    assert cells[2, 0] == "Milk 2 x 0.95"
    assert [cells[r, 1] for r in range(6)] == ["2.40", "3.10", "1.90", "7.40", "10.00", "2.60"]


@pytest.mark.parametrize(
    "parser", [pytest.param(ocr, marks=needs_rapidocr), pytest.param(tesseract, marks=needs_tesseract)]
)
def test_ruled_tables(parser: object) -> None:
    table = parse(saved(packing_list().image, dpi=None), parser).tables[0]
    cells = dict(zip(zip(table.row.tolist(), table.col.tolist(), strict=True), table.text, strict=True))
    assert (table.n_rows, table.n_cols) == (4, 4)
    assert [cells[0, c] for c in range(4)] == ["Article", "Name", "Boxes", "Weight"]
    assert [cells[3, c] for c in range(4)] == ["B-220", "Washer set", "30", "8.25"]
    assert table.is_header.sum() == 4


@needs_rapidocr
def test_text_up_the_margin_stands_apart() -> None:
    sheet, note = packing_list(), Sheet(360, 40, size=24)
    note.text(4, 4, "Forwarding department")
    sheet.image.paste(note.image.rotate(90, expand=True), (940, 90))
    parsed = read(sheet)
    # how well such text is found is the network's affair; it must not mix with the level lines
    assert parsed.text.splitlines()[-1].startswith("Forwarding ")
    assert (parsed.tables[0].n_rows, parsed.tables[0].n_cols) == (4, 4)
    x0, y0, x1, y1 = parsed.pages[0].words.box[-2]
    assert 940 < x0 < x1 < 980
    assert y1 - y0 > 3 * (x1 - x0)


@needs_rapidocr
def test_points_follow_from_dots_an_inch() -> None:
    page = parse(saved(receipt().image, dpi=200)).pages[0]
    assert page.width == pytest.approx(560 * 72 / 200, abs=0.5)
    assert page.words.box[:, 2].max() < page.width
    assert page.words.size.max() == pytest.approx(22 * 72 / 200, rel=0.25)


@needs_rapidocr
def test_tiff_pages_are_numbered_and_chosen() -> None:
    whole = parse(two_pages())
    assert [p.number for p in whole.pages] == [1, 2]
    assert "CORNER GROCERY" in whole.text
    assert whole.cost["ocr_pages"] == 2
    assert whole.cost["ocr_seconds"] > 0
    assert "rapidocr" in whole.metadata["ocr_engine"]
    second = parse(two_pages(), pages=((2, None),))
    assert [p.number for p in second.pages] == [2]


@needs_rapidocr
def test_same_bytes_same_result() -> None:
    data = saved(askew(packing_list(), 2), "JPEG", quality=50)
    first, again = parse(data), parse(data)
    assert first.text == again.text
    for a, b in zip(first.pages, again.pages, strict=True):
        assert np.array_equal(a.words.box, b.words.box)
        assert np.array_equal(a.words.score, b.words.score)


@needs_rapidocr
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "BMP", "GIF", "WEBP"])
def test_every_format(kind: str) -> None:
    image = receipt().image.crop((0, 0, 560, 120))
    out = io.BytesIO()
    image.save(out, kind)
    assert "Station Road" in parse(out.getvalue()).text


@needs_rapidocr
@pytest.mark.parametrize("mode", ["1", "P", "LA", "RGBA", "CMYK", "I;16", "F", "I"])
def test_every_kind_of_pixel(mode: str) -> None:
    image = receipt().image.crop((0, 0, 560, 120))
    if mode == "RGBA":
        ink = Image.new("RGBA", image.size, (0, 0, 0, 0))
        ink.paste((0, 0, 0, 255), mask=image.point(lambda v: 255 - v))
        image = ink
    elif mode == "I;16":
        image = Image.fromarray(np.asarray(image, np.uint16) * 150)
    else:
        image = image.convert(mode)
    kind = "TIFF" if mode in ("CMYK", "F", "I") else "PNG"
    assert "Station Road" in parse(saved(image, kind)).text


@needs_rapidocr
def test_orientation_told_by_the_camera() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    data = saved(receipt().image.rotate(90, expand=True), "JPEG", exif=exif, dpi=None)
    parsed = parse(data)
    assert parsed.pages[0].width < parsed.pages[0].height
    assert parsed.text.startswith("CORNER GROCERY")
    assert not parsed.warnings


@needs_rapidocr
def test_light_letters_on_dark_ground() -> None:
    image = receipt().image.point(lambda v: 255 - v)
    assert parse(saved(image, dpi=None)).text.splitlines()[0] == "CORNER GROCERY"


@needs_rapidocr
@pytest.mark.parametrize("size", [(1, 1), (3, 900), (900, 3), (300, 300)])
def test_pictures_without_text(size: tuple[int, int]) -> None:
    parsed = parse(saved(Image.new("L", size, 255), dpi=None))
    assert len(parsed.pages[0].words) == 0
    assert not parsed.tables
    assert "no text" in parsed.warnings[0]


@needs_rapidocr
def test_animation_is_said() -> None:
    frames = [receipt().image.crop((0, 0, 560, 120)), Image.new("L", (560, 120), 255)]
    data = saved(frames[0], "GIF", dpi=None, save_all=True, append_images=frames[1:])
    parsed = parse(data)
    assert len(parsed.pages) == 1
    assert any("animation" in w for w in parsed.warnings)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "GIF", "BMP", "WEBP"])
@pytest.mark.parametrize("part", [0.02, 0.5, 0.9])
def test_truncated(kind: str, part: float) -> None:
    noise = Image.fromarray(np.random.default_rng(1).integers(0, 255, (80, 90), np.uint8))
    data = saved(noise, kind, dpi=None)
    with pytest.raises(InputError) as refused:
        parse(data[: max(16, int(len(data) * part))])
    assert refused.value.code in ("E203", "E204")


SEEDS = {
    kind: saved(receipt().image.crop((0, 0, 90, 60)), kind) for kind in ("PNG", "JPEG", "TIFF", "GIF", "BMP", "WEBP")
}


@settings(max_examples=150, deadline=None)
@given(
    kind=st.sampled_from(sorted(SEEDS)),
    changes=st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), min_size=1, max_size=12),
    cut=st.integers(0, 400),
)
def test_damage_is_decoded_or_refused(kind: str, changes: list[tuple[int, int]], cut: int) -> None:
    data = bytearray(SEEDS[kind])
    for at, value in changes:
        data[at % len(data)] = value
    data = bytes(data[: max(40, len(data) - cut)])
    document = Document("page", f"image/{kind.lower()}", hashlib.sha256(data).hexdigest(), data, ocr.parse)
    try:
        decoded = list(frame_limits.frames(document, []))
    except InputError as refused:
        assert refused.code in ("E203", "E206")  # noqa: PT017 - decoding it is as good
    else:
        assert all(frame.picture.mode == "RGB" and frame.across > 0 for frame in decoded)


def test_pixel_bomb() -> None:
    bomb = saved(Image.new("1", (12_000, 12_000)), dpi=None)
    assert len(bomb) < 100_000
    with pytest.raises(InputError) as refused:
        parse(bomb)
    assert refused.value.code == "E206"


def test_too_many_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frame_limits, "MAX_FRAMES", 1)
    with pytest.raises(InputError) as refused:
        parse(two_pages())
    assert refused.value.code == "E206"


def test_no_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    sessions.installed.cache_clear()
    tesseract.installed.cache_clear()
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    monkeypatch.setenv("PATH", "")
    try:
        with pytest.raises(InputError) as refused:
            parse(saved(receipt().image))
        page = read_page(receipt().image, width=300, height=400, options=ReadOptions())
    finally:
        sessions.installed.cache_clear()
        tesseract.installed.cache_clear()
    assert refused.value.code == "E105"
    assert "pip install 'locus-dbt[ocr]'" in str(refused.value)
    assert page is None


def test_import_is_light() -> None:
    code = (
        "import sys, locus_dbt.parsers.ocr as o, locus_dbt.parsers.ocr.pages; "
        "print([m for m in ('onnxruntime', 'cv2', 'rapidocr_onnxruntime') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@needs_rapidocr
@pytest.mark.parametrize("turn", [0, 90])
def test_page_of_another_format(turn: int) -> None:
    sheet = packing_list()
    picture = sheet.image.rotate(turn, expand=True)
    width, height = picture.width * 0.48, picture.height * 0.48
    page = read_page(picture, width=width, height=height, options=ReadOptions())
    assert page is not None
    assert sorted(page.words.text) == sorted(w for w, _ in sheet.words)
    assert (page.words.box >= 0).all()
    assert page.words.box[:, 2].max() <= width
    assert page.words.box[:, 3].max() <= height
    level, upright = (page.rulings.horizontal, page.rulings.vertical)[:: 1 if not turn else -1]
    assert (len(level), len(upright)) == (5, 5)
    assert page.angle == (270 if turn else 0)
    assert page.seconds > 0
    assert page.engine.startswith("rapidocr")


@needs_tesseract
@pytest.mark.parametrize("degrees", [0, 180])
def test_tesseract_as_the_alternative(degrees: int) -> None:
    parsed = parse(saved(receipt().image.rotate(degrees), dpi=None), tesseract)
    assert {"CORNER", "GROCERY", "Brown", "bread", "7.40"} <= set(parsed.pages[0].words.text)
    assert parsed.metadata["ocr_engine"].startswith("tesseract")
    assert parsed.pages[0].words.score is not None


@needs_tesseract
def test_tesseract_reads_where_rapidocr_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    sessions.installed.cache_clear()
    monkeypatch.setitem(sys.modules, "rapidocr_onnxruntime", None)
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    monkeypatch.setitem(sys.modules, "cv2", None)
    try:
        parsed = parse(saved(packing_list().image, dpi=None))
    finally:
        sessions.installed.cache_clear()
    assert parsed.metadata["ocr_engine"].startswith("tesseract")
    assert "Please count the boxes" in parsed.text
