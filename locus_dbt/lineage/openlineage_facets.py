"""OpenLineage facets as plain dicts, each with its producer and the version of its published schema.

Four are ours (``locus_…``); their schemas travel in ``facet_schemas/`` and are named by URN, since nothing is fetched.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from importlib import resources
from typing import Any

#: Who made the events; which version is in the facet ``processing_engine``.
PRODUCER = "urn:locus-dbt:openlineage"

#: The version of the core specification that events follow.
CORE = "https://openlineage.io/spec/2-0-2/OpenLineage.json"

#: Published facets that are used, with their version.
PUBLISHED: Mapping[str, str] = {
    "ColumnLineageDatasetFacet": "1-2-0",
    "DataQualityMetricsDatasetFacet": "1-0-1",
    "DatasetTypeDatasetFacet": "1-0-1",
    "DatasetVersionDatasetFacet": "1-0-1",
    "DocumentationJobFacet": "1-1-0",
    "ErrorMessageRunFacet": "1-0-1",
    "JobTypeJobFacet": "2-0-4",
    "NominalTimeRunFacet": "1-0-1",
    "OutputStatisticsOutputDatasetFacet": "1-0-2",
    "ParentRunFacet": "1-2-0",
    "ProcessingEngineRunFacet": "1-1-1",
    "SQLJobFacet": "1-1-0",
    "SchemaDatasetFacet": "1-2-0",
    "StorageDatasetFacet": "1-0-1",
}

#: Our own facets, with their version: 1-0-0 until a field's meaning changes.
OWN: Mapping[str, str] = {
    "LocusBuildRunFacet": "1-0-0",
    "LocusDocumentDatasetFacet": "1-0-0",
    "LocusDocumentsDatasetFacet": "1-0-0",
    "LocusQualityDatasetFacet": "1-0-0",
}


def schema_url(name: str) -> str:
    """Where the schema of a facet is: a published address, or for ours a URN.

    >>> schema_url("SQLJobFacet")
    'https://openlineage.io/spec/facets/1-1-0/SQLJobFacet.json#/$defs/SQLJobFacet'
    >>> schema_url("LocusBuildRunFacet")
    'urn:locus-dbt:openlineage:1-0-0:LocusBuildRunFacet.json#/$defs/LocusBuildRunFacet'
    """
    if name in OWN:
        return f"urn:locus-dbt:openlineage:{OWN[name]}:{name}.json#/$defs/{name}"
    return f"https://openlineage.io/spec/facets/{PUBLISHED[name]}/{name}.json#/$defs/{name}"


def own_schema(name: str) -> dict[str, Any]:
    """The JSON schema of one of our facets."""
    text = resources.files("locus_dbt.lineage").joinpath("facet_schemas", f"{name}.json").read_text("utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


def facet(schema: str, /, **fields: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON value
    """A facet of the schema with these fields; fields that are not known are left out."""
    known = {name: value for name, value in fields.items() if value is not None}
    return {"_producer": PRODUCER, "_schemaURL": schema_url(schema), **known}


def columns_facet(columns: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """Names and types, in order."""
    fields = [{"name": n, "type": t, "ordinal_position": i} for i, (n, t) in enumerate(columns, 1)]
    return facet("SchemaDatasetFacet", fields=fields)


def metrics_facet(row_count: int, nulls: Mapping[str, int]) -> dict[str, Any]:
    """What was counted in the table: rows, and for each column nulls and values."""
    each = {name: {"nullCount": n, "count": row_count - n} for name, n in nulls.items()}
    return facet("DataQualityMetricsDatasetFacet", rowCount=row_count, columnMetrics=each)


def direct(subtype: str, description: str) -> dict[str, Any]:
    """A value that goes into a value."""
    return {"type": "DIRECT", "subtype": subtype, "description": description, "masking": False}


def indirect(description: str) -> dict[str, Any]:
    """Something that decides which rows there are."""
    return {"type": "INDIRECT", "description": description, "masking": False}
