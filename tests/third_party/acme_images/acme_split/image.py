"""Letters of a text as rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from locus_dbt.model.relation import ROW_ID, Relation, RelationalPlan, quote


def plan(relation: Relation, params: Mapping[str, Any]) -> RelationalPlan:
    """The id of a letter's row is made from the id of its text and its number."""
    name, row_id = quote(str(params["column"])), quote(ROW_ID)
    numbered = f"SELECT {name}, {row_id}, unnest(range(length({name}))) AS n FROM {relation.sql}"
    made = f"CAST(md5({row_id}::VARCHAR || '/' || n) AS UUID)"
    return RelationalPlan(
        sql=f"SELECT {name}[n + 1] AS letter, n, {made} AS {row_id} FROM ({numbered})",
        columns={"letter": (str(params["column"]),), "n": ()},
        edges=f"SELECT {made} AS {row_id}, {row_id} AS source_row_id FROM ({numbered})",
    )
