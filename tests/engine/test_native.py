"""Large delimited files are read by DuckDB itself, with the answers of the parser."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

import locus_dbt
from locus_dbt.core.registry import registry
from locus_dbt.core.row_ids import row_id, row_id_sql, row_number_sql, row_prefix
from locus_dbt.engine import binder
from locus_dbt.engine.build import build_model
from locus_dbt.engine.session import Session

_TEXT = "id,Price (€),name\n1,1.50,x\n2,abc,y\n3,,z\n4, 7.25 ,w\n"
_TYPES = "columns := {id: 'BIGINT', price: 'DECIMAL(10,2)', name: 'VARCHAR'}"


def _call(suffix: str = "") -> str:
    """A call of the function of an image that offers a scan."""
    found = (i for i in registry() if hasattr(importlib.import_module(f"{i.module}.image"), "scan"))
    return f"{next(found).manifest.function}{suffix}('a.csv', shape := 'wide', {_TYPES})"


@pytest.fixture(params=["parser", "native"])
def road(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(binder, "NATIVE_BYTES", 0 if request.param == "native" else 1 << 40)
    return str(request.param)


@pytest.fixture
def attached(tmp_path: Path, road: str) -> Iterator[tuple[duckdb.DuckDBPyConnection, Session]]:
    (tmp_path / "a.csv").write_text(_TEXT, "utf-8")
    connection = duckdb.connect()
    yield connection, locus_dbt.attach(connection, root=tmp_path)
    connection.close()


@pytest.mark.criterion("E5.3", "E8.4")
def test_a_text_of_another_type_is_null_and_a_reject(
    attached: tuple[duckdb.DuckDBPyConnection, Session], road: str
) -> None:
    connection, session = attached
    rows = connection.execute(f"SELECT id, price::VARCHAR, name FROM {_call()} ORDER BY id").fetchall()
    assert rows == [(1, "1.50", "x"), (2, None, "y"), (3, None, "z"), (4, "7.25", "w")]
    refused = connection.execute(f"SELECT code, column_name, raw FROM {_call('_rejects')}").fetchall()
    assert refused == [("E301", "price", "abc")]
    build_model(connection, session, "m", f"from {_call()}")
    kept = connection.execute(
        "SELECT r.code, r.column_name, r.raw, m.id FROM locus.rejects AS r JOIN m USING (_locus_row_id)"
    ).fetchall()
    assert kept == [("E301", "price", "abc", 2)], road
    assert connection.execute('SELECT "native" FROM locus.documents').fetchall() == [(road == "native",)]


def test_both_roads_name_rows_alike(attached: tuple[duckdb.DuckDBPyConnection, Session]) -> None:
    connection, _ = attached
    ids = connection.execute(f"SELECT _locus_row_id::VARCHAR FROM {_call()} ORDER BY id").fetchall()
    assert [i[0][-10:] for i in ids] == [f"{n:010x}" for n in range(4)]


def test_both_ways_to_make_a_row_id_agree() -> None:
    prefix = row_prefix("d", "i", "p")
    ordinals = (0, 1, 0xABC, 2**40 - 1)
    values = ", ".join(f"({n})" for n in ordinals)
    pair = f"{row_id_sql(repr(prefix), 'n')}, {row_number_sql(prefix, 'n')}"
    with duckdb.connect() as connection:
        try:
            found = connection.execute(f"SELECT {pair} FROM (VALUES {values}) AS v(n)").fetchall()
        except duckdb.ConversionException as error:
            pytest.skip(f"this DuckDB makes no UUID of a number: {str(error).splitlines()[0]}")
    assert [(str(a), str(b)) for a, b in found] == [(row_id(prefix, n), row_id(prefix, n)) for n in ordinals]
