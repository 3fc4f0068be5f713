"""What happened: frozen, namespaced, versioned events."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

_NAME = re.compile(r"^locus(\.[a-z_]+){2,}$")


@dataclass(frozen=True, slots=True)
class Event:
    """``name`` is namespaced (``locus.document.rejected``), ``version`` counts changes of its data's meaning.

    ``at`` is UTC in ISO form. ``position`` says who wrote it and as which of their events (``9f86d081:3``); empty in
    logs of before. Readers ignore keys of ``data`` that they do not know.
    """

    name: str
    run: str
    at: str
    data: Mapping[str, Any] = field(default_factory=dict)
    version: int = 1
    position: str = ""

    def __post_init__(self) -> None:
        if not _NAME.match(self.name):
            raise ValueError(f"not an event name: '{self.name}'; form: locus.thing.happened")
        object.__setattr__(self, "data", MappingProxyType(dict(self.data)))

    def header(self) -> dict[str, Any]:
        """Everything but the data."""
        return {
            "name": self.name,
            "version": self.version,
            "run": self.run,
            "at": self.at,
            "position": self.position,
        }

    def record(self) -> dict[str, Any]:
        """Header and data as plain values, for destinations that send it on."""
        return self.header() | {"data": dict(self.data)}
