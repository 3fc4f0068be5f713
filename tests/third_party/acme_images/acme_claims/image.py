"""Values as a document claims them, each with the text that it cites: scores of any height, made on purpose."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from locus_dbt.core.builder import TableBuilder
from locus_dbt.model.document import Document
from locus_dbt.model.locus import Locus


def _claimed(line: str) -> bool:
    return line.partition(" = ")[0] in ("party", "amount", "note")


def extract(document: Document, params: Mapping[str, Any], table: TableBuilder) -> None:
    """One row a paragraph of lines ``column = value | cited text | reason``; a reason makes the value inferred."""
    text = document.data.decode()
    if params["shape"] == "wide":
        table.declare({"party": "VARCHAR", "amount": "VARCHAR", "note": "VARCHAR"})
    number = 0
    for paragraph in text.split("\n\n"):
        lines = paragraph.splitlines()
        if any(_claimed(line) for line in lines):
            table.start_row()
        for line in lines:
            number += 1
            column, _, claim = line.partition(" = ")
            if not _claimed(line):
                continue
            value, cited, reason, *_ = [*claim.split(" | "), None, None]
            table.put(
                column,
                Decimal(value) if column == "amount" and params["shape"] != "wide" else value,
                text=cited,
                at=Locus(None, place=f"line {number}"),
                grounding="inferred" if reason else None,
                reason=reason,
            )
        number += 1
