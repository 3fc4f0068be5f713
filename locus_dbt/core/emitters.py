"""Results to files: Parquet, CSV and JSON lines are built in, other suffixes come from plug-ins."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import pyarrow as pa

from locus_dbt.core.plugins import plugins
from locus_dbt.model.errors import RequestError, RunError, did_you_mean


class Emitter(Protocol):
    """Interface version 1: writes record batches to one file whose suffix it names."""

    interface: int
    suffixes: tuple[str, ...]

    def emit(self, batches: pa.RecordBatchReader, path: Path) -> None:
        """Write all batches; ``OSError`` when the destination cannot be written."""
        ...


class ParquetEmitter:
    """One Parquet file, a row group a batch."""

    interface: int = 1
    suffixes: tuple[str, ...] = (".parquet",)

    def emit(self, batches: pa.RecordBatchReader, path: Path) -> None:
        """Write all batches."""
        import pyarrow.parquet as pq  # noqa: PLC0415 - only for this format

        with pq.ParquetWriter(path, batches.schema) as writer:
            for batch in batches:
                writer.write_batch(batch)


class CsvEmitter:
    """UTF-8 with a header line."""

    interface: int = 1
    suffixes: tuple[str, ...] = (".csv",)

    def emit(self, batches: pa.RecordBatchReader, path: Path) -> None:
        """Write all batches."""
        from pyarrow import csv  # noqa: PLC0415 - only for this format

        with csv.CSVWriter(path, batches.schema) as writer:
            for batch in batches:
                writer.write_batch(batch)


class JsonLinesEmitter:
    """One JSON object a line; dates, decimals and ids as texts."""

    interface: int = 1
    suffixes: tuple[str, ...] = (".json", ".jsonl")

    def emit(self, batches: pa.RecordBatchReader, path: Path) -> None:
        """Write all batches."""
        with path.open("w", encoding="utf-8") as file:
            for batch in batches:
                file.writelines(_lines(batch))


def _lines(batch: pa.RecordBatch) -> Iterator[str]:
    import json  # noqa: PLC0415 - only for this format

    for row in batch.to_pylist():
        yield json.dumps(row, ensure_ascii=False, default=str) + "\n"


def emitter_for(path: Path) -> Emitter:
    """The emitter of a suffix: a plug-in before a built-in; E103 for a suffix nobody writes."""
    every: list[Emitter] = [*plugins("emitters").values(), ParquetEmitter(), CsvEmitter(), JsonLinesEmitter()]
    known = {suffix: emitter for emitter in reversed(every) for suffix in emitter.suffixes}
    suffix = path.suffix.lower()
    if suffix not in known:
        raise RequestError(f"no emitter writes '{path.name}'{did_you_mean(suffix, known)}")
    return known[suffix]


def emit(batches: pa.RecordBatchReader, path: Path) -> None:
    """Write a result; the file appears when it is whole. E403 with the reason when it cannot be written."""
    emitter = emitter_for(path)
    try:
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=".locus-") as folder:
            part = Path(folder) / path.name
            emitter.emit(batches, part)
            part.replace(path)
    except OSError as error:
        raise RunError(
            f"cannot write {path}: {error.strerror or error}", code="E403", fix="choose a writable destination"
        ) from error
