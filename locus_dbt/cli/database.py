"""Databases as the commands use them: found, opened, and always closed (DuckDB 2 complains of open ones at exit)."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from locus_dbt.model.errors import LineageError, RequestError, RunError

if TYPE_CHECKING:
    import duckdb

    from locus_dbt.engine.session import Session

_ENV_VAR = re.compile(r"\{\{\s*env_var\(\s*['\"](\w+)['\"]\s*(?:,\s*['\"]([^'\"]*)['\"]\s*)?\)\s*\}\}")


@contextmanager
def attached(database: Path | None, root: Path, **settings: Any) -> Iterator[tuple[duckdb.DuckDBPyConnection, Session]]:  # noqa: ANN401 - checked below
    """A connection with all Locus functions, in memory or on a file."""
    import duckdb  # noqa: PLC0415 - not for --help

    from locus_dbt.engine.attach import attach  # noqa: PLC0415

    connection = duckdb.connect(str(database) if database else ":memory:")
    try:
        yield connection, attach(connection, root=root, **settings)
    finally:
        connection.close()


@contextmanager
def read_only(database: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that cannot change the file; E401 when another process holds it."""
    with _opened(database, read_only=True) as connection:
        yield connection


@contextmanager
def writable(database: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that may change the file; E401 when another process holds it."""
    with _opened(database, read_only=False) as connection:
        yield connection


@contextmanager
def _opened(database: Path, *, read_only: bool) -> Iterator[duckdb.DuckDBPyConnection]:
    import duckdb  # noqa: PLC0415

    if not database.is_file():
        raise RequestError(f"no database file '{database}'", code="E107", fix="run dbt build first, or pass --database")
    try:
        connection = duckdb.connect(str(database), read_only=read_only)
    except duckdb.IOException as error:
        first = str(error).splitlines()[0]
        raise RunError(f"cannot open '{database}': {first}", fix="wait until dbt has ended") from error
    try:
        yield connection
    finally:
        connection.close()


@contextmanager
def lineage_of(database: Path | None, root: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A read-only connection to a database that has lineage tables; E502 when it has none."""
    with read_only(database or project_database(root)) as connection:
        if not has_lineage(connection):
            raise LineageError("this database has no lineage", fix="wire the project (locus init), then dbt build")
        yield connection


def has_lineage(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether the database has lineage tables."""
    query = "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'locus' AND table_name = 'models'"
    return bool(connection.execute(query).fetchall()[0][0])


def project_database(root: Path) -> Path:
    """The database file of the dbt project at ``root``, read from its profile's default target."""
    profile = _profile(root)
    output = (profile.get("outputs") or {}).get(os.environ.get("DBT_TARGET") or profile.get("target", "default"))
    path = output.get("path") if isinstance(output, dict) else None
    if not isinstance(path, str) or path == ":memory:":
        raise RequestError("no database file found in the dbt profile", code="E107", fix="pass --database FILE")
    path = _ENV_VAR.sub(lambda m: os.environ.get(m[1], m[2] or ""), path)
    if "{{" in path or path.startswith("md:"):
        raise RequestError(f"the profile's path '{path}' is not a plain file", code="E107", fix="pass --database FILE")
    return root / Path(path).expanduser()


def _profile(root: Path) -> dict[str, Any]:
    from locus_dbt.cli.wiring import profile_file  # noqa: PLC0415
    from locus_dbt.cli.yaml_text import load_mapping  # noqa: PLC0415

    project = root / "dbt_project.yml"
    if not project.is_file():
        raise RequestError(
            f"no dbt project in '{root.absolute().name}'", code="E107", fix="pass --database FILE or --root DIR"
        )
    name = load_mapping(project).get("profile")
    file = profile_file(root, None)
    profile = load_mapping(file).get(name) if file and isinstance(name, str) else None
    if not isinstance(profile, dict):
        raise RequestError(f"no dbt profile '{name}' found", code="E107", fix="pass --database FILE")
    return profile
