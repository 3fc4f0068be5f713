"""A plan: which documents an image will read, with which params, under which ids. Immutable once made."""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import json
import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from locus_dbt.core.fingerprints import fingerprints
from locus_dbt.core.members import Found, MemberMode, with_members
from locus_dbt.core.params import canonical, check_params, select_output
from locus_dbt.core.plugins import plugins
from locus_dbt.core.read_options import options_state
from locus_dbt.core.registry import Image
from locus_dbt.core.row_ids import row_prefix
from locus_dbt.core.secrets import mask
from locus_dbt.core.settings import Settings
from locus_dbt.core.sources import comparison_key, expand
from locus_dbt.core.store import Store
from locus_dbt.core.threshold import RETAIN_ALL, Threshold, read_threshold
from locus_dbt.model.document import AS_USUAL, ReadOptions
from locus_dbt.model.errors import RequestError
from locus_dbt.model.manifest import Output

#: Where the built-in connectors live; by name, because the core knows none of them.
CONNECTORS = "locus_dbt.connectors"

#: Documents in one shard.
SHARD_SIZE = 64


@dataclass(frozen=True, slots=True)
class Task:
    """One document to read. ``key`` names its result in the cache, ``prefix`` starts its row ids."""

    filename: str
    path: str
    sha256: str
    size: int
    prefix: str
    key: str


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A source that has no bytes to read: recorded as a reject, the rest goes on."""

    filename: str
    code: str
    message: str
    hint: str = ""


@dataclass(frozen=True)
class Plan:
    """The work of one call of an extract image."""

    image: Image
    output_name: str
    output: Output
    params: Mapping[str, Any]
    tasks: Sequence[Task]
    unreadable: Sequence[Unreadable] = ()
    ignore_errors: bool = True
    limits: Mapping[str, Any] = field(default_factory=dict)
    options: ReadOptions = AS_USUAL
    threshold: Threshold = RETAIN_ALL
    judged: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def snapshot(self) -> bytes:
        """The frozen list of inputs as canonical JSON: name, comparison key, hash, size."""
        entries = [
            {"filename": t.filename, "key": comparison_key(t.path), "sha256": t.sha256, "size": t.size}
            for t in self.tasks
        ]
        return json.dumps({"version": 1, "files": entries}, ensure_ascii=False, sort_keys=True).encode()

    @cached_property
    def snapshot_id(self) -> str:
        """SHA-256 of the snapshot."""
        return hashlib.sha256(self.snapshot).hexdigest()

    @cached_property
    def by_filename(self) -> Mapping[str, Task]:
        """Tasks by file name."""
        return {t.filename: t for t in self.tasks}

    def answer_key(self, task: Task) -> str:
        """Names what this plan gets of a document: the result's key, and threshold and judge where they change it."""
        state = self.threshold.state + self.judged.get(task.key, "")
        return hashlib.sha256(f"{task.key}\0{state}".encode()).hexdigest() if state else task.key

    @property
    def shards(self) -> list[Sequence[Task]]:
        """The tasks in fixed groups; the same plan always has the same shards."""
        return [self.tasks[i : i + SHARD_SIZE] for i in range(0, len(self.tasks), SHARD_SIZE)]


