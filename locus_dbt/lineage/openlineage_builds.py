"""What is known of builds, as the values that OpenLineage events are made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Naming:
    """How events name things. ``database`` is the first part of a table's name, as dbt spells it."""

    namespace: str
    dataset_namespace: str
    database: str


@dataclass(frozen=True, slots=True)
class ImageUse:
    """An image that a build called."""

    name: str
    version: str | None
    digest: str | None
    params: Mapping[str, Any]
    engine: str | None
    snapshot: str | None
    documents: int
    documents_read: int
    documents_rejected: int
    conformance: str | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """A document of a model. ``run_id`` is the build that read it."""

    image: str
    filename: str
    sha256: str | None
    size: int | None
    media_type: str | None
    pages: int | None
    rows: int | None
    status: str
    run_id: str


@dataclass(frozen=True, slots=True)
class ColumnEdge:
    """One step of a column: from a model's column, or an image's (``image:NAME``)."""

    column: str
    source: str | None
    source_column: str | None
    kind: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class Table:
    """The relation as it stands: ``rows`` and ``nulls`` where they were counted."""

    columns: Sequence[tuple[str, str]]
    kind: str
    rows: int | None = None
    nulls: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Quality:
    """A column's cells: how many have a place, their faithfulness, how they are grounded and how that was judged."""

    cells: int
    average: float | None
    lowest: float | None
    grounding: Mapping[str, int]
    mode: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Source:
    """A relation that a build read, and the run at which it stood then (null for what a view follows).

    ``by_edges``: its rows were merged or split into those of the build.
    """

    name: str
    run_id: str | None
    by_edges: bool


@dataclass(frozen=True, slots=True)
class Build:
    """One build of one model. ``table`` and ``quality`` are known of the build that the model stands at.

    ``sql``, ``description`` and ``reads`` (relations, whether a column comes from them or not) are dbt's.
    """

    run_id: str
    model: str
    at: str
    invocation: str | None = None
    node: str | None = None
    images: Sequence[ImageUse] = ()
    error: str | None = None
    current: bool = False
    state: str | None = None
    reason: str | None = None
    rows_by: str | None = None
    documents: Sequence[Document] = ()
    columns: Sequence[ColumnEdge] = ()
    sources: Sequence[Source] = ()
    table: Table | None = None
    quality: Mapping[str, Quality] = field(default_factory=dict)
    rejects: Mapping[str, int] = field(default_factory=dict)
    sql: str | None = None
    description: str | None = None
    reads: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Software:
    """What built it."""

    duckdb: str
    locus: str
