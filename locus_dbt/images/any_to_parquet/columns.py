"""The type of a column of texts, found only where the spelling leaves no doubt."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence

import pyarrow as pa

#: No leading zero (codes have them), no sign of thousands (it may be a decimal sign elsewhere).
_INTEGER = re.compile(r"-?(?:0|[1-9]\d{0,17})", re.ASCII)
_DECIMAL = re.compile(r"-?(?:0|[1-9]\d{0,14})(?:\.\d{1,15})?", re.ASCII)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_STAMP = re.compile(r"\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}:\d{2}(?:\.\d{1,6})?)?", re.ASCII)


def typed(texts: Sequence[str | None]) -> pa.Array:
    """The column as BIGINT, DOUBLE, DATE, BOOLEAN or VARCHAR; nulls stay nulls."""
    known = [text for text in texts if text is not None]
    if known and all(map(_INTEGER.fullmatch, known)):
        return pa.array([None if t is None else int(t) for t in texts], pa.int64())
    if known and all(map(_DECIMAL.fullmatch, known)):
        return pa.array([None if t is None else float(t) for t in texts], pa.float64())
    if known and all(map(_is_date, known)):
        return pa.array([None if t is None else dt.date.fromisoformat(t) for t in texts], pa.date32())
    if known and {text.lower() for text in known} <= {"true", "false"}:
        return pa.array([None if t is None else t.lower() == "true" for t in texts], pa.bool_())
    return pa.array(texts, pa.string())


def stored(values: Sequence[str | None], texts: Sequence[str | None]) -> pa.Array:
    """The column by its stored values where all of its cells have one of the same type, else its ``texts``.

    Codes stored as texts stay texts, however much they look like numbers.
    """
    shown = [text for value, text in zip(values, texts, strict=True) if not value]
    if any(text is not None for text in shown):
        return pa.array(texts, pa.string())
    known = [value for value in values if value]
    wanted = [value or None for value in values]
    if known and all(_STAMP.fullmatch(value) for value in known):
        if all(map(_is_date, known)):
            return typed(wanted)
        try:
            moments = [None if v is None else dt.datetime.fromisoformat(v) for v in wanted]
        except ValueError:
            return pa.array(texts, pa.string())
        return pa.array(moments, pa.timestamp("us"))
    column = typed(wanted)
    return column if str(column.type) != "string" else pa.array(texts, pa.string())


def _is_date(text: str) -> bool:
    if not _DATE.fullmatch(text):
        return False
    try:
        dt.date.fromisoformat(text)
    except ValueError:
        return False
    return True
