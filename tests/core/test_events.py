"""The event log: append-only, written first, one destination cannot hurt another."""

from __future__ import annotations

import dataclasses
import json
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest

from locus_dbt.core.events import EventLog, log_event, read_entries, read_events
from locus_dbt.core.store import Store
from locus_dbt.errors import RunError
from locus_dbt.model.event import Event
from tests.conftest import REPOSITORY


@pytest.mark.criterion("V2")
def test_events_are_frozen_named_and_versioned() -> None:
    event = Event("locus.document.started", "r", "2026-01-01T00:00:00+00:00")
    assert event.version == 1
    with pytest.raises(dataclasses.FrozenInstanceError):
        event.name = "locus.other.thing"  # type: ignore[misc]
    for name in ("started", "locus.started", "other.document.started", "locus.Document.started"):
        with pytest.raises(ValueError, match="not an event name"):
            Event(name, "r", "now")


@pytest.mark.criterion("V1", "E11.1")
def test_the_log_holds_events_in_the_order_written(tmp_path: Path) -> None:
    store = Store(tmp_path)
    log = EventLog(store, "run1", destinations=())
    log.emit("locus.document.started", filename="ä.pdf")
    log.emit("locus.document.finished", filename="ä.pdf", seconds=0.5)
    EventLog(store, "run2", destinations=()).emit("locus.document.started", filename="b.pdf")
    found = list(read_events(store, "run1"))
    assert [e.name for e in found] == ["locus.document.started", "locus.document.finished"]
    assert found[0].data == {"filename": "ä.pdf"}
    assert found[0].at.endswith("+00:00")
    assert len(list(read_events(store))) == 3


@pytest.mark.criterion("V1")
def test_the_log_is_written_before_any_destination_sees_the_event(tmp_path: Path) -> None:
    store = Store(tmp_path)
    at_the_time: list[int] = []
    log = EventLog(store, "r", destinations=[lambda _event: at_the_time.append(len(list(read_events(store))))])
    log.emit("locus.document.started")
    log.emit("locus.document.finished")
    assert at_the_time == [1, 2]


@pytest.mark.criterion("V1")
def test_a_failing_destination_is_recorded_and_left_out(tmp_path: Path) -> None:
    store = Store(tmp_path)
    seen: list[str] = []
    calls: list[str] = []

    def broken(event: Event) -> None:
        calls.append(event.name)
        raise OSError("disk full")

    log = EventLog(store, "r", destinations=[broken, lambda event: seen.append(event.name)])
    log.emit("locus.document.started")
    log.emit("locus.document.finished")
    assert seen == ["locus.document.started", "locus.document.finished"]
    assert calls == ["locus.document.started"]
    failed = [e for e in read_events(store) if e.name == "locus.destination.failed"]
    assert [e.data for e in failed] == [{"label": "broken", "reason": "disk full"}] or [
        e.data["reason"] for e in failed
    ] == ["disk full"]


@pytest.mark.criterion("S12", "V2")
def test_lines_of_another_form_are_passed_over(tmp_path: Path) -> None:
    store = Store(tmp_path)
    log = EventLog(store, "r", destinations=())
    log.emit("locus.document.started")
    (day,) = (tmp_path / "events").glob("*.jsonl")
    newer = {"name": "locus.document.seen", "run": "r", "at": "2026", "version": 7, "data": {}, "extra": 1}
    with day.open("a") as file:
        file.write('{"name": "locus.torn\n[1]\n{"name": 5}\n\n' + json.dumps(newer) + "\n")
    assert [(e.name, e.version) for e in read_events(store)] == [
        ("locus.document.started", 1),
        ("locus.document.seen", 7),
    ]


@pytest.mark.criterion("V2")
def test_no_destination_can_change_an_event_for_the_next(tmp_path: Path) -> None:
    seen: list[dict[str, object]] = []

    def meddling(event: Event) -> None:
        event.data["filename"] = "other.pdf"  # type: ignore[index]

    log = EventLog(Store(tmp_path), "r", destinations=[meddling, lambda event: seen.append(event.record())])
    log.emit("locus.document.started", filename="a.pdf")
    assert seen[-1]["data"] == {"filename": "a.pdf"}


