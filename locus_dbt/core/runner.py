"""Running a plan: what the cache has is taken, the rest goes to the executor, every outcome is kept at once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import pyarrow as pa

from locus_dbt.core.event_codec import codec_of
from locus_dbt.core.events import EventLog
from locus_dbt.core.executor import Executor, Job, Outcome, Part, Request
from locus_dbt.core.judging import Bench, Judge, find_judge
from locus_dbt.core.plan import Plan, Task
from locus_dbt.core.pool import LocalExecutor
from locus_dbt.core.runs import Run
from locus_dbt.core.settings import Settings
from locus_dbt.core.store import Store
from locus_dbt.core.threshold import RETAIN_ALL, Divided, Threshold, divide
from locus_dbt.model.errors import NEXT_STEPS, InputError, RunError


@dataclass(frozen=True, slots=True)
class Arrival:
    """Rows of a document, some or all of them; ``record`` when it is done.

    ``rejects``: of rows that are left out because a cell of theirs is below the threshold.
    """

    task: Task
    rows: pa.Table | None
    record: dict[str, Any] | None = None
    spans: pa.Table | None = None
    rejects: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True)
class DocumentResult:
    """The result of one document: where its tables lie in the store, its rejects and facts.

    The record is shared by all who ask for the document; the threshold is the asker's, so it is applied here.
    """

    task: Task
    record: dict[str, Any]
    store: Store
    threshold: Threshold = RETAIN_ALL
    bench: Bench | None = None

    @property
    def rejects(self) -> list[dict[str, Any]]:
        """Rejects with code, message, hint and place."""
        found: list[dict[str, Any]] = self.record.get("rejects", [])
        return [*found, *map(dict, self._divided.rejects)] if self._divided else found

    @property
    def pages(self) -> int | None:
        """Pages, for documents that have pages."""
        pages: int | None = self.record.get("facts", {}).get("pages")
        return pages

    @property
    def media_type(self) -> str | None:
        """The detected type."""
        media_type: str | None = self.record.get("facts", {}).get("media_type")
        return media_type

    @property
    def row_count(self) -> int:
        """Rows of the selected output, without those left out."""
        return int(self.record.get("facts", {}).get("rows", 0)) - (self._divided.left_out if self._divided else 0)

    @property
    def facts(self) -> Mapping[str, Any]:
        """What is known of the reading: counts, warnings, seconds."""
        facts: Mapping[str, Any] = self.record.get("facts", {})
        return facts

    def packed(self) -> bytes | None:
        """The spans in their stored form (see span_layout), for long documents that were read at once.

        ``None`` where threshold or judge may make other spans of them.
        """
        if self.threshold.rejects or self.bench is not None:
            return None
        digest = self.record.get("packed")
        return _bytes(self.store, digest) if digest else None

    def table(self, name: str) -> pa.Table | None:
        """``rows`` or ``spans``; ``None`` for a document that gave no rows."""
        if self._divided is not None:
            return self._divided.rows if name == "rows" else self._divided.spans
        return self._whole("rows") if name == "rows" else self._spans()

    def _spans(self) -> pa.Table | None:
        """The spans, judged in the full mode; whoever asks for rows alone makes no model read them."""
        if self.bench is None or not self.record.get("spans"):
            return self._whole("spans")
        whole = self._whole
        return self.bench.judged(self.task.key, lambda: whole("spans"))

    @cached_property
    def _divided(self) -> Divided | None:
        """The tables as the threshold divides them; ``None`` where it leaves nothing out anyway."""
        if not self.threshold.rejects:
            return None
        rows, spans = self._whole("rows"), self._spans()
        return None if rows is None or spans is None else divide(rows, spans, self.threshold)

    def _whole(self, name: str) -> pa.Table | None:
        digest = self.record.get(name)
        if not digest:
            return None
        parts = self.record.get("parts")
        if not parts:
            return _open(self.store, digest)
        return pa.concat_tables([_open(self.store, chunk) for chunk in [*(part[name] for part in parts), digest]])


class Runner:
    """Runs plans against one store."""

    def __init__(self, settings: Settings, executor: Callable[[Settings], Executor] = LocalExecutor) -> None:
        self.settings = settings
        self.store = Store(settings.store_root)
        #: Puts before the user what would be sent, and says whether they agree; where there is nobody to ask, None.
        self.ask: Callable[[str], bool] | None = None
        self._judging = threading.Lock()
        self._judge: list[Judge | str | None] = []
        self._executor = executor
        self.codec = codec_of(settings)
        self._verified: set[str] = set()

    def run(
        self,
        plan: Plan,
        tasks: Sequence[Task] | None = None,
        *,
        progress: Callable[[int, int], None] | None = None,
    ) -> list[DocumentResult]:
        """Results in the order of the tasks (default: all of the plan).

        Raises the first reject as :class:`InputError` when the plan does not ignore errors. Killed and started
        again, it goes on where it was: each outcome is in the store before the next one is taken.
        """
        bench = self.bench(plan)
        wanted = list(plan.tasks if tasks is None else tasks)
        found = {task.key: record for task in wanted if (record := self._cached(task)) is not None}
        missing = {task.key: task for task in wanted if task.key not in found}
        done = 0
        for arrival in self._missing(plan, missing, len(wanted)):
            if arrival.record is not None:
                found[arrival.task.key] = arrival.record
                done += 1
                if progress:
                    progress(done, len(missing))
        results = [DocumentResult(task, found[task.key], self.store, plan.threshold, bench) for task in wanted]
        if not plan.ignore_errors:
            _raise_first(results)
        return results

    def stream(self, plan: Plan) -> Iterator[Arrival]:
        """Rows as they come, those of a long document while it is still being read; what is known comes first.

        The last arrival of a document has its record, with rejects and facts.
        """
        bench = self.bench(plan)
        missing: dict[str, Task] = {}
        for task in plan.tasks:
            record = self._cached(task)
            if record is None:
                missing[task.key] = task
            else:
                known = DocumentResult(task, record, self.store, plan.threshold, bench)
                new = known.rejects[len(record.get("rejects", ())) :]
                yield Arrival(task, known.table("rows"), record, rejects=new)
        for arrival in self._missing(plan, missing, len(plan.tasks)):
            yield _trusted(arrival, plan.threshold, bench)

    @property
    def judge(self) -> Judge | str | None:
        """The judge of the full mode, or why there is none; ``None`` in the degraded mode. One for all threads."""
        with self._judging:
            if not self._judge:
                self._judge.append(find_judge(self.settings, self.store, self.ask))
        return self._judge[0]

    def bench(self, plan: Plan) -> Bench | None:
        """The judge with what it is told of the plan's columns; E110 or E111 before anything is read."""
        judge = self.judge
        if judge is None or isinstance(judge, str):
            return None
        return Bench(judge, self.store, {c.name: (c.type, c.description) for c in plan.output.columns})

    def _missing(self, plan: Plan, missing: dict[str, Task], wanted: int) -> Iterator[Arrival]:
        """One run over what the cache lacks; no run when it lacks nothing."""
        if not missing:
            return
        run = Run(self.store, plan)
        log = EventLog(self.store, run.id, codec=self.codec)
        log.emit("locus.run.started", image=plan.image.manifest.name, documents=wanted, missing=len(missing))
        yield from self._execute(plan, list(missing.values()), run, log)
        summary = run.finish()
        log.emit("locus.run.finished", state=summary["state"], **summary["counts"])

    def _cached(self, task: Task) -> dict[str, Any] | None:
        record = self.store.record("results", task.key)
        if record is None:
            return None
        chunks = [record, *record.get("parts", ())]
        # rows are read next in most cases, so they are hashed now; spans when they are asked for
        whole = all(self._whole(c["rows"]) for c in chunks if c.get("rows"))
        return record if whole and all(self.store.has(c["spans"]) for c in chunks if c.get("spans")) else None

    def _whole(self, digest: str) -> bool:
        """Whether an object is there and undamaged; its bytes are hashed once a process."""
        if digest in self._verified:
            return self.store.object_path(digest).exists()
        if self.store.get(digest) is None:
            return False
        self._verified.add(digest)
        return True

    def _execute(self, plan: Plan, tasks: list[Task], run: Run, log: EventLog) -> Iterator[Arrival]:
        """Shard by shard. The event is written before the document is read, the record after its objects."""
        executor = self._executor(self.settings)
        executor.prepare(job_of(plan, self.settings))
        by_key = {task.key: task for task in tasks}
        shards = _shards(plan, by_key)
        try:
            for number, shard in shards:
                run.advance(number, "started")
                for task in shard:
                    log.emit("locus.document.started", filename=task.filename, sha256=task.sha256)
                executor.execute([Request(t.key, t.filename, t.path, t.sha256) for t in shard])
                parts: dict[str, list[dict[str, str]]] = {}
                for item in executor.collect():
                    if isinstance(item, Part):
                        chunk = {"rows": self.store.put(item.rows), "spans": self.store.put(item.spans)}
                        parts.setdefault(item.key, []).append(chunk)
                        yield Arrival(by_key[item.key], _read(item.rows), spans=_read(item.spans))
                    else:
                        record = self._keep(by_key[item.key], item, parts.pop(item.key, []), run, log)
                        rows, spans = (_read(data) if data else None for data in (item.rows, item.spans))
                        yield Arrival(by_key[item.key], rows, record, spans)
                run.advance(number, "done")
        except BaseException:
            executor.cancel()
            raise

    def _keep(
        self, task: Task, outcome: Outcome, parts: list[dict[str, str]], run: Run, log: EventLog
    ) -> dict[str, Any]:
        record: dict[str, Any] = {
            "key": task.key,
            "sha256": task.sha256,
            "rejects": [{**r, "hint": r.get("hint") or NEXT_STEPS.get(r["code"], "")} for r in outcome.rejects],
            "facts": dict(outcome.facts),
            "rows": self.store.put(outcome.rows) if outcome.rows else None,
            "spans": self.store.put(outcome.spans) if outcome.spans else None,
        }
        if outcome.packed and not parts:
            record["packed"] = self.store.put(outcome.packed)
        if parts and outcome.rows:  # the chunks of a large document, under the manifest that this record is
            record["parts"] = parts
        if outcome.final:
            self.store.put_record("results", task.key, record)
        run.counts["documents"] += 1
        run.counts["rows"] += int(outcome.facts.get("rows", 0))
        run.counts["rejects"] += len(outcome.rejects)
        if outcome.rows:
            run.counts["succeeded"] += 1
            log.emit("locus.document.finished", filename=task.filename, **outcome.facts)
        else:
            first = outcome.rejects[0] if outcome.rejects else {"code": "E209", "message": "no rows and no reason"}
            run.counts["rejected"] += 1
            run.failed.append({"filename": task.filename, "code": first["code"], "message": first["message"]})
            log.emit("locus.document.rejected", filename=task.filename, code=first["code"], reason=first["message"])
        return record


