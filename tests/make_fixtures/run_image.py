"""Runs an extract image on one fixture in this process: rows, spans and rejects as Python values."""

from __future__ import annotations

import hashlib
import importlib
from pathlib import Path
from typing import Any

import yaml

from locus_dbt.core.builder import TableBuilder
from locus_dbt.core.grounding import ground
from locus_dbt.core.manifest_file import read_manifest
from locus_dbt.core.params import check_params, select_output
from locus_dbt.model.document import Document
from locus_dbt.parsers import parse
from locus_dbt.parsers.detect import media_type

Rows = list[dict[str, Any]]


def read(data: bytes, filename: str) -> Document:
    """A document as the engine would make it."""
    return Document(filename, media_type(data, filename), hashlib.sha256(data).hexdigest(), data, parse)


def run_image(case: Path) -> tuple[Rows, Rows, Rows]:
    """The fixture in folder ``case`` through its image."""
    params = case / "params.yaml"
    given = yaml.safe_load(params.read_text()) if params.exists() else {}
    source = next(path for path in sorted(case.iterdir()) if path.stem == "input")
    return extract(case.parents[1], read(source.read_bytes(), source.name), given)


def extract(image: Path, document: Document, given: dict[str, Any]) -> tuple[Rows, Rows, Rows]:
    """``document`` through the image in folder ``image`` with the params ``given``."""
    manifest = read_manifest(image / "manifest.yaml")
    params = check_params(manifest, given)
    _, output = select_output(manifest, params)
    table = TableBuilder({column.name: column.type for column in output.columns})
    importlib.import_module(f"locus_dbt.images.{image.name}.image").extract(document, params, table)
    return table.rows_table().to_pylist(), ground(table, document).to_pylist(), table.rejects
