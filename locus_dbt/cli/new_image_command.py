"""``locus new-image``: a complete image folder to start from."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

import typer


class Kind(StrEnum):
    """The two kinds of image."""

    extract = "extract"
    relational = "relational"


def new_image(
    name: str = typer.Argument(..., help="The image's name: lower-case words joined by hyphens."),
    kind: Kind = typer.Option(
        Kind.extract, "--kind", help="extract reads documents; relational turns a relation into SQL."
    ),
    directory: Path = typer.Option(Path(), "--dir", help="Where to make the folder.", file_okay=False),
) -> None:
    """Make an image folder that works at once: manifest, code, README and one fixture case."""
    from locus_dbt.cli.image_templates import folder_files  # noqa: PLC0415
    from locus_dbt.cli.model_files import write_new  # noqa: PLC0415
    from locus_dbt.core.registry import load_folder  # noqa: PLC0415
    from locus_dbt.model.errors import RequestError, RunError  # noqa: PLC0415
    from locus_dbt.model.manifest import NAME  # noqa: PLC0415

    if not NAME.match(name):
        raise RequestError(f"not an image name: '{name}'", fix="lower-case words joined by hyphens: delivery-notes")
    folder = directory / name.replace("-", "_")
    if folder.exists():
        raise RunError(f"'{folder.name}' is there already", code="E403", fix="choose another name")
    written = write_new({folder / path: text for path, text in folder_files(name, kind.value).items()})
    load_folder(folder, module=folder.name, origin="new")
    for path in written:
        typer.echo(f"+ {path.relative_to(directory).as_posix()}")
    typer.echo("next: edit manifest.yaml and image.py; docs/adding-an-image.md shows each step")
