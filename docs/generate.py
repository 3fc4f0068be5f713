"""Write the reference pages from the code: ``python docs/generate.py``; ``--check`` exits 1 when one is stale.

The page of an image is ``REFERENCE.md`` in the image's own folder; no other page names the images there are.
Facts come from the registry, the engine, the settings and the macros. What the code does not say (what to do about
an error, what an event means) stands in ``docs/texts.yaml``; a code or an event that is missing there is an error.
"""  # noqa: INP001 - a script, not a package

from __future__ import annotations

import ast
import re
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import yaml

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from locus_dbt.core.registry import Image, registry  # noqa: E402 - after the path
from locus_dbt.core.settings import FILE, MAPPINGS, SECTIONS, Settings  # noqa: E402
from locus_dbt.engine.citation_functions import FAITHFULNESS  # noqa: E402
from locus_dbt.engine.functions import macro_statements  # noqa: E402
from locus_dbt.engine.reading import READING  # noqa: E402
from locus_dbt.engine.request import FILE_ARGUMENTS  # noqa: E402
from locus_dbt.engine.review_tables import REVIEW_TABLES, review_ddl  # noqa: E402
from locus_dbt.engine.scan_sql import REJECT_COLUMNS, SPAN_COLUMNS  # noqa: E402
from locus_dbt.engine.tables import RELATIONS, STORED, ddl  # noqa: E402
from locus_dbt.errors import CODES  # noqa: E402
from locus_dbt.model.relation import ROW_ID  # noqa: E402

#: Below it the pages are written, each at its path in the repository.
OUT = ROOT
REFERENCE = "docs/reference"
IMAGES = "locus_dbt/images"
TEXTS: Mapping[str, Any] = yaml.safe_load((ROOT / "docs" / "texts.yaml").read_text("utf-8"))
NOTE = "<!-- Made by docs/generate.py. Edit the code, the image's manifest or docs/texts.yaml, then run it again. -->"

_MACRO = re.compile(r"TEMP MACRO (\w+)\((.*?)\) AS (TABLE)?", re.DOTALL)
_JINJA = re.compile(
    r"\{#-?(?P<about>.*?)-?#\}\s*\{%-?\s*(?P<kind>macro|test)\s+(?P<name>\w+)\((?P<args>.*?)\)\s*-?%\}", re.DOTALL
)


def pages() -> dict[str, str]:
    """Path in the repository to text, of every generated page."""
    reference = {
        "sql.md": sql_page(),
        "lineage-tables.md": lineage_page(),
        "errors.md": errors_page(),
        "settings.md": settings_page(),
        "macros.md": macros_page(),
        "events.md": events_page(),
        "cli.md": cli_page(),
        "criteria.md": criteria_page(),
    }
    reference["index.md"] = index_page(sorted(reference))
    out = {f"{REFERENCE}/{name}": text for name, text in reference.items()}
    out |= {f"{IMAGES}/{image.folder.name}/REFERENCE.md": image_page(image) for image in own_images()}
    return {name: f"{NOTE}\n\n{text.strip()}\n" for name, text in out.items()}


def written() -> set[str]:
    """Path in the repository of every generated page that is there."""
    found = [*(OUT / REFERENCE).rglob("*.md"), *(OUT / IMAGES).glob("*/REFERENCE.md")]
    return {path.relative_to(OUT).as_posix() for path in found}


def own_images() -> list[Image]:
    """The images of this repository; those of other installed packages document themselves."""
    return [image for image in registry() if image.origin == "locus-dbt"]


IMAGE_FUNCTIONS = ("locus_image", "locus_image_spans", "locus_image_rejects", "locus_image_documents")


# --- SQL ----------------------------------------------------------------------------------------------------------


