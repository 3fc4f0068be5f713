"""Sources with a name: ``sources:`` in ``locus.yml``, asked for as ``source:NAME``; credentials by reference."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, field_validator

from locus_dbt.connectors.fetched import Fetched
from locus_dbt.core.secrets import mask
from locus_dbt.core.settings import Settings
from locus_dbt.core.sources import SourceFile
from locus_dbt.model.errors import RequestError, did_you_mean

PREFIX = "source:"
_REFERENCE = re.compile(r"env:([A-Za-z_][A-Za-z0-9_]*)")
_CREDENTIAL = re.compile(r"(?i)authorization|api[-_]?key|token|secret|cookie|password")


class _Source(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Pagination(_Source):
    """How an API hands out its pages.

    ``link``: the address of the next page stands in the header ``Link`` or in the body at ``next`` (a JSON pointer).
    ``cursor``: the body has a cursor at ``next``, sent back as ``param``. ``page`` and ``offset`` count; they end with
    a page that has no records.
    """

    kind: Literal["none", "link", "cursor", "page", "offset"] = "link"
    param: str = "page"
    next: str = "/next"
    first: int = Field(default=1, ge=0)
    size: int = Field(default=100, ge=1, le=100_000)
    size_param: str | None = None


class RestSource(_Source):
    """A JSON API: ``records`` is the JSON pointer to the list of records in each page, empty for the whole body."""

    kind: Literal["rest"]
    url: str
    records: str = ""
    headers: Mapping[str, str] = {}
    query: Mapping[str, str] = {}
    pagination: Pagination = Pagination()
    max_pages: int = Field(default=1000, ge=1, le=1_000_000)

    @field_validator("headers", "query")
    @classmethod
    def _no_raw_secret(cls, value: Mapping[str, str]) -> Mapping[str, str]:
        for name, text in value.items():
            if _CREDENTIAL.search(name) and not _REFERENCE.search(text):
                raise ValueError(f"'{name}' holds a credential itself; write env:NAME and set NAME in the environment")
        return value


class SqlSource(_Source):
    """A query on a database that SQLAlchemy reaches; ``url`` may be ``env:NAME``."""

    kind: Literal["sql"]
    url: str
    query: str
    max_rows: int = Field(default=1_000_000, ge=1)

    @field_validator("url")
    @classmethod
    def _no_raw_secret(cls, value: str) -> str:
        if mask(value) != value:
            raise ValueError("it holds a password; write env:NAME and set NAME in the environment")
        return value


Source = Annotated[RestSource | SqlSource, Field(discriminator="kind")]
_SOURCES: TypeAdapter[dict[str, RestSource | SqlSource]] = TypeAdapter(dict[str, Source])


class ConfiguredSources:
    """``source:NAME``."""

    interface = 1

    def __init__(self, settings: Settings, fetched: Fetched) -> None:
        self._settings = settings
        self._fetched = fetched

    def supports(self, address: str) -> bool:
        """Addresses that begin with ``source:``."""
        return address.startswith(PREFIX)

    def expand(self, address: str, *, root: Path) -> Sequence[SourceFile]:
        """The documents of the source: an API's pages, a query's result."""
        found = checked_sources(self._settings.sources)
        name = address.removeprefix(PREFIX)
        if name not in found:
            raise RequestError(f"no source named '{name}' in locus.yml{did_you_mean(name, found)}", code="E104")
        source = found[name]
        state = f"{name}\0{source.model_dump_json()}"
        if isinstance(source, SqlSource):
            from locus_dbt.connectors.database import query_document  # noqa: PLC0415 - needs SQLAlchemy

            return self._fetched.once(
                state, lambda: [query_document(source, address, self._settings, self._fetched, root=root)]
            )
        from locus_dbt.connectors.rest import api_documents  # noqa: PLC0415 - sockets only where they are needed

        return self._fetched.once(state, lambda: api_documents(source, address, self._settings, self._fetched))


def checked_sources(raw: Mapping[str, object]) -> Mapping[str, RestSource | SqlSource]:
    """The sources of the settings; E103 naming source and key for what does not fit."""
    try:
        return _SOURCES.validate_python(dict(raw))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise RequestError(f"sources.{where} in locus.yml: {mask(first['msg'])}", code="E103") from None


def with_references(text: str) -> str:
    """The text with every ``env:NAME`` replaced from the environment; E103 names a variable that is not there."""

    def value(match: re.Match[str]) -> str:
        if match[1] not in os.environ:
            raise RequestError(f"the environment has no variable '{match[1]}'", code="E103", fix=f"export {match[1]}=…")
        return os.environ[match[1]]

    return _REFERENCE.sub(value, text)
