"""Documents inside documents: members of archives, attachments of mails and PDFs become documents of their own.

A member is named ``outer!/path/inside`` and lies in the store as an object; it is unpacked in a worker process,
once for each content of the outer file.
"""

from __future__ import annotations

import fnmatch
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, Literal, get_args

import pyarrow as pa

from locus_dbt.core.executor import Job, Outcome, Request
from locus_dbt.core.fingerprints import Fingerprint
from locus_dbt.core.pool import LocalExecutor
from locus_dbt.core.read_options import options_state
from locus_dbt.core.registry import engine_digest
from locus_dbt.core.settings import Settings
from locus_dbt.core.sources import MEMBER, SourceFile
from locus_dbt.core.store import Store
from locus_dbt.model.document import AS_USUAL, ReadOptions
from locus_dbt.model.errors import RequestError, did_you_mean

#: Which containers are opened: archives only, mails and PDFs too, or none.
MemberMode = Literal["archives", "all", "none"]

_ARCHIVES = ("zip", "gzip", "bzip2", "xz", "tar")
_HOLDERS = (*_ARCHIVES, "pdf", "ole", "mail", "mbox")
_ARCHIVE_TYPES = (
    "application/zip", "application/gzip", "application/x-bzip2", "application/x-xz", "application/x-tar",
)  # fmt: skip
#: ZIP containers that are documents by their name; looking inside each of ten thousand workbooks would cost.
_OFFICE = frozenset(
    f".{name}"
    for name in [
        "xlsx",
        "xlsm",
        "xlsb",
        "xltx",
        "docx",
        "docm",
        "dotx",
        "pptx",
        "pptm",
        "potx",
        "ods",
        "odt",
        "odp",
        "epub",
        "key",
    ]
)
_COMPRESSED = (".gz", ".bz2", ".xz", ".tgz")
#: Archives in archives; what one outer file may unpack to, counted over all levels: nested bombs multiply.
_MAX_DEPTH = 5
_MAX_FOUND = 10_000
_MAX_BYTES = 512 * 1_048_576

Found = tuple[SourceFile, Fingerprint]


@dataclass(frozen=True, slots=True)
class _Held:
    """One member as the store knows it."""

    name: str
    sha256: str
    size: int
    kind: str


def member_mode(value: Any) -> MemberMode:  # noqa: ANN401 - any JSON value
    """A checked mode; E103 for another value."""
    modes: tuple[MemberMode, ...] = get_args(MemberMode)
    for mode in modes:
        if value in (mode, None):
            return mode
    near = did_you_mean(value, modes) if isinstance(value, str) else ""
    raise RequestError(f"members: expected one of {', '.join(modes)}, got '{value}'{near}")


def with_members(
    found: Sequence[Found], *, settings: Settings, mode: MemberMode, options: ReadOptions = AS_USUAL
) -> tuple[list[Found], list[tuple[str, str]]]:
    """The files with the members of containers: an archive's in its place, those of a mail or PDF behind it.

    A file that was asked for as ``archive!/pattern`` gives the members that match, whatever the mode. What cannot
    be unpacked stays as it is: reading it says why. Files that unpack to more than is allowed, over all levels, come
    back apart, each with what it is over.
    """
    out: list[Found] = []
    refused: list[tuple[str, str]] = []
    unpacker = _Unpacker(settings, options)
    unpacker.prefetch([one for one in found if _opens(one, mode)])
    for one in found:
        if not _opens(one, mode):
            out.append(one)
            continue
        try:
            out += _unfolded(one, unpacker, settings, mode)
        except _TooMuchError as error:
            refused.append((one[0].filename, str(error)))
    return out, refused


class _TooMuchError(Exception):
    """A container unpacks to more than is allowed."""


def _unfolded(outer: Found, unpacker: _Unpacker, settings: Settings, mode: MemberMode) -> list[Found]:
    """A file with all that is inside, in order."""
    out: list[Found] = []
    todo = [(outer, 0)]
    size = count = 0
    while todo:
        one, depth = todo.pop()
        file, _ = one
        members = unpacker.members(one) if depth < _MAX_DEPTH and _opens(one, mode) else None
        if not members:  # none, or an empty archive: reading it leaves a word
            out.append(one)
            continue
        if not _is_archive(one):
            out.append(one)
        size += sum(held.size for held in members)
        count += len(members)
        if size > _MAX_BYTES or count > _MAX_FOUND:
            raise _TooMuchError(
                f"unpacks to more than {_MAX_BYTES} bytes or {_MAX_FOUND} files, archives in it included"
            )
        children = [_child(file, held, settings) for held in members]
        if file.inside:
            children = [c for c in children if fnmatch.fnmatchcase(c[0].filename.split(MEMBER)[-1], file.inside)]
        todo += [(child, depth + 1) for child in reversed(children)]
    return out


