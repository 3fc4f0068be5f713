"""``locus scaffold``: a dbt model of an image, with its contract, from the manifest."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

import typer


class Materialized(StrEnum):
    """How dbt keeps the model."""

    incremental = "incremental"
    table = "table"


def scaffold(
    image: str = typer.Argument(..., help="The image's name; list: locus images."),
    model: str = typer.Option(..., "--model", "-m", help="The model's name: letters, digits and underscores."),
    files: str | None = typer.Option(None, "--files", help="Glob of the documents, from the project's folder."),
    relation: str | None = typer.Option(None, "--relation", help="For a relational image: a model, or source.table."),
    output: str | None = typer.Option(None, "--output", help="Which of the image's outputs, where it has several."),
    project: Path = typer.Option(Path(), "--project", help="The dbt project's folder.", file_okay=False),
    materialized: Materialized | None = typer.Option(
        None, "--materialized", help="Default: incremental for documents, table for relations."
    ),
    force: bool = typer.Option(False, "--force", help="Overwrite files that are there."),
) -> None:
    """Write models/staging/NAME.sql and NAME.yml with the image's columns as an enforced contract."""
    from locus_dbt.cli.model_files import Scaffold, model_sql, model_yaml, write_new  # noqa: PLC0415
    from locus_dbt.core.registry import registry  # noqa: PLC0415
    from locus_dbt.model.errors import RequestError  # noqa: PLC0415

    if not (project / "dbt_project.yml").is_file():
        raise RequestError("no dbt_project.yml here", code="E107", fix="run it in a dbt project, or pass --project DIR")
    found = registry().image(image)
    kept = materialized.value if materialized else None
    wanted = Scaffold.of(found.manifest, model, files=files, relation=relation, output=output, materialized=kept)
    folder = project / "models" / "staging"
    contents = {folder / f"{model}.sql": model_sql(wanted), folder / f"{model}.yml": model_yaml(wanted)}
    for path in write_new(contents, force=force):
        typer.echo(f"+ {path.relative_to(project).as_posix()}")
    if not wanted.contracted:
        typer.echo(
            "! no contract: the columns depend on the input; add them to the .yml and set contract: {enforced: true}"
        )
    for name in wanted.to_fill:
        typer.echo(f"! fill in {name}: {found.manifest.params[name].description}")
    typer.echo(f"next: dbt build --select {model}")
