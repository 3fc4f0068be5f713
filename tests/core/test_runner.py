"""Running plans: the cache, resuming, and what may be deleted at any time."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar

import pytest

from locus_dbt.core.events import read_events
from locus_dbt.core.executor import Job, Outcome, Request
from locus_dbt.core.extraction import extract_document
from locus_dbt.core.plan import Plan, make_plan
from locus_dbt.core.registry import registry
from locus_dbt.core.runner import DocumentResult, Runner
from locus_dbt.core.runs import Run, forget_run, summaries
from locus_dbt.core.store import Store
from locus_dbt.errors import InputError
from tests.conftest import REPOSITORY, write_pdf


class InProcess:
    """An executor without processes; it counts what it is handed and can die on the way."""

    interface = 1
    seen: ClassVar[list[str]] = []
    die_after: int | None = None

    def __init__(self, _settings: Any) -> None:
        self._pending: list[Request] = []

    def prepare(self, job: Job) -> None:
        self._job = job

    def execute(self, requests: Sequence[Request]) -> None:
        self._pending += requests

    def collect(self) -> Iterator[Outcome]:
        pending, self._pending = self._pending, []
        for request in pending:
            if InProcess.die_after is not None and len(InProcess.seen) >= InProcess.die_after:
                raise KeyboardInterrupt
            InProcess.seen.append(request.filename)
            yield extract_document(self._job, request)

    def cancel(self) -> None:
        self._pending = []


@pytest.fixture(autouse=True)
def _nothing_seen() -> None:
    InProcess.seen = []
    InProcess.die_after = None


@pytest.fixture
def settings(documents: Path, settings_for: Callable[..., Any], third_party: Path) -> Any:
    return settings_for(documents)


def _plan(settings: Any, *files: str, **more: Any) -> Plan:
    params = more.pop("params", {})
    return make_plan(registry().image("acme-totals"), files or ("**/*.pdf",), params, settings=settings, **more)


def _answers(results: Sequence[DocumentResult]) -> list[Any]:
    """What a user sees: file, rows, spans, rejects."""
    out = []
    for result in results:
        rows, spans = result.table("rows"), result.table("spans")
        out.append(
            (
                result.task.filename,
                rows and rows.to_pylist(),
                spans and spans.to_pylist(),
                [(r["code"], r["message"]) for r in result.rejects],
            )
        )
    return out


def _run(settings: Any, *files: str, **more: Any) -> list[DocumentResult]:
    return Runner(settings, InProcess).run(_plan(settings, *files, **more))


@pytest.mark.criterion("R5.8", "S3")
def test_what_was_read_is_not_read_again(settings: Any) -> None:
    first = _answers(_run(settings))
    assert sorted(InProcess.seen) == ["a.pdf", "b.pdf", "broken.pdf", "sub/c.pdf"]
    assert _answers(_run(settings)) == first
    assert len(InProcess.seen) == 4
    started = [e for e in read_events(Store(settings.store_root)) if e.name == "locus.document.started"]
    assert len(started) == 4


@pytest.mark.criterion("R5.8")
def test_only_what_is_new_or_changed_is_read(settings: Any, documents: Path) -> None:
    _run(settings)
    InProcess.seen = []
    write_pdf(documents / "a.pdf", ["Total 5.00"])
    write_pdf(documents / "new.pdf", ["Total 6.00"])
    (documents / "b.pdf").unlink()
    found = {a[0]: a[1] for a in _answers(_run(settings))}
    assert sorted(InProcess.seen) == ["a.pdf", "new.pdf"]
    assert sorted(found) == ["a.pdf", "broken.pdf", "new.pdf", "sub/c.pdf"]
    assert str(found["a.pdf"][0]["amount"]) == "5.00"


def test_results_come_in_the_order_of_the_plan(settings: Any) -> None:
    plan = _plan(settings)
    assert [r.task for r in Runner(settings).run(plan)] == list(plan.tasks)


def test_copies_are_read_once(settings: Any, documents: Path) -> None:
    shutil.copy(documents / "a.pdf", documents / "copy.pdf")
    answers = {a[0]: a[1:] for a in _answers(_run(settings, "a.pdf", "copy.pdf"))}
    assert answers["a.pdf"] == answers["copy.pdf"]
    assert len(InProcess.seen) == 1


@pytest.mark.criterion("S5", "S3")
def test_an_interrupted_run_goes_on_where_it_was(settings: Any) -> None:
    InProcess.die_after = 2
    with pytest.raises(KeyboardInterrupt):
        _run(settings)
    done = list(InProcess.seen)
    InProcess.seen, InProcess.die_after = [], None
    resumed = _answers(_run(settings))
    assert len(done) == 2
    assert not set(done) & set(InProcess.seen)
    shutil.rmtree(settings.store_root)
    assert _answers(_run(settings)) == resumed


_VICTIM = """
import sys
from pathlib import Path
from locus_dbt.core.plan import make_plan
from locus_dbt.core.registry import registry
from locus_dbt.core.runner import Runner
from locus_dbt.core.settings import load_settings
settings = load_settings({"store": sys.argv[2], "workers": 1}, root=Path(sys.argv[1]))
plan = make_plan(registry().image("acme-totals"), ["*.pdf"], {}, settings=settings)
Runner(settings).run(plan, progress=lambda done, of: print(done, flush=True))
"""


@pytest.mark.criterion("S5")
@pytest.mark.skipif(sys.platform == "win32", reason="needs signals")
def test_a_killed_run_goes_on_where_it_was(third_party: Path, settings_for: Callable[..., Any], tmp_path: Path) -> None:
    folder = tmp_path / "many"
    for i in range(30):
        write_pdf(folder / f"{i:02d}.pdf", [f"Total {i}.00"], pages=3)
    settings = settings_for(folder)
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(REPOSITORY), str(third_party)])}
    command = [sys.executable, "-c", _VICTIM, str(folder), str(settings.store_root)]
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, start_new_session=True) as process:
        assert process.stdout is not None
        for _ in range(5):
            process.stdout.readline()
        os.killpg(process.pid, signal.SIGKILL)
    kept = len(list(Store(settings.store_root).records("results")))
    assert 5 <= kept < 30
    answers = _answers(_run(settings, "*.pdf"))
    assert len(InProcess.seen) == 30 - kept
    assert [a[1][0]["amount"] for a in answers] == list(range(30))


@pytest.mark.criterion("S6", "S3")
@pytest.mark.parametrize("what", ["", "events", "fingerprints.sqlite", "runs", "summaries", "results", "objects"])
def test_whatever_is_deleted_the_answers_stay(settings: Any, what: str) -> None:
    before = _answers(_run(settings))
    victim = settings.store_root / what
    if victim.is_dir():
        shutil.rmtree(victim)
    else:
        victim.unlink(missing_ok=True)
    assert _answers(_run(settings)) == before
    expected = 8 if what in ("", "results", "objects") else 4
    assert len(InProcess.seen) in (expected, 7 if what == "objects" else expected)


@pytest.mark.criterion("S1", "S5")
@pytest.mark.parametrize("damage", [b"", b"not arrow", None])
def test_a_damaged_object_is_made_again(settings: Any, damage: bytes | None) -> None:
    before = _answers(_run(settings))
    store = Store(settings.store_root)
    for _, record in store.records("results"):
        if record["rows"]:
            path = store.object_path(record["rows"])
            data = bytearray(path.read_bytes())
            data[len(data) // 2] ^= 1
            path.write_bytes(bytes(data) if damage is None else damage)
    assert _answers(_run(settings)) == before


@pytest.mark.criterion("E11.5", "E11.4", "E1.5")
def test_a_run_with_one_good_document_succeeded(settings: Any) -> None:
    _run(settings)
    (summary,) = summaries(Store(settings.store_root))
    assert summary["state"] == "succeeded"
    assert summary["counts"] == {"documents": 4, "rejected": 1, "rejects": 1, "rows": 4, "succeeded": 3}
    assert [f["filename"] for f in summary["failed"]] == ["broken.pdf"]
    assert summary["failed"][0]["code"] == "E203"


@pytest.mark.criterion("E11.5")
def test_a_run_without_a_good_document_failed(settings: Any) -> None:
    assert [a[1] for a in _answers(_run(settings, "broken.pdf"))] == [None]
    (summary,) = summaries(Store(settings.store_root))
    assert summary["state"] == "failed"


@pytest.mark.criterion("E11.1", "E11.2", "V1", "D5")
def test_every_document_leaves_its_events(settings: Any) -> None:
    _run(settings)
    events = list(read_events(Store(settings.store_root)))
    assert events[0].name == "locus.run.started"
    assert events[-1].name == "locus.run.finished"
    assert events[-1].data["documents"] == 4
    by_file: dict[str, list[str]] = {}
    for event in events:
        by_file.setdefault(event.data.get("filename", ""), []).append(event.name)
    assert by_file["a.pdf"] == ["locus.document.started", "locus.document.finished"]
    assert by_file["broken.pdf"] == ["locus.document.started", "locus.document.rejected"]
    rejected = next(e for e in events if e.name == "locus.document.rejected")
    assert rejected.data["code"] == "E203"
    assert rejected.data["reason"]
    finished = next(e for e in events if e.name == "locus.document.finished")
    assert finished.data["seconds"] > 0


@pytest.mark.criterion("V1")
def test_the_event_is_written_before_the_document_is_read(settings: Any) -> None:
    log_at_reading: list[list[str]] = []

    class Watching(InProcess):
        def execute(self, requests: Sequence[Request]) -> None:
            events = read_events(Store(settings.store_root))
            log_at_reading.append([e.data["filename"] for e in events if e.name == "locus.document.started"])
            super().execute(requests)

    Runner(settings, Watching).run(_plan(settings))
    assert [sorted(names) for names in log_at_reading] == [["a.pdf", "b.pdf", "broken.pdf", "sub/c.pdf"]]


def test_the_first_reject_is_raised_when_errors_are_not_ignored(settings: Any) -> None:
    with pytest.raises(InputError, match=r"\[E203\].*broken\.pdf"):
        _run(settings, ignore_errors=False)
    assert len(_run(settings, "a.pdf", "b.pdf", ignore_errors=False)) == 2


def test_what_may_end_otherwise_is_not_kept(settings: Any, documents: Path) -> None:
    plan = _plan(settings, "a.pdf")
    write_pdf(documents / "a.pdf", ["Total 1.00"])
    (result,) = Runner(settings, InProcess).run(plan)
    assert result.rejects[0]["code"] == "E208"
    assert not list(Store(settings.store_root).records("results"))


@pytest.mark.criterion("S7")
def test_the_state_of_a_shard_only_moves_forward(settings: Any) -> None:
    run = Run(Store(settings.store_root), _plan(settings))
    assert run.state(0) == "planned"
    assert run.advance(0, "started")
    assert not run.advance(0, "started")
    assert run.advance(0, "done")
    assert run.state(0) == "done"
    run.advance(0, "started")
    assert run.state(0) == "done"
    for wrong in ("planned", "undone"):
        with pytest.raises(ValueError, match="not a state"):
            run.advance(0, wrong)


@pytest.mark.criterion("S3", "S4", "S11", "S7")
def test_a_run_is_found_by_its_records_and_may_be_thrown_away(settings: Any) -> None:
    before = _answers(_run(settings))
    store = Store(settings.store_root)
    ((run, record),) = store.records("runs")
    assert record["image"] == "acme-totals"
    assert [len(s) for s in record["shards"]] == [4]
    assert store.get(record["snapshot"])
    forget_run(store, run)
    assert not list(store.records("runs"))
    assert not list(summaries(store))
    assert _answers(_run(settings)) == before
    assert len(InProcess.seen) == 4


def test_a_run_with_nothing_new_writes_nothing(settings: Any) -> None:
    _run(settings)
    before = sorted(p for p in settings.store_root.rglob("*") if p.is_file())
    _run(settings)
    assert sorted(p for p in settings.store_root.rglob("*") if p.is_file()) == before


@pytest.mark.criterion("S9", "S10")
def test_outputs_are_objects_under_a_record_and_diagnostics_lie_beside_them(settings: Any) -> None:
    _run(settings)
    store = Store(settings.store_root)
    records = [record for _, record in store.records("results")]
    assert len(records) == 4
    for record in records:
        assert set(record) >= {"key", "sha256", "rejects", "facts", "rows", "spans", "version"}
        assert (record["rows"] is None) is bool(record["rejects"])
        for name in ("rows", "spans"):
            assert record[name] is None or store.get(record[name])
