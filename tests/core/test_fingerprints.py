"""Content hashes of files, with an index that may be lost."""

from __future__ import annotations

import hashlib
import os
import sqlite3
import time
from pathlib import Path

import pytest

from locus_dbt.core import fingerprints as module
from locus_dbt.core.fingerprints import fingerprints


def _old(path: Path, text: str, *, seconds: float = 10) -> str:
    """Write a file whose last change lies some seconds back; its path."""
    path.write_text(text)
    then = time.time_ns() - int(seconds * 1e9)
    os.utime(path, ns=(then, then))
    return str(path)


@pytest.fixture
def readings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files that were really read."""
    seen: list[str] = []
    original = module._hash

    def counted(path: str) -> str:
        seen.append(path)
        return original(path)

    monkeypatch.setattr(module, "_hash", counted)
    return seen


def test_hash_and_size(tmp_path: Path) -> None:
    path = _old(tmp_path / "a", "hello")
    (found,) = fingerprints([path], index=tmp_path / "i.sqlite")
    assert (found.path, found.sha256, found.size) == (path, hashlib.sha256(b"hello").hexdigest(), 5)


def test_an_unchanged_file_is_not_read_again(tmp_path: Path, readings: list[str]) -> None:
    path, index = _old(tmp_path / "a", "hello"), tmp_path / "i.sqlite"
    first = fingerprints([path], index=index)
    assert fingerprints([path], index=index) == first
    assert readings == [path]


def test_a_file_changed_a_moment_ago_is_read_again(tmp_path: Path, readings: list[str]) -> None:
    """Two writes within the clock tick of the file system leave size and time as they were."""
    path, index = tmp_path / "a", tmp_path / "i.sqlite"
    path.write_text("one")
    stamp = path.stat().st_mtime_ns
    before = fingerprints([str(path)], index=index)
    path.write_text("two")
    os.utime(path, ns=(stamp, stamp))
    assert fingerprints([str(path)], index=index) != before
    assert len(readings) == 2


def test_another_size_or_time_is_read_again(tmp_path: Path, readings: list[str]) -> None:
    index = tmp_path / "i.sqlite"
    path = _old(tmp_path / "a", "hello", seconds=100)
    fingerprints([path], index=index)
    _old(tmp_path / "a", "world", seconds=50)
    (found,) = fingerprints([path], index=index)
    assert found.sha256 == hashlib.sha256(b"world").hexdigest()
    assert len(readings) == 2


@pytest.mark.criterion("E1.5")
def test_a_file_that_cannot_be_read_is_an_answer_too(tmp_path: Path) -> None:
    good = _old(tmp_path / "a", "hello")
    missing, found = fingerprints([str(tmp_path / "gone"), good], index=tmp_path / "i.sqlite")
    assert "No such file" in missing.error
    assert found.sha256


@pytest.mark.criterion("S6")
@pytest.mark.parametrize("content", [b"", b"not a database at all, but long enough to look at" * 40])
def test_a_broken_index_is_rebuilt(tmp_path: Path, content: bytes, readings: list[str]) -> None:
    index, path = tmp_path / "i.sqlite", _old(tmp_path / "a", "hello")
    expected = fingerprints([path], index=index)
    index.write_bytes(content)
    assert fingerprints([path], index=index) == expected
    fingerprints([path], index=index)
    assert fingerprints([path], index=index) == expected
    assert len(readings) <= 3


@pytest.mark.criterion("S6")
def test_an_index_of_another_form_is_no_obstacle(tmp_path: Path) -> None:
    index, path = tmp_path / "i.sqlite", _old(tmp_path / "a", "hello")
    with sqlite3.connect(index) as db:
        db.execute("create table files (something text)")
    db.close()
    (found,) = fingerprints([path], index=index)
    assert found.sha256 == hashlib.sha256(b"hello").hexdigest()
