"""The content-addressed store beside the project: objects by their hash, immutable and add-only.

    <root>/objects/sha256/aa/bb/<hash>   bytes
    <root>/results/aa/<key>.json         a cached result: which objects hold its rows and spans
    <root>/runs/<run>/…                  plan, shard states, summary
    <root>/events/<day>.jsonl            the event log
    <root>/fingerprints.sqlite           an index; may be deleted at any time

Every write goes to a temporary file first and is moved into place, so that a killed process leaves either
nothing or the whole file.
"""

from __future__ import annotations

import hashlib
import json
import os
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from locus_dbt.model.errors import RunError

#: Version written into every record; readers take records of any minor form and ignore keys they do not know.
RECORD_VERSION = 1


class Store:
    """Objects and records under one folder, safe for several processes and threads."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def put(self, data: bytes) -> str:
        """Store bytes; returns their SHA-256. Bytes that are there already, undamaged, are not written again."""
        digest = hashlib.sha256(data).hexdigest()
        if self.get(digest) is None:
            self._write(self.object_path(digest), data)
        return digest

    def get(self, digest: str) -> bytes | None:
        """The bytes of an object, or ``None`` when it is missing or no longer has its hash."""
        try:
            data = self.object_path(digest).read_bytes()
        except OSError:
            return None
        return data if hashlib.sha256(data).hexdigest() == digest else None

    def object_path(self, digest: str) -> Path:
        """Where an object lies."""
        return self.root / "objects" / "sha256" / digest[:2] / digest[2:4] / digest

    def put_record(self, kind: str, key: str, record: Mapping[str, Any]) -> None:
        """Write a JSON record; the last writer of a key wins, a reader sees one whole record."""
        text = json.dumps({"version": RECORD_VERSION, **record}, ensure_ascii=False, sort_keys=True)
        self._write(self._record_path(kind, key), text.encode())

    def record(self, kind: str, key: str) -> dict[str, Any] | None:
        """A record, or ``None`` when there is none, it is broken, or of a newer major version."""
        try:
            found = json.loads(self._record_path(kind, key).read_bytes())
        except (OSError, ValueError):
            return None
        return found if isinstance(found, dict) and found.get("version") == RECORD_VERSION else None

    def records(self, kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """All records of a kind, sorted by key."""
        for path in sorted((self.root / kind).glob("*/*.json")):
            found = self.record(kind, path.stem)
            if found is not None:
                yield path.stem, found

    def append(self, relative: str, line: str) -> None:
        """Append one line to a log; lines of several processes do not mix."""
        path = self.root / relative
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
            try:
                os.write(handle, (line + "\n").encode())
            finally:
                os.close(handle)
        except OSError as error:
            raise RunError(f"cannot write {path}: {error.strerror}", fix="set 'store' to a writable folder") from error

    def _record_path(self, kind: str, key: str) -> Path:
        return self.root / kind / key[:2] / f"{key}.json"

    def _write(self, path: Path, data: bytes) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            temporary = path.parent / f".part-{uuid.uuid4().hex}"
            try:
                with temporary.open("xb") as file:  # the umask decides who may read it: a store may be shared
                    file.write(data)
                temporary.replace(path)
            except BaseException:
                temporary.unlink(missing_ok=True)
                raise
        except OSError as error:
            raise RunError(f"cannot write {path}: {error.strerror}", fix="set 'store' to a writable folder") from error
