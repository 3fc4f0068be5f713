"""Arrow batches while documents are being read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import locus_dbt
from locus_dbt.core import extraction
from locus_dbt.core.executor import Job, Outcome, Part, Request
from locus_dbt.core.plan import make_plan
from locus_dbt.core.registry import registry
from locus_dbt.core.runner import Runner
from locus_dbt.errors import RequestError
from locus_dbt.model.document import Document
from locus_dbt.model.element import Parsed
from locus_dbt.parsers import parse
from tests.conftest import Attached


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("a", "b"):
        (tmp_path / f"{name}.csv").write_text(f"item,quantity\n{name}-bolt,3\n{name}-nut,5\n")
    return tmp_path


def test_the_same_rows_as_the_table_function(folder: Path, attach_to: Callable[..., Attached]) -> None:
    reader = locus_dbt.batches("doc-to-tables", "*.csv", root=folder, settings={"store": str(folder / "x")})
    columns = "filename, row_no, col_no, text, is_header, _locus_row_id::VARCHAR"
    attached = attach_to(folder)
    attached.connection.register("streamed", reader)
    streamed = attached.rows(f"SELECT {columns} FROM streamed ORDER BY ALL")
    assert streamed == attached.rows(f"SELECT {columns} FROM locus_doc_to_tables('*.csv') ORDER BY ALL")
    assert len(streamed) == 12


def test_an_output_without_declared_columns_is_refused(folder: Path) -> None:
    with pytest.raises(RequestError, match="E106"):
        locus_dbt.batches("doc-to-tables", "*.csv", root=folder, shape="wide")


class InParts:
    """Runs here, and gives what a worker would send, in its order."""

    interface = 1

    def __init__(self, _settings: Any) -> None:
        self._pending: list[Request] = []

    def prepare(self, job: Job) -> None:
        self._job = job

    def execute(self, requests: Any) -> None:
        self._pending += requests

    def collect(self) -> Iterator[Outcome | Part]:
        pending, self._pending = self._pending, []
        for request in pending:
            sent: list[Part] = []
            outcome = extraction.extract_document(self._job, request, on_part=sent.append)
            yield from sent
            yield outcome

    def cancel(self) -> None:
        self._pending = []


@pytest.mark.criterion("S9")
def test_a_document_in_parts_is_the_document(
    folder: Path, settings_for: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each part's rows arrive for themselves; kept chunks and a second run give the same as one piece."""
    text = "".join(f"<table><tr><td>t{n}</td><td>{n}</td></tr></table><p>between</p>" for n in range(5))
    (folder / "many.html").write_text(f"<html><body>{text}</body></html>")
    settings = settings_for(folder)
    plan = make_plan(registry().image("doc-to-tables"), ["many.html"], {}, settings=settings)
    whole = Runner(settings, InParts).run(plan)[0]
    read: list[str] = []

    def one_table_each(document: Document) -> Iterator[Parsed]:
        parsed = parse(document)
        for table in parsed.tables:
            read.append("read")
            yield Parsed(parsed.media_type, parsed.pages if not table.number else (), (table,))

    monkeypatch.setattr("locus_dbt.parsers.parts", one_table_each)
    other = settings_for(folder, store=str(folder / "other"))
    runner = Runner(other, InParts)
    arrivals = [arrival.rows.num_rows for arrival in runner.stream(plan) if arrival.rows is not None]
    assert len(read) == 5
    assert sum(arrivals) == whole.row_count == 10
    assert len(arrivals) == 5
    again = runner.run(plan)[0]
    for name in ("rows", "spans"):
        assert again.table(name).to_pylist() == whole.table(name).to_pylist()
    assert again.facts["tables"] == whole.facts["tables"] == 5
