"""The bind planner: from a call of a table function to the SQL that does it. Runs inside DuckDB's binder.

Nothing is extracted here unless a call leaves its columns to the documents: ``DESCRIBE`` and ``EXPLAIN`` bind and do
not execute.
"""

from __future__ import annotations

import hashlib
import importlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from locus_dbt.core.params import check_params, select_output
from locus_dbt.core.plan import Plan, Task, make_plan
from locus_dbt.core.registry import Image, registry
from locus_dbt.core.threshold import read_threshold
from locus_dbt.engine import scan_sql
from locus_dbt.engine.conformance import require_conformant
from locus_dbt.engine.known import known_documents, lineage_key
from locus_dbt.engine.relations import describe, reads_through, relation_of
from locus_dbt.engine.request import ExtractRequest, pick, read_arguments, without_defaults
from locus_dbt.engine.session import Session
from locus_dbt.model.document import AS_USUAL
from locus_dbt.model.errors import LocusError, RequestError
from locus_dbt.model.relation import ROW_ID, RelationalPlan

#: Files from this size on are scanned by DuckDB's own reader where an image offers a scan.
NATIVE_BYTES = 8 * 1_048_576


@dataclass(frozen=True)
class BoundExtract:
    """A bound call: the plan, its token, the documents to read, and the SQL of its rows."""

    plan: Plan
    token: str
    tasks: Sequence[Task]
    sql: str
    columns: Mapping[str, str]
    scans: Sequence[tuple[Task, str]] = ()
    dynamic: bool = False

    @property
    def native(self) -> bool:
        """Whether DuckDB reads the files itself."""
        return bool(self.scans)


def bind(session: Session, image_name: str, what: str, arguments: str) -> str:
    """SQL for ``rows``, ``spans``, ``rejects`` or ``documents`` of an image's call with JSON arguments."""
    image = registry().image(image_name)
    require_conformant(session, image)
    source, given = read_arguments(arguments)
    if image.manifest.kind == "relational":
        if what in ("spans", "documents"):
            raise RequestError(
                f"image '{image.manifest.name}' reads no document, so it has no {what}",
                code="E109",
                fix=f"ask for the {what} of the image that its relation comes from",
            )
        plan = bind_relational(session, image, source, without_defaults(given))
        if what == "rejects":
            return plan.rejects or "SELECT NULL WHERE false"
        return plan.sql
    request = ExtractRequest.read(source, given)
    if what == "rows":
        return bind_extract(session, image, request).sql
    if what == "rejects":
        return _all_rejects(bind_extract(session, image, request))
    made = plan_of(session, image, request)
    token = session.keep(made, quiet=not request.store_rejects)
    if what == "documents":
        return scan_sql.reading_sql(token, made.tasks)
    return scan_sql.spans_sql(token, made.tasks)


def _all_rejects(bound: BoundExtract) -> str:
    """Refused documents and refused cells."""
    cells = cell_rejects_sql(bound)
    documents = scan_sql.rejects_sql(bound.token, () if bound.native else bound.tasks, bound.plan)
    found = f"{documents} UNION ALL BY NAME FROM ({cells})" if cells else documents
    return f"SELECT * EXCLUDE (_locus_row_id) FROM ({found})"


def cell_rejects_sql(bound: BoundExtract) -> str:
    """SQL of the cells that a call types and that are not of their type; empty where the image types its columns."""
    if not bound.dynamic:
        return ""
    if bound.native:
        return scan_sql.native_rejects_sql(bound.scans, bound.columns)
    return scan_sql.dynamic_rejects_sql(bound.token, bound.tasks, bound.columns)


def bind_relational(session: Session, image: Image, source: Any, given: Mapping[str, Any]) -> RelationalPlan:  # noqa: ANN401
    """The plan of a relational image over a named relation."""
    if not isinstance(source, str):
        raise RequestError("relation: expected the name of a table or view")
    if image.manifest.kind != "relational":
        raise RequestError(f"image '{image.manifest.name}' reads files, not a relation", code="E109")
    params = check_params(image.manifest, given)
    relation = replace(relation_of(session, source), key=lineage_key(session, source))
    plan: RelationalPlan = image.function("plan")(relation, params)
    return plan


def plan_of(session: Session, image: Image, request: ExtractRequest) -> Plan:
    """The frozen work of a request. Sources that have no bytes to read are rejects from here on."""
    for kind in request.types.values():
        _type_name(kind)
    plan = make_plan(
        image,
        request.files,
        request.params,
        settings=session.settings,
        max_files=request.max_files,
        ignore_errors=request.ignore_errors and not session.settings.strict,
        options=request.options,
        members=request.members,
        threshold=read_threshold(request.threshold, session.settings.grounding, columns=request.columns),
    )
    if bench := session.runner.bench(plan):
        plan = replace(plan, judged={t.key: bench.mark(t.key) for t in plan.tasks})
    if request.store_rejects:
        session.remember(plan, [])
    return plan


def bind_extract(session: Session, image: Image, request: ExtractRequest) -> BoundExtract:
    """Bind the rows of an extract image."""
    params = check_params(image.manifest, request.params)
    name, output = select_output(image.manifest, params)
    declared = {c.name: c.type for c in output.columns}
    what = f"image '{image.manifest.name}', output '{name}',"
    if request.empty and (declared or request.types):
        columns = {**pick(declared, request.columns, what=what), **request.types} if declared else request.types
        _no_clash(columns, request)
        plan = Plan(image, name, output, params, ())
        sql = scan_sql.empty_sql(columns, filename=request.filename)
        return BoundExtract(plan, session.keep(plan), (), sql, columns)
    plan = plan_of(session, image, request)
    token = session.keep(plan, quiet=not request.store_rejects)
    tasks = _wanted(session, plan, request)
    if declared:
        columns = pick(declared, request.columns, what=what)
        _no_clash(columns, request)
        function = f"_locus_rows_{image.manifest.folder}_{name}"
        sql = scan_sql.rows_sql(function, token, tasks, columns, filename=request.filename)
        return BoundExtract(plan, token, tasks, _cast(sql, columns, request.types), columns)
    return _bind_dynamic(session, plan, token, tasks, request)


