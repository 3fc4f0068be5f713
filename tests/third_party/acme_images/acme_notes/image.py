"""Every printed line as a chunk."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from locus_dbt.core.builder import TableBuilder
from locus_dbt.model.document import Document
from locus_dbt.model.element import page_text
from locus_dbt.model.locus import Locus


def extract(document: Document, params: Mapping[str, Any], table: TableBuilder) -> None:
    """One row a printed line, located by its page."""
    for page in document.parsed.pages:
        for line in page_text(page).splitlines():
            table.start_row()
            table.put("line", line, text=line, at=Locus(page.number))