def sql_page() -> str:
    """All functions that ``attach`` and the plug-in create."""
    found = functions()
    common = [(f"`{n}`", f"`{d}`", t) for n, (d, t) in FILE_ARGUMENTS.items()]
    suffixes = [(f"`locus_<name>{suffix}`", about) for suffix, about in TEXTS["sql_suffixes"].items()]
    parts = ["# SQL functions", TEXTS["sql"], "## Images", TEXTS["sql_images"], table(("function", "gives"), suffixes)]
    parts += [TEXTS["sql_sources"], "## Arguments common to all extract functions"]
    parts += [table(("argument", "default", "meaning"), common), TEXTS["sql_columns"].format(row_id=ROW_ID)]
    parts += ["## Any image by name", TEXTS["locus_image"]]
    parts += [fence("sql", signature(n, found[n])) for n in IMAGE_FUNCTIONS]
    parts += ["## Values and texts", TEXTS["locus_faithfulness"]]
    parts += [fence("sql", "locus_faithfulness(value, text)"), typed(FAITHFULNESS)]
    parts += [
        "## Spans",
        "Every `…_spans` function has these columns:",
        typed({ROW_ID: "UUID", "filename": "VARCHAR", **SPAN_COLUMNS}),
    ]
    parts += ["Their meaning is that of [`locus.spans`](lineage-tables.md#locusspans)."]
    parts += ["## Rejects", "Every `…_rejects` function of an extract image has these columns:", typed(REJECT_COLUMNS)]
    parts += ["Their meaning is that of [`locus.rejects`](lineage-tables.md#locusrejects)."]
    reading = {"filename": "VARCHAR", **{name: kind for name, (kind, _) in READING.items()}}
    parts += [
        "## Documents",
        "Every `…_documents` function has these columns, one row for each document:",
        typed(reading),
    ]
    parts += ["Their meaning is that of [`locus.completeness`](lineage-tables.md#locuscompleteness)."]
    parts += ["## About Locus itself"]
    for name, text in TEXTS["catalog"].items():
        parts += [f"### {name}", text, fence("sql", signature(name, found[name])), typed(_catalog_columns(name))]
    return join(parts)


def functions() -> dict[str, tuple[str, bool]]:
    """Every public function: name to (arguments as in its definition, whether it is a table function)."""
    out: dict[str, tuple[str, bool]] = {}
    for statement in macro_statements(registry()):
        match = _MACRO.search(statement)
        if match:
            out[match[1]] = (match[2], match[3] is not None)
    return out


def signature(name: str, found: tuple[str, bool]) -> str:
    """The definition's head with one argument a line where it is long."""
    arguments = [a.strip() for a in found[0].split(", ") if a.strip()]
    line = f"{name}({', '.join(arguments)})"
    return line if len(line) <= 100 else f"{name}(\n    " + ",\n    ".join(arguments) + "\n)"


def _image_functions(image: Image, found: Mapping[str, tuple[str, bool]]) -> list[str]:
    manifest = image.manifest
    names = [
        n for n in (manifest.function + s for s in ("", "_spans", "_rejects", "_documents", "_value")) if n in found
    ]
    own = [f"{_sql_name(n)} := NULL" for n in manifest.params]
    source = "files" if manifest.kind == "extract" else "relation"
    head = ", ".join([source, *own, *(["…common arguments"] if manifest.kind == "extract" else [])])
    parts = [fence("sql", "\n".join(f"{n}({'document' if n.endswith('_value') else head})" for n in names))]
    return [*parts, TEXTS["signatures"][manifest.kind]]


def _sql_name(name: str) -> str:
    """The name as it must be written in SQL: reserved words in quotes."""
    return f'"{name}"' if name in _reserved() else name


@lru_cache(maxsize=1)
def _reserved() -> frozenset[str]:
    import duckdb  # noqa: PLC0415 - only for this page

    query = "SELECT keyword_name FROM duckdb_keywords() WHERE keyword_category = 'reserved'"
    with duckdb.connect() as connection:
        return frozenset(row[0] for row in connection.execute(query).fetchall())


def _catalog_columns(name: str) -> dict[str, str]:
    """Columns of a catalog function, as DuckDB describes it."""
    import duckdb  # noqa: PLC0415 - only for this page

    from locus_dbt.engine.attach import attach  # noqa: PLC0415

    argument = "'doc-to-tables'" if name.startswith("locus_image_") else ""
    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as connection:
        attach(connection, folder)
        return {row[0]: row[1] for row in connection.execute(f"DESCRIBE FROM {name}({argument})").fetchall()}


