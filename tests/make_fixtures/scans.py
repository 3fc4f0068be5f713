"""Draws the pictures of the fixtures of scanned-ocr-to-table, and pages for the tests of OCR; all texts are invented.

python -m tests.make_fixtures.scans   (from the repository's root)
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

FIXTURES = Path(__file__).parents[2] / "locus_dbt" / "images" / "scanned_ocr_to_table" / "fixtures"

Box = tuple[float, float, float, float]

RECEIPT = (
    "CORNER GROCERY", "12 Station Road, Milltown", "", "Receipt 004711", "02/05/2026 14:35", "",
    "Apples 1.2 kg", "Brown bread", "Milk 2 x 0.95", "Total", "Cash", "Change", "", "Thank you, come again",
)  # fmt: skip
AMOUNTS = {
    "Apples 1.2 kg": "2.40", "Brown bread": "3.10", "Milk 2 x 0.95": "1.90", "Total": "7.40", "Cash": "10.00",
    "Change": "2.60",
}  # fmt: skip
PACKING = (
    ("Article", "Name", "Boxes", "Weight"),
    ("A-100", "Hex bolt M8", "12", "45.5"),
    ("A-101", "Hex nut M8", "7", "19.0"),
    ("B-220", "Washer set", "30", "8.25"),
)


class Sheet:
    """A white page that remembers where each word was drawn, in pixels."""

    def __init__(self, width: int, height: int, *, size: int) -> None:
        self.image = Image.new("L", (width, height), 255)
        self.draw = ImageDraw.Draw(self.image)
        self.font = ImageFont.load_default(size)
        self.words: list[tuple[str, Box]] = []

    def text(self, x: float, y: float, text: str, *, right: bool = False) -> None:
        """One line, word by word, from ``x`` on or up to it."""
        blank = self.draw.textlength(" ", self.font) * 1.15
        width = sum(self.draw.textlength(w, self.font) + blank for w in text.split()) - blank
        at = x - width if right else x
        for word in text.split():
            self.draw.text((at, y), word, font=self.font, fill=0)
            self.words.append((word, self.draw.textbbox((at, y), word, font=self.font)))
            at += self.draw.textlength(word, self.font) + blank

    def grid(self, xs: Sequence[int], ys: Sequence[int], *, line: int = 2) -> None:
        """The lines of a ruled table."""
        for y in ys:
            self.draw.line((xs[0], y, xs[-1], y), fill=0, width=line)
        for x in xs:
            self.draw.line((x, ys[0], x, ys[-1]), fill=0, width=line)


def receipt() -> Sheet:
    """A till receipt, amounts at the right edge."""
    sheet = Sheet(560, 640, size=22)
    for number, line in enumerate(RECEIPT):
        y = 30 + 42 * number
        if line:
            sheet.text(40, y, line)
        if line in AMOUNTS:
            sheet.text(520, y, AMOUNTS[line], right=True)
    return sheet


def packing_list() -> Sheet:
    """A heading, a table and a sentence."""
    sheet = Sheet(1000, 520, size=24)
    sheet.text(60, 30, "Packing list 77 of 2 May 2026")
    xs, ys = (60, 240, 560, 740, 920), tuple(range(90, 90 + 60 * 5, 60))
    sheet.grid(xs, ys)
    for row, cells in enumerate(PACKING):
        for x, cell in zip(xs, cells, strict=False):
            sheet.text(x + 16, ys[row] + 14, cell)
    sheet.text(60, 400, "Please count the boxes on arrival and sign for them.")
    return sheet


def askew(sheet: Sheet, degrees: float) -> Image.Image:
    """The page as a careless hand lays it on the glass."""
    return sheet.image.rotate(-degrees, Image.Resampling.BICUBIC, fillcolor=255)


def saved(image: Image.Image, kind: str = "PNG", *, dpi: int | None = 150, **options: object) -> bytes:
    """The picture as a file."""
    out = io.BytesIO()
    known = {"dpi": (dpi, dpi)} if dpi else {}
    image.save(out, kind, **known, **options)
    return out.getvalue()


def two_pages() -> bytes:
    """A TIFF of two pages in black and white, as fax machines and scanners make them; the second lies on its side."""
    first = packing_list().image.convert("1", dither=Image.Dither.NONE)
    second = receipt().image.rotate(90, expand=True).convert("1", dither=Image.Dither.NONE)
    return saved(first, "TIFF", save_all=True, append_images=[second], compression="group4")


def main() -> None:
    """Write every input."""
    pictures = {
        "ruled_packing_list/input.png": saved(packing_list().image, optimize=True),
        "receipt_words/input.png": saved(receipt().image, dpi=None, optimize=True),
        "askew_lines/input.jpg": saved(askew(packing_list(), 2), "JPEG", quality=60),
        "two_page_fax/input.tiff": two_pages(),
    }
    for name, data in pictures.items():
        path = FIXTURES / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


if __name__ == "__main__":
    main()
