"""What a document may cost: one place for the limits every parser keeps (E206 beyond them)."""

from __future__ import annotations

import io
import lzma
import struct
import zipfile
import zlib
from collections.abc import Sequence

from locus_dbt.errors import InputError

#: Cells of one document; about 1 GB of Python texts at 200 characters a cell.
MAX_CELLS = 3_000_000
#: Columns of one table: what the widest spreadsheet format allows.
MAX_COLUMNS = 16_384
#: Elements below elements: deeper documents are attacks or machine noise.
MAX_DEPTH = 250
#: Blocks of running text in one document.
MAX_BLOCKS = 500_000
#: Characters of a text document.
MAX_TEXT = 300_000_000
#: Tables of one document.
MAX_TABLES = 10_000
MAX_MEMBERS = 10_000
MAX_UNPACKED = 512 * 1024 * 1024
#: Real office files pack at most about 1:100; small members may pack better by chance.
MAX_RATIO = 300
#: What the ZIP reader and its decompressors raise on damaged data.
DAMAGED = (
    zipfile.BadZipFile, ValueError, OSError, EOFError, RuntimeError, IndexError, struct.error, zlib.error,
    lzma.LZMAError,
)  # fmt: skip
RATIO_COUNTS_FROM = 32 * 1024 * 1024


def over(limit: str, *, where: str) -> InputError:
    """The error for a document beyond ``limit``."""
    return InputError(f"{limit}: {where}", code="E206", fix="split the document, or leave it out of the glob")


def open_zip(data: bytes, *, filename: str) -> zipfile.ZipFile:
    """A ZIP archive whose declared sizes are within the limits; members are checked, none is unpacked.

    Raises:
        InputError: E203 for a damaged archive, E202 for an encrypted one, E206 for one that is too large.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        members = archive.infolist()
    except DAMAGED as error:
        raise InputError(f"not a readable ZIP container ({error}): {filename}", code="E203") from error
    if any(member.flag_bits & 1 for member in members):
        raise InputError(f"the archive is encrypted: {filename}", code="E202", fix="remove the password first")
    check_sizes(members, filename=filename)
    return archive


def check_sizes(members: Sequence[zipfile.ZipInfo], *, filename: str) -> None:
    """Refuse archives with too many members, too much content, or a bomb's ratio (E206)."""
    if len(members) > MAX_MEMBERS:
        raise over(f"{len(members)} members in the archive, at most {MAX_MEMBERS}", where=filename)
    total = sum(member.file_size for member in members)
    if total > MAX_UNPACKED:
        raise over(f"the archive unpacks to {total} bytes, at most {MAX_UNPACKED}", where=filename)
    packed = sum(member.compress_size for member in members)
    if total > RATIO_COUNTS_FROM and total > MAX_RATIO * max(packed, 1):
        raise over(f"the archive unpacks {packed} bytes to {total}", where=filename)


def read_member(archive: zipfile.ZipFile, name: str, *, filename: str, most: int = MAX_UNPACKED) -> bytes:
    """One member's bytes, at most ``most`` of them whatever its header claims; E203 when it is damaged."""
    try:
        with archive.open(name) as stream:
            data = stream.read(most + 1)
    except KeyError as error:
        raise InputError(f"the archive lacks '{name}': {filename}", code="E203") from error
    except DAMAGED as error:
        raise InputError(f"'{name}' in the archive is damaged ({error}): {filename}", code="E203") from error
    if len(data) > most:
        raise over(f"'{name}' unpacks to more than {most} bytes", where=filename)
    return data