@pytest.mark.criterion("V1")
def test_what_cannot_be_logged_does_not_happen(tmp_path: Path) -> None:
    (tmp_path / "events").write_text("a file where the folder should be")
    happened: list[Event] = []
    with pytest.raises(RunError) as caught:
        EventLog(Store(tmp_path), "r", destinations=[happened.append]).emit("locus.document.started")
    assert caught.value.code == "E401"
    assert not happened


@pytest.mark.criterion("V1")
def test_a_torn_line_costs_itself_only(tmp_path: Path) -> None:
    log = EventLog(Store(tmp_path), "r", destinations=())
    log.emit("locus.document.started")
    (day,) = (tmp_path / "events").glob("*.jsonl")
    with day.open("a") as file:
        file.write('{"name": "locus.document.fin')  # the writer was killed here
    log.emit("locus.document.finished")
    assert [e.state for e in read_entries(Store(tmp_path))] == ["open", "unreadable", "open"]


@pytest.mark.parametrize("name", ["a\u2028b.pdf", "a\x85b.pdf", "a\nb.pdf", "a\udce4b.pdf", "\x0c"])
def test_names_with_line_ends_of_any_kind_are_one_line(tmp_path: Path, name: str) -> None:
    EventLog(Store(tmp_path), "r", destinations=()).emit("locus.document.started", filename=name)
    assert [e.data for e in read_events(Store(tmp_path))] == [{"filename": name}]


def test_positions_count_what_one_writer_wrote(tmp_path: Path) -> None:
    log = EventLog(Store(tmp_path), "r", destinations=())
    log.emit("locus.document.started")
    log.emit("locus.document.finished")
    first, second = (e.position.split(":") for e in read_events(Store(tmp_path)))
    assert first[0] == second[0]
    assert (first[1], second[1]) == ("1", "2")


def test_secrets_under_telling_names_and_in_failures_do_not_reach_the_log(tmp_path: Path) -> None:
    def broken(event: Event) -> None:
        raise OSError("postgres://me:hunter22@host is away")

    log = EventLog(Store(tmp_path), "r", destinations=[broken])
    log.emit("locus.document.started", params={"password": "hunter22", "api_key": "hunter22", "page": "env:HUNTER"})
    text = "".join(p.read_text() for p in (tmp_path / "events").iterdir())
    assert "hunter22" not in text
    assert "env:HUNTER" in text


def test_secrets_do_not_reach_the_log(tmp_path: Path) -> None:
    store = Store(tmp_path)
    EventLog(store, "r", destinations=()).emit("locus.document.rejected", reason="password: hunter22", n=3)
    assert "hunter22" not in "".join(p.read_text() for p in (tmp_path / "events").iterdir())


def test_secrets_in_nested_data_do_not_reach_the_log(tmp_path: Path) -> None:
    store = Store(tmp_path)
    EventLog(store, "r", destinations=()).emit("locus.document.finished", warnings=["password: hunter22"])
    assert "hunter22" not in "".join(p.read_text() for p in (tmp_path / "events").iterdir())


@pytest.mark.criterion("E11.2", "E11.3")
def test_the_logger_warns_of_rejects_only(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, logger="locus"):
        log_event(Event("locus.document.started", "r", "now"))
        log_event(Event("locus.document.rejected", "r", "now", {"code": "E203", "reason": "damaged"}))
    assert [r.levelname for r in caplog.records] == ["WARNING"]
    assert "E203" in caplog.text


_WRITER = """
import sys
from pathlib import Path
from locus_dbt.core.events import EventLog
from locus_dbt.core.store import Store
log = EventLog(Store(Path(sys.argv[1])), sys.argv[2], ())
for number in range(200):
    log.emit("locus.document.finished", filename="x" * 9000, number=number)
"""


@pytest.mark.criterion("V1")
def test_writers_in_several_processes_write_whole_lines(tmp_path: Path) -> None:
    """Lines of several pages each, so that half a line could be seen."""
    command = [sys.executable, "-c", _WRITER, str(tmp_path)]
    env = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    running = [subprocess.Popen([*command, name], env=env) for name in ("one", "two", "three")]
    assert [process.wait(120) for process in running] == [0, 0, 0]
    text = "".join(p.read_text("utf-8") for p in sorted((tmp_path / "events").iterdir()))
    assert "\n\n" not in text
    found = list(read_events(Store(tmp_path)))
    for name in ("one", "two", "three"):
        assert [e.data["number"] for e in found if e.run == name] == list(range(200))
