"""Rows of an image as Arrow batches while documents are being read: for pipelines without dbt, for large documents."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from locus_dbt.core.builder import arrow_type
from locus_dbt.core.events import logger
from locus_dbt.core.members import MemberMode, member_mode
from locus_dbt.core.plan import Plan, Task, make_plan
from locus_dbt.core.read_options import READ_ARGUMENTS, read_options
from locus_dbt.core.registry import registry
from locus_dbt.core.row_ids import row_id
from locus_dbt.core.runner import Runner
from locus_dbt.core.secrets import mask
from locus_dbt.core.settings import load_settings
from locus_dbt.core.threshold import THRESHOLD_ARGUMENTS, read_threshold
from locus_dbt.model.errors import RequestError
from locus_dbt.model.relation import ROW_ID

#: What decides whether an image may run; by name, because probing one needs the layers above.
CONFORMANCE = "locus_dbt.engine.conformance"


def batches(
    image: str,
    files: str | Sequence[str],
    *,
    root: str | Path = ".",
    settings: Mapping[str, Any] | None = None,
    on_reject: Callable[[Mapping[str, Any]], None] | None = None,
    **arguments: Any,  # noqa: ANN401 - params of the image and how documents are read
) -> pa.RecordBatchReader:
    """The rows of an extract image, as they come: a reader that DuckDB, Polars or a Parquet writer takes as it is.

    ``arguments`` are the image's params and the arguments of every extract function (``pages``, ``password``,
    ``ocr``, ``languages``, ``encoding``, ``mojibake``, ``members``, ``min_faithfulness``, ``below``). Columns:
    ``filename``, those of the image, the row id as text. Rows of several documents may come mixed; those of one come in
    order. A document that is refused after its first rows came has given those rows.

    ``on_reject`` is called with each reject (``filename``, ``code``, ``message``, ``column_name``, ``place`` …) before
    the rows that it was found with come; without it, a row that is left out is a warning of the logger ``locus``.

    Raises:
        LineageError: E503 for an image that does not keep provenance, unless ``conformance`` is permissive.
        RequestError: E101 to E104 for a wrong request, E106 for an output whose columns the documents decide.
    """
    common = (*READ_ARGUMENTS, *THRESHOLD_ARGUMENTS, "members")
    known = {name: arguments.pop(name) for name in common if name in arguments}
    members: MemberMode = member_mode(known.pop("members", None))
    checked = load_settings(settings, root=Path(root))
    names = [files] if isinstance(files, str) else list(files)
    options = read_options(known)
    used, runner = registry().image(image), Runner(checked)
    importlib.import_module(CONFORMANCE).require(runner, used)
    threshold = read_threshold(known, checked.grounding)
    plan = make_plan(
        used,
        names,
        arguments,
        settings=checked,
        options=options,
        members=members,
        threshold=threshold,
    )
    schema = _schema(plan)
    return pa.RecordBatchReader.from_batches(schema, _rows(runner, plan, schema, on_reject))


def _schema(plan: Plan) -> pa.Schema:
    columns = {c.name: c.type for c in plan.output.columns}
    if not columns:
        raise RequestError(
            f"image '{plan.image.manifest.name}', output '{plan.output_name}', has no columns before it has read",
            code="E106",
            fix="choose an output with declared columns",
        )
    fields = [pa.field(name, arrow_type(kind)) for name, kind in columns.items()]
    return pa.schema([pa.field("filename", pa.string()), *fields, pa.field(ROW_ID, pa.string())])


def _warn(reject: Mapping[str, Any]) -> None:
    logger.warning("%s: [%s] %s", reject["filename"], reject["code"], mask(str(reject["message"])))


def _rows(
    runner: Runner, plan: Plan, schema: pa.Schema, on_reject: Callable[[Mapping[str, Any]], None] | None
) -> Iterator[pa.RecordBatch]:
    for source in plan.unreadable if on_reject else ():
        (on_reject or _warn)(
            {"filename": source.filename, "code": source.code, "message": source.message, "hint": source.hint}
        )
    for arrival in runner.stream(plan):
        # Documents that are refused are in the log already.
        known = (arrival.record or {}).get("rejects", ()) if on_reject else ()
        for reject in (*known, *arrival.rejects):
            (on_reject or _warn)({"filename": arrival.task.filename, **reject})
        if arrival.rows is not None and arrival.rows.num_rows:
            yield from _named(arrival.task, arrival.rows, schema).to_batches()


def _named(task: Task, rows: pa.Table, schema: pa.Schema) -> pa.Table:
    n = rows.num_rows
    ids = pa.array([row_id(task.prefix, ordinal) for ordinal in rows["ordinal"].to_pylist()], pa.string())
    columns = [pa.array([task.filename] * n, pa.string()), *rows.drop_columns(["ordinal"]).columns, ids]
    return pa.table(columns, schema=schema)
