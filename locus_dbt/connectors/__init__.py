"""Connectors to what lies elsewhere: web addresses, remote file systems, paginated APIs, SQL databases.

What they fetch becomes an object of the store, so that a plan has bytes with a hash whatever the address; the file name
is the address without secrets. Each connector is imported when an address first needs it.
"""

from __future__ import annotations

from locus_dbt.connectors.configured import ConfiguredSources
from locus_dbt.connectors.fetched import Fetched
from locus_dbt.connectors.http import WebAddresses
from locus_dbt.connectors.remote_files import RemoteFiles
from locus_dbt.core.settings import Settings
from locus_dbt.core.sources import Connector, LocalFiles

__all__ = ["built_in"]


def built_in(settings: Settings) -> tuple[Connector, ...]:
    """The connectors of this package, the most particular first."""
    fetched = Fetched(settings)
    return (
        ConfiguredSources(settings, fetched),
        WebAddresses(settings, fetched),
        RemoteFiles(settings, fetched),
        LocalFiles(),
    )
