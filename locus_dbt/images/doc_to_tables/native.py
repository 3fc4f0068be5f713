"""Large, well-formed delimited files as SQL: DuckDB's own reader does the work, on all cores."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import PurePosixPath
from typing import Any

from locus_dbt.model.relation import literal, quote
from locus_dbt.parsers.grid import unique_names

_SUFFIXES = (".csv", ".tsv")
#: What DuckDB calls the first column of a file without header.
_UNNAMED = re.compile("column0+")


def scan(
    path: str, filename: str, params: Mapping[str, Any], describe: Callable[[str], Mapping[str, str]]
) -> str | None:
    """A SELECT over one file that keeps its order, or ``None`` when the file is not one for DuckDB.

    Columns are named as the parser names them, and are texts. ``describe`` gives the columns of what stands after FROM.
    """
    if params["shape"] != "wide" or params.get("table") not in (None, 0):
        return None
    if PurePosixPath(filename).suffix.lower() not in _SUFFIXES:
        return None
    source = f"read_csv({literal(path)}, all_varchar=true)"
    printed = list(describe(source))
    if len(printed) < 2 or _UNNAMED.fullmatch(printed[0]):  # no dialect or no header found: the parser looks harder
        return None
    picked = ", ".join(
        f"{quote(raw)} AS {quote(name)}" for raw, name in zip(printed, unique_names(printed), strict=True)
    )
    return f"SELECT {picked} FROM {source}"
