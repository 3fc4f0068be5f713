"""What a relational image is given and what it gives back: SQL text, never rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from locus_dbt.model.errors import RequestError, did_you_mean

#: The column that names a row wherever it goes.
ROW_ID = "_locus_row_id"


@dataclass(frozen=True, slots=True)
class Relation:
    """A relation to work on: ``sql`` stands after FROM (already quoted), ``columns`` maps name to DuckDB type.

    ``key`` is its name in the lineage relations of schema ``locus``; None where the database holds none of those.
    """

    sql: str
    columns: Mapping[str, str]
    key: str | None = None

    @property
    def has_row_id(self) -> bool:
        """Whether its rows carry provenance."""
        return ROW_ID in self.columns

    def resolve(self, name: object, *, param: str) -> str:
        """The relation's own spelling of a column that ``param`` names; E107 when it has none such.

        DuckDB's names differ in more than case, so a name that fits but for case is meant.
        """
        text = str(name)
        if text in self.columns:
            return text
        for own in self.columns:
            if own.casefold() == text.casefold():
                return own
        known = [c for c in self.columns if c != ROW_ID]
        raise RequestError(
            f"param '{param}': the relation has no column '{text}'{did_you_mean(text, known)}", code="E107"
        )


@dataclass(frozen=True, slots=True)
class RelationalPlan:
    """The work as SQL, and how provenance goes through it.

    ``sql`` gives the rows. ``columns`` maps each output column to the source columns its value comes from
    (empty tuple: computed from none); those in ``kept`` are copies of a contributor's value as it is, the values of all
    others ask to be compared with the print again. ``edges``, for images that merge or split, selects
    ``(_locus_row_id, source_row_id)``: all contributors of each output row. ``rejects`` selects
    ``(_locus_row_id, column_name, code, message, raw)``, ``nulls`` selects ``(_locus_row_id, column_name, reason)``:
    cells that held a value and are null by a rule of the image, where that is no reject. All of them are single SELECT
    statements over the same relation and deterministic, so that they agree with each other.
    """

    sql: str
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    edges: str | None = None
    rejects: str | None = None
    nulls: str | None = None
    kept: frozenset[str] = frozenset()


#: SQL types of whole numbers, as DuckDB names them.
WHOLE_NUMBERS = (
    *("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT"),
    *("UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT"),
)


def quote(name: str) -> str:
    """A name as a quoted SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text as a quoted SQL literal."""
    return "'" + text.replace("'", "''") + "'"
