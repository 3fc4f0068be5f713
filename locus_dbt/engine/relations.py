"""Relations named in calls: found, described and quoted again, never pasted as text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from locus_dbt.model.errors import RequestError, did_you_mean
from locus_dbt.model.relation import Relation, quote

if TYPE_CHECKING:
    from locus_dbt.engine.session import Session

_PART = re.compile(r'\s*(?:"((?:[^"]|"")+)"|([^\s."\';()]+))\s*(\.|$)')


def name_parts(text: str) -> list[str]:
    """``a."b c".d`` as its parts; E107 for anything that is not a name."""
    parts: list[str] = []
    at = 0
    while True:
        match = _PART.match(text, at)
        if match is None or len(parts) == 3:
            raise RequestError(f"not the name of a relation: '{text}'", code="E107", fix="pass 'schema.table'")
        parts.append(match[1].replace('""', '"') if match[1] is not None else match[2])
        at = match.end()
        if not match[3]:
            return parts


def relation_of(session: Session, text: str) -> Relation:
    """The relation of a name with its columns; E107 when it does not exist."""
    sql = ".".join(quote(part) for part in name_parts(text))
    return Relation(sql, describe(session, sql))


def describe(session: Session, sql: str) -> dict[str, str]:
    """Column names and types of what stands after FROM."""
    import duckdb  # noqa: PLC0415 - imported by the session's owner already

    with session.cursor() as cursor:
        try:
            rows = cursor.execute(f"DESCRIBE SELECT * FROM {sql}").fetchall()
        except duckdb.Error as error:
            first = str(error).splitlines()[0]
            tables = cursor.execute("SELECT table_name FROM information_schema.tables").fetchall()
            near = did_you_mean(sql.rsplit(".", maxsplit=1)[-1].strip('"'), [t[0] for t in tables])
            raise RequestError(
                f"cannot read {sql}: {first}{near if near.startswith('; did') else ''}",
                code="E107",
                fix="temporary and uncommitted tables are not visible here: commit, or use a table or view",
            ) from error
    return {row[0]: row[1] for row in rows}


def reads_through(session: Session, sql: str) -> bool:
    """Whether DuckDB can read what stands after FROM to its end; the sniffer sees the beginning only."""
    import duckdb  # noqa: PLC0415 - imported by the session's owner already

    with session.cursor() as cursor:
        try:
            cursor.execute(f"SELECT count(*) FROM {sql}").fetchall()
        except duckdb.Error:
            return False
    return True
