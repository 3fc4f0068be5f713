"""The parts of wiring a dbt-duckdb project: each looks, says what is missing, and adds it where that is safe."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from locus_dbt.cli import yaml_text
from locus_dbt.cli.package import dbt_package_folder, package_files
from locus_dbt.cli.yaml_text import CannotEdit
from locus_dbt.model.errors import RequestError, RunError

#: The folder of a project that the dbt package is copied into.
VENDORED = "locus_package"

#: What git must not take, the store with content of documents and the file with keys, and entries that see to it.
_IGNORED = {".locus/": {".locus"}, ".env": {".env", ".env*", "*.env"}}

PLUGIN = {"module": "locus_dbt.dbt.plugin"}


@dataclass(frozen=True)
class Step:
    """One finding: ``there`` (nothing to do), ``added``, ``missing`` (with --check), ``by hand`` with lines to add."""

    file: str
    state: str
    text: str
    lines: tuple[str, ...] = ()


def wire(project: Path, *, profiles_dir: Path | None, check: bool) -> list[Step]:
    """Look at, or wire, the project; raises E107 when it is none."""
    if not (project / "dbt_project.yml").is_file():
        raise RequestError(
            f"no dbt_project.yml in '{project.absolute().name}'",
            code="E107",
            fix="run it in a dbt project, or pass --project DIR",
        )
    steps = [_package(project, check=check), _packages_file(project, check=check), _dispatch(project, check=check)]
    steps += _profile(project, profiles_dir, check=check)
    return [*steps, _ignore(project, check=check)]


def profile_file(project: Path, profiles_dir: Path | None) -> Path | None:
    """The profiles.yml that dbt would take."""
    given = profiles_dir or (Path(os.environ["DBT_PROFILES_DIR"]) if os.environ.get("DBT_PROFILES_DIR") else None)
    folders = [given] if given else [project, Path.home() / ".dbt"]
    return next((f / "profiles.yml" for f in folders if (f / "profiles.yml").is_file()), None)


def _package(project: Path, *, check: bool) -> Step:
    """The vendored dbt package, byte for byte that of this installation, unless another entry leads to one."""
    if _other_entry(project):
        return Step(VENDORED, "there", "not needed: packages.yml leads to another copy of the dbt package")
    folder = project / VENDORED
    wanted = package_files(dbt_package_folder())
    if folder.exists() and _package_name(folder) != "locus_dbt":
        return Step(VENDORED, "by hand", "a folder of this name is there and holds something else; move it away")
    held = package_files(folder) if folder.exists() else {}
    if held == wanted:
        return Step(VENDORED, "there", "the dbt package is there and up to date")
    what = "update the dbt package" if held else f"copy the dbt package ({len(wanted)} files)"
    if check:
        return Step(VENDORED, "missing", what)
    try:
        for name in held.keys() - wanted.keys():
            (folder / name).unlink()
        for name, data in wanted.items():
            if held.get(name) != data:
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                (folder / name).write_bytes(data)
    except OSError as error:
        raise RunError(f"cannot write '{folder.name}': {error.strerror}", code="E403") from error
    return Step(
        VENDORED, "added", "updated the dbt package" if held else f"copied the dbt package ({len(wanted)} files)"
    )


def _packages_file(project: Path, *, check: bool) -> Step:
    file = _entries_file(project)
    if _other_entry(project) or any(_local(e) == VENDORED for e in _entries(project)):
        return Step(file.name, "there", "the package is listed")
    entry = {"local": VENDORED}
    what = f"'- local: {VENDORED}' under packages"

    def edit(text: str) -> str:
        value = yaml_text.parse(text)
        if value is None:
            return text + ("" if not text or text.endswith("\n") else "\n") + f"packages:\n  - local: {VENDORED}\n"
        if "packages" in value:
            return yaml_text.append_item(text, ["packages"], entry)
        return yaml_text.add_key(text, [], "packages", [entry])

    return _edit(file, edit, what, ("packages:", f"  - local: {VENDORED}"), check=check)


def _dispatch(project: Path, *, check: bool) -> Step:
    """The package stands before dbt where dbt looks for its table-building macro, the project's own before both."""
    file = project / "dbt_project.yml"
    data = yaml_text.load_mapping(file)
    name = str(data.get("name", ""))
    stanza = {"macro_namespace": "dbt", "search_order": [name, "locus_dbt", "dbt"]}
    lines = ("dispatch:", "  - macro_namespace: dbt", f"    search_order: [{name}, locus_dbt, dbt]")
    entries = data.get("dispatch") or []
    at = next((i for i, e in enumerate(entries) if isinstance(e, dict) and e.get("macro_namespace") == "dbt"), None)
    order = list(entries[at].get("search_order") or []) if at is not None else []
    if "locus_dbt" in order:
        if "dbt" in order and order.index("dbt") < order.index("locus_dbt"):
            return Step(file.name, "by hand", "the dispatch entry for dbt names dbt before locus_dbt", lines)
        return Step(file.name, "there", "dispatch is there")
    comment = "Lets locus_dbt record where the rows of each model come from."

    def edit(text: str) -> str:
        if at is not None:
            path: list[yaml_text.Key] = ["dispatch", at, "search_order"]
            before = order.index("dbt") if "dbt" in order else None
            return (
                yaml_text.append_item(text, path, "locus_dbt")
                if before is None
                else yaml_text.insert_item(text, path, before, "locus_dbt")
            )
        if "dispatch" in data:
            return yaml_text.append_item(text, ["dispatch"], stanza)
        return yaml_text.add_key(text, [], "dispatch", [stanza], comment=comment)

    return _edit(
        file, edit, "locus_dbt in the dispatch of dbt" if at is not None else "dispatch for dbt", lines, check=check
    )


