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

import contextlib
import hashlib
import json
import os
import threading
import uuid
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from locus_dbt.model.errors import RunError

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

#: Version written into every record; readers take records of any minor form and ignore keys they do not know.
RECORD_VERSION = 1

#: Objects of up to this size are kept in memory for a moment, and so much of them in all.
_RECENT_OBJECT = 65_536
_RECENT_BYTES = 64 * 1_048_576


class Store:
    """Objects and records under one folder, safe for several processes and threads.

    Paths are put together as texts and folders made when they turn out to be missing: a run over ten thousand small
    documents touches fifty thousand files here.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._prefix = str(root).replace("\\", "/").rstrip("/")
        self._recent: OrderedDict[str, tuple[int, bytes]] = OrderedDict()
        self._recent_bytes = 0
        self._lock = threading.Lock()

    def put(self, data: bytes) -> str:
        """Store bytes; returns their SHA-256. Bytes that are there already, undamaged, are not written again."""
        digest = hashlib.sha256(data).hexdigest()
        if not os.path.exists(self._object(digest)) or self.get(digest) is None:  # noqa: PTH110 - see the class
            self._write(self._object(digest), data)
        return digest

    def get(self, digest: str) -> bytes | None:
        """The bytes of an object, or ``None`` when it is missing or no longer has its hash."""
        with self._lock:
            known = self._recent.get(digest)
        try:
            if known is not None and known[0] == os.stat(self._object(digest)).st_mtime_ns:  # noqa: PTH116
                return known[1]
            with open(self._object(digest), "rb") as file:  # noqa: PTH123
                data = file.read()
                changed = os.fstat(file.fileno()).st_mtime_ns
        except OSError:
            return None
        if hashlib.sha256(data).hexdigest() != digest:
            return None
        self._keep(digest, data, changed)
        return data

    def has(self, digest: str) -> bool:
        """Whether there is such an object, damaged or not."""
        return os.path.exists(self._object(digest))  # noqa: PTH110 - see the class

    def object_path(self, digest: str) -> Path:
        """Where an object lies."""
        return Path(self._object(digest))

    def _object(self, digest: str) -> str:
        return f"{self._prefix}/objects/sha256/{digest[:2]}/{digest[2:4]}/{digest}"

    def _keep(self, digest: str, data: bytes, changed: int) -> None:
        """Keep small objects for a moment: what is checked now is read next."""
        if len(data) > _RECENT_OBJECT:
            return
        with self._lock:
            self._recent_bytes += len(data) - len(self._recent.get(digest, (0, b""))[1])
            self._recent[digest] = (changed, data)
            while self._recent_bytes > _RECENT_BYTES:
                self._recent_bytes -= len(self._recent.popitem(last=False)[1][1])

    def put_record(self, kind: str, key: str, record: Mapping[str, Any]) -> None:
        """Write a JSON record; the last writer of a key wins, a reader sees one whole record."""
        text = json.dumps({"version": RECORD_VERSION, **record}, ensure_ascii=False, sort_keys=True)
        self._write(self._record(kind, key), text.encode())

    def record(self, kind: str, key: str) -> dict[str, Any] | None:
        """A record, or ``None`` when there is none, it is broken, or of a newer major version."""
        try:
            with open(self._record(kind, key), "rb") as file:  # noqa: PTH123
                found = json.loads(file.read())
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
        """Append one line to a log; lines of several processes do not mix, a torn last line stays one of its own."""
        path = self.root / relative
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
            try:
                _lock(handle)
                os.write(handle, ("\n" * _is_torn(handle) + line + "\n").encode())
            finally:
                os.close(handle)
        except OSError as error:
            raise RunError(f"cannot write {path}: {error.strerror}", fix="set 'store' to a writable folder") from error

    def _record(self, kind: str, key: str) -> str:
        return f"{self._prefix}/{kind}/{key[:2]}/{key}.json"

    def _write(self, path: str, data: bytes) -> None:
        folder = path.rsplit("/", 1)[0]
        temporary = f"{folder}/.part-{uuid.uuid4().hex}"
        try:
            try:
                file = open(temporary, "xb")  # noqa: PTH123, SIM115 - the umask decides who may read it
            except FileNotFoundError:
                os.makedirs(folder, exist_ok=True)  # noqa: PTH103
                file = open(temporary, "xb")  # noqa: PTH123, SIM115
            try:
                with file:
                    file.write(data)
                os.replace(temporary, path)  # noqa: PTH105
            except BaseException:
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(temporary)  # noqa: PTH108
                raise
        except OSError as error:
            raise RunError(f"cannot write {path}: {error.strerror}", fix="set 'store' to a writable folder") from error


def _lock(handle: int) -> None:
    """Wait for other writers, until the handle is closed: half of their line would look torn."""
    if fcntl is not None:
        with contextlib.suppress(OSError):  # a file system without locks: at worst there is an empty line
            fcntl.flock(handle, fcntl.LOCK_EX)


def _is_torn(handle: int) -> bool:
    """Whether a log ends within a line: its writer was killed, and the next line must not become part of that one."""
    size = os.lseek(handle, 0, os.SEEK_END)
    if not size:
        return False
    os.lseek(handle, size - 1, os.SEEK_SET)
    return os.read(handle, 1) != b"\n"
