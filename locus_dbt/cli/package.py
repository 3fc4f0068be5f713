"""Where the dbt package (macros and ``dbt_project.yml``) lies: in the installed wheel, or a source checkout's root."""

from __future__ import annotations

from pathlib import Path

from locus_dbt.model.errors import RunError

#: The parts that make the dbt package.
PARTS = ("dbt_project.yml", "macros")


def dbt_package_folder() -> Path:
    """The folder that holds the dbt package; raises E404 when the installation has none."""
    package = Path(__file__).parent.parent
    for folder in (package / "dbt_package", package.parent):
        if all((folder / part).exists() for part in PARTS):
            return folder
    raise RunError(
        "this installation of locus-dbt holds no dbt package",
        code="E404",
        fix="pip install --force-reinstall locus-dbt",
    )


def package_files(folder: Path) -> dict[str, bytes]:
    """The dbt package's files: path with ``/`` to content, sorted."""
    files = [folder / "dbt_project.yml", *sorted((folder / "macros").rglob("*"))]
    wanted = (f for f in files if f.is_file() and f.suffix in (".sql", ".yml", ".md"))
    return {f.relative_to(folder).as_posix(): f.read_bytes() for f in wanted}
