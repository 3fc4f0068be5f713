"""Building one model outside dbt, with the same capture that the dbt package uses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from locus_dbt.engine.build_events import build_ended
from locus_dbt.engine.capture import Capture, Target, capture
from locus_dbt.engine.relations import name_parts
from locus_dbt.engine.session import Session
from locus_dbt.engine.tables import create_lineage_tables
from locus_dbt.model.relation import quote

if TYPE_CHECKING:
    import duckdb


def build_model(connection: duckdb.DuckDBPyConnection, session: Session, model: str, sql: str) -> Capture:
    """Create or replace the table ``model`` from ``sql`` and write its lineage, in one transaction.

    The connection must have been attached; it must not be inside a transaction of its own.
    """
    create_lineage_tables(connection)
    target = ".".join(quote(part) for part in name_parts(model))
    captured = capture(session, sql, Target(model, built=target))
    connection.execute("BEGIN")
    try:
        connection.execute(f"CREATE OR REPLACE TABLE {target} AS {captured.sql}")
        if captured.after:
            connection.execute(captured.after)
        connection.execute("COMMIT")
    except BaseException as error:
        connection.execute("ROLLBACK")
        build_ended(session, model, str(error) or type(error).__name__)
        raise
    build_ended(session, model)
    return captured
