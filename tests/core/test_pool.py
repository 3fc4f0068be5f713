"""The pool of worker processes: whatever a document does to its worker, the run goes on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from locus_dbt.core import pool as module
from locus_dbt.core.event_keys import without_keys
from locus_dbt.core.executor import Job, Outcome, Request
from locus_dbt.core.pool import LocalExecutor, PoolLimits, Worker, WorkerPool
from locus_dbt.core.registry import registry
from locus_dbt.core.settings import load_settings
from tests.conftest import MISBEHAVE, write_pdf

_LIMITS = PoolLimits(workers=1, memory_mb=700, timeout_seconds=30, recycle_after=500)


def _job(fail: str = "never") -> Job:
    image = registry().image("acme-totals")
    columns = {c.name: c.type for c in image.manifest.emits.outputs["totals"].columns}
    params = {"word": "Total", "most": 10, "fail": fail}
    return Job(image.module, columns, params, accepts=("application/pdf",), image="acme-totals")


@pytest.fixture
def good(tmp_path: Path) -> Request:
    path = write_pdf(tmp_path / "good.pdf", ["Total 1.00"])
    return Request("good", "good.pdf", str(path), "")


@pytest.fixture
def bad(tmp_path: Path) -> Request:
    path = write_pdf(tmp_path / "bad.pdf", ["Total 1.00"], tail=MISBEHAVE)
    return Request("bad", "bad.pdf", str(path), "")


@pytest.fixture
def pool(third_party: Path) -> Iterator[Callable[[PoolLimits], WorkerPool]]:
    made: list[WorkerPool] = []

    def make(limits: PoolLimits) -> WorkerPool:
        made.append(WorkerPool(limits))
        return made[-1]

    yield make
    for one in made:
        one.close()


def _reject(outcome: Outcome) -> dict[str, Any]:
    assert not outcome.rows
    (reject,) = outcome.rejects
    return dict(reject)


@pytest.mark.criterion("D4", "R1.3")
def test_a_document_comes_back_as_arrow(pool: Any, good: Request) -> None:
    outcome = pool(_LIMITS).submit(_job(), good).result()
    assert outcome.rows
    assert outcome.spans
    assert outcome.facts["rows"] == 1
    assert outcome.facts["pages"] == 1


@pytest.mark.criterion("S5")
@pytest.mark.parametrize(
    ("fail", "code", "part", "final"),
    [
        ("crash", "E207", "bad.pdf ended the worker process (status 7)", False),
        ("memory", "E206", "over the memory limit", False),
        ("raise", "E209", "image 'acme-totals' raised RuntimeError: on purpose", True),
    ],
)
@pytest.mark.skipif(sys.platform == "win32", reason="memory is not limited on Windows")
def test_what_one_document_does_is_a_reject(
    pool: Any, good: Request, bad: Request, fail: str, code: str, part: str, *, final: bool
) -> None:
    workers = pool(_LIMITS)
    first, second, third = (workers.submit(_job(fail), r) for r in (good, bad, good))
    reject = _reject(second.result())
    assert reject["code"] == code
    assert part in reject["message"]
    assert second.result().final is final
    assert first.result().rows == third.result().rows != b""


def test_a_document_gets_time_for_the_pages_it_is_done_with(pool: Any, bad: Request) -> None:
    """Three and a half seconds of work with a limit of two: it says now and then that pages are done."""
    outcome = pool(PoolLimits(1, 700, 2.0, 500)).submit(_job("slow"), bad).result()
    assert outcome.rows, outcome.rejects


@pytest.mark.criterion("V6")
@pytest.mark.parametrize(
    ("does", "needs"),
    [
        ("network", "network"),
        ("resolve", "network"),
        ("program", "subprocess"),
        ("write", "files"),
        ("remove", "files"),
    ],
)
def test_an_image_cannot_do_what_it_does_not_declare(
    pool: Any, good: Request, bad: Request, does: str, needs: str
) -> None:
    workers = pool(_LIMITS)
    reject = _reject(workers.submit(_job(does), bad).result())
    assert reject["code"] == "E209"
    assert f"needs the capability '{needs}', which the image does not declare" in reject["message"]
    assert workers.submit(_job(), good).result().rows


@pytest.mark.criterion("V6")
@pytest.mark.skipif(sys.platform != "linux", reason="other systems have the audit hook only")
def test_a_worker_has_no_network_at_all() -> None:
    """Not even code that no hook sees can reach anything: the process has no interface."""
    code = (
        "import sys; from locus_dbt.core.envelope import leave_network; left = leave_network()\n"
        "print(left, [l.split(':')[0].strip() for l in open('/proc/net/dev').readlines()[2:]])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    if not done.stdout.startswith("True"):
        pytest.skip("this system gives ordinary processes no namespace of their own")
    assert done.stdout.strip() == "True ['lo']"


def test_a_hang_ends_at_the_time_limit(pool: Any, good: Request, bad: Request) -> None:
    workers = pool(PoolLimits(1, 700, 2.0, 500))
    workers.submit(_job(), good).result()
    started = time.monotonic()
    outcome = workers.submit(_job("hang"), bad).result()
    assert time.monotonic() - started < 10
    assert _reject(outcome)["code"] == "E206"
    assert "took longer than 2 s" in _reject(outcome)["message"]
    assert _reject(outcome)["hint"] == "raise timeout_seconds"
    assert not outcome.final
    assert workers.submit(_job(), good).result().rows


def test_workers_are_recycled(pool: Any, good: Request, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[Worker] = []

    class Counted(Worker):
        def __init__(self, limits: PoolLimits) -> None:
            super().__init__(limits)
            started.append(self)

    monkeypatch.setattr(module, "Worker", Counted)
    workers = pool(PoolLimits(1, 700, 30.0, 2))
    for _ in range(4):
        assert workers.submit(_job(), good).result().rows
    assert len(started) == 2
    assert not any(worker.alive for worker in started)


@pytest.mark.skipif(sys.platform == "win32", reason="needs signals")
def test_a_worker_that_is_killed_from_outside_is_replaced(pool: Any, good: Request, bad: Request) -> None:
    workers = pool(_LIMITS)
    workers.submit(_job(), good).result()
    (worker,) = [w for w in workers._idle.queue if w is not None]
    waiting = workers.submit(_job("hang"), bad)
    time.sleep(0.5)
    os.kill(worker._process.pid, signal.SIGKILL)
    assert _reject(waiting.result())["code"] == "E207"
    assert workers.submit(_job(), good).result().rows


@pytest.mark.skipif(sys.platform == "win32", reason="needs signals")
def test_a_worker_that_dies_while_idle_costs_nothing(pool: Any, good: Request) -> None:
    workers = pool(_LIMITS)
    workers.submit(_job(), good).result()
    (worker,) = [w for w in workers._idle.queue if w is not None]
    os.kill(worker._process.pid, signal.SIGKILL)
    worker._process.wait()
    assert workers.submit(_job(), good).result().rows


def test_closing_ends_every_worker(pool: Any, good: Request) -> None:
    workers = pool(_LIMITS)
    workers.submit(_job(), good).result()
    (worker,) = [w for w in workers._idle.queue if w is not None]
    workers.close()
    assert not worker.alive


@pytest.mark.criterion("R5.5")
def test_runs_in_several_threads_share_the_workers(third_party: Path, good: Request, tmp_path: Path) -> None:
    settings = load_settings({"workers": 2, "memory_mb": 701}, root=tmp_path)
    answers: dict[int, list[Outcome]] = {}

    def run(number: int) -> None:
        executor = LocalExecutor(settings)
        executor.prepare(_job())
        executor.execute([Request(f"{number}-{i}", good.filename, good.path, "") for i in range(10)])
        answers[number] = list(executor.collect())

    threads = [threading.Thread(target=run, args=(n,)) for n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert {n: sorted(o.key for o in found) for n, found in answers.items()} == {
        n: sorted(f"{n}-{i}" for i in range(10)) for n in range(3)
    }
    shared = module.shared_pool(PoolLimits.of(settings))
    assert len([w for w in shared._idle.queue if w is not None]) <= 2


@pytest.mark.criterion("D4")
def test_the_executor_is_driven_in_order(third_party: Path, good: Request, tmp_path: Path) -> None:
    executor = LocalExecutor(load_settings(root=tmp_path))
    with pytest.raises(ValueError, match="prepare"):
        executor.execute([good])


def test_what_a_document_or_library_prints_does_not_mix_with_the_answers(pool: Any, tmp_path: Path) -> None:
    """A worker answers on standard output; whatever is printed there goes elsewhere."""
    package = tmp_path / "loud_images" / "loud"
    package.mkdir(parents=True)
    (package / "image.py").write_text(
        "import os, sys\n"
        "def extract(document, params, table):\n"
        "    print('hello'); os.write(1, b'raw'); sys.stdout.flush()\n"
        "    table.start_row()\n"
    )
    (package / "__init__.py").touch()
    sys.path.insert(0, str(tmp_path))
    try:
        path = write_pdf(tmp_path / "x.pdf", ["x"])
        job = Job("loud_images.loud", {"a": "VARCHAR"}, {}, accepts=("application/pdf",), image="loud")
        outcome = pool(_LIMITS).submit(job, Request("k", "x.pdf", str(path), "")).result()
    finally:
        sys.path.remove(str(tmp_path))
    assert outcome.facts["rows"] == 1


def test_workers_get_no_keys() -> None:
    given = {
        "PATH": "/bin",
        "OPENAI_API_KEY": "a",
        "AWS_SECRET_ACCESS_KEY": "b",
        "AWS_ACCESS_KEY_ID": "c",
        "DB_PASSWORD": "d",
        "GITHUB_TOKEN": "e",
        "LOCUS_EVENTS_KEY_NEW": "f",
        "KEYBOARD": "de",
        "TOKENIZERS_PARALLELISM": "false",
    }
    assert set(without_keys(given)) == {"PATH", "KEYBOARD", "TOKENIZERS_PARALLELISM"}
