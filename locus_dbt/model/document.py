"""A document as an image sees it: bytes, type, name, and its parsed form on request."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

from locus_dbt.model.element import Parsed


@dataclass(frozen=True)
class Document:
    """Bytes with their media type and content hash.

    ``sha256`` is the lower-case hex digest of ``data``. ``filename`` is for messages and the user's
    ``filename`` column only: an image must not decide by it. ``parse`` turns the bytes into ``ir/v1``;
    it runs once, when ``parsed`` is first read.
    """

    filename: str
    media_type: str
    sha256: str
    data: bytes = field(repr=False)
    parse: Callable[[Document], Parsed] = field(repr=False)

    @cached_property
    def parsed(self) -> Parsed:
        """The document in ``ir/v1``; raises :class:`locus_dbt.errors.InputError` when it cannot be read."""
        return self.parse(self)
