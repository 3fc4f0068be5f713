"""The public names: ``public_api.txt`` makes every change of them a visible difference.

The params of an image are none of them: the manifest in its folder is their golden. What all images have in common is.

``LOCUS_ACCEPT=1`` rewrites it (and fails that run).
"""

from __future__ import annotations

import importlib
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
import yaml

from locus_dbt.core.registry import Image, registry
from locus_dbt.core.settings import Settings
from locus_dbt.engine.functions import macro_statements
from locus_dbt.engine.tables import RELATIONS
from locus_dbt.model.errors import CODES
from tests.conftest import REPOSITORY

GOLDEN = Path(__file__).parent / "public_api.txt"
_MACRO = re.compile(r"\{%-?\s*(macro|test)\s+(\w+)\((.*?)\)\s*-?%\}", re.DOTALL)
_FUNCTION = re.compile(r"CREATE OR REPLACE TEMP MACRO (\w+\(.*?\)) AS", re.DOTALL)


def macros() -> dict[str, str]:
    """Macro name (as dbt knows it) to its arguments."""
    out = {}
    for path in sorted((REPOSITORY / "macros").glob("*.sql")):
        for kind, name, arguments in _MACRO.findall(path.read_text("utf-8")):
            out[f"test_{name}" if kind == "test" else name] = arguments
    return out


def _api() -> Iterator[str]:
    for module in ("locus_dbt", "locus_dbt.errors"):
        for name in sorted(importlib.import_module(module).__all__):
            yield f"python {module}.{name}"
    for function in _functions([]):
        yield f"function {function}"
    own = [image for image in registry() if image.origin == "locus-dbt"]
    yield from sorted({f"function {pattern}" for image in own for pattern in _patterns(image)})
    for table, columns in RELATIONS.items():
        for name, (kind, _) in columns.items():
            yield f"table locus.{table}.{name} {kind}"
    yield from ("view locus.cells", "view locus.run_spans", "view locus.steps")
    yield "function locus_trace(model_name, row_id, column_wanted := NULL, run_wanted := NULL)"
    for name, arguments in macros().items():
        yield f"macro {name}({arguments})"
    for name, field in Settings.model_fields.items():
        yield f"setting {name} = {field.default!r}"
    for code, meaning in CODES.items():
        yield f"error {code} {meaning}"


def _functions(images: Iterable[Image]) -> list[str]:
    return [match[1] for statement in macro_statements(images) if (match := _FUNCTION.match(statement))]


def _patterns(image: Image) -> Iterator[str]:
    """The image's functions without what its manifest says: ``locus_<extract>(files, …, "columns" := NULL)``."""
    general = _functions([])
    for function in _functions([image]):
        if function in general:
            continue
        named = function.replace(image.manifest.function, f"locus_<{image.manifest.kind}>", 1)
        name, _, arguments = named.removesuffix(")").partition("(")
        first, *others = arguments.split(", ")
        params = {f'"{param}"' for param in image.manifest.params}
        kept = [argument for argument in others if argument.partition(" := ")[0] not in params]
        yield f"{name}({', '.join([first, *(['…'] if first != 'document' else []), *kept])})"


def test_the_public_names_are_the_golden_ones() -> None:
    text = "\n".join(sorted(_api())) + "\n"
    known = GOLDEN.read_text("utf-8") if GOLDEN.exists() else ""
    if os.environ.get("LOCUS_ACCEPT") and text != known:
        GOLDEN.write_text(text, "utf-8")
        pytest.fail("public_api.txt was rewritten: look at the difference")
    assert text.splitlines() == known.splitlines()


@pytest.mark.parametrize("module", ["locus_dbt", "locus_dbt.errors"])
def test_all_is_what_is_exported(module: str) -> None:
    found = importlib.import_module(module)
    for name in found.__all__:
        assert getattr(found, name) is not None
    public = {n for n in vars(found) if not n.startswith("_") and n not in ("annotations", "Any", "TYPE_CHECKING")}
    submodules = {n for n in public if getattr(vars(found)[n], "__spec__", None) is not None}
    assert public - submodules <= set(found.__all__)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        found.nothing  # noqa: B018 - looking it up is the test


def test_every_macro_is_described_with_its_arguments() -> None:
    listed = yaml.safe_load((REPOSITORY / "macros" / "macros.yml").read_text("utf-8"))["macros"]
    described = {m["name"]: [a["name"] for a in m.get("arguments", [])] for m in listed}
    written = {name: [a.split("=")[0].strip() for a in _split(arguments)] for name, arguments in macros().items()}
    assert described == written
    assert all(len(m["description"]) > 20 for m in listed)
    assert all(len(a["description"]) > 3 for m in listed for a in m.get("arguments", []))


def _split(arguments: str) -> list[str]:
    """At commas that are in no bracket."""
    return [a for a in re.split(r",(?![^\[(]*[\])])", arguments) if a.strip()]


def test_one_public_macro_a_file() -> None:
    for path in (REPOSITORY / "macros").glob("*.sql"):
        found = _MACRO.findall(path.read_text("utf-8"))
        assert len(found) == 1, path.name


def test_no_macro_names_an_image() -> None:
    names = {n for image in registry() for n in (image.manifest.name, image.manifest.function)}
    for path in (REPOSITORY / "macros").glob("*.sql"):
        assert not [n for n in names if n in path.read_text("utf-8")], path.name


def test_every_error_code_is_used_and_in_the_docs() -> None:
    code = "\n".join(
        p.read_text("utf-8")
        for p in (REPOSITORY / "locus_dbt").rglob("*.py")
        if p.relative_to(REPOSITORY / "locus_dbt").as_posix() != "model/errors.py"
    )
    defaults = re.findall(r'default_code = "(E\d+)"', (REPOSITORY / "locus_dbt/model/errors.py").read_text("utf-8"))
    unused = [c for c in CODES if c not in code and c not in defaults]
    assert unused == []
    page = REPOSITORY / "docs" / "reference" / "errors.md"
    text = page.read_text("utf-8")
    assert [c for c in CODES if c not in text] == []


def test_every_code_that_is_raised_is_known() -> None:
    for path in [*(REPOSITORY / "locus_dbt").rglob("*.py"), *(REPOSITORY / "macros").glob("*.sql")]:
        for found in re.findall(r"""code=["'](E\d+)["']|\[(E\d\d\d)\]""", path.read_text("utf-8")):
            assert (found[0] or found[1]) in CODES, path.name
