"""``locus init``: wires an existing dbt-duckdb project."""

from __future__ import annotations

from pathlib import Path

import typer

_SIGNS = {"there": "=", "added": "+", "missing": "-", "by hand": "!"}


def init(
    project: Path = typer.Option(Path(), "--project", help="The dbt project's folder.", file_okay=False),
    profiles_dir: Path | None = typer.Option(None, "--profiles-dir", help="Folder of profiles.yml, as for dbt."),
    check: bool = typer.Option(False, "--check", help="Change nothing; exit with 1 when something is missing."),
) -> None:
    """Wire an existing dbt-duckdb project: package, dispatch, plugin. Safe to run again; comments stay."""
    from locus_dbt.cli.wiring import wire  # noqa: PLC0415

    steps = wire(project, profiles_dir=profiles_dir, check=check)
    for step in steps:
        prefix = "to add: " if step.state == "missing" else ""
        typer.echo(f"{_SIGNS[step.state]} {step.file}: {prefix}{step.text}")
        for line in step.lines if step.state == "by hand" else ():
            typer.echo(f"      {line}")
    open_steps = [s for s in steps if s.state in ("missing", "by hand")]
    if not open_steps:
        typer.echo("next: dbt deps && dbt build")
    elif not check:
        typer.echo("next: add the lines marked with !, then dbt deps && dbt build")
    if check and open_steps:
        raise typer.Exit(1)
