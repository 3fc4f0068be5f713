"""ZIP, TAR and compressed files to ``ir/v1``: their members are child documents, named by their path inside.

Nothing is written anywhere: members are bytes in memory, within the limits of :mod:`locus_dbt.parsers.limits`.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import mimetypes
import re
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from typing import IO, cast

from locus_dbt.errors import InputError
from locus_dbt.model.document import Document
from locus_dbt.model.element import Attachment, Parsed
from locus_dbt.parsers.cells import CellColumns, Flow
from locus_dbt.parsers.limits import (
    DAMAGED,
    MAX_MEMBERS,
    MAX_RATIO,
    MAX_UNPACKED,
    RATIO_COUNTS_FROM,
    check_sizes,
    over,
)

_OPENERS: dict[str, Callable[[IO[bytes]], IO[bytes]]] = {
    "application/gzip": lambda stream: cast("IO[bytes]", gzip.GzipFile(fileobj=stream)),
    "application/x-bzip2": bz2.BZ2File,
    "application/x-xz": lzma.LZMAFile,
}
_TAR_MAGIC = slice(257, 262)
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]")
_GZIP_NAME = 8
#: What the readers of compressed data raise on damage.
_BROKEN = (*DAMAGED, tarfile.TarError, NotImplementedError)


def parse(document: Document) -> Parsed:
    """The members of an archive as attachments and as a table of name and size.

    A compressed single file is one member; it has no name where its format stores none.
    Raises ``InputError``: E203 damaged, E202 encrypted without the right password, E206 over a limit.
    """
    reader = _Reader(document)
    if document.media_type == "application/zip":
        reader.zip(document.data)
    elif document.media_type in _OPENERS:
        reader.compressed(document.data, _OPENERS[document.media_type])
    else:
        reader.tar(document.data)
    return reader.parsed()


class _Reader:
    def __init__(self, document: Document) -> None:
        self._document = document
        self._name = document.filename
        self._members: list[Attachment] = []
        self._warnings: list[str] = []
        self._left = MAX_UNPACKED

    def zip(self, data: bytes) -> None:
        """Every file of a ZIP archive."""
        try:
            archive = zipfile.ZipFile(io.BytesIO(data))
            check_sizes(archive.infolist(), filename=self._name)
            for member in archive.infolist():
                if not member.filename.endswith("/"):  # is_dir() does not expect a name of no letters
                    self._add(member.filename, self._unzip(archive, member))
        except _BROKEN as error:
            raise self._damaged(error) from error

    def _unzip(self, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
        password = self._document.options.password
        if member.flag_bits & 1 and password is None:
            raise InputError(
                f"the archive is encrypted: {self._name}", code="E202", fix="password := 'env:NAME' opens it"
            )
        try:
            with archive.open(member, pwd=password.encode() if password is not None else None) as stream:
                return self._read(stream)
        except RuntimeError as error:
            raise InputError(f"the password does not open the archive: {self._name}", code="E202") from error

    def tar(self, data: bytes) -> None:
        """Every regular file of a tape archive; links and devices are passed over."""
        try:
            with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as archive:
                for member in archive:
                    stream = archive.extractfile(member) if member.isreg() else None
                    if stream is not None:
                        self._add(member.name, self._read(stream))
                    elif not member.isdir():
                        self._warnings.append(f"member '{_inside(member.name)}' is no regular file, left out")
        except _BROKEN as error:
            raise self._damaged(error) from error

    def compressed(self, data: bytes, opener: Callable[[IO[bytes]], IO[bytes]]) -> None:
        """A compressed file, or the archive that it holds."""
        try:
            with opener(io.BytesIO(data)) as stream:
                inner = self._read(stream)
        except _BROKEN as error:
            raise self._damaged(error) from error
        if len(inner) > RATIO_COUNTS_FROM and len(inner) > MAX_RATIO * len(data):
            raise over(f"the file unpacks {len(data)} bytes to {len(inner)}", where=self._name)
        if inner[_TAR_MAGIC] == b"ustar":
            self._left = MAX_UNPACKED
            self.tar(inner)
        else:
            self._add(_gzip_name(data), inner)

    def _read(self, stream: IO[bytes]) -> bytes:
        data = stream.read(self._left + 1)
        if len(data) > self._left:
            raise over(f"the archive unpacks to more than {MAX_UNPACKED} bytes", where=self._name)
        self._left -= len(data)
        return data

    def _add(self, name: str, data: bytes) -> None:
        if len(self._members) >= MAX_MEMBERS:
            raise over(f"more than {MAX_MEMBERS} members in the archive", where=self._name)
        inside = _inside(name)
        media_type = mimetypes.guess_type(inside)[0] or "application/octet-stream"
        self._members.append(Attachment(inside, media_type, data))

    def _damaged(self, error: Exception) -> InputError:
        if isinstance(error, InputError):
            return error
        return InputError(
            f"the archive is damaged ({type(error).__name__}): {self._name}", code="E203", fix="get the file again"
        )

    def parsed(self) -> Parsed:
        """The members as a table too, so that an archive read as a document is not empty."""
        flow = Flow()
        cells = CellColumns()
        for row, member in enumerate(_rows(self._members)):
            for col, text in enumerate(member):
                place = f"member {row}" if row else "members"
                cells.add(text, row, col, place=place, is_header=row == 0)
        flow.table(cells)
        return Parsed(
            self._document.media_type,
            (flow.page(),),
            tuple(flow.tables),
            tuple(self._members),
            warnings=tuple(self._warnings),
        )


def _rows(members: list[Attachment]) -> Iterator[tuple[str, str]]:
    if members:
        yield "name", "bytes"
    yield from ((member.name, str(len(member.data))) for member in members)


def _inside(name: str) -> str:
    """A member's path without what would lead out of the archive: it is a name only, nothing is written to it."""
    parts = _CONTROLS.sub("", name).replace("\\", "/").split("/")
    return "/".join(part for part in parts if part not in ("", ".", ".."))


def _gzip_name(data: bytes) -> str:
    """The name in a gzip header; empty where none is stored or the format has none."""
    if not data.startswith(b"\x1f\x8b\x08") or not data[3] & _GZIP_NAME:
        return ""
    start = 10
    if data[3] & 4:  # an extra field stands before the name
        start += 2 + int.from_bytes(data[10:12], "little")
    return data[start : data.find(b"\0", start)].decode("latin-1")
