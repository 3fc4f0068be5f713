"""The local executor: a pool of worker processes, started as a module, recycled, bounded, replaced when they die."""

from __future__ import annotations

import atexit
import contextlib
import os
import queue
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

from locus_dbt.core.event_keys import without_keys
from locus_dbt.core.executor import Job, Outcome, Part, Request, Tick
from locus_dbt.core.settings import Settings
from locus_dbt.core.worker import read_frame, write_frame

#: Time a new worker may take to import what it needs.
_START_SECONDS = 60.0
#: Further time that a document gets for each page it is done with, so that long documents are not hangs.
_SECONDS_A_PAGE = 0.2

OnPart = Callable[[Part], None]


@dataclass(frozen=True, slots=True)
class PoolLimits:
    """What a pool is made for; pools with equal limits are shared within a process."""

    workers: int
    memory_mb: int
    timeout_seconds: float
    recycle_after: int
    network: bool = False

    @classmethod
    def of(cls, settings: Settings, *, network: bool = False) -> PoolLimits:
        """The limits in the settings; ``network``: the workers keep it."""
        return cls(settings.worker_count, settings.memory_mb, settings.timeout_seconds, settings.recycle_after, network)


class Worker:
    """One process. ``ask`` never raises for a document."""

    def __init__(self, limits: PoolLimits) -> None:
        self.limits = limits
        self.served = 0
        package = str(Path(__file__).parent.parent.parent)
        self._scratch = tempfile.TemporaryDirectory(prefix="locus-worker-", ignore_cleanup_errors=True)
        path = os.pathsep.join([package, os.environ.get("PYTHONPATH", "")]).rstrip(os.pathsep)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "locus_dbt.core.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={
                **without_keys(os.environ),
                "PYTHONPATH": path,
                "OMP_NUM_THREADS": "1",
                "OPENBLAS_NUM_THREADS": "1",
                "TMPDIR": self._scratch.name,
            },
        )
        self._timed_out = False
        setup = {
            "path": sys.path,
            "memory_mb": limits.memory_mb,
            "network": limits.network,
            "scratch": self._scratch.name,
        }
        self._exchange(setup, _START_SECONDS)

    @property
    def alive(self) -> bool:
        """Whether the process still runs and was not told to end."""
        return not self._timed_out and self._process.poll() is None

    def ask(self, job: Job, request: Request, on_part: OnPart | None = None) -> Outcome:
        """One document; a death or a time-out of the process is a reject."""
        self.served += 1
        seconds = self.limits.timeout_seconds
        try:
            outcome = self._exchange((job, request), seconds, on_part)
        except Exception:  # noqa: BLE001 - whatever came, the pipe is out of step: this worker is done
            self.close()
            if self._timed_out:
                return _lost(request, "E206", f"took longer than {seconds:g} s", "raise timeout_seconds")
            status = self._process.returncode
            return _lost(request, "E207", f"ended the worker process (status {status})", "the file may be hostile")
        assert isinstance(outcome, Outcome)
        return outcome

    def close(self) -> None:
        """End the process."""
        with contextlib.suppress(OSError):
            if self._process.stdin:
                self._process.stdin.close()
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        if self._process.stdout:
            self._process.stdout.close()
        self._scratch.cleanup()

    def _exchange(self, message: object, seconds: float, on_part: OnPart | None = None) -> object:
        """Send and wait; a deadline that kills the process turns a hang into the end of the pipe, on every platform."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with _Deadline(seconds, self._kill) as deadline:
            write_frame(self._process.stdin, message)
            while True:
                answer = read_frame(self._process.stdout)
                if isinstance(answer, Tick):
                    deadline.extend(answer.pages * _SECONDS_A_PAGE)
                elif isinstance(answer, Part):
                    if on_part is not None:
                        on_part(answer)
                else:
                    return answer

    def _kill(self) -> None:
        self._timed_out = True
        self._process.kill()


class _Deadline:
    """Does something when the time is over, unless it is left before; the time can be extended."""

    def __init__(self, seconds: float, action: Callable[[], None]) -> None:
        self._end = time.monotonic() + seconds
        self._action = action
        self._left = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._left.set()
        self._thread.join()  # an action that comes now must not hit the next document

    def extend(self, seconds: float) -> None:
        """Give more time."""
        self._end += seconds

    def _watch(self) -> None:
        while (left := self._end - time.monotonic()) > 0:
            if self._left.wait(left):
                return
        self._action()


class WorkerPool:
    """Workers shared by all runs of this process; started when first needed."""

    def __init__(self, limits: PoolLimits) -> None:
        self.limits = limits
        self._idle: queue.LifoQueue[Worker | None] = queue.LifoQueue()
        for _ in range(limits.workers):
            self._idle.put(None)
        self._threads = ThreadPoolExecutor(limits.workers, thread_name_prefix="locus-pool")
        self._closed = False

    def submit(self, job: Job, request: Request, on_part: OnPart | None = None) -> Future[Outcome]:
        """Queue one document; ``on_part`` is called from a thread of the pool."""
        return self._threads.submit(self._serve, job, request, on_part)

    def close(self) -> None:
        """End all workers; queued documents are given up."""
        self._closed = True
        self._threads.shutdown(wait=False, cancel_futures=True)
        while True:
            try:
                worker = self._idle.get_nowait()
            except queue.Empty:
                return
            if worker is not None:
                worker.close()

    def _serve(self, job: Job, request: Request, on_part: OnPart | None) -> Outcome:
        worker = self._idle.get()
        try:
            if worker is None or not worker.alive:
                worker = Worker(self.limits)
            outcome = worker.ask(job, request, on_part)
            if not worker.alive or worker.served >= self.limits.recycle_after or outcome.spent:
                worker.close()
                worker = None
        except (OSError, EOFError) as error:
            worker = None
            return _lost(request, "E207", f"could not start a worker process: {error}", "see memory_mb")
        finally:
            if self._closed and worker is not None:
                worker.close()
                worker = None
            self._idle.put(worker)
        return outcome


_pools: dict[PoolLimits, WorkerPool] = {}
_lock = threading.Lock()


def shared_pool(limits: PoolLimits) -> WorkerPool:
    """The process's pool for these limits."""
    with _lock:
        if limits not in _pools:
            _pools[limits] = WorkerPool(limits)
        return _pools[limits]


