"""Every image folder is complete, and its README says all that its manifest promises."""

import ast
import re
from pathlib import Path

import pytest

from locus_dbt.core.registry import Image
from locus_dbt.engine.request import FILE_ARGUMENTS
from locus_dbt.model.manifest import COMMON_ARGUMENTS
from locus_dbt.testing import cases_of, image_folders, load_image

FOLDERS = image_folders()
SIGNATURES = {
    "extract": ["document", "params", "table"],
    "relational": ["relation", "params"],
}


@pytest.fixture(params=FOLDERS, ids=lambda f: f.name)
def image(request: pytest.FixtureRequest) -> Image:
    return load_image(request.param)


def test_no_folder_without_manifest() -> None:
    root = FOLDERS[0].parent
    stray = [f.name for f in root.iterdir() if f.is_dir() and f not in FOLDERS and f.name != "__pycache__"]
    assert not [name for name in stray if any((root / name).rglob("*.py"))]


def test_registered_name_is_the_folder(image: Image) -> None:
    assert image.manifest.folder == image.folder.name
    assert image.manifest.function == f"locus_{image.folder.name}"


def test_code_has_the_one_function(image: Image) -> None:
    kind = image.manifest.kind
    tree = ast.parse((image.folder / "image.py").read_text("utf-8"))
    wanted = "extract" if kind == "extract" else "plan"
    found = [n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name == wanted]
    assert len(found) == 1, f"image.py has no function {wanted}"
    assert [a.arg for a in found[0].args.args] == SIGNATURES[kind]
    docstring = ast.get_docstring(ast.parse((image.folder / "__init__.py").read_text("utf-8")))
    assert docstring, "__init__.py says what the image is"


def test_summary_fits_a_line(image: Image) -> None:
    assert len(image.manifest.summary) <= 120
    assert image.manifest.summary.endswith(".")


def test_arguments_of_every_function_are_the_reserved_ones() -> None:
    assert set(FILE_ARGUMENTS) == COMMON_ARGUMENTS


def test_params_and_columns_are_described(image: Image) -> None:
    described = {f"param {n}": p.description for n, p in image.manifest.params.items()}
    for name, output in image.manifest.emits.outputs.items():
        described |= {f"column {name}.{c.name}": c.description for c in output.columns}
    short = [what for what, text in described.items() if len(text) < 5]
    assert not short


def test_at_least_two_cases(image: Image) -> None:
    cases = cases_of(image)
    assert len(cases) >= 2
    for case in cases:
        assert case.input.stat().st_size <= 2_000_000, f"{case}: keep inputs small"


def test_readme_names_every_param_and_column(image: Image) -> None:
    text = (image.folder / "README.md").read_text("utf-8")
    assert re.search(r"^```sql\n", text, re.MULTILINE), "README shows an example in a ```sql fence"
    wanted = set(image.manifest.params)
    for output in image.manifest.emits.outputs.values():
        wanted |= {c.name for c in output.columns}
    missing = sorted(wanted - set(re.findall(r"\w+", text)))
    assert not missing, f"README does not name {', '.join(missing)}"


def test_readme_examples_use_fixtures_that_are_there(image: Image) -> None:
    text = (image.folder / "README.md").read_text("utf-8")
    fences = re.findall(r"^```sql\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    paths = [p for fence in fences for p in re.findall(r"fixtures/[\w./-]+\w", fence)]
    missing = [p for p in paths if not list(Path(image.folder).glob(p))]
    assert not missing
