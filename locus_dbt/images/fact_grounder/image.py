"""Compiles the check of a relation against documents to one SELECT over the engine's check function."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from locus_dbt.model.errors import RequestError
from locus_dbt.model.relation import ROW_ID, Relation, RelationalPlan, literal, quote

#: What the check function gives for each value; the image adds the row and the flag.
_FOUND = (
    "column_name", "value", "filename", "page", "x0", "y0", "x1", "y1", "place", "text", "faithfulness", "grounding",
    "rule", "reason", "candidates",
)  # fmt: skip


def plan(relation: Relation, params: Mapping[str, Any]) -> RelationalPlan:
    """A row for each non-null cell, with the row id of its row."""
    asked = _asked(relation, params)
    row_id = f", s.{quote(ROW_ID)} AS id" if relation.has_row_id else ""
    last = f", f.id AS {quote(ROW_ID)}" if relation.has_row_id else ""
    numbered = f"SELECT row_number() OVER () AS n{row_id}, {_arguments(asked)} FROM {relation.sql} AS s"
    each = "unnest(_locus_check(files, filename, page, cited, question, names, given))"
    kept = ", id" if relation.has_row_id else ""
    found = f"SELECT n{kept}, {each} AS v FROM ({numbered}) AS r"
    picked = ", ".join(f"f.v.{quote(name)} AS {quote(name)}" for name in _FOUND)
    flagged = f"f.v.faithfulness < {float(params['threshold'])!r} AS flagged"
    sql = f"SELECT f.n AS row_number, {picked}, {flagged}{last} FROM ({found}) AS f"
    return RelationalPlan(sql, _origins(relation, asked))


@dataclass(frozen=True, slots=True)
class _Asked:
    """The params with their columns resolved."""

    files: Sequence[str]
    columns: Sequence[str]
    context: Sequence[str]
    filename: str | None
    text: str | None
    page: str | None

    @property
    def read(self) -> tuple[str, ...]:
        """Every column that is looked at."""
        single = [c for c in (self.filename, self.text, self.page) if c is not None]
        return tuple(dict.fromkeys([*self.columns, *self.context, *single]))


def _asked(relation: Relation, params: Mapping[str, Any]) -> _Asked:
    files = params["files"]
    if not all(isinstance(f, str) and f for f in files):
        raise RequestError("param 'files': expected a path, a glob or a list of them", code="E103")
    context = [relation.resolve(name, param="context") for name in params["context"]]
    single = {n: _column(relation, params, n) for n in ("filename_column", "text_column", "page_column")}
    filename = single["filename_column"]
    if filename is None and not files:
        if "filename" not in relation.columns:
            raise RequestError(
                "nothing says which documents to look in",
                code="E103",
                fix="files := 'reports/*.pdf', or filename_column := 'the column with the file name'",
            )
        filename = "filename"
    taken = {ROW_ID, filename, *single.values(), *context}
    columns = [relation.resolve(name, param="columns") for name in params["columns"]]
    columns = columns or [c for c in relation.columns if c not in taken]
    if not columns:
        raise RequestError("the relation has no column left to ground", code="E103", fix="columns := ['…']")
    return _Asked(files, columns, context, filename, single["text_column"], single["page_column"])


def _column(relation: Relation, params: Mapping[str, Any], param: str) -> str | None:
    name = params[param]
    return None if name is None else relation.resolve(name, param=param)


def _arguments(asked: _Asked) -> str:
    """The check function's arguments for a row, under names of our own."""
    question = ", ".join(_text(name) for name in asked.context)
    parts = {
        "files": literal(json.dumps(list(asked.files), ensure_ascii=False)),
        "filename": _text(asked.filename) if asked.filename else "NULL::VARCHAR",
        "page": f"TRY_CAST({_text(asked.page)} AS INTEGER)" if asked.page else "NULL::INTEGER",
        "cited": _text(asked.text) if asked.text else "NULL::VARCHAR",
        "question": f"concat_ws(' ', {question})" if question else "NULL::VARCHAR",
        "names": f"[{', '.join(literal(name) for name in asked.columns)}]",
        "given": f"[{', '.join(_text(name) for name in asked.columns)}]",
    }
    return ", ".join(f"{text} AS {name}" for name, text in parts.items())


def _text(name: str) -> str:
    return f"CAST(s.{quote(name)} AS VARCHAR)"


def _origins(relation: Relation, asked: _Asked) -> dict[str, tuple[str, ...]]:
    """Every column but the row's number comes of all that is looked at; the value of the grounded columns."""
    origins = {"row_number": (), "column_name": (), "value": tuple(asked.columns)}
    origins |= dict.fromkeys((*_FOUND[2:], "flagged"), asked.read)
    return origins | ({ROW_ID: (ROW_ID,)} if relation.has_row_id else {})
