"""One row a key: the smallest value of each column."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from locus_dbt.model.relation import ROW_ID, Relation, RelationalPlan, quote


def plan(relation: Relation, params: Mapping[str, Any]) -> RelationalPlan:
    """The row id of a merged row is the smallest of its contributors'."""
    key = quote(str(params["key"]))
    names = [c for c in relation.columns if c != ROW_ID]
    merged = ", ".join(f"min({quote(c)}) AS {quote(c)}" for c in names if quote(c) != key)
    row_id = quote(ROW_ID)
    return RelationalPlan(
        sql=f"SELECT {key}, {merged}, min({row_id}) AS {row_id} FROM {relation.sql} GROUP BY {key}",
        columns={c: (c,) for c in names},
        edges=(
            f"SELECT min({row_id}) OVER (PARTITION BY {key}) AS {row_id}, {row_id} AS source_row_id FROM {relation.sql}"
        ),
    )
