"""Which rows of a model to look at first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from locus_dbt.cli.review.facts import CHECK_FROM
from locus_dbt.model.errors import LineageError
from locus_dbt.model.relation import ROW_ID, quote

if TYPE_CHECKING:
    import duckdb


def worst_rows(connection: duckdb.DuckDBPyConnection, key: str, relation: str, *, limit: int) -> tuple[list[str], int]:
    """Ids of the rows with most ungrounded cells, then the lowest score; and the number of rows of the relation.

    This reads the scores of all cells of the model; rows without any come first: they lead nowhere.
    """
    row_id = quote(ROW_ID)
    held = connection.execute(f"DESCRIBE SELECT * FROM {relation}").fetchall()
    if ROW_ID not in {column[0] for column in held}:
        raise LineageError(f"{relation} does not hold {ROW_ID}", fix="select it in the model")
    count = connection.execute(f"SELECT count(*) FROM {relation}").fetchone()
    found = connection.execute(
        "WITH scores AS (SELECT _locus_row_id AS id, "
        f"count(*) FILTER (WHERE grounding = 'none' OR faithfulness < {CHECK_FROM}) AS doubtful, "
        "min(faithfulness) AS least, avg(faithfulness) AS mean FROM locus.cells WHERE model = ? GROUP BY ALL), "
        "native AS (SELECT min(first_row_id) AS low, max(last_row_id) AS high FROM locus.documents WHERE native) "
        f"SELECT CAST(t.{row_id} AS VARCHAR) FROM {relation} AS t LEFT JOIN scores AS s ON s.id = t.{row_id}, native "
        f"ORDER BY (s.id IS NULL AND (native.low IS NULL OR t.{row_id} NOT BETWEEN low AND high)) DESC, "
        f"s.doubtful DESC NULLS LAST, s.least NULLS LAST, s.mean, t.{row_id} LIMIT {int(limit)}",
        [key],
    ).fetchall()
    return list(dict.fromkeys(row[0] for row in found)), int(count[0]) if count else 0
