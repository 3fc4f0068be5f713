"""What one database's Locus functions share: settings, runner, the plans that bound SQL refers to, rejects."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from locus_dbt.core.builder import SPAN_SCHEMA
from locus_dbt.core.params import canonical
from locus_dbt.core.plan import Plan, Task
from locus_dbt.core.read_options import options_state
from locus_dbt.core.runner import DocumentResult, Runner
from locus_dbt.core.settings import Settings
from locus_dbt.core.span_layout import Packed, joined, pack, packed_of
from locus_dbt.model.errors import RunError

if TYPE_CHECKING:
    import duckdb

#: Plans kept for SQL that was bound and not yet executed.
_PLANS_KEPT = 512


@dataclass(frozen=True, slots=True)
class StartedBuild:
    """A build between its events: its run, model, node and dbt invocation."""

    run: str
    model: str
    node: str | None
    invocation: str | None


class Session:
    """State behind the functions of one database; safe for threads."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
        self.connection = connection
        self.settings = settings
        self.runner = Runner(settings)
        self.progress: Callable[[int, int], None] | None = None
        self._plans: OrderedDict[str, Plan] = OrderedDict()
        self._quiet: set[str] = set()
        self._done: dict[str, int] = {}
        #: By content hash, path and scan: the columns that DuckDB finds.
        self.described: dict[tuple[str, str, str], dict[str, str]] = {}
        #: By dbt node, or by model outside dbt: the builds that have started and not ended.
        self.builds: dict[str, StartedBuild] = {}
        self._rejects: OrderedDict[tuple[str, str], list[dict[str, Any]]] = OrderedDict()
        self._packed: tuple[tuple[str, tuple[str, ...]], Packed] | None = None
        self._lock = threading.Lock()

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """A second connection to the same database; it sees committed data only."""
        return self.connection.cursor()

    def disclosures(self) -> list[str]:
        """What is to be said of the full mode before a run; empty in the degraded one. E110 without consent."""
        judge = self.runner.judge
        if judge is None:
            return []
        return [
            f"locus: grounding.mode is full, but {judge}" if isinstance(judge, str) else f"locus: {judge.disclosure}"
        ]

    @cached_property
    def duckdb_version(self) -> str:
        """Of the DuckDB that this session is attached to."""
        import duckdb  # noqa: PLC0415 - imported by the session's owner already

        return str(duckdb.__version__)

    @cached_property
    def uuid_of_number(self) -> bool:
        """Whether this DuckDB casts a number to a UUID."""
        import duckdb  # noqa: PLC0415 - imported by the session's owner already

        with self.cursor() as cursor, suppress(duckdb.Error):
            cursor.execute("SELECT CAST(0::UHUGEINT AS UUID)").fetchall()
            return True
        return False

    def keep(self, plan: Plan, *, quiet: bool = False) -> str:
        """Keep a plan for later execution; equal plans have equal tokens. ``quiet``: its rejects are not remembered."""
        about = canonical({"params": dict(plan.params), "ignore": plan.ignore_errors, "output": plan.output_name})
        about += options_state(plan.options) + plan.threshold.state
        unread = canonical({"u": [u.filename for u in plan.unreadable]})
        token = hashlib.sha256(f"{plan.image.digest}{about}{plan.snapshot_id}{unread}{quiet}".encode()).hexdigest()[:32]
        with self._lock:
            self._plans[token] = plan
            self._plans.move_to_end(token)
            if quiet:
                self._quiet.add(token)
            while len(self._plans) > _PLANS_KEPT:
                self._quiet.discard(self._plans.popitem(last=False)[0])
        return token

    def plan(self, token: str) -> Plan:
        """The plan of a token."""
        with self._lock:
            if token not in self._plans:
                raise RunError("the plan of this statement is gone", code="E402", fix="prepare the statement again")
            return self._plans[token]

    def results(self, token: str, filenames: Sequence[str]) -> list[DocumentResult]:
        """Results of some of a plan's documents, running what the cache lacks."""
        plan = self.plan(token)
        tasks = [plan.by_filename[name] for name in filenames]
        return self.run(plan, tasks, quiet=token in self._quiet)

    def packed(self, token: str, filenames: Sequence[str]) -> Packed:
        """The spans of some of a plan's documents in their stored form; the last answer is kept for the next part."""
        asked = (token, tuple(filenames))
        with self._lock:
            if self._packed is not None and self._packed[0] == asked:
                return self._packed[1]
        packed = stored_form(self.results(token, filenames))
        with self._lock:
            self._packed = asked, packed
        return packed

    def run(self, plan: Plan, tasks: Sequence[Task] | None = None, *, quiet: bool = False) -> list[DocumentResult]:
        """Run and remember rejects, unless ``quiet``."""
        results = self.runner.run(plan, tasks, progress=self._whole_progress(plan))
        with self._lock:
            self._done[plan.snapshot_id] = self._done.get(plan.snapshot_id, 0) + len(results)
        if not quiet:
            self.remember(plan, results)
        return results

    def _whole_progress(self, plan: Plan) -> Callable[[int, int], None] | None:
        """Progress over the whole plan: DuckDB asks for some two thousand documents at a time."""
        show = self.progress
        if show is None:
            return None
        total = len(plan.tasks)
        before = self._done.get(plan.snapshot_id, 0) % max(total, 1)
        return lambda done, _: show(before + done, total)

    def remember(self, plan: Plan, results: Sequence[DocumentResult]) -> None:
        """Keep rejects for ``locus_rejects()``."""
        name = plan.image.manifest.name
        with self._lock:
            for result in results:
                if result.rejects:
                    self._rejects[name, result.task.filename] = reject_rows(result)
                else:
                    self._rejects.pop((name, result.task.filename), None)
            for source in plan.unreadable:
                row = {"filename": source.filename, "code": source.code, "message": source.message, "hint": source.hint}
                self._rejects[name, source.filename] = [row]

    def rejects(self) -> list[tuple[str, dict[str, Any]]]:
        """Image and reject row of everything refused in this session."""
        with self._lock:
            return [(image, row) for (image, _), rows in self._rejects.items() for row in rows]


def stored_form(results: Sequence[DocumentResult]) -> Packed:
    """The spans of documents as they are stored: those of long documents are packed already, the rest at once."""
    out: list[Packed] = []
    waiting: list[pa.Table] = []
    for result in results:
        ready = result.packed()
        if ready is None:
            table = result.table("spans")
            waiting.append(SPAN_SCHEMA.empty_table() if table is None else table)
            continue
        if waiting:
            out.append(pack(waiting))
            waiting = []
        out.append(packed_of(ready))
    if waiting or not out:
        out.append(pack(waiting or [SPAN_SCHEMA.empty_table()]))
    return joined(out)


def reject_rows(result: DocumentResult) -> list[dict[str, Any]]:
    """A document's rejects as rows of ``REJECT_COLUMNS``, with the number of the ``row`` of a refused cell."""
    rows = []
    for reject in result.rejects:
        box = reject.get("box") or [None] * 4
        kept = {k: reject.get(k) for k in ("code", "message", "hint", "column_name", "page", "place", "raw", "row")}
        rows.append({"filename": result.task.filename, **kept, "x0": box[0], "y0": box[1], "x1": box[2], "y1": box[3]})
    return rows
