"""A PDF window by window: pages are read, running heads and tables over pages settled, parts handed out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import pypdfium2

from locus_dbt.model.document import Document
from locus_dbt.model.element import Attachment, Block, Page, Parsed, Table
from locus_dbt.parsers.pdf import native
from locus_dbt.parsers.pdf.attached import read_attachments, read_metadata
from locus_dbt.parsers.pdf.blocks import Style, build_blocks, lexicon_of
from locus_dbt.parsers.pdf.chains import Chains
from locus_dbt.parsers.pdf.notes import open_form
from locus_dbt.parsers.pdf.opening import LIMITS, ParseLimits, damaged, opened, wanted_pages
from locus_dbt.parsers.pdf.outline import outline_levels, read_outline
from locus_dbt.parsers.pdf.page_reader import PageRead, read_page
from locus_dbt.parsers.pdf.placing import place_among
from locus_dbt.parsers.pdf.running import Running

__all__ = ["LIMITS", "ParseLimits", "parse", "parts"]

#: Pages that are looked at together to tell what runs through them. Fixed, so that the length of the parts that are
#: handed out changes nothing in them.
WINDOW = 32


def parse(document: Document, *, limits: ParseLimits = LIMITS, password: str | None = None) -> Parsed:
    """The document in ``ir/v1``, as far as ``document.options`` ask for it.

    Raises:
        InputError: E202 encrypted, E203 damaged or empty, E206 over a limit, E210 none of the wanted pages exists.
    """
    return joined(list(parts(document, limits=limits, password=password)))


def parts(
    document: Document, *, limits: ParseLimits = LIMITS, password: str | None = None, pages_per_part: int = WINDOW
) -> Iterator[Parsed]:
    """The document in successive parts of at most ``pages_per_part`` pages, the same whatever their length.

    Numbers of tables and orders of blocks run on from part to part. A table that may go on with the next page comes
    with the part in which it ends, after the pages it began on. Attachments, metadata and warnings about the whole
    document come with the first part. Errors as :func:`parse`, from whichever part they concern.
    """
    with opened(document, password or document.options.password) as pdf:
        reading = _Reading(document, pdf, limits)
        for window in reading.windows():
            for start in range(0, len(window), pages_per_part):
                yield reading.part(window[start : start + pages_per_part])


def joined(pieces: Sequence[Parsed]) -> Parsed:
    """Parts in order as one document."""
    if len(pieces) == 1:
        return pieces[0]
    cost: dict[str, float] = {}
    metadata: dict[str, str] = {}
    for piece in pieces:
        links = [m["links"] for m in (metadata, piece.metadata) if "links" in m]
        metadata |= {**piece.metadata, **({"links": "\n".join(links)} if links else {})}
        for name, value in piece.cost.items():
            cost[name] = cost.get(name, 0.0) + value
    return Parsed(
        pieces[0].media_type,
        tuple(p for piece in pieces for p in piece.pages),
        tuple(t for piece in pieces for t in piece.tables),
        tuple(a for piece in pieces for a in piece.attachments),
        metadata,
        tuple(w for piece in pieces for w in piece.warnings),
        tuple(r for piece in pieces for r in piece.repairs),
        cost,
    )


@dataclass(slots=True)
class _Ready:
    """A finished page, its warnings and cost, and the tables that ended on it."""

    page: Page
    warnings: list[str]
    cost: dict[str, float]
    engine: str
    links: list[str]
    tables: list[Table] = field(default_factory=list)


class _Reading:
    """What is carried from window to window."""

    def __init__(self, document: Document, pdf: pypdfium2.PdfDocument, limits: ParseLimits) -> None:
        self._document, self._pdf, self._limits = document, pdf, limits
        with native.LOCK:
            self._pages, self._warnings = wanted_pages(document, len(pdf), limits)
            self._warnings += open_form(pdf)
            outline = read_outline(pdf)
            self._metadata = read_metadata(pdf) | ({"outline": outline.as_json()} if outline.entries else {})
        self._style = Style(outline=outline_levels(outline))
        self._running = Running()
        self._chains = Chains()
        self._order = 0
        self._begun = False
        # The last page of a window, as long as a table may go on from it: read, and its blocks.
        self._late: list[tuple[PageRead, list[Block]]] = []
        # Tables that have ended on that page.
        self._ended: list[Table] = []
        self._readable = False

    def windows(self) -> Iterator[list[_Ready]]:
        """Finished pages, a window at a time."""
        for start in range(0, len(self._pages), WINDOW):
            numbers = self._pages[start : start + WINDOW]
            with native.LOCK:
                read = [read_page(self._document, self._pdf, n, self._limits) for n in numbers]
            self._readable = self._readable or any(r.readable for r in read)
            last = start + WINDOW >= len(self._pages)
            if last and not self._readable:
                raise damaged(self._document, "none of its pages can be read")
            yield self._settled(read, last=last)

    def _settled(self, read: Sequence[PageRead], *, last: bool) -> list[_Ready]:
        rows = [r.rows for r in read]
        running = self._running.settle(rows)
        groups = self._style.learn(rows, running)
        lexicon = lexicon_of(rows)
        settled = self._chains.add([r for r, _ in self._late], read, running, last=last)
        built = [*self._late, *((r, build_blocks(g, self._style, lexicon)) for r, g in zip(read, groups, strict=True))]
        self._late = [built.pop()] if settled.held else []
        out = [self._ready(one, blocks, settled.left_out) for one, blocks in built]
        self._ended += settled.tables
        at = {r.page.number: r for r in out}
        while self._ended and (ready := at.get(_last_page(self._ended[0]) or out[-1].page.number)):
            ready.tables.append(self._ended.pop(0))
        self._warnings += settled.warnings
        return out

    def _ready(self, one: PageRead, blocks: Sequence[Block], left_out: Mapping[int, Sequence[Block]]) -> _Ready:
        placed = place_among(blocks, [*left_out.get(one.page.number, ()), *one.beside])
        page = replace(one.page, blocks=self._numbered(placed))
        return _Ready(page, one.warnings, one.cost, one.engine, one.links)

    def _numbered(self, blocks: Sequence[Block]) -> tuple[Block, ...]:
        first = self._order
        self._order += len(blocks)
        return tuple(replace(b, order=first + k) for k, b in enumerate(blocks))

    def part(self, ready: Sequence[_Ready]) -> Parsed:
        """The pages as a part; the first one brings what belongs to the whole document."""
        attachments: list[Attachment] = []
        warnings = [w for r in ready for w in r.warnings]
        engines = sorted({r.engine for r in ready if r.engine})
        metadata = {"ocr_engine": ", ".join(engines)} if engines else {}
        if links := [link for r in ready for link in r.links]:
            metadata["links"] = "\n".join(links)
        if not self._begun:
            self._begun = True
            with native.LOCK:
                attachments, left_out = read_attachments(self._pdf, max_bytes=self._limits.max_attachment_bytes)
            self._warnings += left_out
            metadata |= self._metadata
        warnings = [*self._warnings, *warnings]
        self._warnings = []
        cost: dict[str, float] = {}
        for one in ready:
            for name, value in one.cost.items():
                cost[name] = cost.get(name, 0.0) + value
        tables = tuple(t for r in ready for t in r.tables)
        return Parsed(
            "application/pdf", tuple(r.page for r in ready), tables, tuple(attachments), metadata, tuple(warnings),
            cost=cost,
        )  # fmt: skip


def _last_page(table: Table) -> int:
    return int(table.page.max()) if len(table) else 0
