"""What an image declares about itself: the schema of ``manifest.yaml``."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from locus_dbt.model.artifact import ArtifactType
from locus_dbt.model.check import fits, parse_check

NAME = re.compile(r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$")
COLUMN = re.compile(r"^[a-z_][a-z0-9_]*$")

#: The interface version an image is written for; another major version is refused (E004).
INTERFACE = 1

ColumnType = Annotated[
    str,
    Field(
        pattern=r"^(VARCHAR|BIGINT|INTEGER|SMALLINT|DOUBLE|FLOAT|BOOLEAN|DATE|TIMESTAMP|UUID|DECIMAL\(\d+,\d+\)|BLOB)(\[\])?$"
    ),
]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Column(_Part):
    """One promised column: SQL type as DuckDB writes it, and what its values mean.

    ``derived``: a fact about the place or the reading (row number, page, score), which is printed nowhere; every other
    column's cells cite where they were read.
    """

    name: str = Field(pattern=COLUMN.pattern)
    type: ColumnType
    description: str = Field(min_length=3)
    required: bool = False
    derived: bool = False


class Output(_Part):
    """One table an image can give; ``columns`` empty means: the document decides (see ``dynamic``).

    ``checks`` are relations that hold in a right row, written as in :mod:`locus_dbt.model.check`.
    ``derived`` names the columns of a dynamic output that are facts about place or reading (see :class:`Column`).
    ``partial``: a relational image's output that speaks of some of the rows only (violations, pairs); any other output
    of an image that maps, merges or masks has every row of the relation in it, or rejects it.
    """

    grain: str = Field(min_length=3)
    columns: tuple[Column, ...] = ()
    dynamic: bool = False
    checks: tuple[str, ...] = ()
    derived: tuple[str, ...] = ()
    partial: bool = False

    @property
    def derived_columns(self) -> frozenset[str]:
        """Columns whose cells need not cite a place."""
        return frozenset(self.derived) | {c.name for c in self.columns if c.derived}

    @model_validator(mode="after")
    def _columns_or_dynamic(self) -> Output:
        if not self.columns and not self.dynamic:
            raise ValueError("an output declares columns, or 'dynamic: true'")
        names = [c.name for c in self.columns]
        double = sorted({n for n in names if names.count(n) > 1})
        if double:
            raise ValueError(f"columns declared twice: {', '.join(double)}")
        for text in self.checks:
            fits(parse_check(text), {c.name: c.type for c in self.columns})
        return self


class Param(_Part):
    """A named argument: its type, default, allowed values or range, and meaning."""

    type: Literal["string", "integer", "number", "boolean", "list", "map"]
    default: Any = None
    choices: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    required: bool = False
    description: str = Field(min_length=3)


class Emits(_Part):
    """Artifact type and tables; ``select`` names the param whose value picks the output."""

    type: str = "table/v1"
    outputs: dict[str, Output]
    default: str
    select: str | None = None

    @field_validator("type")
    @classmethod
    def _known_type(cls, value: str) -> str:
        return str(ArtifactType.parse(value))

    @model_validator(mode="after")
    def _default_exists(self) -> Emits:
        if self.default not in self.outputs:
            raise ValueError(f"default output '{self.default}' is not one of {', '.join(self.outputs)}")
        return self


#: Arguments that every extract function has: no image may have a param of the same name.
COMMON_ARGUMENTS = frozenset(
    (
        "columns", "filename", "max_files", "ignore_errors", "store_rejects", "empty", "target", "removed", "members",
        "pages", "password", "ocr", "languages", "encoding", "mojibake", "min_faithfulness", "below",
    )
)  # fmt: skip


class Manifest(_Part):
    """``manifest.yaml`` of an image folder."""

    interface: int = INTERFACE
    name: str = Field(pattern=NAME.pattern)
    version: str = Field(pattern=r"^\d+\.\d+\.\d+$")
    summary: str = Field(min_length=10, max_length=140)
    description: str = ""
    kind: Literal["extract", "relational"]
    accepts: tuple[str, ...]
    media_types: tuple[str, ...] = ()
    emits: Emits
    params: dict[str, Param] = {}
    engines: tuple[Literal["deterministic", "llm"], ...] = ("deterministic",)
    privacy: Literal["local", "network", "model"] = "local"
    capabilities: tuple[Literal["network", "files", "subprocess"], ...] = ()
    provenance: Literal["leaf", "map", "merge", "split", "mask"] = "leaf"
    extra: str | None = None
    requires: tuple[str, ...] = ()

    @field_validator("accepts")
    @classmethod
    def _known_types(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(str(ArtifactType.parse(v)) for v in value)

    @model_validator(mode="after")
    def _coherent(self) -> Manifest:
        if (self.kind == "extract") != (self.provenance == "leaf"):
            raise ValueError("an extract image has 'provenance: leaf', a relational one map, merge, split or mask")
        if self.emits.select and self.emits.select not in self.params:
            raise ValueError(f"emits.select names no param: '{self.emits.select}'")
        taken = sorted(COMMON_ARGUMENTS & set(self.params)) if self.kind == "extract" else []
        if taken:
            raise ValueError(f"param '{taken[0]}' is an argument of every extract function: choose another name")
        return self

    @property
    def folder(self) -> str:
        """Folder and SQL name: the image's name with underscores."""
        return self.name.replace("-", "_")

    @property
    def function(self) -> str:
        """The image's table function in SQL."""
        return f"locus_{self.folder}"
