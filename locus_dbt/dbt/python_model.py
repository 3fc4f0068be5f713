"""For Python models: the declared columns are checked before the model returns.

dbt-core refuses to parse a project in which a Python model has an enforced contract; this check gives the same
promise with the same message.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from locus_dbt.model.errors import RequestError
from locus_dbt.model.relation import quote


def checked(dbt: Any, relation: Any, *, columns: Mapping[str, str]) -> Any:  # noqa: ANN401 - dbt and DuckDB objects
    """Return ``relation`` when it has exactly the declared columns (name to DuckDB type), in any order.

    ``relation`` is a DuckDB relation, an Arrow table or a data frame. The result has the columns in declared order.

    Raises:
        RequestError: E106 with a table of the differences, as dbt prints it for SQL models.
    """
    actual = _columns(relation)
    lines = [_line(name, columns.get(name), actual.get(name)) for name in dict.fromkeys([*columns, *actual])]
    problems = [line for line in lines if line is not None]
    if problems:
        table = " ".join(["| column_name | definition_type | contract_type | mismatch_reason |", *problems])
        where = f"{dbt.this.identifier}: " if hasattr(dbt, "this") else ""
        raise RequestError(
            f"{where}this model's columns differ from its contract: {table}",
            code="E106",
            fix="change the model or the declared columns",
        )
    if hasattr(relation, "project"):
        return relation.project(", ".join(quote(name) for name in columns))
    return relation[list(columns)] if hasattr(relation, "iloc") else relation.select(list(columns))


def _columns(relation: Any) -> dict[str, str]:  # noqa: ANN401
    """Names and DuckDB types of a relation, an Arrow table or a data frame."""
    if not hasattr(relation, "project"):
        import duckdb  # noqa: PLC0415 - only to ask for the types of a frame

        is_arrow = type(relation).__module__.startswith("pyarrow")
        relation = duckdb.from_arrow(relation) if is_arrow else duckdb.from_df(relation)
    return {name: str(kind) for name, kind in zip(relation.columns, relation.types, strict=True)}


def _line(name: str, declared: str | None, actual: str | None) -> str | None:
    if declared is None:
        return f"| {name} | {actual} | | missing in contract |"
    if actual is None:
        return f"| {name} | | {declared} | missing in definition |"
    if _plain(declared) != _plain(actual):
        return f"| {name} | {actual} | {declared} | data type mismatch |"
    return None


def _plain(kind: str) -> str:
    text = kind.upper().replace(" ", "")
    return {
        "STRING": "VARCHAR",
        "TEXT": "VARCHAR",
        "INT": "INTEGER",
        "BOOL": "BOOLEAN",
        "NUMERIC": "DECIMAL(18,3)",
    }.get(text, text)
