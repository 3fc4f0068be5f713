"""Lies about origins on purpose."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from locus_dbt.model.relation import ROW_ID, Relation, RelationalPlan, quote


def plan(relation: Relation, params: Mapping[str, Any]) -> RelationalPlan:
    """The column holds the texts of the column beside it."""
    column = str(params["column"])
    names = [c for c in relation.columns if c != ROW_ID]
    other = names[(names.index(column) + 1) % len(names)]
    return RelationalPlan(
        sql=f"SELECT * REPLACE (CAST({quote(other)} AS VARCHAR) AS {quote(column)}) FROM {relation.sql}",
        columns={c: (c,) for c in names},
    )
