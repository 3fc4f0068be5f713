"""What a call of a table function asks for, read from the JSON that its macro hands to the bind planner."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from locus_dbt.core.members import MemberMode, member_mode
from locus_dbt.core.read_options import READ_ARGUMENTS, read_options
from locus_dbt.core.settings import Grounding
from locus_dbt.core.threshold import THRESHOLD_ARGUMENTS, read_threshold
from locus_dbt.model.document import AS_USUAL, ReadOptions
from locus_dbt.model.errors import RequestError, did_you_mean

#: Arguments that every extract function takes, with defaults and meaning (as in DuckDB's ``read_csv``).
FILE_ARGUMENTS: Mapping[str, tuple[str, str]] = {
    "columns": ("NULL", "List of columns to keep, or a map of column to type."),
    "filename": ("true", "Whether to add the column filename; a text renames it."),
    "max_files": ("NULL", "Read at most this many files."),
    "ignore_errors": ("true", "false: the first reject ends the query with its error."),
    "store_rejects": ("true", "Whether rejects are kept for locus_rejects()."),
    "empty": ("false", "Give the columns and no rows; no file is looked for."),
    "target": ("NULL", "Table that already holds earlier results: only new and changed documents are read."),
    "removed": (
        "'delete'",
        "With target: 'delete' or 'keep' the rows of documents that are no longer there.",
    ),
    "members": (
        "'archives'",
        "Documents inside others: 'archives' opens ZIP, TAR and compressed files, 'all' mails and PDFs too, or 'none'.",
    ),
    **READ_ARGUMENTS,
    **THRESHOLD_ARGUMENTS,
}

#: The defaults that are not null, as values.
_DEFAULTS = {
    "filename": True,
    "ignore_errors": True,
    "store_rejects": True,
    "empty": False,
    "removed": "delete",
    "ocr": "auto",
    "mojibake": False,
    "members": "archives",
}


@dataclass(frozen=True)
class ExtractRequest:
    """Files, the image's own params, and the arguments common to all extract functions."""

    files: tuple[str, ...]
    params: Mapping[str, Any]
    columns: tuple[str, ...] | None = None
    types: Mapping[str, str] = field(default_factory=dict)
    filename: str | None = "filename"
    max_files: int | None = None
    ignore_errors: bool = True
    store_rejects: bool = True
    empty: bool = False
    target: str | None = None
    keep_removed: bool = False
    options: ReadOptions = AS_USUAL
    members: MemberMode = "archives"
    threshold: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def read(cls, source: Any, given: Mapping[str, Any]) -> ExtractRequest:  # noqa: ANN401 - any JSON value
        """Sort arguments into common ones and params; raises E103 for ill-typed ones."""
        own = {k: v for k, v in given.items() if k in FILE_ARGUMENTS and v is not None}
        params = {k: v for k, v in given.items() if k not in FILE_ARGUMENTS}
        columns, types = _columns(own.get("columns"))
        return cls(
            files=_files(source),
            params=params,
            columns=columns,
            types=types,
            filename=_filename(own.get("filename", True)),
            max_files=_whole("max_files", own.get("max_files")),
            ignore_errors=_flag("ignore_errors", own.get("ignore_errors", True)),
            store_rejects=_flag("store_rejects", own.get("store_rejects", True)),
            empty=_flag("empty", own.get("empty", False)),
            target=own.get("target"),
            keep_removed=_choice("removed", own.get("removed", "delete"), ("delete", "keep")) == "keep",
            options=read_options(own),
            members=member_mode(own.get("members")),
            threshold=_threshold(own),
        )


def read_arguments(text: str) -> tuple[Any, dict[str, Any]]:
    """Source and named arguments of a call. ``params`` given as a map is merged in; doubles are an error."""
    raw = _without_nulls(json.loads(text))
    source = raw.pop("source", None)
    nested = raw.pop("params", None) or {}
    if not isinstance(nested, dict):
        raise RequestError("argument 'params' is not a map", fix="params := {'name': value}")
    given = {k: v for k, v in raw.items() if v is not None}
    double = sorted(set(given) & set(nested))
    if double:
        raise RequestError(f"argument '{double[0]}' is given twice", code="E102")
    return source, {**given, **nested}


def _without_nulls(value: Any) -> Any:  # noqa: ANN401
    """Maps without their null entries: DuckDB gives the maps of one list the same keys, filled with nulls."""
    if isinstance(value, dict):
        return {k: _without_nulls(v) for k, v in value.items() if v is not None}
    return [_without_nulls(v) for v in value] if isinstance(value, list) else value


def without_defaults(given: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of a relational image: ``locus_image`` passes those of files too, at their defaults."""
    return {name: value for name, value in given.items() if name not in _DEFAULTS or value != _DEFAULTS[name]}


def pick(columns: Mapping[str, str], wanted: tuple[str, ...] | None, *, what: str) -> dict[str, str]:
    """The wanted columns in the wanted order; E106 with did-you-mean for one that does not exist."""
    if wanted is None:
        return dict(columns)
    for name in wanted:
        if name not in columns:
            raise RequestError(f"{what} has no column '{name}'{did_you_mean(name, columns)}", code="E106")
    return {name: columns[name] for name in wanted}


def _files(source: Any) -> tuple[str, ...]:  # noqa: ANN401
    files = [source] if isinstance(source, str) else source
    if not isinstance(files, list) or not files or not all(isinstance(f, str) and f for f in files):
        raise RequestError(
            "files: expected a path, a glob or a list of them",
            code="E103",
            fix="locus_…('documents/**/*.pdf')",
        )
    return tuple(files)


def _columns(value: Any) -> tuple[tuple[str, ...] | None, Mapping[str, str]]:  # noqa: ANN401
    if value is None:
        return None, {}
    if isinstance(value, dict) and value and all(isinstance(t, str) for t in value.values()):
        return tuple(value), value
    if isinstance(value, list) and value and all(isinstance(n, str) for n in value):
        return tuple(value), {}
    raise RequestError("columns: expected a list of names or a map of name to type")


def _filename(value: Any) -> str | None:  # noqa: ANN401
    if isinstance(value, bool):
        return "filename" if value else None
    if isinstance(value, str) and value:
        return value
    raise RequestError("filename: expected true, false or a column name")


def _flag(name: str, value: Any) -> bool:  # noqa: ANN401
    if isinstance(value, bool):
        return value
    raise RequestError(f"{name}: expected true or false, got {json.dumps(value)}")


def _threshold(own: Mapping[str, Any]) -> Mapping[str, Any]:
    """The arguments as given, checked; what is left out is a matter of the settings."""
    read_threshold(own, Grounding())
    return {name: own[name] for name in THRESHOLD_ARGUMENTS if name in own}


def _choice(name: str, value: Any, choices: tuple[str, ...]) -> str:  # noqa: ANN401
    if value not in choices:
        raise RequestError(f"{name}: expected one of {', '.join(choices)}, got {json.dumps(value)}")
    return str(value)


def _whole(name: str, value: Any) -> int | None:  # noqa: ANN401
    if value is None:
        return None
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return value
    raise RequestError(f"{name}: expected a whole number above 0, got {json.dumps(value)}")
