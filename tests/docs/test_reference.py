"""The reference is what the code says, and what the docs name exists."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
from typer.main import get_command

from locus_dbt.cli.app import app
from locus_dbt.core.registry import registry
from locus_dbt.core.settings import Settings
from locus_dbt.engine.functions import macro_statements
from locus_dbt.engine.tables import TABLES
from locus_dbt.errors import CODES
from tests.docs.fences import ROOT, documents, fences

REFERENCE = ROOT / "docs" / "reference"
#: Not commands: words that stand after "locus" in running text and transcripts.
_COMMAND = re.compile(r"(?:^|[`$ (])locus ([a-z][a-z-]+)")


def commands() -> set[str]:
    return set(get_command(app).commands)


def test_pages_are_current() -> None:
    script = ROOT / "docs" / "generate.py"
    done = subprocess.run([sys.executable, str(script), "--check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_stale_page_is_named() -> None:
    page = REFERENCE / "left_over_by_a_test.md"
    page.write_text("stale", "utf-8")
    try:
        script = ROOT / "docs" / "generate.py"
        done = subprocess.run([sys.executable, str(script), "--check"], capture_output=True, text=True, check=False)
    finally:
        page.unlink()
    assert done.returncode == 1
    assert "left_over_by_a_test.md is stale" in done.stderr


@pytest.mark.criterion("D9")
def test_every_error_code_is_told() -> None:
    text = (REFERENCE / "errors.md").read_text("utf-8")
    assert [c for c in CODES if f"</a>{c} |" not in text] == []


def test_every_function_is_told() -> None:
    text = (REFERENCE / "sql.md").read_text("utf-8")
    own = {i.manifest.function for i in registry() if i.origin != "locus-dbt"}
    names = [m[1] for s in macro_statements(registry()) if (m := re.search(r"TEMP MACRO (\w+)\(", s))]
    assert [n for n in names if f"{n}(" not in text and not n.startswith(tuple(own))] == []


@pytest.mark.criterion("E12.2")
def test_every_setting_and_table_is_told() -> None:
    settings = (REFERENCE / "settings.md").read_text("utf-8")
    tables = (REFERENCE / "lineage-tables.md").read_text("utf-8")
    assert [n for n in Settings.model_fields if f"`{n}`" not in settings] == []
    assert [n for n in TABLES if f"## locus.{n}\n" not in tables] == []


def test_codes_that_the_docs_name_exist() -> None:
    named = {c for p in documents() for c in re.findall(r"\bE\d{3}\b", p.read_text("utf-8"))}
    assert named - set(CODES) == set()


def test_commands_that_the_docs_name_exist() -> None:
    known = commands()
    unknown = []
    for path in documents():
        code = [f.text for f in fences(path) if f.language in ("sh", "console")]
        code += re.findall(r"`(locus [^`\n]+)`", path.read_text("utf-8"))
        unknown += [f"{path.name}: locus {n}" for t in code for n in _COMMAND.findall(t) if n not in known]
    assert unknown == []


def test_functions_that_the_docs_name_exist() -> None:
    known = {m[1] for s in macro_statements(registry()) if (m := re.search(r"TEMP MACRO (\w+)\(", s))}
    known |= {"locus_trace"}
    unknown = []
    for path in documents():
        for fence in fences(path):
            if fence.language == "sql":
                unknown += [f"{fence.id}: {n}" for n in re.findall(r"\b(locus_\w+)\s*\(", fence.text) if n not in known]
    assert unknown == []
