"""Pictures of pages and excerpts for a review, within bounds; what is left out is said."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from locus_dbt.cli.review.facts import Cell, Excerpt, Picture, Review, Row, Source, excerpt_key
from locus_dbt.cli.review.papers import Papers
from locus_dbt.model.errors import LocusError

if TYPE_CHECKING:
    from PIL.Image import Image

    from locus_dbt.model.document import Document

#: Bounds of one page: cells listed, pages embedded, bytes of all pictures together, excerpts.
MOST_CELLS, MOST_PAGES, MOST_BYTES, MOST_EXCERPTS = 5_000, 40, 12_000_000, 400
_DPI, _LONGEST = 120, 2_000
_QUALITY = 60


def gather(model: str, rows: Sequence[Row], row_count: int, papers: Papers, *, most_pages: int = MOST_PAGES) -> Review:
    """The review of ``rows``: its pictures and excerpts are those of the worst cells where not all have room."""
    kept = _within(rows)
    bare = Review(model, kept, row_count)
    sources = list(_sources(bare.in_order))
    pictures, missed = _pictures(sources, papers, most_pages)
    left_out = []
    if len(kept) < row_count:
        left_out.append(
            f"{row_count - len(kept)} of {row_count} rows are not on this page; these have the worst scores"
        )
    if missed:
        left_out.append(f"{missed} pages are not embedded: {most_pages} pages or {MOST_BYTES // 1_000_000} MB at most")
    dropped = sum(cell.way_count - len(cell.ways) for _, cell in bare.in_order)
    if dropped:
        left_out.append(f"{dropped} places of cells that were read from many are not listed")
    return Review(model, kept, row_count, pictures, _excerpts(sources, papers), dict(papers.troubles), tuple(left_out))


def _within(rows: Sequence[Row]) -> list[Row]:
    kept: list[Row] = []
    cells = 0
    for row in rows:
        cells += len(row.cells)
        if kept and cells > MOST_CELLS:
            break
        kept.append(row)
    return kept


def _sources(cells: Sequence[tuple[Row, Cell]]) -> Iterator[Source]:
    for _, cell in cells:
        for way in cell.ways:
            if way.source is not None:
                yield way.source
                yield from way.source.inputs


def _pictures(sources: Sequence[Source], papers: Papers, most_pages: int) -> tuple[dict[tuple[str, int], Picture], int]:
    """Each page once, until there is no more room; and how many pages had none."""
    found: dict[tuple[str, int], Picture] = {}
    missed: set[tuple[str, int]] = set()
    size = 0
    for source in sources:
        key = (source.document or "", source.page or 0)
        if not source.page or key in found or key in missed or (paper := papers.open(source)) is None:
            continue
        if len(found) >= most_pages or size > MOST_BYTES:
            missed.add(key)
            continue
        try:
            found[key] = _picture(paper.document, source.page)
        except LocusError as error:
            papers.troubles[key[0]] = error.what
            continue
        size += len(found[key].data)
    return found, len(missed)


def _picture(document: Document, page: int) -> Picture:
    from locus_dbt.cli.picture import page_picture  # noqa: PLC0415 - only for pictures

    image, (width, height) = page_picture(document, page, dpi=_DPI)
    image.thumbnail((_LONGEST, _LONGEST))
    media_type, data = _encoded(image)
    return Picture(width, height, media_type, data)


def _encoded(image: Image) -> tuple[str, bytes]:
    """WebP where this Pillow can write it, else JPEG."""
    from PIL import features  # noqa: PLC0415

    form = "WEBP" if features.check("webp") else "JPEG"
    out = io.BytesIO()
    image.save(out, format=form, quality=_QUALITY)
    return f"image/{form.lower()}", out.getvalue()


def _excerpts(sources: Sequence[Source], papers: Papers) -> dict[tuple[str, str, str], Excerpt]:
    found: dict[tuple[str, str, str], Excerpt] = {}
    for source in sources:
        key = excerpt_key(source)
        if len(found) < MOST_EXCERPTS and key not in found and (excerpt := papers.excerpt(source)) is not None:
            found[key] = excerpt
    return found
