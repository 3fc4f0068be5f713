"""Where documents come from: connectors that declare what they support, and the files they find.

A connector turns an address (a path, a glob, a web address) into a sorted list of documents. Local files are here,
other built-in ones in :mod:`locus_dbt.connectors`; more register through the entry-point group
``locus_dbt.connectors``, and installing one decides.
"""

from __future__ import annotations

import glob
import mimetypes
import os
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from locus_dbt.core.plugins import plugins
from locus_dbt.model.errors import InputError, LocusError, RequestError

_MAGIC = re.compile(r"[*?\[]")
#: Between a container and the path of a member in it.
MEMBER = "!/"
_ADDRESS = re.compile(r"^[A-Za-z][A-Za-z0-9+.:-]+://")


@dataclass(frozen=True, slots=True)
class SourceFile:
    """``filename`` as the user sees it (as given, ``/`` between folders), ``path`` to open it.

    ``stored``: the path is an object of the store, so it tells the content and not the place.
    ``inside`` is the pattern of the members that are asked for, when the address names some (``a.zip!/*.csv``).
    """

    filename: str
    path: str
    inside: str = ""
    stored: bool = False


class Connector(Protocol):
    """The interface of a connector, version 1."""

    interface: int

    def supports(self, address: str) -> bool:
        """Whether this connector reads the address."""
        ...

    def expand(self, address: str, *, root: Path) -> Sequence[SourceFile]:
        """The documents at the address, sorted by file name; empty when there are none."""
        ...


class LocalFiles:
    """Paths and globs (``**`` crosses folders) below the project folder or absolute."""

    interface = 1

    def supports(self, address: str) -> bool:
        """Everything that is not an address with a scheme."""
        return not _ADDRESS.match(address)

    def expand(self, address: str, *, root: Path) -> Sequence[SourceFile]:
        """What the pattern matches; hidden files are found when it names them.

        A folder is a document to nobody, unless it bears a document's name (``report.pdf``); links to nowhere, pipes
        and devices are found too: hashing says why they cannot be read.
        """
        if not _MAGIC.search(address) or (root / address).is_file():
            path = root / address
            if path.is_dir():
                raise RequestError(f"'{address}' is a folder", code="E104", fix=f"use '{address.rstrip('/')}/**/*.pdf'")
            return [_local(address, path)] if path.is_file() else []  # devices and pipes have no end
        base = "" if Path(address).is_absolute() else str(root.absolute())
        found = glob.glob(address, root_dir=base or None, recursive=True)  # noqa: PTH207 - Path.glob is slower and resolves differently
        files = (SourceFile(_shown(name), os.path.join(base, name)) for name in found)  # noqa: PTH118 - see below
        return sorted((f for f in files if not _plain_folder(f.path)), key=lambda f: f.filename)


def _plain_folder(path: str) -> bool:
    return os.path.isdir(path) and mimetypes.guess_type(path)[0] is None  # noqa: PTH112 - of ten thousand files, Path objects cost more than all else


@dataclass(frozen=True, slots=True)
class Expansion:
    """The files of a request.

    ``unsupported`` holds addresses that no connector reads, ``missing`` named files that are not there, ``failed``
    addresses whose connector said no, with its error.
    """

    files: Sequence[SourceFile]
    unsupported: Sequence[str]
    missing: Sequence[str] = ()
    failed: Sequence[tuple[str, LocusError]] = ()


def expand(
    addresses: Sequence[str], *, root: Path, connectors: Sequence[Connector] | None = None, max_files: int | None = None
) -> Expansion:
    """All documents of the addresses, each once, in the order of the addresses, sorted within each.

    The first of ``connectors`` (by default plug-ins and local files) that supports an address reads it.
    Raises E104 when not one file matches (an empty glob is a mistake more often than an empty folder).
    """
    known = (*plugins("connectors").values(), LocalFiles()) if connectors is None else connectors
    seen: dict[str, SourceFile] = {}
    unsupported: list[str] = []
    missing: list[str] = []
    failed: list[tuple[str, LocusError]] = []
    for address in addresses:
        connector = next((c for c in known if c.supports(address)), None)
        if connector is None:
            unsupported.append(address)
            continue
        outer, _, inside = address.partition(MEMBER)
        try:
            found = [replace(file, inside=inside) for file in connector.expand(outer, root=root)]
        except InputError as error:
            failed.append((address, error))
            continue
        if not found and not _MAGIC.search(address):
            missing.append(address)
        for file in found:
            seen.setdefault((file.filename if file.stored else comparison_key(file.path)) + inside, file)
    if not seen and not unsupported and not failed:
        shown = ", ".join(f"'{a}'" for a in addresses[:3])
        where = Path(root).absolute().name or "/"
        raise RequestError(
            f"no file matches {shown} in '{where}'", code="E104", fix="check the pattern; ** crosses folders"
        )
    files = list(seen.values())
    return Expansion(files[:max_files] if max_files else files, unsupported, missing, failed)


def comparison_key(path: str) -> str:
    """A path in the form in which two spellings of one file are equal."""
    return _text(os.path.normcase(os.path.abspath(path)).replace("\\", "/"))  # noqa: PTH100 - pure text


def _local(name: str, path: Path) -> SourceFile:
    # Workers keep the folder they were started in, so the path to open must not depend on it.
    return SourceFile(_shown(name), str(path.absolute()))


def _shown(name: str) -> str:
    return _text(name if os.sep == "/" else name.replace(os.sep, "/"))


def _text(name: str) -> str:
    """A file name in one Unicode form; bytes that are no text (file names may hold any) are shown as escapes."""
    return (
        name
        if name.isascii()
        else unicodedata.normalize("NFC", name).encode("utf-8", "backslashreplace").decode("utf-8")
    )
