"""Content hashes of files, remembered by size and modification time so that unchanged files are not read again.

The index is a convenience: losing it costs one more reading of the files and changes no answer.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
import time
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

#: A file changed this recently may change again within the file system's clock tick: its hash is not remembered.
_SETTLED_NS = 2_000_000_000


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """Content hash and size of a file; ``error`` instead when it cannot be read."""

    path: str
    sha256: str = ""
    size: int = 0
    error: str = ""


def fingerprints(paths: Sequence[str], *, index: Path) -> list[Fingerprint]:
    """One fingerprint a path, in order."""
    known = _load(index)
    out: list[Fingerprint] = []
    fresh: list[tuple[str, int, int, str]] = []
    now = time.time_ns()
    for path in paths:
        try:
            stat = os.stat(path)  # noqa: PTH116 - ten thousand files: Path objects cost more than the call
            remembered = known.get(path)
            if remembered is not None and remembered[:2] == (stat.st_size, stat.st_mtime_ns):
                out.append(Fingerprint(path, remembered[2], stat.st_size))
                continue
            digest = _hash(path)
        except OSError as error:
            out.append(Fingerprint(path, error=error.strerror or str(error)))
            continue
        out.append(Fingerprint(path, digest, stat.st_size))
        if now - stat.st_mtime_ns > _SETTLED_NS and path.isprintable():  # the index holds text; some names are none
            fresh.append((path, stat.st_size, stat.st_mtime_ns, digest))
    _save(index, fresh)
    return out


def _hash(path: str) -> str:
    with open(path, "rb") as file:  # noqa: PTH123
        return hashlib.file_digest(file, "sha256").hexdigest()


def _load(index: Path) -> dict[str, tuple[int, int, str]]:
    if not index.exists():
        return {}
    try:
        with closing(sqlite3.connect(index, timeout=10)) as db:
            rows = db.execute("select path, size, mtime_ns, sha256 from files").fetchall()
    except sqlite3.Error:
        return {}
    return {path: (size, mtime, digest) for path, size, mtime, digest in rows}


def _save(index: Path, fresh: Iterable[tuple[str, int, int, str]]) -> None:
    rows = list(fresh)
    if not rows:
        return
    try:
        index.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(index, timeout=10)) as db, db:
            db.execute("create table if not exists files (path text primary key, size int, mtime_ns int, sha256 text)")
            db.executemany("insert or replace into files values (?, ?, ?, ?)", rows)
    except (sqlite3.DatabaseError, OSError):
        index.unlink(missing_ok=True)  # a broken index is rebuilt by the next call
