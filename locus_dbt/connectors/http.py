"""Web addresses as documents: one GET, asked again only whether it changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from locus_dbt.connectors.fetched import Fetched
from locus_dbt.core.settings import Settings
from locus_dbt.core.sources import SourceFile
from locus_dbt.model.errors import InputError

if TYPE_CHECKING:
    from locus_dbt.connectors.network import Limits

_NOT_MODIFIED = 304
_OK = range(200, 300)


class WebAddresses:
    """``http://…`` and ``https://…``: the bytes there."""

    interface = 1

    def __init__(self, settings: Settings, fetched: Fetched) -> None:
        self._limits = limits_of(settings)
        self._fetched = fetched

    def supports(self, address: str) -> bool:
        """Addresses of the web."""
        return address.lower().startswith(("http://", "https://"))

    def expand(self, address: str, *, root: Path) -> Sequence[SourceFile]:  # noqa: ARG002 - the interface
        """The one document at the address; E212 or E213 when it cannot or must not be fetched."""
        return self._fetched.once(address, lambda: [fetch(address, limits=self._limits, fetched=self._fetched)])


def limits_of(settings: Settings) -> Limits:
    """The limits that the settings give to one request."""
    from locus_dbt.connectors.network import Limits  # noqa: PLC0415 - sockets only where they are needed

    return Limits(settings.fetch_timeout_seconds, settings.max_file_mb * 1_048_576, settings.allow_private_addresses)


def fetch(
    address: str, *, limits: Limits, fetched: Fetched, headers: Mapping[str, str] | None = None, name: str | None = None
) -> SourceFile:
    """The document at an address; what the server says is unchanged is taken from the store."""
    from locus_dbt.connectors.network import get  # noqa: PLC0415

    known = fetched.known(address)
    asked = dict(headers or {})
    if known is not None:
        said, _ = known
        asked |= {"if-none-match": said["etag"]} if said.get("etag") else {}
        asked |= {"if-modified-since": said["modified"]} if said.get("modified") else {}
    answer = get(address, limits=limits, headers=asked)
    if known is not None and answer.status == _NOT_MODIFIED:
        return known[1]
    if answer.status not in _OK:
        raise InputError(
            f"the server answers {answer.status}: {name or address}", code="E212", fix="check address and permission"
        )
    file = fetched.keep(name or address, answer.body)
    fetched.remember(address, file, etag=answer.headers.get("etag"), modified=answer.headers.get("last-modified"))
    return file
