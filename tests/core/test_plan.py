"""Sources and plans: which documents, in which order, under which ids."""

from __future__ import annotations

import dataclasses
import json
import os
import sys
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from locus_dbt.core import plugins
from locus_dbt.core.plan import SHARD_SIZE, Plan, make_plan
from locus_dbt.core.registry import registry
from locus_dbt.core.sources import LocalFiles, SourceFile, expand
from locus_dbt.errors import ManifestError, RequestError


def _names(folder: Path, *addresses: str, **more: Any) -> list[str]:
    return [f.filename for f in expand(list(addresses), root=folder, **more).files]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "files"
    for name in ("b.pdf", "a.pdf", "sub/c.pdf", "sub/deep/d.pdf", ".hidden.pdf", "note.txt"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(name)
    return root


@pytest.fixture
def plan_of(third_party: Path, settings_for: Callable[..., Any]) -> Callable[..., Plan]:
    def make(root: Path, *files: str, params: dict[str, Any] | None = None, **more: Any) -> Plan:
        given = {k: more.pop(k) for k in ("max_files", "ignore_errors") if k in more}
        image = registry().image("acme-totals")
        return make_plan(image, files, params or {}, settings=settings_for(root, **more), **given)

    return make


@pytest.mark.criterion("E1.1", "S2")
def test_files_come_sorted_and_once(folder: Path) -> None:
    assert _names(folder, "*.pdf") == ["a.pdf", "b.pdf"]
    assert _names(folder, "**/*.pdf") == ["a.pdf", "b.pdf", "sub/c.pdf", "sub/deep/d.pdf"]
    assert _names(folder, "sub/*.pdf", "a.pdf", "**/*.pdf")[:2] == ["sub/c.pdf", "a.pdf"]
    assert len(_names(folder, "a.pdf", "./a.pdf", str(folder / "a.pdf"))) == 1


def test_hidden_files_are_found_by_name_only(folder: Path) -> None:
    assert _names(folder, ".hidden.pdf") == [".hidden.pdf"]
    assert ".hidden.pdf" not in _names(folder, "*")


def test_folders_are_not_documents(folder: Path) -> None:
    assert "sub" not in _names(folder, "*")
    with pytest.raises(RequestError, match=r"\[E104\] 'sub' is a folder \(use 'sub/\*\*/\*\.pdf'\)"):
        expand(["sub"], root=folder)


@pytest.mark.parametrize("pattern", ["nope.pdf", "*.docx", "no/such/**/*.pdf"])
def test_no_match_is_an_error_that_shows_the_pattern(folder: Path, pattern: str) -> None:
    with pytest.raises(RequestError, match=r"\[E104\] no file matches") as caught:
        expand([pattern], root=folder)
    assert f"'{pattern}'" in str(caught.value)


def test_max_files_takes_the_first(folder: Path) -> None:
    assert _names(folder, "**/*.pdf", max_files=3) == ["a.pdf", "b.pdf", "sub/c.pdf"]


def test_a_name_with_signs_of_patterns_is_found_as_it_is(folder: Path) -> None:
    (folder / "a[1].pdf").write_text("x")
    assert _names(folder, "a[1].pdf") == ["a[1].pdf"]


def test_names_are_given_in_one_unicode_form(folder: Path) -> None:
    (folder / unicodedata.normalize("NFD", "zür.pdf")).write_text("x")
    assert unicodedata.normalize("NFC", "zür.pdf") in _names(folder, "*.pdf")


@pytest.mark.skipif(sys.platform != "linux", reason="needs file names of any bytes")
def test_a_name_that_is_not_text_does_not_stop_the_rest(plan_of: Callable[..., Plan], folder: Path) -> None:
    Path(folder, os.fsdecode(b"bad\xff.pdf")).write_bytes(b"x")
    plan = plan_of(folder, "*.pdf")
    assert "bad\\udcff.pdf" in [t.filename for t in plan.tasks]
    "".join(t.filename for t in plan.tasks).encode("utf-8")
    assert plan.snapshot
    assert {"a.pdf", "b.pdf"} <= {t.filename for t in plan.tasks}
    assert len(plan.tasks) == 3


@pytest.mark.criterion("E1.4")
def test_an_address_without_connector_is_recorded_and_the_rest_goes_on(
    plan_of: Callable[..., Plan], folder: Path
) -> None:
    plan = plan_of(folder, "nosuch://host/x.pdf", "a.pdf")
    assert [t.filename for t in plan.tasks] == ["a.pdf"]
    (unread,) = plan.unreadable
    assert (unread.filename, unread.code) == ("nosuch://host/x.pdf", "E211")
    assert "nosuch://host/x.pdf" in unread.message


@pytest.mark.criterion("E1.5")
@pytest.mark.skipif(sys.platform == "win32", reason="needs symbolic links")
def test_a_file_that_cannot_be_read_is_recorded_and_the_rest_goes_on(
    plan_of: Callable[..., Plan], folder: Path
) -> None:
    (folder / "loop.pdf").symlink_to(folder / "loop.pdf")
    plan = plan_of(folder, "loop.pdf", "a.pdf")
    assert [t.filename for t in plan.tasks] == ["a.pdf"]


class _Mailbox:
    interface = 1

    def supports(self, address: str) -> bool:
        return address.startswith("mail://")

    def expand(self, address: str, *, root: Path) -> list[SourceFile]:  # noqa: ARG002 - the interface
        return [SourceFile("mail/1.txt", str(root / "note.txt"))]


class _Point:
    def __init__(self, name: str, connector: type) -> None:
        self.name = name
        self._connector = connector

    def load(self) -> type:
        return self._connector


@pytest.fixture
def install_connector(monkeypatch: pytest.MonkeyPatch) -> Any:
    def install(connector: type) -> None:
        points = [_Point("mailbox", connector)]
        monkeypatch.setattr(plugins, "entry_points", lambda group: points if group.endswith("connectors") else [])
        plugins.plugins.cache_clear()

    yield install
    plugins.plugins.cache_clear()


@pytest.mark.criterion("E1.1", "E10.1", "E10.5")
def test_a_connector_of_a_plug_in_takes_the_addresses_it_supports(folder: Path, install_connector: Any) -> None:
    install_connector(_Mailbox)
    assert _names(folder, "mail://inbox", "a.pdf") == ["mail/1.txt", "a.pdf"]


@pytest.mark.criterion("E10.3", "E10.4", "V8")
def test_an_incomplete_connector_is_refused_naming_what_is_missing(folder: Path, install_connector: Any) -> None:
    install_connector(type("Half", (), {"interface": 1}))
    with pytest.raises(ManifestError, match=r"\[E004\] connector 'mailbox' lacks supports, expand"):
        expand(["a.pdf"], root=folder)
    install_connector(type("Newer", (LocalFiles,), {"interface": 2}))
    with pytest.raises(ManifestError, match="speaks interface 2, not 1"):
        expand(["a.pdf"], root=folder)


@pytest.mark.criterion("E1.3", "S2")
def test_a_snapshot_freezes_names_hashes_and_sizes(plan_of: Callable[..., Plan], folder: Path) -> None:
    plan = plan_of(folder, "**/*.pdf")
    entries = json.loads(plan.snapshot)["files"]
    assert [e["filename"] for e in entries] == ["a.pdf", "b.pdf", "sub/c.pdf", "sub/deep/d.pdf"]
    assert {"filename", "key", "sha256", "size"} == set(entries[0])
    assert entries[0]["key"].endswith("/files/a.pdf")
    assert entries[0]["size"] == len("a.pdf")
    with pytest.raises(dataclasses.FrozenInstanceError):
        plan.tasks = ()  # type: ignore[misc]


@pytest.mark.criterion("S7", "S8")
def test_equal_inputs_make_equal_plans(plan_of: Callable[..., Plan], folder: Path) -> None:
    one, two = plan_of(folder, "**/*.pdf"), plan_of(folder, "**/*.pdf")
    assert one.tasks == two.tasks
    assert one.snapshot_id == two.snapshot_id
    assert one.shards == two.shards


@pytest.mark.criterion("S7")
def test_shards_hold_every_document_once_and_in_order(plan_of: Callable[..., Plan], tmp_path: Path) -> None:
    root = tmp_path / "many"
    root.mkdir()
    for i in range(SHARD_SIZE * 2 + 5):
        (root / f"{i:04d}.txt").write_text(str(i))
    plan = plan_of(root, "*.txt")
    assert [len(s) for s in plan.shards] == [SHARD_SIZE, SHARD_SIZE, 5]
    assert [t for shard in plan.shards for t in shard] == list(plan.tasks)


@pytest.mark.criterion("R5.8")
def test_what_a_result_depends_on_is_in_its_key(plan_of: Callable[..., Plan], folder: Path) -> None:
    def key(**more: Any) -> str:
        return plan_of(folder, "a.pdf", **more).tasks[0].key

    same = key()
    assert key() == same
    assert key(params={"word": "Sum"}) != same
    assert key(params={"word": "Total"}) == same
    assert key(max_pages=3) != same
    assert key(media_types={"*.pdf": "text/plain"}) != same
    assert key(timeout_seconds=5.0) == same
    (folder / "a.pdf").write_text("changed")
    assert key() != same


@pytest.mark.criterion("S8")
def test_copies_get_ids_of_their_own(plan_of: Callable[..., Plan], folder: Path) -> None:
    (folder / "copy.pdf").write_bytes((folder / "a.pdf").read_bytes())
    a, _, copy = plan_of(folder, "*.pdf").tasks
    assert a.sha256 == copy.sha256
    assert a.key == copy.key
    assert a.prefix != copy.prefix


def test_an_empty_file_is_a_document(plan_of: Callable[..., Plan], folder: Path) -> None:
    (folder / "a.pdf").write_bytes(b"")
    assert plan_of(folder, "a.pdf").tasks[0].size == 0


def test_a_relational_image_takes_no_files(third_party: Path, settings_for: Callable[..., Any], folder: Path) -> None:
    with pytest.raises(RequestError, match=r"\[E109\].*locus_acme_upper\('relation', …\)"):
        make_plan(registry().image("acme-upper"), ["a.pdf"], {"column": "x"}, settings=settings_for(folder))


@pytest.mark.criterion("E2.4", "E12.4")
def test_a_configured_parser_that_is_missing_stops_before_anything_is_read(
    plan_of: Callable[..., Plan], folder: Path
) -> None:
    with pytest.raises(RequestError, match=r"\[E105\] parser 'no_such_parser' configured for application/pdf"):
        plan_of(folder, "a.pdf", parsers={"application/pdf": "no_such_parser"})
