"""The record tree of a binary PowerPoint document, read with bounds ([MS-PPT], [MS-ODRAW])."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from locus_dbt.parsers.limits import over

_MAX_DEPTH = 60
_MAX_PERSISTED = 200_000

DOCUMENT, DOCUMENT_ATOM, SLIDE, SLIDE_ATOM, NOTES = 1000, 1001, 1006, 1007, 1008
SLIDE_SHOW_INFO, SLIDE_PERSIST, SLIDE_LIST = 1017, 1011, 4080
TEXT_HEADER, TEXT_CHARS, TEXT_BYTES, OUTLINE_REF = 3999, 4000, 4008, 3998
PLACEHOLDER, USER_EDIT, PERSIST_DIRECTORY, EMBEDDED = 3011, 4085, 6002, 4035
GROUP, SHAPE, GROUP_FRAME, CHILD_ANCHOR, CLIENT_ANCHOR, CLIENT_TEXT, TERTIARY = (
    0xF003, 0xF004, 0xF009, 0xF00F, 0xF010, 0xF00D, 0xF122,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Record:
    """A record: ``start`` and ``stop`` are those of its content in ``data``."""

    data: bytes
    kind: int
    instance: int
    is_container: bool
    start: int
    stop: int

    @property
    def content(self) -> bytes:
        """The record's bytes behind its header."""
        return self.data[self.start : self.stop]

    def children(self) -> Iterator[Record]:
        """The records inside a container."""
        yield from records(self.data, self.start, self.stop)

    def first(self, kind: int) -> Record | None:
        """The first child of a kind."""
        return next((child for child in self.children() if child.kind == kind), None)

    def descendants(self, kind: int) -> Iterator[Record]:
        """All records of a kind below this one, in order."""
        todo = [(self, 0)]
        while todo:
            record, depth = todo.pop()
            if depth > _MAX_DEPTH:
                raise over(f"records nested deeper than {_MAX_DEPTH}", where="the presentation")
            inner = list(record.children())
            if record is not self and record.kind == kind:
                yield record
            todo.extend((child, depth + 1) for child in reversed(inner) if child.is_container or child.kind == kind)


def records(data: bytes, start: int, stop: int) -> Iterator[Record]:
    """The records between two bytes; what does not fit ends them."""
    while start + 8 <= stop:
        head, kind, length = struct.unpack_from("<HHI", data, start)
        end = start + 8 + length
        if end > stop:
            return
        yield Record(data, kind, head >> 4, head & 0xF == 0xF, start + 8, end)
        start = end


def record_at(data: bytes, offset: int) -> Record | None:
    """The record that begins at a byte."""
    return next(records(data, offset, len(data)), None) if 0 <= offset < len(data) else None


def persisted(data: bytes, offset: int) -> tuple[dict[int, int], int | None]:
    """Where each persistent object lies as last saved, and which one is the document."""
    found: dict[int, int] = {}
    document: int | None = None
    seen: set[int] = set()
    while offset and offset not in seen:
        seen.add(offset)
        edit = record_at(data, offset)
        if edit is None or edit.kind != USER_EDIT or edit.stop - edit.start < 20:
            break
        before, directory, main = struct.unpack_from("<8xIII", data, edit.start)
        document = main if document is None else document
        entries = record_at(data, directory)
        if entries is not None and entries.kind == PERSIST_DIRECTORY:
            for number, place in _entries(entries):
                found.setdefault(number, place)
        offset = before
    return found, document


def _entries(directory: Record) -> Iterator[tuple[int, int]]:
    at, count = directory.start, 0
    while at + 4 <= directory.stop:
        (head,) = struct.unpack_from("<I", directory.data, at)
        at += 4
        for i in range(head >> 20):
            if at + 4 > directory.stop:
                return
            count += 1
            if count > _MAX_PERSISTED:
                raise over(f"more than {_MAX_PERSISTED} persistent objects", where="the presentation")
            yield (head & 0xFFFFF) + i, int(struct.unpack_from("<I", directory.data, at)[0])
            at += 4


def text_of(record: Record) -> str | None:
    """The text of a text atom; ``None`` for other records. Paragraphs end with carriage returns."""
    if record.kind == TEXT_CHARS:
        return record.content.decode("utf-16-le", "replace")
    if record.kind == TEXT_BYTES:
        return record.content.decode("latin-1")
    return None
