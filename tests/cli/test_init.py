"""``locus init`` on other people's projects: what it adds, what it leaves, and that dbt then builds."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from locus_dbt.cli.package import dbt_package_folder, package_files
from locus_dbt.cli.yaml_text import CannotEdit, add_key, append_item, insert_item, parse
from locus_dbt.errors import RunError

from .conftest import REPOSITORY, Locus

PROJECT = """\
# The shop's own project. Nobody touches this line.
name: shop   # the name
version: "1.0"
profile: shop

models:
  shop:
    +materialized: table   # tables everywhere

# the end
"""

PROFILES = """\
shop:
  target: dev
  outputs:
    # development
    dev:
      type: duckdb
      path: shop.duckdb   # beside the project
      threads: 4

    flow: {type: duckdb, path: "flow.duckdb"}   # short
    sheets:
      type: duckdb
      path: "sheets.duckdb"
      plugins:
        # our sheets
        - module: gsheet
          config:
            method: oauth  # in the browser
    elsewhere:
      type: postgres
      host: db
other: {outputs: {dev: {type: duckdb, path: other.duckdb}}}
"""


def make(folder: Path, **files: str) -> Path:
    """A project; keys are file names with ``_`` for the dot."""
    contents = {"dbt_project_yml": PROJECT, "profiles_yml": PROFILES, **files}
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in contents.items():
        path = ".gitignore" if name == "gitignore" else ".".join(name.rsplit("_", 1))
        (folder / path).write_bytes(text.encode())
    return folder


def only_added(before: str, after: str) -> list[str]:
    """The lines of ``after`` that ``before`` lacks; fails when a line of ``before`` is gone or moved."""
    rest = iter(after.splitlines())
    added = []
    for line in before.splitlines():
        for other in rest:
            if other == line:
                break
            added.append(other)
        else:
            pytest.fail(f"lost: {line!r}")
    return added + list(rest)


def test_everything_is_wired_and_nothing_else_changes(locus: Locus, tmp_path: Path) -> None:
    project = make(tmp_path / "shop", gitignore="target/\nlogs")
    answer = locus("init", "--project", project)
    assert answer.code == 0, answer.err
    assert answer.out.splitlines()[-1] == "next: dbt deps && dbt build"
    assert [
        line for line in only_added(PROJECT, (project / "dbt_project.yml").read_text()) if line and "#" not in line
    ] == [
        "dispatch:",
        "  - macro_namespace: dbt",
        "    search_order: [shop, locus_dbt, dbt]",
    ]
    profiles = (project / "profiles.yml").read_text()
    added = only_added(
        PROFILES.replace(', path: "flow.duckdb"}', ""),
        profiles.replace(', path: "flow.duckdb", plugins: [{module: locus_dbt.dbt.plugin}]}', ""),
    )
    assert added == [
        "      plugins:",
        "        - module: locus_dbt.dbt.plugin",
        "        - module: locus_dbt.dbt.plugin",
    ]
    outputs = yaml.safe_load(profiles)["shop"]["outputs"]
    plugin = {"module": "locus_dbt.dbt.plugin"}
    assert outputs["dev"]["plugins"] == outputs["flow"]["plugins"] == [plugin]
    assert outputs["sheets"]["plugins"] == [{"module": "gsheet", "config": {"method": "oauth"}}, plugin]
    assert "plugins" not in outputs["elsewhere"]
    assert "plugins" not in yaml.safe_load(profiles)["other"]["outputs"]["dev"]
    assert (project / "packages.yml").read_text() == "packages:\n  - local: locus_package\n"
    assert (project / ".gitignore").read_text() == "target/\nlogs\n.locus/\n.env\n"
    assert package_files(project / "locus_package") == package_files(dbt_package_folder())


def test_a_second_run_changes_nothing(locus: Locus, tmp_path: Path) -> None:
    project = make(tmp_path / "shop")
    locus("init", "--project", project)
    before = {p: p.read_bytes() for p in project.rglob("*") if p.is_file()}
    answer = locus("init", "--project", project)
    assert answer.code == 0
    assert {line[0] for line in answer.out.splitlines()[:-1]} == {"="}
    assert {p: p.read_bytes() for p in project.rglob("*") if p.is_file()} == before


def test_check_reports_and_changes_nothing(locus: Locus, tmp_path: Path) -> None:
    project = make(tmp_path / "shop")
    before = sorted(project.rglob("*"))
    answer = locus("init", "--project", project, "--check")
    assert answer.code == 1
    assert "- dbt_project.yml: to add: dispatch for dbt" in answer.out
    assert sorted(project.rglob("*")) == before
    assert (project / "dbt_project.yml").read_text() == PROJECT
    locus("init", "--project", project)
    assert locus("init", "--project", project, "--check").code == 0


def test_an_older_copy_of_the_package_is_brought_up_to_date(locus: Locus, tmp_path: Path) -> None:
    project = make(tmp_path / "shop")
    locus("init", "--project", project)
    macro = next((project / "locus_package" / "macros").glob("*.sql"))
    macro.write_text("old")
    (project / "locus_package" / "macros" / "gone.sql").write_text("{% macro gone() %}{% endmacro %}")
    assert "updated the dbt package" in locus("init", "--project", project).out
    assert package_files(project / "locus_package") == package_files(dbt_package_folder())


@pytest.mark.parametrize(
    ("dispatch", "order"),
    [
        ("dispatch:\n  - macro_namespace: dbt\n    search_order: [shop, dbt]  # ours\n", ["shop", "locus_dbt", "dbt"]),
        (
            "dispatch:\n  - macro_namespace: dbt\n    search_order:\n      - shop  # ours\n      - dbt\n",
            ["shop", "locus_dbt", "dbt"],
        ),
        (
            "dispatch:\n- macro_namespace: dbt\n  search_order: ['shop', 'x', 'dbt']\n",
            ["shop", "x", "locus_dbt", "dbt"],
        ),
        ("dispatch: [{macro_namespace: dbt, search_order: [shop]}]\n", ["shop", "locus_dbt"]),
        (
            "dispatch:\n  - macro_namespace: dbt_utils\n    search_order: [shop, dbt_utils]\n",
            ["shop", "locus_dbt", "dbt"],
        ),
        ("dispatch:\n", ["shop", "locus_dbt", "dbt"]),
    ],
)
def test_a_dispatch_that_is_there_is_merged_with(locus: Locus, tmp_path: Path, dispatch: str, order: list[str]) -> None:
    project = make(tmp_path / "shop", dbt_project_yml=PROJECT + dispatch)
    answer = locus("init", "--project", project)
    assert answer.code == 0, answer.err
    text = (project / "dbt_project.yml").read_text()
    (entry,) = [e for e in yaml.safe_load(text)["dispatch"] if e["macro_namespace"] == "dbt"]
    assert entry["search_order"] == order
    assert text.startswith(PROJECT)
    assert text.count("#") == (PROJECT + dispatch).count("#")


@pytest.mark.parametrize(
    ("packages", "entries"),
    [
        ("packages:\n  - package: a/b  # pinned\n    version: 1.0.0\n", 2),
        ("packages:\n- package: a/b\n  version: 1.0.0\n\n# the end\n", 2),
        ("packages: [{local: ../x}]\n", 2),
        ("packages: []\n", 1),
        ("packages:\n", 1),
        ("# nothing yet\n", 1),
    ],
)
def test_packages_that_are_there_stay(locus: Locus, tmp_path: Path, packages: str, entries: int) -> None:
    project = make(tmp_path / "shop", packages_yml=packages)
    assert locus("init", "--project", project).code == 0
    text = (project / "packages.yml").read_text()
    found = yaml.safe_load(text)["packages"]
    assert len(found) == entries
    assert found[-1] == {"local": "locus_package"}
    assert all(comment in text for comment in ("# pinned", "# the end", "# nothing yet") if comment in packages)


def test_dependencies_yml_is_used_where_it_lists_the_packages(locus: Locus, tmp_path: Path) -> None:
    project = make(tmp_path / "shop", dependencies_yml="projects:\n  - name: other\npackages:\n  - local: ../x\n")
    locus("init", "--project", project)
    assert not (project / "packages.yml").exists()
    assert yaml.safe_load((project / "dependencies.yml").read_text())["packages"][-1] == {"local": "locus_package"}


@pytest.mark.parametrize(
    "profiles",
    [
        """\
