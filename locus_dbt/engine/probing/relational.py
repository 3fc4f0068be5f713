"""Probing a relational image: its plans run over small relations with row ids, each time with one thing changed."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from locus_dbt.core.conformance import Probe
from locus_dbt.core.fixtures import Case, cases_of
from locus_dbt.core.params import check_params, select_output
from locus_dbt.core.registry import Image
from locus_dbt.core.settings import Settings
from locus_dbt.engine.probing.findings import Findings, probes_of
from locus_dbt.engine.probing.relations import changed_column, fixture_relation, guessed_params, made_relation, without
from locus_dbt.model.errors import LocusError
from locus_dbt.model.relation import ROW_ID, Relation, RelationalPlan, quote

if TYPE_CHECKING:
    import duckdb

#: Rows taken out one after the other, and columns changed one after the other, of each relation.
_ROWS_REMOVED = 8
_COLUMNS_CHANGED = 12

_INPUT = '"input"'


@dataclass(frozen=True)
class Answer:
    """What a plan gave: rows as ``(row id, values)``, contributors and rejects by row id."""

    columns: tuple[str, ...]
    rows: Sequence[tuple[str | None, tuple[Any, ...]]]
    edges: Mapping[str, frozenset[str]] | None
    rejects: frozenset[tuple[str, str]]
    reasons: frozenset[tuple[str, str]] = frozenset()

    def contributors(self, row_id: str) -> frozenset[str]:
        """The input rows that a row comes from: by its edges, or the one it is."""
        return frozenset((row_id,)) if self.edges is None else self.edges.get(row_id, frozenset())

    def by_id(self) -> dict[str, list[tuple[Any, ...]]]:
        """Rows by id; a splitting or reporting image may give an id more than once."""
        out: dict[str, list[tuple[Any, ...]]] = {}
        for row_id, values in self.rows:
            out.setdefault(row_id or "", []).append(values)
        return out


@dataclass
class _Questions:
    ids: Findings = field(default_factory=lambda: Findings("every row has an id that leads to the input", "rows"))
    names: Findings = field(default_factory=lambda: Findings("every column names its origins", "columns"))
    truth: Findings = field(
        default_factory=lambda: Findings("a column changes with its named origins only", "changed columns")
    )
    copies: Findings = field(default_factory=lambda: Findings("a value said to be kept is kept", "values"))
    kept: Findings = field(default_factory=lambda: Findings("no row is lost without a reject", "input rows"))
    merged: Findings = field(
        default_factory=lambda: Findings("a row depends on its contributors only", "rows taken out")
    )
    nulls: Findings = field(default_factory=lambda: Findings("no null without a reason", "values"))
    empty: Findings = field(default_factory=lambda: Findings("an empty relation gives the columns", "relations"))
    again: Findings = field(default_factory=lambda: Findings("the same relation gives the same again", "relations"))

    def all(self) -> list[Findings]:
        return [
            self.ids,
            self.names,
            self.truth,
            self.copies,
            self.kept,
            self.merged,
            self.nulls,
            self.empty,
            self.again,
        ]


@dataclass(frozen=True)
class _Trial:
    """An image over one relation with params; ``run`` plans and executes over what the input table holds now."""

    image: Image
    name: str
    con: duckdb.DuckDBPyConnection
    relation: Relation
    params: Mapping[str, Any]

    def plan(self) -> RelationalPlan:
        plan: RelationalPlan = self.image.function("plan")(self.relation, self.params)
        return plan

    @property
    def partial(self) -> bool:
        return select_output(self.image.manifest, self.params)[1].partial

    def run(self, *, told: bool = True) -> Answer:
        """Plan and execute; ``told``: with rejects and the reasons of nulls."""
        plan = self.plan()
        cursor = self.con.execute(f"SELECT * FROM ({plan.sql})")
        names = [str(d[0]) for d in cursor.description or ()]
        at = names.index(ROW_ID) if ROW_ID in names else None
        found = cursor.fetchall()
        rows = [
            (None if at is None or r[at] is None else str(r[at]), tuple(v for i, v in enumerate(r) if i != at))
            for r in found
        ]
        edges: dict[str, set[str]] | None = None
        if plan.edges:
            edges = {}
            for row_id, source in self._pairs(plan.edges, ROW_ID, "source_row_id"):
                edges.setdefault(row_id, set()).add(source)
        return Answer(
            tuple(n for n in names if n != ROW_ID),
            sorted(rows, key=repr),
            None if edges is None else {k: frozenset(v) for k, v in edges.items()},
            frozenset(self._pairs(plan.rejects, ROW_ID, "column_name")) if told and plan.rejects else frozenset(),
            frozenset(self._pairs(plan.nulls, ROW_ID, "column_name")) if told and plan.nulls else frozenset(),
        )

    def _pairs(self, sql: str, one: str, other: str) -> list[tuple[str, str]]:
        query = f"SELECT CAST({quote(one)} AS VARCHAR), CAST({quote(other)} AS VARCHAR) FROM ({sql})"
        return self.con.execute(query).fetchall()

    def input(self) -> dict[str, dict[str, Any]]:
        """Input rows by id."""
        cursor = self.con.execute(f"SELECT * FROM {_INPUT}")
        names = [str(d[0]) for d in cursor.description or ()]
        rows = [dict(zip(names, r, strict=True)) for r in cursor.fetchall()]
        return {str(r[ROW_ID]): r for r in rows}


def probe_relational(image: Image) -> list[Probe]:
    """The outcomes for a relational image."""
    import duckdb  # noqa: PLC0415 - loaded by whoever asks already

    from locus_dbt.engine.attach import attach_session  # noqa: PLC0415 - it imports what asks for probes

    asked = _Questions()
    for name, make, folder in _relations(image):
        with duckdb.connect() as con, tempfile.TemporaryDirectory() as store:
            con.execute("SET threads = 1")
            # A plan may call functions of the engine, such as those that look into documents.
            attach_session(con, Settings(root=folder, store=Path(store), workers=1))
            for trial in make(con):
                _ask(asked, trial, name)
    probes = probes_of(asked.all())
    return [*probes, _UNHIDDEN] if image.manifest.provenance == "mask" else probes


#: Until the lineage views follow masks, an image that masks would have its secrets read beside its output.
_UNHIDDEN = Probe(
    "masked texts are hidden", held=False, words="locus.cells and locus_trace would still show what is printed"
)


def _relations(image: Image) -> Iterator[tuple[str, Any, Path]]:
    """Name, maker and the folder that relative paths start in, of each relation."""
    for case in cases_of(image):
        yield f"fixture {case.folder.name}", lambda con, c=case: _fixture(image, con, c), case.folder
    yield "made relation", lambda con: _made(image, con), Path(tempfile.gettempdir())


def _fixture(image: Image, con: duckdb.DuckDBPyConnection, case: Case) -> Iterator[_Trial]:
    relation = fixture_relation(con, case.input)
    yield _Trial(image, f"fixture {case.folder.name}", con, relation, case.params)


def _made(image: Image, con: duckdb.DuckDBPyConnection) -> Iterator[_Trial]:
    """The made relation with each choice of required params that the image takes."""
    relation = made_relation(con)
    found = 0
    for given in guessed_params(image.manifest, relation):
        try:
            trial = _Trial(image, f"made relation with {given}", con, relation, check_params(image.manifest, given))
            con.execute(f"SELECT * FROM ({trial.plan().sql})").fetchall()
        except Exception:  # noqa: BLE001, S112 - guessed params need not fit; a guess that does is asked
            continue
        yield trial
        found += 1
        if found == 3:
            return


def _ask(asked: _Questions, trial: _Trial, name: str) -> None:
    try:
        plan, base, rows = trial.plan(), trial.run(), trial.input()
        asked.again.check(trial.run() == base, f"{name}: another result the second time")
    except LocusError as error:
        asked.ids.check(False, f"{name}: {error.what}")
        return
    joins = trial.image.manifest.provenance in ("merge", "split")
    asked.ids.check(
        (base.edges is not None) is joins,
        f"{name}: an image that {'merges or splits has' if joins else 'maps or masks keeps row ids and has no'} edges",
    )
    _ask_ids(asked, name, base, rows)
    declared = _ask_names(asked, trial, name, plan, base)
    _ask_kept(asked, trial, name, base, rows)
    _ask_copies(asked, name, plan, base, rows)
    _ask_nulls(asked, name, plan, base, rows)
    _ask_truth(asked, trial, name, declared, base, rows)
    if base.edges is not None and trial.image.manifest.provenance == "merge":
        _ask_merged(asked, trial, name, base, rows)
    with without(trial.con, None):
        nothing = trial.run()
        asked.empty.check(
            nothing.columns == base.columns and not nothing.rows, f"{name}: other columns, or rows from no row"
        )


def _ask_ids(asked: _Questions, name: str, base: Answer, rows: Mapping[str, Any]) -> None:
    for row_id, _ in base.rows:
        if row_id is None:
            asked.ids.check(False, f"{name}: a row without {ROW_ID}")
            continue
        sources = base.contributors(row_id)
        asked.ids.check(
            bool(sources) and sources <= rows.keys(),
            f"{name}: row {row_id} has no edge"
            if not sources
            else f"{name}: row {row_id} comes from no row of the input",
        )
    given = {row_id for row_id, _ in base.rows}
    for row_id in base.edges or ():
        asked.ids.check(row_id in given, f"{name}: an edge of row {row_id}, which is not there")


def _ask_names(
    asked: _Questions, trial: _Trial, name: str, plan: RelationalPlan, base: Answer
) -> Mapping[str, tuple[str, ...]]:
    for column in base.columns:
        asked.names.check(column in plan.columns, f"{name}: column '{column}' names no origins")
        for origin in plan.columns.get(column, ()):
            asked.names.check(
                origin in trial.relation.columns, f"{name}: '{column}' comes from '{origin}', which is not there"
            )
    return {c: plan.columns.get(c, ()) for c in base.columns}


def _ask_kept(asked: _Questions, trial: _Trial, name: str, base: Answer, rows: Mapping[str, Any]) -> None:
    """Rows of images that map, merge or mask; a split of nothing gives nothing."""
    if trial.partial or trial.image.manifest.provenance == "split":
        return
    there = {source for row_id, _ in base.rows if row_id for source in base.contributors(row_id)}
    rejected = {row_id for row_id, _ in base.rejects}
    for row_id in rows:
        asked.kept.check(row_id in there or row_id in rejected, f"{name}: input row {row_id} is nowhere")


def _ask_copies(
    asked: _Questions, name: str, plan: RelationalPlan, base: Answer, rows: Mapping[str, Mapping[str, Any]]
) -> None:
    for at, column in enumerate(base.columns):
        if column not in plan.kept:
            continue
        origins = plan.columns.get(column, ())
        for row_id, values in base.rows:
            members = [rows[m] for m in base.contributors(row_id or "") if m in rows]
            there = {repr(m.get(origin)) for m in members for origin in origins}
            asked.copies.check(
                repr(values[at]) in there, f"{name}: '{column}' of row {row_id} is no value of its contributors"
            )


def _ask_nulls(
    asked: _Questions, name: str, plan: RelationalPlan, base: Answer, rows: Mapping[str, Mapping[str, Any]]
) -> None:
    """A column that comes from the column of its name only: its nulls were nulls, or there is a reason."""
    if base.edges is not None:
        return
    for at, column in enumerate(base.columns):
        if tuple(plan.columns.get(column, ())) != (column,):
            continue
        for row_id, values in base.rows:
            before = rows.get(row_id or "", {}).get(column)
            if before is None:
                continue
            told = (row_id, column) in base.rejects or (row_id, column) in base.reasons
            asked.nulls.check(
                values[at] is not None or told, f"{name}: '{column}' of row {row_id} was {before!r} and is null"
            )


def _ask_truth(
    asked: _Questions,
    trial: _Trial,
    name: str,
    declared: Mapping[str, tuple[str, ...]],
    base: Answer,
    rows: Mapping[str, Mapping[str, Any]],
) -> None:
    """Change one input column: output columns that do not name it keep their values.

    Which rows there are, and which row of a group is taken, may depend on any column; what is compared are rows with
    the same contributors, and a value that was taken over must still be one of theirs.
    """
    before = base.by_id()
    for changed in [c for c in trial.relation.columns if c != ROW_ID][:_COLUMNS_CHANGED]:
        silent = [(i, c) for i, c in enumerate(base.columns) if changed not in declared[c]]
        if trial.partial:
            silent = [(i, c) for i, c in silent if declared[c]]
        with changed_column(trial.con, trial.relation, changed) as any_changed:
            if not any_changed:
                continue
            answer = trial.run(told=False)
        for row_id, found in answer.by_id().items():
            was = before.get(row_id, [])
            if len(was) != len(found) or base.contributors(row_id) != answer.contributors(row_id):
                continue
            members = [rows[m] for m in base.contributors(row_id) if m in rows]
            for i, column in silent:
                old, new = (sorted(map(repr, (v[i] for v in side))) for side in (was, found))
                choices = {repr(m.get(origin)) for m in members for origin in declared[column]}
                merged = base.edges is not None and set(old) <= choices
                asked.truth.check(
                    old == new or (merged and set(new) <= choices),
                    f"{name}: '{column}' changes with '{changed}', which it does not name as its origin",
                )


def _ask_merged(asked: _Questions, trial: _Trial, name: str, base: Answer, rows: Mapping[str, Any]) -> None:
    """Take out one input row: only rows that have it as contributor may change."""
    before = base.by_id()
    for gone in list(rows)[:_ROWS_REMOVED]:
        with without(trial.con, gone):
            after = trial.run(told=False).by_id()
        for row_id, values in before.items():
            if gone not in base.contributors(row_id):
                asked.merged.check(
                    after.get(row_id) == values, f"{name}: row {row_id} changes without {gone}, not a contributor"
                )
