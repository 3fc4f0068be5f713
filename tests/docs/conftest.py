from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

import locus_dbt
from locus_dbt.engine.build import build_model
from tests.docs.fences import ROOT

MONTHS = ("2025-01", "2025-02", "2025-04")

MODELS = {
    "stg_invoices": "select * from locus_invoice_extractor('documents/invoices/**/*.pdf')",
    "stg_suppliers": "select * from locus_doc_to_tables('documents/suppliers/suppliers.csv', shape := 'wide')",
    "int_invoices_cleaned": "select * from locus_data_cleaner('stg_invoices')",
    "int_invoices_deduplicated": (
        "select * from locus_deduplicator('int_invoices_cleaned', keys := ['seller_vat_id', 'invoice_number'])"
    ),
    "fct_invoices": "",  # the example's own, see below
    "mart_payables": "select seller_name, currency, sum(gross_total) as payable from fct_invoices group by all",
}


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A few of the example's documents, the models the docs speak of, and their lineage in ``dev.duckdb``."""
    folder = tmp_path_factory.mktemp("docs_project")
    script = ROOT / "example_project" / "scripts" / "make_documents.py"
    subprocess.run([sys.executable, str(script), "--out", str(folder / "documents")], check=True, capture_output=True)
    for month in (folder / "documents" / "invoices").iterdir():
        if month.name not in MONTHS:
            shutil.rmtree(month)
    with duckdb.connect(str(folder / "dev.duckdb")) as connection:
        session = locus_dbt.attach(connection, folder, workers=2)
        for name, sql in MODELS.items():
            build_model(connection, session, name, sql or example_sql(name))
    return folder


def example_sql(model: str) -> str:
    text = next((ROOT / "example_project" / "models").rglob(f"{model}.sql")).read_text("utf-8")
    return re.sub(r"\{\{ ref\('(\w+)'\) \}\}", r"\1", text)


@pytest.fixture
def connection(project: Path) -> Iterator[Any]:
    with duckdb.connect(str(project / "dev.duckdb")) as opened:
        locus_dbt.attach(opened, project, workers=2)
        opened.execute("BEGIN")
        yield opened
        opened.execute("ROLLBACK")


@pytest.fixture
def inside(project: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(project)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]))
    return project
