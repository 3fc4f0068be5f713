"""What happened: frozen, namespaced, versioned events."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_NAME = re.compile(r"^locus(\.[a-z_]+){2,}$")


@dataclass(frozen=True, slots=True)
class Event:
    """``name`` is namespaced (``locus.document.rejected``), ``version`` counts changes of its data's meaning.

    ``at`` is UTC in ISO form. Readers ignore keys of ``data`` that they do not know.
    """

    name: str
    run: str
    at: str
    data: Mapping[str, Any] = field(default_factory=dict)
    version: int = 1

    def __post_init__(self) -> None:
        if not _NAME.match(self.name):
            raise ValueError(f"not an event name: '{self.name}'; form: locus.thing.happened")

    def to_json(self) -> str:
        """One line."""
        record = {
            "name": self.name,
            "version": self.version,
            "run": self.run,
            "at": self.at,
            "data": dict(self.data),
        }
        return json.dumps(record, ensure_ascii=False, sort_keys=True, default=str)
