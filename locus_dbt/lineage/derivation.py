"""What is known of an output column: values only, so that reading them loads no SQL parser."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Origin:
    """One column of a stored relation (or of an image) that a value comes from."""

    source: str
    column: str


@dataclass(frozen=True, slots=True)
class Derivation:
    """How an output column comes about: ``identity`` of one origin each, an ``expression`` of several, or a gap."""

    origins: frozenset[Origin] = frozenset()
    kind: str = "identity"
    gap: str | None = None
