"""Documents as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from locus_dbt.core.builder import TableBuilder
from locus_dbt.images.any_to_json.structure import document_json, rows_json, tables_json
from locus_dbt.model.document import Document
from locus_dbt.model.locus import Locus

_MAKERS = {"document": document_json, "tables": tables_json, "rows": rows_json}


def extract(document: Document, params: Mapping[str, Any], table: TableBuilder) -> None:
    """Append one row with the document as JSON.

    The JSON as such is printed nowhere, so it is cited as inferred from the whole document; each text inside
    it stands beside its own page and box (or address).
    """
    parsed = document.parsed
    text = json.dumps(_MAKERS[params["what"]](parsed), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    table.start_row()
    table.put(
        "json", text, text=None, at=Locus(place="the whole document"), grounding="inferred",
        reason="converted from the whole document; its texts carry their own places",
    )  # fmt: skip