def _profile(project: Path, profiles_dir: Path | None, *, check: bool) -> list[Step]:
    lines = ("plugins:", "  - module: locus_dbt.dbt.plugin")
    file = profile_file(project, profiles_dir)
    name = yaml_text.load_mapping(project / "dbt_project.yml").get("profile")
    if file is None:
        return [Step("profiles.yml", "by hand", f"none found; add to the duckdb output of profile '{name}'", lines)]
    try:
        profile = yaml_text.load_mapping(file).get(str(name))
    except RequestError:
        return [Step(file.name, "by hand", "it is not plain YAML; add to the duckdb output", lines)]
    outputs = profile.get("outputs") if isinstance(profile, dict) else None
    if not isinstance(outputs, dict):
        return [Step(file.name, "by hand", f"it has no profile '{name}' with outputs; add to its duckdb output", lines)]
    duck = [n for n, o in outputs.items() if isinstance(o, dict) and o.get("type") == "duckdb"]
    if not duck:
        return [
            Step(file.name, "by hand", f"profile '{name}' has no output of type duckdb; locus works on DuckDB", lines)
        ]
    return [_plugin(file, [str(name), "outputs", n], outputs[n], lines, check=check) for n in duck]


def _plugin(
    file: Path, path: list[yaml_text.Key], output: dict[str, Any], lines: tuple[str, ...], *, check: bool
) -> Step:
    plugins = output.get("plugins")
    if any(isinstance(p, dict) and p.get("module") == PLUGIN["module"] for p in plugins or []):
        return Step(file.name, "there", f"the plugin is in output '{path[-1]}'")

    def edit(text: str) -> str:
        if "plugins" in output:
            return yaml_text.append_item(text, [*path, "plugins"], PLUGIN)
        return yaml_text.add_key(text, path, "plugins", [PLUGIN])

    return _edit(file, edit, f"the plugin in output '{path[-1]}'", lines, check=check)


def _ignore(project: Path, *, check: bool) -> Step:
    file = project / ".gitignore"
    text = _read(file) if file.exists() else ""
    known = {line.strip().strip("/").removeprefix("**/") for line in text.splitlines()}
    lines = tuple(line for line, names in _IGNORED.items() if not names & known)
    if not lines:
        return Step(file.name, "there", "the store and the env file are ignored")
    newline = "\r\n" if "\r\n" in text else "\n"
    added = text + ("" if not text or text.endswith("\n") else newline) + "".join(line + newline for line in lines)
    return _edit(file, lambda _: added, " and ".join(f"'{line}'" for line in lines), lines, check=check)


def _edit(file: Path, edit: Callable[[str], str], what: str, lines: tuple[str, ...], *, check: bool) -> Step:
    """Apply an edit, or say what it would add; what cannot be edited safely is left as it is."""
    text = _read(file) if file.exists() else ""
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    try:
        after = mark + edit(text.removeprefix(mark))
    except CannotEdit as error:
        return Step(file.name, "by hand", f"left as it is, because {error}; add these lines", lines)
    if check:
        return Step(file.name, "missing", what)
    try:
        with file.open("w", encoding="utf-8", newline="") as out:
            out.write(after)
    except OSError as error:
        raise RunError(f"cannot write '{file.name}': {error.strerror}", code="E403") from error
    return Step(file.name, "added", f"added {what}")


def _read(file: Path) -> str:
    """The text with its own line ends."""
    try:
        with file.open(encoding="utf-8", newline="") as handle:
            return handle.read()
    except (OSError, UnicodeDecodeError) as error:
        raise RequestError(f"{file.name} cannot be read: {error}", fix="save it as UTF-8") from error


def _entries_file(project: Path) -> Path:
    """dependencies.yml where it lists packages, else packages.yml."""
    other = project / "dependencies.yml"
    if not (project / "packages.yml").is_file() and other.is_file() and "packages" in yaml_text.load_mapping(other):
        return other
    return project / "packages.yml"


def _entries(project: Path) -> list[Any]:
    file = _entries_file(project)
    try:
        found = yaml_text.load_mapping(file).get("packages") if file.is_file() else None
    except RequestError:
        return []  # the edit says why it cannot be done
    return found if isinstance(found, list) else []


def _local(entry: Any) -> str | None:  # noqa: ANN401
    value = entry.get("local") if isinstance(entry, dict) else None
    return os.path.normpath(value) if isinstance(value, str) else None


def _other_entry(project: Path) -> bool:
    """Whether an entry leads to the dbt package elsewhere: a local folder of that name, or a git address."""
    for entry in _entries(project):
        local = _local(entry)
        if local and local != VENDORED and _package_name(project / local) == "locus_dbt":
            return True
        if isinstance(entry, dict) and any(
            "locus-dbt" in str(entry.get(k, "")) or "locus_dbt" in str(entry.get(k, "")) for k in ("git", "package")
        ):
            return True
    return False


def _package_name(folder: Path) -> str | None:
    try:
        found = yaml.safe_load((folder / "dbt_project.yml").read_text("utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        return None
    return found.get("name") if isinstance(found, dict) else None