def _opens(one: Found, mode: MemberMode) -> bool:
    file, found = one
    if found.error or not found.kind:  # nearly all documents: asked for each of ten thousand
        return False
    if file.inside:
        return found.kind in _HOLDERS
    office = PurePosixPath(file.filename.lower()).suffix in _OFFICE
    return (mode != "none" and _is_archive(one) and not office) or (mode == "all" and found.kind in _HOLDERS)


def _is_archive(one: Found) -> bool:
    return one[1].kind in _ARCHIVES


def _child(outer: SourceFile, held: _Held, settings: Settings) -> Found:
    name = held.name or _uncompressed(outer.filename)
    path = str(Store(settings.store_root).object_path(held.sha256))
    file = SourceFile(f"{outer.filename}{MEMBER}{name}", path)
    return file, Fingerprint(path, held.sha256, held.size, kind=held.kind)


def _uncompressed(filename: str) -> str:
    """What ``report.csv.gz`` holds."""
    last = PurePosixPath(filename)
    return last.stem if last.suffix.lower() in _COMPRESSED else last.name


class _Unpacker:
    """Unpacks containers, each content once; what was unpacked before is known by the store."""

    def __init__(self, settings: Settings, options: ReadOptions) -> None:
        self._settings = settings
        self._store = Store(settings.store_root)
        self._options = options
        self._known: dict[str, Sequence[_Held] | None] = {}

    def prefetch(self, found: Sequence[Found]) -> None:
        """Unpack several files at once, in all worker processes."""
        wanted = {}
        for file, about in found:
            if about.sha256 not in self._known and (held := self._recorded(about.sha256)) is not None:
                self._known[about.sha256] = held
            elif about.sha256 not in self._known:
                wanted[about.sha256] = Request(about.sha256, file.filename, file.path, about.sha256)
        if not wanted:
            return
        executor = LocalExecutor(self._settings)
        executor.prepare(
            Job(
                module=__name__,
                columns={"name": "VARCHAR", "media_type": "VARCHAR", "data": "BLOB"},
                params={},
                limits={"max_pages": self._settings.max_pages, "max_file_mb": self._settings.max_file_mb},
                image="members",
                options=self._options,
            )
        )
        executor.execute(list(wanted.values()))
        for outcome in executor.collect():
            if isinstance(outcome, Outcome):
                self._known[outcome.key] = self._keep(outcome)

    def members(self, one: Found) -> Sequence[_Held] | None:
        """The members of a container; ``None`` when it holds none or cannot be unpacked."""
        self.prefetch([one])
        return self._known[one[1].sha256]

    def _keep(self, outcome: Outcome) -> Sequence[_Held] | None:
        if not outcome.rows:
            return None
        table = pa.ipc.open_stream(outcome.rows).read_all()
        archive = outcome.facts.get("media_type") in _ARCHIVE_TYPES
        held = []
        for name, data in zip(table["name"].to_pylist(), table["data"], strict=True):
            content = data.as_py()
            held.append(_Held(name or "", self._store.put(content), len(content), Fingerprint.kind_of(content[:512])))
        if not held and not archive:
            return None
        entries = [{"name": h.name, "sha256": h.sha256, "size": h.size, "kind": h.kind} for h in held]
        self._store.put_record("members", self._key(outcome.key), {"members": entries})
        return held

    def _recorded(self, sha256: str) -> Sequence[_Held] | None:
        record: Mapping[str, Any] | None = self._store.record("members", self._key(sha256))
        if record is None:
            return None
        held = [_Held(m["name"], m["sha256"], m["size"], m["kind"]) for m in record["members"]]
        return held if all(self._store.object_path(h.sha256).exists() for h in held) else None

    def _key(self, sha256: str) -> str:
        state = options_state(self._options)
        return hashlib.sha256(f"{engine_digest()}\0{state}\0{sha256}".encode()).hexdigest()
