"""The text of a dbt model of an image and of its YAML; golden-tested as text."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from locus_dbt.model.errors import RequestError, RunError, did_you_mean
from locus_dbt.model.manifest import Column, Manifest, Output

_MODEL = re.compile(r"^[A-Za-z_][A-Za-z0-9_]*$")
_SOURCE = re.compile(r"^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)?$")
#: YAML reads these bare texts as they are; everything else is quoted.
_BARE = re.compile(r"^[A-Za-z_][A-Za-z0-9_ ,;()/-]*[A-Za-z0-9_).]$")

FILENAME = Column(name="filename", type="VARCHAR", description="The document the row was read from.")
ROW_ID = Column(name="_locus_row_id", type="UUID", description="Names the row; leads to its place in the document.")


@dataclass(frozen=True)
class Scaffold:
    """What to write: an image's call as a model. ``arguments`` are those of the ``image()`` macro as Jinja texts."""

    manifest: Manifest
    model: str
    output: Output
    arguments: Mapping[str, str]
    materialized: str

    @classmethod
    def of(
        cls,
        manifest: Manifest,
        model: str,
        *,
        files: str | None,
        relation: str | None,
        output: str | None,
        materialized: str | None,
    ) -> Scaffold:
        """Check what was asked for; E103 for what does not fit, E109 for files and relation mixed up."""
        if not _MODEL.match(model):
            raise RequestError(f"not a model name: '{model}'", fix="letters, digits and underscores")
        extract = manifest.kind == "extract"
        if (relation if extract else files) is not None:
            raise RequestError(
                f"image '{manifest.name}' {'reads files' if extract else 'works on a relation'}",
                code="E109",
                fix="--files 'documents/**/*.pdf'" if extract else "--relation stg_name",
            )
        arguments = _source(files) if extract else _reference(relation)
        name = output or manifest.emits.default
        if name not in manifest.emits.outputs:
            raise RequestError(
                f"image '{manifest.name}' has no output '{name}'{did_you_mean(name, manifest.emits.outputs)}"
            )
        if name != manifest.emits.default:
            if manifest.emits.select is None:
                raise RequestError(f"image '{manifest.name}' has no param that selects an output")
            arguments[manifest.emits.select] = jinja_text(name)
        for param, about in manifest.params.items():
            if about.required and param not in arguments:
                arguments[param] = {"list": "[]", "map": "{}", "string": "''", "boolean": "false"}.get(about.type, "0")
        kept = materialized or ("incremental" if extract else "table")
        if kept == "incremental" and not extract:
            raise RequestError("a model over a relation is built as a table", fix="--materialized table")
        return cls(manifest, model, manifest.emits.outputs[name], arguments, kept)

    @property
    def to_fill(self) -> list[str]:
        """Params that the image demands and only the user knows."""
        return [n for n, p in self.manifest.params.items() if p.required and n != self.manifest.emits.select]

    @property
    def contracted(self) -> bool:
        """Whether all columns are known before the input is; a relation may bring its row ids along or not."""
        return bool(self.output.columns) and self.manifest.kind == "extract"

    @property
    def columns(self) -> list[Column]:
        """The model's columns in order; of a relational image only those that it declares."""
        if not self.output.columns:
            return []
        if self.manifest.kind == "relational":
            return list(self.output.columns)
        return [FILENAME, *self.output.columns, ROW_ID]


def model_sql(wanted: Scaffold) -> str:
    """The model's SQL."""
    config = [f"materialized='{wanted.materialized}'"]
    if wanted.materialized == "incremental":
        config.append("unique_key='_locus_row_id'")
    if wanted.contracted:
        config.append("contract={'enforced': true}")
    arguments = "".join(f",\n    {name}={value}" for name, value in wanted.arguments.items())
    return (
        f"-- {wanted.output.grain[:1].upper()}{wanted.output.grain[1:]}.\n"
        f"{{{{ config({', '.join(config)}) }}}}\n\n"
        f"select *\nfrom {{{{ locus_dbt.image(\n    {jinja_text(wanted.manifest.name)}{arguments},\n) }}}}\n"
    )


def model_yaml(wanted: Scaffold) -> str:
    """The model's YAML: columns with types and meanings from the manifest, and the tests that cost nothing to keep."""
    lines = ["models:", f"  - name: {wanted.model}", f"    description: {yaml_text(wanted.manifest.summary)}"]
    if wanted.contracted:
        lines += ["    config:", "      contract:", "        enforced: true"]
    if wanted.manifest.kind == "extract":
        lines += [
            "    data_tests:",
            "      - locus_dbt.no_rejects:",
            "          config:",
            "            severity: warn",
            "      - locus_dbt.lineage_complete",
        ]
    if not wanted.columns:
        return "\n".join(lines) + "\n"
    lines.append("    columns:")
    for column in wanted.columns:
        kind = column.type.lower()
        lines += [
            f"      - name: {column.name}",
            f"        data_type: {json.dumps(kind) if not kind.isalnum() else kind}",
            f"        description: {yaml_text(column.description)}",
        ]
        if column == ROW_ID:
            lines.append("        data_tests: [unique, not_null]")
    return "\n".join(lines) + "\n"


def write_new(contents: Mapping[Path, str], *, force: bool = False) -> list[Path]:
    """Write files that are not there yet, all or none; E403 names those that are."""
    there = [p.name for p in contents if p.exists()]
    if there and not force:
        raise RunError(f"already there: {', '.join(there)}", code="E403", fix="choose another name, or pass --force")
    for path, text in contents.items():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
        except OSError as error:
            raise RunError(f"cannot write '{path}': {error.strerror}", code="E403") from error
    return list(contents)


def jinja_text(text: str) -> str:
    """A text as a Jinja literal."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def yaml_text(text: str) -> str:
    """A text as a YAML scalar on one line; Jinja signs are taken apart, because dbt renders descriptions."""
    plain = " ".join(text.split()).replace("{{", "{ {").replace("{%", "{ %")
    return (
        plain
        if _BARE.match(plain) and plain.lower() not in ("yes", "no", "true", "false", "null", "on", "off")
        else json.dumps(plain, ensure_ascii=False)
    )


def _source(files: str | None) -> dict[str, str]:
    return {"files": jinja_text(files or "documents/**/*")}


def _reference(relation: str | None) -> dict[str, str]:
    if relation is None or not _SOURCE.match(relation):
        raise RequestError(
            "a relational image needs --relation: a model's name, or source.table", fix="--relation stg_name"
        )
    source, dot, table = relation.partition(".")
    return {"relation": f"source({jinja_text(source)}, {jinja_text(table)})" if dot else f"ref({jinja_text(source)})"}
