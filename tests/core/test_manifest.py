"""Reading manifests: every complaint names file, key and fix."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from locus_dbt.core.manifest_file import read_manifest
from locus_dbt.errors import ManifestError

GOOD = """
name: acme-x
version: 1.0.0
summary: An image of the tests.
kind: extract
accepts: [ir/v1]
emits:
  type: table/v1
  default: rows
  outputs:
    rows:
      grain: one row per thing
      columns:
        - {name: a, type: VARCHAR, description: A text.}
params:
  most: {type: integer, default: 3, description: At most.}
"""


def _write(tmp_path: Path, text: str) -> Path:
    folder = tmp_path / "acme_x"
    folder.mkdir()
    path = folder / "manifest.yaml"
    path.write_text(text)
    return path


@pytest.mark.criterion("E10.3", "R6.3")
def test_a_good_manifest_says_what_it_accepts_and_emits(tmp_path: Path) -> None:
    manifest = read_manifest(_write(tmp_path, GOOD))
    assert (manifest.accepts, manifest.emits.type) == (("ir/v1",), "table/v1")
    assert (manifest.folder, manifest.function) == ("acme_x", "locus_acme_x")
    assert manifest.privacy == "local"
    assert manifest.engines == ("deterministic",)


@pytest.mark.criterion("E10.3", "E10.4")
@pytest.mark.parametrize(
    ("old", "new", "parts"),
    [
        ("summary:", "sumary:", ["unknown key 'sumary'", "did you mean 'summary'?"]),
        ("description: A text.", "descripton: A text.", ["descripton"]),
        ("default: 3", "defualt: 3", ["unknown key 'params.most.defualt'", "did you mean 'default'?"]),
        ("version: 1.0.0", "version: 1", ["version"]),
        ("name: acme-x", "name: Acme X", ["name"]),
        ("[ir/v1]", "[irr/v1]", ["accepts", "not an artifact type: 'irr/v1'", "table"]),
        ("type: table/v1", "type: table", ["emits", "not an artifact type"]),
        ("type: VARCHAR", "type: TEXT", ["emits.outputs.rows.columns.0.type"]),
        ("default: rows", "default: row", ["default output 'row' is not one of rows"]),
        ("kind: extract", "kind: relational", ["provenance"]),
        ("kind: extract", "kind: extract\nprivacy: secret", ["privacy"]),
        ("kind: extract\n", "", ["kind", "required"]),
    ],
)
def test_a_wrong_key_or_value_is_named(tmp_path: Path, old: str, new: str, parts: list[str]) -> None:
    assert old in GOOD
    with pytest.raises(ManifestError) as caught:
        read_manifest(_write(tmp_path, GOOD.replace(old, new, 1)))
    message = str(caught.value)
    assert message.startswith("[E001] acme_x/manifest.yaml: ")
    for part in parts:
        assert part.lower() in message.lower()
    assert "\n" not in message


@pytest.mark.parametrize("text", ["", "- a", "a: [", "a: \x00", "text"])
def test_what_is_not_a_mapping_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(ManifestError, match=r"\[E001\] acme_x/manifest\.yaml: "):
        read_manifest(_write(tmp_path, text))


def test_a_manifest_runs_no_code(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match="cannot be read"):
        read_manifest(_write(tmp_path, "name: !!python/object/apply:os.getcwd []"))


@pytest.mark.criterion("V8", "E10.3")
@pytest.mark.parametrize("version", [0, 2, "next"])
def test_another_interface_version_is_refused(tmp_path: Path, version: object) -> None:
    with pytest.raises(ManifestError, match=rf"\[E004\].*written for interface {version}, this version speaks 1"):
        read_manifest(_write(tmp_path, GOOD + f"interface: {version}\n"))


def test_columns_declared_twice_are_refused(tmp_path: Path) -> None:
    raw = yaml.safe_load(GOOD)
    columns = raw["emits"]["outputs"]["rows"]["columns"]
    raw["emits"]["outputs"]["rows"]["columns"] = columns * 2
    with pytest.raises(ManifestError, match="columns declared twice: a"):
        read_manifest(_write(tmp_path, yaml.safe_dump(raw)))