def make_plan(
    image: Image,
    files: Sequence[str],
    params: Mapping[str, Any],
    *,
    settings: Settings,
    max_files: int | None = None,
    ignore_errors: bool = True,
    options: ReadOptions = AS_USUAL,
    members: MemberMode = "archives",
    threshold: Threshold | None = None,
) -> Plan:
    """Check params, expand files, hash them, open containers. Reads no document.

    Raises:
        RequestError: E109 for a relational image, E102/E103 for params, E104 when nothing matches, E105 when a
            configured parser is not installed.
    """
    if image.manifest.kind != "extract":
        raise RequestError(
            f"image '{image.manifest.name}' works on a relation, not on files",
            code="E109",
            fix=f"{image.manifest.function}('relation', …)",
        )
    checked = check_params(image.manifest, params)
    name, output = select_output(image.manifest, checked)
    _check_parsers(settings.parsers)
    found_documents = find_documents(files, settings=settings, max_files=max_files, options=options, members=members)
    unreadable = list(found_documents.unreadable)
    tasks: list[Task] = []
    copies: dict[str, int] = {}
    limits = {"max_pages": settings.max_pages, "max_file_mb": settings.max_file_mb}
    args = canonical(checked) + options_state(options)
    state = options_state(options) + canonical(
        {"params": checked, "limits": limits, "parsers": settings.parsers, "types": settings.media_types}
    )
    for file, found in found_documents.files:
        if found.error:
            what = f"cannot read {file.filename}: {found.error}"
            unreadable.append(Unreadable(file.filename, "E201", what, "check the file and its permissions"))
            continue
        copy = copies[found.sha256] = copies.get(found.sha256, -1) + 1
        tasks.append(
            Task(
                file.filename,
                file.path,
                found.sha256,
                found.size,
                row_prefix(found.sha256, image.digest, args, copy=copy),
                _result_key(image, state, found.sha256, file.filename),
            )
        )
    trusted = threshold or read_threshold({}, settings.grounding)
    return Plan(image, name, output, checked, tuple(tasks), tuple(unreadable), ignore_errors, limits, options, trusted)


@dataclass(frozen=True)
class Documents:
    """Files with their hashes, containers opened, and the sources that have no bytes to read."""

    files: Sequence[Found]
    unreadable: Sequence[Unreadable]


def find_documents(
    files: Sequence[str],
    *,
    settings: Settings,
    max_files: int | None = None,
    options: ReadOptions = AS_USUAL,
    members: MemberMode = "archives",
) -> Documents:
    """What paths, globs and addresses name: expanded, fetched, hashed, archives opened. Reads no document.

    Raises:
        RequestError: E104 when nothing matches.
    """
    built_in = importlib.import_module(CONNECTORS).built_in(settings)
    connectors = (*plugins("connectors").values(), *built_in)
    expansion = expand(files, root=settings.root, connectors=connectors, max_files=max_files)
    prints = fingerprints([f.path for f in expansion.files], index=settings.store_root / "fingerprints.sqlite")
    unreadable = [
        Unreadable(a, "E211", f"no connector reads '{a}'", "install a connector for it") for a in expansion.unsupported
    ]
    unreadable += [Unreadable(mask(a), error.code, error.what, error.fix) for a, error in expansion.failed]
    unreadable += [Unreadable(a, "E201", f"there is no file '{a}'", "check the path") for a in expansion.missing]
    pairs = list(zip(expansion.files, prints, strict=True))
    opened, refused = with_members(pairs, settings=settings, mode=members, options=options)
    unreadable += [Unreadable(name, "E206", f"{name} {what}", "unpack it, or leave it out") for name, what in refused]
    return Documents(opened, unreadable)


def _check_parsers(parsers: Mapping[str, str]) -> None:
    """A parser that is configured but not there stops the run: another one must not quietly take its place."""
    for media_type, module in parsers.items():
        try:
            found = importlib.util.find_spec(module)
        except (ImportError, ValueError):
            found = None
        if found is None:
            raise RequestError(
                f"parser '{module}' configured for {media_type} is not installed",
                code="E105",
                fix="install it or remove it from 'parsers'",
            )


def _result_key(image: Image, state: str, sha256: str, filename: str) -> str:
    """The extension belongs to the key because it decides the type where the content does not."""
    extension = posixpath.splitext(filename)[1].lower()
    return hashlib.sha256(f"{image.digest}\0{state}\0{sha256}\0{extension}".encode()).hexdigest()


def freeze(plan: Plan, store: Store) -> str:
    """Keep the plan's snapshot in the store; returns its id."""
    return store.put(plan.snapshot)
