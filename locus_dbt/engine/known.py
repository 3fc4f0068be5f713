"""Which documents a target table already holds, from the lineage tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from locus_dbt.engine.relations import name_parts
from locus_dbt.model.relation import ROW_ID, literal, quote

if TYPE_CHECKING:
    from locus_dbt.engine.session import Session


def model_key(relation: str) -> str:
    """How lineage tables name a relation: ``schema.table``, lower case, without the database.

    The lineage schema lies in the same database as the models, and a database file may be renamed.
    """
    parts = name_parts(relation)
    schema = parts[-2] if len(parts) > 1 else "main"
    return f"{schema}.{parts[-1]}".lower()


def lineage_key(session: Session, relation: str) -> str | None:
    """The relation's key where the current database holds lineage and the relation, else None."""
    import duckdb  # noqa: PLC0415 - imported by the session's owner already

    parts = name_parts(relation)
    with session.cursor() as cursor:
        try:
            row = cursor.execute("SELECT current_database() FROM (SELECT count(*) FROM locus.models)").fetchone()
        except duckdb.Error:
            return None
    elsewhere = len(parts) > 2 and row is not None and parts[0].casefold() != str(row[0]).casefold()
    return None if elsewhere else model_key(relation)


def known_documents(session: Session, relation: str) -> dict[str, str]:
    """Row-id prefix to file name of the documents that the relation holds; empty when it cannot tell.

    A refused document is not among them, so it is asked for again: the cache answers at once where trying again
    cannot help.
    """
    import duckdb  # noqa: PLC0415 - imported by the session's owner already

    target = ".".join(quote(part) for part in name_parts(relation))
    with session.cursor() as cursor:
        try:
            columns = {row[0] for row in cursor.execute(f"DESCRIBE SELECT * FROM {target}").fetchall()}
        except duckdb.Error:
            return {}  # no target yet: everything is new
    return _documents(session, relation, "status = 'read'") if ROW_ID in columns else {}


def recorded_documents(session: Session, relation: str, image: str) -> dict[str, str]:
    """Row-id prefix to file name of all documents of an image that the lineage tables hold for the relation."""
    return _documents(session, relation, f"image = {literal(image)}")


def _documents(session: Session, relation: str, which: str) -> dict[str, str]:
    import duckdb  # noqa: PLC0415 - imported by the session's owner already

    query = f"SELECT prefix, filename FROM locus.documents WHERE model = {literal(model_key(relation))} AND {which}"
    with session.cursor() as cursor:
        try:
            return dict(cursor.execute(query).fetchall())
        except duckdb.Error:
            return {}  # no lineage yet
