"""``attach``: Locus functions on a DuckDB connection."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from locus_dbt.core.settings import Settings, load_settings
from locus_dbt.engine.functions import create_macros, register
from locus_dbt.engine.session import Session

if TYPE_CHECKING:
    import duckdb


#: The text-to-text functions that the dbt package calls.
_CAPTURE = ("_locus_capture", "_locus_capture_python", "_locus_start", "_locus_end")


def attach(connection: duckdb.DuckDBPyConnection, root: str | Path | None = None, **settings: Any) -> Session:  # noqa: ANN401 - checked
    """Make all images callable as table functions on a connection.

    ``root`` is the folder that relative paths and the store (``.locus``) start from, by default the current one.
    ``settings`` are those of :class:`locus_dbt.core.settings.Settings`; they win over environment and ``locus.yml``.
    Calling it again renews everything. Nothing is written into the database.

    Raises:
        RequestError: E103 for a setting that is unknown or out of range.
    """
    found = load_settings(settings, root=Path(root) if root is not None else None)
    session = attach_session(connection, found)
    create_macros(connection)
    return session


def attach_session(connection: duckdb.DuckDBPyConnection, settings: Settings) -> Session:
    """UDFs only: what a database needs once. Macros belong to each connection."""
    logging.getLogger("locus").setLevel(settings.log_level.upper())
    session = Session(connection, settings)
    register(connection, session, {name: _late(session, name) for name in _CAPTURE})
    return session


def _late(session: Session, name: str) -> Callable[[str], str]:
    """A capture function whose module, with the SQL parser, is loaded at its first call."""

    def call(arguments: str) -> str:
        from locus_dbt.engine.capture import capture_functions  # noqa: PLC0415 - see above

        return capture_functions(session)[name](arguments)

    return call
