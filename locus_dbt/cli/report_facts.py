"""The facts of ``locus report``, read from the lineage tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from locus_dbt.cli.provenance import Place, column_types, place_of, places, relation_sql
from locus_dbt.model.errors import LineageError
from locus_dbt.model.relation import ROW_ID, quote

if TYPE_CHECKING:
    import duckdb

_NUMERIC = ("DECIMAL", "DOUBLE", "FLOAT", "BIGINT", "INTEGER", "SMALLINT", "HUGEINT")

#: Cells of the shown model below the threshold that they were read with.
_FLAGGED = (
    "SELECT count(DISTINCT (c._locus_row_id, c.column_name)) FROM report_cells AS c JOIN locus.flagged AS f "
    "ON f.model = c.leaf_model AND f._locus_row_id = c.leaf_row_id AND f.column_name = c.leaf_column"
)


@dataclass(frozen=True)
class Facts:
    """What to print. ``rejected`` maps a code to documents, ``cell_rejects`` a code to a count.

    ``cell`` is the place of one telling cell of the first of ``rows``: a decimal that was printed on a page.
    """

    key: str
    read: int
    rejected: Mapping[str, Sequence[str]]
    cell_rejects: Mapping[str, int]
    row_count: int
    cells: int
    record_rows: int
    mean: float | None
    columns: Sequence[str] = ()
    numeric: frozenset[str] = frozenset()
    rows: Sequence[Mapping[str, Any]] = field(default=())
    cell: Place | None = None
    cell_value: Any = None
    cell_row: str = ""
    flagged: int = 0

    @property
    def rejected_count(self) -> int:
        """Documents that gave no rows."""
        return len({name for names in self.rejected.values() for name in names})


def last_model(connection: duckdb.DuckDBPyConnection) -> str:
    """The traced model to show when none is named: one that no other reads, with the most columns."""
    found = connection.execute(
        "SELECT m.model FROM locus.models AS m JOIN locus.columns AS c ON c.model = m.model WHERE m.state = 'traced' "
        "GROUP BY m.model ORDER BY m.model IN (SELECT source FROM locus.columns WHERE source IS NOT NULL), "
        "count(DISTINCT c.column_name) DESC, m.model LIMIT 1"
    ).fetchone()
    if not found:
        raise LineageError("no model of this database is traced", fix="dbt build")
    return str(found[0])


def read_facts(connection: duckdb.DuckDBPyConnection, key: str) -> Facts:
    """Everything the report says about a build and one of its models."""
    relation = relation_sql(connection, key)
    types = column_types(connection, relation)
    columns = [n for n in types if not n.startswith("_locus")]
    # A model may leave rows of its parent out; the view knows the parent's rows only.
    kept = f" AND _locus_row_id IN (SELECT {quote(ROW_ID)} FROM {relation})" if ROW_ID in types else ""
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE report_cells AS SELECT * FROM locus.cells WHERE model = ?{kept}", [key]
    )
    cells, mean = _one(
        connection, "SELECT count(DISTINCT (_locus_row_id, column_name)), avg(faithfulness) FROM report_cells"
    )
    facts = Facts(
        key=key,
        read=_one(connection, "SELECT count(DISTINCT filename) FROM locus.documents WHERE status = 'read'")[0],
        rejected=_rejected(connection),
        cell_rejects=dict(
            connection.execute(
                "SELECT code, count(*) FROM locus.rejects WHERE column_name IS NOT NULL GROUP BY ALL"
            ).fetchall()
        ),
        row_count=_one(connection, f"SELECT count(*) FROM {relation}")[0],
        cells=cells,
        record_rows=_record_rows(connection, relation) if ROW_ID in types else 0,
        mean=mean,
        columns=columns,
        numeric=frozenset(n for n in columns if types[n].startswith(_NUMERIC)),
        flagged=_one(connection, _FLAGGED)[0],
    )
    if ROW_ID not in types:
        return facts
    return _with_rows(connection, facts, relation, types)


def _with_rows(connection: duckdb.DuckDBPyConnection, facts: Facts, relation: str, types: Mapping[str, str]) -> Facts:
    """Three rows, the fullest first, of different documents where there are; then the cell."""
    filled = " + ".join(f"(t.{quote(n)} IS NOT NULL)::INTEGER" for n in facts.columns) or "0"
    found = connection.execute(
        f"SELECT r.* EXCLUDE (_locus_filled, _locus_nth, _locus_document) FROM ("
        f" SELECT *, row_number() OVER (PARTITION BY _locus_document ORDER BY _locus_filled DESC, {quote(ROW_ID)})"
        f" AS _locus_nth"
        f" FROM (SELECT t.*, {filled} AS _locus_filled, d.filename AS _locus_document FROM {relation} AS t LEFT JOIN"
        f" (SELECT _locus_row_id, min(filename) AS filename FROM report_cells GROUP BY ALL) AS d"
        f" ON d._locus_row_id = t.{quote(ROW_ID)})"
        f") AS r ORDER BY _locus_nth, _locus_filled DESC, _locus_document, {quote(ROW_ID)} LIMIT 3"
    )
    names = [c[0] for c in found.description or []]
    rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    decimals = [n for n in facts.columns if types[n].startswith("DECIMAL")]
    for row in rows:
        cell = _cell(connection, str(row[ROW_ID]), decimals, row) or _record(connection, facts.key, row)
        if cell is not None:
            return _replaced(facts, rows, cell, row)
    return _replaced(facts, rows, None, {})


def _cell(
    connection: duckdb.DuckDBPyConnection, row_id: str, decimals: Sequence[str], row: Mapping[str, Any]
) -> Place | None:
    """A cell of the row that was printed on a page: a decimal if there is one, of these the largest."""
    rows = connection.execute(
        "SELECT column_name, filename, page, x0, y0, x1, y1, place, text, value, faithfulness, confidence, grounding, "
        "changed, reason "
        "FROM report_cells WHERE _locus_row_id = ?::UUID AND page IS NOT NULL AND x0 IS NOT NULL "
        "ORDER BY column_name",
        [row_id],
    ).fetchall()
    found = [place_of(row) for row in rows]

    def rank(place: Place) -> tuple[bool, bool, bool, float]:
        number = abs(float(row[place.column] or 0)) if place.column in decimals else 0.0
        return place.grounding in ("exact", "normalized"), not place.changed, place.column in decimals, number

    return max(found, key=rank, default=None)


def _record(connection: duckdb.DuckDBPyConnection, key: str, row: Mapping[str, Any]) -> Place | None:
    """The last cell of a row that DuckDB read itself."""
    found = [p for p in places(connection, key, str(row[ROW_ID])) if p.document and row.get(p.column) is not None]
    return found[-1] if found else None


def _record_rows(connection: duckdb.DuckDBPyConnection, relation: str) -> int:
    """Rows of files that DuckDB read itself: the record number is their place."""
    query = (
        f"SELECT count(*) FROM {relation} AS t WHERE EXISTS (SELECT 1 FROM locus.documents AS d "
        f"WHERE d.native AND t.{quote(ROW_ID)} BETWEEN d.first_row_id AND d.last_row_id)"
    )
    return int(_one(connection, query)[0])


def _replaced(facts: Facts, rows: list[dict[str, Any]], cell: Place | None, row: Mapping[str, Any]) -> Facts:
    from dataclasses import replace  # noqa: PLC0415

    value = row.get(cell.column) if cell else None
    return replace(facts, rows=rows, cell=cell, cell_value=value, cell_row=str(row.get(ROW_ID, "")))


def _rejected(connection: duckdb.DuckDBPyConnection) -> dict[str, list[str]]:
    """Documents that no image could read, by the code of their first reject."""
    rows = connection.execute(
        "SELECT min(code), filename FROM locus.rejects WHERE column_name IS NULL AND _locus_row_id IS NULL "
        "AND filename NOT IN (SELECT filename FROM locus.documents WHERE status = 'read') "
        "GROUP BY filename ORDER BY ALL"
    ).fetchall()
    out: dict[str, list[str]] = {}
    for code, filename in rows:
        out.setdefault(code, []).append(filename)
    return out


def _one(connection: duckdb.DuckDBPyConnection, query: str) -> tuple[Any, ...]:
    found = connection.execute(query).fetchone()
    assert found is not None
    return tuple(found)
