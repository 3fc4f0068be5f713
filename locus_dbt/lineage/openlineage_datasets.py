"""The datasets of a build: documents or their folders, models it reads, and the table it writes with column lineage."""

from __future__ import annotations

import hashlib
import re
import uuid
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from locus_dbt.lineage.openlineage_builds import Build, ColumnEdge, Document, Naming
from locus_dbt.lineage.openlineage_facets import columns_facet, direct, facet, indirect, metrics_facet
from locus_dbt.model.relation import ROW_ID

_IMAGE = "image:"
#: Kinds of column edges that end the chain, with a reason.
_BROKEN = ("untraced", "lineage_broken")
_ADDRESS = re.compile(r"^([a-z][a-z0-9+.-]*://[^/]+)/?(.*)$", re.IGNORECASE)
#: Namespace of the UUIDs of runs whose id is no UUID itself.
_RUNS = uuid.UUID("6f5a3f2e-5c0b-5f0e-9d53-1b6a0a6c1d10")


def run_uuid(run_id: str) -> str:
    """The UUID of a run, the same each time.

    >>> run_uuid("babe87a1b0aa4386a8101d1ee7c4b5b8")
    'babe87a1-b0aa-4386-a810-1d1ee7c4b5b8'
    """
    try:
        return str(uuid.UUID(run_id))
    except ValueError:
        return str(uuid.uuid5(_RUNS, run_id))


def document_name(filename: str) -> tuple[str, str]:
    """Namespace and name of a document.

    >>> document_name("invoices/a.pdf"), document_name("s3://bucket/2025/a.pdf")
    (('file', 'invoices/a.pdf'), ('s3://bucket', '2025/a.pdf'))
    """
    found = _ADDRESS.match(filename)
    return (found[1], found[2] or "/") if found else ("file", filename)


def inputs_of(build: Build, naming: Naming, *, most: int) -> list[dict[str, Any]]:
    """Documents (above ``most`` of them their folders), then tables."""
    models = {e.source for e in build.columns if e.source and not e.source.startswith(_IMAGE)} | set(build.reads)
    stood = {source.name: source.run_id for source in build.sources}
    tables = [_table(name, stood.get(name), naming) for name in sorted((models | set(stood)) - {build.model})]
    if len({d.filename for d in build.documents}) > most:
        return [*_folders(build), *tables]
    return [*(_document(group, build) for group in _by_name(build.documents).values()), *tables]


def _table(name: str, run_id: str | None, naming: Naming) -> dict[str, Any]:
    """A relation that was read, in the version that it had then."""
    found = _table_name(name, naming)
    if run_id:
        found["facets"] = {"version": facet("DatasetVersionDatasetFacet", datasetVersion=run_uuid(run_id))}
    return found


def _by_name(documents: Sequence[Document]) -> dict[str, list[Document]]:
    groups: dict[str, list[Document]] = {}
    for document in sorted(documents, key=lambda d: (d.filename, d.image)):
        groups.setdefault(document.filename, []).append(document)
    return groups


def _document(group: Sequence[Document], build: Build) -> dict[str, Any]:
    """A document, once however many images read it."""
    first = group[0]
    facts = facet(
        "LocusDocumentDatasetFacet",
        sha256=first.sha256,
        size=first.size,
        mediaType=first.media_type,
        pages=first.pages,
        reads=[_read(d, build) for d in group],
    )
    facets = {
        "storage": facet("StorageDatasetFacet", storageLayer="file", fileFormat=_format(first)),
        "datasetType": facet("DatasetTypeDatasetFacet", datasetType="FILE"),
        "locus_document": facts,
    }
    if first.sha256:
        facets["version"] = facet("DatasetVersionDatasetFacet", datasetVersion=f"sha256:{first.sha256}")
    return _dataset(*document_name(first.filename), facets)


def _read(document: Document, build: Build) -> dict[str, Any]:
    found = {"image": document.image, "status": document.status, "inThisRun": document.run_id == build.run_id}
    return found if document.rows is None else found | {"rows": document.rows}


def _folders(build: Build) -> list[dict[str, Any]]:
    folders: dict[tuple[str, str], list[Document]] = {}
    for group in _by_name(build.documents).values():
        folders.setdefault(_folder(group[0].filename), []).append(group[0])
    return [_dataset(*name, _folder_facets(documents)) for name, documents in sorted(folders.items())]


def _folder(filename: str) -> tuple[str, str]:
    namespace, name = document_name(filename)
    return namespace, f"{PurePosixPath(name).parent}/"


def _folder_facets(documents: Sequence[Document]) -> dict[str, Any]:
    listed = "".join(f"{d.sha256} {d.filename}\n" for d in documents)
    digest = hashlib.sha256(listed.encode("utf-8", "surrogateescape")).hexdigest()
    formats = {_format(d) for d in documents}
    return {
        "version": facet("DatasetVersionDatasetFacet", datasetVersion=f"sha256:{digest}"),
        "storage": facet(
            "StorageDatasetFacet", storageLayer="file", fileFormat=formats.pop() if len(formats) == 1 else None
        ),
        "datasetType": facet("DatasetTypeDatasetFacet", datasetType="FILE", subType="FOLDER"),
        "locus_documents": facet(
            "LocusDocumentsDatasetFacet",
            documents=len(documents),
            rejected=sum(d.status == "rejected" for d in documents),
            size=sum(d.size or 0 for d in documents),
            digest=digest,
            mediaTypes=dict(sorted(Counter(d.media_type or "unknown" for d in documents).items())),
        ),
    }


