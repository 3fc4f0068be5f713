"""Small relations for probing, and changing one thing in them at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from locus_dbt.model.manifest import Manifest, Param
from locus_dbt.model.relation import ROW_ID, Relation, literal, quote

if TYPE_CHECKING:
    import duckdb

_NUMBERED = "CAST('00000000-0000-8000-8000-' || lpad(CAST(row_number() OVER () - 1 AS VARCHAR), 12, '0') AS UUID)"

_MADE = """
SELECT * FROM (VALUES
  ('A-1', 'Anna Example', 'Berlin', 3, 12.50::DECIMAL(18,2), DATE '2024-03-05', true, 'first'),
  ('A-1', 'Anna Example', 'Berlin', 3, 12.50, DATE '2024-03-05', true, 'first'),
  ('A-2', 'Boris Sample', 'Paris', 10, 0.75, DATE '2024-03-06', false, NULL),
  ('A-2', 'Boris Sample', NULL, 10, 0.80, DATE '2024-03-07', false, 'again'),
  ('B-7', 'Cleo Person', 'London', NULL, 99.00, NULL, NULL, 'late'),
  (NULL, 'Dora Nobody', 'Rome', 1, -4.20, DATE '2024-12-31', true, NULL)
) AS v(document_no, name, town, quantity, amount, day, paid, note)
"""


def made_relation(con: duckdb.DuckDBPyConnection) -> Relation:
    """Several types, nulls and duplicates, with row ids."""
    return _kept(con, f"({_MADE})")


def fixture_relation(con: duckdb.DuckDBPyConnection, path: Path) -> Relation:
    """A fixture's input as the tests read it, with row ids."""
    reader = "read_csv" if path.suffix == ".csv" else "read_json"
    return _kept(con, f"{reader}({literal(str(path))})")


def _kept(con: duckdb.DuckDBPyConnection, source: str) -> Relation:
    names = [r[0] for r in con.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()]
    added = "" if ROW_ID in names else f", {_NUMBERED} AS {quote(ROW_ID)}"
    con.execute(f"CREATE OR REPLACE TABLE original AS SELECT *{added} FROM {source}")
    con.execute("CREATE OR REPLACE VIEW input AS SELECT * FROM original")
    return Relation('"input"', {str(r[0]): str(r[1]) for r in con.execute("DESCRIBE original").fetchall()})


@contextmanager
def without(con: duckdb.DuckDBPyConnection, row_id: str | None) -> Iterator[None]:
    """The input without one row, or without any."""
    keep = "false" if row_id is None else f"CAST({quote(ROW_ID)} AS VARCHAR) <> {literal(row_id)}"
    con.execute(f"CREATE OR REPLACE VIEW input AS SELECT * FROM original WHERE {keep}")
    try:
        yield
    finally:
        con.execute("CREATE OR REPLACE VIEW input AS SELECT * FROM original")


@contextmanager
def changed_column(con: duckdb.DuckDBPyConnection, relation: Relation, name: str) -> Iterator[bool]:
    """The input with every value of one column another one; whether there was a value to change.

    What is equal stays equal and what is null stays null, texts keep their length and form, so that little else than
    the values themselves can make a difference.
    """
    other = _another(quote(name), relation.columns[name])
    con.execute(f"CREATE OR REPLACE VIEW input AS SELECT * REPLACE ({other} AS {quote(name)}) FROM original")
    row = con.execute(
        f"SELECT count(*) FROM original AS o JOIN input AS i ON o.{quote(ROW_ID)} = i.{quote(ROW_ID)} "
        f"WHERE o.{quote(name)} IS DISTINCT FROM i.{quote(name)}"
    ).fetchone()
    try:
        yield bool(row and row[0])
    finally:
        con.execute("CREATE OR REPLACE VIEW input AS SELECT * FROM original")


_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def _another(column: str, kind: str) -> str:
    """Another value of the same type and form: the next day or number, the other truth, every last sign one further."""
    if kind == "VARCHAR":
        rings = (_LETTERS, _LETTERS.upper(), "0123456789")
        signs, further = "".join(rings), "".join(ring[1:] + ring[0] for ring in rings)
        last = f"regexp_extract({column}, '([a-zA-Z0-9])[^a-zA-Z0-9]*$', 1)"
        rest = f"regexp_extract({column}, '[a-zA-Z0-9]([^a-zA-Z0-9]*)$', 1)"
        head = f"left({column}, length({column}) - length({rest}) - 1)"
        moved = f"{head} || translate({last}, '{signs}', '{further}') || {rest}"
        return f"CASE WHEN regexp_matches({column}, '[a-zA-Z0-9]') THEN {moved} ELSE {column} END"
    if kind == "BOOLEAN":
        return f"NOT {column}"
    if kind == "DATE":
        return f"CAST({column} + INTERVAL 1 DAY AS DATE)"
    if kind.startswith("TIMESTAMP"):
        return f"CAST({column} + INTERVAL 1 DAY AS {kind})"
    if kind.endswith("[]") or kind.startswith(("STRUCT", "MAP", "UUID", "BLOB", "TIME", "INTERVAL", "JSON")):
        return column
    return f"CAST({column} + 1 AS {kind})"


def guessed_params(manifest: Manifest, relation: Relation) -> Iterator[dict[str, Any]]:
    """Params for the made relation: required ones name one of its columns, the rest keeps its default.

    One set of guesses for each column, and for each choice of output.
    """
    choices: list[dict[str, Any]] = [{}]
    if manifest.emits.select:
        choices = [{manifest.emits.select: name} for name in manifest.emits.outputs]
    for choice in choices:
        required = {n: p for n, p in manifest.params.items() if p.required and n not in choice}
        if not required:
            yield choice
            continue
        for column in [c for c in relation.columns if c != ROW_ID]:
            guesses = {n: _guess(p, column) for n, p in required.items()}
            if None not in guesses.values():
                yield {**choice, **guesses}


def _guess(param: Param, column: str) -> Any:  # noqa: ANN401 - any JSON value
    if param.choices:
        return param.choices[0]
    guesses: Mapping[str, Any] = {
        "string": column, "list": [column], "integer": int(param.minimum or 1), "number": float(param.minimum or 1),
        "boolean": True, "map": None,
    }  # fmt: skip
    return guesses[param.type]
