"""The payload codec: what is sealed opens in its own line with its own key, and nowhere else."""

from __future__ import annotations

import base64
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from locus_dbt.core.event_codec import PayloadCodec, codec_of, reading_codec
from locus_dbt.core.event_keys import KeyRing, variable
from locus_dbt.core.events import EventLog, read_entries, read_events
from locus_dbt.core.settings import load_settings
from locus_dbt.core.store import Store
from locus_dbt.errors import RequestError
from locus_dbt.model.event import Event

pytest.importorskip("cryptography")

_KEYS = {name: base64.b64encode(bytes([number]) * 32).decode() for number, name in enumerate(("may", "june"), 1)}
_HEADER = ("codec", "name", "run", "at", "version", "position")

_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
_events = st.builds(
    Event,
    st.sampled_from(["locus.document.started", "locus.run.finished"]),
    st.text(max_size=8),
    st.datetimes().map(lambda moment: moment.isoformat()),
    st.dictionaries(st.text(max_size=8), _json, max_size=4),
    st.integers(1, 9),
    st.from_regex(r"[0-9a-f]{8}:[1-9]", fullmatch=True),
)


class _Ring(KeyRing):
    """Keys of these tests, independent of the environment."""

    def __init__(self, *names: str) -> None:
        super().__init__()
        self._found = {name: base64.b64decode(_KEYS[name]) if name in names else None for name in _KEYS}


def _sealing(write: str = "june") -> PayloadCodec:
    return PayloadCodec(_Ring("may", "june"), write)


@pytest.fixture(autouse=True)
def _no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("LOCUS_EVENTS"):
            monkeypatch.delenv(name)


