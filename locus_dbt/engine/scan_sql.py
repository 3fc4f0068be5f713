"""The SQL that stands for a call of an extract function. Pure text; every name and literal is quoted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from locus_dbt.core.plan import Plan, Task
from locus_dbt.core.row_ids import row_id_sql
from locus_dbt.model.relation import ROW_ID, literal, quote

#: Columns of every spans function, after the row id and the file name.
SPAN_COLUMNS: Mapping[str, str] = {
    "column_name": "VARCHAR",
    "value": "VARCHAR",
    "text": "VARCHAR",
    "page": "INTEGER",
    "x0": "FLOAT",
    "y0": "FLOAT",
    "x1": "FLOAT",
    "y1": "FLOAT",
    "confidence": "FLOAT",
    "faithfulness": "FLOAT",
    "grounding": "VARCHAR",
    "reason": "VARCHAR",
    "place": "VARCHAR",
}

#: Columns of rejects wherever they are listed.
REJECT_COLUMNS: Mapping[str, str] = {
    "filename": "VARCHAR",
    "code": "VARCHAR",
    "message": "VARCHAR",
    "hint": "VARCHAR",
    "column_name": "VARCHAR",
    "page": "INTEGER",
    "x0": "FLOAT",
    "y0": "FLOAT",
    "x1": "FLOAT",
    "y1": "FLOAT",
    "place": "VARCHAR",
    "raw": "VARCHAR",
}


def struct_type(columns: Mapping[str, str]) -> str:
    """``STRUCT(ordinal BIGINT, …)[]``: what the row function of an output returns for one document."""
    fields = ", ".join(f"{quote(name)} {kind}" for name, kind in columns.items())
    return f"STRUCT(ordinal BIGINT, {fields})[]"


def task_list(tasks: Sequence[Task]) -> str:
    """The documents as a relation ``f(filename, prefix)``; a filter on filename reaches it before any reading."""
    if not tasks:
        return "(SELECT NULL::VARCHAR AS filename, NULL::VARCHAR AS prefix WHERE false) AS f"
    rows = ", ".join(f"({literal(t.filename)}, {literal(t.prefix)})" for t in tasks)
    return f"(VALUES {rows}) AS f(filename, prefix)"


def rows_sql(
    function: str, token: str, tasks: Sequence[Task], columns: Mapping[str, str], *, filename: str | None
) -> str:
    """Rows of an output with declared columns."""
    picked = [f"r.{quote(name)} AS {quote(name)}" for name in columns]
    return _select(picked, _unnested(function, token, tasks), filename=filename)


def dynamic_rows_sql(token: str, tasks: Sequence[Task], columns: Mapping[str, str], *, filename: str | None) -> str:
    """Rows whose columns are named by the call; cells come as texts and are cast, a bad cast is NULL."""
    names = ", ".join(literal(name) for name in columns)
    picked = [
        f"TRY_CAST(r.cells[{i}] AS {kind}) AS {quote(name)}"
        if kind.upper() != "VARCHAR"
        else f"r.cells[{i}] AS {quote(name)}"
        for i, (name, kind) in enumerate(columns.items(), start=1)
    ]
    return _select(picked, _unnested("_locus_dynamic_rows", token, tasks, extra=f", [{names}]"), filename=filename)


def spans_sql(token: str, tasks: Sequence[Task], *, filename: str = "filename") -> str:
    """All spans in long form, the row id first."""
    picked = [f"r.{quote(name)} AS {quote(name)}" for name in SPAN_COLUMNS]
    inner = _unnested("_locus_spans", token, tasks)
    return (
        f"SELECT {row_id_sql('prefix', 'r.ordinal')} AS {quote(ROW_ID)}, "
        f"filename AS {quote(filename)}, {', '.join(picked)} FROM {inner}"
    )


def rejects_sql(token: str, tasks: Sequence[Task], plan: Plan) -> str:
    """All rejects of the plan's documents, and the sources that had no bytes to read."""
    names = ", ".join(f"r.{quote(n)} AS {quote(n)}" for n in REJECT_COLUMNS if n != "filename")
    read = f"SELECT filename, {names} FROM {_unnested('_locus_rejects', token, tasks)}"
    unread = [
        f"SELECT {literal(u.filename)}, {literal(u.code)}, {literal(u.message)}" + ", NULL" * (len(REJECT_COLUMNS) - 3)
        for u in plan.unreadable
    ]
    return " UNION ALL ".join([read, *unread])


def empty_sql(columns: Mapping[str, str], *, filename: str | None) -> str:
    """The columns and no rows."""
    head = {filename: "VARCHAR"} if filename else {}
    typed = [f"NULL::{kind} AS {quote(name)}" for name, kind in {**head, **columns, ROW_ID: "UUID"}.items()]
    return f"SELECT {', '.join(typed)} WHERE false"


def native_sql(scans: Sequence[tuple[Task, str]], columns: Mapping[str, str] | None, *, filename: str | None) -> str:
    """Rows that DuckDB reads itself: each scan keeps the file's order, so the row number is the ordinal."""
    parts = []
    for task, scan in scans:
        picked = "*" if columns is None else ", ".join(quote(n) for n in columns)
        head = f"{literal(task.filename)} AS {quote(filename)}, " if filename else ""
        # A materialized CTE lets DuckDB parse on all cores before the single-threaded numbering.
        parts.append(
            f"(WITH scan AS MATERIALIZED ({scan}) SELECT {head}{picked}, "
            f"{row_id_sql(literal(task.prefix), 'row_number() OVER () - 1')} AS {quote(ROW_ID)} FROM scan)"
        )
    return " UNION ALL BY NAME ".join(parts)


def _unnested(function: str, token: str, tasks: Sequence[Task], *, extra: str = "") -> str:
    call = f"{function}({literal(token)}, f.filename{extra})"
    return f"(SELECT f.filename, f.prefix, unnest({call}) AS r FROM {task_list(tasks)})"


def _select(picked: Sequence[str], inner: str, *, filename: str | None) -> str:
    head = [f"filename AS {quote(filename)}"] if filename else []
    tail = [f"{row_id_sql('prefix', 'r.ordinal')} AS {quote(ROW_ID)}"]
    return f"SELECT {', '.join([*head, *picked, *tail])} FROM {inner}"
