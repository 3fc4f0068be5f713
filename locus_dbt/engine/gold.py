"""Cells of a traced model against a gold relation: which are right, and what had been stated of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from locus_dbt.core.calibration import probability
from locus_dbt.core.reliability import Reliability, fit_curve, reliability
from locus_dbt.engine.reviews import cells_sql, image_state
from locus_dbt.model.errors import LineageError, RequestError, did_you_mean
from locus_dbt.model.relation import ROW_ID, literal, quote

if TYPE_CHECKING:
    import duckdb

_READERS = {
    ".csv": "read_csv",
    ".tsv": "read_csv",
    ".parquet": "read_parquet",
    ".json": "read_json",
    ".jsonl": "read_json",
}
_FOLDS = 5


@dataclass(frozen=True, slots=True)
class Judged:
    """Cells with gold as arrays of one length: stated confidence, whether right (0 or 1), the document."""

    model: str
    columns: Sequence[str]
    key: Sequence[str]
    stated: Any
    right: Any
    document: Any


@dataclass(frozen=True, slots=True)
class Fit:
    """A map from stated confidence to the share that is right, with its error on documents it was not fitted on."""

    stated: Sequence[float]
    probability: Sequence[float]
    measured: Reliability


def gold_sql(connection: duckdb.DuckDBPyConnection, gold: str) -> str:
    """The gold for a FROM clause: a file (CSV, Parquet, JSON), else a relation; E104 or E107 when there is none."""
    import duckdb  # noqa: PLC0415

    path = Path(gold)
    if path.suffix.lower() in _READERS:
        if not path.is_file():
            raise RequestError(f"no gold file '{gold}'", code="E104")
        return f"{_READERS[path.suffix.lower()]}({literal(str(path))})"
    relation = ".".join(quote(part) for part in gold.split("."))
    try:
        connection.execute(f"DESCRIBE SELECT * FROM {relation}")
    except duckdb.Error as error:
        raise RequestError(
            f"no relation '{gold}' in the database, and no file of a known kind",
            code="E107",
            fix=f"name a relation, or a file that ends in {', '.join(_READERS)}",
        ) from error
    return relation


def compare(
    connection: duckdb.DuckDBPyConnection, model: str, relation: str, gold: str, *, key: Sequence[str]
) -> Judged:
    """Join model and gold by ``key`` (``filename`` without one) and compare the columns that both have.

    Numbers and dates are compared by value, texts without their blanks. Not judged: cells without a place,
    nulls on either side, rows without a partner. The judged cells stay in the temporary table ``locus_judged``.

    Raises:
        RequestError: E107 for a key that one side lacks or that names several gold rows.
        LineageError: E502 when no cell could be compared.
    """
    mine, theirs = (_types(connection, sql) for sql in (relation, gold))
    key = list(key) or ["filename"]
    for name in key:
        for what, types in (("model", mine), ("gold", theirs)):
            if name not in types:
                raise RequestError(
                    f"the {what} has no key column '{name}'{did_you_mean(name, types)}", code="E107", fix="--key COLUMN"
                )
    if ROW_ID not in mine:
        raise LineageError(f"{relation} does not hold {ROW_ID}", fix="select it in the model")
    _one_row_each(connection, gold, key)
    shared = [c for c in mine if c in theirs and c not in key and c != ROW_ID and not mine[c].endswith("[]")]
    if not shared:
        raise RequestError(f"model and gold share no column beside {', '.join(key)}", code="E107")
    judged = _judged_sql(relation, gold, key, {c: mine[c] for c in shared}, cells=cells_sql(model))
    connection.execute(judged, {"model": model})
    rows = connection.execute("SELECT confidence, is_right, filename FROM locus_judged").fetchnumpy()
    if not len(rows["is_right"]):
        raise LineageError("no cell with gold: no key is in both, or the columns are not traced")
    return Judged(
        model,
        shared,
        key,
        rows["confidence"].astype(float),
        rows["is_right"].astype(float),
        np.asarray(rows["filename"]),
    )


def fit(judged: Judged) -> Fit:
    """Fit the map, and measure it by folds of documents."""
    documents, number = np.unique(judged.document.astype(str), return_inverse=True)
    out = np.zeros(len(number))
    folds = min(_FOLDS, len(documents))
    if folds < 2:  # nothing would be left to measure on
        raise LineageError("a map needs gold of two documents or more", fix="add gold, or leave --fit out")
    for fold in range(folds):
        test = number % folds == fold
        out[test] = probability(judged.stated[test], _curve(judged, number, ~test))
    at, stated = _curve(judged, number, np.ones(len(number), bool))
    return Fit(at, stated, reliability(out, judged.right))


def store_fit(connection: duckdb.DuckDBPyConnection, judged: Judged, made: Fit) -> None:
    """Keep the map for the model: its last one counts, as long as its images stay the same."""
    documents = len(np.unique(judged.document.astype(str)))
    connection.execute(
        "INSERT INTO locus.calibration VALUES (?, ?, ?, ?, ?, ?, ?, now())",
        [
            *(judged.model, list(made.stated), list(made.probability), len(judged.right), documents),
            *(made.measured.ece, image_state(connection, judged.model)),
        ],
    )


def store_reviews(connection: duckdb.DuckDBPyConnection, judged: Judged, *, reviewer: str) -> int:
    """Let the judged cells count as reviewed and drawn; how many."""
    given = {"model": judged.model, "state": image_state(connection, judged.model)}
    cells = "$model, j._locus_row_id, j.column_name, j.value, j.confidence, $state"
    connection.execute("BEGIN")
    connection.execute(
        f"INSERT INTO locus.reviews SELECT {cells}, CASE WHEN j.is_right THEN 'right' ELSE 'wrong' END, "
        "CASE WHEN j.is_right THEN NULL ELSE j.gold END, $reviewer, now() FROM locus_judged AS j",
        {**given, "reviewer": reviewer},
    )
    connection.execute(
        f"INSERT INTO locus.review_sample SELECT {cells}, now() FROM locus_judged AS j ANTI JOIN "
        "(SELECT * FROM locus.review_sample WHERE model = $model AND image_state = $state) "
        "USING (_locus_row_id, column_name)",
        given,
    )
    connection.execute("COMMIT")
    return len(judged.right)


def _curve(judged: Judged, number: Any, some: Any) -> tuple[list[float], list[float]]:  # noqa: ANN401 - arrays
    right = judged.right[some]
    return fit_curve(judged.stated[some], right, number[some], prior=float(right.mean()))


def _types(connection: duckdb.DuckDBPyConnection, sql: str) -> dict[str, str]:
    return {str(r[0]): str(r[1]) for r in connection.execute(f"DESCRIBE SELECT * FROM {sql}").fetchall()}


def _one_row_each(connection: duckdb.DuckDBPyConnection, gold: str, key: Sequence[str]) -> None:
    names = ", ".join(quote(k) for k in key)
    double = connection.execute(f"SELECT {names} FROM {gold} GROUP BY {names} HAVING count(*) > 1 LIMIT 1").fetchone()
    if double:
        raise RequestError(
            f"the gold has several rows for {', '.join(f'{k} = {v}' for k, v in zip(key, double, strict=True))}",
            code="E107",
            fix="--key with the columns that name one row",
        )


def _judged_sql(relation: str, gold: str, key: Sequence[str], columns: Mapping[str, str], *, cells: str) -> str:
    """One row a cell: its leaf value and confidence, the gold as text, whether the model's value is the gold one."""
    joined = " AND ".join(f"CAST(m.{quote(k)} AS VARCHAR) = CAST(g.{quote(k)} AS VARCHAR)" for k in key)
    parts = [
        f"SELECT m.{ROW_ID} AS _locus_row_id, {literal(name)} AS column_name, "
        f"CAST(g.{quote(name)} AS VARCHAR) AS gold, {_equal(quote(name), kind)} AS is_right "
        f"FROM {relation} AS m JOIN {gold} AS g ON {joined} "
        f"WHERE m.{quote(name)} IS NOT NULL AND g.{quote(name)} IS NOT NULL"
        for name, kind in columns.items()
    ]
    return (
        "CREATE OR REPLACE TEMP TABLE locus_judged AS SELECT c._locus_row_id, c.column_name, c.value, c.confidence, "
        f"c.filename, j.gold, j.is_right FROM ({cells}) AS c JOIN ({' UNION ALL '.join(parts)}) AS j "
        "USING (_locus_row_id, column_name) WHERE j.is_right IS NOT NULL AND c.confidence IS NOT NULL"
    )


def _equal(name: str, kind: str) -> str:
    """SQL that is null where the gold is not of the column's type: such gold judges nothing."""
    if kind == "VARCHAR":
        flat = "regexp_replace(nfc_normalize(CAST({} AS VARCHAR)), '\\s+', '', 'g')"
        return f"{flat.format('m.' + name)} = {flat.format('g.' + name)}"
    if kind in ("DOUBLE", "FLOAT"):
        return f"abs(m.{name} - TRY_CAST(g.{name} AS DOUBLE)) <= 1e-6 * greatest(1, abs(m.{name}))"
    return f"m.{name} = TRY_CAST(g.{name} AS {kind})"
