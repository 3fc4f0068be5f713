"""Settings: arguments over environment over ``locus.yml`` over defaults; each checked, the wrong one named."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from locus_dbt.core.event_keys import check_event_settings
from locus_dbt.core.secrets import mask
from locus_dbt.model.errors import RequestError, did_you_mean

#: The settings file looked for in the project folder.
FILE = "locus.yml"

#: Settings that are mappings; the environment has no form for them.
MAPPINGS = ("sources", "parsers", "media_types", "events")


class Grounding(BaseModel):
    """How far a cell is trusted, and by whom its score is given."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    threshold: float = Field(default=0.7, ge=0, le=1, description="Faithfulness below which a cell is flagged.")
    below: Literal["retain", "reject"] = Field(
        default="retain", description="Rows with a cell below it stay, or are left out and recorded as rejects."
    )
    mode: Literal["degraded", "full"] = Field(
        default="degraded", description="degraded: rules alone; full: a model judges what the rules leave open."
    )


class Llm(BaseModel):
    """The model that the full mode asks; nothing is sent without it, a key and consent."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    model: str = Field(
        default="", max_length=200, description="Provider and model, such as openai/gpt-4o-mini; empty: none."
    )
    api_base: str | None = Field(
        default=None, pattern="^https?://", description="Address of the provider, where it is not the usual one."
    )
    key_name: str | None = Field(
        default=None,
        pattern="^[A-Za-z0-9_]*$",
        description="Name of the key's variable; default: PROVIDER_API_KEY. Empty: the server wants no key.",
    )
    env_file: Path = Field(
        default=Path(".env"), description="File with NAME=value lines that is asked for the key first."
    )
    consent: bool = Field(default=False, description="Whether cells may be sent to this provider.")
    batch_size: int = Field(default=10, ge=1, le=50, description="Cells in one call; they are of one document.")
    max_calls: int = Field(default=100, ge=0, le=1_000_000, description="Calls in one session, tries included.")
    max_tokens: int = Field(
        default=200_000, ge=0, le=1_000_000_000, description="Tokens sent and received in one session."
    )
    max_seconds: float = Field(
        default=600.0, ge=0, le=86_400, description="Time spent waiting for answers in one session."
    )
    timeout: float = Field(default=30.0, gt=0, le=3600, description="Time limit for one call, in seconds.")

    @property
    def provider(self) -> str:
        """Whom the cells go to: what stands before the first slash of the model's name."""
        return self.model.partition("/")[0].lower() if "/" in self.model else "openai"


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
    grounding: Grounding = Field(default=Grounding(), description="How far a cell is trusted.")
    llm: Llm = Field(default=Llm(), description="The model that the full mode asks.")
    strict: bool = Field(default=False, description="A reject fails the run.")
    conformance: str = Field(
        default="strict",
        pattern="^(strict|permissive)$",
        description="Images that lose provenance: strict refuses them, permissive marks their cells lineage_broken.",
    )
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
    """Settings from all four sources; raises E103 naming the setting, its source and its range.

    E111 for a key that stands in a setting: where it stands, others read it.
    """
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
            if key in SECTIONS and isinstance(value, Mapping):
                _check_section(key, value, source=name)
                values[key] = {**values.get(key, {}), **value}
                source.update(dict.fromkeys((f"{key}.{inner}" for inner in value), name))
            else:
                values[key] = value
            source[key] = name
    if "events" in source:
        check_event_settings(values["events"], source["events"])
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        raise _out_of_range(error, source) from error


#: Settings that have settings of their own.
SECTIONS: Mapping[str, type[BaseModel]] = {"grounding": Grounding, "llm": Llm}

_KEY_NAME = re.compile(r"(?i)(api[-_]?)?(key|token|secret|password|authorization)")


def _check_section(section: str, given: Mapping[str, Any], *, source: str) -> None:
    known = SECTIONS[section].model_fields
    for name, value in given.items():
        setting = f"{section}.{name}"
        if _KEY_NAME.fullmatch(str(name)) or (isinstance(value, str) and mask(value) != value):
            raise RequestError(
                f"setting '{setting}' from {source} holds a key itself",
                code="E111",
                fix="take it out, and put NAME=key into the env file, the environment or the keyring; see llm.key_name",
            )
        if name not in known:
            raise RequestError(f"unknown setting '{setting}' in {source}{did_you_mean(str(name), known)}")


def _out_of_range(error: ValidationError, source: Mapping[str, str]) -> RequestError:
    """The first thing that does not fit: setting, source, what is wrong, range."""
    first = error.errors()[0]
    key, *inner = (str(part) for part in first["loc"])
    field, setting = Settings.model_fields[key], key
    if key in SECTIONS and inner:
        field, setting = SECTIONS[key].model_fields[inner[0]], f"{key}.{inner[0]}"
    return RequestError(
        f"setting '{setting}' from {source.get(setting, source.get(key, 'defaults'))}: {first['msg'].lower()}"
        f"{_range(field.metadata)}, got {mask(repr(first['input']))}",
        fix=field.description or "",
    )


def _range(metadata: Sequence[Any]) -> str:
    """``" (0 to 1)"`` where both ends are set."""
    low = next((m.ge for m in metadata if getattr(m, "ge", None) is not None), None)
    high = next((m.le for m in metadata if getattr(m, "le", None) is not None), None)
    return f" ({low:g} to {high:g})" if low is not None and high is not None else ""


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
    """``LOCUS_TIMEOUT_SECONDS=30``, ``LOCUS_GROUNDING_MODE=full`` and so on; other ``LOCUS_`` names are left alone."""
    simple = [n for n in Settings.model_fields if n not in (*MAPPINGS, *SECTIONS)]
    found: dict[str, Any] = {n: os.environ[f"LOCUS_{n.upper()}"] for n in simple if f"LOCUS_{n.upper()}" in os.environ}
    for section, model in SECTIONS.items():
        variables = {name: f"LOCUS_{section}_{name}".upper() for name in model.model_fields}
        inner = {name: os.environ[variable] for name, variable in variables.items() if variable in os.environ}
        if inner:
            found[section] = inner
    return found
