"""The reference is what the code says, and what the docs name exists."""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType

import pytest
import yaml
from typer.main import get_command

from locus_dbt.cli.app import app
from locus_dbt.core.registry import Image, registry
from locus_dbt.core.settings import SECTIONS, Settings
from locus_dbt.engine.functions import macro_statements
from locus_dbt.engine.tables import RELATIONS
from locus_dbt.errors import CODES
from tests.docs.fences import ROOT, documents, fences

REFERENCE = ROOT / "docs" / "reference"
#: Not commands: words that stand after "locus" in running text and transcripts.
_COMMAND = re.compile(r"(?:^|[`$ (])locus ([a-z][a-z-]+)")


def commands() -> set[str]:
    return set(get_command(app).commands)


def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("locus_docs_generate", ROOT / "docs" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    generate = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generate)
    return generate


def test_pages_are_current() -> None:
    script = ROOT / "docs" / "generate.py"
    done = subprocess.run([sys.executable, str(script), "--check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_stale_page_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    generate = generator()
    for name in generate.pages():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    image = f"locus_dbt/images/{next(iter(registry())).folder.name}/REFERENCE.md"
    stale = ["docs/reference/errors.md", "docs/reference/left_over.md", image]
    for name in stale:
        (tmp_path / name).write_text("of another day", "utf-8")
    monkeypatch.setattr(generate, "OUT", tmp_path)
    monkeypatch.setattr(sys, "argv", ["generate.py", "--check"])
    assert generate.main() == 1
    said = capsys.readouterr().err
    assert [line.split()[0] for line in said.splitlines()] == stale


@pytest.mark.criterion("D9")
def test_every_error_code_is_told() -> None:
    text = (REFERENCE / "errors.md").read_text("utf-8")
    assert [c for c in CODES if f"</a>{c} |" not in text] == []


def test_every_function_is_told() -> None:
    """Those of an image in its own folder, the others in sql.md."""

    def untold(images: Iterable[Image], path: Path) -> list[str]:
        text = path.read_text("utf-8")
        found = {m[1] for s in macro_statements(images) if (m := re.search(r"TEMP MACRO (\w+)\(", s))}
        return sorted(n for n in found - general if f"{n}(" not in text)

    general: set[str] = set()
    assert untold([], REFERENCE / "sql.md") == []
    general = {m[1] for s in macro_statements([]) if (m := re.search(r"TEMP MACRO (\w+)\(", s))}
    own = [image for image in registry() if image.origin == "locus-dbt"]
    assert [n for image in own for n in untold([image], image.folder / "REFERENCE.md")] == []


def test_no_page_outside_of_its_folder_depends_on_an_image(monkeypatch: pytest.MonkeyPatch) -> None:
    generate = generator()
    pages = generate.pages()
    monkeypatch.setattr(generate, "registry", lambda: [next(iter(registry()))])
    fewer = generate.pages()
    assert fewer.items() <= pages.items()
    assert [n for n in fewer if n.startswith("locus_dbt/")] == [n for n in pages if n.startswith("locus_dbt/")][:1]


@pytest.mark.criterion("E12.2")
def test_every_setting_and_table_is_told() -> None:
    settings = (REFERENCE / "settings.md").read_text("utf-8")
    tables = (REFERENCE / "lineage-tables.md").read_text("utf-8")
    inner = [f"{section}.{n}" for section, model in SECTIONS.items() for n in model.model_fields]
    names = [n for n in Settings.model_fields if n not in SECTIONS] + inner
    assert [n for n in names if f"`{n}`" not in settings] == []
    assert [n for n in RELATIONS if f"## locus.{n}\n" not in tables] == []


def test_codes_that_the_docs_name_exist() -> None:
    named = {c for p in documents() for c in re.findall(r"\bE\d{3}\b", p.read_text("utf-8"))}
    assert named - set(CODES) == set()


def test_commands_that_the_docs_name_exist() -> None:
    known = commands()
    unknown = []
    for path in documents():
        code = [f.text for f in fences(path) if f.language in ("sh", "console")]
        code += re.findall(r"`(locus [^`\n]+)`", path.read_text("utf-8"))
        unknown += [f"{path.name}: locus {n}" for t in code for n in _COMMAND.findall(t) if n not in known]
    assert unknown == []


def test_functions_that_the_docs_name_exist() -> None:
    known = {m[1] for s in macro_statements(registry()) if (m := re.search(r"TEMP MACRO (\w+)\(", s))}
    known |= {"locus_trace", "locus_review_queue", "locus_flagged", "locus_faithfulness"}
    unknown = []
    for path in documents():
        for fence in fences(path):
            if fence.language == "sql":
                unknown += [f"{fence.id}: {n}" for n in re.findall(r"\b(locus_\w+)\s*\(", fence.text) if n not in known]
    assert unknown == []


def test_macros_are_described_as_they_are() -> None:
    described = yaml.safe_load((ROOT / "macros" / "macros.yml").read_text("utf-8"))["macros"]
    text = "\n".join(p.read_text("utf-8") for p in sorted((ROOT / "macros").glob("*.sql")))
    for macro in described:
        kind, name = ("test", macro["name"][5:]) if macro["name"].startswith("test_") else ("macro", macro["name"])
        match = re.search(rf"{{% {kind} {name}\((.*?)\)\s*-?%}}", text)
        assert match is not None, macro["name"]
        names = re.findall(r"(\w+)\s*(?:=|,|$)", re.sub(r"=\s*(\[[^\]]*\]|[^,]+)", "=", match[1]))
        told = [a["name"] for a in macro.get("arguments", [])]
        assert told in (names, []), macro["name"]
    tests = set(re.findall(r"{% test (\w+)\(", text))
    assert tests == {m["name"][5:] for m in described if m["name"].startswith("test_")}
