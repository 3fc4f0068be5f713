"""The event log: one append-only file a day, written before the side effect it announces.

Other destinations (a logger, an HTTP sink of a plug-in) get each event after the log has it; one that fails is
recorded in the log and left out of the rest of the run, and the run goes on.
"""

from __future__ import annotations

import itertools
import json
import logging
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from locus_dbt.core.event_codec import PayloadCodec
from locus_dbt.core.secrets import mask_all
from locus_dbt.core.store import Store
from locus_dbt.model.event import Event

Destination = Callable[[Event], None]

logger = logging.getLogger("locus")
logger.addHandler(logging.NullHandler())  # a library is silent until its user asks


def log_event(event: Event) -> None:
    """The destination that is always there: the ``locus`` logger."""
    level = logging.WARNING if event.name.endswith((".rejected", ".failed")) else logging.DEBUG
    logger.log(level, "%s %s", event.name, dict(event.data))


class EventLog:
    """Events of one run, their payloads plain or as ``codec`` seals them."""

    def __init__(
        self,
        store: Store,
        run: str,
        destinations: Sequence[Destination] = (log_event,),
        *,
        codec: PayloadCodec | None = None,
    ) -> None:
        self._store = store
        self._run = run
        self._destinations = list(destinations)
        self._codec = codec or PayloadCodec()
        self._writer = uuid.uuid4().hex[:8]
        self._count = itertools.count(1)

    def emit(self, name: str, **data: Any) -> Event:  # noqa: ANN401 - any JSON value
        """Record an event; secrets in its texts are masked before anything is written.

        Raises:
            RunError: E401 when the log cannot be written: what the event announces must not happen then.
        """
        event = self._write(name, data)
        for destination in tuple(self._destinations):
            try:
                destination(event)
            except Exception as error:  # noqa: BLE001 - a foreign destination may raise anything
                self._destinations.remove(destination)
                label = getattr(destination, "__name__", repr(destination))
                self._write("locus.destination.failed", {"destination": label, "reason": str(error)})
        return event

    def _write(self, name: str, data: dict[str, Any]) -> Event:
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        position = f"{self._writer}:{next(self._count)}"
        event = Event(name, self._run, at, mask_all(data), position=position)
        self._store.append(f"events/{at[:10]}.jsonl", self._codec.to_line(event))
        return event


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the log. ``state``: open; locked or damaged (the event has no data then); unreadable: no event at all.

    ``line`` is its place (``2026-01-31.jsonl:12``), ``codec`` the tag of its payload.
    """

    line: str
    state: str
    event: Event | None = None
    codec: str = ""
    reason: str = ""


def read_entries(store: Store, codec: PayloadCodec | None = None) -> Iterator[Entry]:
    """Every line of the log in the order written, whatever its state; keys that are not known are passed over."""
    codec = codec or PayloadCodec()
    for path in sorted((store.root / "events").glob("*.jsonl")):
        with path.open("rb") as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    yield _entry(line, f"{path.name}:{number}", codec)


def read_events(store: Store, run: str | None = None, *, codec: PayloadCodec | None = None) -> Iterator[Event]:
    """Events in the order written; lines that cannot be read or opened are passed over."""
    for entry in read_entries(store, codec):
        if entry.event is not None and entry.state == "open" and run in (None, entry.event.run):
            yield entry.event


def _entry(line: bytes, place: str, codec: PayloadCodec) -> Entry:
    try:
        raw = json.loads(line)
        payload = codec.open(raw)
        texts = {name: raw[name] for name in ("name", "run", "at")}
        if not all(isinstance(text, str) for text in texts.values()):
            return Entry(place, "unreadable", reason="not an event")
        event = Event(**texts, data=payload.data, version=raw.get("version", 1), position=raw.get("position", ""))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return Entry(place, "unreadable", reason="not an event")
    return Entry(place, payload.state, event, str(raw.get("codec", "v1:json")), payload.reason)
