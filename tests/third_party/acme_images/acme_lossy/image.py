"""Drops lineage on purpose: the amount is appended without its place."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from locus_dbt.core.builder import TableBuilder
from locus_dbt.model.document import Document
from locus_dbt.model.element import page_text
from locus_dbt.model.locus import Locus

_AMOUNT = re.compile(r"-?\d+\.\d{2}$")


def extract(document: Document, params: Mapping[str, Any], table: TableBuilder) -> None:
    """One row a printed line with a number at its end."""
    for page in document.parsed.pages:
        for number, line in enumerate(page_text(page).splitlines(), 1):
            if found := _AMOUNT.search(line):
                table.extend({"line_no": [number], "amount": [Decimal(found[0])]})
                table.put("line", line, text=line, at=Locus(page.number))
