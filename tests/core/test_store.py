"""The content-addressed store."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from locus_dbt.core.store import RECORD_VERSION, Store
from locus_dbt.errors import RunError
from tests.conftest import REPOSITORY

_WRITER = """
import sys
from pathlib import Path
from locus_dbt.core.store import Store
store = Store(Path(sys.argv[1]))
for i in range(40):
    store.put(b"shared %d" % i)
    store.put_record("results", f"{i:02d}key", {"who": sys.argv[2], "filler": "x" * 5000})
    store.append("events/day.jsonl", '{"who": "%s", "filler": "%s"}' % (sys.argv[2], "y" * 3000))
"""


@pytest.mark.criterion("S1")
def test_objects_are_named_by_their_hash(tmp_path: Path) -> None:
    store = Store(tmp_path)
    digest = store.put(b"hello")
    assert digest == hashlib.sha256(b"hello").hexdigest()
    assert store.get(digest) == b"hello"
    assert store.object_path(digest) == tmp_path / "objects" / "sha256" / digest[:2] / digest[2:4] / digest


@pytest.mark.criterion("S1")
def test_storing_again_writes_nothing(tmp_path: Path) -> None:
    store = Store(tmp_path)
    path = store.object_path(store.put(b"hello"))
    os.utime(path, ns=(1, 1))
    store.put(b"hello")
    assert path.stat().st_mtime_ns == 1


@pytest.mark.criterion("S1", "S5")
def test_a_damaged_object_is_not_given_out(tmp_path: Path) -> None:
    store = Store(tmp_path)
    digest = store.put(b"hello")
    store.object_path(digest).write_bytes(b"hellp")
    assert store.get(digest) is None
    assert store.get("0" * 64) is None


def test_a_damaged_object_is_mended_by_storing_it_again(tmp_path: Path) -> None:
    store = Store(tmp_path)
    digest = store.put(b"hello")
    store.object_path(digest).write_bytes(b"hell")
    assert store.put(b"hello") == digest
    assert store.get(digest) == b"hello"


@pytest.mark.criterion("S12")
def test_records_carry_a_version_and_unknown_fields_stay(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.put_record("results", "abc", {"rows": 1, "from_the_future": {"deep": [1]}})
    found = store.record("results", "abc")
    assert found == {"version": RECORD_VERSION, "rows": 1, "from_the_future": {"deep": [1]}}


@pytest.mark.criterion("S12")
@pytest.mark.parametrize("text", ["", "{", "[]", '{"version": 99, "rows": 1}', '{"rows": 1}', "\x00\xff"])
def test_a_record_that_cannot_be_understood_is_none(tmp_path: Path, text: str) -> None:
    store = Store(tmp_path)
    store.put_record("results", "abc", {})
    (tmp_path / "results" / "ab" / "abc.json").write_bytes(text.encode("latin-1"))
    assert store.record("results", "abc") is None
    assert list(store.records("results")) == []


def test_records_of_a_kind_come_sorted(tmp_path: Path) -> None:
    store = Store(tmp_path)
    for key in ("ccc", "aaa", "bbb"):
        store.put_record("results", key, {"key": key})
    assert [key for key, _ in store.records("results")] == ["aaa", "bbb", "ccc"]


@pytest.mark.criterion("S5")
def test_an_interrupted_write_is_not_a_result(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.put_record("results", "abc", {"n": 1})
    (tmp_path / "results" / "ab" / ".part-xyz").write_text('{"version": 1, "n"')
    assert [key for key, _ in store.records("results")] == ["abc"]


@pytest.mark.criterion("S5")
def test_writers_in_several_processes_do_not_disturb_each_other(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _WRITER, str(tmp_path)]
    env = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    running = [subprocess.Popen([*command, name], env=env) for name in ("one", "two", "three")]
    assert [process.wait(60) for process in running] == [0, 0, 0]
    store = Store(tmp_path)
    assert len(list(store.records("results"))) == 40
    lines = (tmp_path / "events" / "day.jsonl").read_text().splitlines()
    assert sorted(json.loads(line)["who"] for line in lines) == ["one"] * 40 + ["three"] * 40 + ["two"] * 40
    assert not list(tmp_path.rglob(".part-*"))


@pytest.mark.criterion("E8.7")
def test_a_store_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    store = Store(tmp_path / "file")
    for write in (lambda: store.put(b"x"), lambda: store.put_record("a", "key", {}), lambda: store.append("a", "b")):
        with pytest.raises(RunError, match=r"\[E401\] cannot write .*writable folder"):
            write()


@given(st.binary(max_size=200))
def test_what_goes_in_comes_out(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    store = Store(tmp_path_factory.getbasetemp() / "hypothesis_store")
    assert store.get(store.put(data)) == data
