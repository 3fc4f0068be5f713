"""Every image is certified; and the probes do find what they are there to find."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from locus_dbt.core.conformance import Conformance, conformance_of, keep, recorded
from locus_dbt.core.registry import Image
from locus_dbt.core.settings import load_settings
from locus_dbt.core.store import Store
from locus_dbt.engine.probing.certify import certify
from locus_dbt.model.errors import LocusError
from locus_dbt.testing import image_folders, load_image

SETTINGS = {"workers": 2, "timeout_seconds": 60.0, "memory_mb": 900}


def probe(image: Image) -> Conformance:
    return certify(image, load_settings(SETTINGS))


@pytest.mark.criterion("R9.4")
@pytest.mark.parametrize("folder", image_folders(), ids=lambda f: f.name)
def test_every_image_of_this_package_is_conformant(folder: Path) -> None:
    image = load_image(folder)
    try:
        found = probe(image)
    except LocusError as error:
        if error.code != "E105":
            raise
        pytest.skip(f"{image.manifest.name}: {error}")
    assert found.reason() == ""
    assert found.state == "conformant"
    assert sum(p.held is True for p in found.probes) >= 4


# --- extract images that lose something ---------------------------------------------------------------------------

MANIFEST = """
name: {name}
version: 1.0.0
summary: An image that is made for one test.
kind: {kind}
accepts: [{accepts}]
provenance: {provenance}
emits:
  type: table/v1
  default: rows
  outputs:
    rows: {output}
params: {params}
"""
_WORD = "{grain: one row a word, columns: [{name: word, type: VARCHAR, description: The word.}]}"
_EXTRACT = """
import os
from locus_dbt.model.locus import Box, Locus


def extract(document, params, table):
    for page in document.parsed.pages:
        for i, word in enumerate(page.words.text):
            box = [float(v) for v in page.words.box[i]]
            at = Locus(page.number, Box(*box))
            BODY
"""


@pytest.fixture
def foreign(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Image]]:
    """Makes images of somebody else's; worker processes know what could be imported when they were started."""
    from locus_dbt.core.pool import close_pools

    close_pools()
    monkeypatch.setattr("sys.path", list(sys.path))
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}")
    made: list[str] = []

    def make(name: str, code: str, **declared: str) -> Image:
        folder = tmp_path / name.replace("-", "_")
        folder.mkdir(exist_ok=True)
        made.append(folder.name)
        facts = {
            "kind": "extract",
            "accepts": "ir/v1",
            "provenance": "leaf",
            "output": _WORD,
            "params": "{}",
            **declared,
        }
        (folder / "manifest.yaml").write_text(MANIFEST.format(name=name, **facts), "utf-8")
        (folder / "__init__.py").write_text("", "utf-8")
        (folder / "image.py").write_text(code, "utf-8")
        return load_image(folder)

    yield make
    close_pools()
    for name in [m for m in sys.modules if m.split(".")[0] in made]:
        del sys.modules[name]


_HONEST = "table.start_row(); table.put('word', word, text=word, at=at)"


@pytest.mark.criterion("R9.5", "R7.7")
@pytest.mark.parametrize(
    ("body", "failing"),
    [
        (_HONEST, None),
        ("table.extend({'word': [word]})", "every value cites its place"),
        ("table.start_row(); table.put('word', word, text=word, at=Locus())", "every span says where"),
        (
            "table.start_row(); table.put('word', word, text=word, at=Locus(page.number + 7, Box(*box)))",
            "boxes lie on pages of the document",
        ),
        (
            "table.start_row(); table.put('word', word, text=word, at=Locus(page.number, Box(5000, 5000, 5010, 5010)))",
            "boxes lie on pages of the document",
        ),
        (
            "table.start_row(); table.put('word', word, text=word, at=Locus(page.number, Box(*[1.0, 1.0, 9.0, 9.0])))",
            "the cited box holds the cited text",
        ),
        (
            "table.start_row(); table.put('word', word + ' GmbH & Co', text=word, at=at)",
            "values stand in the text they cite",
        ),
        (
            "table.start_row(); table.put('word', word[::-1] + os.urandom(4).hex(), text=word, at=at)",
            "the same document gives the same again",
        ),
        ("raise RuntimeError('on purpose')", "every document gives rows or is refused by a rule"),
    ],
)
def test_an_extract_image_that_loses_something_is_found(
    foreign: Callable[..., Image], body: str, failing: str | None, request: pytest.FixtureRequest
) -> None:
    number = request.node.callspec.indices["body"]
    found = probe(foreign(f"probed-{number}", _EXTRACT.replace("BODY", body)))
    failed = [p.name for p in found.failed]
    assert found.state == ("non-conformant" if failing else "conformant"), found.reason()
    assert failing is None or failing in failed


# --- relational images that lose something ------------------------------------------------------------------------

