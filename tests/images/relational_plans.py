"""Running a relational image's plan on a small table of the test's own."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import duckdb

from locus_dbt.core.params import check_params
from locus_dbt.model.relation import ROW_ID, Relation, RelationalPlan, quote
from locus_dbt.testing import image_folders, load_image

RELATIONAL = {
    image.manifest.name: image for image in map(load_image, image_folders()) if image.manifest.kind == "relational"
}

#: Names that break careless SQL: keywords, quotes, blanks, our own step and column names, any script.
HOSTILE = [
    "select",
    'a"b',
    "a'b",
    "a, b",
    "größe µ",
    "日本",
    " x ",
    "r0",
    "t0",
    "k0",
    "c0",
    "g",
    "node",
    "s",
    "kept",
    "more",
    "v",
]


def row_id(number: int) -> str:
    return f"00000000-0000-8000-8000-{number:012d}"


class Bench:
    """A connection with one table, ``input``, and the images to run on it."""

    def __init__(self, con: duckdb.DuckDBPyConnection, columns: Mapping[str, str]) -> None:
        self.con = con
        self.relation = Relation('"input"', dict(columns))

    def plan(self, image: str, **params: Any) -> RelationalPlan:
        found = RELATIONAL[image]
        plan: RelationalPlan = found.function("plan")(self.relation, check_params(found.manifest, params))
        return plan

    def names(self, sql: str) -> list[str]:
        # As the engine does: the SQL of a plan stands in parentheses.
        return [str(r[0]) for r in self.con.execute(f"DESCRIBE SELECT * FROM ({sql})").fetchall()]

    def rows(self, sql: str | None) -> list[tuple[Any, ...]]:
        assert sql is not None
        return self.con.execute(f"SELECT * FROM ({sql})").fetchall()

    def column(self, sql: str | None, name: str) -> list[Any]:
        return [r[0] for r in self.con.execute(f"SELECT {quote(name)} FROM ({sql})").fetchall()]


@contextmanager
def bench(columns: Mapping[str, str], rows: Sequence[Sequence[Any]], *, ids: bool = True) -> Iterator[Bench]:
    """``input`` with these columns and rows; ``ids`` adds the row id by place."""
    with duckdb.connect() as con:
        typed = dict(columns) | ({ROW_ID: "UUID"} if ids else {})
        con.execute(f"CREATE TABLE input ({', '.join(f'{quote(n)} {t}' for n, t in typed.items())})")
        for i, row in enumerate(rows):
            values = [*row, *([row_id(i)] if ids else [])]
            con.execute(f"INSERT INTO input VALUES ({', '.join('?' * len(values))})", values)
        yield Bench(con, typed)
