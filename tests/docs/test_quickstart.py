"""The quickstart, followed to the letter: its files are written, its commands run, in order."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
import yaml

from locus_dbt.cli.wiring import wire
from tests.docs.fences import ROOT, fences

COMMANDS = {
    "locus": "from locus_dbt.cli.app import main; main()",
    "dbt": "from dbt.cli.main import cli; cli()",
}


def run(line: str, folder: Path) -> str:
    """One line of a shell fence, without a shell."""
    words = shlex.split(line, comments=True)
    head = [sys.executable, "-c", COMMANDS[words[0]]] if words[0] in COMMANDS else [sys.executable]
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    env = {**os.environ, "PYTHONPATH": path, "DBT_PROFILES_DIR": str(folder), "DO_NOT_TRACK": "1", "COLUMNS": "200"}
    done = subprocess.run([*head, *words[1:]], cwd=folder, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{line}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return done.stdout


def test_the_lines_in_the_readme_are_those_that_init_writes(tmp_path: Path) -> None:
    (tmp_path / "dbt_project.yml").write_text("name: your_project\nversion: '1.0'\nprofile: p\n")
    (tmp_path / "profiles.yml").write_text(
        "p:\n  target: d\n  outputs:\n    d:\n      type: duckdb\n      path: d.duckdb\n"
    )
    wire(tmp_path, profiles_dir=tmp_path, check=False)
    told = [f.text for f in fences(ROOT / "README.md") if f.language == "yaml"]
    plugins, packages, dispatch = (yaml.safe_load(text) for text in told)
    profile = yaml.safe_load((tmp_path / "profiles.yml").read_text())
    assert profile["p"]["outputs"]["d"]["plugins"] == plugins["plugins"]
    assert yaml.safe_load((tmp_path / "packages.yml").read_text()) == packages
    assert yaml.safe_load((tmp_path / "dbt_project.yml").read_text())["dispatch"] == dispatch["dispatch"]


@pytest.mark.slow
@pytest.mark.criterion("E12.5", "R1.1")
def test_quickstart(tmp_path: Path) -> None:
    said = []
    for fence in fences(ROOT / "docs" / "quickstart.md"):
        if fence.how == "file":
            path = tmp_path / fence.what
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(fence.text, "utf-8")
        elif fence.how == "run" and fence.language == "sh":
            said += [run(line, tmp_path) for line in fence.text.splitlines()]
    with duckdb.connect(str(tmp_path / "shop.duckdb"), read_only=True) as connection:
        kept = connection.execute("select invoice_number, gross_total::varchar from fct_invoices order by 1").fetchall()
        cells = connection.execute("select value from locus.cells where model = 'main.fct_invoices'").fetchall()
    assert kept == [("NT-1001", "1200.00"), ("NT-1002", "96.60")]
    assert ("1200.00",) in cells
    assert "broken.pdf" in said[-1]
    assert "E203" in said[-1]
