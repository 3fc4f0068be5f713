"""The OpenLineage schemas, to validate events against.

Two roads to the published specification. Always: the classes of the project's own Python client, which its authors
generate from the published JSON schemas, turned back into JSON schemas here, one for each version that the client
names (``https://openlineage.io/spec/…``). They are taken strictly: a field that the specification does not name is an
error, though the specification would let it pass. And where ``OPENLINEAGE_SPEC`` names a folder with the published
files themselves (``OpenLineage.json``, ``facets/*.json``), those too, as they are.

References are resolved among these alone; nothing is fetched. Our own facets have their schemas in the package.
"""

from __future__ import annotations

import enum
import importlib
import json
import os
import pkgutil
import types
import typing
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import attr
import jsonschema
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from locus_dbt.lineage.openlineage_facets import CORE, OWN, own_schema

_SIMPLE = {str: "string", int: "integer", float: "number", bool: "boolean"}
_FACETS = ("facets", "inputFacets", "outputFacets")
_DRAFT = "https://json-schema.org/draft/2020-12/schema"

Registered = Registry[Any]


def errors_of(event: Mapping[str, Any], *, published: bool = False) -> list[str]:
    """What is wrong with an event: path and message, of the event itself and of each facet by the schema it names.

    ``published`` takes the files of ``OPENLINEAGE_SPEC``.
    """
    registry = published_registry() if published else client_registry()
    found = list(_check({"$ref": f"{CORE}#/$defs/RunEvent"}, event, registry, "event"))
    for place, facet in facets_of(event):
        url = facet.get("_schemaURL", "")
        if url.partition("#")[0] not in registry:
            found.append(f"{place}: no schema '{url}'")
        else:
            found += _check({"$ref": url}, facet, registry, place)
    return found


def facets_of(event: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every facet with its place."""
    holders = [(name, event.get(name, {})) for name in ("run", "job")]
    holders += [(f"inputs[{i}]", d) for i, d in enumerate(event.get("inputs", []))]
    holders += [(f"outputs[{i}]", d) for i, d in enumerate(event.get("outputs", []))]
    for place, holder in holders:
        for kind in _FACETS:
            for name, facet in holder.get(kind, {}).items():
                yield f"{place}.{kind}.{name}", facet


def spec_folder() -> Path | None:
    """The folder with the published files, where there is one."""
    given = os.environ.get("OPENLINEAGE_SPEC")
    return Path(given) if given else None


@cache
def client_registry() -> Registered:
    """Schemas by their address, made of the client's classes, and our own."""
    from openlineage.client import generated

    documents: dict[str, dict[str, Any]] = {}
    for module in pkgutil.iter_modules(generated.__path__):
        loaded = importlib.import_module(f"{generated.__name__}.{module.name}")
        for name, made in vars(loaded).items():
            if not attr.has(made) or made.__module__ != loaded.__name__ or "_get_schema" not in vars(made):
                continue
            address = made._get_schema().partition("#")[0]
            document = documents.setdefault(address, {"$schema": _DRAFT, "$id": address, "$defs": {}})
            document["$defs"][name] = _schema_of(made)
    return _registry([*documents.values(), *map(own_schema, OWN)])


@cache
def published_registry() -> Registered:
    """The published files as they are, and our own."""
    folder = spec_folder()
    assert folder is not None, "OPENLINEAGE_SPEC is not set"
    files = [folder / "OpenLineage.json", *sorted((folder / "facets").glob("*.json"))]
    return _registry([*(json.loads(path.read_text("utf-8")) for path in files), *map(own_schema, OWN)])


def _registry(documents: list[dict[str, Any]]) -> Registered:
    resources = [(d["$id"], Resource.from_contents(d, default_specification=DRAFT202012)) for d in documents]
    return Registry().with_resources(resources)


def _check(schema: dict[str, Any], value: Any, registry: Registered, place: str) -> Iterator[str]:
    validator = jsonschema.Draft202012Validator(schema, registry=registry, format_checker=_FORMATS)
    for error in validator.iter_errors(value):
        yield f"{place}{error.json_path.removeprefix('$')}: {error.message}"


# --- from the client's classes ---------------------------------------------------------------------------------------


def _schema_of(made: Any) -> dict[str, Any]:
    """A class as a JSON schema: fields without a default are required; the keys of base facets begin with ``_``."""
    hints = typing.get_type_hints(made)
    fields = attr.fields(made)
    properties = {field.name: _of_field(field, hints[field.name]) for field in fields}
    required = [field.name for field in fields if field.default is attr.NOTHING]
    required += [field.name for field in fields if field.name in ("_producer", "_schemaURL", "producer", "schemaURL")]
    schema: dict[str, Any] = {"type": "object", "properties": properties, "required": required}
    if made.__name__ not in (
        "BaseFacet",
        "RunFacet",
        "JobFacet",
        "DatasetFacet",
        "InputDatasetFacet",
        "OutputDatasetFacet",
    ):
        schema["additionalProperties"] = False
    return schema


def _of_field(field: Any, hint: Any) -> dict[str, Any]:
    schema = _of_type(hint)
    if field.validator is None:
        return schema
    if field.name == "runId":
        return schema | {"format": "uuid"}
    return schema | {"format": "uri" if field.name.lower().endswith(("producer", "url", "uri")) else "date-time"}


def _of_type(hint: Any) -> dict[str, Any]:
    """Optional means that the field may be left out, not that it may be null."""
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        options = [_of_type(part) for part in inner if part is not type(None)]
        return options[0] if len(options) == 1 else {"anyOf": options}
    if origin in (list, dict):
        part = _of_type(inner[-1])
        return {"type": "array", "items": part} if origin is list else {"type": "object", "additionalProperties": part}
    if hint in _SIMPLE:
        return {"type": _SIMPLE[hint]}
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return {"enum": [member.value for member in hint]}
    if attr.has(hint):
        return {"$ref": hint._get_schema()} if "_get_schema" in vars(hint) else _schema_of(hint)
    return {}


_FORMATS = jsonschema.FormatChecker(formats=())


@_FORMATS.checks("date-time", raises=ValueError)
def _is_date_time(value: object) -> bool:
    return not isinstance(value, str) or ("T" in value and datetime.fromisoformat(value).tzinfo is not None)


@_FORMATS.checks("uuid", raises=ValueError)
def _is_uuid(value: object) -> bool:
    return not isinstance(value, str) or str(UUID(value)) == value


@_FORMATS.checks("uri", raises=ValueError)
def _is_uri(value: object) -> bool:
    return not isinstance(value, str) or bool(urlsplit(value).scheme)
