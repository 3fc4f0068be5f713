"""Reading ``manifest.yaml``: every complaint names file, key and fix."""

from __future__ import annotations

from pathlib import Path

import yaml
from pydantic import BaseModel, ValidationError

from locus_dbt.model.errors import ManifestError, did_you_mean
from locus_dbt.model.manifest import INTERFACE, Column, Emits, Manifest, Output, Param

#: The C loader reads a manifest in a tenth of the time.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_PARTS: dict[str, type[BaseModel]] = {"emits": Emits, "outputs": Output, "columns": Column, "params": Param}


def read_manifest(path: Path) -> Manifest:
    """Read and check one manifest; raises :class:`ManifestError` E001, or E004 for another interface version."""
    try:
        raw = yaml.load(path.read_text("utf-8"), Loader=_LOADER)  # noqa: S506 - a safe loader, in C where there is one
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ManifestError(f"{_short(path)}: cannot be read: {error}", fix="mend the YAML") from error
    if not isinstance(raw, dict):
        raise ManifestError(f"{_short(path)}: is not a mapping", fix="start with 'name: …'")
    interface = raw.get("interface", INTERFACE)
    if interface != INTERFACE:
        raise ManifestError(
            f"{_short(path)}: written for interface {interface}, this version speaks {INTERFACE}",
            code="E004",
            fix="install a matching version of the image or of locus-dbt",
        )
    try:
        return Manifest.model_validate(raw)
    except ValidationError as error:
        raise ManifestError(f"{_short(path)}: {_first_problem(error)}", fix="see docs/adding-an-image.md") from error


def _first_problem(error: ValidationError) -> str:
    # A misspelt key is two problems, one unknown and one missing; the first says how to mend it.
    first = min(error.errors(), key=lambda e: e["type"] != "extra_forbidden")
    where = [str(part) for part in first["loc"]]
    if first["type"] == "extra_forbidden":
        known = _known_keys(where[:-1])
        return f"unknown key '{'.'.join(where)}'{did_you_mean(where[-1], known)}"
    message = first["msg"].removeprefix("Value error, ")
    return f"{'.'.join(where) or 'manifest'}: {message}"


def _known_keys(path: list[str]) -> list[str]:
    """The keys allowed at a place in the manifest."""
    schema: type[BaseModel] = Manifest
    for part in path:
        schema = _PARTS.get(part, schema)
    return list(schema.model_fields)


def _short(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"
