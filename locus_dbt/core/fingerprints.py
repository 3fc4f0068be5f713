"""Content hashes of files, remembered by size and modification time so that unchanged files are not read again.

The index is a convenience: losing it costs one more reading of the files and changes no answer.
"""

from __future__ import annotations

import hashlib
import os
import re
import sqlite3
import stat as stat_kind
import time
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

_MAGIC = (
    (0, b"PK\x03\x04", "zip"),
    (0, b"PK\x05\x06", "zip"),
    (0, b"\x1f\x8b", "gzip"),
    (0, b"BZh", "bzip2"),
    (0, b"\xfd7zXZ\0", "xz"),
    (257, b"ustar", "tar"),
    (0, b"%PDF-", "pdf"),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ole"),
    (0, b"From ", "mbox"),
)
#: A header line of a mail; reading it decides.
_MAIL = re.compile(rb"[A-Za-z][A-Za-z0-9-]{1,60}:[ \t]")
_HEAD = 512

#: A file changed this recently may change again within the file system's clock tick: its hash is not remembered.
_SETTLED_NS = 2_000_000_000

#: The name changes with the columns: an index of an older version is not read.
_TABLE = "files_2"

_Row = tuple[str, int, int, str, str]


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """Content hash and size of a file; ``error`` instead when it cannot be read.

    ``kind`` is a first guess from the first bytes: what might hold other files. Empty for the rest.
    """

    path: str
    sha256: str = ""
    size: int = 0
    error: str = ""
    kind: str = ""

    @staticmethod
    def kind_of(head: bytes) -> str:
        """The kind of a file that begins with ``head`` (512 bytes are enough)."""
        for at, magic, kind in _MAGIC:
            if head.startswith(magic, at):
                return kind
        return "mail" if _MAIL.match(head) else ""


def fingerprints(paths: Sequence[str], *, index: Path) -> list[Fingerprint]:
    """One fingerprint a path, in order."""
    known = _load(index)
    out: list[Fingerprint] = []
    fresh: list[_Row] = []
    now = time.time_ns()
    for path in paths:
        try:
            stat = os.stat(path)  # noqa: PTH116 - ten thousand files: Path objects cost more than the call
            if not stat_kind.S_ISREG(stat.st_mode):
                what = "it is a folder" if stat_kind.S_ISDIR(stat.st_mode) else "it is no regular file"
                out.append(Fingerprint(path, error=what))
                continue
            remembered = known.get(path)
            if remembered is not None and remembered[:2] == (stat.st_size, stat.st_mtime_ns):
                out.append(Fingerprint(path, remembered[2], stat.st_size, kind=remembered[3]))
                continue
            digest, kind = _hash(path)
        except OSError as error:
            out.append(Fingerprint(path, error=error.strerror or str(error)))
            continue
        out.append(Fingerprint(path, digest, stat.st_size, kind=kind))
        if now - stat.st_mtime_ns > _SETTLED_NS and path.isprintable():  # the index holds text; some names are none
            fresh.append((path, stat.st_size, stat.st_mtime_ns, digest, kind))
    _save(index, fresh)
    return out


def _hash(path: str) -> tuple[str, str]:
    """Hash and kind."""
    with open(path, "rb") as file:  # noqa: PTH123
        kind = Fingerprint.kind_of(file.read(_HEAD))
        file.seek(0)
        return hashlib.file_digest(file, "sha256").hexdigest(), kind


def _load(index: Path) -> dict[str, tuple[int, int, str, str]]:
    if not index.exists():
        return {}
    try:
        with closing(sqlite3.connect(index, timeout=10)) as db:
            rows = db.execute(f"select path, size, mtime_ns, sha256, kind from {_TABLE}").fetchall()
    except sqlite3.Error:
        return {}
    return {path: (size, mtime, digest, kind) for path, size, mtime, digest, kind in rows}


def _save(index: Path, fresh: Iterable[_Row]) -> None:
    rows = list(fresh)
    if not rows:
        return
    try:
        index.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(index, timeout=10)) as db, db:
            columns = "path text primary key, size int, mtime_ns int, sha256 text, kind text"
            db.execute(f"create table if not exists {_TABLE} ({columns})")
            db.executemany(f"insert or replace into {_TABLE} values (?, ?, ?, ?, ?)", rows)
    except (sqlite3.DatabaseError, OSError):
        index.unlink(missing_ok=True)  # a broken index is rebuilt by the next call
