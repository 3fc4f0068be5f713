"""The statements that write one model's lineage, to be run in the transaction that builds the model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from locus_dbt.core.params import canonical
from locus_dbt.core.plan import Plan, Task
from locus_dbt.core.registry import Image
from locus_dbt.core.row_ids import prefix_range
from locus_dbt.engine import scan_sql
from locus_dbt.engine.binder import BoundExtract, cell_rejects_sql
from locus_dbt.engine.reading import READING
from locus_dbt.engine.tables import TABLES
from locus_dbt.lineage.derivation import Derivation
from locus_dbt.model.relation import ROW_ID, RelationalPlan, literal, quote

_PER_MODEL = ("models", "columns", "edges", "rejects", "documents", "completeness", "spans")

#: What ``_locus_documents`` returns for each document of a plan.
DOCUMENT_FACTS: Mapping[str, str] = {
    "sha256": "VARCHAR",
    "size": "BIGINT",
    "media_type": "VARCHAR",
    "pages": "INTEGER",
    "rows": "BIGINT",
    "status": "VARCHAR",
}


class LineageWriter:
    """Collects the statements for one build of one model; ``built`` is the table as the statement leaves it."""

    def __init__(
        self,
        model: str,
        *,
        run_id: str,
        node: str | None = None,
        invocation: str | None = None,
        built: str | None = None,
    ) -> None:
        self.model = model
        self.run_id = run_id
        self.node = node
        self.invocation = invocation
        self._statements: list[str] = []
        self._built = built
        self._derived: Mapping[str, Derivation] = {}

    def start(self, *, rows_by: str, incremental: bool) -> None:
        """Forget the model's lineage (only what is always rewritten, when rows are added to a table that stays)."""
        forget = ("models", "columns") if incremental else _PER_MODEL
        self._statements += [self._forget(table) for table in forget]
        self._insert("models", [self.model, self.node, "traced", None, rows_by, self.run_id])

    def untraced(self, reason: str) -> str:
        """The script of a model without provenance."""
        self._statements = [self._forget(table) for table in _PER_MODEL]
        self._insert("models", [self.model, self.node, "untraced", reason, None, self.run_id])
        self._run(None, None)
        return self.script()

    def forget(self) -> str:
        """The script of a model that no longer has any document ancestry."""
        self._statements = [self._forget(table) for table in _PER_MODEL]
        return self.script()

    def columns(self, derived: Mapping[str, Derivation]) -> None:
        """Column edges. A snapshot reads the rows it already holds; they are no source of their own."""
        self._derived = derived
        edges: list[list[Any]] = []
        for name, derivation in derived.items():
            origins = [o for o in derivation.origins if o.source != self.model]
            edges += [
                [self.model, name, origin.source, origin.column, derivation.kind, derivation.gap]
                for origin in sorted(origins, key=lambda o: (o.source, o.column))
            ]
            if derivation.gap and not derivation.origins:
                edges.append([self.model, name, None, None, "untraced", derivation.gap])
        if edges:
            self._insert("columns", *edges)

    def plain(self) -> None:
        """A run without an image."""
        self._run(None, None)

    def forget_documents(self, image: str, gone: Mapping[str, str], *, target: str | None) -> None:
        """Take documents (row-id prefix to file name) out of the lineage, their rows out of ``target`` when given."""
        if not gone:
            return
        mine = f"model = {literal(self.model)} AND image = {literal(image)}"
        ranges = ", ".join(f"({literal(low)}::UUID, {literal(high)}::UUID)" for low, high in map(prefix_range, gone))
        rows = (
            f"EXISTS (FROM (VALUES {ranges}) AS gone(low, high) WHERE {quote(ROW_ID)} BETWEEN gone.low AND gone.high)"
        )
        names = ", ".join(literal(name) for name in dict.fromkeys(gone.values()))
        if target:
            self._statements.append(f"DELETE FROM {target} WHERE {rows}")
        self._statements += [
            f"DELETE FROM locus.spans WHERE {mine} AND {rows}",
            f"DELETE FROM locus.rejects WHERE {mine} AND filename IN ({names})",
            f"DELETE FROM locus.documents WHERE {mine} AND prefix IN ({', '.join(map(literal, gone))})",
            f"DELETE FROM locus.completeness WHERE {mine} AND filename IN ({names})",
        ]

    def forget_unreadable(self, image: str, filenames: Sequence[str]) -> None:
        """Take the rejects of sources that had no bytes to read out of the lineage; they are recorded anew."""
        if filenames:
            names = ", ".join(literal(name) for name in dict.fromkeys(filenames))
            mine = f"model = {literal(self.model)} AND image = {literal(image)}"
            self._statements.append(f"DELETE FROM locus.rejects WHERE {mine} AND filename IN ({names})")

    def extract(self, bound: BoundExtract) -> None:
        """Documents, spans and rejects of a call; a call with nothing new leaves its run only."""
        plan, image = bound.plan, bound.plan.image.manifest.name
        if bound.tasks:
            self._documents(bound)
        self._run(plan, bound.tasks)
        if not bound.tasks and not plan.unreadable:
            return
        if not bound.native:
            names = ", ".join(quote(n) for n in [ROW_ID, "filename", *scan_sql.SPAN_COLUMNS])
            self._statements.append(
                f"INSERT INTO locus.spans (model, image, {names}) "
                f"SELECT {literal(self.model)}, {literal(image)}, {names} "
                f"FROM ({scan_sql.spans_sql(bound.token, bound.tasks)})"
            )
        self._rejects(bound)
        self._cell_rejects(bound)

    def relational(self, image: Image, plan: RelationalPlan, *, source: str) -> None:
        """Edges and rejects of a relational image."""
        if plan.edges:
            self._statements.append(
                f"INSERT INTO locus.edges SELECT {literal(self.model)}, {quote(ROW_ID)}, {literal(source)}, "
                f"source_row_id FROM ({plan.edges})"
            )
        if plan.rejects:
            self._statements.append(
                f"INSERT INTO locus.rejects (model, image, code, message, column_name, raw, {quote(ROW_ID)}, run_id) "
                f"SELECT {literal(self.model)}, {literal(image.manifest.name)}, code, message, column_name, "
                f"CAST(raw AS VARCHAR), {quote(ROW_ID)}, {literal(self.run_id)} FROM ({plan.rejects})"
            )
        self._run(None, None, image=image)

    def script(self) -> str:
        """All statements, separated by semicolons."""
        return ";\n".join(self._statements)

    def _documents(self, bound: BoundExtract) -> None:
        image = bound.plan.image.manifest.name
        columns = ", ".join(quote(c) for c in TABLES["documents"])
        if bound.native:
            for task in bound.tasks:
                first, last = prefix_range(task.prefix)
                values = [
                    self.model,
                    image,
                    task.filename,
                    task.sha256,
                    task.size,
                    None,
                    None,
                    None,
                    "read",
                    task.prefix,
                ]
                self._insert("documents", [*values, first, last, True, self.run_id])
            return
        facts = ", ".join(f"d.{quote(name)}" for name in DOCUMENT_FACTS)
        inner = (
            f"SELECT f.filename, f.prefix, unnest(_locus_documents({literal(bound.token)}, f.filename)) AS d "
            f"FROM {scan_sql.task_list(bound.tasks)}"
        )
        low, high = ("CAST(prefix || '" + c * 10 + "' AS UUID)" for c in "0f")
        self._statements.append(
            f"INSERT INTO locus.documents ({columns}) "
            f"SELECT {literal(self.model)}, {literal(image)}, filename, {facts}, prefix, "
            f"{low}, {high}, false, {literal(self.run_id)} FROM ({inner})"
        )
        names = ", ".join(quote(name) for name in ("filename", *READING))
        self._statements.append(
            f"INSERT INTO locus.completeness (model, image, {names}, run_id) "
            f"SELECT {literal(self.model)}, {literal(image)}, {names}, {literal(self.run_id)} "
            f"FROM ({scan_sql.reading_sql(bound.token, bound.tasks)})"
        )

    def _rejects(self, bound: BoundExtract) -> None:
        names = ", ".join(quote(n) for n in (*scan_sql.REJECT_COLUMNS, ROW_ID))
        image = bound.plan.image.manifest.name
        rejects = scan_sql.rejects_sql(bound.token, () if bound.native else bound.tasks, bound.plan)
        self._statements.append(
            f"INSERT INTO locus.rejects (model, image, {names}, run_id) "
            f"SELECT {literal(self.model)}, {literal(image)}, {names}, {literal(self.run_id)} FROM ({rejects})"
        )

    def _cell_rejects(self, bound: BoundExtract) -> None:
        """Cells that are not of the type that the call asks for.

        Files that DuckDB reads itself would be read once more for it: only when the built table has a null at all.
        """
        cells = cell_rejects_sql(bound)
        if not cells:
            return
        names = ", ".join(quote(n) for n in scan_sql.CELL_REJECT)
        insert = f"INSERT INTO locus.rejects (model, image, {names}, run_id) "
        about = f"{literal(self.model)}, {literal(bound.plan.image.manifest.name)}"
        select = f"SELECT {about}, {names}, {literal(self.run_id)}"
        if not bound.native or not self._built:
            self._statements.append(f"{insert}{select} FROM ({cells})")
            return
        nothing = f"SELECT {', '.join(f'NULL AS {quote(n)}' for n in scan_sql.CELL_REJECT)} WHERE false"
        self._statements += [
            f"SET VARIABLE locus_nulls = (SELECT count(*) FROM {self._built} AS built WHERE {self._any_null(bound)})",
            (
                f"{insert}{select} FROM query("
                f"CASE WHEN getvariable('locus_nulls') > 0 THEN {literal(cells)} ELSE {literal(nothing)} END)"
            ),
        ]

    def _any_null(self, bound: BoundExtract) -> str:
        """Whether a typed column of the call is null in the built table; true where the table lacks one of them."""
        typed = [n for n, t in bound.columns.items() if t.upper() != "VARCHAR"]
        source = f"image:{bound.plan.image.manifest.name}"
        copied = [(name, d) for name, d in self._derived.items() if d.kind == "identity"]
        built = {o.column: name for name, d in copied for o in d.origins if o.source == source}
        if not set(typed) <= set(built):
            return "true"
        return " OR ".join(f"{quote(built[n])} IS NULL" for n in typed) or "false"

    def _run(self, plan: Plan | None, tasks: Sequence[Task] | None, *, image: Image | None = None) -> None:
        used = plan.image if plan else image
        manifest = used.manifest if used else None
        rejected = "0"
        if plan is not None:
            mine = f"run_id = {literal(self.run_id)} AND status = 'rejected'"
            rejected = f"(SELECT count(*) + {len(plan.unreadable)} FROM locus.documents WHERE {mine})"
        values = [
            self.run_id,
            self.invocation,
            self.model,
            manifest.name if manifest else None,
            manifest.version if manifest else None,
            used.digest if used else None,
            canonical(plan.params) if plan else None,
            "deterministic",
            plan.snapshot_id if plan else None,
            len(plan.tasks) + len(plan.unreadable) if plan else 0,
            len(tasks) if tasks is not None else 0,
        ]
        texts = ", ".join(_value(v) for v in values)
        trusted = f"{plan.threshold.minimum!r}, {literal(plan.threshold.below)}" if plan else "NULL, NULL"
        self._statements.append(f"INSERT INTO locus.runs SELECT {texts}, {rejected}, now(), {trusted}")

    def _forget(self, table: str) -> str:
        return f"DELETE FROM locus.{table} WHERE model = {literal(self.model)}"

    def _insert(self, table: str, *rows: Sequence[Any]) -> None:
        texts = ", ".join(f"({', '.join(_value(v) for v in row)})" for row in rows)
        self._statements.append(f"INSERT INTO locus.{table} VALUES {texts}")


def _value(value: Any) -> str:  # noqa: ANN401 - any SQL value
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int) else literal(str(value))
