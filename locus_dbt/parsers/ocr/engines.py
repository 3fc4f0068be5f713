"""Which engine reads pictures: RapidOCR where it is installed, else Tesseract where its program is there."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from locus_dbt.errors import InputError
from locus_dbt.model.document import ReadOptions
from locus_dbt.parsers.ocr import sessions, tesseract
from locus_dbt.parsers.ocr.detection import Picture
from locus_dbt.parsers.ocr.seen import Seen

#: Reads a picture; the second argument are ISO 639-1 codes of languages.
Engine = Callable[[Picture, Sequence[str]], Seen]

#: What the networks of RapidOCR read; Latin letters with accents are read without most of them.
_RAPID_READS = ("en", "zh")


def choose(options: ReadOptions) -> Engine | None:
    """The engine for ``options``, ``None`` when none is installed.

    RapidOCR comes first. Where languages are asked for that it does not read, and Tesseract has their files,
    Tesseract reads.
    """
    foreign = [code for code in options.languages if code.lower() not in _RAPID_READS]
    if sessions.installed() and not (foreign and tesseract.installed() and _tesseract_reads(foreign)):
        return rapidocr
    return by_tesseract if tesseract.installed() else None


def _tesseract_reads(languages: Sequence[str]) -> bool:
    return tesseract.language_files(languages) != ["eng"]


def rapidocr(picture: Picture, languages: Sequence[str]) -> Seen:
    """Read by the networks of RapidOCR."""
    from locus_dbt.parsers.ocr.rapid import see  # noqa: PLC0415 - brings the networks' runtime

    return see(picture, languages)


def by_tesseract(picture: Picture, languages: Sequence[str]) -> Seen:
    """Read by the program ``tesseract``."""
    return tesseract.see(picture, languages)


def missing() -> InputError:
    """The error where no engine is installed."""
    return InputError(
        "reading pictures needs an OCR engine, and none is installed",
        code="E105",
        fix=f"{sessions.INSTALL}, or install the program tesseract",
    )
