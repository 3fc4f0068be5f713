"""From params to a checked description of what is compared and who decides."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from locus_dbt.model.errors import RequestError, did_you_mean
from locus_dbt.model.relation import ROW_ID, Relation

RULES = ("flag", "most_frequent", "newest", "highest_faithfulness", "source_priority", "first")
SHAPES = ("long", "wide")

#: The columns that each shape adds beside the key.
ADDED = {
    "long": (
        "column_name", "row_count", "stated", "distinct_values", "agreed", "value", "resolution",
        "conflict", "sources",
    ),
    "wide": ("conflicts", "conflict_list"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Settings:
    """Checked params, with the relation's own spelling of every column.

    ``filename`` is the relation's column of that name, where it has one: it names the source of a row without lineage.
    """

    key: tuple[str, ...]
    columns: tuple[str, ...]
    rule: str
    tolerance: Decimal
    relative: float
    exact: bool
    order_by: str | None
    priority: tuple[str, ...]
    shape: str
    filename: str | None


def settings(relation: Relation, params: Mapping[str, Any]) -> Settings:
    """Check everything; E107 for unknown columns and taken names, E103 for values that make no sense."""
    key = _columns(relation, params["key"], "key")
    if not key:
        raise RequestError("param 'key' names no column", code="E103", fix="name at least one")
    order_by = relation.resolve(params["order_by"], param="order_by") if params["order_by"] else None
    filename = next((c for c in relation.columns if c.casefold() == "filename"), None)
    columns = _columns(relation, params["columns"], "columns")
    double = next((c for c in columns if c in key), None)
    if double:
        raise RequestError(f"param 'columns': '{double}' is of the key, so it cannot differ", code="E103")
    if not columns:
        left_out = {*key, order_by, filename, ROW_ID}
        columns = tuple(c for c in relation.columns if c not in left_out)
    rule, shape = _choice(params["rule"], RULES, "rule"), _choice(params["shape"], SHAPES, "shape")
    priority = tuple(_glob(g) for g in params["priority"])
    if rule == "newest" and order_by is None:
        raise RequestError("param 'order_by': 'newest' needs the column that says when", code="E103")
    if (rule == "source_priority") != bool(priority):
        raise RequestError(
            "params 'rule' and 'priority': source_priority and its list of file names go together",
            code="E103",
            fix="rule := 'source_priority', priority := ['contracts/*', '*.pdf']",
        )
    _free_names((*key, *columns) if shape == "wide" else key, shape)
    return Settings(
        key=key,
        columns=columns,
        rule=rule,
        tolerance=Decimal(repr(params["tolerance"])),
        relative=float(params["relative"]),
        exact=bool(params["exact"]),
        order_by=order_by,
        priority=priority,
        shape=shape,
        filename=filename,
    )


def glob_pattern(glob: str) -> str:
    """A glob over file names as a regular expression: ``*`` stays in a folder, ``**`` does not, ``?`` is one sign.

    A glob without ``/`` is met by the last part of a name.
    """
    out, at = "", 0
    while at < len(glob):
        if glob.startswith("**/", at):
            out, at = out + "(?:.*/)?", at + 3
        elif glob.startswith("**", at):
            out, at = out + ".*", at + 2
        else:
            sign = glob[at]
            out, at = out + {"*": "[^/]*", "?": "[^/]"}.get(sign, re.escape(sign)), at + 1
    return out if "/" in glob else f"(?:.*/)?{out}"


def _columns(relation: Relation, names: Sequence[Any], param: str) -> tuple[str, ...]:
    columns = tuple(dict.fromkeys(relation.resolve(n, param=param) for n in names))
    if ROW_ID in columns:
        raise RequestError(f"param '{param}': {ROW_ID} is another for every row", code="E103")
    return columns


def _choice(value: object, choices: tuple[str, ...], where: str) -> str:
    if value not in choices:
        near = did_you_mean(str(value), choices)
        raise RequestError(
            f"param '{where}': no such choice: {value!r}{near}", code="E103", fix=f"one of {', '.join(choices)}"
        )
    return str(value)


def _glob(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise RequestError(f"param 'priority' is a list of file names and globs, not {value!r}", code="E103")
    return value


def _free_names(names: Sequence[str], shape: str) -> None:
    """The columns that the image adds must be free."""
    taken = next((n for n in names if n.casefold() in ADDED[shape]), None)
    if taken:
        raise RequestError(
            f"the {shape} form adds a column '{taken}' itself", code="E107", fix="rename it in the relation"
        )
