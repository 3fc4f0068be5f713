"""Compiles the walk from every cell of a relation to its places to SQL of named steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from locus_dbt.core.places_sql import place_steps, with_recursive
from locus_dbt.images.provenance_tracker import cells, reasons
from locus_dbt.model.errors import RequestError, did_you_mean
from locus_dbt.model.relation import ROW_ID, Relation, RelationalPlan, quote

STATUSES = ("traced", "untraced", "lineage_broken", "null")


def plan(relation: Relation, params: Mapping[str, Any]) -> RelationalPlan:
    """A row for each cell and place; a cell without a place is a row with its status and the reason."""
    columns = _columns(relation, params["columns"])
    steps = [("_locus_cells", cells.cells(relation, columns)), ("_locus_rows", cells.ROWS)]
    if relation.has_row_id and relation.key:
        steps += place_steps(relation.key, "_locus_rows", columns)
        steps += reasons.reason_steps(relation.key)
        steps.append(("_locus_long", cells.LONG))
    else:
        steps.append(("_locus_long", cells.without_lineage(relation)))
    where = _where(params["minimum"], params["status"])
    return RelationalPlan(
        sql=f"{with_recursive(steps)}\n{cells.SELECT}{where}\n{cells.ORDER}",
        columns=_origins(relation, columns),
        edges=_edges(relation),
    )


def _columns(relation: Relation, names: Sequence[Any]) -> list[str]:
    chosen = list(dict.fromkeys(relation.resolve(name, param="columns") for name in names))
    if ROW_ID in chosen:
        raise RequestError(f"param 'columns': {ROW_ID} names rows and is read from no document", code="E103")
    return chosen or [name for name in relation.columns if name != ROW_ID]


def _where(minimum: float | None, status: Sequence[Any]) -> str:
    """The filters, each on whole cells: a cell that is shown is shown with all its places."""
    tests = []
    if minimum is not None:
        below = f"least_faithful < CAST({float(minimum)!r} AS FLOAT)"
        tests.append(f"({below} OR (least_faithful IS NULL AND status IN ('untraced', 'lineage_broken')))")
    for name in status:
        if name not in STATUSES:
            raise RequestError(
                f"param 'status': no such status: {name!r}{did_you_mean(str(name), STATUSES)}",
                code="E103",
                fix=f"some of {', '.join(STATUSES)}",
            )
    if status:
        tests.append(f"status IN ({', '.join(f'{str(name)!r}' for name in dict.fromkeys(status))})")
    return f"\nWHERE {' AND '.join(tests)}" if tests else ""


def _origins(relation: Relation, columns: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """What is told of a cell depends on the cell; which column that is depends on the row, so it is any of them."""
    told = {name: () if name in cells.ABOUT_COLUMNS else tuple(columns) for name in cells.NAMES}
    return {**told, ROW_ID: (ROW_ID,) if relation.has_row_id else ()}


def _edges(relation: Relation) -> str | None:
    """Each row of the long form is split off the row of the relation whose id it carries."""
    if not relation.has_row_id:
        return None
    name = quote(ROW_ID)
    return f"SELECT DISTINCT {name}, {name} AS source_row_id FROM {relation.sql} WHERE {name} IS NOT NULL"