# --- images -------------------------------------------------------------------------------------------------------


def image_page(image: Image) -> str:
    """One image: its facts from the manifest, then its README."""
    manifest = image.manifest
    media = ", ".join(f"`{m}`" for m in manifest.media_types) or "every type that a parser reads"
    facts = [
        ("version", manifest.version),
        ("kind", manifest.kind),
        ("table function", f"`{manifest.function}`"),
        ("accepts", ", ".join(f"`{a}`" for a in manifest.accepts)),
        *([("media types", media)] if manifest.kind == "extract" else []),
        ("emits", f"`{manifest.emits.type}`"),
        ("provenance", f"{manifest.provenance}: {TEXTS['provenance'][manifest.provenance]}"),
        ("engines", ", ".join(manifest.engines)),
        ("privacy", f"{manifest.privacy}: {TEXTS['privacy'][manifest.privacy]}"),
        ("capabilities", ", ".join(manifest.capabilities) or "none"),
    ]
    parts = [
        f"# {manifest.name}",
        manifest.summary,
        " ".join(manifest.description.split()),
        table(("", ""), facts),
        "## Functions",
        *_image_functions(image, functions()),
        "## Params",
    ]
    parts.append(_params(image) if manifest.params else "None.")
    for name, output in manifest.emits.outputs.items():
        chosen = f", chosen by `{manifest.emits.select} := '{name}'`" if manifest.emits.select else ""
        default = " (default)" if name == manifest.emits.default and manifest.emits.select else ""
        parts += [f"## Output: {name}", f"Grain: {output.grain}{chosen}{default}."]
        rows = [
            (f"`{c.name}`", f"`{c.type}`", "never null" if c.required else "", c.description) for c in output.columns
        ]
        columns = table(("column", "type", "", "meaning"), rows)
        parts.append(columns if rows else TEXTS["dynamic"][manifest.kind])
        if output.checks:
            parts.append("Cross-checks: " + ", ".join(f"`{check}`" for check in output.checks) + ".")
    readme = image.folder / "README.md"
    if readme.is_file():
        parts += ["## In use", TEXTS["readme"], _readme(readme.read_text("utf-8"))]
    return join(parts)


def _params(image: Image) -> str:
    rows = []
    for name, p in image.manifest.params.items():
        allowed = ", ".join(f"`{c!r}`" if c == "\t" else f"`{c}`" for c in p.choices)
        if p.minimum is not None or p.maximum is not None:
            low, high = ("" if v is None else f"{v:g}" for v in (p.minimum, p.maximum))
            allowed = f"{low} to {high}" if low and high else f"from {low}" if low else f"up to {high}"
        default = "required" if p.required else "" if p.default is None else f"`{_yaml(p.default)}`"
        rows.append((f"`{name}`", p.type, default, allowed, p.description))
    return table(("param", "type", "default", "allowed", "meaning"), rows)


def _readme(text: str) -> str:
    """The README without its title, headings two levels down so that the page's own outline stays."""
    body = re.sub(r"\A# .*\n", "", text.strip() + "\n")
    out, fenced = [], False
    for line in body.splitlines():
        fenced ^= line.startswith("```")
        out.append(f"#{line}" if not fenced and re.match(r"#{2,5} ", line) else line)
    return "\n".join(out).strip()


# --- lineage, errors, settings, events ----------------------------------------------------------------------------


