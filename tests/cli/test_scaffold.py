"""``locus scaffold``, ``locus new-image`` and ``locus check``."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest
import yaml

from .conftest import Locus


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "dbt_project.yml").write_text("name: shop\nprofile: shop\n")
    return tmp_path


@pytest.mark.criterion("E4.4", "E8.4")
def test_model_and_contract_come_from_the_manifest(locus: Locus, project: Path) -> None:
    answer = locus("scaffold", "acme-totals", "--model", "stg_totals", "--files", "docs/it's/*.pdf")
    assert answer.code == 0, answer.err
    assert answer.out.splitlines()[:2] == ["+ models/staging/stg_totals.sql", "+ models/staging/stg_totals.yml"]
    assert (project / "models/staging/stg_totals.sql").read_text() == (
        "-- One row per printed line that starts with the word.\n"
        "{{ config(materialized='incremental', unique_key='_locus_row_id', contract={'enforced': true}) }}\n\n"
        "select *\nfrom {{ locus_dbt.image(\n    'acme-totals',\n    files='docs/it\\'s/*.pdf',\n) }}\n"
    )
    (model,) = yaml.safe_load((project / "models/staging/stg_totals.yml").read_text())["models"]
    assert model["config"]["contract"]["enforced"] is True
    assert [(c["name"], c["data_type"]) for c in model["columns"]] == [
        ("filename", "varchar"),
        ("label", "varchar"),
        ("amount", "decimal(18,2)"),
        ("_locus_row_id", "uuid"),
    ]
    assert all(c["description"] for c in model["columns"])


def test_nothing_is_overwritten_without_force(locus: Locus, project: Path) -> None:
    target = project / "models" / "staging" / "stg.yml"
    target.parent.mkdir(parents=True)
    target.write_text("mine")
    answer = locus("scaffold", "acme-totals", "--model", "stg")
    assert (answer.code, answer.err[:6]) == (1, "[E403]")
    assert target.read_text() == "mine"
    assert not (target.parent / "stg.sql").exists()
    assert locus("scaffold", "acme-totals", "--model", "stg", "--force").code == 0
    assert target.read_text() != "mine"


def test_a_relational_image_reads_a_model_or_a_source(locus: Locus, project: Path) -> None:
    answer = locus("scaffold", "acme-merge", "-m", "merged", "--relation", "stg_totals")
    assert "fill in key" in answer.out
    assert "no contract" in answer.out
    text = (project / "models/staging/merged.sql").read_text()
    assert "relation=ref('stg_totals'),\n    key=''," in text
    assert "materialized='table'" in text
    locus("scaffold", "acme-merge", "-m", "merged", "--relation", "raw.totals", "--force")
    assert "relation=source('raw', 'totals')" in (project / "models/staging/merged.sql").read_text()


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("acme-totals", "-m", "a b"), "E103"),
        (("acme-totals", "-m", "a", "--relation", "x"), "E109"),
        (("acme-merge", "-m", "a", "--files", "x"), "E109"),
        (("acme-merge", "-m", "a"), "E103"),
        (("acme-totals", "-m", "a", "--output", "totls"), "E103"),
        (("acme-ttals", "-m", "a"), "E101"),
    ],
)
def test_what_does_not_fit_is_refused(locus: Locus, project: Path, arguments: tuple[str, ...], code: str) -> None:
    answer = locus("scaffold", *arguments)
    assert answer.code == 1
    assert answer.err.startswith(f"[{code}]")
    assert not (project / "models").exists()


@pytest.mark.parametrize("kind", ["extract", "relational"])
def test_a_new_image_agrees_with_its_fixture(
    locus: Locus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    from locus_dbt.testing import all_cases, check

    monkeypatch.setattr("sys.path", [*importlib.import_module("sys").path])
    answer = locus("new-image", f"try-{kind}", "--kind", kind, "--dir", tmp_path / "images")
    assert answer.code == 0, answer.err
    (case,) = all_cases(tmp_path / "images")
    check(case)
    folder = tmp_path / "images" / f"try_{kind}"
    assert f"locus_try_{kind}(" in (folder / "README.md").read_text()
    assert locus("new-image", f"try-{kind}", "--dir", tmp_path / "images").err.startswith("[E403]")
    assert locus("new-image", "Try_It").err.startswith("[E103]")


def test_check_tells_what_is_wrong(locus: Locus, project: Path) -> None:
    answer = locus("check")
    assert answer.code == 1
    assert "= settings: 2 workers" in answer.out
    assert "! profiles.yml: none found" in answer.out
    assert "! dbt_project.yml: missing: dispatch for dbt (run: locus init)" in answer.out
    (project / "locus.yml").write_text("timeout_seconds: -1\n")
    assert "! settings: [E103] setting 'timeout_seconds' from locus.yml" in locus("check").out
    packaged = project / "dbt_packages" / "locus_dbt"
    packaged.mkdir(parents=True)
    (packaged / "dbt_project.yml").write_text("name: locus_dbt\nversion: 0.0.1\n")
    assert "! versions: dbt package 0.0.1, Python package" in locus("check").out


@pytest.mark.criterion("E10.4")
def test_check_names_images_that_are_refused(
    locus: Locus, third_party: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from locus_dbt.core import registry

    broken = tmp_path / "broken_image"
    broken.mkdir()
    (broken / "manifest.yaml").write_text("name: broken-image\n")
    known = list(registry._folders())
    monkeypatch.setattr(registry, "_folders", lambda: [*known, (broken, "broken_image", "here")])
    registry.rediscover()
    answer = locus("check")
    assert answer.code == 1
    assert "! image broken-image: [E002] image folder 'broken_image' lacks image.py" in answer.out
    assert "refused: broken-image: [E002]" in locus("images").err
