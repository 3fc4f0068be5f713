"""Sending OpenLineage events to a server, one POST an event, through the same checks as every web address."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from locus_dbt.core.secrets import mask
from locus_dbt.model.errors import RunError

if TYPE_CHECKING:
    from locus_dbt.connectors.network import Limits

#: Where servers of the OpenLineage API take events, when the address has no path of its own.
PATH = "/api/v1/lineage"

_TAKEN = range(200, 300)
_SHOWN = 200


def endpoint(url: str) -> str:
    """The address to send to.

    >>> endpoint("http://localhost:5000/"), endpoint("https://host/lineage?x=1")
    ('http://localhost:5000/api/v1/lineage', 'https://host/lineage?x=1')
    """
    parts = urlsplit(url)
    return parts._replace(path=PATH).geturl() if parts.path in ("", "/") else url


def send(lines: Iterable[str], url: str, *, limits: Limits, api_key: str | None = None) -> int:
    """Send events in their order; returns how many. Sending the same ones again is harmless: they are equal.

    Raises:
        InputError: E213 for an address that is not allowed, E212 when there is no answer in time.
        RunError: E403 for the first event that the server does not take; those before it are there.
    """
    from locus_dbt.connectors.network import post  # noqa: PLC0415 - sockets only where they are needed

    target = endpoint(url)
    headers = {"content-type": "application/json", **({"authorization": f"Bearer {api_key}"} if api_key else {})}
    sent = 0
    for line in lines:
        answer = post(target, line.encode(), limits=limits, headers=headers)
        if answer.status not in _TAKEN:
            said = " ".join(answer.body[:_SHOWN].decode("utf-8", errors="replace").split())
            raise RunError(
                f"the lineage server answers {answer.status} to event {sent + 1}, {mask(target)}: {mask(said)}",
                code="E403",
                fix="check address and OPENLINEAGE_API_KEY; then send all again",
            )
        sent += 1
    return sent
