"""A failure as people read it: one line, without what DuckDB wraps around it, and without secrets."""

from __future__ import annotations

import re
import traceback

from locus_dbt.core.secrets import mask
from locus_dbt.model.errors import LocusError

_LOCUS = re.compile(r"(?:^|: )(?:[A-Za-z]+: )?(\[E\d{3}\] .*)", re.DOTALL)
#: DuckDB shows the statement with a marker below its message.
_POINTER = re.compile(r"\n+LINE \d+:.*", re.DOTALL)


class Stopped(Exception):  # noqa: N818 - what happened; Typer would end a KeyboardInterrupt without a word
    """The user stopped the run."""


def printable(text: str) -> str:
    """The text without control characters: a file's name or content must not steer the terminal."""
    return "".join(c if c.isprintable() or c == "\n" else "·" for c in text)


def describe_failure(error: BaseException) -> str:
    """One masked line for what a user can mend; the whole masked traceback for a bug of ours."""
    if isinstance(error, LocusError):
        return printable(mask(str(error)))
    if type(error).__module__.split(".")[0] in ("duckdb", "_duckdb"):
        return printable(mask(sql_message(str(error))))
    if isinstance(error, OSError):
        what = error.strerror or str(error)
        return printable(mask(f"{error.filename}: {what}" if error.filename else what))
    return mask("".join(traceback.format_exception(error))).rstrip()


def sql_message(text: str) -> str:
    """DuckDB's message on one line; of a Locus error raised inside a function, that error alone.

    >>> sql_message("Invalid Input Error: Python exception occurred while executing the UDF: RequestError: [E104] no")
    '[E104] no'
    """
    message = _POINTER.sub("", text.strip())
    found = _LOCUS.search(message)
    return " ".join((found[1] if found else message).split())
