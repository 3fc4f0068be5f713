"""The part of the lineage that is about models, not rows: which column comes from which, and what made each model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import duckdb

_IMAGE = "image:"


@dataclass(frozen=True, slots=True)
class Link:
    """One step up from a column: to a model's column, to an image's column, or (``gap``) to nowhere known."""

    source: str | None
    column: str | None
    kind: str
    reason: str | None

    @property
    def image(self) -> str | None:
        """The image that read the value, where this step ends at the paper."""
        if self.source is not None and self.source.startswith(_IMAGE):
            return self.source.removeprefix(_IMAGE)
        return None

    @property
    def is_gap(self) -> bool:
        """Whether the value cannot be followed through this step."""
        return self.kind == "untraced" or self.source is None


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """``state`` as in ``locus.models``; ``image`` is the relational image that made it, with its version."""

    state: str
    reason: str | None
    rows_by: str | None
    image: str | None


@dataclass(frozen=True, slots=True)
class Schema:
    """Links of columns and facts of models."""

    links: Mapping[tuple[str, str], Sequence[Link]]
    models: Mapping[str, ModelFacts]

    def sources(self, model: str, columns: set[str]) -> dict[str, set[str]]:
        """The models that these columns of a model come from directly, each with the columns taken."""
        found: dict[str, set[str]] = {}
        for column in columns:
            for link in self.links.get((model, column), ()):
                if not link.is_gap and link.image is None and link.source != model:
                    found.setdefault(str(link.source), set()).add(str(link.column))
        return found


def read_schema(connection: duckdb.DuckDBPyConnection) -> Schema:
    """Read it whole: it has a row for each column of each model, however many rows these have."""
    links: dict[tuple[str, str], list[Link]] = {}
    for model, column, *link in connection.execute(
        "SELECT model, column_name, source, source_column, kind, reason FROM locus.columns ORDER BY ALL"
    ).fetchall():
        links.setdefault((model, column), []).append(Link(*link))
    rows = connection.execute(
        "SELECT m.model, m.state, m.reason, m.rows_by, "
        "(SELECT max(r.image || ' ' || coalesce(r.image_version, '')) FROM locus.runs AS r "
        " WHERE r.run_id = m.run_id AND r.model = m.model AND r.image IS NOT NULL) AS image "
        "FROM locus.models AS m"
    ).fetchall()
    return Schema(links, {row[0]: _facts(row, links) for row in rows})


def _facts(row: tuple[Any, ...], links: Mapping[tuple[str, str], Sequence[Link]]) -> ModelFacts:
    model, state, reason, rows_by, image = row
    reads = any(link.image for (own, _), found in links.items() if own == model for link in found)
    return ModelFacts(state, reason, rows_by, None if reads or not image else image.strip())
