"""Someone else's dbt-duckdb repository, made on the spot, with the four lines that bring Locus in."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from locus_dbt.engine.tables import STORED
from tests.conftest import REPOSITORY, write_pdf

PROJECT = """
name: shop
version: 1.0.0
profile: shop
dispatch: [{macro_namespace: dbt, search_order: [shop, locus_dbt, dbt]}]
models: {shop: {+materialized: table}}
"""

PROFILES = """
shop:
  target: dev
  outputs:
    dev:
      type: duckdb
      path: "{path}"
      threads: 4
      plugins: [{{module: locus_dbt.dbt.plugin, config: {{workers: 2, memory_mb: 902, log_level: error}}}}]
"""

#: What differs between two runs over the same documents by nature: which run it was, and what it took.
_OF_THE_RUN = ("run_id", "source_run_id", "since", "reading", "seconds", "ocr_seconds")
#: What runs have stored so far; the other relations of the schema say where models stand now.
_STORED = {"runs", "steps", "run_spans", *STORED}

STG = """
{{ config(materialized='incremental', unique_key='_locus_row_id', contract={'enforced': true}) }}
select * from {{ locus_dbt.image('acme-totals', files='documents/**/*.pdf') }}
"""

STG_YML = """
models:
  - name: stg
    description: "Totals of documents: it's \\"quoted\\"."
    columns:
      - {name: filename, data_type: varchar, description: The document.}
      - {name: label, data_type: varchar}
      - {name: amount, data_type: "decimal(18,2)", description: What stands behind the word.}
      - {name: _locus_row_id, data_type: uuid}
"""


class Repo:
    """A dbt project on disk; ``dbt`` runs a command in this process, as ``dbt`` on the command line does."""

    def __init__(self, root: Path, *, database: str = "shop.duckdb") -> None:
        self.root = root
        self.database = database if database == ":memory:" else str(root / database)
        self.write("dbt_project.yml", PROJECT)
        self.write("profiles.yml", PROFILES.format(path=self.database))
        self.write("packages.yml", f"packages: [{{local: '{REPOSITORY.as_posix()}'}}]\n")
        (root / "dbt_packages").mkdir()
        (root / "dbt_packages" / "locus_dbt").symlink_to(REPOSITORY, target_is_directory=True)

    def write(self, name: str, text: str) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        return path

    def pdf(self, name: str, *lines: str, **more: Any) -> Path:
        return write_pdf(self.root / "documents" / name, lines, **more)

    def dbt(self, *arguments: str, fails: bool = False) -> Any:
        """Run a command; the result's ``result`` is what dbt's own API gives."""
        from dbt.cli.main import dbtRunner

        command = [*arguments, "--project-dir", str(self.root), "--profiles-dir", str(self.root)]
        with contextlib.chdir(self.root):
            outcome = dbtRunner().invoke(["--quiet", "--no-send-anonymous-usage-stats", *command])
        self.close()
        assert outcome.success is not fails, outcome.exception or messages(outcome)
        return outcome

    @staticmethod
    def close() -> None:
        """Let go of the database, as the end of a process would."""
        from dbt.adapters.duckdb.connections import DuckDBConnectionManager

        DuckDBConnectionManager.close_all_connections()

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        import duckdb

        with duckdb.connect(self.database, read_only=True) as connection:
            return connection.execute(sql).fetchall()

    def one(self, sql: str) -> Any:
        return self.rows(sql)[0][0]

    def events(self, name: str = "locus.document.started") -> list[str]:
        from locus_dbt.core.events import read_events
        from locus_dbt.core.store import Store

        store = Store(self.root / ".locus")
        return sorted(e.data.get("filename", "") for e in read_events(store) if e.name == name)

    def content(self) -> dict[str, list[tuple[Any, ...]]]:
        """Every table and view with its rows, lineage included; what names an attempt (run ids, times) left out."""
        relations = self.rows("SELECT table_schema, table_name FROM information_schema.tables ORDER BY ALL")
        out = {}
        for schema, name in relations:
            if schema == "locus" and name in _STORED:
                continue
            columns = [r[0] for r in self.rows(f'DESCRIBE "{schema}"."{name}"')]
            kept = ", ".join(f'"{c}"' for c in columns if c not in _OF_THE_RUN and not c.startswith("dbt_"))
            out[f"{schema}.{name}"] = self.rows(f'SELECT {kept} FROM "{schema}"."{name}" ORDER BY ALL')
        return out

    def orphans(self) -> dict[str, int]:
        """Lineage that belongs to no row or no model; all zero when all is well."""
        models = "(SELECT model FROM locus.models WHERE state = 'traced')"
        found = {
            t: self.one(f"SELECT count(*) FROM locus.{t} WHERE model NOT IN {models}")
            for t in ("spans", "documents", "edges")
        }
        for model in [r[0] for r in self.rows("SELECT DISTINCT model FROM locus.spans")]:
            rows = f"(SELECT _locus_row_id FROM {model})"
            found[model] = self.one(
                f"SELECT count(*) FROM locus.spans WHERE model = '{model}' AND _locus_row_id NOT IN {rows}"
            )
        return found

    def leftovers(self) -> list[str]:
        names = [r[0] for r in self.rows("SELECT table_name FROM information_schema.tables")]
        return [n for n in names if "__dbt" in n]


def messages(outcome: Any) -> list[str]:
    return [f"{r.node.name}: {r.status} {r.message}" for r in getattr(outcome.result, "results", None) or []]


def said(outcome: Any) -> str:
    """All that a failed command has to say."""
    return " ".join([str(outcome.exception), *messages(outcome)])


def failed(outcome: Any) -> dict[str, str]:
    """Node name to message of what did not succeed."""
    results: Sequence[Any] = outcome.result.results
    return {r.node.name: str(r.message) for r in results if str(r.status) in ("error", "fail", "skipped")}


@pytest.fixture
def make_repo(third_party: Path, tmp_path: Path) -> Iterator[Callable[..., Repo]]:
    before = os.environ.get("DBT_PARTIAL_PARSE")
    made: list[Repo] = []

    def make(name: str = "shop", **more: Any) -> Repo:
        (tmp_path / name).mkdir()
        made.append(Repo(tmp_path / name, **more))
        return made[-1]

    yield make
    Repo.close()
    assert os.environ.get("DBT_PARTIAL_PARSE") == before


@pytest.fixture
def repo(make_repo: Callable[..., Repo]) -> Repo:
    """Documents, the staging model with its contract, and a mart."""
    shop = make_repo()
    shop.pdf("a.pdf", "Invoice 1", "Total 119.00")
    shop.pdf("b.pdf", "Total 20.50", "Total 7.00")
    shop.pdf("sub/c.pdf", "Total 33.10")
    shop.write("documents/broken.pdf", "%PDF-1.7\nnothing more\n")
    shop.write("models/stg.sql", STG)
    shop.write("models/stg.yml", STG_YML)
    shop.write(
        "models/mart.sql", "select amount as total, label, _locus_row_id from {{ ref('stg') }} where amount > 10"
    )
    return shop
