"""All images on all their cases. Names none: a new image is tested by having a folder."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from locus_dbt.model.errors import LocusError
from locus_dbt.testing import Case, all_cases, cases_of, check, load_image

CASES = list(all_cases())


@pytest.mark.criterion("E4.7", "E5.4")
@pytest.mark.parametrize("case", CASES, ids=str)
def test_case_gives_its_golden(case: Case) -> None:
    check(case)


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


@pytest.fixture
def foreign(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An image of somebody else's, outside of any package."""
    monkeypatch.setattr("sys.path", list(sys.path))
    folder = tmp_path / "row_copier"
    write(
        folder / "manifest.yaml",
        "{name: row-copier, version: 1.0.0, summary: Copies all rows as they are., kind: relational,"
        " accepts: [table/v1], provenance: map,"
        " emits: {default: rows, outputs: {rows: {grain: one row a row, dynamic: true}}}}",
    )
    write(folder / "__init__.py", "")
    write(folder / "parts.py", "from locus_dbt.model.relation import RelationalPlan\n")
    write(
        folder / "image.py",
        "from .parts import RelationalPlan\n\n\ndef plan(relation, params):\n"
        '    return RelationalPlan(f"SELECT * FROM {relation.sql}", {c: (c,) for c in relation.columns})\n',
    )
    write(folder / "fixtures/two/input.csv", "a,b\n1,x\n2,\n")
    yield folder
    for name in [m for m in sys.modules if m.split(".")[0] == folder.name]:
        del sys.modules[name]


@pytest.mark.criterion("E10.2")
def test_image_of_another_package_runs_by_its_folder(foreign: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (case,) = cases_of(load_image(foreign))
    with pytest.raises(AssertionError, match=r"lacks expected\.jsonl"):
        check(case)
    monkeypatch.setenv("LOCUS_ACCEPT", "1")
    with pytest.raises(AssertionError, match="read the diff, run again"):
        check(case)
    monkeypatch.delenv("LOCUS_ACCEPT")
    check(case)
    golden = case.folder / "expected.jsonl"
    assert golden.read_text("utf-8") == '{"a": 1, "b": "x"}\n{"a": 2, "b": null}\n'
    golden.write_text('{"a": 1, "b": "y"}\n{"a": 2, "b": null}\n', "utf-8")
    with pytest.raises(AssertionError, match="line 1"):
        check(case)


@pytest.mark.criterion("E10.4")
def test_incomplete_folder_is_refused_naming_what_is_missing(foreign: Path) -> None:
    (foreign / "image.py").unlink()
    with pytest.raises(LocusError, match=r"lacks image\.py"):
        load_image(foreign)
