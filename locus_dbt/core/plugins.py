"""Plug-ins: what other packages register under our entry-point groups, checked before use.

``locus_dbt.images``      a folder with manifest.yaml and image.py; selected by its name
``locus_dbt.connectors``  ``interface, supports(address), expand(address, root)``; selected by the address
``locus_dbt.parsers``     ``interface, parse(document)``, the entry's name is the media type; selected where no parser
                          is built in, or by the setting ``parsers``
``locus_dbt.emitters``    ``interface, suffixes, emit(batches, path)``; selected by the destination's suffix
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib.metadata import entry_points
from typing import Any

from locus_dbt.model.errors import ManifestError

#: What a plug-in of each kind must have; interface version 1.
REQUIRED: Mapping[str, Sequence[str]] = {
    "connectors": ("supports", "expand"),
    "parsers": ("parse",),
    "emitters": ("suffixes", "emit"),
}
INTERFACE = 1


def check_plugin(kind: str, name: str, plugin: Any) -> None:  # noqa: ANN401 - a foreign object
    """Raise E004 naming what the plug-in lacks, or the interface version it speaks."""
    missing = [part for part in ("interface", *REQUIRED[kind]) if not hasattr(plugin, part)]
    what = f"{kind.removesuffix('s')} '{name}'"
    if missing:
        raise ManifestError(f"{what} lacks {', '.join(missing)}", code="E004", fix="update or uninstall it")
    if plugin.interface != INTERFACE:
        raise ManifestError(
            f"{what} speaks interface {plugin.interface}, not {INTERFACE}", code="E004", fix="update or uninstall it"
        )


@lru_cache(maxsize=8)
def plugins(kind: str) -> Mapping[str, Any]:
    """All plug-ins of a kind by entry name, loaded and checked; classes are instantiated."""
    found: dict[str, Any] = {}
    for point in sorted(entry_points(group=f"locus_dbt.{kind}"), key=lambda p: p.name):
        loaded = point.load()
        plugin = loaded() if isinstance(loaded, type) else loaded
        check_plugin(kind, point.name, plugin)
        found[point.name] = plugin
    return found
