"""Every fence that is marked runnable really runs, on a small project of the example's documents."""

from __future__ import annotations

from typing import Any

import duckdb
import pytest

from tests.docs.fences import Fence, marked

SQL = marked("run", "sql")
PYTHON = marked("run", "python")


def test_there_are_examples_to_run() -> None:
    pages = {f.page for f in SQL}
    assert {"README.md", "docs/provenance.md", "docs/quickstart.md"} <= pages
    assert PYTHON


@pytest.mark.parametrize("fence", SQL, ids=lambda f: f.id)
def test_sql(fence: Fence, connection: Any) -> None:
    if fence.what.startswith("E"):
        with pytest.raises(duckdb.Error, match=rf"\[{fence.what}\]"):
            connection.execute(fence.text).fetchall()
        return
    rows = connection.execute(fence.text).fetchall()
    if fence.what == "rows":
        assert rows, f"{fence.id} gives no rows"
    if fence.what == "none":
        assert not rows, f"{fence.id} gives rows: {rows[:3]}"


@pytest.mark.usefixtures("inside")
@pytest.mark.parametrize("fence", PYTHON, ids=lambda f: f.id)
def test_python(fence: Fence) -> None:
    exec(compile(fence.text, fence.id, "exec"), {"__name__": "docs"})
