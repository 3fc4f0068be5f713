"""The command run in this process (fast) or as one (exit codes, streams, terminals), and a small built project."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]


@dataclass(frozen=True)
class Answer:
    code: int
    out: str
    err: str


Locus = Callable[..., Answer]


@pytest.fixture
def locus(
    third_party: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Locus:
    """``locus("images", "--json")`` in the folder of the test; the home folder is empty."""
    from locus_dbt.cli.app import main

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("LOCUS_WORKERS", "2")
    monkeypatch.delenv("DBT_PROFILES_DIR", raising=False)

    def run(*arguments: str | Path) -> Answer:
        capsys.readouterr()
        try:
            main([str(a) for a in arguments])
            code = 0
        except SystemExit as ended:
            code = int(ended.code or 0)
        captured = capsys.readouterr()
        return Answer(code, captured.out, captured.err)

    return run


@pytest.fixture
def locus_process(third_party_dir: Path) -> Locus:
    """As a process of its own: what a shell sees."""

    def run(*arguments: str | Path, cwd: Path) -> Answer:
        path = os.pathsep.join([str(REPOSITORY), str(third_party_dir)])
        done = subprocess.run(
            [sys.executable, "-m", "locus_dbt.cli.app", *map(str, arguments)],
            cwd=cwd,
            env={**os.environ, "PYTHONPATH": path, "LOCUS_WORKERS": "2"},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        return Answer(done.returncode, done.stdout, done.stderr)

    return run


@pytest.fixture
def built(third_party: Path, documents: Path, tmp_path: Path) -> Iterator[Path]:
    """A database with a staging model, a model over it and an untraced one; file names start in ``documents``."""
    import duckdb

    import locus_dbt
    from locus_dbt.engine.build import build_model

    database = tmp_path / "built.duckdb"
    connection = duckdb.connect(str(database))
    session = locus_dbt.attach(connection, documents, workers=2, store=str(tmp_path / "store"))
    build_model(connection, session, "stg", "select * from locus_acme_totals('**/*.pdf')")
    mart = "select amount as total, upper(label) as label, filename, _locus_row_id from stg where amount > 10"
    build_model(connection, session, "mart", mart)
    build_model(connection, session, "agg", "select label, sum(total) as s from mart group by 1")
    connection.close()
    yield database
    database.unlink(missing_ok=True)


def row_of(database: Path, filename: str, model: str = "mart") -> str:
    """The id of the first row that was read from a document."""
    import duckdb

    connection = duckdb.connect(str(database), read_only=True)
    try:
        found = connection.execute(
            f"SELECT _locus_row_id::VARCHAR FROM {model} WHERE filename = ? ORDER BY 1", [filename]
        ).fetchone()
    finally:
        connection.close()
    assert found is not None
    return str(found[0])