def _bind_dynamic(
    session: Session, plan: Plan, token: str, tasks: Sequence[Task], request: ExtractRequest
) -> BoundExtract:
    """Columns from the call where it types them, else from the documents, which are then read now."""
    scans = _native_scans(session, plan, tasks)
    if scans is not None:
        found = {**_scan_columns(session, scans), **request.types}
        columns = pick(found, request.columns, what=f"image '{plan.image.manifest.name}'")
        _no_clash(columns, request)
        sql = scan_sql.native_sql(scans, columns, filename=request.filename, by_number=session.uuid_of_number)
        return BoundExtract(plan, token, tasks, sql, columns, scans=scans, dynamic=True)
    columns = dict(request.types) or _columns_found(session, plan)
    if request.columns and not request.types:
        columns = pick(columns, request.columns, what=f"image '{plan.image.manifest.name}'")
    if not columns:
        raise RequestError(
            f"image '{plan.image.manifest.name}' found no column in {len(plan.tasks)} documents",
            code="E210",
            fix="declare them: columns := {'name': 'VARCHAR'}",
        )
    _no_clash(columns, request)
    if request.empty:
        return BoundExtract(plan, token, (), scan_sql.empty_sql(columns, filename=request.filename), columns)
    sql = scan_sql.dynamic_rows_sql(token, tasks, columns, filename=request.filename)
    return BoundExtract(plan, token, tasks, sql, columns, dynamic=True)


def _no_clash(columns: Mapping[str, str], request: ExtractRequest) -> None:
    """The columns that the engine adds must not be columns of the documents too."""
    names = {name.lower() for name in columns}
    if request.filename and request.filename.lower() in names:
        raise RequestError(
            f"filename: the documents have a column '{request.filename}' themselves",
            fix="filename := 'another name', or filename := false",
        )
    if ROW_ID in names:
        raise RequestError(f"the documents have a column '{ROW_ID}', which names rows", fix="choose columns := [...]")


def _columns_found(session: Session, plan: Plan) -> dict[str, str]:
    """The union of the columns of all documents, in the order of their appearance."""
    found: dict[str, str] = {}
    for result in session.run(plan):
        table = result.table("rows")
        if table is not None:
            found.update(dict.fromkeys((n for n in table.column_names if n != "ordinal" and n not in found), "VARCHAR"))
    return found


def _native_scans(session: Session, plan: Plan, tasks: Sequence[Task]) -> list[tuple[Task, str]] | None:
    """One DuckDB scan a file, when the image offers it for every file and DuckDB can read them."""
    if not tasks or plan.options != AS_USUAL or any(task.size < NATIVE_BYTES for task in tasks):
        return None
    module = importlib.import_module(f"{plan.image.module}.image")
    scan: Callable[..., str | None] | None = getattr(module, "scan", None)
    if scan is None:
        return None
    scans: list[tuple[Task, str]] = []
    try:
        for task in tasks:
            text = scan(task.path, task.filename, plan.params, lambda sql, of=task: _described(session, of, sql))
            if text is None or not _sound(session, task, text):
                return None
            scans.append((task, text))
        _scan_columns(session, scans)
    except LocusError:
        return None  # not well formed: the repairing parser reads it
    return scans


def _described(session: Session, task: Task, sql: str) -> dict[str, str]:
    """Columns of a scan of one file; asked once for each content, because DuckDB sniffs the file each time."""
    key = (task.sha256, task.path, sql)
    if key not in session.described:
        session.described[key] = describe(session, sql)
    return session.described[key]


def _sound(session: Session, task: Task, text: str) -> bool:
    """Whether the scan holds to the end of the file; asked once for each content and version of DuckDB.

    The answer is kept in the store: it takes a third of the time that loading the file takes.
    """
    key = hashlib.sha256(f"{session.duckdb_version}\0{task.sha256}\0{text}".encode()).hexdigest()
    known = session.runner.store.record("scans", key)
    if known is None:
        known = {"sound": reads_through(session, f"({text})")}
        session.runner.store.put_record("scans", key, known)
    return bool(known["sound"])


def _scan_columns(session: Session, scans: Sequence[tuple[Task, str]]) -> dict[str, str]:
    columns: dict[str, str] = {}
    for task, text in scans:
        columns.update(_described(session, task, f"({text})"))
    return columns


def _wanted(session: Session, plan: Plan, request: ExtractRequest) -> Sequence[Task]:
    """All documents, or those that the target does not hold yet."""
    if not request.target:
        return plan.tasks
    known = known_documents(session, request.target)
    return [t for t in plan.tasks if known.get(t.prefix) != t.filename]


def _cast(sql: str, columns: Mapping[str, str], types: Mapping[str, str]) -> str:
    """Apply the types that the call asks for over the declared ones."""
    changed = {n: t for n, t in types.items() if t.upper() != columns[n].upper()}
    if not changed:
        return sql
    casts = ", ".join(f'CAST("{n}" AS {_type_name(t)}) AS "{n}"' for n, t in changed.items())
    return f"SELECT * REPLACE ({casts}) FROM ({sql})"


def _type_name(text: str) -> str:
    if not all(c.isalnum() or c in " (),[]_" for c in text):
        raise RequestError(f"not a type: '{text}'")
    return text
