"""Relations about Locus itself: images, params, columns, errors, rejects of this session."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from locus_dbt.core.conformance import conformance_of
from locus_dbt.core.registry import registry
from locus_dbt.core.store import Store
from locus_dbt.engine.request import FILE_ARGUMENTS
from locus_dbt.engine.scan_sql import REJECT_COLUMNS
from locus_dbt.engine.session import Session
from locus_dbt.model.errors import CODES, RequestError
from locus_dbt.model.relation import literal, quote

_IMAGES = dict.fromkeys(
    (
        "name",
        "version",
        "kind",
        "function",
        "summary",
        "accepts",
        "emits",
        "engines",
        "privacy",
        "conformance",
        "origin",
    ),
    "VARCHAR",
)
_PARAMS = dict.fromkeys(("name", "type", "default_value", "choices", "range", "description"), "VARCHAR") | {
    "required": "BOOLEAN",
    "common": "BOOLEAN",
}
_COLUMNS = dict.fromkeys(("output", "column_name", "type", "description"), "VARCHAR") | {"required": "BOOLEAN"}


def bind_catalog(session: Session, what: str, argument: str) -> str:
    """SQL of the relation named ``what``."""
    if what == "images":
        return values_sql(_IMAGES, image_rows(session.runner.store))
    if what == "params":
        return values_sql(_PARAMS, param_rows(argument))
    if what == "columns":
        return values_sql(_COLUMNS, column_rows(argument))
    if what == "errors":
        return values_sql(
            {"code": "VARCHAR", "meaning": "VARCHAR"}, [{"code": c, "meaning": m} for c, m in CODES.items()]
        )
    if what == "rejects":
        rows = [{"image": image, **row} for image, row in session.rejects()]
        return values_sql({"image": "VARCHAR", **REJECT_COLUMNS}, rows)
    raise RequestError(f"no catalog named '{what}'")


def image_rows(store: Store) -> list[dict[str, Any]]:
    """One row an image; its conformance as far as the store knows it, nothing is probed here."""
    return [
        {
            "name": i.manifest.name,
            "version": i.manifest.version,
            "kind": i.manifest.kind,
            "function": i.manifest.function,
            "summary": i.manifest.summary,
            "accepts": ", ".join(i.manifest.accepts),
            "emits": i.manifest.emits.type,
            "engines": ", ".join(i.manifest.engines),
            "privacy": i.manifest.privacy,
            "conformance": conformance_of(i, store),
            "origin": i.origin,
        }
        for i in registry()
    ]


def param_rows(image: str) -> list[dict[str, Any]]:
    """One row a param of the image; the arguments common to all extract functions last."""
    manifest = registry().image(image).manifest
    rows: list[dict[str, Any]] = []
    for name, param in manifest.params.items():
        bounds = "" if param.minimum is None and param.maximum is None else f"{param.minimum} to {param.maximum}"
        rows.append(
            {
                "name": name,
                "type": param.type,
                "default_value": None if param.default is None else json.dumps(param.default),
                "choices": ", ".join(param.choices) or None,
                "range": bounds or None,
                "description": param.description,
                "required": param.required,
                "common": False,
            }
        )
    if manifest.kind == "extract":
        rows += [
            {
                "name": n,
                "type": None,
                "default_value": d,
                "description": text,
                "required": False,
                "common": True,
            }
            for n, (d, text) in FILE_ARGUMENTS.items()
        ]
    return rows


def column_rows(image: str) -> list[dict[str, Any]]:
    """One row a declared column of each output."""
    manifest = registry().image(image).manifest
    return [
        {
            "output": name,
            "column_name": c.name,
            "type": c.type,
            "description": c.description,
            "required": c.required,
        }
        for name, output in manifest.emits.outputs.items()
        for c in output.columns
    ]


def values_sql(columns: Mapping[str, str], rows: Sequence[Mapping[str, Any]]) -> str:
    """Rows as a SELECT over VALUES with typed columns."""
    typed = ", ".join(f"{quote(n)}::{t} AS {quote(n)}" for n, t in columns.items())
    if not rows:
        return f"SELECT {', '.join(f'NULL::{t} AS {quote(n)}' for n, t in columns.items())} WHERE false"
    lines = ", ".join("(" + ", ".join(_literal(row.get(n)) for n in columns) + ")" for row in rows)
    return f"SELECT {typed} FROM (VALUES {lines}) AS v({', '.join(quote(n) for n in columns)})"


def _literal(value: Any) -> str:  # noqa: ANN401 - any JSON value
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    return literal(str(value))
