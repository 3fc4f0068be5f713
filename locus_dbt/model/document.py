"""A document as an image sees it: bytes, type, name, and its parsed form on request."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from locus_dbt.model.element import Parsed

#: A page whose picture was read takes as long as so many others: what a parser says to ``Document.tick``.
PAGE_BY_OCR = 50.0

OcrMode = Literal["auto", "always", "never"]


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How a document is to be read; every parser takes what concerns it.

    ``pages`` are inclusive ranges of page numbers from 1, ``None`` for all; a stop of ``None`` means to the last page.
    ``password`` opens an encrypted document. ``ocr``: ``auto`` reads the picture of pages without a text layer,
    ``always`` that of every page. ``languages`` are ISO 639-1 codes for OCR. ``encoding`` takes the place of
    detection. ``mojibake``: text that was decoded wrongly before it was saved is repaired, and each repair recorded.
    """

    pages: tuple[tuple[int, int | None], ...] | None = None
    password: str | None = field(default=None, repr=False)
    ocr: OcrMode = "auto"
    languages: tuple[str, ...] = ()
    encoding: str | None = None
    mojibake: bool = False

    def wants(self, page: int) -> bool:
        """Whether page ``page`` (from 1) is to be read."""
        if self.pages is None:
            return True
        return any(first <= page and (last is None or page <= last) for first, last in self.pages)


AS_USUAL = ReadOptions()


def _unheard(_pages: float) -> None:
    pass


@dataclass(frozen=True)
class Document:
    """Bytes with their media type and content hash.

    ``sha256`` is the lower-case hex digest of ``data``. ``filename`` is for messages and the user's
    ``filename`` column only: an image must not decide by it. ``parse`` turns the bytes into ``ir/v1``;
    it runs once, when ``parsed`` is first read. ``options`` say how. ``stream`` gives the same in parts.

    A parser calls ``tick(pages)`` when it is done with some pages: long documents get more time that way. A page whose
    picture was read counts as ``PAGE_BY_OCR``.
    """

    filename: str
    media_type: str
    sha256: str
    data: bytes = field(repr=False)
    parse: Callable[[Document], Parsed] = field(repr=False)
    options: ReadOptions = AS_USUAL
    stream: Callable[[Document], Iterator[Parsed]] | None = field(default=None, repr=False)
    tick: Callable[[float], None] = field(default=_unheard, repr=False)

    def parts(self) -> Iterator[Parsed]:
        """The document in successive parts, in order: what is not kept of one part costs no memory later.

        Table numbers and reading order go on from part to part; no table is cut. A short document is one part.
        """
        if self.stream is None or "parsed" in self.__dict__:
            yield self.parsed
        else:
            yield from self.stream(self)

    @cached_property
    def parsed(self) -> Parsed:
        """The document in ``ir/v1``; raises :class:`locus_dbt.errors.InputError` when it cannot be read."""
        return self.parse(self)
