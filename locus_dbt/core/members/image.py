"""The files inside one document, as rows: the engine's own image, run in a worker like any other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from locus_dbt.core.builder import TableBuilder
from locus_dbt.model.document import Document


def extract(document: Document, params: Mapping[str, Any], table: TableBuilder) -> None:  # noqa: ARG001 - no params
    """A row for each attachment of the parsed document; bytes have no span of their own."""
    inside = document.parsed.attachments
    table.extend(
        {
            "name": [one.name for one in inside],
            "media_type": [one.media_type for one in inside],
            "data": [one.data for one in inside],
        }
    )