@pytest.fixture
def key(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    return lambda name: monkeypatch.setenv(variable(name), _KEYS[name])


# --- what opens ------------------------------------------------------------------------------------------------------


@pytest.mark.criterion("V3")
@given(_events, st.sampled_from([None, "june"]))
@settings(deadline=None)
def test_what_is_written_is_read(event: Event, write: str | None) -> None:
    record = json.loads(PayloadCodec(_Ring("june"), write).to_line(event))
    found = PayloadCodec(_Ring("june")).open(record)
    assert (found.state, found.data) == ("open", dict(event.data))
    assert {name: record[name] for name in _HEADER[1:]} == event.header()
    assert record["codec"] == ("v1:aesgcm:june" if write else "v1:json")


@pytest.mark.criterion("V3")
@given(st.text(min_size=8, alphabet="abcdefghijklmnopqrstuvwxyz"))
@settings(deadline=None)
def test_a_sealed_line_shows_nothing_of_its_data_and_never_repeats(secret: str) -> None:
    event = Event("locus.document.started", "r", "2026", {"filename": secret + ".pdf"}, position="00000000:1")
    first, second = _sealing().to_line(event), _sealing().to_line(event)
    assert secret + ".pdf" not in first
    assert first != second


# --- what does not ---------------------------------------------------------------------------------------------------


@pytest.mark.criterion("V3")
@given(_events, st.data())
@settings(max_examples=200, deadline=None)
def test_any_changed_byte_of_a_payload_is_detected(event: Event, data: st.DataObject) -> None:
    record = json.loads(_sealing().to_line(event))
    payload = bytearray(base64.b64decode(record["data"]))
    payload[data.draw(st.integers(0, len(payload) - 1))] ^= data.draw(st.integers(1, 255))
    record["data"] = base64.b64encode(payload).decode()
    assert _sealing().open(record).state == "damaged"


@pytest.mark.criterion("V3")
@given(_events, st.data())
@settings(max_examples=200, deadline=None)
def test_any_changed_byte_of_a_line_is_detected_or_changes_nothing(event: Event, data: st.DataObject) -> None:
    line = bytearray(_sealing().to_line(event).encode())
    line[data.draw(st.integers(0, len(line) - 1))] ^= data.draw(st.integers(1, 255))
    try:
        record = json.loads(line)
        found = _sealing().open(record)
    except (ValueError, AttributeError):
        return  # no event any more: the listing says unreadable
    if found.state == "open":  # white space, or an escape written otherwise
        assert found.data == dict(event.data)
        assert {name: record.get(name) for name in _HEADER[1:]} == event.header()


@pytest.mark.criterion("V3")
@given(_events, _events)
@settings(deadline=None)
def test_a_payload_does_not_open_in_another_line(one: Event, other: Event) -> None:
    a, b = (json.loads(_sealing().to_line(event)) for event in (one, other))
    a["data"], b["data"] = b["data"], a["data"]
    same = one.header() == other.header()
    assert _sealing().open(a).state == _sealing().open(b).state == ("open" if same else "damaged")


@pytest.mark.criterion("V3")
@given(_events, st.sampled_from(_HEADER), st.data())
@settings(deadline=None)
def test_no_part_of_the_header_can_be_changed(event: Event, name: str, data: st.DataObject) -> None:
    record = json.loads(_sealing().to_line(event))
    before = record[name]
    record[name] = data.draw(st.text(max_size=12) | st.integers() | st.none() | st.booleans())
    if json.dumps(record[name]) != json.dumps(before):
        assert _sealing().open(record).state != "open"
    del record[name]
    assert _sealing().open(record).state != "open"


@given(st.dictionaries(st.sampled_from([*_HEADER, "data"]), _json))
@settings(deadline=None)
def test_no_line_whatever_raises(record: dict[str, Any]) -> None:
    assert _sealing().open(record).state in ("open", "locked", "damaged")


# --- keys ------------------------------------------------------------------------------------------------------------


@pytest.mark.criterion("V3")
def test_keys_rotate_and_old_lines_stay_as_they_are(
    tmp_path: Path, key: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    key("may")
    store = Store(tmp_path)
    EventLog(store, "r", (), codec=PayloadCodec(write="may")).emit("locus.document.started", filename="a.pdf")
    (log,) = (tmp_path / "events").iterdir()
    before = log.read_bytes()
    key("june")
    EventLog(store, "r", (), codec=PayloadCodec(write="june")).emit("locus.document.finished", filename="a.pdf")
    assert log.read_bytes().startswith(before)
    entries = list(read_entries(store, PayloadCodec()))
    assert [(e.state, e.codec) for e in entries] == [("open", "v1:aesgcm:may"), ("open", "v1:aesgcm:june")]
    monkeypatch.delenv(variable("may"))
    locked, still = read_entries(store, PayloadCodec())
    assert (locked.state, still.state) == ("locked", "open")
    assert locked.event is not None
    assert (locked.event.name, dict(locked.event.data)) == ("locus.document.started", {})
    assert variable("may") in locked.reason
    assert [e.name for e in read_events(store)] == ["locus.document.finished"]


@pytest.mark.criterion("V3")
def test_a_key_of_the_same_name_that_is_another_one_opens_nothing() -> None:
    ring = _Ring("june")
    ring._found["june"] = bytes(32)
    record = json.loads(_sealing().to_line(Event("locus.run.started", "r", "2026")))
    assert PayloadCodec(ring).open(record).state == "damaged"


@pytest.mark.criterion("V2", "V3")
def test_a_codec_of_a_later_version_is_locked_and_the_rest_is_read(tmp_path: Path) -> None:
    store = Store(tmp_path)
    log = EventLog(store, "r", ())
    log.emit("locus.document.started")
    newer = {"name": "locus.document.seen", "run": "r", "at": "2026", "version": 3, "codec": "v2:xyz:k", "data": "?"}
    (day,) = (tmp_path / "events").iterdir()
    with day.open("a") as file:
        file.write(json.dumps(newer | {"more": [1]}) + "\n")
    log.emit("locus.document.finished")
    assert [(e.state, e.event and e.event.version) for e in read_entries(store)] == [
        ("open", 1),
        ("locked", 3),
        ("open", 1),
    ]


def test_the_environment_wins_over_the_key_file(tmp_path: Path, key: Callable[[str], None]) -> None:
    file = tmp_path / "keys.env"
    file.write_text(f"# keys\nexport {variable('june')}={_KEYS['may']}\n{variable('may')}='{_KEYS['may']}'\n")
    file.chmod(0o600)
    assert KeyRing(file).find("june") == base64.b64decode(_KEYS["may"])
    assert KeyRing(file).find("july") is None
    key("june")
    assert KeyRing(file).find("june") == base64.b64decode(_KEYS["june"])


@pytest.mark.skipif(os.name != "posix", reason="modes of files")
def test_a_key_file_that_others_may_read_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "keys.env"
    file.write_text(f"{variable('june')}={_KEYS['june']}\n")
    file.chmod(0o644)
    with pytest.raises(RequestError, match="chmod 600"):
        KeyRing(file).find("june")


def test_the_keyring_is_asked_last(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A module named keyring stands for the optional package and its back ends."""
    (tmp_path / "keyring.py").write_text(
        f"def get_password(service, user):\n    return {_KEYS['may']!r} if (service, user) == "
        "('locus-dbt-events', 'june') else None\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "keyring", raising=False)
    assert KeyRing().find("june") == base64.b64decode(_KEYS["may"])
    assert KeyRing().find("may") is None
    monkeypatch.setenv(variable("june"), _KEYS["june"])
    assert KeyRing().find("june") == base64.b64decode(_KEYS["june"])
    sys.modules.pop("keyring", None)


@pytest.mark.parametrize("text", ["short", "%%%", base64.b64encode(bytes(31)).decode(), "é" * 44])
def test_what_is_not_a_key_is_refused_and_not_repeated(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(variable("june"), text)
    with pytest.raises(RequestError) as caught:
        KeyRing().find("june")
    assert variable("june") in str(caught.value)
    assert text not in str(caught.value)


# --- settings --------------------------------------------------------------------------------------------------------


@pytest.mark.criterion("V3")
@pytest.mark.parametrize(
    "part",
    [
        f"key: {_KEYS['june']}",
        f"key: {'ab' * 32}",
        f"keys: {{june: {_KEYS['june']}}}",
        f"june: {_KEYS['june']}",
        "key: 12345678",
    ],
)
def test_a_key_in_the_settings_is_refused_and_not_repeated(part: str, tmp_path: Path) -> None:
    (tmp_path / "locus.yml").write_text(f"events: {{{part}}}\n")
    with pytest.raises(RequestError) as caught:
        load_settings(root=tmp_path)
    assert caught.value.code == "E103"
    assert "locus.yml" in str(caught.value)
    assert _KEYS["june"] not in str(caught.value)
    assert "ab" * 32 not in str(caught.value)


@pytest.mark.criterion("V3")
def test_nothing_is_written_plainly_when_the_key_is_missing(tmp_path: Path, key: Callable[[str], None]) -> None:
    asked = load_settings({"events": {"key": "june"}}, root=tmp_path)
    with pytest.raises(RequestError, match="'june' is not in") as caught:
        codec_of(asked)
    assert variable("june") in str(caught.value)
    reading_codec(asked)  # the rest of a log can still be read
    key("june")
    assert "v1:aesgcm:june" in codec_of(asked).to_line(Event("locus.run.started", "r", "2026"))


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="reads a process's environment from /proc")
def test_the_processes_that_read_documents_have_no_keys(key: Callable[[str], None]) -> None:
    from locus_dbt.core.pool import PoolLimits, Worker

    key("june")
    worker = Worker(PoolLimits(workers=1, memory_mb=700, timeout_seconds=30, recycle_after=500))
    try:
        environment = Path(f"/proc/{worker._process.pid}/environ").read_bytes()
    finally:
        worker.close()
    assert b"PYTHONPATH=" in environment
    assert b"LOCUS_EVENTS_KEY" not in environment
    assert _KEYS["june"].encode() not in environment


def test_without_the_package_the_install_command_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    line = json.loads(_sealing().to_line(Event("locus.run.started", "r", "2026")))
    monkeypatch.setitem(sys.modules, "cryptography.hazmat.primitives.ciphers.aead", None)
    with pytest.raises(RequestError, match=r"locus-dbt\[events\]") as caught:
        _sealing()
    assert caught.value.code == "E105"
    assert PayloadCodec(_Ring("june")).open(line).state == "locked"
