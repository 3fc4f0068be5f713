"""One document through one image: the work a worker process does, without any process around it."""

from __future__ import annotations

import fnmatch
import hashlib
import importlib
import io
import os
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

import pyarrow as pa

from locus_dbt.core.builder import TableBuilder
from locus_dbt.core.completeness import Tally
from locus_dbt.core.envelope import ENVELOPE
from locus_dbt.core.executor import Job, Outcome, Part, Request
from locus_dbt.core.grounding import ground, ground_spans
from locus_dbt.core.secrets import mask
from locus_dbt.core.span_layout import pack, packed_bytes
from locus_dbt.model.document import Document
from locus_dbt.model.element import Parsed
from locus_dbt.model.errors import InputError, LocusError, RequestError

#: What reading a document may need, whatever the image declares: a text recogniser may be another program.
_READING = ("subprocess",)

#: From so many spans on a document's stored form is made here, beside other documents; those of short ones are made
#: many at a time.
LONG = 2000

#: Where the parsers live; by name, because the core imports no parser.
PARSERS = "locus_dbt.parsers"


def extract_document(
    job: Job,
    request: Request,
    *,
    on_part: Callable[[Part], None] | None = None,
    tick: Callable[[float], None] | None = None,
) -> Outcome:
    """Read, parse and extract one document. Every failure is a reject in the outcome.

    Of a document that is read in parts, ``on_part`` gets all but the last part's rows as soon as they are there.
    """
    started = time.perf_counter()
    work = _Work(request.key, TableBuilder(job.columns), on_part)
    try:
        document = _document(job, request, work, tick)
        work.facts["media_type"] = document.media_type
        _image_function(job.module)(document, job.params, work.table)
        if "parsed" in document.__dict__ and "words" not in work.facts:
            work.read(document.parsed)
        rows, spans = work.rest(document)
    except MemoryError:
        return _refused(request, "E206", f"{request.filename}: over the memory limit", work.facts, final=False)
    except LocusError as error:
        return _refused(request, error.code, error.what, work.facts, fix=error.fix)
    except Exception as error:  # noqa: BLE001 - an image may raise anything; one document must not end the run
        what = f"{request.filename}: image '{job.image}' raised {type(error).__name__}: {error}"
        return _refused(request, "E209", what, work.facts)
    work.facts["seconds"] = round(time.perf_counter() - started, 4)
    work.facts["rows"] = len(work.table)
    packed = packed_bytes(pack([spans])) if spans.num_rows >= LONG else b""
    return Outcome(request.key, _ipc(rows), _ipc(spans), tuple(work.table.rejects), work.facts, packed=packed)


class _Work:
    """What is known of a document while it is read: its rows so far, and facts about the reading."""

    def __init__(self, key: str, table: TableBuilder, on_part: Callable[[Part], None] | None) -> None:
        self.table = table
        self.facts: dict[str, Any] = {}
        self._key = key
        self._on_part = on_part
        self._held: list[tuple[pa.Table, pa.Table]] = []
        self._tally = Tally()

    def read(self, parsed: Parsed) -> None:
        """Count what a part (or the whole) of the document holds."""
        self._tally.add(parsed)
        self.facts |= self._tally.facts()

    def in_parts(self, parts: Iterator[Parsed]) -> Iterator[Parsed]:
        """The parts; what the image made of one is grounded and taken before the next is read."""
        for part in parts:
            self.read(part)
            self._send()
            yield part
            rows, spans = self.table.take()
            self._held.append((rows, ground_spans(spans, part.pages)))

    def _send(self) -> None:
        """Let go of the part before: it is not the last one."""
        if self._on_part is not None:
            for rows, spans in self._held:
                self._on_part(Part(self._key, _ipc(rows), _ipc(spans)))
            self._held = []

    def rest(self, document: Document) -> tuple[pa.Table, pa.Table]:
        """Rows and spans that were not sent."""
        rows, spans = self.table.rows_table(), ground(self.table, document)
        held = [*self._held, (rows, spans)]
        return pa.concat_tables([r for r, _ in held]), pa.concat_tables([s for _, s in held])


