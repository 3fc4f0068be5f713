"""The scalar twin of an extract image, ``locus_x_value(path_or_blob) -> STRUCT[]``, for a table of documents."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from locus_dbt.core.builder import arrow_type
from locus_dbt.core.executor import Outcome, Part, Request
from locus_dbt.core.judging import Bench
from locus_dbt.core.params import check_params, select_output
from locus_dbt.core.plan import Plan, make_plan
from locus_dbt.core.pool import LocalExecutor
from locus_dbt.core.registry import Image
from locus_dbt.core.runner import job_of
from locus_dbt.core.threshold import Threshold, divide, read_threshold
from locus_dbt.engine.conformance import require_conformant
from locus_dbt.model.errors import RequestError

if TYPE_CHECKING:
    from locus_dbt.engine.session import Session


def value_function(session: Session, image: Image) -> Callable[[Any], pa.Array]:
    """A UDF over one column of paths or of bytes; a document that cannot be read gives an empty list."""
    default = image.manifest.emits.outputs[image.manifest.emits.default]
    kind = pa.list_(pa.struct([(c.name, arrow_type(c.type)) for c in default.columns]))

    def function(documents: Any) -> pa.Array:  # noqa: ANN401 - an Arrow array
        require_conformant(session, image)
        values = documents.to_pylist()
        given = [v for v in values if v is not None]
        tables = (
            _from_bytes(session, image, given)
            if given and isinstance(given[0], bytes)
            else _from_paths(session, image, given)
        )
        return pa.array([None if v is None else tables.get(v, []) for v in values], kind)

    return function


def _from_paths(session: Session, image: Image, paths: list[str]) -> dict[Any, list[dict[str, Any]]]:
    out: dict[Any, list[dict[str, Any]]] = {}
    for path in dict.fromkeys(paths):
        try:
            plan = make_plan(image, [path], {}, settings=session.settings)
        except RequestError:
            continue
        for result in session.run(plan):
            table = result.table("rows")
            out[path] = [] if table is None else table.drop_columns(["ordinal"]).to_pylist()
    return out


def _from_bytes(session: Session, image: Image, blobs: list[bytes]) -> dict[Any, list[dict[str, Any]]]:
    params = check_params(image.manifest, {})
    name, output = select_output(image.manifest, params)
    limits = {"max_pages": session.settings.max_pages, "max_file_mb": session.settings.max_file_mb}
    executor = LocalExecutor(session.settings)
    plan = Plan(image, name, output, params, (), limits=limits)
    bench = session.runner.bench(plan)
    executor.prepare(job_of(plan, session.settings))
    by_hash = {hashlib.sha256(blob).hexdigest(): blob for blob in blobs}
    executor.execute([Request(h, f"{h[:12]}", "", h, data=blob) for h, blob in by_hash.items()])
    threshold = read_threshold({}, session.settings.grounding)
    out: dict[Any, list[dict[str, Any]]] = {blob: [] for blob in by_hash.values()}
    for item in executor.collect():
        if isinstance(item, Outcome) and not item.rows:
            out[by_hash[item.key]] = []
        else:
            out[by_hash[item.key]] += _rows(item, threshold, bench)
    return out


def _rows(item: Outcome | Part, threshold: Threshold, bench: Bench | None) -> list[dict[str, Any]]:
    """The rows that the threshold leaves."""
    rows, spans = (pa.ipc.open_stream(stream).read_all() for stream in (item.rows, item.spans))
    if bench is not None and threshold.rejects:
        spans, _ = bench.judge.judge(spans, bench.columns)
    left: list[dict[str, Any]] = divide(rows, spans, threshold).rows.drop_columns(["ordinal"]).to_pylist()
    return left
