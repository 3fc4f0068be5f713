"""``locus check``: whether settings, images, versions and wiring are in order."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from locus_dbt.core.settings import Settings


def check(
    project: Path = typer.Option(
        Path(), "--project", help="The dbt project's folder; without one only the rest is checked.", file_okay=False
    ),
    profiles_dir: Path | None = typer.Option(None, "--profiles-dir", help="Folder of profiles.yml, as for dbt."),
) -> None:
    """Check settings, images, package versions and wiring; exit with 1 when something is wrong. Changes nothing."""
    failed = False
    for good, text in [*_settings(project), *_images(), *_versions(project), *_wiring(project, profiles_dir)]:
        failed = failed or not good
        typer.echo(f"{'=' if good else '!'} {text}")
    if failed:
        raise typer.Exit(1)


def _settings(project: Path) -> Iterator[tuple[bool, str]]:
    from locus_dbt.core.settings import load_settings  # noqa: PLC0415
    from locus_dbt.model.errors import LocusError  # noqa: PLC0415

    try:
        settings = load_settings(root=project)
    except LocusError as error:
        yield False, f"settings: {_line(error)}"
    else:
        limits = f"{settings.timeout_seconds:g} s and {settings.max_pages} pages a document"
        yield True, f"settings: {settings.worker_count} workers, {limits}"
        yield _grounding(settings)


def _grounding(settings: Settings) -> tuple[bool, str]:
    """The mode, and what is missing for the full one; looked up on this machine only."""
    from locus_dbt.core.judging import find_judge  # noqa: PLC0415
    from locus_dbt.core.store import Store  # noqa: PLC0415
    from locus_dbt.model.errors import LocusError  # noqa: PLC0415

    trusted = settings.grounding
    about = f"grounding: rows with a cell below {trusted.threshold:g} are {_BELOW[trusted.below]}"
    try:
        judge = find_judge(settings, Store(settings.store_root))
    except LocusError as error:
        return False, f"grounding: {_line(error)}"
    if judge is None:
        return True, f"{about}; no model is asked"
    return not isinstance(judge, str), f"{about}; {judge if isinstance(judge, str) else judge.disclosure}"


#: What becomes of rows with a cell below the threshold, in a sentence.
_BELOW = {"retain": "flagged", "reject": "left out"}


def _images() -> Iterator[tuple[bool, str]]:
    from locus_dbt.core.registry import registry  # noqa: PLC0415
    from locus_dbt.model.errors import LocusError  # noqa: PLC0415

    found = registry()
    for image in found:
        try:
            image.function("extract" if image.manifest.kind == "extract" else "plan")
        except LocusError as error:
            yield False, f"image {image.manifest.name}: {_line(error)}"
        except Exception as error:  # noqa: BLE001 - a foreign module may raise anything when it is loaded
            yield False, f"image {image.manifest.name}: cannot be loaded: {_line(error)}"
    for folder, refused in found.refused.items():
        yield False, f"image {folder}: {_line(refused)}"
    yield True, f"images: {len(found)} found"


def _versions(project: Path) -> Iterator[tuple[bool, str]]:
    """The dbt package that dbt will load against the Python package."""
    from locus_dbt import __version__  # noqa: PLC0415
    from locus_dbt.cli.wiring import VENDORED  # noqa: PLC0415
    from locus_dbt.cli.yaml_text import load_mapping  # noqa: PLC0415

    for folder in (project / "dbt_packages" / "locus_dbt", project / "dbt_packages" / VENDORED, project / VENDORED):
        if (folder / "dbt_project.yml").is_file():
            version = str(load_mapping(folder / "dbt_project.yml").get("version"))
            same = version == __version__
            fix = "" if same else " [E404] (run: locus init && dbt deps)"
            yield same, f"versions: dbt package {version}, Python package {__version__}{fix}"
            return


def _wiring(project: Path, profiles_dir: Path | None) -> Iterator[tuple[bool, str]]:
    from locus_dbt.cli.wiring import wire  # noqa: PLC0415

    if not (project / "dbt_project.yml").is_file():
        yield True, "wiring: no dbt project here"
        return
    for step in wire(project, profiles_dir=profiles_dir, check=True):
        good = step.state == "there"
        missing = "missing: " if step.state == "missing" else ""
        yield good, f"{step.file}: {missing}{step.text}" + ("" if good else " (run: locus init)")


def _line(error: BaseException) -> str:
    from locus_dbt.core.secrets import mask  # noqa: PLC0415

    return mask(" ".join(str(error).split()))