def _document(job: Job, request: Request, work: _Work, tick: Callable[[float], None] | None) -> Document:
    data = request.data if request.data is not None else _read(request, job.limits)
    digest = hashlib.sha256(data).hexdigest()
    if request.sha256 and digest != request.sha256:
        raise InputError(f"{request.filename} changed while it was read", code="E208", fix="run again")
    media_type = _media_type(job, data, request.filename)
    if job.accepts and media_type not in job.accepts:
        raise InputError(
            f"{request.filename}: image '{job.image}' takes no {media_type}",
            code="E205",
            fix="narrow the glob",
        )
    document = Document(request.filename, media_type, digest, data, _parser(job, media_type), job.options)
    if tick is not None:
        document = replace(document, tick=tick)
    if media_type in job.parsers:
        return document
    parts: Callable[[Document], Iterator[Parsed]] = importlib.import_module(PARSERS).parts
    return replace(document, stream=lambda one: work.in_parts(_parts_within(parts(one), one, job.limits)))


def _read(request: Request, limits: Mapping[str, Any]) -> bytes:
    limit = int(limits.get("max_file_mb", 512)) * 1_048_576
    try:
        with open(request.path, "rb") as file:  # noqa: PTH123 - a plain path from the plan
            # Asking for the limit would set aside that much memory, whatever the size of the file.
            data = file.read(min(os.fstat(file.fileno()).st_size, limit) + 1)
    except OSError as error:
        raise InputError(f"cannot read {request.filename}: {error.strerror}", code="E201") from error
    if len(data) > limit:
        raise InputError(
            f"{request.filename} is larger than {limit // 1_048_576} MB", code="E206", fix="raise max_file_mb"
        )
    return data


def _media_type(job: Job, data: bytes, filename: str) -> str:
    for pattern, media_type in job.media_types.items():
        if fnmatch.fnmatch(filename, pattern):
            return media_type
    detect: Callable[[bytes, str], str] = importlib.import_module(f"{PARSERS}.detect").media_type
    return detect(data, filename)


def _parser(job: Job, media_type: str) -> Callable[[Document], Parsed]:
    """The configured parser wins; one that is configured but missing stops the document and says which."""
    configured = job.parsers.get(media_type)
    if configured is None:
        built_in: Callable[[Document], Parsed] = importlib.import_module(PARSERS).parse
        return _within_limits(built_in, job.limits)
    try:
        parse: Callable[[Document], Parsed] = importlib.import_module(configured).parse
    except (ImportError, AttributeError) as error:
        raise RequestError(
            f"parser '{configured}' configured for {media_type} is not available: {error}",
            code="E105",
            fix="install it or remove it from 'parsers'",
        ) from error
    return _within_limits(parse, job.limits)


def _parts_within(parts: Iterator[Parsed], document: Document, limits: Mapping[str, Any]) -> Iterator[Parsed]:
    pages = 0
    while True:
        with ENVELOPE.only(_READING):
            part = next(parts, None)
        if part is None:
            return
        pages += len(part.pages)
        _check_pages(document, pages, limits, found=f"{pages} pages or more")
        yield part


def _check_pages(document: Document, pages: int, limits: Mapping[str, Any], *, found: str) -> None:
    most = int(limits.get("max_pages", 5000))
    if pages > most:
        raise InputError(f"{document.filename} has {found}, limit {most}", code="E206", fix="raise max_pages")


def _within_limits(parse: Callable[[Document], Parsed], limits: Mapping[str, Any]) -> Callable[[Document], Parsed]:
    def limited(document: Document) -> Parsed:
        with ENVELOPE.only(_READING):
            parsed = parse(document)
        _check_pages(document, len(parsed.pages), limits, found=f"{len(parsed.pages)} pages")
        return parsed

    return limited


@lru_cache(maxsize=64)
def _image_function(module: str) -> Callable[..., None]:
    function: Callable[..., None] = importlib.import_module(f"{module}.image").extract
    return function


def _refused(
    request: Request, code: str, message: str, facts: Mapping[str, Any], *, fix: str = "", final: bool = True
) -> Outcome:
    """A document without rows: a single reject; a changed or unreadable file may read well the next time."""
    lasting = final and code not in ("E201", "E208", "E105")
    reject = {"code": code, "message": mask(message), "hint": fix}
    return Outcome(request.key, rejects=(reject,), facts=dict(facts), final=lasting)


def _ipc(table: pa.Table) -> bytes:
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table.combine_chunks())
    return sink.getvalue()
