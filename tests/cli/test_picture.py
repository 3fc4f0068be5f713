"""Boxes on pages of every kind: the frame surrounds the print, in the colour and line of its verdict."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw

from locus_dbt.cli.picture import TINT, Frame, draw_boxes, page_picture
from locus_dbt.cli.review.verdicts import LOOKS
from locus_dbt.model.document import AS_USUAL, Document
from locus_dbt.model.errors import InputError
from locus_dbt.parsers import parse

#: A black bar in points of the page that is shown, and that page's size.
BAR = (100.0, 50.0, 160.0, 62.0)
SIZE = (300.0, 200.0)


def paper(dpi: tuple[int, int] = (72, 72)) -> Image.Image:
    across, down = (d / 72 for d in dpi)
    image = Image.new("RGB", (round(SIZE[0] * across), round(SIZE[1] * down)), "white")
    x0, y0, x1, y1 = BAR
    ImageDraw.Draw(image).rectangle((x0 * across, y0 * down, x1 * across - 1, y1 * down - 1), fill="black")
    return image


def saved(image: Image.Image, form: str, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


def turned_jpeg() -> bytes:
    """Stored on its side; a viewer turns it as its EXIF says."""
    exif = Image.Exif()
    exif[0x0112] = 6
    return saved(paper((144, 144)).rotate(90, expand=True), "JPEG", exif=exif, dpi=(144, 144), quality=95)


def two_pages() -> bytes:
    blank = Image.new("RGB", (640, 480), "white")
    return saved(blank, "TIFF", save_all=True, append_images=[paper((200, 200))], dpi=(200, 200))


def pdf(rotate: int = 0, *, crop: bool = False) -> bytes:
    """The bar on a page that is turned and cut so that it shows at BAR in any case."""
    import pikepdf

    made = pikepdf.new()
    left, low = (30.0, 40.0) if crop else (0.0, 0.0)
    wide, tall = SIZE if rotate % 180 == 0 else SIZE[::-1]
    x0, y0, x1, y1 = BAR
    x, y, w, h = {
        0: (x0, tall - y1, x1 - x0, y1 - y0),
        90: (y0, x0, y1 - y0, x1 - x0),
        180: (wide - x1, y0, x1 - x0, y1 - y0),
        270: (wide - y1, tall - x1, y1 - y0, x1 - x0),
    }[rotate]
    page = made.add_blank_page(page_size=(wide + 2 * left, tall + 2 * low))
    if crop:
        page.CropBox = [left, low, left + wide, low + tall]
    page.Rotate = rotate
    page.Contents = made.make_stream(f"0 g {left + x} {low + y} {w} {h} re f".encode())
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


PAPERS: dict[str, tuple[str, Callable[[], bytes], int]] = {
    "png without resolution": ("image/png", lambda: saved(paper(), "PNG"), 1),
    "png at 200 dpi": ("image/png", lambda: saved(paper((200, 200)), "PNG", dpi=(200, 200)), 1),
    "fax with two resolutions": ("image/tiff", lambda: saved(paper((204, 98)), "TIFF", dpi=(204, 98)), 1),
    "second page of a tiff": ("image/tiff", two_pages, 2),
    "jpeg turned by exif": ("image/jpeg", turned_jpeg, 1),
    **{f"pdf turned by {r}": ("application/pdf", lambda r=r: pdf(r), 1) for r in (0, 90, 180, 270)},
    "pdf cropped": ("application/pdf", lambda: pdf(crop=True), 1),
    "pdf cropped and turned": ("application/pdf", lambda: pdf(90, crop=True), 1),
}


def document(media_type: str, data: bytes) -> Document:
    return Document("paper", media_type, hashlib.sha256(data).hexdigest(), data, parse, AS_USUAL)


@pytest.mark.parametrize("kind", PAPERS)
def test_the_frame_surrounds_the_print(kind: str, tmp_path: Path) -> None:
    media_type, make, page = PAPERS[kind]
    one = document(media_type, make())
    plain, (width, height) = page_picture(one, page, dpi=150)
    assert (width, height) == pytest.approx(SIZE, abs=1.5)
    draw_boxes(one, page, [Frame(BAR, "printed")], tmp_path / "out.png")
    with Image.open(tmp_path / "out.png") as picture:
        pixels = np.asarray(picture.convert("RGB")).astype(int)
    assert pixels.shape[:2] == plain.size[::-1]
    down, across = pixels.shape[0] / SIZE[1], pixels.shape[1] / SIZE[0]
    ys, xs = np.nonzero((pixels == LOOKS["printed"].color).all(axis=2))
    found = (xs.min() / across, ys.min() / down, xs.max() / across, ys.max() / down)
    assert found == pytest.approx(BAR, abs=6)
    assert found[0] < BAR[0] < BAR[2] < found[2]
    assert found[1] < BAR[1] < BAR[3] < found[3]
    dark = pixels.sum(axis=2) < 100
    ys, xs = np.nonzero(dark)
    assert (xs.min() / across, ys.min() / down, xs.max() / across, ys.max() / down) == pytest.approx(BAR, abs=1.5)


def test_boxes_of_several_verdicts_have_their_own_colour_and_line(tmp_path: Path) -> None:
    one = document("image/png", saved(Image.new("RGB", (600, 400), "white"), "PNG"))
    frames = [
        Frame((50.0, 40.0 + 60 * i, 250.0, 60.0 + 60 * i), verdict)
        for i, verdict in enumerate(("ungrounded", "check", "printed", "uncompared"))
    ]  # type: ignore[arg-type]
    draw_boxes(one, 1, frames, tmp_path / "out.png")
    with Image.open(tmp_path / "out.png") as picture:
        pixels = np.asarray(picture.convert("RGB"))
    shares = []
    for frame in frames:
        x0, y0, x1, y1 = (round(v) for v in frame.box)
        inside = pixels[y0 + 3 : y1 - 3, x0 + 3 : x1 - 3]
        assert (inside == TINT).all()
        edge = (pixels[y0 - 6 : y0, x0:x1] == LOOKS[frame.verdict].color).all(axis=2).any(axis=0)
        shares.append(edge.mean())
        others = [look.color for name, look in LOOKS.items() if name != frame.verdict]
        around = pixels[y0 - 8 : y1 + 8, x0 - 8 : x1 + 8]
        assert not any((around == color).all(axis=2).any() for color in others)
    full = [share == 1 for share in shares]
    assert full == [False, False, True, False]
    assert all(share > 0.2 for share in shares)


@pytest.mark.parametrize(
    ("media_type", "data", "page", "code"),
    [
        ("application/pdf", b"%PDF-1.7 nothing", 1, "E203"),
        ("application/pdf", pdf(), 2, "E203"),
        ("image/png", b"\x89PNG\r\n\x1a\nbroken", 1, "E203"),
        ("image/png", saved(paper(), "PNG"), 2, "E203"),
        ("text/csv", b"a,b\n", 1, "E205"),
    ],
)
def test_what_cannot_be_drawn_is_one_clear_error(media_type: str, data: bytes, page: int, code: str) -> None:
    with pytest.raises(InputError) as caught:
        page_picture(document(media_type, data), page, dpi=100)
    assert caught.value.code == code