_PLAN = """
from locus_dbt.model.relation import ROW_ID, RelationalPlan, quote


def plan(relation, params):
    names = [c for c in relation.columns if c != ROW_ID]
    one = {c: (c,) for c in names}
    return RelationalPlan(BODY)
"""
_ROWS = "{grain: one row a row, dynamic: true}"
_COPY = 'f"SELECT * FROM {relation.sql}", one'
_GROUPED = (
    'f"SELECT min(name) AS name, min(amount) AS amount, min({ROW_ID}) AS {ROW_ID} FROM {relation.sql} GROUP BY town", '
    "{'name': ('name',), 'amount': ('amount',)}, edges=EDGES"
)
_ALL = 'f"SELECT min({ROW_ID}) OVER (PARTITION BY town) AS {ROW_ID}, {ROW_ID} AS source_row_id FROM {relation.sql}"'
_ONE = 'f"SELECT min({ROW_ID}) AS {ROW_ID}, min({ROW_ID}) AS source_row_id FROM {relation.sql} GROUP BY town"'


@pytest.mark.criterion("R9.5", "R7.2", "R7.3")
@pytest.mark.parametrize(
    ("provenance", "body", "failing"),
    [
        ("map", _COPY, None),
        (
            "map",
            'f"SELECT * REPLACE (town AS name) FROM {relation.sql}", one',
            "a column changes with its named origins",
        ),
        (
            "map",
            "f\"SELECT * REPLACE (name || '/' || paid AS name) FROM {relation.sql}\", {**one, 'name': ()}",
            "a column changes with its named origins",
        ),
        ("map", 'f"SELECT * FROM {relation.sql} WHERE amount > 0", one', "no row is lost"),
        ("map", 'f"SELECT * REPLACE (uuid() AS {ROW_ID}) FROM {relation.sql}", one', "every row has an id"),
        ("map", 'f"SELECT * EXCLUDE ({ROW_ID}) FROM {relation.sql}", one', "every row has an id"),
        ("map", 'f"SELECT *, 1 AS more FROM {relation.sql}", one', "every column names its origins"),
        ("map", "f\"SELECT * REPLACE (nullif(town, 'Rome') AS town) FROM {relation.sql}\", one", "no null without"),
        ("mask", _COPY, "masked texts are hidden"),
        ("merge", _GROUPED.replace("EDGES", _ALL), None),
        ("merge", _GROUPED.replace("EDGES", _ONE), "no row is lost"),
        ("merge", _COPY, "every row has an id"),
    ],
)
def test_a_relational_image_that_loses_something_is_found(
    foreign: Callable[..., Image], provenance: str, body: str, failing: str | None, request: pytest.FixtureRequest
) -> None:
    code = _PLAN.replace("BODY", body)
    number = request.node.callspec.indices["body"]
    declared = {"kind": "relational", "accepts": "table/v1", "provenance": provenance, "output": _ROWS}
    found = probe(foreign(f"planned-{number}", code, **declared))
    assert found.state == ("non-conformant" if failing else "conformant"), found.reason()
    assert failing is None or any(p.name.startswith(failing) for p in found.failed), found.reason()


@pytest.mark.criterion("R9.1")
@pytest.mark.parametrize("kind", ["extract", "relational"])
def test_a_new_image_is_conformant_before_it_is_changed(
    kind: str, tmp_path: Path, foreign: Callable[..., Image], monkeypatch: pytest.MonkeyPatch
) -> None:
    from locus_dbt.cli.image_templates import folder_files

    for name, text in folder_files(f"fresh-{kind}", kind).items():
        path = tmp_path / f"fresh_{kind}" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    found = probe(load_image(tmp_path / f"fresh_{kind}"))
    assert found.reason() == ""
    assert found.state == "conformant"


# --- the record ---------------------------------------------------------------------------------------------------


@pytest.mark.criterion("R9.4", "R9.5")
def test_the_record_is_bound_to_the_code(tmp_path: Path, foreign: Callable[..., Image]) -> None:
    image = foreign("recorded", _EXTRACT.replace("BODY", _HONEST))
    store = Store(tmp_path / "store")
    assert conformance_of(image, store) == "not certified"
    found = certify(image, load_settings(SETTINGS), store=store)
    assert recorded(image, store) == found
    assert conformance_of(image, store) == "conformant"
    changed = load_image(image.folder)
    (image.folder / "image.py").write_text("# another code\n", "utf-8")
    assert conformance_of(changed, store) == "not certified"


def test_a_record_changed_by_other_hands_does_not_count(tmp_path: Path, foreign: Callable[..., Image]) -> None:
    image = foreign("forged", _EXTRACT.replace("BODY", "table.extend({'word': [word]})"))
    store = Store(tmp_path / "store")
    found = certify(image, load_settings(SETTINGS), store=store)
    assert conformance_of(image, store) == "non-conformant"
    record: dict[str, Any] = {**found.facts(), "sha256": found.sha256}
    record["probes"] = [{**p, "held": True} for p in record["probes"]]
    store.put_record("conformance", image.digest, record)
    assert conformance_of(image, store) == "not certified"


def test_the_record_says_the_same_whenever_it_is_made(tmp_path: Path, third_party: Path) -> None:
    image = load_image(third_party / "acme_images" / "acme_upper")
    one, two = probe(image), probe(image)
    assert one.sha256 == two.sha256
    keep(Store(tmp_path / "store"), one)
    assert recorded(image, Store(tmp_path / "store")) == one
