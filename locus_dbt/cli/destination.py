"""Writing a query's result to a file: checked before anything is read, in place only when whole."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from locus_dbt.core.emitters import emitters
from locus_dbt.model.errors import RequestError, RunError, did_you_mean
from locus_dbt.model.relation import literal

if TYPE_CHECKING:
    import duckdb

#: File-name ending to the options of DuckDB's COPY.
FORMATS = {
    ".parquet": "FORMAT parquet, COMPRESSION zstd",
    ".csv": "FORMAT csv, HEADER",
    ".json": "FORMAT json, ARRAY true",
    ".jsonl": "FORMAT json, ARRAY false",
}


class Destination:
    """A file to write. Taken at the start, so that a place that cannot be written costs no run."""

    def __init__(self, path: Path) -> None:
        self.path = path
        suffix = path.suffix.lower()
        foreign = emitters()
        known = [*FORMATS, *foreign]
        if suffix not in known:
            near = did_you_mean(suffix, known)
            raise RequestError(
                f"cannot write '{path.name}': the ending decides the format{near}", code="E103", fix=", ".join(known)
            )
        self._emitter = foreign.get(suffix)  # installing a plug-in for a usual ending decides for it
        self._options = FORMATS.get(suffix, "")
        try:
            if path.is_dir():
                raise IsADirectoryError(21, "is a folder")
            handle, name = tempfile.mkstemp(dir=path.parent, prefix=".part-", suffix=suffix)
            os.close(handle)
        except OSError as error:
            raise _unwritable(path, error) from error
        self._part = Path(name)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._part.unlink(missing_ok=True)

    def write(self, connection: duckdb.DuckDBPyConnection, query: str) -> int:
        """Write the query's rows; returns how many."""
        try:
            count = self._emit(connection, query)
            self._part.chmod(0o666 & ~_umask())
            self._part.replace(self.path)
        except OSError as error:
            raise _unwritable(self.path, error) from error
        return count

    def _emit(self, connection: duckdb.DuckDBPyConnection, query: str) -> int:
        if self._emitter is None:
            copied = f"COPY ({query}\n) TO {literal(str(self._part))} ({self._options})"
            done = connection.execute(copied).fetchone()
            return int(done[0]) if done else 0
        rows: Any = connection.execute(query)
        table = rows.to_arrow_table() if hasattr(rows, "to_arrow_table") else rows.fetch_arrow_table()  # before 2.0
        self._emitter.emit(table.to_reader(), self._part)
        return int(table.num_rows)


def _unwritable(path: Path, error: OSError) -> RunError:
    reason = error.strerror or str(error)
    return RunError(
        f"cannot write '{path}': {reason}", code="E403", fix="choose a folder that exists and can be written"
    )


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
