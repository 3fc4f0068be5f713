"""The dbt-duckdb plug-in: ``plugins: [{module: locus_dbt.dbt.plugin}]`` in the profile."""

from __future__ import annotations

import logging
import os
import re
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dbt.adapters.duckdb.plugins import BasePlugin

from locus_dbt.core.settings import load_settings

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


#: Commands whose SQL all stands in the project's files.
_COMMANDS_OVER_FILES = (
    "run",
    "build",
    "test",
    "snapshot",
    "seed",
    "compile",
    "list",
    "docs",
    "generate",
    "parse",
    "freshness",
)
_NO_SOURCES = ("target", "logs", "documents", "node_modules", "__pycache__", "locus_dbt")
_FUNCTION = re.compile(r"\b(locus_[a-z0-9_]+)\s*\(")


class Plugin(BasePlugin):  # type: ignore[misc]
    """Functions once a database, macros once a connection. Settings come from the plug-in's ``config``."""

    def initialize(self, plugin_config: dict[str, Any]) -> None:
        """Check the settings before anything is read."""
        self.settings = load_settings(plugin_config, root=project_folder())

    def configure_connection(self, conn: DuckDBPyConnection) -> None:
        """Register the functions. Our logger stays out of dbt's output, whose format must stay valid."""
        from locus_dbt.engine.attach import attach_session  # noqa: PLC0415 - not needed to parse a project

        logging.getLogger("locus").propagate = False
        attach_session(conn, self.settings)

    def configure_cursor(self, cursor: DuckDBPyConnection) -> None:
        """Create the table functions of one dbt thread."""
        from locus_dbt.engine.functions import create_macros  # noqa: PLC0415 - loaded with the connection

        create_macros(cursor, self.functions)

    @cached_property
    def functions(self) -> frozenset[str] | None:
        """Table functions that the project's SQL names; ``None`` (all) for commands that bring SQL of their own."""
        from dbt.flags import get_flags  # noqa: PLC0415 - set by dbt before it loads plug-ins

        if getattr(get_flags(), "WHICH", None) not in _COMMANDS_OVER_FILES:
            return None
        return functions_named(self.settings.root)


def functions_named(project: Path) -> frozenset[str]:
    """Names of Locus functions in the SQL and YAML files below a project folder, its packages included."""
    found: set[str] = set()
    for folder, folders, files in os.walk(project):
        folders[:] = [
            f for f in folders if not f.startswith(".") and f not in _NO_SOURCES and not _is_environment(folder, f)
        ]
        for name in files:
            if name.endswith((".sql", ".yml", ".yaml", ".md")):
                text = Path(folder, name).read_text("utf-8", errors="replace")
                found.update(_FUNCTION.findall(text.lower()))
    return frozenset(found)


def _is_environment(folder: str, name: str) -> bool:
    return Path(folder, name, "pyvenv.cfg").exists()


def project_folder() -> Path:
    """The dbt project's folder, from where relative paths and the store start."""
    from dbt.flags import get_flags  # noqa: PLC0415 - set by dbt before it loads plug-ins

    return Path(getattr(get_flags(), "PROJECT_DIR", None) or Path.cwd())
