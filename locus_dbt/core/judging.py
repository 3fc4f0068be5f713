"""The full mode: spans as a model judged them. The judge is found by name, because the core calls no model."""

from __future__ import annotations

import hashlib
import importlib
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import pyarrow as pa

from locus_dbt.core.events import logger
from locus_dbt.core.settings import Settings
from locus_dbt.core.store import Store

#: Where judges are made; imported only when the settings ask for the full mode.
JUDGES = "locus_dbt.llm"

_KIND = "judged"


class Judge(Protocol):
    """Interface of a judge.

    ``state`` names all that its answers depend on, ``session`` this judge, ``disclosure`` says who is sent what.
    """

    state: str
    session: str
    disclosure: str

    def judge(self, spans: pa.Table, columns: Mapping[str, tuple[str, str]]) -> tuple[pa.Table, bool]:
        """Spans with judged scores, and whether every open one got its answer."""
        ...


def find_judge(settings: Settings, store: Store, ask: Callable[[str], bool] | None = None) -> Judge | str | None:
    """The judge, or in words why there is none; ``None`` in the degraded mode. Opens no connection.

    ``ask`` puts the disclosure before the user and says whether they agree.

    Raises:
        RequestError: E110 without consent, E111 for a key where it does not belong.
    """
    if settings.grounding.mode != "full":
        return None
    made: Judge | str = importlib.import_module(JUDGES).make_judge(settings, store, ask)
    if isinstance(made, str):
        logger.warning("grounding.mode is full, but %s", made)
    return made


@dataclass(frozen=True)
class Bench:
    """A judge with a store for what it judged, and the columns it is told about (name to type and description)."""

    judge: Judge
    store: Store
    columns: Mapping[str, tuple[str, str]]

    def mark(self, key: str) -> str:
        """What belongs to the name of the judged result ``key``: as long as answers lack, it is this session's own."""
        mine = self._key(key)
        return mine if self.store.record(_KIND, mine) else mine + self.judge.session

    def _key(self, key: str) -> str:
        return hashlib.sha256(f"{key}\0{self.judge.state}".encode()).hexdigest()

    def judged(self, key: str, spans: Callable[[], pa.Table | None]) -> pa.Table | None:
        """The judged spans of the result ``key``; kept beside the result, never in its place, once all are answered."""
        mine = self._key(key)
        known: dict[str, Any] = self.store.record(_KIND, mine) or {}
        data = self.store.get(known["spans"]) if known.get("spans") else None
        if data is not None:
            return pa.ipc.open_stream(data).read_all()
        given = spans()
        if given is None:
            return None
        table, complete = self.judge.judge(given, self.columns)
        if complete:
            self.store.put_record(_KIND, mine, {"spans": self.store.put(_stream(table))})
        return table


def _stream(table: pa.Table) -> bytes:
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table.combine_chunks())
    return sink.getvalue()
