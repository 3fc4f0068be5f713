"""Capital letters in one column."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from locus_dbt.errors import RequestError
from locus_dbt.model.relation import ROW_ID, Relation, RelationalPlan, quote


def plan(relation: Relation, params: Mapping[str, Any]) -> RelationalPlan:
    """Rows are mapped one to one; a null is a reject."""
    column = str(params["column"])
    if column not in relation.columns:
        raise RequestError(f"the relation has no column '{column}'", code="E107")
    name = quote(column)
    row_id = quote(ROW_ID) if relation.has_row_id else "NULL::UUID"
    return RelationalPlan(
        sql=f"SELECT * REPLACE (upper({name}) AS {name}) FROM {relation.sql}",
        columns={c: (c,) for c in relation.columns if c != ROW_ID},
        rejects=(
            f"SELECT {row_id} AS _locus_row_id, '{column}' AS column_name, 'E301' AS code, "
            f"'no text' AS message, NULL::VARCHAR AS raw FROM {relation.sql} WHERE {name} IS NULL"
        ),
    )
