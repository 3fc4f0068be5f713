"""The page on adding an image, followed: its folder is found, reads a document and gives the rows it promises."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest
from typer.testing import CliRunner

import locus_dbt
from locus_dbt.cli.app import app
from locus_dbt.core.pool import close_pools
from locus_dbt.core.registry import rediscover
from tests.docs.fences import ROOT, fences

PAGE = ROOT / "docs" / "adding-an-image.md"


def note() -> bytes:
    """A delivery note, printed by the quickstart's own script."""
    script = next(f.text for f in fences(ROOT / "docs" / "quickstart.md") if f.what == "make_invoices.py")
    names: dict[str, Any] = {}
    exec(script.split("\nPath(")[0], names)
    data: bytes = names["pdf"](
        [(50, 684, "Number:"), (180, 684, "D-4711"), (50, 600, "Gross weight"), (180, 600, "12.500 kg")]
    )
    return data


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The page's folder inside an installed package of somebody else."""
    home = tmp_path / "site" / "docs_notes"
    home.mkdir(parents=True)
    (home / "__init__.py").write_text("")
    command = next(f.text for f in fences(PAGE) if f.how == "run" and f.language == "sh")
    monkeypatch.chdir(home)
    done = CliRunner().invoke(app, command.split()[1:])
    assert done.exit_code == 0, done.output
    for fence in fences(PAGE):
        if fence.how == "file" and fence.what.startswith("delivery_notes/"):
            path = home / fence.what
            path.parent.mkdir(exist_ok=True)
            path.write_text(fence.text, "utf-8")
    (home / "delivery_notes" / "__init__.py").write_text('"""The image."""\n')
    about = tmp_path / "site" / "docs_notes-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: docs-notes\nVersion: 1.0\n")
    entry = "[locus_dbt.images]\ndelivery_notes = docs_notes.delivery_notes\n"
    (about / "entry_points.txt").write_text(entry)
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    rediscover()
    close_pools()  # workers know the packages that were there when they started
    yield home
    rediscover()
    close_pools()
    for name in [n for n in sys.modules if n.startswith("docs_notes")]:
        del sys.modules[name]


@pytest.mark.criterion("E10.1", "E10.2")
@pytest.mark.usefixtures("package")
def test_the_image_of_the_page(tmp_path: Path) -> None:
    (tmp_path / "note.pdf").write_bytes(note())
    wanted = json.loads(next(f.text for f in fences(PAGE) if f.what == "expected.jsonl"))
    with duckdb.connect() as connection:
        locus_dbt.attach(connection, tmp_path, workers=1)
        rows = connection.execute(
            "select note_number, weight_kg::varchar from locus_delivery_notes('*.pdf')"
        ).fetchall()
        spans = connection.execute(
            "select column_name, page, x0 is not null, faithfulness from locus_delivery_notes_spans('*.pdf') order by 1"
        ).fetchall()
    assert rows == [(wanted["note_number"], wanted["weight_kg"])]
    assert spans == [("note_number", 1, True, 1.0), ("weight_kg", 1, True, 1.0)]