@atexit.register
def close_pools() -> None:
    """End every worker of this process."""
    with _lock:
        for pool in _pools.values():
            pool.close()
        _pools.clear()


class LocalExecutor:
    """The executor on this machine's processes."""

    interface = 1

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._pool = shared_pool(PoolLimits.of(settings))
        self._job: Job | None = None
        self._pending: list[Future[Outcome]] = []
        self._arrived: queue.SimpleQueue[Outcome | Part] = queue.SimpleQueue()
        self._awaited = 0

    def prepare(self, job: Job) -> None:
        """Take the job; images that may use the network have workers of their own."""
        self._job = job
        if "network" in job.capabilities:
            self._pool = shared_pool(PoolLimits.of(self._settings, network=True))

    def execute(self, requests: Sequence[Request]) -> None:
        """Queue documents on the shared workers."""
        if self._job is None:
            raise ValueError("prepare() comes before execute()")
        for request in requests:
            future = self._pool.submit(self._job, request, self._arrived.put)
            self._awaited += 1
            self._pending.append(future)
            future.add_done_callback(partial(self._done, request))

    def _done(self, request: Request, future: Future[Outcome]) -> None:
        if future.cancelled():
            return
        error = future.exception()
        what = f"could not be handed to a worker process: {error}"
        self._arrived.put(future.result() if error is None else _lost(request, "E207", what, "run again"))

    def collect(self) -> Iterator[Outcome | Part]:
        """Outcomes as they come; until the last one has, :meth:`cancel` reaches what has not started."""
        while self._awaited:
            item = self._arrived.get()
            self._awaited -= isinstance(item, Outcome)
            yield item
        self._pending = []

    def cancel(self) -> None:
        """Take back what has not started."""
        for future in self._pending:
            future.cancel()


def _lost(request: Request, code: str, what: str, fix: str) -> Outcome:
    reject = {"code": code, "message": f"{request.filename} {what}", "hint": fix}
    return Outcome(request.key, rejects=(reject,), final=False)
