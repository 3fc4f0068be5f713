"""Builds of models as OpenLineage run events: values in, plain dicts out.

Equal builds give equal events: run ids are those of Locus, nothing depends on the clock or on who asks. A build that is
no longer the current one of its model has its run and job; what its table was made of is known of the current one only.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from locus_dbt.core.secrets import mask_all
from locus_dbt.lineage.openlineage_builds import Build, ImageUse, Naming, Software
from locus_dbt.lineage.openlineage_datasets import inputs_of, output_of, run_uuid
from locus_dbt.lineage.openlineage_facets import CORE, PRODUCER, facet


def run_events(build: Build, naming: Naming, software: Software, *, most_documents: int) -> Iterator[dict[str, Any]]:
    """START, then COMPLETE, or FAIL for a build with an ``error``.

    A model of more than ``most_documents`` documents has their folders as its inputs. Secrets in texts are masked.
    """
    inputs = inputs_of(build, naming, most=most_documents)
    outputs = [output_of(build, naming, most=most_documents)]
    names = [_named(dataset) for dataset in inputs], [_named(dataset) for dataset in outputs]
    yield _event(build, "START", naming, software, *names)
    if build.error is None:
        yield _event(build, "COMPLETE", naming, software, inputs, outputs)
    else:
        yield _event(build, "FAIL", naming, software, *names)


def _event(
    build: Build,
    kind: str,
    naming: Naming,
    software: Software,
    inputs: list[dict[str, Any]],
    outputs: list[dict[str, Any]],
) -> dict[str, Any]:
    event = {
        "eventType": kind,
        "eventTime": build.at,
        "producer": PRODUCER,
        "schemaURL": f"{CORE}#/$defs/RunEvent",
        "run": {"runId": run_uuid(build.run_id), "facets": _run_facets(build, naming, software)},
        "job": {"namespace": naming.namespace, "name": build.model, "facets": _job_facets(build)},
        "inputs": inputs,
        "outputs": outputs,
    }
    masked: dict[str, Any] = mask_all(event)
    return masked


def _run_facets(build: Build, naming: Naming, software: Software) -> dict[str, Any]:
    found = {
        "nominalTime": facet("NominalTimeRunFacet", nominalStartTime=build.at),
        "processing_engine": facet(
            "ProcessingEngineRunFacet",
            name="DuckDB",
            version=software.duckdb,
            openlineageAdapterVersion=software.locus,
        ),
        "locus_build": facet(
            "LocusBuildRunFacet",
            runId=build.run_id,
            current=build.current,
            state=build.state,
            reason=build.reason,
            rowsBy=build.rows_by,
            images=[_image(used) for used in build.images],
        ),
    }
    if build.invocation:
        job = {"namespace": naming.namespace, "name": _invoked(build.node)}
        found["parent"] = facet("ParentRunFacet", run={"runId": run_uuid(build.invocation)}, job=job)
    if build.error is not None:
        found["errorMessage"] = facet("ErrorMessageRunFacet", message=build.error, programmingLanguage="SQL")
    return found


def _image(used: ImageUse) -> dict[str, Any]:
    named = {
        "name": used.name,
        "version": used.version,
        "digest": used.digest,
        "engine": used.engine,
        "conformance": used.conformance,
        "snapshot": used.snapshot,
        "params": dict(used.params),
        "documents": used.documents,
        "documentsRead": used.documents_read,
        "documentsRejected": used.documents_rejected,
    }
    return {name: value for name, value in named.items() if value is not None}


def _invoked(node: str | None) -> str:
    """The job of a dbt invocation, named by its project: ``model.shop.orders`` is of ``shop``."""
    parts = (node or "").split(".")
    return f"dbt-run-{parts[1]}" if len(parts) > 2 else "dbt-run"


def _job_facets(build: Build) -> dict[str, Any]:
    integration = "DBT" if build.invocation else "LOCUS"
    found = {
        "jobType": facet("JobTypeJobFacet", processingType="BATCH", integration=integration, jobType="MODEL"),
    }
    if build.sql:
        found["sql"] = facet("SQLJobFacet", query=build.sql, dialect="duckdb")
    if build.description:
        found["documentation"] = facet("DocumentationJobFacet", description=build.description)
    return found


def _named(dataset: Mapping[str, Any]) -> dict[str, Any]:
    return {"namespace": dataset["namespace"], "name": dataset["name"]}


def to_line(event: Mapping[str, Any]) -> str:
    """The event as one line, its keys in a fixed order; what is not Unicode is escaped."""
    text = json.dumps(event, ensure_ascii=False, sort_keys=True, default=str)
    try:
        text.encode()
    except UnicodeEncodeError:
        return json.dumps(event, sort_keys=True, default=str)
    return text
