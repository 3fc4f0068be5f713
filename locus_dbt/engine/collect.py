"""Removing old runs from the lineage: only what no model stands on, and what no remaining run holds."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

#: Runs to keep: where models stand, what those were built on, and everything from a moment on.
_KEPT = """
WITH RECURSIVE live AS (
    SELECT run_id FROM locus.models
    UNION
    SELECT s.source_run_id FROM live AS l JOIN locus.steps AS s ON s.run_id = l.run_id
    WHERE s.source_run_id IS NOT NULL
)
SELECT run_id FROM live
UNION
SELECT since FROM locus.run_documents WHERE run_id IN (SELECT run_id FROM live)
UNION
SELECT run_id FROM locus.runs WHERE built_at >= ?
"""

_BY_RUN = ("run_sources", "run_columns", "run_edges", "run_documents", "run_rejects", "runs")
_BY_READING = ("reading_rows", "reading_extras", "reading_verdicts", "reading_addresses", "reading_rejects", "readings")


def collect_runs(
    connection: duckdb.DuckDBPyConnection, *, before: datetime, dry_run: bool = False
) -> Mapping[str, int]:
    """Forget runs that ended before a moment, in one transaction; returns how many runs and readings went.

    A run stays while a model stands at it, or at a run that was built on it. The answers about models do not change.
    """
    connection.execute("BEGIN")
    try:
        connection.execute(f"CREATE OR REPLACE TEMP TABLE locus_kept AS {_KEPT}", [before])
        kept = "run_id NOT IN (SELECT run_id FROM locus_kept)"
        held = f"SELECT reading FROM locus.run_documents WHERE NOT ({kept})"
        gone = {
            "runs": f"SELECT count(DISTINCT run_id) FROM locus.runs WHERE {kept}",
            "readings": f"SELECT count(*) FROM locus.readings WHERE reading NOT IN ({held})",
        }
        counts = {what: int(connection.execute(query).fetchall()[0][0]) for what, query in gone.items()}
        for table in _BY_RUN:
            connection.execute(f"DELETE FROM locus.{table} WHERE {kept}")
        held = "SELECT reading FROM locus.run_documents"
        for table in _BY_READING:
            connection.execute(f"DELETE FROM locus.{table} WHERE reading NOT IN ({held})")
        connection.execute("DROP TABLE locus_kept")
        connection.execute("ROLLBACK" if dry_run else "COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    if not dry_run:
        connection.execute("CHECKPOINT")
    return counts