def lineage_page() -> str:
    """Tables, view and macro of schema ``locus``."""
    parts = ["# Lineage tables", TEXTS["lineage"]]
    for name, columns in {**RELATIONS, **REVIEW_TABLES}.items():
        parts += [f"## locus.{name}", TEXTS["tables"][name]]
        parts.append(table(("column", "type", "meaning"), [(f"`{c}`", f"`{t}`", m) for c, (t, m) in columns.items()]))
    cells, trace, flagged, flagged_rows, of_runs = _derived_columns()
    parts += ["## locus.cells", TEXTS["tables"]["cells"], typed(cells)]
    parts += ["## locus.flagged", TEXTS["tables"]["flagged"], typed(flagged)]
    parts += ["## locus_flagged", TEXTS["tables"]["locus_flagged"]]
    parts += [fence("sql", "locus_flagged(model_name)"), typed(flagged_rows)]
    parts += ["## locus_trace", TEXTS["tables"]["locus_trace"]]
    parts += [fence("sql", "locus_trace(model_name, row_id, column_wanted := NULL, run_wanted := NULL)"), typed(trace)]
    for name, columns in of_runs.items():
        parts += [f"## locus.{name}", TEXTS["tables"][name], typed(columns)]
    parts += ["## locus_review_queue", TEXTS["tables"]["locus_review_queue"]]
    parts += [
        fence("sql", "locus_review_queue(model_name, max_error := NULL, threshold := 0.7)"),
        typed(_queue_columns()),
    ]
    parts += ["## What is stored", TEXTS["stored"]]
    for name, described in STORED.items():
        parts += [f"### locus.{name}", TEXTS["tables"][name]]
        parts.append(table(("column", "type", "meaning"), [(f"`{c}`", f"`{t}`", m) for c, (t, m) in described.items()]))
    return join(parts)


def _queue_columns() -> dict[str, str]:
    import duckdb  # noqa: PLC0415 - only for this page

    with duckdb.connect() as connection:
        for statement in [*ddl(), *review_ddl(), "CREATE TABLE m AS SELECT uuid() AS _locus_row_id"]:
            connection.execute(statement)
        found = connection.execute("DESCRIBE FROM locus_review_queue('main.m')").fetchall()
    return {r[0]: r[1] for r in found}


def _derived_columns() -> tuple[
    dict[str, str], dict[str, str], dict[str, str], dict[str, str], dict[str, dict[str, str]]
]:
    """Columns of the views and of the macros, as DuckDB describes them."""
    import duckdb  # noqa: PLC0415 - only for this page

    asked = ("locus.cells", "locus_trace('x', uuid())", "locus.flagged", "locus_flagged('x')")
    with duckdb.connect() as connection:
        for statement in ddl():
            connection.execute(statement)
        found = {
            name: {r[0]: r[1] for r in connection.execute(f"DESCRIBE FROM {name}").fetchall()}
            for name in (*asked, "locus.run_spans", "locus.steps")
        }
    cells, trace, flagged, flagged_rows, run_spans, steps = found.values()
    return cells, trace, flagged, flagged_rows, {"run_spans": run_spans, "steps": steps}


def errors_page() -> str:
    """Every code with meaning and remedy, by hundreds."""
    parts = ["# Error codes", TEXTS["errors"]]
    remedies: Mapping[str, str] = TEXTS["remedies"]
    complete("remedies", CODES, remedies)
    for head, about in TEXTS["error_groups"].items():
        rows = [(f'<a id="{c.lower()}"></a>{c}', CODES[c], remedies[c]) for c in sorted(CODES) if c.startswith(head)]
        parts += [f"## {head}xx: {about}", table(("code", "meaning", "what to do"), rows)]
    return join(parts)


def settings_page() -> str:
    """Every setting with default and range."""
    rows = []
    for name, field in Settings.model_fields.items():
        if name in SECTIONS:
            rows += [_setting(f"{name}.{inner}", f) for inner, f in SECTIONS[name].model_fields.items()]
        else:
            rows.append(_setting(name, field))
    heads = ("setting", "type", "default", "range", "environment", "meaning")
    return join(["# Settings", TEXTS["settings"].format(file=FILE), table(heads, rows)])


def _setting(name: str, field: Any) -> tuple[str, ...]:  # noqa: ANN401 - a field of a pydantic model
    choices = get_args(field.annotation) if get_origin(field.annotation) is Literal else ()
    kind = "str" if choices else getattr(field.annotation, "__name__", str(field.annotation))
    default = _yaml(str(field.default) if isinstance(field.default, Path) else field.default)
    variable = f"`LOCUS_{name.replace('.', '_').upper()}`" if name not in MAPPINGS else ""
    about = field.description or ""
    return f"`{name}`", kind, f"`{default}`", ", ".join(choices) or _range(field.metadata), variable, about


