"""Discovery of images, built in and from other packages."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from locus_dbt.core import registry as module
from locus_dbt.core.registry import load_folder, rediscover, registry
from locus_dbt.errors import ManifestError, RequestError
from tests.conftest import REPOSITORY, THIRD_PARTY

_IMAGES = THIRD_PARTY / "acme_images"


@pytest.mark.criterion("E10.2", "R12.2")
def test_an_installed_package_adds_its_images(third_party: Path) -> None:
    image = registry().image("acme-totals")
    assert image.origin == "acme-images"
    assert image.folder == third_party / "acme_images" / "acme_totals"
    assert image.manifest.privacy == "local"
    assert {"acme-merge", "acme-notes", "acme-totals", "acme-upper"} <= set(registry().names)
    assert registry().names == sorted(registry().names)


def test_hyphens_and_underscores_name_the_same_image(third_party: Path) -> None:
    assert registry().image("acme_totals") is registry().image("acme-totals")


@pytest.mark.criterion("E10.2", "D3")
def test_listing_images_imports_none_of_them(third_party: Path) -> None:
    code = (
        "import sys; from locus_dbt.core.registry import registry; print(*registry().names);"
        "heavy = {'pdfplumber', 'pypdfium2', 'openpyxl', 'lxml', 'litellm', 'duckdb', 'sqlglot', 'pyarrow'};"
        "bad = sorted(m for m in sys.modules if m.startswith(('acme_images', 'locus_dbt.images.')) or m in heavy);"
        "assert not bad, bad"
    )
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(REPOSITORY), str(third_party)])}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "acme-totals" in done.stdout


def test_an_unknown_image_is_answered_with_the_nearest(third_party: Path) -> None:
    with pytest.raises(RequestError, match=r"\[E101\] no image named 'acme-total'; did you mean 'acme-totals'\?"):
        registry().image("acme-total")


@pytest.mark.criterion("E10.4")
@pytest.mark.parametrize("part", ["manifest.yaml", "image.py"])
def test_an_incomplete_folder_is_refused_naming_what_is_missing(tmp_path: Path, part: str) -> None:
    folder = Path(shutil.copytree(_IMAGES / "acme_totals", tmp_path / "acme_totals"))
    (folder / part).unlink()
    with pytest.raises(ManifestError, match=rf"\[E002\] image folder 'acme_totals' lacks {part}"):
        load_folder(folder, module="acme_totals", origin="here")


@pytest.mark.criterion("E10.3")
def test_the_folder_must_have_the_name_of_the_image(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(_IMAGES / "acme_totals", tmp_path / "acme_sums"))
    with pytest.raises(ManifestError, match=r"name 'acme-totals' does not match its folder .*rename the folder"):
        load_folder(folder, module="acme_sums", origin="here")


def _with_folders(monkeypatch: pytest.MonkeyPatch, *found: tuple[Path, str, str]) -> None:
    monkeypatch.setattr(module, "_folders", lambda: iter(found))
    rediscover()


@pytest.fixture(autouse=True)
def _forget(monkeypatch: pytest.MonkeyPatch) -> object:
    yield
    monkeypatch.undo()
    rediscover()


@pytest.mark.criterion("E10.4")
def test_two_images_of_one_name_are_refused_naming_both(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy = Path(shutil.copytree(_IMAGES / "acme_totals", tmp_path / "acme_totals"))
    _with_folders(monkeypatch, (_IMAGES / "acme_totals", "one", "package-one"), (copy, "two", "package-two"))
    (refused,) = registry().refused.values()
    assert refused.code == "E003"
    assert "two images are named 'acme-totals': package-one and package-two" in str(refused)
    assert registry().image("acme-totals").origin == "package-one"


@pytest.mark.criterion("E10.4")
def test_a_refused_image_leaves_the_others_and_explains_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "acme_broken").mkdir()
    _with_folders(monkeypatch, (tmp_path / "acme_broken", "b", "here"), (_IMAGES / "acme_totals", "one", "package-one"))
    assert registry().names == ["acme-totals"]
    with pytest.raises(ManifestError, match=r"\[E002\] image folder 'acme_broken' lacks manifest\.yaml and image\.py"):
        registry().image("acme-broken")


@pytest.mark.criterion("E10.4", "E10.1")
def test_an_image_without_its_function_is_refused_when_it_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Path(shutil.copytree(_IMAGES / "acme_totals", tmp_path / "acme_totals"))
    (folder / "image.py").write_text('"""Nothing."""\n')
    monkeypatch.syspath_prepend(str(tmp_path))
    image = load_folder(folder, module="acme_totals", origin="here")
    with pytest.raises(ManifestError, match=r"\[E002\] acme_totals/image\.py has no function 'extract'"):
        image.function("extract")


def test_a_missing_package_is_answered_with_the_install_command(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(_IMAGES / "acme_totals", tmp_path / "acme_totals"))
    with (folder / "manifest.yaml").open("a") as file:
        file.write("requires: [no_such_package_at_all]\nextra: magic\n")
    image = load_folder(folder, module="acme_totals", origin="here")
    with pytest.raises(RequestError, match=r"\[E105\].*'no_such_package_at_all' \(pip install 'locus-dbt\[magic\]'\)"):
        image.function("extract")


@pytest.mark.criterion("S8")
def test_the_digest_follows_code_and_data_and_nothing_else(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(_IMAGES / "acme_totals", tmp_path / "acme_totals"))

    def digest() -> str:
        return load_folder(folder, module="acme_totals", origin="here").digest

    before = digest()
    (folder / "README.md").write_text("words")
    (folder / "REFERENCE.md").write_text("generated words")
    (folder / "tests").mkdir()
    (folder / "tests" / "test_rules.py").write_text("")
    (folder / "fixtures" / "case").mkdir(parents=True)
    (folder / "fixtures" / "case" / "expected.jsonl").write_text("{}")
    (folder / "__pycache__").mkdir(exist_ok=True)
    (folder / "__pycache__" / "image.pyc").write_bytes(b"x")
    assert digest() == before
    (folder / "words.txt").write_text("data")
    assert digest() != before
