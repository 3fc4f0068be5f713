"""How completely each document was read, as columns: of ``locus.completeness`` and of ``…_documents`` functions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from locus_dbt.core.builder import arrow_type
from locus_dbt.core.completeness import COUNTS
from locus_dbt.core.runner import DocumentResult

#: Column to type and meaning.
READING: Mapping[str, tuple[str, str]] = {
    "media_type": ("VARCHAR", "Detected type."),
    "size": ("BIGINT", "Bytes."),
    "status": ("VARCHAR", "read or rejected."),
    "rows": ("BIGINT", "Rows it gave."),
    "rejects": ("BIGINT", "Rejects it left: refused cells, or itself."),
    **{name: ("BIGINT", meaning) for name, meaning in COUNTS.items()},
    "warnings": ("VARCHAR[]", "What the parser could not read, left out or doubts."),
    "seconds": ("DOUBLE", "Time it took in the run that read it."),
    "ocr_seconds": ("DOUBLE", "Of it, time spent reading pictures."),
}


def reading_facts(result: DocumentResult) -> pa.Table:
    """The one row of a document, ``ordinal`` first; counts are null where nothing was parsed."""
    facts = result.facts
    row: dict[str, Any] = {
        **{name: facts.get(name) for name in (*COUNTS, "warnings", "seconds")},
        "media_type": result.media_type,
        "size": result.task.size,
        "status": "read" if result.record.get("rows") else "rejected",
        "rows": result.row_count,
        "rejects": len(result.rejects),
        "ocr_seconds": facts.get("cost", {}).get("ocr_seconds"),
    }
    arrays = [pa.array([row[name]], arrow_type(kind)) for name, (kind, _) in READING.items()]
    return pa.table([pa.array([0], pa.int64()), *arrays], names=["ordinal", *READING])
