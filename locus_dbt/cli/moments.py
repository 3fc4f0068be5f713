"""Moments as people give them on the command line."""

from __future__ import annotations

from datetime import UTC, datetime

from locus_dbt.model.errors import RequestError


def moment_of(text: str) -> datetime:
    """A day or a time in ISO form; UTC unless it says otherwise. E103 for anything else.

    >>> moment_of("2026-01-31").isoformat()
    '2026-01-31T00:00:00+00:00'
    """
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise RequestError(f"not a time: '{text}'", fix="2026-01-31 or 2026-01-31T12:00:00+01:00") from error
    return found if found.tzinfo else found.replace(tzinfo=UTC)
