"""The full mode at the terminal: what is said, who is asked."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Locus = Callable[..., Any]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "a.csv").write_text("name,amount\nx,1\n")
    (tmp_path / "locus.yml").write_text("grounding: {mode: full}\nllm: {model: openai/judge}\n")
    monkeypatch.setenv("OPENAI_API_KEY", "key-of-the-environment")
    monkeypatch.delenv("LOCUS_CONSENT", raising=False)
    return tmp_path


class Terminal(io.StringIO):
    """Standard input of a person who types this."""

    def isatty(self) -> bool:
        return True


STATEMENT = "from locus_csv_repair('a.csv')"


@pytest.mark.criterion("E13.6")
def test_nobody_to_ask(locus: Locus, project: Path) -> None:
    answer = locus("sql", STATEMENT, "--root", project)
    assert answer.code != 0
    assert "[E110]" in answer.err
    assert "LOCUS_CONSENT=openai" in answer.err


@pytest.mark.criterion("E13.6", "R12.1")
@pytest.mark.parametrize("typed", ["y\n", "n\n", ""])
def test_a_person_is_asked_first(project: Path, typed: str, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    from locus_dbt.cli import sql_command

    monkeypatch.setattr("sys.stdin", Terminal(typed))
    monkeypatch.setattr("sys.stderr", Terminal())
    ask = sql_command.asker()
    assert ask is not None
    assert ask("the full mode sends cells") is (typed == "y\n")
    assert capsys.readouterr().out == ""
    monkeypatch.setattr("sys.stdin", io.StringIO())
    assert sql_command.asker() is None


@pytest.mark.criterion("R12.3")
def test_what_is_sent_is_said_before_a_run(locus: Locus, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOCUS_CONSENT", "openai")
    answer = locus("sql", STATEMENT, "--root", project)
    assert answer.code == 0, answer.err
    assert "the full mode sends cells to the provider 'openai' (model openai/judge)" in " ".join(answer.err.split())


@pytest.mark.criterion("E13.4", "E13.5")
def test_check_says_what_is_missing(locus: Locus, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = locus("check", "--project", project)
    assert answer.code == 1
    assert "[E110]" in answer.out
    monkeypatch.delenv("OPENAI_API_KEY")
    answer = locus("check", "--project", project)
    assert "! grounding: rows with a cell below 0.7 are flagged; there is no key for 'openai'" in answer.out
    (project / "locus.yml").write_text("grounding: {threshold: 0.5, below: reject}\n")
    answer = locus("check", "--project", project)
    assert "= grounding: rows with a cell below 0.5 are left out; no model is asked" in answer.out
