"""Settings: arguments over environment over file over defaults."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from locus_dbt.core.settings import Settings, load_settings
from locus_dbt.errors import RequestError


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"LOCUS_{name.upper()}", raising=False)


@pytest.mark.criterion("E12.2")
def test_every_setting_has_a_default_and_a_description(tmp_path: Path) -> None:
    settings = load_settings(root=tmp_path)
    for name, field in Settings.model_fields.items():
        assert field.description, name
        assert not field.is_required(), name
    assert settings.store_root == tmp_path / ".locus"
    assert settings.worker_count >= 1


@pytest.mark.criterion("D6")
def test_the_nearest_source_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_settings(root=tmp_path).max_pages == 5000
    (tmp_path / "locus.yml").write_text("max_pages: 10\nworkers: 3\n")
    assert load_settings(root=tmp_path).max_pages == 10
    monkeypatch.setenv("LOCUS_MAX_PAGES", "20")
    assert load_settings(root=tmp_path).max_pages == 20
    found = load_settings({"max_pages": 30}, root=tmp_path)
    assert (found.max_pages, found.workers) == (30, 3)


@pytest.mark.criterion("E12.3", "E12.4")
@pytest.mark.parametrize(
    ("given", "parts"),
    [
        ({"max_pages": 0}, ["setting 'max_pages' from arguments", "greater than or equal to 1", "got 0"]),
        ({"workers": 300}, ["'workers'", "less than or equal to 256", "got 300"]),
        ({"timeout_seconds": 0}, ["'timeout_seconds'", "greater than 0"]),
        ({"memory_mb": "much"}, ["'memory_mb'", "integer", "got 'much'"]),
        ({"log_level": "loud"}, ["'log_level'", "debug|info|warning|error"]),
        ({"max_page": 3}, ["unknown setting 'max_page' in arguments", "did you mean 'max_pages'?"]),
    ],
)
def test_what_is_out_of_range_is_named_with_its_range(tmp_path: Path, given: dict[str, Any], parts: list[str]) -> None:
    with pytest.raises(RequestError) as caught:
        load_settings(given, root=tmp_path)
    assert caught.value.code == "E103"
    for part in parts:
        assert part in str(caught.value)


@pytest.mark.criterion("E12.3")
def test_the_source_of_a_wrong_setting_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "locus.yml").write_text("max_pages: -1\n")
    with pytest.raises(RequestError, match=r"setting 'max_pages' from locus\.yml"):
        load_settings(root=tmp_path)
    monkeypatch.setenv("LOCUS_MAX_PAGES", "many")
    with pytest.raises(RequestError, match=r"setting 'max_pages' from environment"):
        load_settings(root=tmp_path)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("max_pages: [", "locus.yml cannot be read"),
        ("- max_pages", "locus.yml is not a mapping"),
        ("max_pagse: 3", "unknown setting 'max_pagse' in locus.yml; did you mean 'max_pages'?"),
        ("3: 4", "unknown setting '3' in locus.yml"),
    ],
)
def test_a_wrong_file_is_named(tmp_path: Path, text: str, part: str) -> None:
    (tmp_path / "locus.yml").write_text(text)
    with pytest.raises(RequestError) as caught:
        load_settings(root=tmp_path)
    assert part in str(caught.value)
    assert "\n" not in str(caught.value)


def test_other_environment_variables_are_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOCUS_SOMETHING_ELSE", "1")
    monkeypatch.setenv("LOCUS_PARSERS", "x")
    assert load_settings(root=tmp_path).parsers == {}


def test_settings_are_frozen(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="frozen"):
        load_settings(root=tmp_path).workers = 9
