"""Every SQL example in an image's README runs, with the image's folder as working directory, over its own fixtures."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
import pytest

import locus_dbt
from locus_dbt.core.registry import Image, registry
from tests.docs.fences import Fence, fences

IMAGES = [image for image in registry() if image.origin == "locus-dbt"]
EXAMPLES = [
    pytest.param(image, fence, id=f"{image.manifest.name}:{fence.line}")
    for image in IMAGES
    if (image.folder / "README.md").is_file()
    for fence in fences(image.folder / "README.md")
    if fence.language == "sql" and not re.search(r"\{\{", fence.text)
]


@pytest.mark.criterion("E10.2")
@pytest.mark.parametrize(("image", "fence"), EXAMPLES)
def test_example(image: Image, fence: Fence, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(image.folder)
    with duckdb.connect() as connection:
        locus_dbt.attach(connection, image.folder, store=tmp_path, workers=1)
        rows = connection.execute(fence.text).fetchall()
    assert rows, f"{fence.id} gives no rows"
