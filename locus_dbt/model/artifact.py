"""The typed, versioned artifacts that cross between images, and whether two of them fit."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

KINDS = ("ir", "table", "chunks", "embeddings", "graph", "file")
_FORM = re.compile(r"^([a-z]+)/v(\d+)(?:\.(\d+))?$")


@dataclass(frozen=True, slots=True)
class ArtifactType:
    """``kind/vMAJOR[.MINOR]``, for example ``table/v1``; every payload is Arrow."""

    kind: str
    major: int
    minor: int = 0

    @classmethod
    def parse(cls, text: str) -> ArtifactType:
        """Read ``table/v1`` or ``table/v1.2``; ``ValueError`` names the known kinds."""
        match = _FORM.match(text)
        if match is None or match[1] not in KINDS:
            raise ValueError(f"not an artifact type: '{text}'; a type is one of {', '.join(KINDS)} with /v1")
        return cls(match[1], int(match[2]), int(match[3] or 0))

    def __str__(self) -> str:
        return f"{self.kind}/v{self.major}" + (f".{self.minor}" if self.minor else "")


def fit(emitted: ArtifactType, accepted: ArtifactType) -> Literal["same", "minor", "no"]:
    """``same`` when they agree, ``minor`` when only the minor version differs, ``no`` otherwise."""
    if (emitted.kind, emitted.major) != (accepted.kind, accepted.major):
        return "no"
    return "same" if emitted.minor == accepted.minor else "minor"