shop:
  outputs:
    dev: {type: duckdb, path: a.duckdb, plugins: &q [{module: excel}]}
    two: {type: duckdb, path: b, plugins: *q}
""",
        "shop:\n  outputs:\n    dev:\n      <<: {type: duckdb, plugins: [{module: excel}]}\n      path: a.duckdb\n",
        "shop: {% if x %}\n  outputs: {}\n{% endif %}\n",
        "other:\n  outputs: {}\n",
        "shop:\n  outputs:\n    dev: {type: postgres, host: x}\n",
    ],
)
def test_what_cannot_be_edited_safely_is_left_with_the_lines_to_add(
    locus: Locus, tmp_path: Path, profiles: str
) -> None:
    project = make(tmp_path / "shop", profiles_yml=profiles)
    answer = locus("init", "--project", project)
    assert answer.code == 0, answer.err
    assert (project / "profiles.yml").read_text() == profiles
    assert "! profiles.yml: " in answer.out
    assert "        - module: locus_dbt.dbt.plugin" in answer.out
    assert "add the lines marked with !" in answer.out.splitlines()[-1]


def test_windows_line_ends_and_byte_order_marks_stay(locus: Locus, tmp_path: Path) -> None:
    project = make(tmp_path / "shop", dbt_project_yml="\ufeff" + PROJECT.replace("\n", "\r\n"), gitignore="target/\r\n")
    assert locus("init", "--project", project).code == 0
    data = (project / "dbt_project.yml").read_bytes()
    assert data.startswith(b"\xef\xbb\xbf# The shop")
    assert data.count(b"\n") == data.count(b"\r\n")
    assert (project / ".gitignore").read_bytes() == b"target/\r\n.locus/\r\n.env\r\n"


def test_profiles_are_found_where_dbt_finds_them(locus: Locus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = make(tmp_path / "shop")
    homes = [tmp_path / "given", tmp_path / "from_env", tmp_path / "home" / ".dbt"]
    for folder in homes:
        folder.mkdir(parents=True)
        (folder / "profiles.yml").write_text(PROFILES)
    locus("init", "--project", project, "--profiles-dir", homes[0])
    monkeypatch.setenv("DBT_PROFILES_DIR", str(homes[1]))
    locus("init", "--project", project)
    monkeypatch.delenv("DBT_PROFILES_DIR")
    (project / "profiles.yml").unlink()
    locus("init", "--project", project)
    assert all("locus_dbt.dbt.plugin" in (folder / "profiles.yml").read_text() for folder in homes)


def test_a_folder_that_is_no_project_is_an_error(locus: Locus) -> None:
    answer = locus("init")
    assert (answer.code, answer.err[:6]) == (1, "[E107]")


def test_an_edit_that_would_change_more_than_it_should_is_refused() -> None:
    with pytest.raises(CannotEdit):
        append_item("a: text\n", ["a"], {"b": 1})
    with pytest.raises(CannotEdit):
        add_key("a: [1]\n", ["a"], "b", 1)
    with pytest.raises(CannotEdit):
        append_item("a: &x [1]\nb: *x\n", ["b"], 2)
    with pytest.raises(CannotEdit):
        insert_item("a:\n  - 1\n", ["a"], 1, "x")
    with pytest.raises(CannotEdit):
        parse("a: [")


def test_edits_find_their_place_between_comments_and_texts() -> None:
    text = "a:\n  b: |\n    one\n    # not a comment\n\n# after\nc: 1"
    assert add_key(text, ["a"], "d", "x") == "a:\n  b: |\n    one\n    # not a comment\n  d: x\n\n# after\nc: 1"
    assert add_key(text, [], "d", [1]) == text + "\nd: [1]\n"
    assert append_item("a: [\n  1,  # one\n  2  # two\n]\n", ["a"], 3) == "a: [\n  1,  # one\n  2, 3  # two\n]\n"
    assert append_item("a: []\n", ["a"], {"b": "c: d"}) == "a: [{b: 'c: d'}]\n"


def dbt(project: Path, third_party: Path, *arguments: str) -> str:
    path = os.pathsep.join([str(REPOSITORY), str(third_party)])
    done = subprocess.run(
        [sys.executable, "-c", "from dbt.cli.main import cli; cli()", *arguments],
        cwd=project,
        env={**os.environ, "PYTHONPATH": path, "DBT_SEND_ANONYMOUS_USAGE_STATS": "false", "LOCUS_WORKERS": "2"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.slow
@pytest.mark.criterion("R1.1")
def test_a_wired_and_scaffolded_project_builds(
    locus: Locus, third_party: Path, documents: Path, make_pdf: Callable[..., Path], tmp_path: Path
) -> None:
    project = make(tmp_path / "shop")
    documents.rename(project / "documents")
    (project / "models").mkdir()
    (project / "models" / "mart.sql").write_text("select label, amount, _locus_row_id from {{ ref('stg_totals') }}")
    assert locus("init", "--project", project).code == 0
    scaffolded = locus(
        "scaffold", "acme-totals", "--model", "stg_totals", "--files", "documents/**/*.pdf", "--project", project
    )
    assert scaffolded.code == 0, scaffolded.err
    dbt(project, third_party, "deps")
    assert "ERROR=0" in dbt(project, third_party, "build")
    report = locus("report", "--root", project)
    assert report.code == 0, report.err
    assert "documents   3 read, 1 rejected" in report.out
    assert "rows        4 in main.mart" in report.out
    make_pdf(project / "documents" / "d.pdf", ["Total 5.00"])
    assert "ERROR=0" in dbt(project, third_party, "build")
    assert "rows        5 in main.mart" in locus("report", "--root", project).out
    checked = locus("check", "--project", project)
    assert checked.code == 0, checked.out


def test_the_package_of_a_wheel_comes_before_a_checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from locus_dbt.cli import package

    monkeypatch.setattr(package, "__file__", str(tmp_path / "site" / "locus_dbt" / "cli" / "package.py"))
    with pytest.raises(RunError, match="holds no dbt package"):
        dbt_package_folder()
    for folder in (tmp_path / "site", tmp_path / "site" / "locus_dbt" / "dbt_package"):
        (folder / "macros").mkdir(parents=True)
        (folder / "dbt_project.yml").write_text("name: locus_dbt\n")
        assert dbt_package_folder() == folder
