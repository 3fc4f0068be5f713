"""SQL functions that hold values against documents: ``locus_faithfulness``, and what grounding images run on."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from locus_dbt.core.builder import arrow_type
from locus_dbt.core.contents import COLUMNS
from locus_dbt.core.evidence import Evidence
from locus_dbt.core.fact_check import Claim, Finding, check, faithful
from locus_dbt.engine.documents import Documents

if TYPE_CHECKING:
    from collections.abc import Callable

    from locus_dbt.engine.session import Session

#: ``locus_faithfulness(value, text)``: how true a value is to the text cited for it.
FAITHFULNESS = {"grounding": "VARCHAR", "faithfulness": "DOUBLE", "rule": "VARCHAR", "reason": "VARCHAR"}

#: A value's finding, in the order of ``_locus_check``'s fields.
FINDING = {
    "column_name": "VARCHAR", "value": "VARCHAR", "filename": "VARCHAR", "page": "INTEGER", "x0": "FLOAT",
    "y0": "FLOAT", "x1": "FLOAT", "y1": "FLOAT", "place": "VARCHAR", "text": "VARCHAR", "faithfulness": "DOUBLE",
    "grounding": "VARCHAR", "rule": "VARCHAR", "reason": "VARCHAR", "candidates": "INTEGER",
}  # fmt: skip

#: Letters of a value and its text up to which their comparison is remembered.
_KEPT = 400

#: Name, argument types, result type of a function.
Signature = tuple[str, list[str], str]


def citation_functions(session: Session) -> list[tuple[Signature, Callable[..., pa.Array]]]:
    """The functions to register, each an Arrow UDF."""
    documents = Documents(session)
    return [
        (("locus_faithfulness", ["VARCHAR", "VARCHAR"], _struct(FAITHFULNESS)), _faithfulness),
        (
            ("_locus_contents", ["VARCHAR"], f"{_struct({'filename': 'VARCHAR', **_contents()})}[]"),
            _contents_function(documents),
        ),
        (
            (
                "_locus_check",
                ["VARCHAR", "VARCHAR", "INTEGER", "VARCHAR", "VARCHAR", "VARCHAR[]", "VARCHAR[]"],
                f"{_struct(FINDING)}[]",
            ),
            _check_function(documents),
        ),
    ]


def _struct(fields: dict[str, str]) -> str:
    return f"STRUCT({', '.join(f'{name} {kind}' for name, kind in fields.items())})"


def _contents() -> dict[str, str]:
    return {name: kind for name, (kind, _) in COLUMNS.items()}


def _arrow_struct(fields: dict[str, str]) -> pa.DataType:
    return pa.struct([(name, arrow_type(kind)) for name, kind in fields.items()])


# ---------------------------------------------------------------- locus_faithfulness
def _faithfulness(values: Any, texts: Any) -> pa.Array:  # noqa: ANN401 - Arrow arrays
    pairs = list(zip(values.to_pylist(), texts.to_pylist(), strict=True))
    # Short texts recur and are kept; long ones would fill the memory.
    rows = [
        None if v is None else (_compared if len(v) + len(t or "") <= _KEPT else _compared.__wrapped__)(v, t)
        for v, t in pairs
    ]
    return pa.array(rows, _arrow_struct(FAITHFULNESS))


@lru_cache(maxsize=65536)
def _compared(value: str, text: str | None) -> dict[str, Any]:
    kind, score, rule, reason = faithful(value, text)
    return {"grounding": kind, "faithfulness": score, "rule": rule, "reason": reason}


# ---------------------------------------------------------------- documents beside a relation
def _contents_function(documents: Documents) -> Callable[[Any], pa.Array]:
    """``(files as JSON) -> STRUCT[]``: every cell and passage of the documents, with its place."""
    kind = pa.list_(_arrow_struct({"filename": "VARCHAR", **_contents()}))

    def function(files: Any) -> pa.Array:  # noqa: ANN401
        out = []
        for asked in files.to_pylist():
            rows: list[dict[str, Any]] = []
            for result in documents.results(_files(asked)):
                table = result.table("rows")
                if table is not None:
                    made = table.drop_columns(["ordinal"]).to_pylist()
                    rows += [{"filename": result.task.filename, **row} for row in made]
            out.append(rows)
        return pa.array(out, kind)

    return function


@dataclass(frozen=True, slots=True)
class _Asked:
    """One row of arguments."""

    files: str | None
    filename: str | None
    page: int | None
    text: str | None
    question: str | None
    names: list[str]
    values: list[str | None]

    @property
    def claim(self) -> Claim:
        return Claim(self.names, self.values, self.question or "", self.page, self.text)


def _check_function(documents: Documents) -> Callable[..., pa.Array]:
    """``(files, filename, page, cited text, question, names, values) -> STRUCT[]``: a finding for each value."""
    kind = pa.list_(_arrow_struct(FINDING))

    # DuckDB counts the parameters, so each is named.
    def function(  # noqa: PLR0917
        files: pa.Array, names: pa.Array, pages: pa.Array, texts: pa.Array, asked: pa.Array, own: pa.Array, of: pa.Array
    ) -> pa.Array:
        columns = (files, names, pages, texts, asked, own, of)
        rows = [_Asked(*row) for row in zip(*(c.to_pylist() for c in columns), strict=True)]
        out: list[list[dict[str, Any]]] = [[] for _ in rows]
        for one in dict.fromkeys(row.files for row in rows):
            at = [i for i, row in enumerate(rows) if row.files == one]
            evidence = documents.evidence(_files(one), [rows[i].filename for i in at])
            for i, found in zip(at, evidence, strict=True):
                out[i] = [_row(f) for f in _findings(rows[i].claim, found)]
        return pa.array(out, kind)

    return function


def _files(text: str | None) -> list[str]:
    files: list[str] = json.loads(text or "[]")
    return files


def _findings(claim: Claim, evidence: list[Evidence] | str) -> Sequence[Finding]:
    """What the documents say, or for each value why nothing could be looked at."""
    if not isinstance(evidence, str):
        return check(claim, evidence)
    nothing = check(claim, [])
    return [Finding(f.column, f.value, None, f.printed, None, 0.0, "none", None, evidence, 0) for f in nothing]


def _row(found: Finding) -> dict[str, Any]:
    x0, y0, x1, y1 = found.printed.box or (None,) * 4
    return {
        "column_name": found.column, "value": found.value, "filename": found.filename, "page": found.printed.page,
        "x0": x0, "y0": y0, "x1": x1, "y1": y1, "place": found.printed.place, "text": found.text,
        "faithfulness": found.faithfulness, "grounding": found.grounding, "rule": found.rule, "reason": found.reason,
        "candidates": found.candidates,
    }  # fmt: skip
