"""Events of a model's build: started before its statement is run, then finished or failed.

Lineage is in the database, rolled back with a build that fails; that there was one is told by the event log alone.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

from locus_dbt.core.events import EventLog
from locus_dbt.engine.known import model_key
from locus_dbt.engine.session import StartedBuild

if TYPE_CHECKING:
    from locus_dbt.engine.session import Session


def build_started(
    session: Session, run: str, model: str, *, node: str | None = None, invocation: str | None = None
) -> None:
    """Record that a build is about to run; E401 when it cannot be recorded."""
    started = StartedBuild(run, model_key(model), node, invocation)
    log = EventLog(session.runner.store, run, codec=session.runner.codec)
    log.emit("locus.build.started", model=started.model, node=node, invocation=invocation)
    session.builds[node or started.model] = started


def build_ended(session: Session, name: str, error: str | None = None) -> None:
    """Record how the build of a node or model ended; nothing for one that had not started."""
    started = session.builds.pop(name, None) or session.builds.pop(model_key(name), None)
    if started is None:
        return
    log = EventLog(session.runner.store, started.run, codec=session.runner.codec)
    model, node, invocation = started.model, started.node, started.invocation
    if error is None:
        log.emit("locus.build.finished", model=model, node=node, invocation=invocation)
    else:
        log.emit("locus.build.failed", model=model, node=node, invocation=invocation, reason=error)


def builds_ended(session: Session) -> Callable[[str], str]:
    """The function that the dbt package calls after all models: ``[{"node", "error"}]``."""

    def _end(arguments: str) -> str:
        for result in json.loads(arguments):
            build_ended(session, result["node"], result.get("error"))
        return "{}"

    return _end