def _trusted(arrival: Arrival, threshold: Threshold, bench: Bench | None) -> Arrival:
    """The arrival without the rows that the threshold leaves out."""
    if not threshold.rejects or arrival.rows is None or arrival.spans is None:
        return arrival
    spans = bench.judge.judge(arrival.spans, bench.columns)[0] if bench else arrival.spans
    divided = divide(arrival.rows, spans, threshold)
    return replace(arrival, rows=divided.rows, spans=divided.spans, rejects=divided.rejects)


def _open(store: Store, digest: str) -> pa.Table:
    return _read(_bytes(store, digest))


def _bytes(store: Store, digest: str) -> bytes:
    data = store.get(digest)
    if data is None:
        raise RunError(f"object {digest} of the store is gone or damaged", code="E402", fix="run again")
    return data


def _read(stream: bytes) -> pa.Table:
    return pa.ipc.open_stream(stream).read_all()


def job_of(plan: Plan, settings: Settings) -> Job:
    """The plan's job as plain data."""
    manifest = plan.image.manifest
    return Job(
        module=plan.image.module,
        columns={c.name: c.type for c in plan.output.columns},
        params=dict(plan.params),
        limits=dict(plan.limits),
        parsers=settings.parsers,
        media_types=settings.media_types,
        accepts=manifest.media_types,
        image=manifest.name,
        options=plan.options,
        capabilities=manifest.capabilities,
        checks=plan.output.checks,
        output=plan.output_name,
    )


def _shards(plan: Plan, missing: dict[str, Task]) -> Iterator[tuple[int, list[Task]]]:
    """The plan's shards with what is missing in each; a document that occurs twice is read once."""
    taken: set[str] = set()
    for number, shard in enumerate(plan.shards):
        rest = []
        for task in shard:
            if task.key in missing and task.key not in taken:
                taken.add(task.key)
                rest.append(missing[task.key])
        if rest:
            yield number, rest


def _raise_first(results: Sequence[DocumentResult]) -> None:
    for result in results:
        if result.rejects:
            first = result.rejects[0]
            raise InputError(first["message"], code=first["code"], fix=first.get("hint") or "ignore_errors := true")
