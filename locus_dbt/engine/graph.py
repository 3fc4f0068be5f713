"""The static check of a dbt graph: every image exists, every artifact type fits, before any model runs."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from locus_dbt.core.registry import Image, registry
from locus_dbt.model.artifact import ArtifactType, fit
from locus_dbt.model.errors import LocusError

_MACRO = re.compile(r"locus_dbt\.image\(\s*['\"]([\w-]+)['\"]")
_FUNCTION = re.compile(r"\b(locus_[a-z0-9_]+)\s*\(", re.IGNORECASE)
_COMMENT = re.compile(r"\{#.*?#\}|--[^\n]*|/\*.*?\*/", re.DOTALL)


def check_graph(nodes: Sequence[Mapping[str, Any]]) -> str:
    """Problems, warnings and the images that will run, as JSON: ``errors``, ``warnings``, ``notices``, ``images``.

    A node has ``id``, ``name``, ``code`` (as written) and ``parents`` (ids). A model without an image passes on
    relations, ``table/v1``.
    """
    errors: list[str] = []
    warnings: list[str] = []
    images = {node["id"]: _images(node, errors) for node in nodes}
    names = {node["id"]: node["name"] for node in nodes}
    for node in nodes:
        for image in images[node["id"]]:
            if image.manifest.kind != "relational":
                continue
            for parent in node.get("parents", []):
                _check_edge(names.get(parent), images.get(parent, []), node["name"], image, errors, warnings)
    used = sorted(
        {(i.manifest.name, i.manifest.version, i.manifest.privacy) for found in images.values() for i in found}
    )
    notices = [f"locus: {name} {version}, privacy class: {privacy}" for name, version, privacy in used]
    return json.dumps({"errors": errors, "warnings": warnings, "notices": notices, "images": [u[0] for u in used]})


def _images(node: Mapping[str, Any], errors: list[str]) -> list[Image]:
    code = _COMMENT.sub("", node.get("code") or "")
    known = registry()
    found: list[Image] = []
    for name in dict.fromkeys(_MACRO.findall(code)):
        try:
            found.append(known.image(name))
        except LocusError as error:
            errors.append(f"model '{node['name']}': {error}")
    functions = {image.manifest.function: image for image in known}
    found += [functions[f.lower()] for f in dict.fromkeys(_FUNCTION.findall(code)) if f.lower() in functions]
    return found


def _check_edge(
    parent: str | None,
    made_by: Sequence[Image],
    child: str,
    image: Image,
    errors: list[str],
    warnings: list[str],
) -> None:
    if parent is None:
        return
    emitted = [ArtifactType.parse(i.manifest.emits.type) for i in made_by] or [ArtifactType("table", 1)]
    accepted = [ArtifactType.parse(a) for a in image.manifest.accepts]
    for kind in emitted:
        fits = {fit(kind, a) for a in accepted}
        takes = ", ".join(map(str, accepted))
        if "same" in fits:
            continue
        what = f"model '{parent}' emits {kind}, model '{child}' ({image.manifest.name}) accepts {takes}"
        if "minor" in fits:
            warnings.append(f"[E108] {what}: minor versions differ")
        else:
            errors.append(f"[E108] {what} (put an image between them that converts)")
