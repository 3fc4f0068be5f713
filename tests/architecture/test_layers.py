"""The shape of the code: layers, sizes, names, what importing costs."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY

PACKAGE = REPOSITORY / "locus_dbt"
MODULES = sorted(p for p in PACKAGE.rglob("*.py") if "fixtures" not in p.parts)
BANNED = {"utils", "util", "helpers", "helper", "common", "base", "manager", "handler", "misc"}


def _name(path: Path) -> str:
    return path.relative_to(REPOSITORY).as_posix()


def test_imports_go_downwards() -> None:
    pytest.importorskip("importlinter")
    done = subprocess.run(
        [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("path", MODULES, ids=_name)
def test_modules_and_functions_are_small(path: Path) -> None:
    text = path.read_text("utf-8")
    assert len(text.splitlines()) <= 500
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or 0) - node.lineno + 1
            assert length <= 60, f"{node.name} has {length} lines"


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert [_name(p) for p in MODULES if p.stem in BANNED or p.parent.name in BANNED] == []


def test_every_module_says_what_it_is() -> None:
    assert [_name(p) for p in MODULES if not ast.get_docstring(ast.parse(p.read_text("utf-8")))] == []


_LAYERS_WITHOUT = {
    "duckdb": ("model", "core", "parsers", "images", "lineage"),
    "dbt": ("model", "core", "parsers", "images", "lineage", "engine"),
    "sqlglot": ("model", "core", "parsers", "images"),
}


@pytest.mark.parametrize("library", _LAYERS_WITHOUT)
def test_a_library_stays_in_its_layer(library: str) -> None:
    """Lazy imports inside functions count too."""
    for path in MODULES:
        if path.relative_to(PACKAGE).parts[0] not in _LAYERS_WITHOUT[library]:
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []
            assert library not in [n.split(".")[0] for n in names], _name(path)


def _imported_by(statement: str) -> set[str]:
    code = f"import sys, json; {statement}; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout.splitlines()[-1]))


_HEAVY = {"litellm", "pypdfium2", "pdfplumber", "openpyxl", "lxml", "sqlglot", "rapidfuzz", "PIL", "python_calamine"}


@pytest.mark.parametrize(
    ("statement", "more"),
    [
        ("import locus_dbt", {"duckdb", "pyarrow", "numpy", "pydantic", "dbt"}),
        ("import locus_dbt.errors", {"duckdb", "pyarrow", "numpy", "pydantic", "dbt"}),
        ("from locus_dbt import attach", {"dbt"}),
        ("import locus_dbt.core.worker", {"pyarrow", "duckdb", "dbt"}),
    ],
)
def test_importing_costs_little(statement: str, more: set[str]) -> None:
    assert _imported_by(statement) & (_HEAVY | more) == set()


def test_the_plug_in_costs_little() -> None:
    pytest.importorskip("dbt.adapters.duckdb")
    alone = _imported_by("from dbt.adapters.duckdb.plugins import BasePlugin")
    added = _imported_by("import locus_dbt.dbt.plugin") - alone
    assert added & _HEAVY == set()
    assert not [m for m in added if m.startswith(("locus_dbt.parsers.", "locus_dbt.images."))]


_POSIX_ONLY = {"fcntl", "resource", "pwd", "grp", "termios", "pty", "syslog"}


@pytest.mark.criterion("R1.2")
@pytest.mark.parametrize("path", MODULES, ids=_name)
def test_nothing_is_imported_that_one_platform_lacks(path: Path) -> None:
    """Linux, macOS and Windows: what only some have is imported inside a try."""
    tree = ast.parse(path.read_text("utf-8"))
    guarded = {id(n) for t in ast.walk(tree) if isinstance(t, ast.Try) for n in ast.walk(t)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom) and id(node) not in guarded:
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else [node.module or ""]
            assert not _POSIX_ONLY & set(names)


@pytest.mark.criterion("R1.1", "R1.3")
def test_no_server_is_part_of_it() -> None:
    """One package: nothing listens, nothing is started as a service."""
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Attribute):
                assert node.attr not in ("serve_forever", "bind_and_activate"), _name(path)
