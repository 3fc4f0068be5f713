"""Where keys are found, where they must not lie, and who agreed to what."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from locus_dbt.core.secrets import mask
from locus_dbt.core.settings import Llm, load_settings
from locus_dbt.errors import RequestError
from locus_dbt.llm.consent import disclosure, require_consent
from locus_dbt.llm.keys import find_key, key_name
from tests.conftest import Attached
from tests.llm.conftest import KEY, Server, cells

GIT = ["git", "-c", "user.name=x", "-c", "user.email=x@example.com"]


def _keyring(monkeypatch: pytest.MonkeyPatch, held: dict[tuple[str, str], str]) -> None:
    """A keyring of our own in the place of the system's."""
    module = ModuleType("keyring")
    module.get_password = lambda service, name: held.get((service, name))  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "keyring", module)


@pytest.mark.criterion("E15.1")
def test_env_file_then_environment_then_keyring(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    llm = Llm(model="openai/x")
    assert find_key(llm, tmp_path) is None
    _keyring(monkeypatch, {("locus_dbt", "OPENAI_API_KEY"): "key-of-the-ring"})
    found = find_key(llm, tmp_path)
    assert found is not None
    assert (found.secret, found.found_in) == ("key-of-the-ring", "the keyring")
    monkeypatch.setenv("OPENAI_API_KEY", "key-of-the-environment")
    assert (find_key(llm, tmp_path) or found).found_in == "the environment"
    (tmp_path / ".env").write_text("# mine\nexport OPENAI_API_KEY='key $of-the-file'\n")
    found = find_key(llm, tmp_path)
    assert found is not None
    assert (found.secret, found.found_in) == ("key $of-the-file", ".env")
    assert "key $of" not in repr(found)
    assert mask("it says: key $of-the-file!") == "it says: ***!"


def test_an_empty_entry_is_no_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("OPENAI_API_KEY=\n")
    monkeypatch.setenv("OPENAI_API_KEY", "")
    assert find_key(Llm(model="x"), tmp_path) is None


@pytest.mark.parametrize(
    ("llm", "name"),
    [
        (Llm(model="gpt-x"), "OPENAI_API_KEY"),
        (Llm(model="anthropic/x"), "ANTHROPIC_API_KEY"),
        (Llm(model="openai/x", key_name="MINE"), "MINE"),
        (Llm(model="ollama/x"), ""),
        (Llm(model="openai/x", key_name=""), ""),
    ],
)
def test_the_name_of_the_key(llm: Llm, name: str) -> None:
    assert key_name(llm) == name


@pytest.mark.criterion("E15.5")
def test_a_tracked_env_file_stops_the_run(
    folder: Path, attach_to: Callable[..., Attached], server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / ".env").write_text(f"OPENAI_API_KEY={KEY}\n")
    subprocess.run([*GIT, "init", "-q"], cwd=folder, check=True)
    llm = {"model": "openai/judge", "api_base": server.address, "consent": True}
    cells(attach_to(folder, grounding={"mode": "full"}, llm=llm))
    assert len(server.requests) == 1
    subprocess.run([*GIT, "add", ".env"], cwd=folder, check=True)
    error = attach_to(folder, grounding={"mode": "full"}, llm=llm).error("FROM locus_acme_claims('a.txt')")
    assert "[E111] the env file '.env' is tracked by git" in error
    assert KEY not in error
    assert attach_to(folder).rows("FROM locus_acme_claims('a.txt')")  # nothing is wanted of it


@pytest.mark.criterion("E15.3")
@pytest.mark.parametrize(
    ("given", "setting"),
    [
        ({"api_key": KEY}, "llm.api_key"),
        ({"key": KEY}, "llm.key"),
        ({"token": "x"}, "llm.token"),
        ({"model": "sk-" + "a1" * 12}, "llm.model"),
        ({"api_base": "https://me:hunter22@host/v1"}, "llm.api_base"),
    ],
)
def test_a_raw_key_in_a_file_is_refused(tmp_path: Path, given: dict[str, str], setting: str) -> None:
    (tmp_path / "locus.yml").write_text(json.dumps({"llm": given}))
    with pytest.raises(RequestError) as caught:
        load_settings(root=tmp_path)
    assert caught.value.code == "E111"
    assert f"setting '{setting}' from locus.yml holds a key itself" in str(caught.value)
    assert not any(value in str(caught.value) for value in given.values() if len(value) > 3)


def test_what_does_not_fit_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(RequestError, match=r"unknown setting 'llm.modle' in arguments; did you mean 'model'"):
        load_settings({"llm": {"modle": "x"}}, root=tmp_path)
    with pytest.raises(RequestError, match=r"'grounding.threshold' from arguments: .*\(0 to 1\), got 1.5"):
        load_settings({"grounding": {"threshold": 1.5}}, root=tmp_path)
    monkeypatch.setenv("LOCUS_GROUNDING_MODE", "half")
    with pytest.raises(RequestError, match=r"'grounding.mode' from environment: .*'degraded' or 'full'"):
        load_settings(root=tmp_path)


def test_sections_are_merged_setting_by_setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "locus.yml").write_text("grounding: {threshold: 0.4, below: reject}\nllm: {model: a/b, max_calls: 7}\n")
    monkeypatch.setenv("LOCUS_GROUNDING_THRESHOLD", "0.5")
    found = load_settings({"llm": {"max_calls": 8}}, root=tmp_path)
    assert (found.grounding.threshold, found.grounding.below) == (0.5, "reject")
    assert (found.llm.model, found.llm.max_calls) == ("a/b", 8)


