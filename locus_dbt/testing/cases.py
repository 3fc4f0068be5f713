"""Cases are folders: an input, params, and what must come out as sorted, diffable text."""

from __future__ import annotations

import contextlib
import datetime as dt
import importlib.util
import json
import math
import os
import re
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

from locus_dbt.core.builder import as_text
from locus_dbt.core.executor import Job, Request
from locus_dbt.core.extraction import extract_document
from locus_dbt.core.fixtures import Case, cases_of
from locus_dbt.core.params import select_output
from locus_dbt.core.registry import Image, load_folder
from locus_dbt.model.errors import ManifestError
from locus_dbt.model.relation import ROW_ID, Relation, RelationalPlan, literal, quote

#: Set to 1, goldens are rewritten and the run fails, so that nobody accepts without reading the difference.
ACCEPT = "LOCUS_ACCEPT"
ACCEPTED = "accepted: read the diff, run again"

Row = dict[str, Any]

#: A call of a function that the engine registers.
_CALLS = re.compile(r"\b_?locus_[a-z]+\(")

# Goldens that every case of the kind has; the others are compared where the case holds them.
_NEEDED = {"extract": ("expected", "spans"), "relational": ("expected",)}
_FILES = ("expected", "spans", "edges", "rejects")


@dataclass(frozen=True, slots=True)
class CaseResult:
    """What came out, as JSON values, or what must: ``None`` where a golden is absent.

    ``spans`` belong to extract images; ``edges`` to relational images that merge or split.
    """

    rows: Sequence[Row] | None
    spans: Sequence[Row] | None = None
    edges: Sequence[Row] | None = None
    rejects: Sequence[Row] | None = field(default=None)

    def texts(self) -> dict[str, str | None]:
        """File stem to text: a JSON object a line, keys sorted."""
        parts = (self.rows, self.spans, self.edges, self.rejects)
        return {name: None if p is None else _lines(p) for name, p in zip(_FILES, parts, strict=True)}


def image_folders(root: Path | None = None) -> list[Path]:
    """Every folder with a manifest below ``root`` (one level); the built-in images without ``root``."""
    root = root or Path(__file__).parent.parent / "images"
    return sorted(m.parent for m in root.glob("*/manifest.yaml"))


def load_image(folder: Path) -> Image:
    """The image in ``folder``, wherever it lies; its package is made importable when it is not."""
    folder = folder.resolve()
    names, top = [folder.name], folder.parent
    while (top / "__init__.py").is_file():
        names.insert(0, top.name)
        top = top.parent
    module = ".".join(names)
    if not _is_importable(module, folder):
        sys.path.insert(0, str(top))
        importlib.invalidate_caches()
        if not _is_importable(module, folder):
            raise ManifestError(f"another package is named '{names[0]}' than the one of {folder.name}", code="E003")
    return load_folder(folder, module=module, origin=names[0])


def all_cases(root: Path | None = None) -> Iterator[Case]:
    """The cases of all images below ``root`` (see :func:`image_folders`)."""
    for folder in image_folders(root):
        yield from cases_of(load_image(folder))


def run_case(case: Case) -> CaseResult:
    """Run the image on the case's input; a document that cannot be read is a reject, as in any run."""
    if case.image.manifest.kind == "extract":
        return _run_extract(case)
    return _run_relational(case)


def expected(case: Case) -> CaseResult:
    """The goldens of the case."""
    read = {name: _read(case.folder / f"{name}.jsonl") for name in _FILES}
    # What a span does not have may be left out or stand as null.
    spans = read["spans"]
    told = None if spans is None else [_some(span, span) for span in spans]
    return CaseResult(read["expected"], told, read["edges"], read["rejects"])


def accept(case: Case) -> None:
    """Write what comes out as the goldens; a file with nothing to say is left out where it may be."""
    needed = _NEEDED[case.image.manifest.kind]
    for name, text in run_case(case).texts().items():
        path = case.folder / f"{name}.jsonl"
        if text or (text is not None and name in needed):
            path.write_text(text, "utf-8")
        else:
            path.unlink(missing_ok=True)


def check(case: Case) -> None:
    """Compare with the goldens; ``AssertionError`` shows the first difference.

    With ``LOCUS_ACCEPT=1`` in the environment the goldens are rewritten and the check fails once.
    """
    if os.environ.get(ACCEPT) == "1":
        accept(case)
        raise AssertionError(ACCEPTED)
    found, wanted = run_case(case).texts(), expected(case).texts()
    for name in _FILES:
        if wanted[name] is None:
            if name in _NEEDED[case.image.manifest.kind]:
                raise AssertionError(f"case '{case}' lacks {name}.jsonl ({ACCEPT}=1 writes it)")
            continue
        _compare(f"{case}/{name}.jsonl", (found[name] or "").splitlines(), (wanted[name] or "").splitlines())


def _compare(what: str, found: list[str], wanted: list[str]) -> None:
    for number, (have, want) in enumerate(zip(found, wanted, strict=False), 1):
        if have != want:
            raise AssertionError(f"{what} line {number}:\n  found  {have}\n  wanted {want}")
    if len(found) != len(wanted):
        extra = (found if len(found) > len(wanted) else wanted)[min(len(found), len(wanted))]
        which = "too many" if len(found) > len(wanted) else "missing"
        raise AssertionError(f"{what}: {len(found)} lines, not {len(wanted)}; {which}:\n  {extra}")