def _range(metadata: Sequence[Any]) -> str:
    words = {"gt": "above", "ge": "from", "lt": "below", "le": "to"}
    parts = [
        f"{word} {_plain(getattr(m, key))}"
        for key, word in words.items()
        for m in metadata
        if getattr(m, key, None) is not None
    ]
    parts += [", ".join(m.pattern.strip("^$()").split("|")) for m in metadata if getattr(m, "pattern", None)]
    return " ".join(parts)


def _plain(number: float) -> str:
    """A bound as people write it, never in powers of ten."""
    return str(int(number)) if number == int(number) else str(number)


def events_page() -> str:
    """Names of all events with the data they carry, found in the source."""
    found: dict[str, set[str]] = {}
    for name, keys in emitted():
        found.setdefault(name, set()).update(keys)
    complete("events", found, TEXTS["events"])
    rows = [(f"`{n}`", TEXTS["events"][n], ", ".join(f"`{k}`" for k in sorted(found[n]))) for n in sorted(found)]
    return join(["# Events", TEXTS["event_log"], table(("event", "when", "data"), rows)])


def emitted() -> Iterator[tuple[str, list[str]]]:
    """Name and data keys of every event the source writes with a constant name."""
    for path in sorted((ROOT / "locus_dbt").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call) or not node.args or not isinstance(node.args[0], ast.Constant):
                continue
            name = str(node.args[0].value)
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called == "emit":
                yield name, [k.arg or "…" for k in node.keywords]
            elif called in ("Event", "_write") and isinstance(node.args[-1], ast.Dict):
                yield name, [str(k.value) for k in node.args[-1].keys if isinstance(k, ast.Constant)]


# --- dbt, command line, criteria ----------------------------------------------------------------------------------


def macros_page() -> str:
    """Macros and tests of the dbt package, from their leading comments."""
    described: Mapping[str, Mapping[str, Any]] = {}
    if (ROOT / "macros" / "macros.yml").is_file():
        listed = yaml.safe_load((ROOT / "macros" / "macros.yml").read_text("utf-8")).get("macros", [])
        described = {m["name"]: m for m in listed}
    groups: dict[str, list[str]] = {"call": [], "test": [], "inner": []}
    for name, kind, arguments, about in jinja_macros():
        group = "test" if kind == "test" else "call" if name in TEXTS["macros_to_call"] else "inner"
        key = f"test_{name}" if kind == "test" else name
        groups[group] += _macro(
            name, arguments, about, described.get(key) or described.get(name) or {}, short=group == "inner"
        )
    inner = ["## Inner macros", TEXTS["inner_macros"], "\n".join(groups["inner"])]
    head = ["# dbt macros and tests", TEXTS["macros"], "## Macros to call"]
    return join([*head, *groups["call"], "## Generic tests", *groups["test"], *inner])


def jinja_macros() -> Iterator[tuple[str, str, str, str]]:
    """Name, kind (macro or test), arguments and leading comment of each macro file."""
    for path in sorted((ROOT / "macros").glob("*.sql")):
        match = _JINJA.match(path.read_text("utf-8").strip())
        if match is None:
            raise SystemExit(f"macros/{path.name} does not begin with a comment and a macro or test")
        yield match["name"], match["kind"], " ".join(match["args"].split()), " ".join(match["about"].split())


def _macro(name: str, arguments: str, about: str, described: Mapping[str, Any], *, short: bool) -> list[str]:
    if short:
        return [f"- `{name}({arguments})`: {about}"]
    parts = [f"### {name}", about, fence("jinja", f"{name}({arguments})")]
    rows = [
        (f"`{a['name']}`", a.get("type", ""), " ".join(a.get("description", "").split()))
        for a in described.get("arguments") or []
    ]
    return [*parts, table(("argument", "type", "meaning"), rows)] if rows else parts