def _format(document: Document) -> str | None:
    """``pdf`` of ``application/pdf``; else what the name ends in."""
    if document.media_type:
        return document.media_type.rsplit("/", 1)[-1]
    return PurePosixPath(document.filename).suffix.removeprefix(".").lower() or None


# --- output ---------------------------------------------------------------------------------------------------------


def output_of(build: Build, naming: Naming, *, most: int) -> dict[str, Any]:
    """The table; what was counted in it is that of the build it stands at."""
    found = _table_name(build.model, naming)
    found["facets"] = facets = {
        "version": facet("DatasetVersionDatasetFacet", datasetVersion=run_uuid(build.run_id)),
        "columnLineage": _column_lineage(build, naming, most),
        "locus_quality": _quality(build),
    }
    found["outputFacets"] = {}
    table = build.table
    if table is not None:
        facets["schema"] = columns_facet(table.columns)
        facets["datasetType"] = facet("DatasetTypeDatasetFacet", datasetType=table.kind)
    if table is not None and table.rows is not None:
        facets["dataQualityMetrics"] = metrics_facet(table.rows, table.nulls)
        found["outputFacets"] = {"outputStatistics": facet("OutputStatisticsOutputDatasetFacet", rowCount=table.rows)}
    return found


def _quality(build: Build) -> dict[str, Any]:
    columns = {}
    for name, quality in sorted(build.quality.items()):
        known = {
            "cells": quality.cells,
            "averageFaithfulness": quality.average,
            "lowestFaithfulness": quality.lowest,
            "grounding": dict(sorted(quality.grounding.items())),
            "mode": dict(sorted(quality.mode.items())),
        }
        columns[name] = {key: value for key, value in known.items() if value is not None}
    untraced = [{"column": e.column, "reason": e.reason or "unknown"} for e in build.columns if e.kind in _BROKEN]
    return facet(
        "LocusQualityDatasetFacet", columns=columns, untraced=untraced, rejects=dict(sorted(build.rejects.items()))
    )


def _column_lineage(build: Build, naming: Naming, most: int) -> dict[str, Any]:
    sources = _places(build, most)
    fields: dict[str, list[dict[str, Any]]] = {}
    for edge in sorted(build.columns, key=lambda e: (e.column, e.source or "", e.source_column or "")):
        if edge.kind in _BROKEN or not edge.source or not edge.source_column:
            continue
        for namespace, name, how in _origins(edge, build, naming, sources):
            entry = {"namespace": namespace, "name": name, "field": edge.source_column, "transformations": [how]}
            fields.setdefault(edge.column, []).append(entry)
    whole = [_row_origin(source.name, naming) for source in build.sources if source.by_edges]
    lineage = {column: {"inputFields": entries} for column, entries in fields.items()}
    return facet("ColumnLineageDatasetFacet", fields=lineage, dataset=whole or None)


def _places(build: Build, most: int) -> dict[str, list[tuple[str, str]]]:
    """Image to the datasets that it gave rows from: documents, or their folders."""
    whole = len({d.filename for d in build.documents}) > most
    found: dict[str, dict[tuple[str, str], None]] = {}
    for d in sorted(build.documents, key=lambda d: d.filename):
        if d.status == "read" and d.rows != 0:  # null: DuckDB read it itself, and nobody counted
            name = _folder(d.filename) if whole else document_name(d.filename)
            found.setdefault(d.image, {})[name] = None
    return {image: list(names) for image, names in found.items()}


def _origins(
    edge: ColumnEdge, build: Build, naming: Naming, places: Mapping[str, list[tuple[str, str]]]
) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """A document's value is read and typed by the image; a model's is taken as it is, or computed with."""
    assert edge.source is not None, "the caller has looked"
    if edge.source.startswith(_IMAGE):
        image = edge.source.removeprefix(_IMAGE)
        version = next((f" {used.version}" for used in build.images if used.name == image and used.version), "")
        then = "" if edge.kind == "identity" else ", then computed with"
        how = direct("TRANSFORMATION", f"read by {image}{version}{then}")
        yield from ((namespace, name, how) for namespace, name in places.get(image, ()))
        return
    table = _table_name(edge.source, naming)
    how = direct("IDENTITY", "") if edge.kind == "identity" else direct("TRANSFORMATION", "computed from it")
    yield table["namespace"], table["name"], how


def _row_origin(source: str, naming: Naming) -> dict[str, Any]:
    table = _table_name(source, naming)
    how = indirect("its rows were merged or split into the rows of the output (locus.edges)")
    return {"namespace": table["namespace"], "name": table["name"], "field": ROW_ID, "transformations": [how]}


# --- names ----------------------------------------------------------------------------------------------------------


def _table_name(model: str, naming: Naming) -> dict[str, Any]:
    return {"namespace": naming.dataset_namespace, "name": f"{naming.database}.{model}"}


def _dataset(namespace: str, name: str, facets: Mapping[str, Any]) -> dict[str, Any]:
    return {"namespace": namespace, "name": name, "facets": dict(facets)}