# ---------------------------------------------------------------- consent


@pytest.mark.criterion("E13.6", "R12.1")
def test_nothing_is_sent_without_consent(
    folder: Path, attach_to: Callable[..., Attached], server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    given = {"grounding": {"mode": "full"}, "llm": {"model": "openai/judge", "api_base": server.address}}
    error = attach_to(folder, **given).error("FROM locus_acme_claims_spans('a.txt')")
    for part in ("[E110]", "'openai'", "openai/judge", server.address, "printed text", "never a whole document"):
        assert part in error
    for way in ("llm: {consent: true}", "LOCUS_CONSENT=openai", "grounding: {mode: degraded}"):
        assert way in error
    assert server.requests == []
    monkeypatch.setenv("LOCUS_CONSENT", "another")
    assert "[E110]" in attach_to(folder, **given).error("FROM locus_acme_claims_spans('a.txt')")
    monkeypatch.setenv("LOCUS_CONSENT", "openai")
    assert cells(attach_to(folder, **given))["party", "Germany"][2] == "full"


def test_refused_before_anything_is_read(
    folder: Path, attach_to: Callable[..., Attached], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    db = attach_to(folder, grounding={"mode": "full"}, llm={"model": "openai/judge"})
    db.error("FROM locus_acme_claims('a.txt')")
    assert db.events() == []


def test_a_person_is_asked_with_what_would_be_sent() -> None:
    llm, asked = Llm(model="openai/judge"), []
    require_consent(llm, lambda text: asked.append(text) is None)
    with pytest.raises(RequestError, match="E110"):
        require_consent(llm, lambda text: asked.append(text) is not None)
    assert asked == [disclosure(llm)] * 2


@pytest.mark.criterion("E13.2", "E13.5")
@pytest.mark.parametrize(
    ("llm", "parts"),
    [
        ({}, ["no model is configured", "llm: {model: PROVIDER/MODEL}"]),
        ({"model": "anthropic/x"}, ["no key for 'anthropic'", "ANTHROPIC_API_KEY=…", ".env", "keyring set locus_dbt"]),
    ],
)
def test_without_model_or_key_it_stays_degraded_and_says_how(
    folder: Path,
    attach_to: Callable[..., Attached],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    llm: Any,
    parts: list[str],
) -> None:
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
    db = attach_to(folder, grounding={"mode": "full"}, llm=llm)
    assert {v[2] for v in cells(db).values()} == {"degraded"}
    cells(db)
    said = [r.getMessage() for r in caplog.records if "full" in r.getMessage()]
    assert len(said) == 1
    for part in parts:
        assert part in said[0]
    assert db.session.disclosures() == [f"locus: {said[0]}"]
