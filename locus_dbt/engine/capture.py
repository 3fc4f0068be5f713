"""Capture: a model's statement becomes the same statement with its plans pinned, and what follows writes lineage.

What follows is SQL too, to be run in the transaction that builds the model: rows and lineage are there together or not
at all. A model that cannot be traced is built as written and recorded as untraced with the reason.
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlglot import exp

from locus_dbt import __version__
from locus_dbt.core.conformance import conformance_of
from locus_dbt.core.registry import Image, registry
from locus_dbt.engine.binder import BoundExtract, bind_extract, bind_relational
from locus_dbt.engine.build_events import build_started, builds_ended
from locus_dbt.engine.conformance import check_images, mark_broken, require_conformant, untraced_reason
from locus_dbt.engine.graph import check_graph
from locus_dbt.engine.known import model_key, recorded_documents
from locus_dbt.engine.lineage_sql import LineageWriter
from locus_dbt.engine.relations import describe
from locus_dbt.engine.request import ExtractRequest, read_arguments
from locus_dbt.engine.session import Session
from locus_dbt.engine.tables import create_lineage_tables
from locus_dbt.lineage.calls import Call, arguments_sql, find_calls, splice
from locus_dbt.lineage.columns import Source, table_names, trace_columns
from locus_dbt.lineage.derivation import Derivation
from locus_dbt.model.errors import LocusError, UntracedSQL
from locus_dbt.model.relation import ROW_ID, RelationalPlan, literal, quote


@dataclass(frozen=True)
class Capture:
    """What to run: ``sql`` builds the model, ``after`` follows in the same transaction.

    ``state`` is ``traced``, ``untraced`` (with ``reason``) or ``unrelated`` (nothing of Locus in it: run as it was).
    """

    sql: str
    after: str = ""
    state: str = "unrelated"
    reason: str | None = None
    run: str | None = None


@dataclass
class _Found:
    """A call in the statement, bound once: building and lineage speak of the same plan."""

    call: Call
    image: Image
    text: str
    columns: Mapping[str, tuple[str, ...]]
    key: str | None
    extract: BoundExtract | None = None
    relational: RelationalPlan | None = None
    relation_key: str = ""
    request: ExtractRequest | None = None


@dataclass
class _Statement:
    #: Whether it calls an image at all, be the call bound or not.
    reads: bool = False
    calls: list[_Found] = field(default_factory=list)
    tables: set[str] = field(default_factory=set)


def capture_functions(session: Session) -> dict[str, Callable[[str], str]]:
    """The text-to-text functions that the dbt package calls."""

    def _capture(arguments: str) -> str:
        given = json.loads(arguments)
        found = capture(session, given.pop("sql"), Target(**given))
        return json.dumps({"sql": found.sql, "after": found.after, "state": found.state, "reason": found.reason})

    def _capture_python(arguments: str) -> str:
        given = json.loads(arguments)
        return capture_python(session, **given)

    return {
        "_locus_capture": _capture,
        "_locus_capture_python": _capture_python,
        "_locus_start": _starter(session),
        "_locus_end": builds_ended(session),
    }


def _starter(session: Session) -> Callable[[str], str]:
    def _start(arguments: str) -> str:
        given = json.loads(arguments)
        with session.cursor() as cursor:
            create_lineage_tables(cursor)
        found: dict[str, list[str]] = json.loads(check_graph(given["nodes"]))
        errors, warnings = check_images(session, [registry().image(name) for name in found.pop("images")])
        found["errors"] += errors
        found["warnings"] += warnings
        found["notices"] += session.disclosures()
        if given["package"] != __version__:
            found["errors"].append(
                f"[E404] the dbt package is {given['package']}, the Python package is {__version__} (run: locus init)"
            )
        return json.dumps(found)

    return _start


def new_run_id() -> str:
    """A name for a build: later ones sort behind earlier ones (milliseconds, then chance, like UUID version 7)."""
    return f"{time.time_ns() // 1_000_000:012x}{uuid.uuid4().hex[:20]}"


def capture_python(
    session: Session,
    model: str,
    *,
    parents: list[str],
    node: str | None = None,
    invocation: str | None = None,
) -> str:
    """What to run for a Python model: nothing, or the record that it is untraced."""
    tracked = _tracked(session)
    writer = LineageWriter(model_key(model), run_id=new_run_id(), node=node, invocation=invocation)
    if any(model_key(parent) in tracked for parent in parents):
        return writer.untraced("a Python model has no rule yet")
    return writer.forget() if model_key(model) in tracked else ""


@dataclass(frozen=True, slots=True)
class Target:
    """The model that a statement builds.

    ``incremental``: the statement gives additions to a table that stays. ``view``: the statement runs again at every
    query, so a view over documents cannot be traced, one over traced relations can. ``built`` is the name under which
    the statement's table stands when the lineage is written (dbt swaps names later).
    """

    model: str
    node: str | None = None
    invocation: str | None = None
    incremental: bool = False
    view: bool = False
    built: str | None = None

    def writer(self, session: Session) -> LineageWriter:
        """A writer for one build of the model."""
        return LineageWriter(
            model_key(self.model),
            run_id=new_run_id(),
            node=self.node,
            invocation=self.invocation,
            built=self.built,
            conformance=lambda image: conformance_of(image, session.runner.store),
        )


def capture(session: Session, sql: str, target: Target) -> Capture:
    """Capture one model."""
    captured = _capture(session, sql, target)
    if captured.state == "unrelated" and model_key(target.model) in _tracked(session):
        return Capture(sql, target.writer(session).forget())
    if captured.run:
        build_started(session, captured.run, target.model, node=target.node, invocation=target.invocation)
    return captured


def _capture(session: Session, sql: str, target: Target) -> Capture:
    statement = _Statement()
    try:
        _bind_calls(session, sql, statement, view=target.view)
        derived = _derivations(session, sql, statement)
    except UntracedSQL as error:
        if not statement.reads and not statement.tables:
            return Capture(sql)
        derived, reason = None, str(error.what)
    else:
        reason = ""
        if not statement.calls and not statement.tables:
            return Capture(sql)
    pinned = splice(sql, [(found.call, f"query({literal(found.text)})") for found in statement.calls])
    writer = target.writer(session)
    if derived is None:
        reason = untraced_reason(session, reason, [found.image for found in statement.calls])
        return Capture(pinned, writer.untraced(reason), "untraced", reason, writer.run_id)
    _write(session, writer, statement, derived, model=target.model, incremental=target.incremental, view=target.view)
    return Capture(pinned, writer.script(), "traced", run=writer.run_id)


def _write(
    session: Session,
    writer: LineageWriter,
    statement: _Statement,
    derived: Mapping[str, Derivation],
    *,
    model: str,
    incremental: bool,
    view: bool,
) -> None:
    merging = [f for f in statement.calls if f.relational and f.relational.edges]
    leaf = any(f.extract for f in statement.calls)
    writer.start(rows_by="leaf" if leaf else "edges" if merging else "identity", incremental=incremental)
    writer.columns(mark_broken(session, writer.model, derived, [f.image for f in statement.calls]))
    related = {f.relation_key for f in merging}
    writer.sources(
        {o.source for d in derived.values() for o in d.origins if not o.source.startswith("image:")},
        by_edges=related,
        stamped=not view,
    )
    if incremental:
        _forget_gone(session, writer, statement, model)
    for found in statement.calls:
        if found.extract:
            writer.extract(found.extract)
            session.remember(found.extract.plan, [])
        elif found.relational:
            writer.relational(found.image, found.relational, source=found.relation_key)
    if not statement.calls:
        writer.plain()


def _forget_gone(session: Session, writer: LineageWriter, statement: _Statement, model: str) -> None:
    """What additions to a table that stays take away from it, image by image.

    A document that one call no longer holds may be another call's. Calls that do not say which table they add to give
    all their documents again: their lineage is renewed, and the table keeps what it has.
    """
    by_image: dict[str, list[_Found]] = {}
    for found in statement.calls:
        if found.extract and found.request and not found.request.empty:
            by_image.setdefault(found.image.manifest.name, []).append(found)
    for image, calls in by_image.items():
        recorded = recorded_documents(session, model, image)
        tasks = [t for f in calls if f.extract for t in f.extract.plan.tasks]
        again = {t.prefix for f in calls if f.extract for t in f.extract.tasks}
        if any(f.request and f.request.target for f in calls):
            held = {t.prefix: t.filename for t in tasks if t.prefix not in again}
            gone = {p: name for p, name in recorded.items() if held.get(p) != name}
            if any(f.request and f.request.keep_removed for f in calls):
                names = {t.filename for t in tasks}
                gone = {p: name for p, name in gone.items() if name in names}
            writer.forget_documents(image, gone, target=model)
        else:
            writer.forget_documents(image, {p: n for p, n in recorded.items() if p in again}, target=None)


def _bind_calls(session: Session, sql: str, statement: _Statement, *, view: bool) -> None:
    functions = {image.manifest.function: image for image in registry()}
    calls = find_calls(sql, lambda name: name == "locus_image" or name in functions)
    statement.reads = bool(calls)
    if calls and view:
        raise UntracedSQL("a view reads its documents anew at every query: materialize it as table or incremental")
    statement.calls = [_bind_call(session, call, functions.get(call.function)) for call in calls]


def _bind_call(session: Session, call: Call, image: Image | None) -> _Found:
    generic = image is None
    names = ["image", "source", "params"] if generic else ["source"]
    source_names = () if generic else ("files",) if image and image.manifest.kind == "extract" else ("relation",)
    named = [("source" if n in source_names else n, text) for n, text in call.named]
    arguments = _evaluate(session, Call(call.function, call.start, call.stop, call.positional, named), names)
    if image is None:
        raw = json.loads(arguments)
        image = registry().image(str(raw.pop("image")))
        arguments = json.dumps(raw)
    require_conformant(session, image)
    source, given = read_arguments(arguments)
    if image.manifest.kind == "relational":
        plan = bind_relational(session, image, source, given)
        key = model_key(source)
        columns = {n: tuple(origins) for n, origins in plan.columns.items()} | {ROW_ID: (ROW_ID,)}
        return _Found(call, image, plan.sql, columns, key, relational=plan, relation_key=key)
    request = ExtractRequest.read(source, given)
    bound = bind_extract(session, image, request)
    columns = {n: (n,) for n in [*bound.columns, ROW_ID]}
    if request.filename:
        columns[request.filename] = ()
    key = f"image:{image.manifest.name}"
    return _Found(call, image, bound.sql, columns, key, extract=bound, request=request)


def _evaluate(session: Session, call: Call, names: list[str]) -> str:
    """The arguments as JSON; anything but constants is refused."""
    import duckdb  # noqa: PLC0415 - imported by the session's owner already

    if any("getvariable" in text.lower() for text in [*call.positional, *(text for _, text in call.named)]):
        raise UntracedSQL(f"the arguments of {call.function} read a variable, which belongs to one connection")
    with session.cursor() as cursor:
        try:
            row = cursor.execute(arguments_sql(call, names)).fetchone()
        except duckdb.Error as error:
            raise UntracedSQL(
                f"the arguments of {call.function} are not constant: {str(error).splitlines()[0]}"
            ) from error
    return str(row[0]) if row else "{}"


def _derivations(session: Session, sql: str, statement: _Statement) -> dict[str, Derivation]:
    """Trace the columns, each call standing for a relation of its own."""
    names = {f"__locus_call_{i}": found for i, found in enumerate(statement.calls)}
    text = splice(sql, [(found.call, quote(name)) for name, found in names.items()])
    tracked = _tracked(session)
    statement.tables |= _mentioned(text, tracked)
    missing = {f.relation_key for f in statement.calls if f.relational and f.relation_key not in tracked}
    if (
        not statement.tables
        and not any(f.extract for f in statement.calls)
        and missing == {f.relation_key for f in statement.calls}
    ):
        statement.calls, statement.reads = [], False  # a relational image over relations without document ancestry
        raise UntracedSQL("no document ancestry")

    def traced(key: str) -> str | None:
        if tracked.get(key) == "untraced":
            raise UntracedSQL(f"{key} is itself untraced")
        return key if key in tracked else None

    def resolve(table: exp.Table) -> Source:
        found = names.get(table.name)
        if found is not None and found.extract:
            return Source(found.key, found.columns)
        if found is not None:
            computed = found.columns.keys() - (found.relational.kept if found.relational else ()) - {ROW_ID}
            return Source(traced(found.relation_key), found.columns, frozenset(computed))
        reference = ".".join(quote(p.name) for p in table.parts)
        return Source(traced(model_key(reference)), {n: (n,) for n in describe(session, reference)})

    try:
        return trace_columns(text, resolve)
    except LocusError as error:
        raise UntracedSQL(error.what) from error


def _mentioned(text: str, tracked: Mapping[str, str]) -> set[str]:
    """The tracked models that the statement reads."""
    try:
        return {key for name in table_names(text) if (key := model_key(name)) in tracked}
    except LocusError:  # a statement that cannot be parsed still must not pass as unrelated
        return {key for key in tracked if key.split(".")[-1] in text.lower()}


def _tracked(session: Session) -> dict[str, str]:
    """Models with document ancestry and whether they are traced."""
    import duckdb  # noqa: PLC0415 - imported by the session's owner already

    with session.cursor() as cursor:
        try:
            rows: list[Any] = cursor.execute("SELECT model, state FROM locus.models").fetchall()
        except duckdb.Error:
            return {}
    return dict(rows)


__all__ = ["Capture", "capture", "capture_functions", "capture_python"]