def cli_page() -> str:
    """The commands, as the command line describes itself."""
    from locus_dbt.cli.reference import reference  # noqa: PLC0415 - typer is only needed for this page

    return reference()


def criteria_page() -> str:
    """Criterion to the tests that carry its mark, by area."""
    found: dict[str, set[str]] = {}
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        where = path.relative_to(ROOT).as_posix()
        for test, ids in _marked(ast.parse(path.read_text("utf-8"))):
            for criterion in ids:
                found.setdefault(criterion, set()).add(f"[{where}](../../{where}) `{test}`")
    parts = ["# Criteria and tests", TEXTS["criteria"]]
    for area in sorted({_area(c)[0] for c in found}, key=_order):
        rows = [(c, "<br>".join(sorted(found[c]))) for c in sorted(found, key=_order) if _area(c)[0] == area]
        parts += [f"## {area}", table(("criterion", "shown by"), rows)]
    return join(parts)


def _marked(tree: ast.Module) -> Iterator[tuple[str, list[str]]]:
    """Test or class name and the criteria in its mark."""
    for node in ast.walk(tree):
        for mark in getattr(node, "decorator_list", []):
            if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "pytest.mark.criterion":
                yield getattr(node, "name", ""), [ast.literal_eval(argument) for argument in mark.args]


def _area(criterion: str) -> tuple[str, str]:
    """``E3.2`` as area E3 and number 2; ``S8`` as area S and number 8."""
    head, _, number = criterion.partition(".")
    return (head, number) if number else (head.rstrip("0123456789"), head.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))


def _order(criterion: str) -> tuple[str, list[int]]:
    letters = criterion.rstrip("0123456789.")
    return letters, [int(n) for n in criterion[len(letters) :].split(".") if n]


def index_page(names: Iterable[str]) -> str:
    """All pages beside it, and where those of the images are."""
    lines = [f"- [{name.removesuffix('.md')}]({name})" for name in names]
    about = "These pages are made from the code and checked by a test."
    return join(["# Reference", about, "\n".join(lines), TEXTS["index_images"]])


# --- text ---------------------------------------------------------------------------------------------------------


def complete(what: str, needed: Iterable[str], given: Mapping[str, str]) -> None:
    """End with the difference when a text is missing or left over."""
    missing, spare = sorted(set(needed) - set(given)), sorted(set(given) - set(needed))
    if missing or spare:
        raise SystemExit(f"docs/texts.yaml, {what}: missing {missing or 'none'}, left over {spare or 'none'}")


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A pipe table; ``|`` in texts is escaped."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(
        "| " + " | ".join(" ".join(str(c).split()).replace("|", "\\|") for c in line) + " |" for line in lines
    )


def typed(columns: Mapping[str, str]) -> str:
    """Columns with types."""
    return table(("column", "type"), [(f"`{n}`", f"`{t}`") for n, t in columns.items()])


def fence(language: str, text: str) -> str:
    """A code block."""
    return f"```{language}\n{text}\n```"


def join(parts: Iterable[str]) -> str:
    """Paragraphs, empty ones left out."""
    return "\n\n".join(p.strip() for p in parts if p.strip())


def _yaml(value: Any) -> str:  # noqa: ANN401 - any default
    return yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, width=10_000).replace("\n...", "").strip()


def stale() -> list[str]:
    """Pages whose file differs from what the code says, and files that no longer have a page."""
    made, there = pages(), written()
    wrong = [n for n, text in made.items() if n not in there or (OUT / n).read_text("utf-8") != text]
    return sorted([*wrong, *(there - set(made))])


def main() -> int:
    """Write the pages, or with ``--check`` name the stale ones."""
    if "--check" in sys.argv[1:]:
        found = stale()
        for name in found:
            sys.stderr.write(f"{name} is stale (run: python docs/generate.py)\n")
        return 1 if found else 0
    made = pages()
    for name in written() - set(made):
        (OUT / name).unlink()
    for name, text in made.items():
        path = OUT / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    sys.stdout.write(f"{len(made)} pages in {REFERENCE} and {IMAGES}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
