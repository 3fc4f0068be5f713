"""Claim: importing the dbt plug-in takes at most 0.3 s on top of dbt. The set-up of a connection is shown too."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys

CODE = """
import tempfile, time, dbt.adapters.duckdb.plugins, duckdb
start = time.perf_counter()
from locus_dbt.dbt.plugin import Plugin
imported = time.perf_counter() - start
plugin = Plugin("locus", {"store": tempfile.mkdtemp()})
con = duckdb.connect()
start = time.perf_counter(); plugin.configure_connection(con); connection = time.perf_counter() - start
cursor = con.cursor()
start = time.perf_counter(); plugin.configure_cursor(cursor); macros = time.perf_counter() - start
cursor.close(); con.close()
print(imported, connection, macros)
"""


def main() -> None:
    """Median of seven fresh processes."""
    runs = []
    for _ in range(7):
        done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True)
        runs.append([float(x) for x in done.stdout.split()])
    imported, connection, macros = (statistics.median(column) for column in zip(*runs, strict=True))
    print(json.dumps({
        "claim": "plug-in import seconds", "import_seconds": round(imported, 3), "at_most": 0.3,
        "connection_seconds": round(connection, 3), "macros_per_thread_seconds": round(macros, 3),
    }))  # fmt: skip


if __name__ == "__main__":
    main()
