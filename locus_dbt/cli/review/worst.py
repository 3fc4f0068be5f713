"""Which rows of a model to look at first: the scores of its cells, followed up model by model as one query."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

from locus_dbt.cli.review.facts import CHECK_FROM
from locus_dbt.cli.review.schema import Schema, read_schema
from locus_dbt.model.errors import LineageError
from locus_dbt.model.relation import ROW_ID, literal, quote

if TYPE_CHECKING:
    import duckdb

#: Ways through models that are looked at; a project in which there are more is judged by these.
_MOST_PATHS = 100

#: The models from one up to a leaf, and the leaf's image columns that are taken there, by image.
Path = tuple[tuple[str, ...], dict[str, set[str]]]


def worst_rows(connection: duckdb.DuckDBPyConnection, key: str, relation: str, *, limit: int) -> tuple[list[str], int]:
    """Ids of the rows with most ungrounded cells, then the lowest score; and the number of rows of the relation.

    Rows with values but without any score come first, since they lead nowhere, except those of files that DuckDB
    read itself.
    """
    held = connection.execute(f"DESCRIBE SELECT * FROM {relation}").fetchall()
    names = [column[0] for column in held]
    if ROW_ID not in names:
        raise LineageError(f"{relation} does not hold {ROW_ID}", fix="select it in the model")
    count = connection.execute(f"SELECT count(*) FROM {relation}").fetchone()
    query = worst_sql(read_schema(connection), key, relation, names, limit=limit)
    found = connection.execute(query).fetchall()
    return list(dict.fromkeys(row[0] for row in found)), int(count[0]) if count else 0


def worst_sql(schema: Schema, key: str, relation: str, columns: list[str], *, limit: int) -> str:
    """The query for :func:`worst_rows`: one branch for each way through models up to the spans."""
    paths = list(_paths(schema, key, set(columns), ()))[:_MOST_PATHS]
    branches = [_branch(schema, relation, path, taken) for path, taken in paths]
    values = [quote(name) for name in columns if not name.startswith("_locus") and name != "filename"]
    holds = " OR ".join(f"t.{value} IS NOT NULL" for value in values) or "false"
    nothing = "SELECT NULL::UUID AS id, NULL::FLOAT AS faithfulness, NULL AS grounding WHERE false"
    return (
        f"WITH cells AS ({' UNION ALL '.join(branches) or nothing}), "
        "scores AS (SELECT id, "
        f"count(*) FILTER (WHERE grounding = 'none' OR faithfulness < {CHECK_FROM}) AS doubtful, "
        "min(faithfulness) AS least, avg(faithfulness) AS mean FROM cells GROUP BY id), "
        "native AS (SELECT min(first_row_id) AS low, max(last_row_id) AS high FROM locus.documents WHERE native) "
        f"SELECT CAST(t.{quote(ROW_ID)} AS VARCHAR) FROM {relation} AS t "
        f"LEFT JOIN scores AS s ON s.id = t.{quote(ROW_ID)}, native "
        f"ORDER BY (s.id IS NULL AND ({holds}) AND (low IS NULL OR t.{quote(ROW_ID)} NOT BETWEEN low AND high)) DESC, "
        f"s.doubtful DESC NULLS LAST, s.least NULLS LAST, s.mean, t.{quote(ROW_ID)} LIMIT {int(limit)}"
    )


def _paths(schema: Schema, model: str, columns: set[str], before: tuple[str, ...]) -> Iterator[Path]:
    """Every way through models up to one whose rows were read by an image."""
    if model in before:
        return
    here = (*before, model)
    taken: dict[str, set[str]] = {}
    for column in columns:
        for link in schema.links.get((model, column), ()):
            if link.image is not None and not link.is_gap:
                taken.setdefault(link.image, set()).add(str(link.column))
    if taken:
        yield here, taken
    for source, names in sorted(schema.sources(model, columns).items()):
        yield from _paths(schema, source, names, here)


def _branch(schema: Schema, relation: str, path: tuple[str, ...], taken: dict[str, set[str]]) -> str:
    """The scores of the cells that rows of the relation have from one leaf."""
    at, joins = f"t.{quote(ROW_ID)}", ""
    for i, (model, source) in enumerate(pairwise(path)):
        facts = schema.models.get(model)
        if facts is not None and facts.rows_by == "edges":
            joins += (
                f" JOIN locus.edges AS e{i} ON e{i}.model = {literal(model)} AND e{i}.source = {literal(source)} "
                f"AND e{i}._locus_row_id = {at}"
            )
            at = f"e{i}.source_row_id"
    wanted = " OR ".join(
        f"(s.image = {literal(image)} AND s.column_name IN ({', '.join(map(literal, sorted(names)))}))"
        for image, names in sorted(taken.items())
    )
    return (
        f"SELECT t.{quote(ROW_ID)} AS id, s.faithfulness, s.grounding FROM {relation} AS t{joins} "
        f"JOIN locus.spans AS s ON s.model = {literal(path[-1])} AND s._locus_row_id = {at} AND ({wanted})"
    )
