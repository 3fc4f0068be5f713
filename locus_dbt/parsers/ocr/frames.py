"""A picture file as frames of pixels: every page of a TIFF, the first picture of an animation, within limits."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from locus_dbt.errors import InputError
from locus_dbt.model.document import Document
from locus_dbt.parsers.limits import over
from locus_dbt.parsers.ocr.pixels import readable_size

#: Pixels of one page: an A3 page at 600 dots an inch has 70 million.
MAX_PIXELS = 80_000_000
#: Pages of one file.
MAX_FRAMES = 2_000
_FORMATS = {
    "image/png": ("PNG",),
    "image/jpeg": ("JPEG", "MPO"),
    "image/tiff": ("TIFF",),
    "image/bmp": ("BMP", "DIB"),
    "image/gif": ("GIF",),
    "image/webp": ("WEBP",),
}
_PLAUSIBLE_DPI = (50.0, 2400.0)
_SIDEWAYS = frozenset((5, 6, 7, 8))  # EXIF orientations that swap width and height
_ORIENTATION = 0x0112
_SUBFILE = 254


@dataclass(frozen=True, slots=True)
class PictureFrame:
    """One page's picture, RGB, as it is to be seen; ``across`` and ``down`` are points a pixel of it.

    ``dpi_known``: whether the file tells them; else a pixel counts as a point.
    """

    number: int
    picture: Image.Image
    across: float
    down: float
    dpi_known: bool


def frames(document: Document, notes: list[str]) -> Iterator[PictureFrame]:
    """The wanted pages from 1; what is left out is said in ``notes``.

    Raises:
        InputError: E203 for a damaged or truncated file, E206 for one over a limit.
    """
    with _opened(document) as image:
        count = _count(document, image, notes)
        for index in range(count):
            number = index + 1
            if not document.options.wants(number):
                continue
            _decode(document, image, index)
            if index and _is_reduced_copy(image):
                notes.append(f"page {number} is a reduced copy of another and was left out")
                continue
            yield _frame(image, number)


def _opened(document: Document) -> Image.Image:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            image = Image.open(io.BytesIO(document.data), formats=_FORMATS.get(document.media_type))
        except Image.DecompressionBombError as error:
            raise _too_large(document) from error
        except Exception as error:
            raise _damaged(document) from error
    _check_size(document, image)
    return image


def _check_size(document: Document, image: Image.Image) -> None:
    if image.width * image.height > MAX_PIXELS:
        raise _too_large(document, f"{image.width} x {image.height} pixels")
    if min(image.size) < 1:
        raise _damaged(document)


def _too_large(document: Document, size: str = "the picture") -> InputError:
    return over(f"{size} is over {MAX_PIXELS // 1_000_000} million pixels", where=document.filename)


def _damaged(document: Document) -> InputError:
    return InputError(
        f"the picture is damaged or truncated: {document.filename}",
        code="E203",
        fix="get the file again from its source",
    )


def _count(document: Document, image: Image.Image, notes: list[str]) -> int:
    if image.format != "TIFF":
        if getattr(image, "is_animated", False) and image.format != "MPO":
            notes.append("the file holds an animation: its first picture is read, the others are not")
        return 1
    try:
        count: int = getattr(image, "n_frames", 1)
    except Exception as error:
        raise _damaged(document) from error
    if count > MAX_FRAMES:
        raise over(f"{count} pages, at most {MAX_FRAMES}", where=document.filename)
    return count


def _decode(document: Document, image: Image.Image, index: int) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            if index:
                image.seek(index)
            _check_size(document, image)
            image.load()
        except InputError:
            raise
        except MemoryError as error:
            raise _too_large(document) from error
        except Exception as error:  # PIL's readers raise whatever damaged bytes lead them to
            raise _damaged(document) from error


def _is_reduced_copy(image: Image.Image) -> bool:
    tags = getattr(image, "tag_v2", {})
    return bool(int(tags.get(_SUBFILE, 0)) & 1)


def _frame(image: Image.Image, number: int) -> PictureFrame:
    dpi = _dpi(image)
    orientation = image.getexif().get(_ORIENTATION)
    shown = ImageOps.exif_transpose(image)
    if dpi and orientation in _SIDEWAYS:
        dpi = (dpi[1], dpi[0])
    across, down = (72 / dpi[0], 72 / dpi[1]) if dpi else (1.0, 1.0)
    width, height = shown.size
    picture = readable_size(_as_rgb(shown))
    return PictureFrame(
        number, picture, across * width / picture.width, down * height / picture.height, dpi_known=dpi is not None
    )


def _dpi(image: Image.Image) -> tuple[float, float] | None:
    try:
        x, y = (float(part) for part in image.info["dpi"])
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return None
    low, high = _PLAUSIBLE_DPI
    return (x, y) if low <= x <= high and low <= y <= high else None


def _as_rgb(image: Image.Image) -> Image.Image:
    """Any kind of picture in colours, on white where it is transparent."""
    if image.mode.startswith(("I", "F")):
        return _from_deep(np.asarray(image, np.float64))
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        clear = image.convert("RGBA")
        ground = Image.new("RGBA", clear.size, "white")
        return Image.alpha_composite(ground, clear).convert("RGB")
    return image.convert("RGB")


def _from_deep(values: NDArray[np.float64]) -> Image.Image:
    """More than 256 shades, spread over what the picture uses."""
    values = np.nan_to_num(values)
    low, high = float(values.min()), float(values.max())
    grey = ((values - low) / max(high - low, 1e-9) * 255).astype(np.uint8)
    return Image.fromarray(grey).convert("RGB")
