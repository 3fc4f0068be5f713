"""Settings: arguments over environment over ``locus.yml`` over defaults; each checked, the wrong one named."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from locus_dbt.core.event_keys import check_event_settings
from locus_dbt.model.errors import RequestError, did_you_mean

#: The settings file looked for in the project folder.
FILE = "locus.yml"

#: Settings that are mappings; the environment has no form for them.
MAPPINGS = ("sources", "parsers", "media_types", "events")


class Settings(BaseModel):
    """Everything that can be set, with its default and range."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    root: Path = Field(default=Path(), description="Project folder; relative paths start here.")
    store: Path = Field(default=Path(".locus"), description="Folder of the content-addressed store.")
    workers: int = Field(default=0, ge=0, le=256, description="Worker processes; 0 means one per core, at most 8.")
    timeout_seconds: float = Field(default=20.0, gt=0, le=86_400, description="Time limit for one document.")
    memory_mb: int = Field(default=1024, ge=128, le=1_048_576, description="Memory limit of one worker process.")
    max_pages: int = Field(default=5000, ge=1, le=1_000_000, description="Page limit of one document.")
    max_file_mb: int = Field(default=512, ge=1, le=1_048_576, description="Size limit of one file.")
    recycle_after: int = Field(
        default=5000,
        ge=1,
        le=1_000_000,
        description="Documents after which a worker is replaced; one that has grown large is replaced at once.",
    )
    allow_private_addresses: bool = Field(
        default=False, description="Whether web addresses may lead to private networks and to this machine."
    )
    fetch_timeout_seconds: float = Field(default=30.0, gt=0, le=86_400, description="Time limit for one web request.")
    fetch_again_seconds: float = Field(
        default=60.0, ge=0, le=86_400, description="What was fetched less than this ago is not asked for again."
    )
    sources: dict[str, Any] = Field(
        default={}, description="Named sources: JSON APIs and SQL queries, asked for as 'source:NAME'."
    )
    strict: bool = Field(default=False, description="A reject fails the run.")
    parsers: dict[str, str] = Field(
        default={}, description="Media type to parser module: takes the place of the built-in parser."
    )
    media_types: dict[str, str] = Field(
        default={}, description="File-name pattern to media type: takes the place of detection."
    )
    events: dict[str, str] = Field(
        default={},
        description="'key': the id of the key that seals the event log's payloads; 'key_file': a file with keys.",
    )
    log_level: str = Field(
        default="warning", pattern="^(debug|info|warning|error)$", description="Level of the 'locus' logger."
    )

    @property
    def store_root(self) -> Path:
        """The store's folder, absolute."""
        return (self.root / self.store).absolute()

    @property
    def worker_count(self) -> int:
        """How many worker processes to run."""
        return self.workers or min(os.cpu_count() or 1, 8)


def load_settings(arguments: Mapping[str, Any] | None = None, *, root: Path | None = None) -> Settings:
    """Settings from all four sources; raises E103 naming the setting, its source and its range."""
    folder = root or Path()
    values: dict[str, Any] = {"root": folder}
    source: dict[str, str] = {}
    for name, found in (
        (FILE, _from_file(folder / FILE)),
        ("environment", _from_environment()),
        ("arguments", dict(arguments or {})),
    ):
        for key, value in found.items():
            if key not in Settings.model_fields:
                raise RequestError(f"unknown setting '{key}' in {name}{did_you_mean(key, Settings.model_fields)}")
            values[key] = value
            source[key] = name
    if "events" in source:
        check_event_settings(values["events"], source["events"])
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        key = str(first["loc"][0])
        raise RequestError(
            f"setting '{key}' from {source.get(key, 'defaults')}: {first['msg'].lower()}, got {first['input']!r}",
            fix=Settings.model_fields[key].description or "",
        ) from error


def _from_file(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        raw = yaml.safe_load(path.read_text("utf-8")) or {}
    except (OSError, yaml.YAMLError) as error:
        raise RequestError(f"{path.name} cannot be read: {error}", fix="mend the YAML") from error
    if not isinstance(raw, dict):
        raise RequestError(f"{path.name} is not a mapping", fix="write 'setting: value' lines")
    return {str(key): value for key, value in raw.items()}


def _from_environment() -> dict[str, Any]:
    """``LOCUS_TIMEOUT_SECONDS=30`` and so on; other ``LOCUS_`` names are left alone."""
    simple = [n for n in Settings.model_fields if n not in MAPPINGS]
    return {n: os.environ[f"LOCUS_{n.upper()}"] for n in simple if f"LOCUS_{n.upper()}" in os.environ}
