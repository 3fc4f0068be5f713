"""The statements that write one model's lineage, to be run in the transaction that builds the model."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from locus_dbt.core.params import canonical
from locus_dbt.core.plan import Plan, Task
from locus_dbt.core.registry import Image
from locus_dbt.core.row_ids import ORDINAL_DIGITS, prefix_range
from locus_dbt.engine import scan_sql
from locus_dbt.engine.binder import BoundExtract, cell_rejects_sql
from locus_dbt.engine.lineage_views import VERDICT_COLUMNS
from locus_dbt.engine.reading import READING
from locus_dbt.engine.tables import STORED
from locus_dbt.lineage.derivation import Derivation
from locus_dbt.model.relation import ROW_ID, RelationalPlan, literal, quote

#: What a reading gives: stored table to the function that gives it and the fields that are kept.
_GIVEN: Mapping[str, tuple[str, Sequence[str]]] = {
    "reading_rows": ("_locus_packed_rows", ("ordinal", "shape", "cells")),
    "reading_extras": ("_locus_extras", ("ordinal", *tuple(STORED["reading_extras"])[2:])),
    "reading_verdicts": ("_locus_verdicts", ("ordinal", *VERDICT_COLUMNS)),
    "reading_addresses": ("_locus_addresses", tuple(STORED["reading_addresses"])[1:]),
    "reading_rejects": ("_locus_rejects", (*(n for n in scan_sql.REJECT_COLUMNS if n != "filename"), "row")),
}


class LineageWriter:
    """Collects the statements for one build of one model; ``built`` is the table as the statement leaves it.

    Stored lineage is only added to. What a document gives is stored when no run has stored it yet.
    """

    def __init__(
        self,
        model: str,
        *,
        run_id: str,
        node: str | None = None,
        invocation: str | None = None,
        built: str | None = None,
        conformance: Callable[[Image], str] | None = None,
    ) -> None:
        self.model = model
        self.run_id = run_id
        self.node = node
        self.invocation = invocation
        self._statements: list[str] = []
        self._built = built
        self._conformance = conformance
        self._derived: Mapping[str, Derivation] = {}
        self._state: tuple[str, str | None, str | None] = ("traced", None, None)
        self._kept: list[str] | None = None
        self._calls = 0

    def start(self, *, rows_by: str, incremental: bool) -> None:
        """``incremental``: rows are added to a table that stays, so its documents and edges are this run's too."""
        self._state = ("traced", None, rows_by)
        self._kept = [] if incremental else None

    def untraced(self, reason: str) -> str:
        """The script of a model without provenance."""
        self._state = ("untraced", reason, None)
        self._run(None, None)
        return self.script()

    def forget(self) -> str:
        """The script of a model that no longer has any document ancestry; its earlier runs stay."""
        return f"DELETE FROM locus.models WHERE model = {literal(self.model)}"

    def columns(self, derived: Mapping[str, Derivation]) -> None:
        """Column edges. A snapshot reads the rows it already holds; they are no source of their own."""
        self._derived = derived
        edges: list[list[Any]] = []
        for name, derivation in derived.items():
            origins = [o for o in derivation.origins if o.source != self.model]
            edges += [
                [self.run_id, name, origin.source, origin.column, derivation.kind, derivation.gap]
                for origin in sorted(origins, key=lambda o: (o.source, o.column))
            ]
            if derivation.gap and not derivation.origins:
                kind = "lineage_broken" if derivation.kind == "lineage_broken" else "untraced"
                edges.append([self.run_id, name, None, None, kind, derivation.gap])
        if edges:
            self._insert("run_columns", *edges)

    def sources(self, names: Iterable[str], *, by_edges: Iterable[str] = (), stamped: bool = True) -> None:
        """The relations that the statement read, each with the run at which it stands.

        A view reads its sources as they are when it is asked, so they are not stamped.
        """
        related = set(by_edges)
        wanted = sorted({*names, *related} - {self.model})
        if not wanted:
            return
        at = "m.run_id" if stamped else "NULL::VARCHAR"
        rows = ", ".join(f"({literal(name)}, {_value(name in related)})" for name in wanted)
        self._statements.append(
            f"INSERT INTO locus.run_sources SELECT {literal(self.run_id)}, s.source, {at}, s.by_edges "
            f"FROM (VALUES {rows}) AS s(source, by_edges) LEFT JOIN locus.models AS m ON m.model = s.source"
        )

    def plain(self) -> None:
        """A run without an image."""
        self._run(None, None)

    def forget_documents(self, image: str, gone: Mapping[str, str], *, target: str | None) -> None:
        """Leave documents (row-id prefix to file name) out of this run, their rows out of ``target`` when given."""
        if not gone:
            return
        if target:
            ranges = ", ".join(
                f"({literal(low)}::UUID, {literal(high)}::UUID)" for low, high in map(prefix_range, gone)
            )
            self._statements.append(
                f"DELETE FROM {target} WHERE EXISTS (FROM (VALUES {ranges}) AS gone(low, high) "
                f"WHERE {quote(ROW_ID)} BETWEEN gone.low AND gone.high)"
            )
        if self._kept is not None:
            self._kept.append(f"(k.image = {literal(image)} AND k.prefix IN ({', '.join(map(literal, gone))}))")

    def extract(self, bound: BoundExtract) -> None:
        """Documents, spans and rejects of a call; a call with nothing new leaves its run only."""
        plan = bound.plan
        if bound.tasks:
            self._documents(bound)
        self._run(plan, bound.tasks)
        if bound.tasks or plan.unreadable:
            self._unreadable(bound)
            self._cell_rejects(bound)
        self._calls += 1

    def relational(self, image: Image, plan: RelationalPlan, *, source: str) -> None:
        """Edges and rejects of a relational image."""
        if plan.edges:
            self._statements.append(
                f"INSERT INTO locus.run_edges SELECT {literal(self.run_id)}, {quote(ROW_ID)}, {literal(source)}, "
                f"source_row_id FROM ({plan.edges})"
            )
        if plan.rejects:
            self._statements.append(
                f"INSERT INTO locus.run_rejects (run_id, image, code, message, column_name, raw, {quote(ROW_ID)}) "
                f"SELECT {literal(self.run_id)}, {literal(image.manifest.name)}, code, message, column_name, "
                f"CAST(raw AS VARCHAR), {quote(ROW_ID)} FROM ({plan.rejects})"
            )
        self._run(None, None, image=image)

    def script(self) -> str:
        """All statements, separated by semicolons; the model points to this run when all of it is there."""
        mine = f"model = {literal(self.model)}"
        pointer = [f"DELETE FROM locus.models WHERE {mine}"]
        state, reason, rows_by = self._state
        row = ", ".join(map(_value, (self.model, self.node, state, reason, rows_by, self.run_id)))
        return ";\n".join([*self._carried(), *self._statements, *pointer, f"INSERT INTO locus.models VALUES ({row})"])

    def _carried(self) -> list[str]:
        """What the table holds from earlier runs, read where the model still points to the last of them."""
        if self._kept is None:
            return []
        gone = f" AND NOT ({' OR '.join(self._kept)})" if self._kept else ""
        before = f"run_id = (SELECT run_id FROM locus.models WHERE model = {literal(self.model)})"
        documents = (
            f"INSERT INTO locus.run_documents SELECT {literal(self.run_id)}, d.reading, d.since "
            f"FROM locus.run_documents AS d JOIN locus.readings AS k ON k.reading = d.reading WHERE d.{before}{gone}"
        )
        edges = f"SELECT {literal(self.run_id)}, * EXCLUDE (run_id) FROM locus.run_edges WHERE {before}"
        return [documents, f"INSERT INTO locus.run_edges {edges}"]

    def _documents(self, bound: BoundExtract) -> None:
        """The readings of the call: those no run has stored yet with all they gave, and which this run holds."""
        image, run, call = bound.plan.image.manifest.name, literal(self.run_id), str(self._calls)
        listed = ", ".join(
            f"({', '.join(map(literal, (t.filename, t.prefix, bound.plan.answer_key(t), t.sha256)))}, {t.size})"
            for t in bound.tasks
        )
        tasks = f"(VALUES {listed}) AS f(filename, prefix, result, sha256, size)"
        same = "k.prefix = f.prefix AND k.filename = f.filename AND k.result = f.result AND k.status = 'read'"
        new = f"FROM {tasks} WHERE NOT EXISTS (SELECT 1 FROM locus.readings AS k WHERE {same})"
        if bound.native:
            facts = "n.size, 'read' AS status, true AS native"
            inner = f"(SELECT f.* {new}) AS n"
        else:
            facts = "false AS native, " + ", ".join(f"n.r.{quote(name)}" for name in READING)
            inner = f"(SELECT f.*, unnest(_locus_reading({literal(bound.token)}, f.filename)) AS r {new}) AS n"
        low, high = ("CAST(n.prefix || '" + c * ORDINAL_DIGITS + "' AS UUID)" for c in "0f")
        number = "nextval('locus.reading_numbers') AS reading, n.prefix, n.result, n.filename, n.sha256"
        self._statements.append(
            f"INSERT INTO locus.readings BY NAME SELECT {number}, {literal(image)} AS image, {facts}, "
            f"{low} AS first_row_id, {high} AS last_row_id, {run} AS run_id, {call} AS call FROM {inner}"
        )
        if not bound.native:
            self._given(bound)
        held = "SELECT max(k.reading) FROM locus.readings AS k WHERE k.prefix = f.prefix AND k.filename = f.filename"
        self._statements.append(
            f"INSERT INTO locus.run_documents SELECT {run}, ({held} AND k.result = f.result), {run} FROM {tasks}"
        )

    def _given(self, bound: BoundExtract) -> None:
        """Rows, verdicts, addresses and rejects of the readings that this call stores."""
        mine = f"FROM locus.readings WHERE run_id = {literal(self.run_id)} AND call = {self._calls}"
        for table, (function, picked) in _GIVEN.items():
            given = f"SELECT reading, unnest({function}({literal(bound.token)}, filename)) AS r {mine}"
            fields = ", ".join(f"r.{quote(name)}" for name in picked)
            self._statements.append(f"INSERT INTO locus.{table} SELECT reading, {fields} FROM ({given})")

    def _unreadable(self, bound: BoundExtract) -> None:
        """Sources that had no bytes to read."""
        names = ("filename", "code", "message", "hint")
        rows = [
            [self.run_id, bound.plan.image.manifest.name, *(getattr(u, n) for n in names)]
            for u in bound.plan.unreadable
        ]
        if rows:
            texts = ", ".join(f"({', '.join(map(_value, row))})" for row in rows)
            columns = ", ".join(("run_id", "image", *names))
            self._statements.append(f"INSERT INTO locus.run_rejects ({columns}) VALUES {texts}")

    def _cell_rejects(self, bound: BoundExtract) -> None:
        """Cells that are not of the type that the call asks for.

        Files that DuckDB reads itself would be read once more for it: only when the built table has a null at all.
        """
        cells = cell_rejects_sql(bound)
        if not cells:
            return
        names = ", ".join(quote(n) for n in scan_sql.CELL_REJECT)
        insert = f"INSERT INTO locus.run_rejects (run_id, image, {names}) "
        select = f"SELECT {literal(self.run_id)}, {literal(bound.plan.image.manifest.name)}, {names}"
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
            mine = f"d.run_id = {literal(self.run_id)} AND d.since = d.run_id AND k.status = 'rejected'"
            held = "locus.run_documents AS d JOIN locus.readings AS k ON k.reading = d.reading"
            rejected = f"(SELECT count(*) + {len(plan.unreadable)} FROM {held} WHERE {mine})"
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
        state = ", ".join(map(_value, self._state))
        trusted = f"{plan.threshold.minimum!r}, {literal(plan.threshold.below)}" if plan else "NULL, NULL"
        kept = _value(self._conformance(used) if used and self._conformance else None)
        self._statements.append(f"INSERT INTO locus.runs SELECT {texts}, {rejected}, {state}, now(), {trusted}, {kept}")

    def _insert(self, table: str, *rows: Sequence[Any]) -> None:
        texts = ", ".join(f"({', '.join(_value(v) for v in row)})" for row in rows)
        self._statements.append(f"INSERT INTO locus.{table} VALUES {texts}")


def _value(value: Any) -> str:  # noqa: ANN401 - any SQL value
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int) else literal(str(value))