def _run_extract(case: Case) -> CaseResult:
    import pyarrow as pa  # noqa: PLC0415 - relational cases do without

    params, manifest = case.params, case.image.manifest
    name, output = select_output(manifest, params)
    columns = {c.name: c.type for c in output.columns}
    job = Job(
        case.image.module,
        columns,
        params,
        accepts=manifest.media_types,
        image=manifest.name,
        options=case.options,
        checks=output.checks,
        output=name,
    )
    data = case.input.read_bytes()
    outcome = extract_document(job, Request("case", case.input.name, str(case.input), "", data))
    rejects = [_some(r, ("code", "message", "column_name", "page", "place", "raw")) for r in outcome.rejects]
    if not outcome.rows:
        return CaseResult([], [], None, rejects)
    table = pa.ipc.open_stream(outcome.rows).read_all().drop_columns(["ordinal"])
    # Single precision is for coordinates, and those agree to a tenth of a point.
    coarse = {f.name for f in table.schema if pa.types.is_float32(f.type)}
    rows = [
        {k: round(v, 1) if k in coarse and v is not None else v for k, v in row.items()} for row in table.to_pylist()
    ]
    spans = pa.ipc.open_stream(outcome.spans).read_all().to_pylist()
    return CaseResult(rows, [_span(s) for s in spans], None, rejects)


def _span(span: Mapping[str, Any]) -> Row:
    box = [span[k] for k in ("x0", "y0", "x1", "y1")]
    boxed = None not in box and not any(math.isnan(v) for v in box)
    located = {"row": span["ordinal"], "column": span["column_name"]}
    if boxed:
        located["box"] = [round(v, 1) for v in box]
    return {**located, **_some(span, ("value", "text", "page", "place", "grounding"))}


def _run_relational(case: Case) -> CaseResult:
    import duckdb  # noqa: PLC0415 - listing cases needs no database

    with duckdb.connect() as con, contextlib.ExitStack() as stack:
        # Rows come out as they went in wherever the SQL keeps an order, and times do not depend on the machine.
        con.execute("SET threads = 1")
        reader = "read_csv" if case.input.suffix == ".csv" else "read_json"
        source = f"{reader}({literal(str(case.input))})"
        names = [r[0] for r in con.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()]
        row_id = "CAST('00000000-0000-8000-8000-' || lpad(CAST(row_number() OVER () - 1 AS VARCHAR), 12, '0') AS UUID)"
        added = "" if ROW_ID in names else f", {row_id} AS {quote(ROW_ID)}"
        con.execute(f"CREATE TABLE input AS SELECT *{added} FROM {source}")
        types = {str(r[0]): str(r[1]) for r in con.execute("DESCRIBE input").fetchall()}
        before = case.folder / "before.sql"  # the lineage relations, for images that read them
        if before.is_file():
            con.execute(before.read_text("utf-8"))
        relation = Relation('"input"', types, "main.input" if before.is_file() else None)
        plan: RelationalPlan = case.image.function("plan")(relation, case.params)
        if _CALLS.search(plan.sql):
            _with_functions(con, case, stack)
        rows = [{k: v for k, v in row.items() if k != ROW_ID} for row in _query(con, plan.sql)]
        edges = _query(con, plan.edges) if plan.edges else None
        rejects = _query(con, plan.rejects) if plan.rejects else None
    return CaseResult(_sorted(rows), None, _sorted(edges), _sorted(rejects))


def _with_functions(con: Any, case: Case, stack: contextlib.ExitStack) -> None:  # noqa: ANN401 - a duckdb connection
    """The engine's functions, for a plan that calls them: files are those of the case, the store is thrown away."""
    from locus_dbt.core.settings import Settings  # noqa: PLC0415 - most cases do without
    from locus_dbt.engine.attach import attach_session  # noqa: PLC0415

    store = stack.enter_context(tempfile.TemporaryDirectory())
    attach_session(con, Settings(root=case.folder, store=Path(store), workers=1))


def _query(con: Any, sql: str) -> list[Row]:  # noqa: ANN401 - a duckdb connection
    cursor = con.execute(sql)
    names = [d[0] for d in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _sorted(rows: Iterable[Row] | None) -> list[Row] | None:
    return None if rows is None else sorted(rows, key=_line)


def _some(values: Mapping[str, Any], keys: Iterable[str]) -> Row:
    return {k: values[k] for k in keys if values.get(k) is not None}


def _lines(rows: Iterable[Row]) -> str:
    return "".join(_line(row) + "\n" for row in rows)


def _line(row: Row) -> str:
    return json.dumps(_plain(row), ensure_ascii=False, sort_keys=True)


def _plain(value: Any) -> Any:  # noqa: ANN401 - any SQL value to any JSON value
    """Exact types as text, so that 1.50 stays 1.50 and no float is read for a decimal."""
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, Decimal | UUID):
        return str(value)
    if isinstance(value, dt.datetime | dt.date | dt.time):
        return value.isoformat()
    # Files inside of cells: their bytes carry the version of what wrote them.
    return as_text(value) if isinstance(value, bytes) else value


def _read(path: Path) -> list[Row] | None:
    if not path.is_file():
        return None
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]


def _is_importable(module: str, folder: Path) -> bool:
    try:
        spec = importlib.util.find_spec(module)
    except ModuleNotFoundError:
        return False
    return spec is not None and str(folder) in map(str, spec.submodule_search_locations or ())
