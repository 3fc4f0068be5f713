"""Files on remote file systems through fsspec: ``s3://bucket/**/*.pdf``, ``gs://``, ``sftp://`` and so on."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from locus_dbt.connectors.fetched import Fetched
from locus_dbt.core.secrets import mask
from locus_dbt.core.settings import Settings
from locus_dbt.core.sources import SourceFile
from locus_dbt.model.errors import InputError

_SCHEME = re.compile(r"^([A-Za-z][A-Za-z0-9+.-]*)://")
_MAGIC = re.compile(r"[*?\[]")
#: Schemes that fsspec knows and that are not for documents: they reach this machine or run something.
_REFUSED = frozenset(
    ("file", "local", "http", "https", "cached", "filecache", "simplecache", "blockcache", "dir", "jupyter")
)


class RemoteFiles:
    """Every file system that fsspec has an implementation of; its credentials come from its own configuration."""

    interface = 1

    def __init__(self, settings: Settings, fetched: Fetched) -> None:
        self._most = settings.max_file_mb * 1_048_576
        self._fetched = fetched

    def supports(self, address: str) -> bool:
        """Schemes that fsspec knows; chains of file systems (``zip::s3://``) are not taken."""
        match = _SCHEME.match(address)
        if match is None or "::" in address or match[1].lower() in _REFUSED:
            return False
        from fsspec.registry import known_implementations, registry  # noqa: PLC0415 - only for addresses

        return match[1].lower() in known_implementations or match[1].lower() in registry

    def expand(self, address: str, *, root: Path) -> Sequence[SourceFile]:  # noqa: ARG002 - the interface
        """The files at the address or pattern, sorted by name."""
        return self._fetched.once(address, lambda: self._files(address))

    def _files(self, address: str) -> list[SourceFile]:
        import fsspec  # noqa: PLC0415

        try:
            system, path = fsspec.core.url_to_fs(address)
            paths = sorted(system.glob(path)) if _MAGIC.search(path) else [path] if system.exists(path) else []
            return [self._file(system, one) for one in paths if system.isfile(one)]
        except ImportError as error:
            raise InputError(
                f"{mask(address)}: {error}", code="E105", fix="install the package that it names"
            ) from error
        except InputError:
            raise
        except Exception as error:  # a file system of any package may raise anything
            what = f"cannot list {mask(address)}: {type(error).__name__} {mask(str(error))}"
            raise InputError(what, code="E212", fix="check address and credentials") from error

    def _file(self, system: Any, path: str) -> SourceFile:  # noqa: ANN401 - fsspec has no types
        name = system.unstrip_protocol(path)
        version = str(system.ukey(path)) if hasattr(system, "ukey") else ""
        known = self._fetched.known(name)
        if known is not None and version and known[0].get("version") == version:
            return known[1]
        size = system.info(path).get("size") or 0
        if size > self._most:
            raise InputError(
                f"{mask(name)} is larger than {self._most // 1_048_576} MB", code="E206", fix="raise max_file_mb"
            )
        with system.open(path, "rb") as stream:
            data = stream.read(self._most + 1)
        file = self._fetched.keep(name, data)
        self._fetched.remember(name, file, version=version)
        return file
