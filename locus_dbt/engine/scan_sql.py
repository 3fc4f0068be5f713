"""The SQL that stands for a call of an extract function. Pure text; every name and literal is quoted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from locus_dbt.core.plan import Plan, Task
from locus_dbt.core.row_ids import row_id_sql, row_number_sql
from locus_dbt.engine.reading import READING
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
    "rule": "VARCHAR",
    "mode": "VARCHAR",
    "inputs": "VARCHAR[]",
    "checks": "VARCHAR[]",
    "place": "VARCHAR",
    "start": "INTEGER",
    "stop": "INTEGER",
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
        _typed(f"r.cells[{i}]", kind) + f" AS {quote(name)}" for i, (name, kind) in enumerate(columns.items(), start=1)
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


def reading_sql(token: str, tasks: Sequence[Task]) -> str:
    """How completely each document was read."""
    picked = ", ".join(f"r.{quote(name)} AS {quote(name)}" for name in READING)
    return f"SELECT filename, {picked} FROM {_unnested('_locus_reading', token, tasks)}"


def rejects_sql(token: str, tasks: Sequence[Task], plan: Plan) -> str:
    """All rejects of the plan's documents, and the sources that had no bytes to read."""
    names = ", ".join(f"r.{quote(n)} AS {quote(n)}" for n in REJECT_COLUMNS if n != "filename")
    read = f"SELECT filename, {names} FROM {_unnested('_locus_rejects', token, tasks)}"
    unread = [
        f"SELECT {literal(u.filename)}, {literal(u.code)}, {literal(u.message)}, {literal(u.hint)}"
        + ", NULL" * (len(REJECT_COLUMNS) - 4)
        for u in plan.unreadable
    ]
    return " UNION ALL ".join([read, *unread])


def empty_sql(columns: Mapping[str, str], *, filename: str | None) -> str:
    """The columns and no rows."""
    head = {filename: "VARCHAR"} if filename else {}
    typed = [f"NULL::{kind} AS {quote(name)}" for name, kind in {**head, **columns, ROW_ID: "UUID"}.items()]
    return f"SELECT {', '.join(typed)} WHERE false"


def native_sql(
    scans: Sequence[tuple[Task, str]], columns: Mapping[str, str], *, filename: str | None, by_number: bool
) -> str:
    """Rows that DuckDB reads itself: each scan keeps the file's order, so the row number is the ordinal.

    A scan gives texts; a text that is not of the column's type is NULL, and a row of ``native_rejects_sql``.
    ``by_number``: whether this DuckDB makes a UUID of a number.
    """
    row = "row_number() OVER () - 1"
    parts = []
    for task, scan in scans:
        head = f"{literal(task.filename)} AS {quote(filename)}, " if filename else ""
        picked = ", ".join(_typed(quote(n), t) + f" AS {quote(n)}" for n, t in columns.items())
        # A materialized CTE lets DuckDB parse on all cores before the single-threaded numbering.
        parts.append(
            f"(WITH scan AS MATERIALIZED (SELECT {picked} FROM ({scan})) SELECT {head}*, "
            f"{row_number_sql(task.prefix, row) if by_number else row_id_sql(literal(task.prefix), row)} "
            f"AS {quote(ROW_ID)} FROM scan)"
        )
    return " UNION ALL BY NAME ".join(parts)


def native_rejects_sql(scans: Sequence[tuple[Task, str]], columns: Mapping[str, str]) -> str:
    """Cells of natively read files that are not of their column's type, with the row id."""
    parts = []
    for task, scan in scans:
        numbered = f"SELECT *, row_number() OVER () - 1 AS _locus_ordinal FROM ({scan})"
        for name, kind in _typed_columns(columns).items():
            parts.append(
                _cell_reject(name, kind, quote(name), literal(task.filename), literal(task.prefix), "_locus_ordinal")
                + f" FROM ({numbered}) WHERE {_no_value(quote(name), kind)}"
            )
    return " UNION ALL ".join(parts) or _NO_CELL_REJECTS


def dynamic_rejects_sql(token: str, tasks: Sequence[Task], columns: Mapping[str, str]) -> str:
    """Cells that the call types and whose text is not of that type, with the row id."""
    spans = _unnested("_locus_spans", token, tasks)
    parts = [
        _cell_reject(name, kind, "r.value", "filename", "prefix", "r.ordinal")
        + f" FROM {spans} WHERE r.column_name = {literal(name)} AND {_no_value('r.value', kind)}"
        for name, kind in _typed_columns(columns).items()
    ]
    return " UNION ALL ".join(parts) or _NO_CELL_REJECTS


#: Columns of a refused cell.
CELL_REJECT = ("filename", "code", "message", "hint", "column_name", "place", "raw", ROW_ID)

_NO_CELL_REJECTS = "SELECT " + ", ".join(f"NULL AS {quote(n)}" for n in CELL_REJECT) + " WHERE false"


def _cell_reject(name: str, kind: str, value: str, filename: str, prefix: str, ordinal: str) -> str:
    said = f"{literal(chr(39))} || left({value}, 80) || {literal(chr(39) + ' is not of type ' + kind)}"
    row = row_id_sql(prefix, ordinal)
    return (
        f"SELECT {filename} AS filename, 'E301' AS code, {said} AS message, 'the cell is NULL' AS hint, "
        f"{literal(name)} AS column_name, 'record ' || ({ordinal} + 1) AS place, left({value}, 200) AS raw, "
        f"{row} AS {quote(ROW_ID)}"
    )


def _typed(value: str, kind: str) -> str:
    # Without trim() DuckDB moves the cast into its CSV reader, where a text of another form ends the query.
    return value if kind.upper() == "VARCHAR" else f"TRY_CAST(trim({value}) AS {kind})"


def _typed_columns(columns: Mapping[str, str]) -> dict[str, str]:
    return {n: t for n, t in columns.items() if t.upper() != "VARCHAR"}


def _no_value(value: str, kind: str) -> str:
    return f"nullif(trim({value}), '') IS NOT NULL AND {_typed(value, kind)} IS NULL"


def _unnested(function: str, token: str, tasks: Sequence[Task], *, extra: str = "") -> str:
    call = f"{function}({literal(token)}, f.filename{extra})"
    return f"(SELECT f.filename, f.prefix, unnest({call}) AS r FROM {task_list(tasks)})"


def _select(picked: Sequence[str], inner: str, *, filename: str | None) -> str:
    head = [f"filename AS {quote(filename)}"] if filename else []
    tail = [f"{row_id_sql('prefix', 'r.ordinal')} AS {quote(ROW_ID)}"]
    return f"SELECT {', '.join([*head, *picked, *tail])} FROM {inner}"
