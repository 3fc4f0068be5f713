"""What is known of an image's conformance: a record of probes, bound to the image's digest and kept in the store.

The digest covers the image's code and the engine's, so a record says nothing about changed code. The images of this
package count as conformant without a record, because its test suite probes each of them in exactly this version; a
record that says otherwise wins.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from locus_dbt.core.registry import Image
from locus_dbt.core.store import Store

#: The kind of record in the store.
KIND = "conformance"

#: The origin of images that come with this package.
BUILT_IN = "locus-dbt"

State = Literal["conformant", "non-conformant", "not certified"]


@dataclass(frozen=True, slots=True)
class Probe:
    """One question put to an image: whether it ``held``, and the answer in words.

    ``held`` is ``None`` for a question that could not be put (no probe reached it).
    """

    name: str
    held: bool | None
    words: str

    @property
    def outcome(self) -> str:
        """``passed``, ``failed`` or ``not asked``."""
        return {True: "passed", False: "failed", None: "not asked"}[self.held]


@dataclass(frozen=True, slots=True)
class Conformance:
    """The probes of one image in one version of its code and of the engine's; ``at`` is UTC in ISO form."""

    image: str
    version: str
    digest: str
    engine_version: str
    at: str
    probes: Sequence[Probe]

    @property
    def failed(self) -> list[Probe]:
        """The probes that do not hold."""
        return [p for p in self.probes if p.held is False]

    @property
    def state(self) -> State:
        """``non-conformant`` when a probe fails; ``not certified`` when none could be put to it."""
        if self.failed:
            return "non-conformant"
        return "conformant" if any(p.held for p in self.probes) else "not certified"

    @property
    def sha256(self) -> str:
        """Hash of what was found; the time of finding it does not count."""
        return hashlib.sha256(json.dumps({**self.facts(), "at": None}, sort_keys=True).encode()).hexdigest()

    def facts(self) -> dict[str, Any]:
        """The record as plain data."""
        probes = [{**asdict(p), "outcome": p.outcome} for p in self.probes]
        return {
            "image": self.image, "image_version": self.version, "digest": self.digest,
            "engine_version": self.engine_version, "at": self.at, "conformant": self.state == "conformant",
            "state": self.state, "probes": probes,
        }  # fmt: skip

    def reason(self) -> str:
        """In words which probes fail; empty when none does."""
        return "; ".join(f"{p.name}: {p.words}" for p in self.failed)


def keep(store: Store, found: Conformance) -> None:
    """Write the record under the image's digest."""
    store.put_record(KIND, found.digest, {**found.facts(), "sha256": found.sha256})


def recorded(image: Image, store: Store) -> Conformance | None:
    """The record of exactly this code; ``None`` when there is none, or it was changed by other hands."""
    record = store.record(KIND, image.digest)
    found = _from(record) if record else None
    return found if found and record and found.sha256 == record.get("sha256") and found.digest == image.digest else None


def conformance_of(image: Image, store: Store) -> State:
    """``conformant``, ``non-conformant`` or ``not certified``, for exactly this code of the image."""
    found = recorded(image, store)
    if found is not None:
        return found.state
    return "conformant" if image.origin == BUILT_IN else "not certified"


def _from(record: Mapping[str, Any]) -> Conformance | None:
    try:
        probes = tuple(Probe(p["name"], p["held"], p["words"]) for p in record["probes"])
        return Conformance(
            image=str(record["image"]),
            version=str(record["image_version"]),
            digest=str(record["digest"]),
            engine_version=str(record["engine_version"]),
            at=str(record["at"]),
            probes=probes,
        )
    except (KeyError, TypeError):
        return None


__all__ = ["Conformance", "Probe", "State", "conformance_of", "keep", "recorded"]
