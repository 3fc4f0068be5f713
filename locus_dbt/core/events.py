"""The event log: one append-only file a day, written before the side effect it announces.

Other destinations (a logger, an HTTP sink of a plug-in) get each event after the log has it; one that fails is
recorded in the log and left out of the rest of the run, and the run goes on.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from locus_dbt.core.secrets import mask
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
    """Events of one run."""

    def __init__(self, store: Store, run: str, destinations: Sequence[Destination] = (log_event,)) -> None:
        self._store = store
        self._run = run
        self._destinations = list(destinations)

    def emit(self, name: str, **data: Any) -> Event:  # noqa: ANN401 - any JSON value
        """Record an event; secrets in its texts are masked before anything is written."""
        event = Event(name, self._run, _now(), {key: _masked(value) for key, value in data.items()})
        self._write(event)
        for destination in tuple(self._destinations):
            try:
                destination(event)
            except Exception as error:  # noqa: BLE001 - a foreign destination may raise anything
                self._destinations.remove(destination)
                label = getattr(destination, "__name__", repr(destination))
                self._write(
                    Event(
                        "locus.destination.failed",
                        self._run,
                        _now(),
                        {"destination": label, "reason": str(error)},
                    )
                )
        return event

    def _write(self, event: Event) -> None:
        self._store.append(f"events/{event.at[:10]}.jsonl", event.to_json())


def read_events(store: Store, run: str | None = None) -> Iterator[Event]:
    """Events in the order written; lines of another form (newer versions, torn writes) are passed over."""
    for path in sorted((store.root / "events").glob("*.jsonl")):
        for line in path.read_text("utf-8", errors="replace").splitlines():
            try:
                raw = json.loads(line)
                event = Event(raw["name"], raw["run"], raw["at"], raw.get("data", {}), raw.get("version", 1))
            except (ValueError, KeyError, TypeError):
                continue
            if run is None or event.run == run:
                yield event


def _masked(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, Mapping):
        return {key: _masked(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_masked(item) for item in value]
    return mask(value) if isinstance(value, str) else value


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
