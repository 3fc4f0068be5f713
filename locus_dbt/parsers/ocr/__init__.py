"""Pictures and scans to ``ir/v1``: PNG, JPEG, TIFF of one or many pages, BMP, GIF, WEBP.

Words come with boxes and scores, lines, blocks and tables as from a PDF. A page's points follow from the file's
dots an inch; where the file tells none that can be true, a pixel counts as a point. The heavy libraries are imported
when a picture is read.
"""

from __future__ import annotations

from locus_dbt.model.document import Document
from locus_dbt.model.element import Parsed


def parse(document: Document) -> Parsed:
    """The picture's pages in ``ir/v1``.

    Raises:
        InputError: E105 when no OCR engine is installed, E203 for a damaged file, E206 for one over a limit.
    """
    from locus_dbt.parsers.ocr import engines  # noqa: PLC0415 - PIL and the layout only where pictures are read
    from locus_dbt.parsers.ocr.reader import read  # noqa: PLC0415

    engine = engines.choose(document.options)
    if engine is None:
        raise engines.missing()
    return read(document, engine)
