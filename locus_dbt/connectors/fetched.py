"""What connectors fetched: bytes in the store, remembered for a moment so that one statement fetches once."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from locus_dbt.core.secrets import mask
from locus_dbt.core.settings import Settings
from locus_dbt.core.sources import SourceFile
from locus_dbt.core.store import Store

_lock = threading.Lock()
#: (store, state of the request) to the time it was answered and the answer. A statement is bound several times.
_recent: dict[tuple[str, str], tuple[float, Sequence[SourceFile]]] = {}
_MOST_RECENT = 4096


class Fetched:
    """Keeps fetched bytes and what servers said of them."""

    def __init__(self, settings: Settings) -> None:
        self._store = Store(settings.store_root)
        self._seconds = settings.fetch_again_seconds

    def keep(self, name: str, data: bytes) -> SourceFile:
        """The bytes as a file of the store, under a name without secrets."""
        return self._file(mask(name), self._store.put(data))

    def known(self, address: str) -> tuple[Mapping[str, Any], SourceFile] | None:
        """What the server said of an address the last time, and what it gave, while the store still has it."""
        record = self._store.record("fetched", _key(address))
        if record is None or self._store.get(record["sha256"]) is None:
            return None
        return record, self._file(record["name"], record["sha256"])

    def _file(self, name: str, sha256: str) -> SourceFile:
        return SourceFile(name, str(self._store.object_path(sha256)), stored=True)

    def remember(self, address: str, file: SourceFile, **said: str | None) -> None:
        """Note what the server said of an address, to ask next time whether it changed."""
        sha256 = file.path.replace("\\", "/").rsplit("/", 1)[-1]
        self._store.put_record("fetched", _key(address), {"name": file.filename, "sha256": sha256, **said})

    def once(self, state: str, fetch: Callable[[], Sequence[SourceFile]]) -> Sequence[SourceFile]:
        """What ``fetch`` gives, or gave for the same state a moment ago."""
        key = (str(self._store.root), _key(state))
        with _lock:
            found = _recent.get(key)
        if found is not None and time.monotonic() - found[0] < self._seconds:
            return found[1]
        files = fetch()
        with _lock:
            if len(_recent) >= _MOST_RECENT:
                _recent.clear()
            _recent[key] = (time.monotonic(), files)
        return files


def forget_recent() -> None:
    """Ask again, however short ago it was."""
    with _lock:
        _recent.clear()


def _key(address: str) -> str:
    return hashlib.sha256(address.encode()).hexdigest()
