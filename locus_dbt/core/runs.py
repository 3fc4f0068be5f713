"""Runs: attempts that can be repeated and thrown away. A shard's state only moves forward.

<store>/runs/<xx>/<run>.json                        the plan: snapshot, image, params, shards (written once)
<store>/runs/<xx>/<run>.<shard>.started | .done     empty files made with O_EXCL
<store>/summaries/<xx>/<run>.json                   counts by kind, failed files
"""

from __future__ import annotations

import contextlib
import os
import uuid
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from locus_dbt.core.plan import Plan, freeze
from locus_dbt.core.store import Store

STATES = ("planned", "started", "done")


class Run:
    """One attempt at a plan."""

    def __init__(self, store: Store, plan: Plan) -> None:
        self.id = uuid.uuid4().hex
        self.plan = plan
        self._store = store
        self.counts: Counter[str] = Counter()
        self.failed: list[Mapping[str, Any]] = []
        store.put_record(
            "runs",
            self.id,
            {
                "run": self.id,
                "image": plan.image.manifest.name,
                "image_version": plan.image.manifest.version,
                "image_digest": plan.image.digest,
                "output": plan.output_name,
                "params": dict(plan.params),
                "snapshot": freeze(plan, store),
                "shards": [[t.key for t in shard] for shard in plan.shards],
            },
        )

    def advance(self, shard: int, state: str) -> bool:
        """Move a shard forward; false when it was already there. States never go back: marks are only added."""
        if state not in STATES[1:]:
            raise ValueError(f"not a state: '{state}'; one of {', '.join(STATES[1:])}")
        path = self._mark(shard, state)
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
        except FileExistsError:
            return False
        return True

    def state(self, shard: int) -> str:
        """``planned``, ``started`` or ``done``."""
        return next((s for s in reversed(STATES[1:]) if self._mark(shard, s).exists()), STATES[0])

    def finish(self) -> dict[str, Any]:
        """Write and return the summary. A run succeeded when at least one source did, or none was asked for."""
        sources = self.counts["documents"]
        ok = sources == 0 or self.counts["succeeded"] > 0
        summary = {
            "run": self.id,
            "image": self.plan.image.manifest.name,
            "engine": "deterministic",
            "state": "succeeded" if ok else "failed",
            "counts": dict(sorted(self.counts.items())),
            "failed": self.failed,
        }
        self._store.put_record("summaries", self.id, summary)
        return summary

    def _mark(self, shard: int, state: str) -> Path:
        return self._store.root / "runs" / self.id[:2] / f"{self.id}.{shard:05d}.{state}"


def summaries(store: Store) -> Iterator[dict[str, Any]]:
    """The summaries of all finished runs."""
    for _, record in store.records("summaries"):
        yield record


def forget_run(store: Store, run: str) -> None:
    """Remove a run's records; results and snapshots stay, so every answer stays."""
    for path in (store.root / "runs" / run[:2]).glob(f"{run}*"):
        with contextlib.suppress(OSError):
            path.unlink()
    with contextlib.suppress(OSError):
        (store.root / "summaries" / run[:2] / f"{run}.json").unlink()
