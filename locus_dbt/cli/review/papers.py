"""The documents that cells were read from, opened again: only what has the bytes that were read is shown."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from locus_dbt.cli.review.facts import Excerpt, Source
from locus_dbt.model.document import Document, ReadOptions
from locus_dbt.model.errors import LocusError

if TYPE_CHECKING:
    from locus_dbt.model.element import Block, Table

_MEMBER = "!/"
_CHANGED = "it changed since it was read; dbt build reads it again"
#: Larger documents are not parsed again for what stands around a place.
_MOST_BYTES = 2_000_000
#: Larger documents are taken as unchanged when their size is what it was.
_MOST_HASHED = 64_000_000
#: Rows and columns of a table shown on each side of the cited cell; characters shown of each; a table of this many
#: columns is shown in its full width.
_ROWS, _COLUMNS, _CHARACTERS, _NARROW = 2, 3, 300, 12


@dataclass
class Papers:
    """Documents by name below ``root``; nothing is fetched from elsewhere.

    ``troubles`` collects why a document cannot be shown, in words.
    """

    root: Path
    options: ReadOptions
    troubles: dict[str, str] = field(default_factory=dict)
    _opened: dict[str, Paper] = field(default_factory=dict)
    _checked: set[str] = field(default_factory=set)

    def open(self, source: Source, *, changed: bool = False) -> Paper | None:
        """The document a value was read from; ``None`` with an entry in ``troubles``.

        ``changed``: also when its bytes are no longer those that were read.
        """
        name = source.document or ""
        if name not in self._opened and (name not in self.troubles or changed):
            try:
                document = _read(name, self.root, self.options)
            except (LocusError, OSError) as error:
                self.troubles[name] = error.what if isinstance(error, LocusError) else str(error.strerror or error)
                return None
            if source.sha256 is None and not changed:
                self.troubles[name] = "it is not recorded which bytes were read"
            elif source.sha256 is not None and document.sha256 != source.sha256:
                self.troubles[name] = _CHANGED
            if name in self.troubles and not changed:
                return None
            self._opened[name] = Paper(document)
        return self._opened.get(name)

    def check(self, source: Source) -> None:
        """Note whether a local document changed since it was read; one that is not there is no matter here."""
        name = source.document or ""
        path = self.root / name
        if source.sha256 is None or name in self.troubles or name in self._checked or not path.is_file():
            return
        self._checked.add(name)
        size = path.stat().st_size
        if source.size is not None and size != source.size:
            self.troubles[name] = _CHANGED
        elif size <= _MOST_HASHED:
            with path.open("rb") as file:
                if hashlib.file_digest(file, "sha256").hexdigest() != source.sha256:
                    self.troubles[name] = _CHANGED

    def excerpt(self, source: Source) -> Excerpt | None:
        """What stands around a place in a document without pages, where that is cheap to find."""
        if not source.place or source.page is not None or not source.document or (source.size or 0) > _MOST_BYTES:
            return None
        paper = self.open(source)
        return paper.around(source) if paper is not None else None


def _read(name: str, root: Path, options: ReadOptions) -> Document:
    from locus_dbt.model.errors import InputError  # noqa: PLC0415
    from locus_dbt.parsers import parse  # noqa: PLC0415
    from locus_dbt.parsers.detect import media_type  # noqa: PLC0415

    outer = name.split(_MEMBER, 1)[0]
    if not (root / outer).is_file():
        if "://" in outer:
            raise InputError("it is not a local file and is not fetched again", code="E201")
        raise InputError(f"no file '{root / outer}'", code="E201", fix="pass --root, the folder that names start from")
    if _MEMBER in name:
        from locus_dbt.cli.show_command import open_document  # noqa: PLC0415

        return open_document(name, root, {"password": options.password})
    data = (root / name).read_bytes()
    return Document(name, media_type(data, name), hashlib.sha256(data).hexdigest(), data, parse, options)


@dataclass
class Paper:
    """One open document, parsed at most once."""

    document: Document

    def around(self, source: Source) -> Excerpt | None:
        """The cited cell with its neighbours, or the cited element between those before and after it."""
        if len(self.document.data) > _MOST_BYTES:
            return None
        try:
            found = self._cells.get(source.place or "")
            if found is not None:
                table, cells = found
                cited = next((i for i in cells if table.text[i].strip() == (source.text or "").strip()), cells[0])
                return _around_cell(table, cited)
            return self._around_block(source)
        except Exception:  # noqa: BLE001 - an excerpt is an extra; a damaged document must not end the explanation
            return None

    @cached_property
    def _cells(self) -> Mapping[str, tuple[Table, list[int]]]:
        out: dict[str, tuple[Table, list[int]]] = {}
        for table in self.document.parsed.tables:
            for i, place in enumerate(table.place):
                if place:
                    out.setdefault(place, (table, []))[1].append(i)
        return out

    @cached_property
    def _blocks(self) -> list[Block]:
        return sorted((b for p in self.document.parsed.pages for b in p.blocks), key=lambda b: b.order)

    def _around_block(self, source: Source) -> Excerpt | None:
        at = next((i for i, b in enumerate(self._blocks) if b.place == source.place), None)
        if at is None:
            return None
        near = range(max(at - 1, 0), min(at + 2, len(self._blocks)))
        return Excerpt("text", {i + 1: (_cut(self._blocks[i].text),) for i in near}, (at + 1, 0))


def _around_cell(table: Table, cited: int) -> Excerpt:
    """The cell's row between some others, below the first one; in wide tables the columns beside it and the first."""
    row, col = int(table.row[cited]), int(table.col[cited])
    rows = sorted({0, *range(max(row - _ROWS, 0), min(row + _ROWS + 1, table.n_rows))})
    beside = table.n_cols if table.n_cols <= _NARROW else _COLUMNS
    cols = sorted({0, *range(max(col - beside, 0), min(col + beside + 1, table.n_cols))})
    lines = {r + 1: ["" for _ in cols] for r in rows}
    for i, (r, c) in enumerate(zip(table.row.tolist(), table.col.tolist(), strict=True)):
        if r + 1 in lines and c in cols:
            lines[r + 1][cols.index(c)] = _cut(table.text[i])
    return Excerpt(f"table {table.number}, columns {cols}", lines, (row + 1, cols.index(col)))


def _cut(text: str) -> str:
    return text if len(text) <= _CHARACTERS else text[: _CHARACTERS - 1] + "…"
