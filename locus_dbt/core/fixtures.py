"""The cases of an image: folders below ``fixtures``, each with one input and its params."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from locus_dbt.core.params import check_params
from locus_dbt.core.read_options import READ_ARGUMENTS, read_options
from locus_dbt.core.registry import Image
from locus_dbt.model.document import ReadOptions
from locus_dbt.model.errors import ManifestError


@dataclass(frozen=True, slots=True)
class Case:
    """One folder below an image's ``fixtures``."""

    image: Image
    folder: Path

    def __str__(self) -> str:
        return f"{self.image.manifest.name}-{self.folder.name}"

    @property
    def input(self) -> Path:
        """The one file named ``input.*``."""
        found = sorted(self.folder.glob("input.*"))
        if len(found) != 1:
            raise ManifestError(f"case '{self}': {len(found)} input files, not one", code="E002")
        return found[0]

    @property
    def params(self) -> dict[str, Any]:
        """The arguments of the case, checked, with defaults filled."""
        given = self._given()
        reading = READ_ARGUMENTS if self.image.manifest.kind == "extract" else ()
        return check_params(self.image.manifest, {k: v for k, v in given.items() if k not in reading})

    @property
    def options(self) -> ReadOptions:
        """How the input is to be read: arguments of every extract function in ``params.yaml``."""
        return read_options(self._given())

    def _given(self) -> dict[str, Any]:
        path = self.folder / "params.yaml"
        given: dict[str, Any] | None = yaml.safe_load(path.read_text("utf-8")) if path.is_file() else None
        return given or {}


def cases_of(image: Image) -> list[Case]:
    """The cases of one image, sorted by name."""
    folders = (image.folder / "fixtures").glob("*/")
    return [Case(image, f) for f in sorted(folders) if any(f.glob("input.*"))]
