"""Documents made on the spot, a third-party image package that is really installed, attached connections."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    import duckdb

THIRD_PARTY = Path(__file__).parent / "third_party"
REPOSITORY = Path(__file__).parent.parent

#: Stands in the bytes of a document on which acme-totals misbehaves when it is asked to.
MISBEHAVE = b"\n%misbehave\n"

Line = str | tuple[float, float, str]


def write_pdf(path: Path, lines: Sequence[Line], *, pages: int = 1, tail: bytes = b"") -> Path:
    """A PDF with a printed line per item on each page, byte for byte the same for the same arguments.

    An item is a text (set below the one before) or ``(x, y, text)`` with y from the top of the page.
    """
    from reportlab.lib.pagesizes import A4
    from reportlab.pdfgen.canvas import Canvas

    path.parent.mkdir(parents=True, exist_ok=True)
    canvas = Canvas(str(path), pagesize=A4, invariant=1)
    for _ in range(pages):
        for i, line in enumerate(lines):
            x, y, text = (72.0, 72.0 + 20 * i, line) if isinstance(line, str) else line
            canvas.drawString(x, A4[1] - y, text)
        canvas.showPage()
    canvas.save()
    if tail:
        path.write_bytes(path.read_bytes() + tail)
    return path


@pytest.fixture(scope="session")
def make_pdf() -> Callable[..., Path]:
    return write_pdf


@pytest.fixture(scope="session")
def third_party_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample package, installed by pip into a folder of its own; once for all xdist workers."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base
    target, done = shared / "third_party_site", shared / "third_party_done"
    try:
        (shared / "third_party_lock").mkdir()
    except FileExistsError:
        for _ in range(600):
            if done.exists():
                return target
            time.sleep(0.1)
        raise
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-index"]
    command += ["--no-deps", "--no-build-isolation", "--target", str(target), str(THIRD_PARTY)]
    subprocess.run(command, check=True, capture_output=True)
    done.touch()
    return target


@pytest.fixture
def third_party(third_party_dir: Path) -> Iterator[Path]:
    """The installed sample package is importable and its images are known, for the time of one test."""
    from locus_dbt.core.registry import rediscover

    sys.path.insert(0, str(third_party_dir))
    importlib.invalidate_caches()
    rediscover()
    yield third_party_dir
    sys.path.remove(str(third_party_dir))
    rediscover()


@pytest.fixture(scope="session", autouse=True)
def _workers() -> Iterator[None]:
    """No worker outlives the session."""
    yield
    from locus_dbt.core.pool import close_pools

    close_pools()


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    """Three readable documents, one of them in a sub-folder, and a damaged one."""
    folder = tmp_path / "documents"
    write_pdf(folder / "a.pdf", ["Invoice 1", "Total 119.00"])
    write_pdf(folder / "b.pdf", ["Invoice 2", "Total 20.50", "Total 7.00"])
    write_pdf(folder / "sub" / "c.pdf", ["Total 33.10"])
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7\nnothing more\n")
    return folder


@pytest.fixture
def settings_for(tmp_path: Path) -> Callable[..., Any]:
    """Settings with a store of the test's own and limits that suit tests."""
    from locus_dbt.core.settings import load_settings

    def make(root: Path, **more: Any) -> Any:
        given = {"store": str(tmp_path / "store"), "workers": 2, "timeout_seconds": 30.0, "memory_mb": 900, **more}
        return load_settings(given, root=root)

    return make


class Attached:
    """A connection with Locus functions; ``rows`` and ``one`` are what most tests ask for."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, session: Any, store: Path) -> None:
        self.connection = connection
        self.session = session
        self.store = store

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return self.connection.execute(sql).fetchall()

    def one(self, sql: str) -> Any:
        return self.rows(sql)[0][0]

    def error(self, sql: str) -> str:
        """The message of the error that the statement ends with; only the part that Locus wrote."""
        import duckdb

        with pytest.raises(duckdb.Error) as caught:
            self.connection.execute(sql).fetchall()
        return str(caught.value)

    def events(self, name: str = "") -> list[Any]:
        from locus_dbt.core.events import read_events
        from locus_dbt.core.store import Store

        return [e for e in read_events(Store(self.store)) if e.name.startswith(name)]


@pytest.fixture
def attach_to(tmp_path: Path) -> Iterator[Callable[..., Attached]]:
    """Makes attached connections; all are closed at the end."""
    import duckdb

    import locus_dbt

    made: list[duckdb.DuckDBPyConnection] = []

    def make(root: Path, database: str = ":memory:", **settings: Any) -> Attached:
        connection = duckdb.connect(database)
        made.append(connection)
        store = tmp_path / "store"
        given = {"store": str(store), "workers": 2, "timeout_seconds": 30.0, "memory_mb": 900, **settings}
        session = locus_dbt.attach(connection, root, **given)
        return Attached(connection, session, Path(given["store"]))

    yield make
    for connection in made:
        connection.close()


@pytest.fixture
def attached(third_party: Path, documents: Path, attach_to: Callable[..., Attached]) -> Attached:
    """An in-memory database whose relative paths start in ``documents``."""
    return attach_to(documents)
