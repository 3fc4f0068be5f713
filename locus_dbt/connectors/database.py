"""Tables of SQL databases as documents: one SELECT in a read-only transaction, its rows as JSON lines."""

from __future__ import annotations

import base64
import datetime as dt
import json
from pathlib import Path
from typing import Any

from locus_dbt.connectors.configured import SqlSource, with_references
from locus_dbt.connectors.fetched import Fetched
from locus_dbt.core.secrets import mask
from locus_dbt.core.settings import Settings
from locus_dbt.core.sources import SourceFile
from locus_dbt.model.errors import InputError, RequestError

#: What begins a read-only transaction, where asking the driver is not enough.
_READ_ONLY = {
    "postgresql": "SET TRANSACTION READ ONLY",
    "mysql": "SET SESSION TRANSACTION READ ONLY",
    "mariadb": "SET SESSION TRANSACTION READ ONLY",
    "sqlite": "PRAGMA query_only = ON",
    "oracle": "SET TRANSACTION READ ONLY",
}
_BATCH = 10_000


def query_document(source: SqlSource, address: str, settings: Settings, fetched: Fetched, *, root: Path) -> SourceFile:
    """The result of the source's query as one document (JSON lines, a line a row).

    Raises:
        RequestError: E105 without SQLAlchemy or the driver, E103 for anything but one SELECT.
        InputError: E212 when the database says no, E206 for more rows than the source allows.
    """
    try:
        import sqlalchemy  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise RequestError(
            "SQL sources need SQLAlchemy", code="E105", fix="pip install 'locus-dbt[sql]' and the database's driver"
        ) from error
    url = sqlalchemy.make_url(_located(with_references(source.url), root))
    check_select(source.query, dialect=url.get_backend_name())
    engine = None
    try:
        engine = sqlalchemy.create_engine(url, poolclass=sqlalchemy.pool.NullPool)
        with engine.connect() as connection:
            data = _rows(connection, source, address, settings.max_file_mb * 1_048_576)
    except ImportError as error:
        raise RequestError(f"{address}: {error}", code="E105", fix="install the database's driver") from error
    except sqlalchemy.exc.SQLAlchemyError as error:
        raise InputError(
            f"{address}: {mask(str(error).splitlines()[0])}", code="E212", fix="check query and address"
        ) from None
    finally:
        if engine is not None:
            engine.dispose()
    return fetched.keep(address, data)


def check_select(query: str, *, dialect: str) -> None:
    """Raise E103 unless ``query`` is one SELECT that writes nothing, whatever the transaction would allow."""
    import sqlglot  # noqa: PLC0415 - only for SQL sources
    from sqlglot import exp  # noqa: PLC0415

    names = {"postgresql": "postgres", "mssql": "tsql", "mariadb": "mysql"}
    try:
        found = [s for s in sqlglot.parse(query, dialect=names.get(dialect, dialect)) if s is not None]
    except (sqlglot.errors.SqlglotError, ValueError) as error:
        first = str(error).splitlines()[0]
        raise RequestError(
            f"the query of an SQL source cannot be read: {first}", code="E103", fix="one SELECT"
        ) from None
    writing = (
        exp.Insert, exp.Update, exp.Delete, exp.Merge, exp.Create, exp.Drop, exp.Alter, exp.Command, exp.Into, exp.Copy,
        exp.Lock, exp.TruncateTable, exp.Set, exp.Pragma, exp.Attach, exp.Detach,
    )  # fmt: skip
    if len(found) != 1 or not isinstance(found[0], exp.Query) or any(found[0].find_all(*writing)):
        raise RequestError("the query of an SQL source is not one SELECT", code="E103", fix="only reading is allowed")


def _rows(connection: Any, source: SqlSource, address: str, most_bytes: int) -> bytes:  # noqa: ANN401 - of SQLAlchemy
    import sqlalchemy  # noqa: PLC0415

    begin = _READ_ONLY.get(connection.dialect.name)
    if begin:
        connection.execute(sqlalchemy.text(begin))
    out = bytearray()
    count = 0
    # exec_driver_sql takes the text as it is: a colon in it is no parameter
    result = connection.execution_options(stream_results=True).exec_driver_sql(source.query)
    names = list(result.keys())
    while batch := result.fetchmany(_BATCH):
        count += len(batch)
        if count > source.max_rows:
            raise InputError(f"{address} has more than {source.max_rows} rows", code="E206", fix="raise max_rows")
        for row in batch:
            record = dict(zip(names, map(_plain, row), strict=True))
            out += json.dumps(record, ensure_ascii=False).encode() + b"\n"
        if len(out) > most_bytes:
            raise InputError(f"{address} is larger than {most_bytes} bytes", code="E206", fix="raise max_file_mb")
    connection.rollback()
    return bytes(out) or b"[]"


def _plain(value: Any) -> Any:  # noqa: ANN401 - any SQL value
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, dt.datetime | dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(bytes(value)).decode()
    return str(value)


def _located(url: str, root: Path) -> str:
    """SQLite files are named from the project folder, like all paths."""
    prefix = "sqlite:///"
    path = url.removeprefix(prefix)
    if url.startswith(prefix) and path and not path.startswith((":", "/", "file:")):
        return f"{prefix}{(root / path).absolute()}"
    return url
