"""Reviewed cells: verdicts recorded, samples drawn, and what may pass unseen by them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from locus_dbt.core.conformal import Threshold, threshold
from locus_dbt.engine.review_tables import IMAGE_STATE
from locus_dbt.model.errors import LineageError, RequestError, did_you_mean
from locus_dbt.model.relation import quote

if TYPE_CHECKING:
    import duckdb

_CELLS = """
    SELECT c._locus_row_id, c.column_name, c.value, c.confidence, c.filename
    FROM locus.cells AS c
    WHERE c.model = $model AND c._locus_row_id IN (SELECT held._locus_row_id FROM {relation} AS held)
    QUALIFY row_number() OVER (
        PARTITION BY c._locus_row_id, c.column_name ORDER BY c.confidence, c.faithfulness, c.filename, c.page, c.x0
    ) = 1"""

_DRAWN = """
    SELECT s.confidence, coalesce(r.verdict, 'not seen') FROM locus.review_sample AS s
    LEFT JOIN (SELECT * FROM locus.reviews WHERE model = $model QUALIFY row_number() OVER (
                   PARTITION BY _locus_row_id, column_name ORDER BY reviewed_at DESC) = 1) AS r
      ON r._locus_row_id = s._locus_row_id AND r.column_name = s.column_name AND r.value IS NOT DISTINCT FROM s.value
    WHERE s.model = $model AND s.image_state = $state"""


def cells_sql(model: str) -> str:
    """SQL of the cells of a model's rows with the parameter ``model``; of several places of a cell the least sure."""
    return _CELLS.format(relation=quoted(model))


def quoted(model: str) -> str:
    """The relation of a model's key, each part quoted."""
    return ".".join(quote(part) for part in model.split(".", 1))


@dataclass(frozen=True, slots=True)
class Standing:
    """What the drawn cells of a model's present image state say.

    ``drawn`` cells, ``unseen`` of them not reviewed yet (they count as wrong), ``wrong`` of those reviewed; ``cells``
    of the model, ``waiting`` for review. ``threshold`` is what ``max_error`` allows, ``None`` when none was asked for.
    """

    cells: int
    waiting: int
    drawn: int
    unseen: int
    wrong: int
    threshold: Threshold | None


def image_state(connection: duckdb.DuckDBPyConnection, model: str) -> str:
    """Digest of the images that the cells of a model come from."""
    leaves = "SELECT c.leaf_model FROM locus.cells AS c WHERE c.model = $model"
    row = connection.execute(IMAGE_STATE.format(leaves=leaves), {"model": model}).fetchone()
    return str(row[0]) if row else ""


def queue(
    connection: duckdb.DuckDBPyConnection, model: str, *, max_error: float | None, least: float, limit: int | None
) -> list[dict[str, Any]]:
    """The cells that wait for review, worst first, as rows of the macro ``locus_review_queue``."""
    cursor = connection.execute(
        "SELECT * FROM main.locus_review_queue(?, max_error := ?, threshold := ?)"
        + (f" LIMIT {limit}" if limit else ""),
        [quoted(model), max_error, least],
    )
    names = [c[0] for c in cursor.description or []]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def standing(connection: duckdb.DuckDBPyConnection, model: str, *, max_error: float | None, least: float) -> Standing:
    """How far the reviews go."""
    drawn = connection.execute(_DRAWN, {"model": model, "state": image_state(connection, model)}).fetchall()
    wrong = [float(confidence) for confidence, verdict in drawn if verdict != "right"]
    unseen = sum(verdict == "not seen" for _, verdict in drawn)
    (cells,) = connection.execute(f"SELECT count(*) FROM ({cells_sql(model)})", {"model": model}).fetchone() or (0,)
    (waiting,) = connection.execute(
        "SELECT count(*) FROM main.locus_review_queue(?, max_error := ?, threshold := ?)",
        [quoted(model), max_error, least],
    ).fetchone() or (0,)
    bound = None if max_error is None else threshold(len(drawn), wrong, max_error)
    return Standing(cells, waiting, len(drawn), unseen, len(wrong) - unseen, bound)


def draw(connection: duckdb.DuckDBPyConnection, model: str, wanted: int) -> int:
    """Draw cells at random until ``wanted`` are drawn of the present state; how many are new."""
    given = {"model": model, "state": image_state(connection, model)}
    mine = "SELECT _locus_row_id, column_name FROM locus.review_sample WHERE model = $model AND image_state = $state"
    (held,) = connection.execute(f"SELECT count(*) FROM ({mine})", given).fetchone() or (0,)
    made = connection.execute(
        f"INSERT INTO locus.review_sample SELECT $model, c._locus_row_id, c.column_name, c.value, c.confidence, "
        f"$state, now() FROM ({cells_sql(model)}) AS c ANTI JOIN ({mine}) AS m USING (_locus_row_id, column_name) "
        f"ORDER BY random() LIMIT {max(wanted - int(held), 0)}",
        given,
    ).fetchone()
    return int(made[0]) if made else 0


def record(
    connection: duckdb.DuckDBPyConnection,
    model: str,
    row_id: str,
    column: str,
    *,
    right: bool,
    corrected: str | None,
    reviewer: str,
) -> str | None:
    """Record a verdict on a cell as it is now; returns the cell's value.

    Raises:
        RequestError: E107 for a column without cells, or a corrected value that is the one that was read.
        LineageError: E502 when the row has no such cell.
    """
    cells = connection.execute(f"SELECT DISTINCT column_name FROM ({cells_sql(model)})", {"model": model}).fetchall()
    names = sorted(c[0] for c in cells)
    if column not in names:
        raise RequestError(f"'{model}' has no traced column '{column}'{did_you_mean(column, names)}", code="E107")
    given = {"model": model, "row": row_id, "column": column}
    found = connection.execute(
        f"SELECT c.value, c.confidence FROM ({cells_sql(model)}) AS c "
        "WHERE c._locus_row_id = $row::UUID AND c.column_name = $column",
        given,
    ).fetchone()
    if found is None:
        raise LineageError(f"{model}.{column} of row {row_id} is no cell: it is null or the row is gone")
    if corrected is not None and corrected == found[0]:
        raise RequestError(f"'{corrected}' is the value that was read", code="E103", fix="say --right")
    connection.execute(
        "INSERT INTO locus.reviews VALUES (?, ?::UUID, ?, ?, ?, ?, ?, ?, ?, now())",
        [
            *(model, row_id, column, found[0], found[1], image_state(connection, model)),
            *("right" if right else "wrong", corrected, reviewer),
        ],
    )
    return None if found[0] is None else str(found[0])
