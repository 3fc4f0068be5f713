"""The dbt-duckdb plug-in: ``plugins: [{module: locus_dbt.dbt.plugin}]`` in the profile."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dbt.adapters.duckdb.plugins import BasePlugin

from locus_dbt.core.settings import load_settings

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


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

        create_macros(cursor)


def project_folder() -> Path:
    """The dbt project's folder, from where relative paths and the store start."""
    from dbt.flags import get_flags  # noqa: PLC0415 - set by dbt before it loads plug-ins

    return Path(getattr(get_flags(), "PROJECT_DIR", None) or Path.cwd())
