"""The executor interface: documents in, Arrow batches out. A process pool is built in; Ray or Spark fit here.

An executor is driven in three steps: ``prepare`` tells it what to run, ``execute`` hands it documents, ``collect``
yields an outcome for each, in any order. It never raises for a document: what goes wrong comes back as a reject.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from locus_dbt.model.document import AS_USUAL, ReadOptions


@dataclass(frozen=True, slots=True)
class Job:
    """What to run on each document; plain data, so that it can cross a process or network boundary.

    ``module`` is the dotted name of the image folder, ``columns`` the selected output's columns (name to SQL type),
    ``limits`` holds max_pages and max_file_mb, ``parsers`` and ``media_types`` the configured overrides, ``options``
    how documents are to be read, ``capabilities`` what the image declares that it needs beyond reading the document.
    """

    module: str
    columns: Mapping[str, str]
    params: Mapping[str, Any]
    limits: Mapping[str, Any] = field(default_factory=dict)
    parsers: Mapping[str, str] = field(default_factory=dict)
    media_types: Mapping[str, str] = field(default_factory=dict)
    accepts: Sequence[str] = ()
    image: str = ""
    options: ReadOptions = AS_USUAL
    capabilities: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Request:
    """One document: where to read it and the hash it must have. ``data`` instead of a path for bytes in hand."""

    key: str
    filename: str
    path: str
    sha256: str
    data: bytes | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one document: Arrow IPC streams of rows and spans, rejects, and facts about the reading.

    ``rejects`` are mappings with code, message and place. ``final`` is false when trying again may end otherwise
    (a crash, a time-out): such an outcome is never cached. ``spent``: the worker that gave it has grown large and
    should be replaced. ``packed`` is the stored form of the spans (see span_layout) of a long document.
    """

    key: str
    rows: bytes = b""
    spans: bytes = b""
    rejects: Sequence[Mapping[str, Any]] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    final: bool = True
    spent: bool = False
    packed: bytes = b""


@dataclass(frozen=True, slots=True)
class Part:
    """Rows and spans of a document that is still being read; its outcome follows with the rest."""

    key: str
    rows: bytes
    spans: bytes


@dataclass(frozen=True, slots=True)
class Tick:
    """A worker's word that the document in hand is done with so many further pages."""

    pages: float


class Executor(Protocol):
    """Interface version 1."""

    interface: int

    def prepare(self, job: Job) -> None:
        """Take the job; called once, before any document."""
        ...

    def execute(self, requests: Sequence[Request]) -> None:
        """Start work on documents; may be called several times."""
        ...

    def collect(self) -> Iterator[Outcome | Part]:
        """Yield an outcome for each document handed in so far; parts of a long one may come before its outcome."""
        ...

    def cancel(self) -> None:
        """Give up whatever is not finished."""
        ...
