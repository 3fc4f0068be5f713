"""A plug-in for files of its own format is selected by the destination's ending."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import pytest

from locus_dbt.cli.destination import Destination
from locus_dbt.core import plugins
from locus_dbt.errors import ManifestError, RequestError


class _Lines:
    interface = 1
    suffixes = (".lines",)

    def emit(self, batches: Any, path: Path) -> None:
        path.write_text("".join(f"{row}\n" for batch in batches for row in batch.to_pylist()))


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch) -> Any:
    def put(emitter: type) -> None:
        points = [SimpleNamespace(name="lines", load=lambda: emitter)]
        monkeypatch.setattr(plugins, "entry_points", lambda group: points if group.endswith("emitters") else [])
        plugins.plugins.cache_clear()

    yield put
    plugins.plugins.cache_clear()


@pytest.mark.criterion("E10.1", "E10.2", "E10.5")
def test_a_registered_emitter_writes_its_ending(tmp_path: Path, install: Any) -> None:
    install(_Lines)
    with duckdb.connect() as connection, Destination(tmp_path / "a.lines") as destination:
        assert destination.write(connection, "select 1 as n union all select 2 order by n") == 2
    assert (tmp_path / "a.lines").read_text() == "{'n': 1}\n{'n': 2}\n"


def test_an_ending_that_nobody_writes_is_refused(tmp_path: Path, install: Any) -> None:
    install(_Lines)
    with pytest.raises(RequestError, match="the ending decides the format"):
        Destination(tmp_path / "a.line")


@pytest.mark.criterion("E10.3", "E10.4")
def test_an_incomplete_emitter_is_refused(tmp_path: Path, install: Any) -> None:
    install(type("Half", (), {"interface": 1}))
    with pytest.raises(ManifestError, match=r"emitter 'lines' lacks suffixes, emit"):
        Destination(tmp_path / "a.lines")
