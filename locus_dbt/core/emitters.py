"""Emitters: plug-ins that write results to files of their own formats. The usual formats are DuckDB's COPY."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import pyarrow as pa

from locus_dbt.core.plugins import plugins


class Emitter(Protocol):
    """Interface version 1: writes record batches to one file whose suffix it names."""

    interface: int
    suffixes: tuple[str, ...]

    def emit(self, batches: pa.RecordBatchReader, path: Path) -> None:
        """Write all batches; ``OSError`` when the destination cannot be written."""
        ...


def emitters() -> dict[str, Emitter]:
    """Lower-case suffix to the plug-in that writes it."""
    return {suffix: emitter for emitter in plugins("emitters").values() for suffix in emitter.suffixes}
